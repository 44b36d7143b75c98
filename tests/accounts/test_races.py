"""Two at once: a code, a link, a failure count once."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Account, OldPassword, RecoveryCode
from lms.accounts.operations import factors, helping, identities, passwords, signing_in
from lms.accounts.types import Identity, Origin
from lms.kernel.errors import Conflict
from lms.kernel.transaction import transaction
from lms.people.models import Person
from tests import builders
from tests.accounts import builders as accounts
from tests.builders import NOON

AT_ONCE = 6
ORIGIN = Origin("", "")


@pytest.fixture
def at_once(own_engine):
    """Let several threads do a deed at the same moment; return what came of each."""

    def at_once(deed):
        begin, outcomes = threading.Barrier(AT_ONCE), []

        def work(number):
            with Session(own_engine) as session:
                begin.wait(10)
                try:
                    with transaction(session):
                        found = deed(session, number)
                    outcomes.append(found)
                except Conflict as refusal:
                    outcomes.append(refusal.code)

        threads = [threading.Thread(target=work, args=[n]) for n in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return outcomes

    return at_once


@pytest.fixture
def person_id(own_engine, vault):
    with Session(own_engine) as session, transaction(session):
        made = accounts.learner(session)
        accounts.add_factor(session, made, vault)
        return made.id


def rows(engine, statement):
    with Session(engine) as session:
        return session.execute(statement).all()


def test_a_code_lets_one_of_several_in(at_once, person_id, vault):
    code = accounts.code_at(NOON)
    found = at_once(
        lambda session, _n: factors.use_code(
            session, person_id=person_id, code=code, vault=vault, now=NOON
        )
    )
    assert sorted(map(str, found)) == ["None"] * (AT_ONCE - 1) + ["totp"]


def test_a_recovery_code_too(own_engine, at_once, person_id, vault):
    with Session(own_engine) as session, transaction(session):
        code = factors.renew_codes(session, person_id=person_id, vault=vault, now=NOON)[0]
    found = at_once(
        lambda session, _n: factors.use_code(
            session, person_id=person_id, code=code, vault=vault, now=NOON
        )
    )
    assert sorted(map(str, found)) == ["None"] * (AT_ONCE - 1) + ["recovery"]
    used = sa.select(RecoveryCode.digest).where(RecoveryCode.used_at.is_not(None))
    assert len(rows(own_engine, used)) == 1


def test_a_link_is_used_by_one_of_several(own_engine, at_once, person_id, vault):
    with Session(own_engine) as session, transaction(session):
        (slip,) = helping.make_links(session, person_ids=[person_id], vault=vault, now=NOON, days=7, actor_id=None)  # fmt: skip
    found = at_once(
        lambda session, n: helping.use_link(
            session, token=slip.token, password_hash=f"hash {n}", vault=vault, now=NOON
        )
    )
    assert sorted(found) == ["used_link"] * (AT_ONCE - 1) + ["yang.mei"]
    assert len(rows(own_engine, sa.select(OldPassword.id))) == 1


def test_no_failure_is_lost(own_engine, at_once, vault):
    """Also the first ones, when there is no account yet."""
    with Session(own_engine) as session, transaction(session):
        person_id = builders.person(session).id
    at_once(
        lambda session, _n: signing_in.note_failure(
            session, person_id=person_id, typed="", origin=ORIGIN, now=NOON
        )
    )
    ((failures, rounds),) = rows(own_engine, sa.select(Account.failures, Account.lock_rounds))
    assert (failures, rounds) == (0, 1)  # the fifth locked, the sixth does not count


def test_of_two_who_change_one_password_the_second_is_told(own_engine, at_once, person_id):
    found = at_once(
        lambda session, n: passwords.put_password(
            session, person_id=person_id, password_hash=f"hash {n}", now=NOON, actor_id=person_id, expected_epoch=0
        )
    )  # fmt: skip
    assert sorted(map(str, found)) == ["1"] + ["changed_meanwhile"] * (AT_ONCE - 1)
    assert rows(own_engine, sa.select(Person.session_epoch)) == [(1,)]


def test_an_identity_signs_in_one_person(own_engine, at_once):
    with Session(own_engine) as session, transaction(session):
        ids = [builders.person(session).id for _ in range(AT_ONCE)]
    identity = Identity("https://issuer.example", "s1")
    found = at_once(
        lambda session, n: identities.link_identity(
            session, person_id=ids[n], identity=identity, now=NOON, proof="password"
        )
    )
    assert sorted(map(str, found)) == ["None"] + ["identity_taken"] * (AT_ONCE - 1)


def test_several_ask_for_help_of_one(own_engine, at_once, person_id, vault):
    at_once(
        lambda session, _n: helping.ask_for_help(session, typed="yang.mei", vault=vault, now=NOON)
    )
    lines = rows(
        own_engine, sa.text("SELECT verb FROM audit_entry WHERE verb = 'accounts.help_asked'")
    )
    assert len(lines) == 1
