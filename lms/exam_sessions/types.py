"""Values of exam sessions. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from lms.kernel.errors import DomainError


class Source(StrEnum):
    """Why somebody has a seat. Stored by value: never change one."""

    GROUP = "group"
    """Of a unit or a class."""
    LIST = "list"
    CODE = "code"


class Phase(StrEnum):
    """Where a session is."""

    PLANNED = "planned"
    OPEN = "open"
    """Everybody may begin."""
    RUNNING = "running"
    """Nobody may begin any more, some may still sit."""
    OVER = "over"
    CANCELLED = "cancelled"


class Where(StrEnum):
    """Where somebody is in a session, as the monitor tells it."""

    NOT_STARTED = "not_started"
    WRITING = "writing"
    SILENT = "silent"
    """Has begun and has not saved for some minutes."""
    HANDED_IN = "handed_in"
    EXPIRED = "expired"
    PAUSED = "paused"
    """The clock stands: that nothing is saved meanwhile says nothing."""
    ABANDONED = "abandoned"
    """Given up, or over without a single answer: there is no result and will be none."""


class Window(NamedTuple):
    """When a session can be sat."""

    opens_at: datetime
    last_start_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """What an organiser says of a session."""

    title: str
    paper_version_id: int
    organization_id: int
    window: Window
    code: str = ""
    anybody: bool = False
    cut: bool = True
    open_outside: bool = True
    pool: int = 0
    units: tuple[int, ...] = ()
    as_of_on: date | None = None
    """The day on which people belong to the units; none: the day of opening."""
    classes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionText:
    """A session as pages and deeds see it."""

    id: int
    title: str
    paper_id: int
    paper_version_id: int
    paper_title: str
    paper_title_en: str
    minutes: int
    organization_id: int
    unit: str
    window: Window
    code: str
    anybody: bool
    cut: bool
    open_outside: bool
    pool: int
    revision: int
    prepared_for: str
    created_at: datetime
    cancelled_at: datetime | None

    def phase(self, now: datetime) -> Phase:
        """Say where it is."""
        if self.cancelled_at is not None:
            return Phase.CANCELLED
        if now < self.window.opens_at:
            return Phase.PLANNED
        if now <= self.window.last_start_at:
            return Phase.OPEN
        return Phase.RUNNING if now <= self.window.closes_at else Phase.OVER


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """A session in a learner's own list."""

    session: SessionText
    is_admitted: bool
    """Whether the right code was given, or none is asked for."""
    attempt_number: int | None = None
    is_open: bool = False
    """Whether that attempt is still being sat."""


class Counts(NamedTuple):
    """How many people are where."""

    seats: int
    not_started: int
    writing: int
    silent: int
    handed_in: int
    expired: int
    paused: int
    abandoned: int
    prepared: int


class Watched(NamedTuple):
    """One person on the monitor."""

    person_id: int
    name: str
    """Masked where the reader may not see it."""
    unit: str
    where: Where
    started_at: datetime | None
    saved_at: datetime | None
    deadline_at: datetime | None
    quiet_minutes: int | None
    """Whole minutes since the last sign of somebody who is sitting."""


class Meant(NamedTuple):
    """A person that a row of a list may mean."""

    id: int
    name: str
    user_name: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list of people, and what it comes to."""

    line: int
    said: str
    person: Meant | None = None
    fault: DomainError | None = None
    is_known: bool = False
    """Whether they have a seat already."""
