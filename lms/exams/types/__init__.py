"""Values of papers, attempts and results. Pure.

What a paper holds eighty of is a named tuple: made in a third of the time of a dataclass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
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
    Late,
    LatePolicy,
    Limit,
    MarkingPlan,
    Parallel,
    Pause,
    Pick,
    Release,
    Rounding,
    Section,
    Shortage,
    ThirdRule,
)
from lms.exams.types.regrading import Cause, Policy, Slip, Standings
from lms.kernel.points import HALF
from lms.kernel.reading import Raw
from lms.question_bank.types import Mark

__all__ = [
    "MARKED",
    "SPREAD",
    "Answer",
    "AnswerCard",
    "Area",
    "Blueprint",
    "Bound",
    "Brief",
    "Cause",
    "Cell",
    "Demand",
    "Desk",
    "Draft",
    "Drawable",
    "Entered",
    "EnteredLine",
    "Home",
    "Kept",
    "Late",
    "LatePolicy",
    "Limit",
    "MadePaper",
    "Marked",
    "MarkingPlan",
    "OwnAttempt",
    "PaperText",
    "Parallel",
    "Pause",
    "Pick",
    "Policy",
    "Release",
    "Result",
    "Rounding",
    "Saved",
    "Section",
    "Sent",
    "Share",
    "Shortage",
    "Sitting",
    "Slip",
    "Slot",
    "Spread",
    "Standing",
    "Standings",
    "State",
    "Taken",
    "ThirdRule",
    "Waiting",
    "Watched",
]


class State(StrEnum):
    """Where an attempt stands. Stored by value: never change one."""

    OPEN = "open"
    SUBMITTED = "submitted"
    """Handed in by the learner."""
    EXPIRED = "expired"
    """Handed in at the deadline with what had been saved."""
    ABANDONED = "abandoned"
    """Given up by the learner, or its time ran out without a single answer: no marks, no record."""


MARKED = (State.SUBMITTED, State.EXPIRED)
"""The states of an attempt that was handed in and has marks."""


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
    held_until_at: datetime | None = None
    """Until when it is sat in exam sessions only; none, or past: it is open."""


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
    paper: Sequence[Sequence[Any]]
    """The slots as they are stored: a save looks at a few of many."""
    answers: Mapping[int, Answer]
    saved_at: datetime | None
    started_at: datetime
    late_seconds: int
    """How long after the deadline answers are accepted."""
    pause_ends_at: datetime | None
    """The longest end of the latest pause; in the past once it is over."""
    watched: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Device -> slot -> seconds in view."""

    def slot(self, number: int) -> Slot:
        """Return a place on the paper, from 1."""
        version_id, section, order = self.paper[number - 1]
        return Slot(version_id, section, tuple(order))


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
    """None while the attempt is open, of one that was abandoned, or while people still mark it."""
    slips: Mapping[int, Slip] = field(default_factory=dict)
    """What regrades left, by slot."""
    revision: int = 0
    """How many regrades and undoings it has seen."""
    unit: int = HALF
    """Parts of a point in which its responses are stored."""
    sat_on: date | None = None
    """The day of a sitting on paper, typed in afterwards; none for one on the platform."""
    late_seconds: int = 5
    """How long after the deadline answers are accepted."""
    extra_minutes: int = 0
    """What this learner has beyond the paper's time, in the deadline already."""
    pauses: int = 0
    """How often it was paused."""
    paused_seconds: int = 0
    """In all pauses, the whole of the latest one among them; in the deadline already."""
    pause_ends_at: datetime | None = None
    """The longest end of the latest pause; in the past once it is over."""
    latest_end_at: datetime | None = None
    """In a session with a common end: what no pause moves the deadline beyond."""
    watched: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Device -> slot -> seconds in view."""
    handed_in_at: datetime | None = None
    """None while the attempt is open."""

    @property
    def is_waiting(self) -> bool:
        """Say whether it is handed in and people have not marked all of it yet."""
        return self.handed_in_at is not None and self.result is None

    @property
    def finer(self) -> int:
        """How many units of its result make one of its responses."""
        return self.result.unit // self.unit if self.result is not None else 1

    @property
    def is_open(self) -> bool:
        """Say whether it has not been handed in or given up."""
        return self.state is State.OPEN

    @property
    def closes_at(self) -> datetime:
        """Until when answers are accepted."""
        return self.deadline_at + timedelta(seconds=self.late_seconds)

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
    """None while it is open, of one that was abandoned, or while people still mark it."""
    late_seconds: int = 5
    pause_ends_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it has not been handed in or given up."""
        return self.state is State.OPEN

    @property
    def is_waiting(self) -> bool:
        """Say whether it is handed in and people have not marked all of it yet."""
        return self.state in MARKED and self.result is None

    @property
    def closes_at(self) -> datetime:
        """Until when answers are accepted."""
        return self.deadline_at + timedelta(seconds=self.late_seconds)


@dataclass(frozen=True, slots=True)
class Standing:
    """What starting an attempt must know of the learner's others."""

    latest: int
    """The highest number so far; 0 if there is none."""
    open: tuple[tuple[int, int, datetime], ...]
    """Open attempts: number, paper, and until when answers are accepted."""


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


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer in words of an attempt that was handed in."""

    learner_id: int
    number: int
    slot: int
    paper_version_id: int
    question_version_id: int
    chosen: str
    """As its kind stores it; never blank."""
    handed_in_at: datetime
    wanted: int
    """How many people are to mark it; 0: none any more, somebody decides or it is settled."""
    mark: Mark | None
    """In units of the attempt; none before it is settled."""
    settled_at: datetime | None


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
