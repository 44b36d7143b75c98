"""Values of shares, decisions and figures. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from lms.kernel.errors import N_
from lms.question_bank.types import Mark

Halves = tuple[tuple[int | None, ...], ...]
"""For each field, for each of its scoring points: half points; none while nothing is said."""


class Flag(StrEnum):
    """Why a marker gives no marks but asks the organiser. Stored by value: never change one."""

    BLANK = "blank"
    COPIED = "copied"
    UNREADABLE = "unreadable"


FLAGS: dict[Flag, str] = {
    Flag.BLANK: N_("等于没有作答"),
    Flag.COPIED: N_("疑似抄袭或雷同"),
    Flag.UNREADABLE: N_("看不懂、乱码"),
}
"""What people call them; message ids."""


class How(StrEnum):
    """How an answer was settled. Stored by value: never change one."""

    SINGLE = "single"
    """One marker, as the plan says."""
    MEAN = "mean"
    """Two markers within the gap: their mean."""
    NEARER = "nearer"
    """A third marker and the nearer of the first two: their mean."""
    THIRD = "third"
    """The third marker alone."""
    ORGANISER = "organiser"
    """Somebody who organises the marking."""


class Step(StrEnum):
    """What is to be done with an answer next."""

    WAIT = "wait"
    """Not all the marks are there that are asked for."""
    THIRD = "third"
    """A third marker is asked for."""
    ASK = "ask"
    """An organiser decides."""
    SETTLE = "settle"


class Decision(NamedTuple):
    """What some marks of one answer come to."""

    step: Step
    earned: int = 0
    """Units, where it settles."""
    how: How = How.ORGANISER
    used: tuple[int, ...] = ()
    """Which marks it rests on, from 0."""


@dataclass(frozen=True, slots=True)
class Share:
    """One marker's part in marking an answer."""

    id: int
    learner_id: int
    number: int
    slot: int
    place: int
    """1, 2 or 3."""
    marker_id: int
    claimed_at: datetime
    lease_ends_at: datetime
    given: Halves | None
    """None before anything was saved."""
    comment: str
    flag: Flag | None
    finished_at: datetime | None
    earned: int | None
    """Units of the attempt; none before it is given, and of one that is flagged."""

    @property
    def is_marked(self) -> bool:
        """Say whether marks are given."""
        return self.finished_at is not None and self.flag is None

    def is_live(self, now: datetime) -> bool:
        """Say whether it is done or still in its marker's hands."""
        return self.finished_at is not None or self.lease_ends_at > now


@dataclass(frozen=True, slots=True)
class Queued:
    """One question in a marker's queue."""

    paper_key: str
    title: str
    title_en: str
    paper_version_id: int
    question_version_id: int
    stem: str
    waiting: int
    """Answers that this marker may take now."""
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class OwnShare:
    """One of a marker's shares in a list."""

    share: Share
    paper_title: str
    paper_title_en: str
    stem: str
    question_version_id: int
    is_settled: bool
    can_undo: bool


@dataclass(frozen=True, slots=True)
class QuestionProgress:
    """How far the marking of one question is."""

    paper_key: str
    title: str
    title_en: str
    question_version_id: int
    stem: str
    settled: int
    waiting: int
    """Answers that markers are to mark, first or third marks."""
    asked: int
    """Answers that wait for an organiser."""
    oldest_at: datetime | None
    """When the oldest answer that is not settled was handed in."""


@dataclass(frozen=True, slots=True)
class Case:
    """An answer that an organiser decides about."""

    share_id: int
    """The last share of it."""
    title: str
    title_en: str
    stem: str
    flag: Flag | None
    """None: three marks lie too far apart."""
    since: datetime
    is_own: bool
    """Whether who asks wrote it or marked it: somebody else decides, see ``check_apart``."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who may mark a paper, of whose people."""

    id: int
    paper_key: str
    title: str
    title_en: str
    marker_id: int
    marker: str
    unit: str
    assigned_at: datetime


class Pair(NamedTuple):
    """What one marker gave beside another, of the same answer."""

    own: int
    other: int
    out_of: int


@dataclass(slots=True)
class MarkerWork:
    """What one marker has done, as the figures need it."""

    marker_id: int
    marker: str
    marks: list[Mark] = field(default_factory=list)
    """All that were given."""
    pairs: list[Pair] = field(default_factory=list)
    """Of answers that another of the first two marked too."""
    seconds: list[int] = field(default_factory=list)
    """From claiming to giving."""
    to_third: int = 0
    """How many of the pairs went to a third marker or an organiser."""


@dataclass(frozen=True, slots=True)
class MarkerFigures:
    """How one marker marks. Percentages are of the full mark."""

    marker_id: int
    marker: str
    marked: int
    pairs: int
    severity: float | None
    """How much less than the others this marker gives, on the average; below 0: more."""
    mean: float | None
    spread: float | None
    """Standard deviation of what was given."""
    to_third_percent: int | None
    kappa: float | None
    """Agreement with the others: quadratic weighted kappa; 1: always the same mark."""
    median_seconds: int | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What an answer earned and why, as its learner reads it."""

    slot: int
    how: How
    given: tuple[Halves, ...]
    """What the marks it rests on gave the points, one or two of them."""
    comments: tuple[str, ...]
    settled_at: datetime
