"""What time somebody has: late answers, extra time, pauses, giving up. Pure.

An attempt's ``deadline_at`` is always the whole truth: extra time, extensions and pauses move it,
and nothing else is asked. A pause moves it by its longest time when it begins and back by the rest
when it is ended, so that a pause that nobody ends is over by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from lms.exams.types import Answer, Blueprint, Late, LatePolicy, Pause, State
from lms.exams.types.timing import Clocks, Extra, Wanted
from lms.kernel import reading
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.reading import Raw

GRACE = timedelta(seconds=Late().grace)
"""How long after the deadline an answer still counts if its paper says nothing else."""

LONGEST_GRACE = 60
"""Seconds: more than any network needs is time to answer."""

LONGEST_LATE = 240
"""Minutes for which late answers may count."""

MOST_PAUSES, LONGEST_PAUSE = 10, 120
"""Times, and minutes of each."""

LONGEST_EXTRA = 240
"""Minutes of extra time that somebody has at every paper."""

MOST_PERCENT = 200

NO_ROOM = N_("这场考试到时统一收卷，再暂停就答不满规定的时间了，所以不能暂停")


def read_late(raw: Raw) -> Late:
    """Read what a paper does with late answers: ``late = {grace, policy, minutes}``.

    :raises Invalid: naming the faulty key; ``no_late_minutes`` or ``refused_minutes`` where policy
        and minutes do not go together.
    """
    if "late" not in raw:
        return Late()
    table = reading.table(raw, "late")
    with reading.within("late"):
        reading.only(table, ("grace", "policy", "minutes"))
        policy = reading.choice(table, "policy", list(LatePolicy), default=LatePolicy.REFUSE)
        grace = reading.whole(table, "grace", low=0, high=LONGEST_GRACE, default=Late().grace)
        counts = policy == LatePolicy.COUNT
        if counts and "minutes" not in table:
            raise Invalid("no_late_minutes", N_("迟交算分的要写明几分钟以内"), where="minutes")
        if not counts and "minutes" in table:
            raise Invalid("refused_minutes", N_("迟交不算分的不写分钟数"), where="minutes")
        minutes = reading.whole(table, "minutes", low=1, high=LONGEST_LATE) if counts else 0
    return Late(LatePolicy(policy), grace, minutes)


def read_pause(raw: Raw) -> Pause | None:
    """Read whether a paper may be paused: ``pause = {times, minutes}``.

    :raises Invalid: naming the faulty key.
    """
    if "pause" not in raw:
        return None
    table = reading.table(raw, "pause")
    with reading.within("pause"):
        reading.only(table, ("times", "minutes"))
        return Pause(
            reading.whole(table, "times", low=1, high=MOST_PAUSES),
            reading.whole(table, "minutes", low=1, high=LONGEST_PAUSE),
        )


def check_extra(wanted: Wanted) -> None:
    """Refuse extra time that says too little, too much, or nothing.

    :raises Invalid: ``bad_extra``, ``no_reason`` or ``bad_days``.
    """
    if bool(wanted.percent) == bool(wanted.minutes):
        words = N_("延长的百分比和分钟数，填其中一样")
        raise Invalid("bad_extra", words, where="percent")
    if not 0 <= wanted.percent <= MOST_PERCENT or not 0 <= wanted.minutes <= LONGEST_EXTRA:
        words = N_("最多延长百分之 %(percent)s，或 %(minutes)s 分钟")
        where = "percent" if wanted.percent else "minutes"
        raise Invalid("bad_extra", words, where=where, percent=MOST_PERCENT, minutes=LONGEST_EXTRA)
    if not wanted.reason.strip():
        raise Invalid("no_reason", N_("请写明为什么延长"), where="reason")
    if wanted.ends_on is not None and wanted.ends_on < wanted.starts_on:
        raise Invalid("bad_days", N_("最后一天在第一天以前"), where="ends_on")


def extra_minutes(minutes: int, granted: Iterable[Extra], *, on: date) -> int:
    """Return how many minutes somebody has beyond a paper's own, if they begin on a day.

    Of several grants the one that gives most counts; they are not added up. A begun minute counts.

    :param minutes: of the paper.
    """
    return max(
        (max(-(-minutes * one.percent // 100), one.minutes) for one in granted if one.holds_on(on)),
        default=0,
    )


def longest_pause(pause: Pause, deadline_at: datetime, latest_end_at: datetime | None) -> timedelta:
    """Return how long the clock can stand: no pause carries anybody beyond a common end.

    Whole minutes; 0 where there is less than one left.
    """
    minutes = pause.minutes
    if latest_end_at is not None:
        room = (latest_end_at - deadline_at) // timedelta(minutes=1)
        minutes = max(min(minutes, room), 0)
    return timedelta(minutes=minutes)


def check_pause(blueprint: Blueprint, clocks: Clocks, *, now: datetime) -> Pause:
    """Return how an attempt may be paused now.

    :raises Conflict: ``no_pause``, ``no_pauses_left``, ``too_late`` or ``no_room``.
    """
    if blueprint.pause is None:
        raise Conflict("no_pause", N_("这份卷不能暂停"))
    if clocks.pauses >= blueprint.pause.times:
        words = N_("这份卷最多暂停 %(n)s 次，已经用完了")
        raise Conflict("no_pauses_left", words, n=blueprint.pause.times)
    if now >= clocks.deadline_at:
        raise Conflict("too_late", N_("时间已到，不能再暂停"))
    if not longest_pause(blueprint.pause, clocks.deadline_at, clocks.latest_end_at):
        raise Conflict("no_room", NO_ROOM)
    return blueprint.pause


def paused(clocks: Clocks, pause: Pause, *, now: datetime) -> Clocks:
    """Return the clocks of an attempt whose pause begins."""
    longest = longest_pause(pause, clocks.deadline_at, clocks.latest_end_at)
    return clocks._replace(
        deadline_at=clocks.deadline_at + longest,
        pauses=clocks.pauses + 1,
        paused_seconds=clocks.paused_seconds + longest // timedelta(seconds=1),
        pause_ends_at=now + longest,
    )


def resumed(clocks: Clocks, *, now: datetime) -> Clocks:
    """Return the clocks of an attempt whose pause is ended. One that is not paused stays as it is.

    What is left of the pause in whole seconds is taken back; a begun second of it is the learner's.
    """
    if clocks.pause_ends_at is None or not clocks.is_paused(now):
        return clocks
    rest = (clocks.pause_ends_at - now) // timedelta(seconds=1)
    return clocks._replace(
        deadline_at=clocks.deadline_at - timedelta(seconds=rest),
        paused_seconds=clocks.paused_seconds - rest,
        pause_ends_at=now,
    )


def is_paused(pause_ends_at: datetime | None, *, now: datetime) -> bool:
    """Say whether the clock of an attempt stands."""
    return pause_ends_at is not None and now < pause_ends_at


def net_seconds(
    started_at: datetime, ended_at: datetime, *, paused_seconds: int, pause_ends_at: datetime | None
) -> int:
    """Return how long somebody worked: from the start to the end, without the pauses."""
    rest = max((pause_ends_at - ended_at).total_seconds(), 0) if pause_ends_at else 0
    return max(int((ended_at - started_at).total_seconds() - paused_seconds + rest), 0)


def late_minutes(deadline_at: datetime, ended_at: datetime, late: Late) -> int:
    """Return how many minutes late an attempt was handed in; 0 within the grace. A begun minute
    counts.
    """
    after = ended_at - deadline_at
    if late.policy is not LatePolicy.COUNT or after <= timedelta(seconds=late.grace):
        return 0
    return -(-after // timedelta(minutes=1))


def closing(
    deadline_at: datetime,
    *,
    now: datetime,
    answers: Mapping[int, Answer],
    saved_at: datetime | None,
    late: Late = Late(),  # noqa: B008 - a value that never changes
) -> tuple[State, datetime]:
    """Return the state in which an attempt ends and when.

    In time it ends now. Over, it ended at its deadline, or with the last answer that counted as
    late. Over without a single answer it is abandoned.
    """
    if now <= deadline_at + timedelta(seconds=late.seconds):
        return State.SUBMITTED, now
    if not any(answer.chosen for answer in answers.values()):
        return State.ABANDONED, deadline_at
    after = timedelta(seconds=late.grace)
    is_late = saved_at is not None and saved_at > deadline_at + after
    return State.EXPIRED, saved_at if saved_at is not None and is_late else deadline_at
