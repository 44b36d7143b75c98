"""A database from before organizations had a history gets one, with rows in it."""

import sqlalchemy as sa
from alembic import command

from lms.kernel.databases import WRITING
from lms.migrations import runner

BEFORE = "202611241110"


def test_rows_that_are_there_are_kept_and_keyed(empty_engine):
    with empty_engine.connect().execution_options(**WRITING) as connection, connection.begin():
        command.upgrade(runner._config(connection), BEFORE)
        connection.execute(
            sa.text(
                "INSERT INTO organization (id, kind, code, code_system, name, key_county) "
                "VALUES (1, 'county', '522301', 'GB/T 2260', 'A 县', :no)"
            ),
            {"no": False},
        )
        connection.execute(
            sa.text(
                "INSERT INTO organization_closure (ancestor_id, descendant_id, depth) "
                "VALUES (1, 1, 0)"
            )
        )
    runner.upgrade(empty_engine)
    with empty_engine.connect() as connection:
        row = connection.execute(
            sa.text("SELECT name, name_key, revision, merged_into_id FROM organization")
        ).one()
        assert tuple(row) == ("A 县", "a县", 1, None)
        since = connection.scalar(sa.text("SELECT since_on FROM organization_closure"))
        assert str(since) == "0001-01-01"
        assert runner.state(connection).is_current
