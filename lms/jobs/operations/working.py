"""What a worker does with a job: claim it, run its kind, close it, whatever happens."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lms.jobs import queries
from lms.jobs.operations.files import remove_old_files
from lms.jobs.operations.rows import Put, advance, beat, claim, fail, finish, release, sweep
from lms.jobs.types import Claim, JobKind, JobRow, LostClaim
from lms.kernel.errors import N_, DomainError
from lms.kernel.files import Store

log = logging.getLogger(__name__)

Writing = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction: one that writes commits at the end of the block, or rolls back."""

BROKEN = N_("系统出了点问题，已经记录下来。请重试，或联系运维人员")


class Stopping(Exception):
    """The worker is being stopped: the job goes on elsewhere, or at the next start."""


@dataclass(frozen=True, slots=True)
class Portion:
    """The transaction of one portion."""

    session: Session
    outcome: list[Any] = field(default_factory=list)
    """What came of it, kept with the job."""


class Task:
    """What the function of a kind is given: the job, and the ways to move it on."""

    def __init__(
        self,
        job: JobRow,
        held: Claim,
        *,
        writing: Writing,
        reading: Writing,
        clock: Callable[[], datetime],
        stopping: threading.Event,
        told: Callable[[int, int], None],
    ) -> None:
        self.job, self._held = job, held
        self.reading = reading
        """Opens a transaction in which nothing is written, and nobody who writes waits."""
        self.arguments: Mapping[str, Any] = job.arguments
        self.done = job.done
        """Units whose portions are committed; begin after them."""
        self._writing, self.clock, self._stopping, self._told = writing, clock, stopping, told
        self._total = job.total

    def say(self, message: str, *, total: int | None = None, **values: Any) -> None:
        """Say what the job is at, in a transaction of its own; also a sign of life.

        :raises LostClaim: the job was cancelled or taken over.
        :raises Stopping: the worker is being stopped.
        """
        self._check()
        with self._writing() as session:
            held, now = self._held, self.clock()
            beat(session, held, now=now, total=total, message=message, values=values)
        self._total = total or self._total
        self._told(self.done, self._total)

    @contextmanager
    def deed(self) -> Iterator[Session]:
        """Open a transaction for a deed at the end of the job that may be done twice.

        :raises LostClaim: the job was cancelled or taken over; nothing is written.
        :raises Stopping: the worker is being stopped.
        """
        self._check()
        with self._writing() as session:
            beat(session, self._held, now=self.clock())
            yield session

    @contextmanager
    def portion(self, *, number: int, size: int) -> Iterator[Portion]:
        """Open the transaction of a portion: its deeds and the progress are committed together.

        :raises LostClaim: the job was cancelled or taken over; nothing is written.
        :raises Stopping: the worker is being stopped.
        """
        self._check()
        with self._writing() as session:
            beat(session, self._held, now=self.clock())
            portion = Portion(session)
            yield portion
            advance(session, self._held, number=number, size=size, outcome=portion.outcome)
        self.done += size
        self._told(self.done, self._total)

    def _check(self) -> None:
        if self._stopping.is_set():
            raise Stopping


class Worker:
    """Works at one job after the other."""

    def __init__(
        self,
        *,
        writing: Writing,
        reading: Writing,
        kinds: Mapping[str, JobKind],
        clock: Callable[[], datetime],
        store: Store,
        put: Put,
    ) -> None:
        self._writing, self._reading = writing, reading
        self._kinds, self._clock = kinds, clock
        self._store, self._put = store, put
        self.stopping = threading.Event()
        self.name = f"{here()}:{os.getpid()}"

    def work(self, job_id: int, *, told: Callable[[int, int], None] | None = None) -> bool:
        """Do a job if it waits, and say whether it did wait.

        A refusal closes it with its reason; any other fault lets it wait for the next sweep, so
        that what was only away for a moment is tried again.

        :param told: hears how far it is: done, total.
        """
        with self._writing() as session:
            held = claim(session, job_id, worker=self.name, now=self._clock())
            if held is None:
                return False
            job = queries.job(session, job_id)
        task = Task(
            job,
            held,
            writing=self._writing,
            reading=self._reading,
            clock=self._clock,
            stopping=self.stopping,
            told=told or _nobody,
        )
        try:
            self._run(task, job, held)
        except LostClaim:
            log.info("job %s is no longer ours", job_id)
        return True

    def _run(self, task: Task, job: JobRow, held: Claim) -> None:
        kind = self._kinds.get(job.kind)
        try:
            if kind is None:
                raise DomainError("no_kind", N_("没有“%(kind)s”这种任务"), kind=job.kind)
            result = kind.run(task)
        except LostClaim:
            raise
        except Stopping:
            with self._writing() as session:
                release(session, held, now=self._clock())
        except DomainError as refusal:
            values = {name: str(value) for name, value in refusal.params.items()}
            with self._writing() as session:
                fail(session, held, message=refusal.message, values=values, now=self._clock())
        except Exception:
            log.exception("job %s (%s) fell over", job.id, job.kind)
            with self._writing() as session:
                release(session, held, now=self._clock())
        else:
            with self._writing() as session:
                finish(session, held, result=result, now=self._clock())

    def sweep(self) -> int:
        """Find what dead workers and the queue have lost; delete files whose time is over."""
        now = self._clock()
        with self._writing() as session:
            remove_old_files(session, self._store, now=now)
            return sweep(session, now=now, here=here(), is_alive=is_alive, put=self._put)


def here() -> str:
    """Return the name of this host, as workers write it down."""
    return socket.gethostname()


def is_alive(worker: str) -> bool:
    """Say whether the process ``host:process`` of this host lives."""
    process = worker.rpartition(":")[2]
    if not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process
        return True
    return True


def _nobody(_done: int, _total: int) -> None:
    """Hear how far a job is, and tell nobody."""
