"""What a learner may do while a paper is open: time, slots, answers. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from lms.exams.types import Answer, Slot, State, Taken
from lms.kernel.errors import N_, Conflict, Invalid

LONGEST_EXTENSION = 240
"""Minutes by which an open attempt can be made longer at one time."""

BIGGEST_COUNTER = 2**53 - 1
"""What a browser's number still holds exactly."""

_NOTHING = Answer()

AHEAD = timedelta(minutes=10)
"""How far a page's counter may be ahead of what the server would give. An honest page is never
ahead of the clock, unless its own clock or the server's was set in the middle."""


def deadline(started_at: datetime, minutes: int) -> datetime:
    """Return when the time is up.

    :param minutes: of the paper, with the learner's extra time.
    """
    return started_at + timedelta(minutes=minutes)


def extended(deadline_at: datetime, minutes: int, reason: str) -> datetime:
    """Return the later deadline of an attempt whose time is made longer.

    :raises Invalid: ``bad_minutes`` or ``no_reason``.
    """
    if not 1 <= minutes <= LONGEST_EXTENSION:
        words = N_("延长的时间是 1 到 %(n)s 分钟")
        raise Invalid("bad_minutes", words, where="minutes", n=LONGEST_EXTENSION)
    if not reason.strip():
        raise Invalid("no_reason", N_("请写明为什么延长"), where="reason")
    return deadline_at + timedelta(minutes=minutes)


def is_over(deadline_at: datetime, now: datetime, late_seconds: int = 5) -> bool:
    """Say whether nothing is accepted any more. Exactly at deadline and grace still counts.

    :param late_seconds: how long after the deadline the paper accepts answers.
    """
    return now > deadline_at + timedelta(seconds=late_seconds)


def check_open(
    state: State,
    deadline_at: datetime,
    *,
    now: datetime,
    late_seconds: int = 5,
    pause_ends_at: datetime | None = None,
) -> None:
    """Refuse answers to a paper that is handed in or given up, is paused, or whose time is up.

    :raises Conflict: ``already_handed_in``, ``abandoned``, ``paused`` or ``too_late``.
    """
    if state is State.ABANDONED:
        raise Conflict("abandoned", N_("这次考试已经放弃，答案不能再改"))
    if state is not State.OPEN:
        raise Conflict("already_handed_in", N_("这份卷已经交了，答案不能再改"))
    if pause_ends_at is not None and now < pause_ends_at:
        raise Conflict("paused", N_("这份卷正在暂停，继续考试以后才能作答"))
    if is_over(deadline_at, now, late_seconds):
        raise Conflict("too_late", N_("时间已到，之后的改动没有算。到点前存下的答案都算分"))


def check_held(held_until_at: datetime | None, now: datetime) -> None:
    """Refuse a paper that is sat in exam sessions only, until they are over.

    :raises Conflict: ``paper_held``.
    """
    if held_until_at is not None and now < held_until_at:
        raise Conflict("paper_held", N_("这份卷留给场次考试用，考完以前不能自己考"))


def check_tries(tries: int, allowed: int) -> None:
    """Refuse somebody who has sat a paper as often as it may be sat.

    :raises Conflict: ``no_tries_left``.
    """
    if tries >= allowed:
        raise Conflict("no_tries_left", N_("这份卷最多考 %(n)s 次，已经考满了"), n=allowed)


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
    return {
        str(n): [a.chosen, a.counter, a.flagged, a.device] if a.device else list(a[:3])
        for n, a in sorted(answers.items())
    }


def check_counter(counter: int, *, furthest: int = BIGGEST_COUNTER) -> None:
    """Refuse a counter that is none, or that would keep every later answer out.

    :param furthest: from :func:`furthest_counter`.
    :raises Invalid: ``bad_counter`` or ``counter_ahead``.
    """
    if not 1 <= counter <= BIGGEST_COUNTER:
        raise Invalid("bad_counter", N_("答案的序号不对，请刷新页面"), where="counter")
    if counter > furthest:
        words = N_("这台设备的时间比服务器的快，答案还没有存上，请刷新页面")
        raise Invalid("counter_ahead", words, where="counter")


def furthest_counter(answers: Mapping[int, Answer], started_at: datetime, *, now: datetime) -> int:
    """Return the highest counter that is believed: some minutes above what a new page gets.

    It is above everything stored, so that a clock that was set back shuts nobody out.
    """
    ahead = int(AHEAD / timedelta(milliseconds=1))
    return min(next_counter(answers, started_at, now=now) + ahead, BIGGEST_COUNTER)


def next_counter(answers: Mapping[int, Answer], started_at: datetime, *, now: datetime) -> int:
    """Return the counter of a page that is shown now: above everything stored so far.

    It is the milliseconds since the start, so that of two pages the one shown later, or of two
    deeds the later one, has the higher counter, on whatever device.
    """
    elapsed = int((now - started_at) / timedelta(milliseconds=1))
    return max(elapsed, *(answer.counter for answer in answers.values()), 0) + 1


def _stamp(deed: Taken) -> tuple[int, str]:
    return deed.counter, deed.device


def merge(
    stored: Mapping[int, Answer], sent: Iterable[Taken]
) -> tuple[dict[int, Answer], tuple[int, ...]]:
    """Put answers that were sent over those that are stored.

    In each slot the highest stamp wins, in whatever order and however often answers arrive. A
    stamp is the counter, then the device, and names one deed: the same one again is a replay. A
    lower one comes from a page that fell behind. Neither changes anything.

    :returns: everything that is stored now, and the slots where something else was kept.
    """
    merged = dict(stored)
    for each in sent:
        held = merged.get(each.slot, _NOTHING)
        if (each.counter, each.device) > (held.counter, held.device):
            merged[each.slot] = Answer(each.chosen, each.counter, each.flagged, each.device)
    sent_last = {each.slot: each for each in sorted(sent, key=_stamp)}
    stale = [
        slot
        for slot, each in sent_last.items()
        if (merged[slot].chosen, merged[slot].flagged) != (each.chosen, each.flagged)
    ]
    return merged, tuple(sorted(stale))
