"""Values of jobs. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Where a job is. Stored by value: never change one."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (JobState.QUEUED, JobState.RUNNING)
"""States from which a job still goes on."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as lists, pages and programs see it."""

    id: int
    kind: str
    state: JobState
    owner_id: int | None
    owner: str | None
    """The name of who asked; none for a command at the machine."""
    total: int
    """Units of work in all; 0 as long as that is not known."""
    done: int
    message: str
    """A message id; what it is at, or why it failed."""
    values: Mapping[str, Any]
    """What goes into the message."""
    arguments: Mapping[str, Any]
    result: Mapping[str, Any] | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.state in OPEN

    @property
    def percent(self) -> int:
        """How far it is, rounded down; all of it when it is done."""
        if self.state is JobState.DONE:
            return 100
        return min(self.done * 100 // self.total, 99) if self.total else 0

    @property
    def files(self) -> Mapping[str, int]:
        """The stored files of the result, by their format."""
        found: Mapping[str, int] = (self.result or {}).get("files", {})
        return found


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a job. The next claim of the same job ends it."""

    job_id: int
    number: int
    """Of the claim, counted up for ever: only the latest may write."""
    attempt: int
    """Since the job was asked for, or last retried by somebody."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One stored file."""

    id: int
    key: str
    name: str
    size: int
    sha256: str
    owner_id: int | None


@dataclass(frozen=True, slots=True)
class JobKind:
    """What a job does: ``web`` makes one from a function of a room above."""

    name: str
    """``room.noun``, as it is stored."""
    label: str
    """A message id: what the list calls it."""
    run: Callable[[Any], Mapping[str, Any]]
    """Called with a :class:`lms.jobs.operations.Task`; returns the job's result."""
    page: str = ""
    """The endpoint of a page that shows the result of a job, called with ``job_id``."""


class LostClaim(Exception):
    """The job was cancelled, or another worker has taken it: stop, nothing was written."""
