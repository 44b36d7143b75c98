"""Decisions by tables and properties; agreement against a judge that counts a table through."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.exams.rules import read_blueprint
from lms.exams.types import MarkingPlan, Rounding, ThirdRule
from lms.kernel.errors import Invalid
from lms.marking import rules
from lms.marking.types import Decision, How, MarkerWork, Pair, Share, Step
from lms.question_bank.types import Mark
from tests.builders import NOON

PLAN = MarkingPlan()
FULL = 40  # half points: a question of 20
WAIT, THIRD, ASK = Decision(Step.WAIT), Decision(Step.THIRD), Decision(Step.ASK)


def settled(earned, how, *used):
    return Decision(Step.SETTLE, earned, how, used)


DECIDES = replace(PLAN, third=ThirdRule.DECIDES)
TABLE = [
    (PLAN, (), WAIT),
    (PLAN, (20,), WAIT),
    (PLAN, (20, 20), settled(20, How.MEAN, 0, 1)),
    (PLAN, (20, 24), settled(22, How.MEAN, 0, 1)),  # 4 of 40 is 10 %: within
    (PLAN, (20, 23), settled(22, How.MEAN, 0, 1)),  # 21.5 goes up
    (replace(PLAN, rounding=Rounding.DOWN), (20, 23), settled(21, How.MEAN, 0, 1)),
    (PLAN, (20, 25), THIRD),  # 12.5 % is not
    (PLAN, (25, 20), THIRD),
    (PLAN, (20, 30, 28), settled(29, How.NEARER, 1, 2)),
    (PLAN, (20, 30, 19), settled(20, How.NEARER, 0, 2)),  # 19.5 goes up
    (PLAN, (20, 28, 24), settled(24, How.THIRD, 2)),  # in the middle: the third itself
    (PLAN, (20, 30, 25), ASK),  # in the middle, but further than the gap from both
    (PLAN, (10, 20, 36), ASK),
    (DECIDES, (10, 20, 36), settled(36, How.THIRD, 2)),
    (replace(PLAN, gap_half=0), (20, 21), THIRD),
    (replace(PLAN, gap_half=10), (20, 30), settled(25, How.MEAN, 0, 1)),
    (replace(PLAN, markers=1), (17,), settled(17, How.SINGLE, 0)),
]  # fmt: skip


def test_what_marks_come_to():
    for plan, marks, decision in TABLE:
        assert rules.decide(marks, FULL, plan, unit=2) == decision, (plan, marks)


def test_a_gap_in_half_points_is_counted_in_the_unit_of_the_rule():
    plan = replace(PLAN, gap_half=4)  # two points: 24 twelfths
    assert rules.agree(100, 124, 240, plan, unit=12)
    assert not rules.agree(100, 125, 240, plan, unit=12)


marks = st.integers(0, FULL)
plans = st.builds(
    MarkingPlan,
    markers=st.just(2),
    gap_percent=st.integers(0, 100),
    third=st.sampled_from(ThirdRule),
    rounding=st.sampled_from(Rounding),
)


@given(plans, marks, marks, marks)
def test_a_settled_mark_lies_between_those_it_rests_on(plan, first, second, third):
    found = rules.decide([first, second], FULL, plan, unit=2)
    if found.step is Step.THIRD:
        found = rules.decide([first, second, third], FULL, plan, unit=2)
    assert found.step in {Step.SETTLE, Step.ASK}
    if found.step is Step.SETTLE:
        used = [[first, second, third][at] for at in found.used]
        assert min(used) <= found.earned <= max(used)
        assert 0 <= 2 * abs(Fraction(sum(used), len(used)) - found.earned) <= 1


@given(plans, marks, marks, marks)
def test_who_of_the_first_two_was_first_does_not_matter(plan, first, second, third):
    one = rules.decide([first, second, third], FULL, plan, unit=2)
    other = rules.decide([second, first, third], FULL, plan, unit=2)
    assert (one.step, one.earned, one.how) == (other.step, other.earned, other.how)


def share(place=1, *, lease=30, finished=False, **values):
    known = {
        "id": place, "learner_id": 1, "number": 1, "slot": 2, "place": place, "marker_id": place,
        "claimed_at": NOON, "lease_ends_at": NOON + timedelta(minutes=lease), "given": None,
        "comment": "", "flag": None, "finished_at": NOON if finished else None, "earned": None,
    }  # fmt: skip
    return Share(**known | values)


def test_a_place_is_free_until_somebody_holds_it_and_again_when_the_lease_is_over():
    assert rules.free_place([], 2, now=NOON) == 1
    assert rules.free_place([share(1)], 2, now=NOON) == 2
    assert rules.free_place([share(1), share(2)], 2, now=NOON) is None
    late = NOON + timedelta(minutes=30)
    assert rules.free_place([share(1), share(2, finished=True)], 2, now=late) == 1
    assert rules.free_place([share(1, finished=True), share(2, finished=True)], 2, now=late) is None


def test_marks_are_taken_back_until_somebody_else_has_finished():
    own = share(1, finished=True)
    assert rules.can_undo(own, [share(2)], is_settled=False)
    assert not rules.can_undo(own, [share(2, finished=True)], is_settled=False)
    assert not rules.can_undo(own, [], is_settled=True)
    assert not rules.can_undo(share(1), [], is_settled=False)


def test_what_a_form_gives_is_read_point_by_point():
    worths = [[8, 6], [], [4]]
    sent = {"given-0-0": "8", "given-0-1": "0", "given-2-0": "3"}
    assert rules.read_given(sent, worths, is_whole=True) == ((8, 0), (), (3,))
    del sent["given-0-1"]
    assert rules.read_given(sent, worths, is_whole=False) == ((8, None), (), (3,))
    for values, code in (
        (sent, "not_given"),
        (sent | {"given-0-1": "7"}, "too_much"),
        (sent | {"given-0-1": "-1"}, "bad_step"),
        (sent | {"given-0-1": "1.5"}, "bad_step"),
    ):
        with pytest.raises(Invalid) as refusal:
            rules.read_given(values, worths, is_whole=True)
        assert refusal.value.code == code


def test_a_plan_is_read_and_its_faults_are_named():
    def read(**plan):
        section = [{"kind": "essay", "title": "论", "title_en": "E", "count": 1, "points_half": 2}]
        table = {"level": "senior", "section": section, "marking_plan": plan}
        return read_blueprint(table, sittable=True).plan

    assert read() == MarkingPlan(2, 10, None, ThirdRule.NEARER, Rounding.UP)
    assert read(markers=1, gap_half=3, third="decides", rounding="down") == MarkingPlan(
        1, 10, 3, ThirdRule.DECIDES, Rounding.DOWN
    )
    for plan, where in (
        ({"markers": 3}, "markers"),
        ({"gap_percent": 101}, "gap_percent"),
        ({"gap_percent": 1, "gap_half": 1}, "gap_half"),
        ({"third": "best"}, "third"),
        ({"fourth": 1}, "fourth"),
    ):
        with pytest.raises(Invalid) as refusal:
            read(**plan)
        assert refusal.value.where == f"marking_plan.{where}"


def kappa_by_table(pairs, most):
    """Cohen's definition, cell by cell over all categories."""
    categories = range(most + 1)
    n = len(pairs)
    rows = [sum(a == c for a, _b in pairs) for c in categories]
    columns = [sum(b == c for _a, b in pairs) for c in categories]
    seen = expected = Fraction(0)
    for i in categories:
        for j in categories:
            weight = Fraction((i - j) ** 2, most**2)
            seen += weight * sum(pair == (i, j) for pair in pairs) / n
            expected += weight * Fraction(rows[i] * columns[j], n * n)
    return float(1 - seen / expected) if expected else None


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12))
def test_agreement_is_what_the_table_of_all_marks_says(pairs):
    found = rules.weighted_kappa([Pair(a, b, 6) for a, b in pairs])
    judge = kappa_by_table(pairs, 6)
    assert (found is None) == (judge is None)
    assert found is None or found == pytest.approx(judge)


def test_figures_of_a_marker():
    assert rules.weighted_kappa([Pair(0, 0, 10), Pair(10, 10, 10)]) == 1
    assert rules.weighted_kappa([Pair(0, 10, 10), Pair(10, 0, 10)]) == -1
    pairs = [Pair(2, 4, 10), Pair(4, 4, 20)]
    work = MarkerWork(1, "甲", [Mark(2, 10), Mark(8, 20)], pairs, [60, 120, 600], to_third=1)
    found = rules.figures(work)
    assert (found.marked, found.pairs, found.to_third_percent) == (2, 2, 50)
    assert found.severity == 10  # 20 and 0 points of a hundred less than the other
    assert found.mean == 30 and found.spread == pytest.approx(200**0.5)
    assert found.kappa is None  # of two answers it would be chance
    assert found.median_seconds == 120
    nothing = rules.figures(MarkerWork(1, "甲"))
    assert nothing.mean is nothing.severity is nothing.to_third_percent is None
