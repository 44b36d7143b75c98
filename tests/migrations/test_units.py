"""A database from before marks had units: what is there was marked in half points."""

import pytest
import sqlalchemy as sa

from lms.exams.models import Attempt
from lms.migrations import runner
from lms.practice.models import DrillAnswer
from tests.builders import NOON
from tests.exams import builders as exams

BEFORE = "202611242000"
WHO = {"learner_id": 1, "number": 1}
ATTEMPT = {
    **WHO,
    "paper_version_id": 1,
    "marking_rule_id": 1,
    "pass_line_id": 1,
    "state": "submitted",
    "seed": 1,
    "slots": [],
    "answers": {},
    "started_at": NOON.replace(tzinfo=None),
    "deadline_at": NOON.replace(tzinfo=None),
    "earned": 3,
    "out_of": 4,
}
ANSWER = {
    **WHO,
    "question_id": 1,
    "question_version_id": 1,
    "token": "t",
    "chosen": "A",
    "earned": 1,
    "out_of": 2,
    "answered_at": NOON.replace(tzinfo=None),
}


def test_attempts_and_answers_that_are_there_are_in_half_points(empty_engine):
    runner.upgrade(empty_engine, to=BEFORE)
    old = sa.MetaData()
    old.reflect(empty_engine, only=("attempt", "drill_answer"))
    # these rows stand alone: what they refer to is nothing to the migration
    plain = sa.create_engine(empty_engine.url)
    with plain.connect() as connection:
        if plain.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.execute(sa.insert(old.tables["attempt"]), ATTEMPT)
        connection.execute(sa.insert(old.tables["drill_answer"]), ANSWER)
        connection.commit()
    plain.dispose()
    runner.upgrade(empty_engine)
    with sa.orm.Session(empty_engine) as session:
        assert session.execute(sa.select(Attempt.unit, Attempt.earned)).all() == [(2, 3)]
        assert session.execute(sa.select(DrillAnswer.unit, DrillAnswer.earned)).all() == [(2, 1)]
    with empty_engine.connect() as connection:
        assert runner.differences(connection) == []


def test_an_attempt_without_a_unit_cannot_be_stored(session):
    learner_id, number = exams.started(session)
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(
            sa.update(Attempt)
            .where(Attempt.learner_id == learner_id, Attempt.number == number)
            .values(unit=None)
        )
