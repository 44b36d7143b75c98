"""Papers marked anew while others act, on a real file and on a real server."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import operations, queries
from lms.exams.models import Regrade, RegradeResult
from lms.exams.types import Policy, State
from lms.kernel.errors import DomainError
from lms.kernel.transaction import transaction
from lms.people.types import Role
from lms.records.queries import facts_of
from lms.records.types import in_force
from lms.requirements import operations as requirements
from tests import builders
from tests.builders import NOON
from tests.exams import regrading
from tests.exams.regrading import LATER

MANY = 8
WRONG = ("C", "C", "C", "C", "C")


@pytest.fixture
def made(own_engine):
    """A struck question that four people were asked, proposed, and somebody still at the paper."""
    with Session(own_engine) as session:
        world = regrading.world(session)
        for _ in range(4):
            world.sit(*WRONG)
        asked = world.version(world.learners[0])
        regrade_id = world.propose(world.terms(asked, policy=Policy.FULL_CREDIT))
        with transaction(session):
            late = builders.learner(session).id
            operations.start(session, learner_id=late, paper_key=world.key, seed=7, now=NOON)
            approvers = [builders.with_role(session, Role.REVIEWER).id for _ in range(MANY)]
        return regrade_id, tuple(world.learners), late, approvers


def at_once(own_engine, deeds):
    start = Barrier(len(deeds))

    def run(deed):
        start.wait()
        with Session(own_engine) as session:
            try:
                with transaction(session, before_commit=(requirements.refresh,)):
                    return deed(session)
            except DomainError as refusal:
                return refusal.code

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def applying(regrade_id, actor_id, now=LATER):
    return lambda session: operations.apply_regrade(
        session, regrade_id=regrade_id, actor_id=actor_id, now=now
    )


def earned(session, learner_id):
    return queries.sitting(session, learner_id=learner_id, number=1).result.earned


def test_many_approvals_at_once_are_one(own_engine, made):
    regrade_id, learners, _late, approvers = made
    answers = at_once(own_engine, [applying(regrade_id, each) for each in approvers])
    assert answers == [None] * MANY
    with Session(own_engine) as session:
        rows = session.scalar(sa.select(sa.func.count()).select_from(RegradeResult))
        assert rows == len(learners)
        assert [earned(session, each) for each in learners] == [2] * len(learners)
        for each in learners:
            facts = facts_of(session, each)
            assert (len(facts), len(in_force(facts))) == (2, 1)


def test_who_hands_in_meanwhile_gets_one_result_and_is_for_the_next_one(own_engine, made):
    regrade_id, learners, late, approvers = made
    minute = LATER + timedelta(minutes=1)
    answers = at_once(
        own_engine,
        [
            applying(regrade_id, approvers[0], now=minute),
            *[
                lambda session: operations.submit(
                    session, learner_id=late, number=1, actor_id=late, now=minute
                )
            ]
            * 4,
        ],
    )
    assert len(set(answers[1:])) == 1
    with Session(own_engine) as session:
        found = queries.sitting(session, learner_id=late, number=1)
        assert (found.state, found.result.earned) == (State.SUBMITTED, 0)
        assert [earned(session, each) for each in learners] == [2] * len(learners)
        deed = queries.regrade(session, regrade_id)
        again = queries.compare(session, deed.terms, looked_at=minute)
        assert {c.sat.learner_id for c in again if c.is_change} == {late}


def test_of_two_trials_of_the_same_only_one_is_applied(own_engine, made):
    regrade_id, learners, _late, approvers = made
    with Session(own_engine) as session, transaction(session):
        deed = queries.regrade(session, regrade_id)
        other = operations.propose_regrade(
            session, terms=deed.terms, reason="再提一次", actor_id=approvers[0], now=LATER
        )
    answers = at_once(
        own_engine, [applying(regrade_id, approvers[1]), applying(other, approvers[2])]
    )
    assert sorted(map(str, answers)) == ["None", "stale_regrade"]
    with Session(own_engine) as session:
        applied = session.scalar(sa.select(sa.func.count()).where(Regrade.applied_at.is_not(None)))
        assert applied == 1
        assert [earned(session, each) for each in learners] == [2] * len(learners)


def test_two_undoings_at_once_are_one(own_engine, made):
    regrade_id, learners, _late, approvers = made
    with Session(own_engine) as session:
        with transaction(session):
            operations.apply_regrade(
                session, regrade_id=regrade_id, actor_id=approvers[0], now=LATER
            )
        with transaction(session):
            operations.ask_undo(
                session, regrade_id=regrade_id, reason="改错了", actor_id=approvers[0], now=LATER
            )
    undo = [
        lambda session, actor=actor: operations.approve_undo(
            session, regrade_id=regrade_id, actor_id=actor, now=LATER
        )
        for actor in approvers[1:5]
    ]
    assert at_once(own_engine, undo) == [None] * 4
    with Session(own_engine) as session:
        rows = session.scalar(sa.select(sa.func.count()).select_from(RegradeResult))
        assert rows == 2 * len(learners)
        assert [earned(session, each) for each in learners] == [0] * len(learners)
