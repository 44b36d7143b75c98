"""Locks after repeated failures. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from lms.accounts.types import LockState

TRIES = 5
"""Failures until an account is locked, each time anew."""

WAIT_SECONDS = (60, 300, 900, 1800)
"""How long the first, second, third lock lasts, and every one after."""


def after_failure(state: LockState, *, now: datetime) -> LockState:
    """Return how an account stands after one more failure.

    While it is locked, failures do not count: nobody can keep somebody else out for longer than
    the lock lasts by going on trying.
    """
    if state.is_locked(now):
        return state
    if state.failures + 1 < TRIES:
        return replace(state, failures=state.failures + 1)
    seconds = WAIT_SECONDS[min(state.rounds, len(WAIT_SECONDS) - 1)]
    return LockState(
        failures=0, rounds=state.rounds + 1, locked_until_at=now + timedelta(seconds=seconds)
    )
