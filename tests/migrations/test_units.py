"""A database from before marks had units: what is there was marked in half points."""

import pytest
import sqlalchemy as sa

from lms.exams import operations, queries
from lms.exams.models import Attempt
from lms.migrations import runner
from lms.practice.models import DrillAnswer
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams

BEFORE = "202611241710"


def test_attempts_and_answers_that_are_there_are_in_half_points(own_engine):
    with sa.orm.Session(own_engine) as session:
        learner_id, number = exams.started(session)
        result = operations.submit(session, learner_id=learner_id, number=number, now=NOON)
        question = exams.question(session)
        builders.added(
            session,
            DrillAnswer(
                learner_id=learner_id,
                number=1,
                question_id=question.question_id,
                question_version_id=question.id,
                token="t",
                chosen="A",
                earned=1,
                out_of=2,
                answered_at=NOON,
            ),
        )
        session.commit()
    with own_engine.begin() as connection:
        for table in ("attempt", "drill_answer"):
            connection.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN unit"))
        connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{BEFORE}'"))
    runner.upgrade(own_engine)
    with sa.orm.Session(own_engine) as session:
        found = queries.sitting(session, learner_id=learner_id, number=number)
        assert found.result == result
        assert result.unit == 2
        assert session.scalars(sa.select(DrillAnswer.unit)).all() == [2]
    with own_engine.connect() as connection:
        assert runner.differences(connection) == []


def test_an_attempt_without_a_unit_cannot_be_stored(session):
    learner_id, number = exams.started(session)
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(
            sa.update(Attempt)
            .where(Attempt.learner_id == learner_id, Attempt.number == number)
            .values(unit=None)
        )
