"""Columns past the ORM, in the session's transaction."""

from typing import cast

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.selecting import fetch, put
from lms.kernel.transaction import LateSession, transaction
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


@pytest.fixture
def late(own_engine):
    with LateSession(own_engine, join_transaction_mode="control_fully") as session:
        yield session


def names(engine):
    with engine.connect() as connection:
        return set(connection.scalars(sa.select(Person.name)))


def test_a_page_that_only_fetches_needs_no_transaction_of_the_orm(late):
    assert fetch(late, NAMES, {"user_name": "nobody"}).all() == []
    assert not late.in_transaction()
    assert late.get_bind() is late.early()


def test_the_connection_is_given_back(late, own_engine):
    for end in (late.rollback, late.close):
        fetch(late, NAMES, {"user_name": "nobody"}).all()
        assert own_engine.pool.checkedout() == 1
        end()
        assert own_engine.pool.checkedout() == 0


def test_a_deed_goes_on_with_the_connection_of_its_page(late, own_engine):
    fetch(late, NAMES, {"user_name": "nobody"}).all()
    early = late.early()
    late.commit()
    assert not early.in_transaction()  # nobody is kept waiting by what was read
    with transaction(late):
        assert late.connection() is early
        put(late, INSERT, row(user_name="deed"))
    assert own_engine.pool.checkedout() == 0
    assert names(own_engine) == {"新人"}
    with pytest.raises(ZeroDivisionError), transaction(late):
        put(late, INSERT, row(user_name="undone", name="不留"))
        raise ZeroDivisionError
    assert own_engine.pool.checkedout() == 0
    assert names(own_engine) == {"新人"}


def test_a_deed_after_a_page_takes_the_write_lock_when_it_begins(late, own_engine):
    fetch(late, NAMES, {"user_name": "nobody"}).all()
    sent = []
    note = lambda _conn, _cursor, statement, *_rest: sent.append(statement)  # noqa: E731
    sa.event.listen(own_engine, "before_cursor_execute", note)
    with transaction(late):
        put(late, INSERT, row(user_name="deed"))
    if own_engine.dialect.name == "sqlite":
        assert sent[0] == "BEGIN IMMEDIATE"
    assert sum(statement.startswith("INSERT") for statement in sent) == 1


def test_the_orm_goes_on_where_the_page_began(late, own_engine):
    fetch(late, NAMES, {"user_name": "nobody"}).all()
    early = late.early()
    assert late.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
    assert late.connection() is early
    assert late.early() is None
    fetch(late, NAMES, {"user_name": "nobody"}).all()
    assert own_engine.pool.checkedout() == 1


def test_what_the_orm_adds_after_a_fetch_is_committed(late, own_engine):
    fetch(late, NAMES, {"user_name": "nobody"}).all()
    late.add(Person(user_name="added", name="加", created_at=NOON))
    assert fetch(late, NAMES, {"user_name": "added"}).scalar() == "加"
    late.commit()
    assert names(own_engine) == {"加"}


def test_what_is_put_after_a_fetch_is_committed_or_not(late, own_engine):
    fetch(late, NAMES, {"user_name": "nobody"}).all()
    put(late, INSERT, row(user_name="gone", name="不留"))
    late.rollback()
    fetch(late, NAMES, {"user_name": "nobody"}).all()
    put(late, INSERT, row(user_name="kept", name="留"))
    late.commit()
    assert names(own_engine) == {"留"}


def test_a_writing_transaction_sees_what_others_wrote_since_the_fetch(late, own_engine):
    assert fetch(late, NAMES, {"user_name": "other"}).all() == []
    with Session(own_engine) as other, transaction(other):
        put(other, INSERT, row(user_name="other", name="别人"))
    with transaction(late):
        assert fetch(late, NAMES, {"user_name": "other"}).scalar() == "别人"
        put(late, sa.update(Person).values(name="改过"))
    assert names(own_engine) == {"改过"}


def test_after_a_fault_a_rollback_makes_it_answer_again(late):
    with pytest.raises(sa.exc.DBAPIError):
        fetch(late, sa.select(sa.text("no_such_column")).select_from(Person))
    late.rollback()
    assert fetch(late, NAMES, {"user_name": "nobody"}).all() == []


def test_a_lent_connection_keeps_its_own_transaction(own_engine):
    with own_engine.connect() as lent:
        outer = lent.begin()
        with LateSession(lent, join_transaction_mode="create_savepoint") as session:
            put(session, INSERT, row(user_name="lent", name="借"))
            session.commit()
            assert fetch(session, NAMES, {"user_name": "lent"}).scalar() == "借"
            assert session.early() is None
        outer.rollback()
    assert names(own_engine) == set()


def test_a_deed_that_only_fetches_and_puts_needs_no_transaction_of_the_orm(late, own_engine):
    with transaction(late):
        fetch(late, NAMES, {"user_name": "nobody"}).all()
        put(late, INSERT, row(user_name="put", name="放"))
        assert not late.in_transaction()
    assert own_engine.pool.checkedout() == 0
    assert names(own_engine) == {"放"}
    assert fetch(late, NAMES, {"user_name": "put"}).scalar() == "放"
    late.commit()
    with pytest.raises(ZeroDivisionError), transaction(late):
        put(late, INSERT, row(user_name="undone"))
        raise ZeroDivisionError
    assert names(own_engine) == {"放"}


def test_the_orm_goes_on_in_a_deed_that_was_begun_without_it(late, own_engine):
    for add_is_last in (True, False):
        name = f"加{add_is_last}"
        with transaction(late):
            put(late, INSERT, row(user_name=f"put {add_is_last}", name=name))
            late.add(Person(user_name=f"added {add_is_last}", name=name, created_at=NOON))
            if not add_is_last:
                assert fetch(late, NAMES, {"user_name": "added False"}).scalar() == name
        assert own_engine.pool.checkedout() == 0
    with pytest.raises(ZeroDivisionError), transaction(late):
        put(late, INSERT, row(user_name="undone"))
        late.add(Person(user_name="undone too", name="不留", created_at=NOON))
        late.flush()
        raise ZeroDivisionError
    assert names(own_engine) == {"加True", "加False"}


def test_what_a_deed_nested_in_another_undoes_leaves_the_rest(late, own_engine):
    with transaction(late):
        put(late, INSERT, row(user_name="outer", name="外"))
        with late.begin_nested() as inner:
            put(late, INSERT, row(user_name="inner", name="内"))
            inner.rollback()
    assert names(own_engine) == {"外"}
