"""Values of papers, attempts and results. Pure.

What a paper holds eighty of is a named tuple: made in a third of the time of a dataclass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from lms.exams.types.papers import (
    SPREAD,
    Blueprint,
    Bound,
    Cell,
    Demand,
    Draft,
    Drawable,
    Limit,
    Parallel,
    Pick,
    Release,
    Section,
    Shortage,
)
from lms.kernel.points import HALF
from lms.kernel.reading import Raw
from lms.question_bank.types import Mark

__all__ = [
    "SPREAD",
    "Answer",
    "AnswerCard",
    "Area",
    "Blueprint",
    "Bound",
    "Brief",
    "Cell",
    "Demand",
    "Desk",
    "Draft",
    "Drawable",
    "Entered",
    "EnteredLine",
    "Home",
    "Kept",
    "Limit",
    "MadePaper",
    "Marked",
    "OwnAttempt",
    "PaperText",
    "Parallel",
    "Pick",
    "PrintLine",
    "Printed",
    "Release",
    "Result",
    "Saved",
    "Section",
    "Sent",
    "Share",
    "Shortage",
    "Sitting",
    "Slot",
    "Spread",
    "Standing",
    "State",
    "Taken",
    "Watched",
]


class State(StrEnum):
    """Where an attempt stands. Stored by value: never change one."""

    OPEN = "open"
    SUBMITTED = "submitted"
    """Handed in by the learner."""
    EXPIRED = "expired"
    """Handed in at the deadline with what had been saved."""


class Slot(NamedTuple):
    """A place on a drawn paper."""

    version_id: int
    section: int
    """Which section of the blueprint, from 0."""
    order: tuple[int, ...]
    """Which option of its author stands first, second …, from 0."""


class Answer(NamedTuple):
    """An answer as it is kept while the attempt is open."""

    chosen: str = ""
    """As the kind stores it: the author's letters, or words; empty if left blank."""
    counter: int = 0
    """Grows with every deed of the learner on this attempt; the highest one counts."""
    flagged: bool = False
    """The learner wants to look at it again."""
    device: str = ""
    """The page that the deed was done on; of two deeds with one counter the higher one counts."""


class Taken(NamedTuple):
    """An answer that was checked against what was shown, in the author's order."""

    slot: int
    chosen: str
    counter: int
    flagged: bool
    device: str = ""


class Sent(NamedTuple):
    """An answer as a page sends it."""

    slot: int
    """From 1."""
    parts: tuple[str, ...]
    """A text for each field, as the page shows them."""
    counter: int
    flagged: bool = False
    device: str = ""


class Watched(NamedTuple):
    """For how long a page says that questions have been in view on it so far."""

    device: str
    """The page: a tab of a browser, over reloads."""
    seconds: Mapping[int, int]
    """By slot; those that have grown."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored for a slot, as the page shows it."""

    parts: tuple[str, ...]
    """A text for each field; empty if left blank."""
    counter: int
    flagged: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save acknowledges."""

    saved_at: datetime
    counter: int
    """The highest counter of the whole attempt."""
    states: Mapping[int, Kept]
    """Slot -> what is stored now, for the slots that were sent."""
    stale: tuple[int, ...]
    """Slots whose newer answer was kept instead of what was sent."""
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """What a part of a paper earned: a chapter, a kind, or all of it."""

    key: str
    earned: int
    """Units of the marking rule, like ``out_of``; may be below 0."""
    out_of: int
    right: int
    """Questions with the full mark."""
    questions: int

    @property
    def percent(self) -> int:
        """How much of the full mark was earned, rounded down: 59.9 is not 60. Never below 0."""
        return max(self.earned, 0) * 100 // self.out_of if self.out_of else 0


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


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended."""

    number: int
    state: State
    submitted_at: datetime
    earned: int
    """Units, like ``out_of``; may be below 0."""
    out_of: int
    passed: bool
    """Against the national line."""
    unit: int = HALF
    """Parts of a point."""
    first: Standings | None = None
    """What it was when it was handed in, if a regrade stands; none: that is what it is."""


@dataclass(frozen=True, slots=True)
class PaperText:
    """The current version of a paper."""

    paper_id: int
    version_id: int
    key: str
    title: str
    title_en: str
    subject: str
    minutes: int
    sittable: bool
    certainty: str
    source: str
    blueprint: Blueprint
    origin: str = "file"
    """``file``, or ``page``: made by an instructor for practice."""
    attempts_allowed: int | None = None
    """How often a learner may sit it; none: as often as they like."""


@dataclass(frozen=True, slots=True)
class MadePaper:
    """A practice paper in its instructors' list."""

    paper: PaperText
    state: str
    """``ready`` or ``retired``."""
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What saving must know of an attempt, and no more. Also what an open page asks for."""

    state: State
    deadline_at: datetime
    slots: tuple[Slot, ...]
    answers: Mapping[int, Answer]
    saved_at: datetime | None
    started_at: datetime
    watched: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Device -> slot -> seconds in view."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One attempt with the paper it is about."""

    learner_id: int
    number: int
    state: State
    paper_id: int
    paper_key: str
    title: str
    title_en: str
    subject: str
    minutes: int
    blueprint: Blueprint
    marking: Raw
    """The body of the marking rule by which it is marked: under which it began, or a regrade's."""
    line: Raw
    """The body of the national pass line under which it began."""
    slots: tuple[Slot, ...]
    answers: Mapping[int, Answer]
    """By slot, from 1; a slot that was never answered is missing."""
    saved_at: datetime | None
    started_at: datetime
    deadline_at: datetime
    result: Result | None
    """None while the attempt is open."""
    slips: Mapping[int, Slip] = field(default_factory=dict)
    """What regrades left, by slot."""
    revision: int = 0
    """How many regrades and undoings it has seen."""
    unit: int = HALF
    """Parts of a point in which its responses are stored."""
    sat_on: date | None = None
    """The day of a sitting on paper, typed in afterwards; none for one on the platform."""
    watched: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Device -> slot -> seconds in view."""

    @property
    def finer(self) -> int:
        """How many units of its result make one of its responses."""
        return self.result.unit // self.unit if self.result is not None else 1

    @property
    def is_open(self) -> bool:
        """Say whether it has not been handed in."""
        return self.state is State.OPEN

    def answer(self, slot: int) -> Answer:
        """Return what is stored for a slot."""
        return self.answers.get(slot, Answer())

    @property
    def counter(self) -> int:
        """The highest counter of all answers."""
        return max((answer.counter for answer in self.answers.values()), default=0)

    @property
    def blank(self) -> tuple[int, ...]:
        """The slots that are not answered."""
        numbers = range(1, len(self.slots) + 1)
        return tuple(n for n in numbers if not self.answer(n).chosen)

    @property
    def flagged(self) -> tuple[int, ...]:
        """The slots that the learner wants to look at again."""
        return tuple(n for n in range(1, len(self.slots) + 1) if self.answer(n).flagged)


@dataclass(frozen=True, slots=True)
class OwnAttempt:
    """One attempt in a learner's list."""

    number: int
    state: State
    paper_key: str
    title: str
    title_en: str
    started_at: datetime
    deadline_at: datetime
    result: Result | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What starting an attempt must know of the learner's others."""

    latest: int
    """The highest number so far; 0 if there is none."""
    open: tuple[tuple[int, int, datetime], ...]
    """Open attempts: number, paper and deadline."""


@dataclass(frozen=True, slots=True)
class Home:
    """What a learner's first page says about exams."""

    open: OwnAttempt | None
    """The open attempt that was started last; its time may be up."""
    last: OwnAttempt | None
    best: OwnAttempt | None
    """The one with the greatest share of the full mark; of equal ones the latest."""


class Brief(NamedTuple):
    """What of a question a paper needs; its ``spec`` holds the key."""

    version_id: int
    kind: str
    stem: str
    spec: Mapping[str, Any]
    chapter_key: str


@dataclass(frozen=True, slots=True)
class Marked:
    """One marked answer."""

    slot: int
    version_id: int
    kind: str
    chapter_key: str
    chosen: str
    """As the kind stores it."""
    mark: Mark
    first: Mark | None = None
    """What it earned when it was handed in, if a regrade stands that looked at it."""
    seconds: int | None = None
    """For how long it was in view; none if nobody measured."""


class Spread(NamedTuple):
    """What people chose at one version of a question, on the newest papers of a version."""

    n: int
    """How many were asked, blanks among them."""
    by_answer: Mapping[str, int]
    """The answer as its kind stores it (empty: blank) -> how many gave it."""


class Area(StrEnum):
    """By which line somebody is measured, as far as their posts say."""

    KEY_COUNTY = "key_county"
    """All of their units lie in key counties."""
    OTHER = "other"
    """None of them does."""
    UNSURE = "unsure"
    """Some do and some do not, or nobody knows: nothing is claimed."""
