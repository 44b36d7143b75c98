"""Everything that is held of a person is known, exported, and kept or erased for a reason."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.migrations.schema import metadata
from lms.people.models import Person, RoleGrant
from lms.practice.models import ReviewCard
from lms.reports import operations
from lms.reports.queries import own_data as queries
from lms.reports.rules import ACTING, COLUMNS, HOLDINGS, SECRET, holder_column, shown_columns
from tests import builders
from tests.builders import NOON
from tests.credentials import builders as credentials
from tests.exams import builders as exams
from tests.privacy.builders import ID_NUMBER, PHONE, answered, asked, closing, published, sealed

PERSONAL = [
    table
    for table in metadata.sorted_tables
    if holder_column(table.name, table.columns.keys()) is not None
]
each_personal_table = pytest.mark.parametrize("table", PERSONAL, ids=lambda table: table.name)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_column_that_names_a_person_says_as_what(table):
    """Whose row it is, or who acted on it: nothing of a person hides under another name."""
    holder = holder_column(table.name, table.columns.keys())
    pointing = {
        column.name
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "person"
    }
    named = {name for name in table.columns.keys() if name.endswith(("person_id", "learner_id"))}  # noqa: SIM118 - a column collection
    assert (pointing | named) - ACTING - {holder} == set()


@each_personal_table
def test_every_table_of_a_persons_rows_is_declared(table):
    """Give it a line in lms/reports/rules/holdings.py: its title, what is secret, what stays."""
    assert table.name in HOLDINGS


@each_personal_table
def test_a_secret_column_is_opened_or_left_out_for_a_reason(table):
    held = HOLDINGS[table.name]
    if held.left_out:
        return  # all of it, for a reason
    secret = {name for name in table.columns.keys() if SECRET.search(name)}  # noqa: SIM118 - as above
    assert secret == {n for n in {*held.hidden, *held.opened} if SECRET.search(n)}
    assert all(held.hidden.values())


@each_personal_table
def test_every_exported_column_has_a_name(table):
    assert set(shown_columns(table.name, table.columns.keys())) <= set(COLUMNS)


def test_what_is_declared_exists():
    """Of the tables that are here: those of rooms to come may be declared before them."""
    for name, held in HOLDINGS.items():
        if name in metadata.tables:
            columns = set(metadata.tables[name].columns.keys())
            assert {*held.hidden, *held.opened} <= columns, name


def test_a_table_that_nobody_declared_is_exported_without_its_secrets():
    columns = ["person_id", "note", "password_hash", "token", "sealed_note"]
    assert holder_column("brand_new", columns) == "person_id"
    assert shown_columns("brand_new", columns) == ["person_id", "note"]


@pytest.fixture
def person(session, vault):
    """A learner with something in many tables."""
    published(session)
    made = exams.started(session)
    one = session.get(Person, made[0])
    one.password_hash = "argon2-secret"
    sealed(session, one, vault)
    answered(session, one, "public_name")
    asked(session, one, vault)
    builders.added(
        session,
        RoleGrant(
            person_id=one.id, role="learner", organization_id=builders.organization(session).id
        ),
    )
    return one


def tables_of(found):
    return {table.name: table.rows for table in found}


def test_the_export_opens_what_is_ones_own(session, person, vault):
    found = tables_of(queries.own_data(session, person.id, vault=vault, now=NOON))
    assert found["person_phone"][0]["sealed"] == PHONE
    assert found["identity_document"][0]["sealed"] == ID_NUMBER
    assert "杨梅花" in found["correction_request"][0]["sealed"]
    assert len(found["attempt"]) == 1
    assert found["consent"][0]["text_id_words"] == "public_name"
    assert found["role_grant"][0]["organization_id_words"].endswith("社工站")
    assert "argon2-secret" not in json.dumps(found, ensure_ascii=False)
    assert set(found) - {"audit_entry"} == {
        table.name for table in PERSONAL if not HOLDINGS[table.name].left_out
    }


def test_the_export_has_nobody_elses_rows(session, person, vault):
    other = builders.learner(session, name="别人")
    sealed(session, other, vault)
    text = json.dumps(tables_of(queries.own_data(session, person.id, vault=vault, now=NOON)))
    assert "\\u522b\\u4eba" not in text
    assert tables_of(queries.own_data(session, other.id, vault=vault, now=NOON))["attempt"] == ()


def test_a_merged_file_is_part_of_ones_own(session, person, vault):
    twin = builders.person(session, merged_into_id=person.id, name="旧名")
    sealed(session, twin, vault)
    found = tables_of(queries.own_data(session, person.id, vault=vault, now=NOON))
    assert len(found["person_phone"]) == 2 and len(found["person"]) == 2


def test_statements_do_not_grow_with_rows(session, person, vault, count_statements):
    with count_statements() as few:
        queries.own_data(session, person.id, vault=vault, now=NOON)
    for number in range(5):
        asked(session, person, vault, token=f"more{number}")
    with count_statements() as many:
        queries.own_data(session, person.id, vault=vault, now=NOON)
    assert len(many) == len(few)


@pytest.fixture
def packed(client, session, person, sign_in):
    sign_in(person)
    answer = client.post("/privacy/data/export")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    return zipfile.ZipFile(io.BytesIO(answer.data))


def test_the_file_has_json_and_a_page_that_needs_nothing_else(packed, person):
    told = json.loads(packed.read("my-data.json"))
    assert told["format"] == "bixue-own-data/1" and told["person_id"] == person.id
    assert told["tables"]["person"]["title"] == "本人档案"
    assert "person.password_hash" in told["left_out"]
    page = packed.read("my-data.html").decode()
    assert "<h2" in page and PHONE in page and "argon2-secret" not in page
    assert "src=" not in page and "<link" not in page and "<script" not in page


def test_the_export_is_written_down(session, packed, person):
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "privacy.data_exported")).one()
    assert (entry.actor_id, entry.subject) == (person.id, f"person:{person.id}")


def test_the_page_says_what_is_held(client, person, sign_in):
    sign_in(person)
    page = client.get("/privacy/data").text
    assert "本人档案" in page and "注销时删除" in page


def test_closing_empties_every_table_that_does_not_stay(session, person, vault):
    closing(session, person)
    assert operations.close_due_accounts(session, now=NOON) == 1
    session.flush()
    left = dict(queries.counts(session, person.id))
    assert {name for name, held in HOLDINGS.items() if not held.stays and left.get(name)} == set()
    assert left["attempt"] == 1 and left["consent"] == 2 and left["person"] == 1
    assert operations.close_due_accounts(session, now=NOON) == 0


def test_a_closing_taken_back_closes_nothing(session, person):
    closing(session, person, now=NOON)
    assert operations.close_due_accounts(session, now=NOON + timedelta(days=14)) == 0
    assert person.closed_at is None


def test_a_certificate_stays_good_and_keeps_its_name(session, client):
    issued = credentials.credential(session)
    holder = session.get(Person, issued.learner_id)
    name = holder.name
    closing(session, holder)
    assert operations.close_due_accounts(session, now=NOON) == 1
    session.flush()
    session.expire_all()
    assert holder.name == name and holder.closed_at is not None
    assert session.scalars(sa.select(ReviewCard)).all() == []
    page = client.get(f"/verify/{issued.code}")
    assert page.status_code == 200 and name not in page.text
