"""Laws of the data that a schema can keep: every table has its place, learner's rows are his own."""

import sqlalchemy as sa

from lms.migrations.schema import metadata

PLACEMENTS = {"learner", "reference", "institution"}
TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)
LEARNER = [table for table in TABLES if table.info.get("placement") == "learner"]


def against(law, tables=TABLES):
    """The columns of tables that break a law, by table."""
    found = {table.name: law(table) for table in tables}
    return {name: columns for name, columns in found.items() if columns}


def test_a_table_says_where_it_lives():
    nowhere = [table.name for table in TABLES if table.info.get("placement") not in PLACEMENTS]
    assert nowhere == []
    assert {table.info["placement"] for table in TABLES} == PLACEMENTS


def test_a_learners_row_is_numbered_within_the_learner():
    """One row a learner: say so here if it is meant."""
    keys = {table.name: table.primary_key.columns.keys() for table in LEARNER}
    assert {n: key for n, key in keys.items() if key[0] != "learner_id" or len(key) < 2} == {}


def test_what_is_unique_is_unique_within_the_learner():
    def shared(table):
        unique = [c.columns for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
        unique += [index.columns for index in table.indexes if index.unique]
        return [columns.keys() for columns in unique if columns[0].name != "learner_id"]

    assert against(shared, LEARNER) == {}


def test_keys_among_learner_tables_carry_the_learner():
    def loose(table):
        keys = [
            {e.parent.name: e.column.name for e in constraint.elements}
            for constraint in table.foreign_key_constraints
            if constraint.referred_table in LEARNER
        ]
        return [pairs for pairs in keys if pairs.get("learner_id") != "learner_id"]

    assert against(loose, LEARNER) == {}


def test_a_learners_rows_are_neighbours_on_sqlite():
    scattered = [t.name for t in LEARNER if t.dialect_options["sqlite"]["with_rowid"] is not False]
    assert scattered == []


def test_no_shared_table_points_into_a_learners():
    """Reference rows stand on every node; a learner's rows on one."""

    def pointing(table):
        return [c.name for c in table.foreign_key_constraints if c.referred_table in LEARNER]

    shared = [table for table in TABLES if table.info["placement"] == "reference"]
    assert against(pointing, shared) == {}


def test_instants_end_in_at_and_days_in_on():
    def misnamed(table):
        return [column.name for column in table.columns if not named_for_its_time(column)]

    assert against(misnamed) == {}


def named_for_its_time(column):
    if isinstance(column.type, sa.Date):
        return column.name.endswith("_on") or column.name in {"effective_from", "effective_to"}
    if isinstance(column.type, sa.DateTime) or type(column.type).__name__ == "UtcDateTime":
        return column.name == "at" or column.name.endswith("_at")
    return True


def test_nothing_that_decides_is_a_float():
    def floats(table):
        return [c.name for c in table.columns if isinstance(c.type, sa.Float | sa.Double)]

    assert against(floats) == {}
