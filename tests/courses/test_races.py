"""The same deed by an impatient phone many times at once, on real databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.courses import operations
from lms.courses.models import Enrollment, FirstAnswer, LessonProgress
from lms.kernel.transaction import transaction
from lms.records.models import Record
from tests.builders import NOON, learner
from tests.courses.builders import RIGHT, answer, complete, published

SENDERS = 6


@pytest.fixture
def race(own_engine, tmp_path):
    """A learner who did all but the last lesson, in a database of its own, and a way to race."""
    with Session(own_engine) as session, transaction(session):
        published(session, tmp_path)
        person = SimpleNamespace(id=learner(session).id)
    start = Barrier(SENDERS)

    def at_once(deed):
        def send(_number):
            start.wait()
            with Session(own_engine) as session, transaction(session):
                return deed(session, person)

        with ThreadPoolExecutor(SENDERS) as pool:
            return list(pool.map(send, range(SENDERS)))

    return SimpleNamespace(engine=own_engine, person=person, at_once=at_once)


def count(race, table):
    with Session(race.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table))


def test_the_first_answer_sent_at_once_is_one_answer(race):
    found = race.at_once(lambda session, person: answer(session, person, chosen="A"))
    assert {reply.tries for reply in found} == {1}
    assert [count(race, t) for t in (Enrollment, LessonProgress, FirstAnswer)] == [1, 1, 1]


def test_two_checks_answered_at_once_are_both_kept(race):
    keys = iter([*RIGHT] * SENDERS)
    race.at_once(lambda session, person: answer(session, person, check_key=next(keys)))
    with Session(race.engine) as session:
        stored = session.scalar(sa.select(LessonProgress.checks))
    assert {key: found["right"] for key, found in stored.items()} == {"c1": True, "c2": True}


def test_the_last_lesson_completed_at_once_credits_hours_once(race):
    with Session(race.engine) as session, transaction(session):
        complete(session, race.person, "who")
        complete(session, race.person, "how")
        for key in RIGHT:
            answer(session, race.person, "after", key)
    race.at_once(
        lambda session, person: operations.complete_lesson(
            session, learner_id=person.id, course_key="basics", lesson_key="after", now=NOON
        )
    )
    assert count(race, Record) == 5
