"""One page sent by an impatient phone many times at once, on real databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.transaction import transaction
from lms.practice.models import DrillAnswer, ReviewCard
from tests.builders import learner
from tests.practice.builders import answer
from tests.question_bank.builders import marking_rule, question

SENDERS = 6


@pytest.mark.parametrize("tokens", [["page"] * SENDERS, [f"page-{n}" for n in range(SENDERS)]])
def test_as_many_answers_as_pages_however_often_they_are_sent(own_engine, tokens):
    with Session(own_engine) as session, transaction(session):
        marking_rule(session)
        person, version = learner(session), question(session)
        person_id, version_id = person.id, version.id
    start = Barrier(SENDERS)

    def send(token):
        start.wait()
        with Session(own_engine) as session, transaction(session):
            return answer(
                session,
                SimpleNamespace(id=person_id),
                SimpleNamespace(id=version_id),
                "A",
                token=token,
            )

    with ThreadPoolExecutor(SENDERS) as pool:
        numbers = sorted(pool.map(send, tokens))

    pages = len(set(tokens))
    assert numbers == ([1] * SENDERS if pages == 1 else list(range(1, SENDERS + 1)))
    with Session(own_engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(DrillAnswer)) == pages
        assert session.scalars(sa.select(ReviewCard.tries)).all() == [pages]
