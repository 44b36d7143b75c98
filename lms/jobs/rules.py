"""When a job is given up, and whose it is. Pure."""

from datetime import datetime, timedelta

MOST_ATTEMPTS = 5
"""How often a job is begun before it counts as failed."""

SILENT = timedelta(seconds=90)
"""Without a beat for so long, the worker of a running job is taken for dead."""

LOST = timedelta(seconds=30)
"""A job that waits longer is told to the queue again: the queue may have lost it."""


def is_dead(
    *, heartbeat_at: datetime, claimed_by: str, now: datetime, here: str, is_alive: bool
) -> bool:
    """Say whether the worker that claimed a job is gone.

    :param claimed_by: ``host:process``.
    :param here: the host that asks; of its own processes it knows at once whether they live.
    :param is_alive: whether there is such a process here.
    """
    if now - heartbeat_at > SILENT:
        return True
    host, _, _process = claimed_by.rpartition(":")
    return host == here and not is_alive
