"""Two people at once, on a real server."""

import threading
from itertools import count

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import Conflict
from lms.kernel.transaction import transaction
from lms.privacy import operations, queries
from lms.privacy.models import Consent, CorrectionRequest
from lms.privacy.types import Outcome
from tests.builders import NOON, learner
from tests.privacy.builders import answered, asked, clerk, county, published


@pytest.fixture
def office(own_engine, vault):
    with Session(own_engine) as session, transaction(session):
        published(session)
        place = county(session)
        one, first, second = (
            learner(session, at=place),
            clerk(session, place),
            clerk(session, place),
        )
        asked(session, one, vault)
        session.flush()
        return own_engine, place.id, one.id, (first.id, second.id)


def at_once(*deeds):
    threads = [threading.Thread(target=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_two_clerks_one_answers(office, vault):
    engine, place_id, one_id, clerks = office
    told, barrier = [], threading.Barrier(2)

    def answer(actor_id, outcome):
        with Session(engine) as session:
            barrier.wait()
            try:
                with transaction(session):
                    operations.answer_correction(
                        session, learner_id=one_id, number=1, scope={place_id}, outcome=outcome,
                        answer=str(outcome), vault=vault, actor_id=actor_id, now=NOON,
                    )  # fmt: skip
                    told.append("ok")
            except Conflict as refusal:
                told.append(refusal.code)

    at_once(lambda: answer(clerks[0], Outcome.DONE), lambda: answer(clerks[1], Outcome.REFUSED))
    assert sorted(told) == ["answered", "ok"]
    with Session(engine) as session:
        assert session.scalars(sa.select(CorrectionRequest.outcome)).one() in {"done", "refused"}


def test_the_same_form_sent_twice_at_once_is_one_request(office, vault):
    engine, _place, one_id, _clerks = office
    numbers, barrier = [], threading.Barrier(2)

    def ask():
        with Session(engine) as session:
            barrier.wait()
            with transaction(session):
                person = type("P", (), {"id": one_id})
                numbers.append(asked(session, person, vault, token="twice"))

    at_once(ask, ask)
    assert numbers == [2, 2]


def test_answers_given_at_once_are_numbered_one_after_the_other(office):
    engine, _place, one_id, _clerks = office
    barrier, serial = threading.Barrier(2), count()

    def give(key):
        with Session(engine) as session:
            barrier.wait()
            with transaction(session):
                answered(session, type("P", (), {"id": one_id}), key)
        next(serial)

    at_once(lambda: give("public_name"), lambda: give("evaluation"))
    with Session(engine) as session:
        assert session.scalars(sa.select(Consent.number).order_by(Consent.number)).all() == [1, 2]
        assert queries.history(session, one_id)[0].number == 2
