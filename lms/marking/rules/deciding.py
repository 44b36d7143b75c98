"""What marks of one answer come to, and who may still change one. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from lms.exams.types import MarkingPlan, Rounding, ThirdRule, Waiting
from lms.kernel.errors import N_, Invalid, NotAllowed
from lms.kernel.points import HALF
from lms.marking.types import Decision, Halves, How, Share, Step

LEASE = timedelta(minutes=30)
"""How long an answer is kept for who claimed it; a saved draft begins it anew. Our own rule: long
enough for the longest answer, short enough that nobody waits a day for one that was forgotten."""

LONGEST_COMMENT = 2000


def agree(one: int, other: int, out_of: int, plan: MarkingPlan, *, unit: int) -> bool:
    """Say whether two marks are within the gap of a plan. Exactly at the gap still agrees.

    :param unit: parts of a point in which the marks are counted.
    """
    apart = abs(one - other)
    if plan.gap_half is not None:
        return apart * HALF <= plan.gap_half * unit
    return apart * 100 <= plan.gap_percent * out_of


def mean(one: int, other: int, rounding: Rounding) -> int:
    """Return the mean of two marks in whole units; half a unit goes up or down as is said."""
    both = one + other
    return -(-both // 2) if rounding is Rounding.UP else both // 2


def decide(marks: Sequence[int], out_of: int, plan: MarkingPlan, *, unit: int) -> Decision:
    """Say what the marks of one answer come to, in the order of their shares.

    Two that agree: their mean. Two that do not: a third marker. Then, as the plan says, the third
    alone; or the mean of the third and the nearer of the first two, the third itself if it lies
    in the middle of them; where the third is beyond the gap from both, somebody decides.
    """
    if len(marks) < plan.markers:
        return Decision(Step.WAIT)
    if plan.markers == 1:
        return Decision(Step.SETTLE, marks[0], How.SINGLE, (0,))
    first, second = marks[:2]
    if agree(first, second, out_of, plan, unit=unit):
        return Decision(Step.SETTLE, mean(first, second, plan.rounding), How.MEAN, (0, 1))
    if len(marks) == 2:
        return Decision(Step.THIRD)
    return _with_third(first, second, marks[2], out_of=out_of, plan=plan, unit=unit)


def _with_third(
    first: int, second: int, third: int, *, out_of: int, plan: MarkingPlan, unit: int
) -> Decision:
    alone = Decision(Step.SETTLE, third, How.THIRD, (2,))
    if plan.third is ThirdRule.DECIDES:
        return alone
    nearer, mark = (0, first) if abs(first - third) < abs(second - third) else (1, second)
    if not agree(mark, third, out_of, plan, unit=unit):
        return Decision(Step.ASK)
    if abs(first - third) == abs(second - third):
        return alone
    return Decision(Step.SETTLE, mean(mark, third, plan.rounding), How.NEARER, (nearer, 2))


def free_place(shares: Sequence[Share], wanted: int, *, now: datetime) -> int | None:
    """Return the first place among those wanted that nobody holds; none if there is none."""
    held = {share.place for share in shares if share.is_live(now)}
    return next((place for place in range(1, wanted + 1) if place not in held), None)


def usable(shares: Sequence[Share]) -> list[Share]:
    """Return the shares with marks, in the order of their places."""
    return sorted((one for one in shares if one.is_marked), key=lambda share: share.place)


def can_undo(share: Share, others: Sequence[Share], *, is_settled: bool) -> bool:
    """Say whether a marker may take back what they did: until somebody else has finished.

    :param others: the other shares of the same answer.
    """
    done = share.finished_at is not None and not is_settled
    return done and all(one.finished_at is None for one in others)


def check_apart(answer: Waiting, shares: Sequence[Share], actor_id: int) -> None:
    """Refuse an organiser who wrote the answer, or has marked it.

    :raises NotAllowed: ``own_case``.
    """
    if actor_id == answer.learner_id or any(share.marker_id == actor_id for share in shares):
        raise NotAllowed("own_case", N_("自己的或自己评过的答案，请另一位组织者定分"))


def read_given(
    sent: Mapping[str, str], worths: Sequence[Sequence[int]], *, is_whole: bool
) -> Halves:
    """Return what a form gives each scoring point: ``given-<field>-<point>``, in half points.

    :param worths: for each field, for each point: its worth in half points.
    :param is_whole: whether every point must be given something.
    :raises Invalid: ``bad_step``, ``too_much`` or ``not_given``.
    """
    rows: list[tuple[int | None, ...]] = []
    for field, own in enumerate(worths):
        row: list[int | None] = []
        for point, worth in enumerate(own):
            row.append(_half_points(sent.get(f"given-{field}-{point}", ""), worth))
        rows.append(tuple(row))
    if is_whole and any(one is None for row in rows for one in row):
        raise Invalid("not_given", N_("还有采分点没有给分；没有答到的请选 0 分"), where="given")
    return tuple(rows)


def _half_points(text: str, worth: int) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise Invalid("bad_step", N_("给分要以半分为一档"), where="given")
    if int(text) > worth:
        raise Invalid("too_much", N_("给的分超过了这个采分点的分值"), where="given")
    return int(text)
