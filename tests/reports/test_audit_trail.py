"""The auditor's page."""

import pytest

from lms.audit import operations as audit
from lms.people.types import Role
from lms.reports import queries
from tests import builders
from tests.builders import NOON


@pytest.fixture
def auditor(session, sign_in):
    made = builders.with_role(session, Role.AUDITOR, name="审计甲")
    sign_in(made)
    return made


def note(session, verb, subject="person:1", **facts):
    audit.record(session, verb=verb, subject=subject, actor_id=None, now=NOON, **facts)
    session.flush()


def test_shows_the_newest_first_with_who_and_what(client, session, auditor):
    note(session, "accounts.signed_in")
    audit.record(
        session, verb="people.role_granted", subject="person:7", actor_id=auditor.id, now=NOON,
        role="<b>hr</b>",
    )  # fmt: skip
    session.flush()
    page = client.get("/audit").text
    assert page.index("people.role_granted") < page.index("accounts.signed_in")
    assert "审计甲" in page and "系统" in page and "2026-03-02 12:00" in page
    assert "<b>hr</b>" not in page, "facts are text, never markup"


def test_can_be_narrowed_by_verb_and_subject(client, session, auditor):
    note(session, "accounts.signed_in", "person:1")
    note(session, "exams.submitted", "attempt:1/1")
    note(session, "people%odd", "person:2")
    assert "exams.submitted" not in client.get("/audit?verb=people.").text
    assert "accounts.signed_in" not in client.get("/audit?subject=attempt:1/1").text
    assert "accounts.signed_in" not in client.get("/audit?verb=people%25").text, "no wildcards"


@pytest.mark.parametrize("before", ["9223372036854775808", "9" * 5000, "-1", "x"])
def test_a_page_that_is_none_is_the_first(client, session, auditor, before):
    note(session, "accounts.signed_in")
    page = client.get(f"/audit?before={before}")
    assert page.status_code == 200 and "accounts.signed_in" in page.text


def test_pages_by_key(session, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for number in range(5):
        note(session, f"test.{number}", subject="thing:page")
    first = queries.trail(session, subject="thing:page")
    assert [row.verb for row in first] == ["test.4", "test.3", "test.2"]
    second = queries.trail(session, subject="thing:page", before=first[1].id)
    assert [row.verb for row in second] == ["test.2", "test.1", "test.0"]


def test_costs_two_statements(client, session, auditor, count_statements):
    for number in range(30):
        note(session, f"test.{number}")
    with count_statements() as sent:
        assert client.get("/audit").status_code == 200
    assert len(sent) == 2  # who is asking, and the page
