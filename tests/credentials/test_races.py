"""Two at once, on a real file and on a real server: one deed, one credential, one event."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.credentials import operations
from lms.credentials.models import Credential, CredentialEvent
from lms.kernel.errors import Conflict
from lms.kernel.transaction import transaction
from tests import builders
from tests.builders import NOON, TODAY
from tests.credentials.builders import complete, credential, entropy, join, program

MANY = 8


def at_once(own_engine, deed):
    """Do a deed many times at the same moment; return what each answered or was refused with."""
    start = Barrier(MANY)

    def one(number):
        start.wait()
        try:
            with Session(own_engine) as session, transaction(session):
                return deed(session, number)
        except Conflict as refusal:
            return refusal.code

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def count(own_engine, table):
    with Session(own_engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table))


def test_a_claim_sent_many_times_at_once_is_one_credential(own_engine):
    with Session(own_engine) as session, transaction(session):
        learner_id = (learner := builders.learner(session)).id
        key = program(session)
        join(session, learner, key)
        complete(session, learner)

    def claim(session, number):
        return operations.claim(
            session,
            learner_id=learner_id,
            program_key=key,
            entropy=entropy(number),
            now=NOON + timedelta(seconds=number),
        )

    assert len(set(at_once(own_engine, claim))) == 1
    assert count(own_engine, Credential) == 1


@pytest.mark.parametrize("alike", [True, False], ids=["the same deed", "another reason each"])
def test_a_revocation_by_many_at_once_is_one_event(own_engine, alike):
    with Session(own_engine) as session, transaction(session):
        code = credential(session).code

    def revoke(session, number):
        operations.revoke(
            session,
            code=code,
            on=TODAY,
            reason="原因" if alike else f"原因{number}",
            authority="某局",
            actor_id=None,
            now=NOON,
        )

    answers = at_once(own_engine, revoke)
    assert count(own_engine, CredentialEvent) == 1
    refused = 0 if alike else MANY - 1
    assert answers.count("already_revoked") == refused
