"""What a learner may do while a paper is open: time, slots, answers. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from lms.exams.types import Answer, Slot, State, Taken
from lms.kernel.errors import N_, Conflict, Invalid

GRACE = timedelta(seconds=5)
"""How long after the deadline an answer still counts. Our own rule, not the examiners': it covers
the way of the last answer through a slow network, and is never shown as extra time."""

BIGGEST_COUNTER = 2**53 - 1
"""What a browser's number still holds exactly."""


def deadline(started_at: datetime, minutes: int) -> datetime:
    """Return when the time is up."""
    return started_at + timedelta(minutes=minutes)


def is_over(deadline_at: datetime, now: datetime) -> bool:
    """Say whether nothing is accepted any more. Exactly at deadline and grace still counts."""
    return now > deadline_at + GRACE


def check_open(state: State, deadline_at: datetime, *, now: datetime) -> None:
    """Refuse answers to a paper that is handed in or whose time is up.

    :raises Conflict: ``already_handed_in`` or ``too_late``.
    """
    if state is not State.OPEN:
        raise Conflict("already_handed_in", N_("这份卷已经交了，答案不能再改"))
    if is_over(deadline_at, now):
        raise Conflict("too_late", N_("时间已到，之后的改动没有算。到点前存下的答案都算分"))


def check_tries(tries: int, allowed: int) -> None:
    """Refuse somebody who has sat a paper as often as it may be sat.

    :raises Conflict: ``no_tries_left``.
    """
    if tries >= allowed:
        raise Conflict("no_tries_left", N_("这份卷最多考 %(n)s 次，已经考满了"), n=allowed)


def closing(deadline_at: datetime, *, now: datetime) -> tuple[State, datetime]:
    """Return the state in which an attempt ends and when: late, it ended at its deadline."""
    return (State.EXPIRED, deadline_at) if is_over(deadline_at, now) else (State.SUBMITTED, now)


def read_slots(raw: Sequence[Sequence[Any]]) -> tuple[Slot, ...]:
    """Read a stored paper: the first slot is number 1."""
    return tuple(Slot(version_id, section, tuple(order)) for version_id, section, order in raw)


def write_slots(slots: Iterable[Slot]) -> list[list[Any]]:
    """Return a paper as it is stored."""
    return [[slot.version_id, slot.section, list(slot.order)] for slot in slots]


def read_answers(raw: Mapping[str, Sequence[Any]]) -> dict[int, Answer]:
    """Read stored answers, by slot."""
    return {int(slot): Answer(*values) for slot, values in raw.items()}


def write_answers(answers: Mapping[int, Answer]) -> dict[str, list[Any]]:
    """Return answers as they are stored."""
    return {str(n): [a.chosen, a.counter, a.flagged] for n, a in sorted(answers.items())}


def check_counter(counter: int) -> None:
    """Refuse a counter that is none.

    :raises Invalid: ``bad_counter``.
    """
    if not 1 <= counter <= BIGGEST_COUNTER:
        raise Invalid("bad_counter", N_("答案的序号不对，请刷新页面"), where="counter")


def next_counter(answers: Mapping[int, Answer], started_at: datetime, *, now: datetime) -> int:
    """Return the counter of a page that is shown now: above everything stored so far.

    It is the milliseconds since the start, so that of two pages the one shown later, or of two
    deeds the later one, has the higher counter, on whatever device.
    """
    elapsed = int((now - started_at) / timedelta(milliseconds=1))
    return max(elapsed, *(answer.counter for answer in answers.values()), 0) + 1


def merge(
    stored: Mapping[int, Answer], sent: Iterable[Taken]
) -> tuple[dict[int, Answer], tuple[int, ...]]:
    """Put answers that were sent over those that are stored.

    In each slot the highest counter wins, in whatever order and however often answers arrive. An
    equal or lower counter is a replay or comes from a page that fell behind: it changes nothing.

    :returns: everything that is stored now, and the slots where something else was kept.
    """
    merged = dict(stored)
    for each in sent:
        if each.counter > merged.get(each.slot, Answer()).counter:
            merged[each.slot] = Answer(each.chosen, each.counter, each.flagged)
    sent_last = {each.slot: each for each in sorted(sent, key=lambda each: each.counter)}
    stale = [
        slot
        for slot, each in sent_last.items()
        if (merged[slot].chosen, merged[slot].flagged) != (each.chosen, each.flagged)
    ]
    return merged, tuple(sorted(stale))
