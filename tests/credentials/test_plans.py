"""What a learner holds or may claim is found by the learner, on both databases."""

import pytest
import sqlalchemy as sa

from lms.credentials import queries


@pytest.fixture
def plan(session):
    """Return how the database goes about the one statement of a read."""

    def plan(read):
        seen = []

        def note(_conn, _cursor, statement, parameters, *_rest):
            seen.append((statement, parameters))

        connection = session.connection()
        sa.event.listen(connection.engine, "before_cursor_execute", note)
        read()
        sa.event.remove(connection.engine, "before_cursor_execute", note)
        ((statement, parameters),) = seen
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return [row[3] for row in rows]
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables are tiny here
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return [row[0] for row in rows]

    return plan


@pytest.mark.parametrize(
    "read",
    [
        lambda session: queries.claimable(session, 1),
        lambda session: queries.own(session, 1),
        lambda session: queries.find_claim(session, learner_id=1, program_key="x"),
    ],
    ids=["claimable", "own", "claim"],
)
def test_credentials_are_found_by_their_holder(session, plan, read):
    found = plan(lambda: read(session))
    scans = ("SCAN person", "SCAN credential", "AUTOMATIC", "Seq Scan")
    assert not [line for line in found if any(scan in line for scan in scans)], "\n".join(found)
