"""Values of papers, attempts and results. Pure.

What a paper holds eighty of is a named tuple: made in a third of the time of a dataclass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from lms.kernel.reading import Raw
from lms.question_bank.types import Mark

SPREAD = "spread"
"""What an author writes instead of a list of chapters: evenly over the paper's chapters."""


class State(StrEnum):
    """Where an attempt stands. Stored by value: never change one."""

    OPEN = "open"
    SUBMITTED = "submitted"
    """Handed in by the learner."""
    EXPIRED = "expired"
    """Handed in at the deadline with what had been saved."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many questions of one kind come from one chapter."""

    chapter_key: str
    count: int


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a paper: questions of one kind that are worth the same."""

    kind: str
    title: str
    title_en: str
    count: int | None
    """None on a layout whose number of questions is not known."""
    points_half: int | None
    """Full mark of one question in half points; none where it is not known."""
    certainty: str
    cells: tuple[Cell, ...] = ()
    """Fixed numbers by chapter. Empty: see ``spread``."""
    spread: tuple[str, ...] = ()
    """Chapters over which the count is spread evenly. Empty as ``cells`` is: from anywhere."""


class Release(StrEnum):
    """When keys, explanations and what others chose may leave the server."""

    AT_ONCE = "at_once"
    AFTER_CLOSE = "after_close"
    """Once the day is over on which the paper closes; the marks at once."""
    MARKS_ONLY = "marks_only"
    """Never; the marks at once."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """How a paper is made up."""

    level: str
    """``junior``, ``intermediate`` or ``senior``: whose pass line holds."""
    sections: tuple[Section, ...]
    note: str = ""
    note_en: str = ""
    release: Release = Release.AT_ONCE
    closes_on: date | None = None
    """The last day on which the paper is sat; known where the release waits for it."""

    @property
    def count(self) -> int:
        """How many questions a paper drawn from it has; unknown numbers count as none."""
        return sum(section.count or 0 for section in self.sections)

    @property
    def out_of(self) -> int:
        """The full mark in half points; unknown marks count as none."""
        return sum((s.count or 0) * (s.points_half or 0) for s in self.sections)


class Drawable(Protocol):
    """What a draw needs to know of a question."""

    @property
    def version_id(self) -> int: ...
    @property
    def question_id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def chapter_key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Shortage:
    """A cell of a blueprint that the question bank cannot fill."""

    kind: str
    chapter_key: str
    """Empty where questions may come from any chapter."""
    need: int
    have: int


class Pick(NamedTuple):
    """One drawn question, before its options are put in order."""

    version_id: int
    section: int
    """Which section of the blueprint, from 0."""


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


class Taken(NamedTuple):
    """An answer that was checked against what was shown, in the author's order."""

    slot: int
    chosen: str
    counter: int
    flagged: bool


class Sent(NamedTuple):
    """An answer as a page sends it."""

    slot: int
    """From 1."""
    parts: tuple[str, ...]
    """A text for each field, as the page shows them."""
    counter: int
    flagged: bool = False


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


@dataclass(frozen=True, slots=True)
class Share:
    """What a part of a paper earned: a chapter, a kind, or all of it."""

    key: str
    earned: int
    """Half points, like ``out_of``."""
    out_of: int
    right: int
    """Questions with the full mark."""
    questions: int

    @property
    def percent(self) -> int:
        """How much of the full mark was earned, rounded down: 59.9 is not 60."""
        return self.earned * 100 // self.out_of if self.out_of else 0


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended."""

    number: int
    state: State
    submitted_at: datetime
    earned: int
    """Half points, like ``out_of``."""
    out_of: int
    passed: bool
    """Against the national line."""


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


@dataclass(frozen=True, slots=True)
class Desk:
    """What saving must know of an attempt, and no more."""

    state: State
    deadline_at: datetime
    slots: tuple[Slot, ...]
    answers: Mapping[int, Answer]
    saved_at: datetime | None


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
    """The body of the marking rule under which it began."""
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
    sat_on: date | None = None
    """The day of a sitting on paper, typed in afterwards; none for one on the platform."""

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


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper drawn to be sat on paper."""

    id: int
    paper_key: str
    paper_version_id: int
    version_number: int
    title: str
    title_en: str
    subject: str
    minutes: int
    blueprint: Blueprint
    marking_rule_id: int
    marking: Raw
    """The body of the marking rule that its sheets state."""
    seed: int
    slots: tuple[Slot, ...]
    note: str
    unit: str
    """The name of the unit whose print it is."""
    printed_by: str
    printed_at: datetime


@dataclass(frozen=True, slots=True)
class PrintLine:
    """A print in a list."""

    id: int
    title: str
    title_en: str
    note: str
    unit: str
    printed_at: datetime
    entered: int
    """How many answer cards were typed in."""


class AnswerCard(NamedTuple):
    """What one learner wrote on paper, checked against the print."""

    learner_id: int
    chosen: Mapping[int, str]
    """Slot -> the answer as its kind stores it; blank ones may be missing."""
    spoilt: Mapping[int, str]
    """Slot -> letters, where more were marked than may be."""


class Entered(NamedTuple):
    """What became of an answer card."""

    learner_id: int
    attempt_number: int
    is_new: bool
    is_same: bool
    """Of one that was typed in before: whether it said the same."""


class EnteredLine(NamedTuple):
    """An answer card in the list of a print."""

    learner_id: int
    name: str
    sat_on: date
    earned: int
    out_of: int
    passed: bool


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
