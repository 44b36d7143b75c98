"""The auditors' pages: find, read, take away."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lms.audit import operations as audit
from lms.audit import queries as chain
from lms.audit.models import Entry, Link
from lms.audit.rules import COLUMNS, read_csv, read_lines
from lms.people.types import Role
from lms.reports.queries import trail as queries
from lms.reports.types import Wanted
from tests import builders
from tests.builders import NOON


@pytest.fixture
def auditor(session, sign_in):
    made = builders.with_role(session, Role.AUDITOR, name="审计甲", user_name="auditor-a")
    sign_in(made)
    return made


def note(session, verb, subject="person:1", *, at=NOON, actor_id=None, **facts):
    audit.record(session, verb=verb, subject=subject, actor_id=actor_id, now=at, **facts)
    session.flush()


def verbs(rows):
    return [row.verb for row in rows]


def test_shows_the_newest_first_in_words(client, session, auditor):
    note(session, "accounts.signed_in", at=NOON - timedelta(hours=1))
    note(session, "people.role_granted", "person:7", actor_id=auditor.id, role="<b>hr</b>")
    page = client.get("/audit").text
    assert page.index("授予角色") < page.index("<strong>登录</strong>")
    assert "审计甲（auditor-a）" in page and "系统" in page and "2026-03-02 12:00" in page
    assert "<b>hr</b>" not in page, "facts are text, never markup"


def test_names_the_person_a_line_is_about(client, session, auditor):
    one = builders.person(session, name="杨梅")
    note(session, "accounts.password_set", f"person:{one.id}")
    note(session, "accounts.password_set", f"person:{'9' * 40}")  # no row can have it
    assert f"person:{one.id}</code> 杨梅" in client.get("/audit").text


@pytest.fixture
def some(session, auditor):
    other = builders.person(session, name="罗仕芬", user_name="station")
    day = timedelta(days=1)
    note(session, "accounts.signed_in", "person:1", at=NOON - 3 * day, actor_id=other.id)
    note(session, "exams.attempt_started", "attempt:1/1", at=NOON - 2 * day, actor_id=auditor.id)
    note(session, "people.role_granted", "person:2", at=NOON - day, actor_id=other.id, role="hr")
    note(session, "peoplex.odd", "person:2", at=NOON, why="100%_理由")
    return other


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "0 1 2 3"),
        ({"family": "people"}, "2"),
        ({"verb": "accounts.signed_in"}, "0"),
        ({"verb": "accounts.signed_in", "family": "exams"}, "0"),  # the verb says more
        ({"actor": "罗仕芬"}, "0 2"),
        ({"actor": " Station "}, "0 2"),
        ({"actor": "nobody"}, ""),
        ({"subject": "person:2"}, "2 3"),
        ({"since": date(2026, 2, 28)}, "1 2 3"),
        ({"until": date(2026, 2, 28)}, "0 1"),  # the last day is included
        ({"since": date(2026, 3, 1), "until": date(2026, 3, 1)}, "2"),
        ({"text": "%_理由"}, "3"),  # no wildcards
        ({"text": "HR"}, "2"),
        ({"text": "x_y"}, ""),
    ],
    ids=str,
)
def test_can_be_narrowed(session, some, wanted, found):
    ids = session.scalars(sa.select(Entry.id).order_by(Entry.id)).all()
    rows = queries.trail(session, Wanted(**wanted))
    assert sorted(row.id for row in rows) == [ids[int(n)] for n in found.split()]


def test_a_field_that_cannot_be_understood_is_told(client, session, some):
    page = client.get("/audit?since=yesterday&family=people")
    assert page.status_code == 422 and 'aria-invalid="true"' in page.text
    page = client.get("/audit?family=nonsense")
    assert page.status_code == 422
    assert client.get(f"/audit?actor={'x' * 300}").status_code == 422


@pytest.mark.parametrize("before", ["9223372036854775808", "9" * 5000, "-1", "x"])
def test_a_page_that_is_none_is_the_first(client, session, auditor, before):
    note(session, "accounts.signed_in")
    page = client.get(f"/audit?before={before}")
    assert page.status_code == 200 and "accounts.signed_in" in page.text


def test_pages_by_time_and_id(session, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for number, hours in enumerate([3, 1, 1, 1, 2]):  # written in another order than it happened
        note(session, f"test.{number}", subject="thing:page", at=NOON - timedelta(hours=hours))
    wanted, seen, before = Wanted(subject="thing:page"), [], None
    while rows := queries.trail(session, wanted, before=before)[:2]:
        seen += verbs(rows)
        before = rows[-1].id
    assert seen == ["test.3", "test.2", "test.1", "test.4", "test.0"]


def test_a_page_costs_five_statements_however_long(client, session, auditor, count_statements):
    for number in range(30):
        note(session, f"test.{number}", f"person:{number + 1}")
    with count_statements() as sent:
        assert client.get("/audit").status_code == 200
    assert len(sent) == 5  # who is asking, the page, names, the last seal, the last check


def test_one_line_says_whether_it_is_what_was_sealed(client, session, auditor):
    note(session, "people.role_granted", "person:7", role="hr_checker", reason="新任")
    entry_id = session.scalars(sa.select(Entry.id)).one()
    assert "还没有封存" in client.get(f"/audit/entries/{entry_id}").text
    audit.seal(session, now=NOON)
    session.flush()
    page = client.get(f"/audit/entries/{entry_id}").text
    assert "与封存时一致" in page and "新任" in page and "理由" in page
    assert client.get("/audit/entries/999999").status_code == 404


def test_a_line_about_a_certificate_leads_to_its_check(client, session, auditor):
    note(session, "credentials.revoked", "credential:5", code="FS7WREP2JWN7X")
    note(session, "exams.attempt_started", "attempt:1/1", code="x")
    first, second = session.scalars(sa.select(Entry.id).order_by(Entry.id)).all()
    assert "/verify/FS7WREP2JWN7X" in client.get(f"/audit/entries/{first}").text
    assert "查验这张证书" not in client.get(f"/audit/entries/{second}").text


def test_an_edited_line_is_told(session, connection, auditor):
    note(session, "accounts.signed_in")
    audit.seal(session, now=NOON)
    session.flush()
    link = session.scalars(sa.select(Link)).one()
    false = builders.added(
        session, Link(number=link.number + 1, entry_id=link.entry_id + 10**6, digest="0" * 64)
    )
    session.execute(
        sa.insert(Entry).values(
            id=false.entry_id, at=NOON, verb="a.b", subject="c:1", facts={}, actor_id=None
        )
    )
    assert queries.entry(session, link.entry_id).matches is True
    assert queries.entry(session, false.entry_id).matches is False


def test_the_page_says_how_far_the_chain_is(client, session, auditor):
    note(session, "accounts.signed_in")
    assert "还没有封存" in client.get("/audit").text
    audit.seal(session, now=NOON)
    session.flush()
    assert "还没有核对过" in client.get("/audit").text
    audit.note_check(session, chain.verify(session), now=NOON)
    session.flush()
    assert "全部与封存时一致" in client.get("/audit").text


def export(client, **values):
    data = {"format": "csv", "reason": "年度检查", "family": "", "verb": ""} | values
    return client.post("/audit/export", data=data)


@pytest.fixture
def tricky(session, auditor):
    note(session, "people.sign_in_failed", '=HYPERLINK("http://x")')
    note(session, "people.sign_in_failed", "'quoted", name='换\n行，“引号”"')
    note(session, "exams.attempt_started", "+1", actor_id=auditor.id)
    builders.person(session, name="=1+1")


@pytest.fixture(params=[1, 2, 2000])
def portion(request, monkeypatch):
    monkeypatch.setattr(queries, "PORTION", request.param)


def read(format_, answer):
    text = answer.get_data(as_text=True)
    if format_ == "csv":
        return list(read_csv(io.StringIO(text, newline="")))
    return list(read_lines(text.splitlines()))


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_an_export_is_what_the_chain_says(client, session, tricky, portion, format_):
    answer = export(client, format=format_)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    *lines, end = read(format_, answer)
    assert [line.verb for line in lines][-1] == "audit.trail_exported", "this export is in it"
    assert end.lines == len(lines) == 4
    assert list(chain.export_faults(session, [*lines, end])) == []
    assert any(line.subject == '=HYPERLINK("http://x")' for line in lines), "read back as it was"


def test_a_cell_that_a_spreadsheet_would_calculate_is_text(client, session, tricky):
    rows = list(csv.reader(io.StringIO(export(client).get_data(as_text=True).lstrip("\ufeff"))))
    assert rows[0] == list(COLUMNS)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_an_export_holds_only_what_is_looked_for(client, session, tricky, auditor):
    *lines, end = read("csv", export(client, family="exams"))
    assert [line.verb for line in lines] == ["exams.attempt_started"]
    assert list(chain.export_faults(session, [*lines, end])) == []
    *lines, _end = read("jsonl", export(client, format="jsonl", actor="auditor-a"))
    assert {line.actor_id for line in lines} == {auditor.id}


def test_an_export_is_written_down_with_its_reason(client, session, tricky, auditor):
    export(client, family="exams", text="x")
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "audit.trail_exported")).one()
    assert entry.actor_id == auditor.id
    assert entry.facts == {
        "reason": "年度检查", "format": "csv", "family": "exams", "text": "x",
    }  # fmt: skip


def test_no_export_without_a_reason_or_a_fresh_password(client, session, tricky):
    assert export(client, reason=" ").status_code == 422
    with client.session_transaction() as cookie:
        cookie["fresh_at"] = 0
    assert export(client).headers["Location"].startswith("/confirm")
    assert "audit.trail_exported" not in session.scalars(sa.select(Entry.verb)).all()


def faults(session, lines):
    return [fault.what for fault in chain.export_faults(session, lines)]


def test_a_forged_export_is_told(client, session, tricky):
    from dataclasses import replace

    *lines, end = read("csv", export(client))
    first = lines[0]
    edited = replace(first, subject="person:9")
    assert faults(session, [edited, *lines[1:], end]) == ["edited_line"]
    assert faults(session, [*lines[1:], end]) == ["missing_lines"]
    assert faults(session, lines) == ["no_end"]
    from lms.audit.rules import link_digest

    forged = replace(
        edited,
        digest=link_digest(
            first.previous, entry_id=first.entry_id, at=first.at, actor_id=first.actor_id,
            verb=first.verb, subject="person:9", facts=first.facts,
        ),
    )  # fmt: skip
    assert faults(session, [forged, *lines[1:], end]) == ["unknown_link"]


def test_one_sees_who_looked_at_ones_data(client, session, sign_in):
    place = builders.organization(session, name="某县总站")
    one = builders.learner(session, at=place)
    clerk = builders.learner(session, at=place, name="罗仕芬")
    me = f"person:{one.id}"
    note(session, "privacy.correction_revealed", me, actor_id=clerk.id, reason="核对")
    note(session, "privacy.correction_revealed", me, actor_id=one.id, reason="我自己")
    note(
        session,
        "privacy.correction_revealed",
        f"person:{clerk.id}",
        actor_id=clerk.id,
        reason="别人",
    )
    note(session, "accounts.signed_in", me, actor_id=one.id)
    mine = {"scope": [place.id], "unit_id": None}
    note(session, "people.list_exported", "people:list", actor_id=clerk.id, reason="年报", **mine)
    mine["unit_id"] = -1
    note(session, "people.list_exported", "people:list", actor_id=clerk.id, reason="别的县", **mine)
    looks = queries.looks(session, one.id)
    assert [(look.why, look.unit, look.who) for look in looks] == [
        ("年报", "某县总站", "罗*芬"),
        ("核对", "某县总站", "罗*芬"),
    ]
    sign_in(one)
    page = client.get("/privacy/looks").text
    assert (
        "核对" in page
        and "别人" not in page
        and "别的县" not in page
        and "我自己" not in page
        and "罗仕芬" not in page
    )


def test_json_lines_are_json(client, session, tricky):
    text = export(client, format="jsonl").get_data(as_text=True)
    assert json.loads(text.splitlines()[-1])["end"] is True
    assert all(json.loads(line) for line in text.splitlines())
