"""Judging everybody anew while somebody learns, on a real server."""

import threading
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.transaction import transaction
from lms.people.operations import lock_learner
from lms.requirements import operations
from lms.requirements.models import Progress
from lms.requirements.types import State
from tests import builders
from tests.builders import NOON, TODAY
from tests.requirements.builders import leaf
from tests.requirements.test_operations import complete, goal


def test_judging_anew_waits_for_a_deed_and_sees_it(own_engine):
    """Else it could read before the deed, write after it, and put the old state back."""
    with Session(own_engine) as session, transaction(session):
        person_id = builders.person(session).id
        goal_id = goal(session, leaf("a"))
        operations.pursue(
            session, learner_id=person_id, goal_id=goal_id, started_on=TODAY, now=NOON
        )

    begun, done = threading.Event(), threading.Event()

    def judge():
        begun.set()
        with Session(own_engine) as session, transaction(session):
            operations.rebuild(session, now=NOON + timedelta(days=1))
        done.set()

    judging = threading.Thread(target=judge)
    with (
        Session(own_engine) as session,
        transaction(session, before_commit=[operations.refresh]),
    ):
        lock_learner(session, person_id)
        judging.start()
        begun.wait()
        assert not done.wait(timeout=0.5)
        complete(session, person_id, "a")
    judging.join()
    with Session(own_engine) as session:
        assert session.scalars(sa.select(Progress.state)).one() == State.MET
