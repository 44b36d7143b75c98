"""Values of sheets and answer cards. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lms.kernel.errors import DomainError


class Run(NamedTuple):
    """Characters that look the same."""

    text: str
    styles: frozenset[str] = frozenset()
    """``b``, ``i``, ``u``, ``sub``, ``sup``."""


Block = tuple[Run, ...]
"""One paragraph."""


class Choice(NamedTuple):
    """One option as it is printed."""

    letter: str
    words: Block


@dataclass(frozen=True, slots=True)
class SheetQuestion:
    """A question as it is printed, with its key for the teacher's copy."""

    slot: int
    kind: str
    stem: tuple[Block, ...]
    choices: tuple[Choice, ...]
    """Empty for a statement that is right or wrong."""
    columns: int
    """How many options stand on one line."""
    key: str
    """Letters as printed; of a statement 正确 or 错误."""
    explanation: tuple[Block, ...]
    basis: str
    """The law or the concept that it rests on."""


@dataclass(frozen=True, slots=True)
class SheetSection:
    """A part of a sheet."""

    heading: str
    """With number, points and how it is marked, in words."""
    questions: tuple[SheetQuestion, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that is printed of a paper."""

    code: str
    """What ties an answer card to its print: ``卷号``."""
    title: str
    note: str
    minutes: int
    out_of: int
    """Half points."""
    sections: tuple[SheetSection, ...]

    @property
    def questions(self) -> tuple[SheetQuestion, ...]:
        """All of them, in order."""
        return tuple(question for section in self.sections for question in section.questions)


class CardSlot(NamedTuple):
    """What may be filled in for one question."""

    kind: str
    letters: str
    """Those that are printed: ``ABCD``; of a statement ``TF``."""


@dataclass(frozen=True, slots=True)
class CardRow:
    """A row of a list: who is said to have filled in what."""

    line: int
    """In the file, from 1."""
    user_name: str = ""
    number: str = ""
    """A document's or a phone's."""
    name: str = ""
    answers: Mapping[int, str] = field(default_factory=dict)
    """Slot -> what stands in the cell."""


class Cell(NamedTuple):
    """A field of the grid in which a card is typed in."""

    slot: int
    letters: str
    """That may be filled in."""
    value: str


class Letters(NamedTuple):
    """What a cell says."""

    letters: str
    """As printed, sorted; empty: left blank."""
    spoilt: str = ""
    """What was marked, where that is more than may be: it is worth nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """A person within somebody's scope."""

    id: int
    name: str
    user_name: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A row with whose it is and what it says, or what is wrong with it."""

    row: CardRow
    person: Found | None
    letters: Mapping[int, Letters]
    faults: tuple[DomainError, ...]
    is_known: bool = False
    """Whether a card of this person was typed in before: nothing more is written then."""

    @property
    def spoilt(self) -> dict[int, str]:
        """Slots with more marks than may be."""
        return {slot: one.spoilt for slot, one in self.letters.items() if one.spoilt}

    @property
    def blank(self) -> int:
        """How many questions nothing was filled in for."""
        return sum(not one.letters and not one.spoilt for one in self.letters.values())


class Done(NamedTuple):
    """What became of the cards of a confirmation."""

    new: int
    same: int
    """Typed in before, and they said the same."""
    other: int
    """Typed in before, and they said something else: the first stays."""
