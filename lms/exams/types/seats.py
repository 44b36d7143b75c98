"""What a room above gives to an attempt that is not begun by the learner alone. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from lms.exams.types import PaperText, Slot


class Ends(NamedTuple):
    """When the time of an attempt in a session with a common end is up."""

    deadline_at: datetime
    latest_end_at: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in an exam session, for :func:`lms.exams.operations.start`."""

    paper: PaperText
    """In the version that was fixed when the session was made."""
    taken: Callable[[int], None]
    """Called in the same transaction with the number of the attempt."""
    slots: Sequence[Slot] | None = None
    """The paper as it was drawn beforehand; none: it is drawn now."""
    ends_at: datetime | None = None
    """When the time is up at the latest; none: everybody has the minutes of the paper."""
    facts: Sequence[tuple[str, Any]] = ()
    """What the trail is told beside the usual."""

    def deadline(self, full: datetime, extra_minutes: int) -> datetime:
        """Return when the time is up. Extra time counts beyond the common end as well.

        :param full: when it would be if nothing ended it earlier.
        """
        latest = self.latest_end(extra_minutes)
        return full if latest is None else min(full, latest)

    def latest_end(self, extra_minutes: int) -> datetime | None:
        """Return what nothing but an extension moves the deadline beyond; none: nothing is."""
        return None if self.ends_at is None else self.ends_at + timedelta(minutes=extra_minutes)
