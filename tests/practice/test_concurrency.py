"""One page sent by an impatient phone many times at once, on real databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.databases import make_engine
from lms.kernel.transaction import transaction
from lms.migrations.runner import upgrade
from lms.practice.models import DrillAnswer, ReviewCard
from tests.builders import learner
from tests.practice.builders import answer
from tests.question_bank.builders import marking_rule, question

SENDERS = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    """An engine on an empty database of its own: threads must see committed rows."""
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path / 'practice.sqlite3'}")
    else:
        server = make_engine(request.getfixturevalue("postgres_url"))
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("DROP DATABASE IF EXISTS practice_race")
            connection.exec_driver_sql("CREATE DATABASE practice_race")
        url = server.url.set(database="practice_race")
        server.dispose()
        made = make_engine(url.render_as_string(hide_password=False))
    upgrade(made)
    yield made
    made.dispose()


@pytest.mark.parametrize("tokens", [["page"] * SENDERS, [f"page-{n}" for n in range(SENDERS)]])
def test_as_many_answers_as_pages_however_often_they_are_sent(fresh, tokens):
    with Session(fresh) as session, transaction(session):
        marking_rule(session)
        person, version = learner(session), question(session)
        person_id, version_id = person.id, version.id
    start = Barrier(SENDERS)

    def send(token):
        start.wait()
        with Session(fresh) as session, transaction(session):
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
    with Session(fresh) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(DrillAnswer)) == pages
        assert session.scalars(sa.select(ReviewCard.tries)).all() == [pages]
