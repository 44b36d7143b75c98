"""Papers marked anew in other units: by rules of their own, below 0, and on the pages."""

from dataclasses import replace
from fractions import Fraction

import pytest

from lms.audit.models import Entry
from lms.exams import queries
from lms.exams.models import RegradeResult
from lms.exams.types import Cause, Policy, Standings
from lms.kernel.errors import Invalid
from lms.kernel.points import points
from lms.people.types import Role
from lms.question_bank.types import Mark
from lms.records.queries import facts_of
from lms.records.types import in_force
from lms.regulations.models import Rule, RuleVersion
from tests import builders
from tests.builders import NOON, TODAY
from tests.exams import regrading
from tests.exams.regrading import RIGHT

MIXED = ("A", "B", "", "AB", "AC")
WRONG = ("B", "B", "B", "C", "C")


def rule(session, key, *, kind="practice_marking", **body):
    """A new rule; single choices and multiple choices by penalty unless told otherwise."""
    made = builders.added(session, Rule(key=key, kind=kind, current_number=1))
    body = {
        "unit": 2,
        "single_choice": {"method": "negative", "full": 2, "penalty": 1},
        "multiple_choice": {"method": "negative", "full": 4, "penalty": 2, "each": 1},
    } | body
    return builders.added(
        session,
        RuleVersion(
            rule_id=made.id, number=1, digest=key, title=key, title_en=key, effective_from=TODAY,
            effective_to=None, source="测试", certainty="ours", body=body, published_at=NOON,
        ),
    )  # fmt: skip


def to_rule(world, key, policy=Policy.CURRENT_KEY):
    return queries.named_terms(
        world.session, cause=Cause.RULE_CHANGED, policy=policy, paper=world.key, rule=key
    )


def strike(world, learner, slot):
    asked = world.version(learner, slot)
    made = world.propose(world.terms(asked, policy=Policy.FULL_CREDIT))
    world.apply(made)
    return made


def marks(session, learner):
    found = queries.sitting(session, learner_id=learner, number=1)
    return queries.marked(
        session, learner_id=learner, number=1, slips=found.slips, finer=found.finer
    )


def fact(session, learner):
    (found,) = in_force(facts_of(session, learner))
    return found


@pytest.fixture
def world(session):
    return regrading.world(session, marking="marking-all-or-nothing")


def test_a_finer_rule_is_counted_in_its_unit(world, session):
    learner = world.sit(*MIXED)
    before = world.result(learner)
    told = fact(session, learner)
    assert (before.earned, before.out_of, before.unit) == (2, 14, 2)

    made = world.propose(to_rule(world, "marking-negative"))
    world.apply(made)

    found = world.result(learner)
    assert (found.earned, found.out_of, found.unit) == (6 - 2 + 0 + 6 - 6, 42, 6)
    assert found.first == Standings(2, 14, False, 2)
    slots = marks(session, learner)
    assert [each.mark for each in slots] == [
        Mark(6, 6), Mark(-2, 6), Mark(0, 6), Mark(6, 12), Mark(-6, 12)
    ]  # fmt: skip
    assert [each.first for each in slots] == [None, Mark(0, 6), None, Mark(0, 12), Mark(0, 12)]
    assert (fact(session, learner).quantity, fact(session, learner).detail["unit"]) == (4, 6)
    entry = session.query(Entry).filter_by(verb="exams.attempt_regraded").one()
    assert (entry.facts["earned"], entry.facts["unit"]) == (4, 6)

    world.ask_undo(made)
    world.undo(made)
    again = fact(session, learner)
    assert world.result(learner) == before
    assert (again.quantity, again.detail["out_of"]) == (told.quantity, told.detail["out_of"])
    assert "unit" not in again.detail
    assert [row.unit for row in session.query(RegradeResult).order_by("revision")] == [6, 2]


def test_a_coarser_rule_keeps_the_unit_and_the_points(session):
    world = regrading.world(session, marking="marking-negative")
    learner = world.sit(*MIXED)
    world.apply(world.propose(to_rule(world, "marking-all-or-nothing")))
    found = world.result(learner)
    assert (found.earned, found.out_of, found.unit) == (6, 42, 6)
    assert points(found.earned, found.unit) == "1"
    assert fact(session, learner).detail["unit"] == 6


def test_units_that_do_not_divide_each_other(world, session):
    """Fifths after sixths: thirtieths. Each slot is worth what the last rule gives it."""
    learner = world.sit(*MIXED)
    fifths = {
        "single_choice": {"method": "negative", "full": 5, "penalty": 1},
        "multiple_choice": {"method": "negative", "full": 10, "penalty": 5, "each": 2},
    }
    rule(session, "fifths", unit=5, **fifths)
    first = world.propose(to_rule(world, "marking-negative"))
    world.apply(first)
    world.apply(world.propose(to_rule(world, "fifths")))
    found = world.result(learner)
    assert found.unit == 30
    assert Fraction(found.earned, 30) == Fraction(5 - 1 + 0 + 4 - 5, 5)
    assert [Fraction(each.mark.earned, 30) for each in marks(session, learner)] == [
        Fraction(each, 5) for each in (5, -1, 0, 4, -5)
    ]


def test_a_new_key_counts_in_the_unit_of_the_papers_own_rule(session):
    world = regrading.world(session, marking="marking-negative")
    winner, loser = world.sit("B", *RIGHT[1:]), world.sit(*RIGHT)
    asked = world.version(winner)
    world.apply(world.propose(world.terms(asked, world.corrected(asked))))
    assert [(world.result(one).earned, world.result(one).unit) for one in (winner, loser)] == [
        (42, 6),
        (34, 6),
    ]


def test_a_paper_below_0_is_lifted_by_what_it_lacks(session):
    """All wrong: -3 points that count as 0. Each question that is struck gives back its share."""
    world = regrading.world(session, marking="marking-negative")
    learner = world.sit(*WRONG)
    total = sum(each.mark.earned for each in marks(session, learner))
    assert (world.result(learner).earned, total) == (0, -18)
    earned, deeds = [], []
    for slot in (1, 2, 3):
        deeds.append(strike(world, learner, slot))
        earned.append(world.result(learner).earned)
        assert earned[-1] == max(sum(each.mark.earned for each in marks(session, learner)), 0)
    assert earned == [0, 0, 6]
    for made, was in zip(reversed(deeds), (0, 0, 0), strict=True):
        world.ask_undo(made)
        world.undo(made)
        assert world.result(learner).earned == was


def test_a_rule_without_a_floor_shows_what_was_below(session):
    world = regrading.world(session, marking="marking-negative")
    learner = world.sit(*WRONG)
    rule(session, "bottomless", unit=6, floor=False, single_choice={"method": "negative", "full": 6, "penalty": 2}, multiple_choice={"method": "negative", "full": 12, "penalty": 6, "each": 3})  # fmt: skip
    world.apply(world.propose(to_rule(world, "bottomless")))
    assert world.result(learner).earned == -18
    strike(world, learner, 1)
    assert world.result(learner).earned == -10


def test_the_line_is_compared_exactly_in_another_unit(session):
    """The line is at 4 1/5 of 7 points: 4 1/3 in twelfths reach it, 3 do not."""
    world = regrading.world(session, marking="marking-all-or-nothing")
    above = world.sit("A", "A", "A", "AB", "")
    below = world.sit("A", "A", "A", "", "")
    terms = to_rule(world, "marking-moodle-weights")
    world.apply(world.propose(terms))
    found = world.result(above)
    assert (found.earned, found.unit, found.passed) == (36 + 16, 12, True)  # 4 1/3
    found = world.result(below)  # nothing of it moves in points, so it stays in half points
    assert (found.earned, found.unit, found.passed, found.first) == (6, 2, False, None)


def test_the_exam_is_not_marked_by_a_rule_for_practice(session):
    world = regrading.world(session)
    world.sit(*RIGHT)
    with pytest.raises(Invalid) as refusal:
        world.propose(to_rule(world, "marking-negative"))
    assert (refusal.value.code, refusal.value.where) == ("official_paper", "rule")


def test_a_rule_that_does_not_come_out_is_refused(world, session):
    world.sit(*RIGHT)
    thirds = {"method": "weights", "full": 4, "wrong": "none"}
    rule(session, "odd", multiple_choice=thirds)
    with pytest.raises(Invalid) as refusal:
        world.propose(to_rule(world, "odd"))
    assert (refusal.value.code, refusal.value.where) == ("odd_shares", "rule")


def test_what_does_not_move_in_points_is_no_change(world, session):
    """The same rule in a finer unit: nobody's points move, so there is nothing to regrade."""
    world.sit(*MIXED)
    rule(
        session, "same", unit=12,
        single_choice={"method": "all_or_nothing", "full": 12},
        multiple_choice={"method": "all_or_nothing", "full": 24},
    )  # fmt: skip
    terms = to_rule(world, "same")
    assert queries.compare(session, terms, looked_at=regrading.LATER) == []
    noted = queries.compare(session, replace(terms, policy=Policy.NONE), looked_at=regrading.LATER)
    assert [found.is_change for found in noted] == [False]


# --- pages ---


def test_the_pages_of_the_learner_tell_both_in_points(client, session, world, sign_in):
    learner = builders.learner(session)
    world.sit(*MIXED, learner_id=learner.id)
    world.apply(world.propose(to_rule(world, "marking-negative")))
    sign_in(learner)
    page = client.get("/attempts/1/result").text
    assert "<h1>2/3 / 7 分</h1>" in page
    assert "交卷时 1 / 7 分" in " ".join(page.split())
    assert "改过分，交卷时 1 分" in client.get("/exams").text
    page = client.get("/attempts/1/review").text
    assert "交卷时得 0 分，现在 -1/3 分。" in page
    assert "得分：-1/3 / 1" in page


def test_the_page_of_a_regrade_tells_points(client, session, world, sign_in):
    place = builders.organization(session)
    learner = builders.learner(session, at=place, name="王升")
    world.sit(*MIXED, learner_id=learner.id)
    made = world.propose(to_rule(world, "marking-negative"))
    sign_in(builders.with_role(session, Role.REVIEWER, at=place))
    for at in ("", "/changes.csv"):
        assert client.get(f"/teaching/regrades/{made}{at}").status_code == 200
    assert "2/3 分" in client.get(f"/teaching/regrades/{made}").text
    row = client.get(f"/teaching/regrades/{made}/changes.csv").text.splitlines()[1]
    assert row.split(",")[1:7] == ["王升", world.key, "1", "1", "2/3", "7"]
    assert "marking-negative" in client.get("/teaching/regrades/new").text
