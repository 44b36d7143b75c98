"""``lms people import`` and ``lms organizations import``."""

import json

import pytest
import sqlalchemy as sa

from lms.people.models import Phone
from lms.people.types import Role
from tests import builders
from tests.interop.builders import HEADER, line, text


@pytest.fixture
def lms(app, client):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


@pytest.fixture
def station(session):
    made = builders.organization(session, code="ST-1")
    session.commit()
    return made


@pytest.fixture
def path(tmp_path):
    def path(*rows, name="list.csv"):
        made = tmp_path / name
        made.write_bytes(text(HEADER, *rows))
        return made

    return path


def phones(session):
    return session.scalar(sa.select(sa.func.count()).select_from(Phone))


def test_a_dry_run_says_what_would_be(lms, session, station, path):
    done = lms("people", "import", path(line(1, "ST-1"), line(2, "ST-9")), "--dry-run", "--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert (told["dry_run"], told["list"], told["encoding"]) == (True, "people", "UTF-8")
    assert told["counts"] == {"new": 1, "refused": 1}
    assert [row["verdict"] for row in told["rows"]] == ["new", "refused"]
    assert told["rows"][0]["changes"][0]["field"] == "unit"
    assert phones(session) == 0


def test_an_import_and_the_same_again(lms, session, station, path):
    file = path(line(1, "ST-1"), line(2, "ST-1", "王明"))
    first = lms("people", "import", file)
    assert (first.exit_code, phones(session)) == (0, 2), first.output
    assert "新增 2" in first.output
    again = lms("people", "import", file, "--json")
    assert again.exit_code == 0
    assert json.loads(again.output)["counts"] == {"same": 2}


def test_somebodys_scope_holds(lms, session, station, path):
    clerk = builders.with_role(session, Role.COUNTY_MANAGER, user_name="clerk")
    session.commit()
    done = lms("people", "import", path(line(1, "ST-1")), "--by", clerk.user_name)
    assert (done.exit_code, phones(session)) == (1, 0)


def test_a_file_that_is_no_list_is_refused(lms, station, path, tmp_path):
    wrong = tmp_path / "list.xlsx"
    wrong.write_bytes(b"a,b")
    done = lms("people", "import", wrong, "--json")
    assert done.exit_code == 2
    assert "内容却不是工作簿" in done.output


def test_a_doubted_list_needs_the_number(lms, session, station, path):
    file = path(*[line(order, "ST-9") for order in range(30)], line(40, "ST-1"))
    assert lms("people", "import", file).exit_code == 2
    assert phones(session) == 0
    assert lms("people", "import", file, "--expect", 1).exit_code == 1  # some were refused
    assert phones(session) == 1


def test_organizations_have_the_same_command(lms, tmp_path):
    made = tmp_path / "units.csv"
    made.write_bytes("单位名称,单位代码\n某站,S-1".encode())
    done = lms("organizations", "import", made, "--dry-run", "--json")
    assert done.exit_code == 1
    assert json.loads(done.output)["list"] == "organizations"
