"""Subtree questions use the closures' indexes on both databases, today and on a past day."""

import pytest
import sqlalchemy as sa

from lms.organizations import operations, queries
from tests.builders import TODAY
from tests.organizations.builders import deed, province


@pytest.fixture
def asked(session):
    """Run a read and return its one statement with what was passed to it."""
    here = province(session)
    operations.move(session, here["station"].id, here["elsewhere"].id, deed())
    session.flush()

    def asked(read):
        seen = []

        def note(_conn, _cursor, statement, parameters, *_rest):
            seen.append((statement, parameters))

        engine = session.get_bind().engine
        sa.event.listen(engine, "before_cursor_execute", note)
        read(session, here["county"].id)
        sa.event.remove(engine, "before_cursor_execute", note)
        (one,) = seen
        return one

    return asked


def plan(session, statement, parameters):
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row[3] for row in rows]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables are tiny here
    rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    "read",
    [
        queries.subtree,
        lambda session, top: queries.subtree_on(session, top, on=TODAY),
        lambda session, top: session.scalars(queries.ids_within_on([top], on=TODAY)).all(),
        lambda session, top: queries.ancestors_on(session, top, on=TODAY),
        queries.today_of,
    ],
    ids=["subtree", "subtree on a day", "ids on a day", "path on a day", "successor"],
)
def test_a_question_to_the_tree_is_one_indexed_statement(session, asked, read):
    statement, parameters = asked(read)
    found = plan(session, statement, parameters)
    scans = [line for line in found if "SCAN organization" in line or "Seq Scan on" in line]
    assert scans == [], found
