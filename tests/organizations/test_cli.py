"""The commands that lay out the regions and add stations."""

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
