"""Copies of papers that were handed in, and what is told of saving beside them."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import responses
from bench.figures import Pair, Turn
from bench.floor.tables import attempt, response
from bench.report import Growth
from lms.exams import operations
from tests import builders
from tests.builders import NOON
from tests.exams.builders import started


def test_a_paper_is_copied_with_its_answers(own_engine):
    with Session(own_engine) as session:
        learner_id, number = started(session)
        operations.submit(session, learner_id=learner_id, number=number, now=NOON)
        other = builders.learner(session).id
        session.commit()
    copied = responses.Copied(learner_id, number, times=3)
    responses.copy(own_engine, copied, [learner_id, other])
    with own_engine.connect() as connection:
        papers = connection.execute(sa.select(attempt.c.learner_id, attempt.c.number)).all()
        answers = connection.scalar(sa.select(sa.func.count()).select_from(response))
    new = [responses.FIRST + n for n in range(3)]
    assert sorted(papers) == sorted(
        [(learner_id, number), *((who, n) for who in (learner_id, other) for n in new)]
    )
    assert answers == 5 * (1 + 2 * 3)


@pytest.mark.parametrize(
    ("cpu_seconds", "words"),
    [
        (1.29, "< 1.3 met"),
        (1.31, "< 1.3 MISSED"),
    ],
)
def test_it_says_whether_saving_still_costs_the_same(cpu_seconds, words):
    turns = [Turn(1, 1.0, (0.1,), seconds) for seconds in (cpu_seconds, 1.0)]
    told = responses.told([Growth("save", (Pair(*turns),))])
    assert told.splitlines()[-1].endswith(words)
