"""The migrations build what the models say, and what no model can say, on both databases."""

import ast
import shutil
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from lms.audit import operations as audit
from lms.credentials.models import Credential, CredentialEvent
from lms.migrations import runner
from lms.migrations.schema import SEARCHING, metadata
from lms.organizations.models import Event
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.requirements.models import Goal
from tests import builders
from tests.builders import NOON, TODAY

LEARNER = [t.name for t in metadata.sorted_tables if t.info["placement"] == "learner"]
VERSIONS = sorted((Path(runner.HERE) / "versions").glob("*.py"))
FACTS = (
    "record",
    "audit_entry",
    "audit_link",
    "audit_seal",
    "credential_event",
    "organization_event",
)
"""Tables whose rows are never changed: the database itself refuses."""


def number_of(path):
    return path.name.split("_")[0]


def test_migrations_build_exactly_what_the_models_say(connection):
    assert runner.differences(connection) == []


def test_every_table_is_there(connection):
    there = {name for name in sa.inspect(connection).get_table_names() if name[:4] != SEARCHING}
    assert there == {*metadata.tables, "alembic_version"}


def test_a_difference_would_be_told(connection):
    connection.exec_driver_sql("CREATE TABLE stray (id INTEGER)")
    assert len(runner.differences(connection)) == 1


def test_the_state_of_a_new_database_is_the_newest(connection):
    found = runner.state(connection)
    assert found.is_current
    assert found.current == found.newest == number_of(VERSIONS[-1])


def test_an_empty_database_waits_for_its_migrations(empty_engine):
    with empty_engine.connect() as connection:
        found = runner.state(connection)
    assert found.current is None
    assert not found.is_current


def test_a_database_that_is_behind_says_how_far_it_is(own_engine):
    with own_engine.begin() as connection:
        first = number_of(VERSIONS[0])
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = :first"), {"first": first}
        )
        found = runner.state(connection)
    assert found.current == first
    assert not found.is_current


def test_upgrading_again_changes_nothing(own_engine):
    with own_engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO person (user_name, name, session_epoch, created_at) "
                "VALUES ('a', '甲', 0, '2026-03-02 04:00:00')"
            )
        )
    runner.upgrade(own_engine)
    with own_engine.connect() as connection:
        assert runner.state(connection).is_current
        assert connection.scalar(sa.text("SELECT name FROM person")) == "甲"


def test_of_two_upgrades_at_once_one_waits(empty_engine):
    faults = []

    def work():
        try:
            runner.upgrade(empty_engine)
        except sa.exc.SQLAlchemyError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with empty_engine.connect() as connection:
        assert runner.state(connection).is_current


def test_a_failed_migration_leaves_nothing_behind(empty_engine, monkeypatch, tmp_path):
    broken = tmp_path / "migrations"
    shutil.copytree(runner.HERE, broken, ignore=shutil.ignore_patterns("__pycache__"))
    (broken / "versions" / "209901010000_x__break.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = '209901010000', {number_of(VERSIONS[-1])!r}\n"
        "branch_labels = depends_on = None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE half (id INTEGER)')\n"
        "    op.execute('SELECT no_such_column FROM half')\n"
    )
    monkeypatch.setattr(runner, "HERE", broken)
    with pytest.raises(sa.exc.DBAPIError):
        runner.upgrade(empty_engine)
    assert sa.inspect(empty_engine).get_table_names() == []


@pytest.mark.parametrize("table", LEARNER)
def test_a_learners_rows_are_clustered_on_sqlite(connection, table):
    if connection.dialect.name != "sqlite":
        return  # PostgreSQL has no clustered tables; Citus shards by the same key
    text = connection.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}
    )
    assert text.rstrip().endswith("WITHOUT ROWID")


@pytest.fixture
def fact(session, request):
    """A table of facts with one row in it."""
    if request.param == "record":
        records.append(
            session,
            learner_id=builders.person(session).id,
            kind=RecordKind.COURSE_COMPLETED,
            subject="course:basics",
            on=TODAY,
            now=NOON,
            dedupe_key="course_completed:basics",
        )
    elif request.param == "credential_event":
        values = {"number": 1, "kind": "revoked", "on": TODAY, "reason": "", "authority": ""}
        holder = credential(session)
        builders.added(
            session, CredentialEvent(credential_id=holder.id, recorded_at=NOON, **values)
        )
    elif request.param == "organization_event":
        values = {"kind": "closed", "effective_on": TODAY, "noted_at": NOON, "reason": ""}
        place = builders.organization(session)
        builders.added(session, Event(organization_id=place.id, **values))
    else:
        audit.record(session, verb="a.b", subject="c:1", actor_id=None, now=NOON)
        audit.seal(session, now=NOON)
    session.flush()
    return metadata.tables[request.param]


def credential(session):
    titles = {"title": "结业", "title_en": ""}
    goal = Goal(kind="program", key="p", number=1, requirement={}, published_at=NOON, **titles)
    return builders.added(
        session,
        Credential(
            code="X",
            learner_id=builders.person(session).id,
            goal_id=builders.added(session, goal).id,
            holder_name="某",
            program_title="项目",
            program_title_en="",
            issuer="",
            issued_on=TODAY,
            grounds={},
            issued_at=NOON,
            **titles,
        ),
    )


@pytest.mark.parametrize("fact", FACTS, indirect=True)
@pytest.mark.parametrize("deed", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_database_refuses_to_change_a_fact(session, connection, fact, deed):
    if deed == "TRUNCATE" and connection.dialect.name == "sqlite":
        return  # SQLite has no such statement
    statement = {
        "UPDATE": sa.update(fact).values({list(fact.columns)[-1].key: sa.literal_column("NULL")}),
        "DELETE": sa.delete(fact),
        "TRUNCATE": sa.text(f"TRUNCATE {fact.name}"),
    }[deed]
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), connection.begin_nested():
        connection.execute(statement)
    assert connection.scalar(sa.select(sa.func.count()).select_from(fact)) == 1


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_imports_no_model_and_says_what_it_does(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
    }  # fmt: skip
    assert not [name for name in imported if name.split(".")[0] == "lms"]


def test_a_new_migration_is_written_from_the_difference(own_engine, monkeypatch, tmp_path):
    copy = tmp_path / "migrations"
    shutil.copytree(runner.HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(runner, "HERE", copy)
    with own_engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE review_card")
    path = runner.write_revision(own_engine, number="209901010000", name="review_card__create")
    assert path.name == "209901010000_review_card__create.py"
    runner.upgrade(own_engine)  # what was written runs
    with own_engine.connect() as connection:
        assert runner.state(connection).current == "209901010000"
        assert runner.differences(connection) == []
