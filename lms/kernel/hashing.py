"""Hash passwords, a few at a time.

argon2id takes its time on purpose: about 30 ms and 19 MiB for each password. A storm of sign-ins
must not take every thread of a worker, so hashing goes through a gate: so many at once, a burst of
others may wait their turn, and who comes after that is told at once to try again (``Busy``, which
pages answer with 503 and ``Retry-After``). A training room where forty people sign in together is
let through within seconds; a storm that goes on costs the others one thread, not all of them.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import argon2

from lms.kernel.errors import N_, Busy

HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""argon2id with OWASP's second recommended setting (19 MiB, 2 passes): about 30 ms."""

RETRY_AFTER_SECONDS = 5


class Gate:
    """Lets so many through at once, a burst of others wait, and turns away the rest."""

    def __init__(
        self,
        *,
        at_once: int = 1,
        burst: int = 40,
        refill_per_second: float = 1.0,
        patience_seconds: float = 2.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Make a gate.

        :param burst: how many may wait in quick succession; waiting is earned back slowly, so
            that whoever keeps the gate busy for long is turned away instead of filling threads.
        :param patience_seconds: how long one waits at most.
        """
        self._slots = threading.BoundedSemaphore(at_once)
        self._burst, self._refill, self._patience = burst, refill_per_second, patience_seconds
        self._clock, self._lock = clock, threading.Lock()
        self._waits, self._counted_at = float(burst), clock()

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Hold one of the places for the length of a block.

        :raises Busy: ``too_busy``.
        """
        if not self._slots.acquire(blocking=False) and not (
            self._may_wait() and self._slots.acquire(timeout=self._patience)
        ):
            raise Busy(
                "too_busy",
                N_("现在登录的人很多，请过几秒再试"),
                retry_after_seconds=RETRY_AFTER_SECONDS,
            )
        try:
            yield
        finally:
            self._slots.release()

    def _may_wait(self) -> bool:
        with self._lock:
            now = self._clock()
            earned = (now - self._counted_at) * self._refill
            self._waits = min(self._burst, self._waits + earned)
            self._counted_at = now
            if self._waits < 1:
                return False
            self._waits -= 1
            return True


_gate = Gate()


def set_gate(gate: Gate) -> None:
    """Let this process hash through another gate from now on."""
    global _gate  # noqa: PLW0603 - one gate for a process, however many applications it makes
    _gate = gate


def make_hash(password: str) -> str:
    """Return the argon2id hash of a password.

    :raises Busy: ``too_busy``.
    """
    with _gate.passed():
        return HASHER.hash(password)


DECOY = HASHER.hash("nobody signs in with this")
"""Verified where there is no hash, so that nobody learns it by the time an answer takes."""


def matches(stored: str | None, password: str) -> bool:
    """Say whether a password is the one of a hash; of no hash never, after the same time.

    :raises Busy: ``too_busy``.
    """
    with _gate.passed():
        try:
            HASHER.verify(stored or DECOY, password)
        except argon2.exceptions.VerifyMismatchError:
            return False
    return stored is not None


def needs_new_hash(stored: str) -> bool:
    """Say whether a hash was made with other parameters than those of today."""
    return HASHER.check_needs_rehash(stored)
