"""Papers marked anew, on both databases: nothing is changed, everything is appended."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.exams import operations, queries
from lms.exams.models import Attempt, Regrade, RegradeResult, Response
from lms.exams.types import Cause, Policy, Standings
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.people import operations as people
from lms.people.types import Actor
from lms.records import operations as records
from lms.records.queries import facts_of
from lms.records.types import in_force
from lms.regulations.models import Rule, RuleVersion
from lms.requirements import operations as requirements
from lms.requirements.models import Progress
from tests import builders
from tests.builders import NOON, TODAY
from tests.exams import builders as exams
from tests.exams import regrading
from tests.exams.regrading import LATER, RIGHT

WRONG = ("C", "C", "C", "C", "C")


@pytest.fixture
def world(session):
    return regrading.world(session)


def facts(session, learner_id):
    return in_force(facts_of(session, learner_id))


def stored(session):
    """Every attempt and response, as they are stored."""
    return [
        session.execute(
            sa.select(*table.__table__.columns).order_by(*table.__table__.primary_key)
        ).all()
        for table in (Attempt, Response)
    ]


def pursued(world, learner_id, requirement=None):
    goal = requirements.publish_goal(
        world.session,
        kind="program",
        key=f"goal-{learner_id}",
        number=1,
        title="目标",
        title_en="Goal",
        requirement=requirement or {"kind": "paper_passed", "paper": world.key},
        now=NOON,
    )
    requirements.pursue(
        world.session, learner_id=learner_id, goal_id=goal, started_on=TODAY, now=NOON
    )
    return goal


def progress(session, learner_id):
    return session.execute(
        sa.select(Progress.state, Progress.percent, Progress.met_on, Progress.parts).where(
            Progress.learner_id == learner_id
        )
    ).one()


def test_a_corrected_key_moves_results_and_leaves_the_facts(world):
    loser = world.sit(*RIGHT)
    winner = world.sit("B", *RIGHT[1:])
    same = world.sit(*WRONG)
    asked = world.version(loser)
    before = stored(world.session)

    made = world.propose(world.terms(asked, world.corrected(asked)))
    assert [world.result(each).earned for each in (loser, winner, same)] == [14, 12, 0]
    world.apply(made)

    assert [world.result(each).earned for each in (loser, winner, same)] == [12, 14, 0]
    assert world.result(loser).first == Standings(14, 14, True)
    assert world.result(same).first == Standings(0, 14, False)  # asked, so told
    assert stored(world.session) == before


def test_who_was_not_asked_is_not_in_it(session):
    world = regrading.world(session, spare=5)
    learners = [world.sit(*RIGHT, seed=seed) for seed in range(8)]
    asked = world.version(learners[0])
    made = world.propose(world.terms(asked, world.corrected(asked)))
    world.apply(made)
    noted = set(session.scalars(sa.select(RegradeResult.learner_id)))
    met = {
        learner_id
        for learner_id in learners
        if any(
            m.version_id == asked.id
            for m in queries.marked(session, learner_id=learner_id, number=1)
        )
    }
    assert noted == met
    assert met < set(learners)


def test_the_record_gets_a_correction_that_names_the_old_fact(world):
    learner = world.sit(*RIGHT)
    asked = world.version(learner)
    made = world.propose(world.terms(asked, world.corrected(asked)))
    world.apply(made)

    old, new = facts_of(world.session, learner)
    assert (new.corrects, new.on, new.subject) == (old.number, old.on, old.subject)
    assert (old.quantity, new.quantity) == (14, 12)
    assert new.detail == {**old.detail, "passed": True, "regrade": made}
    assert facts(world.session, learner) == [new]


def test_where_nothing_moves_the_record_stays(world):
    learner = world.sit(*WRONG)
    asked = world.version(learner)
    world.apply(world.propose(world.terms(asked, world.corrected(asked))))
    assert len(facts_of(world.session, learner)) == 1


def test_a_flip_moves_the_program_and_undoing_moves_it_back(world):
    learner = world.sit("B", "A", "A", "ABD", "C")  # 8 of 14: the line is 8.4
    pursued(world, learner)
    before, told = progress(world.session, learner), world.result(learner)
    asked = world.version(learner)
    made = world.propose(world.terms(asked, world.corrected(asked)))
    assert before.state == "in_progress"

    world.apply(made)
    assert progress(world.session, learner)[:3] == ("met", 100, TODAY)
    assert requirements.rebuild(world.session, now=LATER) == 0

    world.ask_undo(made)
    world.undo(made)
    assert progress(world.session, learner) == before
    assert requirements.rebuild(world.session, now=LATER) == 0
    assert world.result(learner) == told
    assert len(facts_of(world.session, learner)) == 3  # appended, never taken away


@pytest.mark.parametrize(
    ("policy", "earned"),
    [
        (Policy.CURRENT_KEY, (12, 14, 12)),
        (Policy.BEST_OF_BOTH, (14, 14, 12)),
        (Policy.FULL_CREDIT, (14, 14, 14)),
        (Policy.NONE, (14, 12, 12)),
    ],
)
def test_policies(world, policy, earned):
    learners = [world.sit(first, *RIGHT[1:]) for first in ("A", "B", "")]
    asked = world.version(learners[0])
    world.apply(world.propose(world.terms(asked, world.corrected(asked), policy=policy)))
    assert tuple(world.result(each).earned for each in learners) == earned
    assert all(world.result(each).first is not None for each in learners)


def test_a_struck_question_counts_for_everybody(world):
    learner = world.sit(*WRONG)
    world.apply(world.propose(world.terms(world.version(learner), policy=Policy.FULL_CREDIT)))
    assert world.result(learner).earned == 2
    marked = queries.marked(
        world.session,
        learner_id=learner,
        number=1,
        slips=queries.sitting(world.session, learner_id=learner, number=1).slips,
    )
    assert (marked[0].mark.earned, marked[0].first.earned) == (2, 0)
    assert marked[1].first is None


def another_rule(session, full=4):
    rule = builders.added(session, Rule(key="marking-other", kind="marking", current_number=1))
    return builders.added(
        session,
        RuleVersion(
            rule_id=rule.id, number=1, digest="other", title="另一规则", title_en="Another",
            effective_from=TODAY, effective_to=None, source="测试", certainty="settled",
            body={"single_choice": {"full": full}, "multiple_choice": {"full": 4, "each": 2}},
            published_at=NOON,
        ),
    )  # fmt: skip


def test_another_rule_marks_the_whole_paper(world):
    learner = world.sit("A", "A", "C", "AB", "C")
    asked = world.version(learner)
    rule = another_rule(world.session)
    terms = world.terms(
        asked,
        cause=Cause.RULE_CHANGED,
        from_version_id=None,
        paper_version_id=world.paper_version_id,
        marking_rule_id=rule.id,
    )
    assert world.result(learner).earned == 6
    world.apply(world.propose(terms))
    found = queries.sitting(world.session, learner_id=learner, number=1)
    assert (found.result.earned, found.result.out_of) == (12, 20)
    assert found.marking == rule.body


def test_regrades_compose_and_are_undone_in_their_order(world):
    learner = world.sit("B", *RIGHT[1:])
    first, second = world.version(learner, 1), world.version(learner, 2)
    one = world.propose(world.terms(first, world.corrected(first)))
    world.apply(one)
    two = world.propose(world.terms(second, world.corrected(second)))
    world.apply(two)
    assert world.result(learner).earned == 12  # +2, then -2

    world.ask_undo(one)
    with pytest.raises(Conflict) as refusal:
        world.undo(one)
    assert refusal.value.code == "regraded_since"
    world.ask_undo(two)
    world.undo(two)
    assert world.result(learner).earned == 14
    world.undo(one)
    assert world.result(learner).earned == 12
    assert world.result(learner).first is None
    assert [told.is_undo for told in queries.story(world.session, learner, 1)] == [
        False, False, True, True,
    ]  # fmt: skip


# --- two people ---


def test_the_author_cannot_approve(world):
    learner = world.sit(*RIGHT)
    made = world.propose(world.terms(world.version(learner), policy=Policy.FULL_CREDIT))
    with pytest.raises(NotAllowed) as refusal:
        world.apply(made, actor_id=world.author_id)
    assert refusal.value.code == "own_regrade"
    world.apply(made)
    world.ask_undo(made, actor_id=world.approver_id)
    with pytest.raises(NotAllowed):
        world.undo(made, actor_id=world.approver_id)
    world.undo(made, actor_id=world.author_id)


def test_the_database_refuses_one_person_for_both(world, session):
    learner = world.sit(*RIGHT)
    made = world.propose(world.terms(world.version(learner), policy=Policy.FULL_CREDIT))
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(
            sa.update(Regrade)
            .where(Regrade.id == made)
            .values(applied_by=world.author_id, applied_at=LATER)
        )


def test_the_database_refuses_to_change_a_result(world, session):
    learner = world.sit(*RIGHT)
    world.apply(world.propose(world.terms(world.version(learner), policy=Policy.NONE)))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.update(RegradeResult).values(earned=1))


def test_everything_twice_is_once(world, session):
    learner = world.sit(*RIGHT)
    asked = world.version(learner)
    made = world.propose(world.terms(asked, world.corrected(asked)))
    for _ in range(2):
        world.apply(made)
    for _ in range(2):
        world.ask_undo(made)
    for _ in range(2):
        world.undo(made)
    assert session.scalar(sa.select(sa.func.count()).select_from(RegradeResult)) == 2
    assert len(facts_of(session, learner)) == 3
    with pytest.raises(Conflict):
        world.ask_undo(made)


def test_a_withdrawn_proposal_is_not_applied(world):
    learner = world.sit(*RIGHT)
    made = world.propose(world.terms(world.version(learner), policy=Policy.FULL_CREDIT))
    operations.withdraw_regrade(world.session, regrade_id=made, actor_id=world.author_id, now=LATER)
    with pytest.raises(Conflict) as refusal:
        world.apply(made)
    assert refusal.value.code == "withdrawn_regrade"


def test_an_applied_one_cannot_be_withdrawn_and_an_unasked_undo_not_approved(world):
    learner = world.sit(*RIGHT)
    made = world.propose(world.terms(world.version(learner), policy=Policy.FULL_CREDIT))
    with pytest.raises(Conflict) as refusal:
        world.ask_undo(made)
    assert refusal.value.code == "not_applied"
    world.apply(made)
    with pytest.raises(Conflict) as refusal:
        operations.withdraw_regrade(
            world.session, regrade_id=made, actor_id=world.author_id, now=LATER
        )
    assert refusal.value.code == "already_applied"
    with pytest.raises(Conflict) as refusal:
        world.undo(made)
    assert refusal.value.code == "undo_not_asked"


def test_a_dropped_undoing_leaves_it_as_it_is(world):
    learner = world.sit(*WRONG)
    made = world.propose(world.terms(world.version(learner), policy=Policy.FULL_CREDIT))
    world.apply(made)
    world.ask_undo(made)
    operations.drop_undo(world.session, regrade_id=made, actor_id=world.author_id, now=LATER)
    with pytest.raises(Conflict):
        world.undo(made)
    assert world.result(learner).earned == 2


# --- what was tried must still hold ---


def test_what_another_regrade_moved_makes_a_trial_stale(world):
    learner = world.sit("B", *RIGHT[1:])
    asked = world.version(learner)
    terms = world.terms(asked, world.corrected(asked))
    one, two = world.propose(terms), world.propose(terms)
    world.apply(one)
    with pytest.raises(Conflict) as refusal:
        world.apply(two)
    assert refusal.value.code == "stale_regrade"
    assert world.result(learner).earned == 14


def test_an_attempt_that_came_to_light_makes_a_trial_stale(world):
    """It was over before the trial, but handed in only afterwards, as of its deadline."""
    first = world.sit(*RIGHT)
    late = builders.learner(world.session).id
    operations.start(world.session, learner_id=late, paper_key=world.key, seed=7, now=NOON)
    exams.answered(world.session, (late, 1), now=NOON)
    much_later = NOON + timedelta(hours=5)
    made = world.propose(
        world.terms(world.version(first), policy=Policy.FULL_CREDIT), now=much_later
    )
    operations.hand_in_expired(world.session, now=much_later)
    with pytest.raises(Conflict) as refusal:
        world.apply(made, now=much_later)
    assert refusal.value.code == "stale_regrade"


def test_who_hands_in_after_the_trial_is_for_the_next_one(world):
    first = world.sit(*WRONG)
    terms = world.terms(world.version(first), policy=Policy.FULL_CREDIT)
    made = world.propose(terms)
    second = world.sit(*WRONG, now=LATER + timedelta(minutes=1))
    world.apply(made, now=LATER + timedelta(minutes=2))
    assert [world.result(each).earned for each in (first, second)] == [2, 0]
    world.apply(world.propose(terms, now=LATER + timedelta(minutes=3)))
    assert [world.result(each).earned for each in (first, second)] == [2, 2]


# --- refusals ---


def test_a_version_that_looks_different_cannot_give_its_key(world):
    learner = world.sit(*RIGHT)
    asked = world.version(learner)
    other = world.corrected(asked, spec={"options": ["甲", "乙", "丙", "丁"], "answer": "B"})
    with pytest.raises(Invalid) as refusal:
        world.propose(world.terms(asked, other))
    assert refusal.value.code == "looks_different"
    with pytest.raises(Invalid) as refusal:
        world.propose(world.terms(asked, world.version(learner, 2)))
    assert refusal.value.code == "another_question"


def test_what_is_not_there_is_refused(world, session):
    learner = world.sit(*RIGHT)
    asked = world.version(learner)
    with pytest.raises(NotFound):
        world.propose(world.terms(asked, from_version_id=10**6, policy=Policy.FULL_CREDIT))
    with pytest.raises(NotFound):
        world.apply(10**6)
    with pytest.raises(NotFound):
        queries.regrade(session, 10**6)
    with pytest.raises(Conflict) as refusal:
        world.propose(
            world.terms(world.corrected(asked), policy=Policy.FULL_CREDIT)
        )  # nobody was asked that version
    assert refusal.value.code == "nothing_to_regrade"
    for reason, code in (("  ", "blank"), ("长" * 301, "too_long")):
        with pytest.raises(Invalid) as bad:
            world.propose(world.terms(asked, policy=Policy.FULL_CREDIT), reason=reason)
        assert bad.value.code == code


# --- the trail, and what it costs ---


def test_the_trail_tells_everything(world, session):
    learner = world.sit(*WRONG)
    made = world.propose(world.terms(world.version(learner), policy=Policy.FULL_CREDIT))
    world.apply(made)
    world.ask_undo(made)
    world.undo(made)
    told = session.execute(
        sa.select(Entry.verb, Entry.actor_id)
        .where(Entry.verb.like("exams.%regrade%"))
        .order_by(Entry.id)
    ).all()
    assert [tuple(row) for row in told] == [
        ("exams.regrade_proposed", world.author_id),
        ("exams.regrade_applied", world.approver_id),
        ("exams.attempt_regraded", world.approver_id),
        ("exams.regrade_undo_asked", world.author_id),
        ("exams.regrade_undone", world.approver_id),
        ("exams.attempt_regrade_undone", world.approver_id),
    ]
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "exams.attempt_regraded")).one()
    assert entry.subject == f"attempt:{learner}/1"
    assert entry.facts == {"regrade": made, "earned": 2, "out_of": 14, "passed": False}


def cost(world, count_statements, learners):
    for _ in range(learners):
        learner = world.sit(*WRONG)
        pursued(world, learner)
    asked = world.version(world.learners[0])
    made = world.propose(world.terms(asked, policy=Policy.FULL_CREDIT))
    with count_statements() as apply:
        world.apply(made)
    world.ask_undo(made)
    with count_statements() as undo:
        world.undo(made)
    return len(apply), len(undo)


def test_it_costs_the_same_statements_however_many(session, count_statements):
    few = cost(regrading.world(session), count_statements, 2)
    many = cost(regrading.world(session), count_statements, 12)
    assert few == many


# --- merged people ---


def test_a_record_that_was_carried_to_a_survivor_is_corrected_too(world, session, vault):
    sat = world.sit("B", *RIGHT[1:])
    survivor = builders.learner(session).id
    merge_id = people.merge(
        session, survivor_id=survivor, duplicate_id=sat, reason="同一个人", vault=vault,
        above=people.Above(queries.refuse_open_attempt, records.carry_over, records.retract),
        actor=Actor(world.author_id, ()), now=NOON,
    )  # fmt: skip
    asked = world.version(sat)
    made = world.propose(world.terms(asked, world.corrected(asked)))
    world.apply(made)
    assert [fact.quantity for fact in facts(session, survivor)] == [14]
    assert [fact.quantity for fact in facts(session, sat)] == [14]

    people.undo_merge(
        session, merge_id=merge_id, vault=vault,
        above=people.Above(queries.refuse_open_attempt, records.carry_over, records.retract),
        actor=Actor(world.author_id, ()), now=LATER,
    )  # fmt: skip
    assert facts(session, survivor) == []
    world.ask_undo(made)
    world.undo(made)
    assert facts(session, survivor) == []
    assert [fact.quantity for fact in facts(session, sat)] == [12]
