"""Laws of the data that a schema can keep: every table has its place, learner's rows are his own."""

import pytest
import sqlalchemy as sa

from lms.migrations.schema import metadata

PLACEMENTS = {"learner", "reference", "institution"}
TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)
LEARNER = [table for table in TABLES if table.info.get("placement") == "learner"]

each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
each_learner_table = pytest.mark.parametrize("table", LEARNER, ids=lambda table: table.name)


@each_table
def test_a_table_says_where_it_lives(table):
    assert table.info.get("placement") in PLACEMENTS


def test_there_are_tables_of_every_placement():
    assert {table.info["placement"] for table in TABLES} == PLACEMENTS


@each_learner_table
def test_a_learners_row_is_numbered_within_the_learner(table):
    first, *rest = table.primary_key.columns
    assert first.name == "learner_id"
    assert rest, "one row a learner: say so here if it is meant"


@each_learner_table
def test_what_is_unique_is_unique_within_the_learner(table):
    unique = [c.columns for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    unique += [index.columns for index in table.indexes if index.unique]
    for columns in unique:
        assert columns[0].name == "learner_id"


@each_learner_table
def test_keys_among_learner_tables_carry_the_learner(table):
    for constraint in table.foreign_key_constraints:
        if constraint.referred_table in LEARNER:
            pairs = {e.parent.name: e.column.name for e in constraint.elements}
            assert pairs.get("learner_id") == "learner_id"


@each_learner_table
def test_a_learners_rows_are_neighbours_on_sqlite(table):
    assert table.dialect_options["sqlite"]["with_rowid"] is False


@each_table
def test_no_shared_table_points_into_a_learners(table):
    """Reference rows stand on every node; a learner's rows on one."""
    if table.info["placement"] == "reference":
        assert not [c.name for c in table.foreign_key_constraints if c.referred_table in LEARNER]


@each_table
def test_instants_end_in_at_and_days_in_on(table):
    for column in table.columns:
        if isinstance(column.type, sa.Date):
            assert column.name.endswith("_on") or column.name in {"effective_from", "effective_to"}
        elif isinstance(column.type, sa.DateTime) or type(column.type).__name__ == "UtcDateTime":
            assert column.name == "at" or column.name.endswith("_at")


@each_table
def test_nothing_that_decides_is_a_float(table):
    assert not [c.name for c in table.columns if isinstance(c.type, sa.Float | sa.Double)]
