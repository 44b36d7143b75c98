"""``lms audit verify``: the whole trail, a part of it, an exported file."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit import operations as audit
from lms.audit import queries
from lms.audit.models import Check, Entry, Link
from lms.people.types import Role
from tests import builders
from tests.builders import NOON


@pytest.fixture
def run(client):
    runner = client.application.test_cli_runner()
    return lambda *words: runner.invoke(args=["audit", *map(str, words)])


@pytest.fixture
def days(session):
    """Three days with two entries each, sealed in the evening."""
    for number in range(3):
        at = NOON + timedelta(days=number)
        for _ in range(2):
            audit.record(session, verb="a.b", subject="c:1", actor_id=None, now=at)
        session.flush()
        audit.seal(session, now=at + timedelta(hours=9))
    session.commit()


def false_link(session):
    """Chain an entry that is not what was sealed."""
    last = session.scalars(sa.select(Link).order_by(Link.number.desc())).first()
    builders.added(session, Entry(id=10**6, at=NOON, verb="a.b", subject="x", facts={}))
    builders.added(session, Link(number=last.number + 1, entry_id=10**6, digest="f" * 64))
    session.commit()


def test_the_whole_trail_is_checked_and_kept(run, session, days):
    done = run("verify")
    assert done.exit_code == 0 and "6 entries checked" in done.output
    check = session.scalars(sa.select(Check)).one()
    assert (check.links, check.first_number, check.faults) == (6, 1, [])


def test_json_for_programs(run, session, days):
    told = json.loads(run("verify", "--json").output)
    assert told["ok"] is True and told["links"] == 6 and len(told["head"]) == 64


def test_a_fault_is_told_kept_and_exits_with_one(run, session, days):
    false_link(session)
    done = run("verify", "--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert told["ok"] is False and told["faults"][0]["what"] == "edited_entry"
    assert session.scalars(sa.select(Check.faults)).one() == [[7, 10**6, "edited_entry"]]
    assert queries.state(session).faults[0].what == "edited_entry"


@pytest.mark.parametrize(
    ("since", "links", "first"),
    [("2026-01-01", 6, 1), ("2026-03-03", 4, 3), ("2026-03-04", 2, 5), ("2027-01-01", 0, 7)],
)
@pytest.mark.usefixtures("days")
def test_only_what_was_written_since_a_day(run, session, since, links, first):
    done = run("verify", "--since", since)
    assert f"{links} entries checked" in done.output
    assert session.scalars(sa.select(Check.first_number)).one() == first
    assert done.exit_code == 0


def test_a_part_is_not_taken_for_the_whole(session, run, days):
    run("verify", "--since", "2026-03-04")
    assert not queries.checked_since(session, NOON)
    run("verify")
    assert queries.checked_since(session, NOON)


@pytest.fixture
def auditor(session, sign_in):
    sign_in(builders.with_role(session, Role.AUDITOR))


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
@pytest.mark.usefixtures("auditor")
def test_an_exported_file_is_checked_against_the_chain(run, client, session, tmp_path, format_):
    audit.record(session, verb="a.b", subject="=x", actor_id=None, now=NOON, name="杨")
    session.commit()
    answer = client.post("/audit/export", data={"format": format_, "reason": "检查"})
    path = tmp_path / f"trail.{format_}"
    path.write_bytes(answer.data)
    done = run("verify", "--export", path)
    assert (done.exit_code, done.output) == (0, f"trail.{format_}: as it was written\n")
    path.write_bytes(answer.data.replace("杨".encode(), "李".encode()))
    done = run("verify", "--export", path, "--json")
    assert done.exit_code == 1
    assert json.loads(done.output)["faults"][0]["what"] == "edited_line"
    path.write_text("not an export\n", encoding="utf-8")
    assert run("verify", "--export", path).exit_code == 1
