"""Values of papers: how one is made up, what is drawn, what is short. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol

SPREAD = "spread"
"""What an author writes instead of a list of chapters: evenly over the paper's chapters."""


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


class Release(StrEnum):
    """When keys, explanations and what others chose may leave the server."""

    AT_ONCE = "at_once"
    AFTER_CLOSE = "after_close"
    """Once the day is over on which the paper closes; the marks at once."""
    MARKS_ONLY = "marks_only"
    """Never; the marks at once."""


class LatePolicy(StrEnum):
    """What becomes of answers that come after the deadline and the grace."""

    REFUSE = "refuse"
    COUNT = "count"
    """They count for some minutes, and the result says that it was handed in late."""


@dataclass(frozen=True, slots=True)
class Late:
    """How a paper deals with what comes after its deadline."""

    policy: LatePolicy = LatePolicy.REFUSE
    grace: int = 5
    """Seconds in which an answer still counts as in time: the way through a slow network, never
    shown as extra time. Our own rule, not the examiners'."""
    minutes: int = 0
    """How long late answers are taken; 0 where they are refused."""

    @property
    def seconds(self) -> int:
        """How long after the deadline anything is accepted."""
        return self.grace + self.minutes * 60


class Pause(NamedTuple):
    """How often a paper may be paused, and for how long each time."""

    times: int
    minutes: int


class ThirdRule(StrEnum):
    """What a third marker's mark does. Written in papers: never change one."""

    NEARER = "nearer"
    """The mean of the third mark and the nearer of the first two; the third alone if it lies in
    the middle of them; somebody decides if both are further away than the gap."""
    DECIDES = "decides"
    """The third mark stands."""


class Rounding(StrEnum):
    """What becomes of half a unit of a mean. Written in papers: never change one."""

    UP = "up"
    """In the learner's favour."""
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class MarkingPlan:
    """How the answers of a paper that people mark are marked.

    Our own arrangement, which a paper may change: two markers who do not know of each other, a
    third where they lie more than a tenth of the full mark apart, as is usual where examinations
    are marked on screens.
    """

    markers: int = 2
    """1 or 2."""
    gap_percent: int = 10
    """By how much of a question's full mark two marks may differ and still agree."""
    gap_half: int | None = None
    """The same in half points; where it is said, the percentage is not looked at."""
    third: ThirdRule = ThirdRule.NEARER
    rounding: Rounding = Rounding.UP


@dataclass(frozen=True, slots=True)
class Blueprint:
    """How a paper is made up."""

    level: str
    """``junior``, ``intermediate`` or ``senior``: whose pass line holds."""
    sections: tuple[Section, ...]
    marking: str = ""
    """The key of the rule under which it is marked; empty: the official one in force."""
    note: str = ""
    note_en: str = ""
    bounds: tuple[Bound, ...] = ()
    """What holds for the questions of all sections together."""
    release: Release = Release.AT_ONCE
    closes_on: date | None = None
    """The last day on which the paper is sat; known where the release waits for it."""
    late: Late = Late()
    pause: Pause | None = None
    """None: the clock of this paper never stands."""
    plan: MarkingPlan = field(default_factory=MarkingPlan)
    """How answers in words are marked, if the paper asks for any."""

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
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its sections, in their order."""
        return tuple(kind for section in self.sections for kind in section.kinds)

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


@dataclass(frozen=True, slots=True)
class Parallel:
    """Papers that were drawn together."""

    papers: tuple[tuple[Pick, ...], ...]
    difficulties: tuple[int, ...]
    """Of every paper: the sum over its questions, 1 to 3 each."""
    shared: int
    """How often a question is on a paper beside the first one it is on."""
    is_best: bool
    """Whether it is proved that neither fewer shared questions nor more equal sums can be had;
    sums that differ by 1 are equal."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A practice paper as an instructor writes it on a page."""

    title: str
    subject: str
    level: str
    minutes: int
    counts: Mapping[str, int] = field(default_factory=dict)
    """Kind -> how many questions."""
    chapters: tuple[str, ...] = ()
    """Where they come from; empty: all of the subject."""
    is_even: bool = True
    """Whether every chapter gives the same number, or one more."""
    shares: tuple[int, ...] = ()
    """Per cent that are easy, middle, hard; empty: does not matter."""
    marking: str = ""
    """Key of the rule for practice by which it is marked; empty: as the examination is."""
    attempts_allowed: int | None = None
    late_minutes: int = 0
    """How long answers after the end count as late; 0: they are refused."""
    pauses: int = 0
    """How often it may be paused; 0: never."""
    pause_minutes: int = 0
    """How long at most, each time."""
