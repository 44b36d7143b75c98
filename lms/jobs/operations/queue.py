"""The queue: huey carries the numbers of jobs from those who ask to those who work.

It may lose one (it takes a number out before the work is done) and may carry one twice; the table
decides. Messages are signed with the installation's key, because huey's are pickles.

huey is imported when the first number is put or taken: it brings the drivers of every broker that
it knows, 18 MB in a worker process of the web that may never ask for a job.
"""

import logging
import signal
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lms.kernel.errors import N_, Invalid

if TYPE_CHECKING:
    from huey import Huey
    from huey.serializer import SignedSerializer

log = logging.getLogger(__name__)

NAME = "bixue"
LONGEST_PAUSE = 1.0
"""Seconds between two looks into an empty queue."""


class Queue:
    """A queue of numbers; nothing is opened before the first number is put or taken."""

    def __init__(self, url: str, *, folder: Path, secret: str) -> None:
        """Prepare a queue.

        :param url: ``redis://…``, ``memory://`` for tests; empty for a SQLite file in ``folder``.
        :raises Invalid: ``bad_queue_url``.
        """
        if url and not url.startswith(("redis://", "rediss://", "unix://", "memory://")):
            raise Invalid(
                "bad_queue_url", N_("任务队列地址应形如 redis://主机:端口/0"), where="LMS_JOBS_URL"
            )
        self._url, self._folder, self._secret = url, folder, secret
        self.perform: Callable[[int], Any] = _nobody
        self.sweep: Callable[[], Any] = _nothing

    @cached_property
    def huey(self) -> "Huey":
        """The broker with its two tasks."""
        from huey import crontab  # noqa: PLC0415 - see the top
        from huey.serializer import SignedSerializer  # noqa: PLC0415

        made = self._make(SignedSerializer(secret=self._secret, salt="lms.jobs"))
        self._task = made.task(name="perform")(self._perform)
        made.periodic_task(crontab(minute="*"), name="sweep")(self._sweep)
        return made

    def _perform(self, job_id: int) -> None:
        self.perform(job_id)  # what is to be done is said after the broker was made

    def _sweep(self) -> None:
        self.sweep()

    def _make(self, serializer: "SignedSerializer") -> "Huey":
        from huey import MemoryHuey, RedisHuey, SqliteHuey  # noqa: PLC0415

        options = {"results": False, "serializer": serializer}
        if self._url.startswith("memory:"):
            return MemoryHuey(NAME, **options)
        if self._url:
            return RedisHuey(NAME, url=self._url, **options)
        self._folder.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(NAME, filename=str(self._folder / "queue.sqlite3"), **options)

    def put(self, job_id: int) -> None:
        """Tell the number of a job. A queue that is away is no reason to fail: the job waits."""
        try:
            _broker = self.huey
            self._task(job_id)
        except Exception:
            log.exception("the queue is away; the sweep will tell it job %s", job_id)

    def consume(self, *, workers: int, stopping: threading.Event) -> None:
        """Take numbers and work until the process is told to stop, or ``stopping`` is set.

        Whoever works is given ten seconds to come to the end of a portion.
        """
        consumer = self.huey.create_consumer(
            workers=workers, initial_delay=0.1, max_delay=LONGEST_PAUSE, shutdown_timeout=10
        )
        consumer.start()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stopping.set())
        while not stopping.wait(1):
            consumer.check_worker_health()
        consumer.stop(graceful=True)


def _nobody(job_id: int) -> None:
    log.error("nobody works at job %s in this process", job_id)


def _nothing() -> None:
    """Sweep nothing."""
