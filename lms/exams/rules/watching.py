"""How long questions were in view while a paper was open. Pure.

A page measures and says, with the answers that it sends anyway, how many seconds each question has
been in view on it so far. These are sums that only grow, so a message may come twice, late or not
at all. No clock of a device is believed beyond what has passed on the server's.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import median_high

from lms.exams.rules.results import LEAST_SHARED
from lms.exams.types import Desk, Watched

MOST_DEVICES = 8
"""Pages (tabs, phones) of one attempt that are told apart; what a further one says is not kept."""


def watch(found: Desk, sent: Watched | None, *, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """Put what a page says over what is stored; what cannot be true is left out.

    Nothing is refused: a mistake in measuring must never cost an answer. All pages together are
    never credited with more time than has passed since the start.

    :returns: device -> slot -> seconds: what is stored itself if nothing is new.
    """
    stored = found.watched
    if sent is None or (sent.device not in stored and len(stored) >= MOST_DEVICES):
        return stored
    known = stored.get(sent.device, {})
    new = {
        str(slot): seconds
        for slot, seconds in sorted(sent.seconds.items())
        if 1 <= slot <= len(found.paper) and seconds > known.get(str(slot), 0)
    }
    growth = sum(seconds - known.get(slot, 0) for slot, seconds in new.items())
    left = (now - found.started_at) // timedelta(seconds=1) - sum(in_view(stored).values())
    if not new or growth > left:
        return stored
    return {**stored, sent.device: {**known, **new}}


def in_view(stored: Mapping[str, Mapping[str, int]]) -> dict[int, int]:
    """Return the seconds for which each slot was in view, on all pages together."""
    found: dict[int, int] = {}
    for seconds in stored.values():
        for slot, number in seconds.items():
            found[int(slot)] = found.get(int(slot), 0) + number
    return found


def typical(counts: Mapping[int, int]) -> int | None:
    """Return the median of seconds, of two middle ones the higher; none of too few.

    :param counts: seconds -> how many people took them.
    """
    if sum(counts.values()) < LEAST_SHARED:
        return None
    return median_high([seconds for seconds, n in counts.items() for _ in range(n)])
