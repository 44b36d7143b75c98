"""Values of papers, attempts and results. Pure.

What a paper holds eighty of is a named tuple: made in a third of the time of a dataclass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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
class Bound:
    """How many questions of some description a part of a paper, or all of it, has.

    Descriptions may overlap: a question counts for each that fits. What is empty does not matter.
    """

    least: int = 0
    most: int | None = None
    """None: not limited from above."""
    kinds: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()
    point: str = ""
    """A place of the outline, with everything below it."""
    difficulties: tuple[int, ...] = ()
    any_tags: tuple[str, ...] = ()
    all_tags: tuple[str, ...] = ()
    no_tags: tuple[str, ...] = ()

    def fits(self, question: "Drawable") -> bool:
        """Say whether a question is of this description."""
        return (
            (not self.kinds or question.kind in self.kinds)
            and (not self.chapters or question.chapter_key in self.chapters)
            and (not self.difficulties or question.difficulty in self.difficulties)
            and (not self.point or f"{question.point_key}/".startswith(f"{self.point}/"))
            and (not self.any_tags or not set(self.any_tags).isdisjoint(question.tags))
            and set(self.all_tags).issubset(question.tags)
            and set(self.no_tags).isdisjoint(question.tags)
        )


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a paper: questions that are worth the same, of one kind or of several."""

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
    more_kinds: tuple[str, ...] = ()
    """Kinds beside the first. A kind belongs to one section only."""
    difficulty: tuple[int, ...] = ()
    """How many are easy, middle, hard; empty: does not matter."""
    bounds: tuple[Bound, ...] = ()
    """What else holds for the questions of this section."""
    questions: tuple[str, ...] = ()
    """The authors' ids of a fixed section, in order; empty: it is drawn."""
    minutes: int | None = None
    """The time that belongs to this section, for the learner to go by; none: not said."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """All the kinds of the section."""
        return (self.kind, *self.more_kinds)

    @property
    def chapters(self) -> tuple[str, ...]:
        """The chapters it draws from; empty: from anywhere."""
        return self.spread or tuple(cell.chapter_key for cell in self.cells)

    @property
    def is_simple(self) -> bool:
        """Say whether no question of it fits two of its cells."""
        return not (self.more_kinds or self.difficulty or self.bounds or self.questions)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """How a paper is made up."""

    level: str
    """``junior``, ``intermediate`` or ``senior``: whose pass line holds."""
    sections: tuple[Section, ...]
    note: str = ""
    note_en: str = ""
    bounds: tuple[Bound, ...] = ()
    """What holds for the questions of all sections together."""

    @property
    def is_simple(self) -> bool:
        """Say whether cells do not overlap: then each is filled for itself."""
        return not self.bounds and all(section.is_simple for section in self.sections)

    @property
    def needs_detail(self) -> bool:
        """Say whether drawing must know points, tags or ids of questions."""
        bounds = [*self.bounds, *(bound for section in self.sections for bound in section.bounds)]
        return any(section.questions for section in self.sections) or any(
            bound.point or bound.any_tags or bound.all_tags or bound.no_tags for bound in bounds
        )

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
    @property
    def difficulty(self) -> int: ...
    @property
    def twin_group(self) -> int: ...
    @property
    def times_used(self) -> int: ...
    @property
    def point_key(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Demand:
    """One line that a drawn paper must keep to: so many questions of a description."""

    section: int | None
    """None: of the whole paper."""
    bound: Bound
    place: str
    """The key of the author's table: ``count``, ``chapter``, ``difficulty`` or ``cell``."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One side of a demand: at least so many, or at most."""

    demand: Demand
    is_least: bool

    @property
    def number(self) -> int:
        """How many."""
        return self.demand.bound.least if self.is_least else self.demand.bound.most or 0


@dataclass(frozen=True, slots=True)
class Shortage:
    """A cell of a blueprint, or a set of cells, that the question bank cannot fill.

    Of a set every cell is needed: without any one of them the others could be filled.
    """

    kind: str
    chapter_key: str
    """Empty where questions may come from any chapter."""
    need: int
    """Of a set: all of its cells together."""
    have: int
    limits: tuple[Limit, ...] = ()
    """The set; empty: a single cell, told by kind and chapter."""
    missing: tuple[str, ...] = ()
    """Of a fixed section: the authors' ids that may not be drawn."""
    section: int | None = None
    """Which section of the blueprint, from 0; none: the whole paper."""


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
