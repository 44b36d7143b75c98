"""What a regrade says and leaves. Pure."""

from enum import StrEnum
from typing import Any, NamedTuple

from lms.kernel.points import HALF
from lms.question_bank.types import Mark


class Cause(StrEnum):
    """Why papers are marked anew. Stored by value: never change one."""

    KEY_CORRECTED = "key_corrected"
    """A question's key was wrong; another version of it has the right one."""
    QUESTION_STRUCK = "question_struck"
    """A question cannot be answered rightly and counts for everybody."""
    RULE_CHANGED = "rule_changed"
    """A paper is to be marked by another rule."""
    CARD_CORRECTED = "card_corrected"
    """An answer card was typed in wrongly: it is about one attempt."""


class Policy(StrEnum):
    """What marking anew does. Stored by value: never change one."""

    CURRENT_KEY = "current_key"
    """By the new key or rule alone: up or down."""
    BEST_OF_BOTH = "best_of_both"
    """By the old or the new one, whichever gives more: nobody loses."""
    FULL_CREDIT = "full_credit"
    """Everybody who was asked gets the full mark."""
    NONE = "none"
    """The marks stay; it is only noted, and told."""


class Standings(NamedTuple):
    """What an attempt counts as."""

    earned: int
    """Units, like ``out_of``; below 0 only under a rule that takes marks away and has no floor."""
    out_of: int
    passed: bool
    unit: int = HALF
    """Parts of a point; a regrade may count in finer ones than the attempt did."""

    def is_same(self, other: "Standings") -> bool:
        """Say whether another says the same, in whatever unit."""
        return (
            self.earned * other.unit == other.earned * self.unit
            and self.out_of * other.unit == other.out_of * self.unit
            and self.passed == other.passed
        )

    def times(self, finer: int) -> "Standings":
        """Return the same in units so many times finer."""
        return Standings(self.earned * finer, self.out_of * finer, self.passed, self.unit * finer)

    @property
    def detail(self) -> dict[str, Any]:
        """What a record says beside the marks; without a unit, they are half points."""
        finer = {} if self.unit == HALF else {"unit": self.unit}
        return {"out_of": self.out_of, "passed": self.passed, **finer}


class Slip(NamedTuple):
    """A slot as a regrade left it."""

    slot: int
    earned: int
    """In the unit of the result it belongs to, like ``out_of``."""
    out_of: int
    regrade_id: int
    """The last one that looked at it."""
    keys: tuple[int, ...] | None
    """The question versions whose keys count, the best one; empty: everybody gets the full mark;
    none: as it was asked."""
    chosen: str | None = None
    """The answer that counts, where a card was typed in wrongly; none: that of the response."""

    @property
    def mark(self) -> Mark:
        """What it earned."""
        return Mark(self.earned, self.out_of)

    def times(self, finer: int) -> "Slip":
        """Return the same in units so many times finer."""
        return self._replace(earned=self.earned * finer, out_of=self.out_of * finer)
