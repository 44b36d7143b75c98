"""Many at once, on a real file and on a real server."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exam_sessions import operations, queries
from lms.exam_sessions.models import PoolPaper, SessionAttempt, SessionSeat
from lms.exam_sessions.operations import preparing
from lms.exam_sessions.types import Plan
from lms.exams.models import Attempt
from lms.kernel.transaction import transaction
from lms.people.types import Role
from tests import builders
from tests.builders import NOON
from tests.exam_sessions.builders import CLOSES, LAST, made
from tests.exams.test_races import at_once, count

MINUTE = timedelta(minutes=1)


@pytest.fixture
def room(own_engine):
    """A session that anybody may join, with three papers in its pool, and five learners."""
    with Session(own_engine) as session, transaction(session):
        county = builders.organization(session, kind="county")
        teacher = builders.with_role(session, Role.INSTRUCTOR, at=county).id
        learners = [builders.learner(session, at=county).id for _ in range(5)]
        made_id = made(session, county, code="AB12", anybody=True, pool=3)
        waiting = preparing.begin(session, made_id, now=NOON)
        preparing.draw_some(session, made_id, waiting, now=NOON)
        return made_id, county.id, teacher, learners


def starting(made_id, learner_id):
    return lambda session: operations.start(
        session, learner_id=learner_id, session_id=made_id, said="AB12", seed=1, now=LAST
    )


def test_everybody_has_one_attempt_and_no_two_the_same_paper_of_the_pool(own_engine, room):
    made_id, _county, _teacher, learners = room
    numbers = at_once(own_engine, [starting(made_id, one) for one in learners * 3])

    assert set(numbers) == {1}
    with Session(own_engine) as session:
        assert count(session, Attempt) == count(session, SessionAttempt) == len(learners)
        assert count(session, SessionSeat) == len(learners)
        takers = session.scalars(sa.select(PoolPaper.learner_id)).all()
        assert len(set(takers)) == len(takers) == 3
        assert set(takers) <= set(learners)


def test_an_extension_in_the_middle_of_starts_is_for_all(own_engine, room):
    made_id, county_id, teacher, learners = room

    def extending(session):
        return operations.extend(
            session, made_id, minutes=15, reason="停电", revision=1, scope=[county_id],
            actor_id=teacher, now=LAST,
        )  # fmt: skip

    # two clicks: one of them counts
    done = at_once(
        own_engine, [*(starting(made_id, one) for one in learners), extending, extending]
    )
    assert "changed_meanwhile" in done[-2:]
    with Session(own_engine) as session:
        assert set(session.scalars(sa.select(Attempt.deadline_at))) == {CLOSES + 15 * MINUTE}
        assert queries.session_text(session, made_id).window.closes_at == CLOSES + 15 * MINUTE


def test_one_form_from_two_tabs_is_one_session(own_engine, room):
    _made, county_id, teacher, _learners = room
    with Session(own_engine) as session:
        before = queries.session_text(session, room[0])
    wanted = Plan("第二场", before.paper_version_id, county_id, before.window)

    def making(session):
        return operations.make(
            session, wanted, form_key="one", scope=[county_id], actor_id=teacher, now=NOON
        )

    assert len(set(at_once(own_engine, [making] * 4))) == 1
