"""Values of time: who has more of it, what ran out, what could not be marked. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


class Clocks(NamedTuple):
    """What pausing must know of an attempt, and what it changes."""

    deadline_at: datetime
    pauses: int
    """How often it was paused."""
    paused_seconds: int
    """By how much pauses have moved the deadline."""
    pause_ends_at: datetime | None
    """The longest end of the latest pause, or when it was ended."""
    latest_end_at: datetime | None = None
    """What no pause moves the deadline beyond; none: there is nothing."""

    def is_paused(self, now: datetime) -> bool:
        """Say whether the clock stands. When the longest time is over, it runs by itself."""
        return self.pause_ends_at is not None and now < self.pause_ends_at


class Wanted(NamedTuple):
    """Extra time as somebody asks to grant it."""

    percent: int
    """Of a paper's time; 0 where minutes are said."""
    minutes: int
    """At every paper; 0 where a share is said."""
    reason: str
    starts_on: date
    ends_on: date | None = None
    """The last day on which attempts begin with it; none: until it is revoked."""


@dataclass(frozen=True, slots=True)
class Extra:
    """Extra time that somebody was granted."""

    learner_id: int
    number: int
    percent: int
    """Of a paper's time; 0 where minutes are said."""
    minutes: int
    reason: str
    starts_on: date
    ends_on: date | None
    granted_by: str
    """The name of who granted it."""
    granted_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""

    def holds_on(self, day: date) -> bool:
        """Say whether an attempt that begins on a day gets it. Its last day counts."""
        return (
            self.revoked_at is None
            and self.starts_on <= day
            and (self.ends_on is None or day <= self.ends_on)
        )


class Whom(NamedTuple):
    """Somebody of one's scope, to whom extra time is given."""

    id: int
    name: str
    user_name: str


@dataclass(frozen=True, slots=True)
class SatNow:
    """A paper that is being sat by somebody of one's scope."""

    key: str
    title: str
    title_en: str
    sitting: int
    """How many people of one's scope sit it."""
    first_ends_at: datetime
    last_ends_at: datetime


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody who sits a paper now."""

    learner_id: int
    name: str
    user_name: str
    number: int
    deadline_at: datetime
    extra_minutes: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """An attempt that is over and could not be marked."""

    learner_id: int
    number: int
    title: str
    fault: str
    first_at: datetime
    tried_at: datetime
    tries: int
