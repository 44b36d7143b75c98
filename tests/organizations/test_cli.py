"""The commands that lay out the regions and add stations."""

import json

import pytest
import sqlalchemy as sa

from lms.organizations import queries
from lms.organizations.models import Organization
from lms.organizations.types import GB_T_2260, OURS, Code


def run(app, *words):
    return app.test_cli_runner().invoke(args=["organizations", *words])


def test_the_regions_are_loaded_once(app, client, session):
    done = run(app, "load")
    assert (done.exit_code, done.output) == (0, "98 organizations added\n")  # 1 + 9 + 88
    assert run(app, "load").output == "0 organizations added\n"
    assert session.scalar(sa.select(sa.func.count()).select_from(Organization)) == 98
    county = queries.by_code(session, Code(GB_T_2260, "520204"))
    path = [place.name for place in queries.ancestors(session, county.id)]
    assert path == ["贵州省", "六盘水市", "水城区"]
    assert county.key_county


def test_a_station_is_added_under_its_county(app, client, session):
    run(app, "load")
    words = ("add", "s-1", "某街道社工站", "--kind", "township_station", "--under")
    assert run(app, *words, "520102").exit_code == 0
    station = queries.by_code(session, Code(OURS, "s-1"))
    assert [place.name for place in queries.ancestors(session, station.id)][-2:] == [
        "南明区",
        "某街道社工站",
    ]
    assert run(app, *words, "520102").exception.code == "code_taken"
    assert run(app, *words, "999999").exception.code == "no_organization"


@pytest.fixture
def laid_out(app, client):
    """南明区 with a hub and two stations."""
    run(app, "load")
    for code, name, kind in (
        ("hub", "南明区总站", "county_hub"),
        ("s-1", "甲站", "township_station"),
        ("s-2", "乙站", "township_station"),
    ):
        words = ("add", code, name, "--kind", kind, "--under", "520102")
        assert run(app, *words, "--short", f"{name}简称", "--opened", "2021-05-01").exit_code == 0


def told(app, code, *words):
    return json.loads(run(app, "show", code, "--json", *words).output)


def test_a_life_of_a_station_is_told(app, session, laid_out):
    assert (
        run(app, "rename", "s-1", "丙站", "--on", "2022-01-01", "--reason", "批复").exit_code == 0
    )
    moved = run(
        app, "move", "s-1", "--under", "hub", "--under-system", "bixue", "--on", "2023-01-01"
    )
    assert moved.output == "丙站 < 南明区总站\n"
    assert run(app, "merge", "s-2", "--into", "s-1", "--on", "2024-01-01").output == "乙站 > 丙站\n"
    now = told(app, "s-1")
    assert now["path"] == ["贵州省", "贵阳市", "南明区", "南明区总站", "丙站"]
    assert [line["kind"] for line in now["history"]] == ["merged", "moved", "renamed"]
    assert (now["units"], now["people"]) == (1, 0)
    then = told(app, "s-1", "--on", "2021-12-31")
    assert then["path"] == ["贵州省", "贵阳市", "南明区", "甲站"]
    assert told(app, "s-1", "--on", "2021-04-30")["path"][-1] == "南明区"  # it was not there yet
    assert told(app, "s-2")["today"] == "丙站"
    assert "批复" in run(app, "show", "s-1").output


def test_closing_and_opening(app, laid_out):
    assert run(app, "close", "s-1", "--on", "2024-01-01").output == "甲站: closed 2024-01-01\n"
    assert run(app, "reopen", "s-1", "--on", "2025-01-01").output == "甲站: open\n"
    assert run(app, "close", "520102", "--system", "GB/T 2260").exception.code == "open_units"


def test_searching_everywhere_or_in_one_place(app, laid_out):
    found = run(app, "search", "甲站简")
    assert found.output == "bixue s-1 甲站 (甲站简称) < 南明区 < 贵阳市 < 贵州省\n"
    assert run(app, "search", "甲站", "--in", "520102").exit_code == 0
    assert run(app, "search", "甲站", "--in", "520103").exception.code == "no_organization"


def test_a_department_has_its_sector(app, session, laid_out):
    words = ("add", "d-1", "南明区司法局", "--kind", "department", "--under", "520102")
    assert run(app, *words, "--sector", "justice").exit_code == 0
    assert told(app, "d-1")["sector"] == "justice"
