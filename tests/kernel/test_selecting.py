"""Columns past the ORM, in the session's transaction."""

from typing import cast

import sqlalchemy as sa

from lms.kernel.selecting import fetch, put
from lms.kernel.transaction import transaction
from lms.people.models import Person
from tests import builders
from tests.builders import NOON

NAMES = sa.select(Person.name).where(Person.user_name == sa.bindparam("user_name"))
INSERT = sa.insert(cast(sa.Table, Person.__table__))


def row(**values):
    return {"user_name": "p", "name": "新人", "session_epoch": 0, "created_at": NOON} | values


def test_what_waits_in_the_session_is_seen(session):
    session.add(Person(user_name="waits", name="等待", created_at=NOON))
    assert fetch(session, NAMES, {"user_name": "waits"}).scalar() == "等待"


def test_rows_are_there_for_the_session(session):
    put(session, INSERT, [row(user_name="one"), row(user_name="two")])
    assert session.scalar(sa.select(sa.func.count()).where(Person.name == "新人")) == 2


def test_each_transaction_is_asked_for_its_own_connection(session):
    person = builders.person(session, user_name="p1", name="以前")
    fetch(session, NAMES, {"user_name": "p1"}).all()
    with transaction(session):
        put(session, sa.update(Person).where(Person.id == person.id).values(name="以后"))
    assert fetch(session, NAMES, {"user_name": "p1"}).scalar() == "以后"


def test_a_rollback_undoes_what_was_put(session):
    with session.begin_nested() as inner:
        put(session, INSERT, row(user_name="gone"))
        inner.rollback()
    assert fetch(session, NAMES, {"user_name": "gone"}).all() == []
