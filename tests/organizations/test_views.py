"""The pages of the tree: who may see and change what, step by step, once and twice."""

import re

import pytest
import sqlalchemy as sa
import time_machine

from lms.audit.models import Entry
from lms.organizations import operations, queries
from lms.organizations.models import Event, Organization
from lms.organizations.types import OURS, Code
from lms.people.models import Post
from lms.people.types import Role
from tests import builders
from tests.builders import NOON
from tests.organizations.builders import deed, province


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def here(session):
    return province(session)


@pytest.fixture
def enter(session, sign_in):
    """Sign in as somebody with a role over an organization."""

    def enter(role, place):
        person = builders.with_role(session, role, at=place)
        sign_in(person)
        return person

    return enter


@pytest.fixture
def mine(enter, here):
    """The province as the clerk of one county meets it."""
    enter(Role.COUNTY_MANAGER, here["county"])
    return here


def page(client, place, what="", **query):
    number = place if isinstance(place, int) else place.id
    return client.get(f"/organizations/{number}{what}", query_string=query)


def post(client, place, what, **values):
    number = place if isinstance(place, int) else place.id
    return client.post(f"/organizations/{number}/{what}", data={"on": "2026-03-02"} | values)


def names(answer):
    return re.findall(r"<strong>([^<]+)</strong></a>", answer.text)


def stored(session, place):
    session.expire_all()
    return session.get(Organization, place.id)


def verbs(session):
    return [
        e.verb for e in session.scalars(sa.select(Entry)) if e.verb.startswith("organizations.")
    ]


# looking


def test_everybody_begins_at_their_own_scope(client, mine):
    assert names(client.get("/organizations")) == ["子县"]


def test_the_tree_is_opened_level_by_level(client, mine):
    assert names(page(client, mine["county"])) == [
        "子县总站",
        "青山社工站",
        "绿水社工站",
        "子县民政局",
    ]
    below = page(client, mine["station"])
    assert names(below) == ["青山村社工室"]
    assert "子县" in below.text
    assert "甲州" not in below.text  # what is above the own scope is not told


@pytest.mark.parametrize("who", ["elsewhere", "stranger", "prefecture"])
@pytest.mark.parametrize(
    "what", ["", "/past", "/add", "/edit", "/rename", "/move", "/merge", "/close"]
)
def test_what_is_outside_the_scope_does_not_exist(client, mine, who, what):
    answer = page(client, mine[who], what)
    assert answer.status_code == 404
    assert mine[who].name not in answer.text


def test_a_station_manager_looks_and_changes_nothing(client, enter, here):
    enter(Role.STATION_MANAGER, here["station"])
    shown = page(client, here["station"])
    assert shown.status_code == 200
    assert "/edit" not in shown.text
    assert "/add" not in shown.text
    assert page(client, here["room"], "/rename").status_code == 403
    assert post(client, here["room"], "rename", name="某室", confirm="1").status_code == 403


def test_the_own_unit_is_shown_without_what_the_level_above_does(client, mine):
    shown = page(client, mine["county"]).text
    assert "/add" in shown
    assert "/rename" not in shown
    assert page(client, mine["county"], "/rename").status_code == 403
    assert post(client, mine["county"], "close", revision="1", confirm="1").status_code == 403


@pytest.mark.parametrize("children", [3, 40])
def test_a_page_costs_the_same(client, session, mine, count_statements, children):
    for _ in range(children):
        place = builders.organization(session, mine["county"])
        builders.learner(session, at=place)
    page(client, mine["county"])
    with count_statements() as seen:
        shown = page(client, mine["county"])
    assert shown.status_code == 200
    assert len(seen) == 8
    with count_statements() as seen:
        client.get("/organizations")
    assert len(seen) == 3
    with count_statements() as seen:
        client.get("/organizations?q=站")
    assert len(seen) == 3


def test_people_are_counted_for_each_of_their_posts(client, session, mine):
    both = builders.learner(session, at=mine["station"])
    builders.learner(session, at=mine["room"])
    other = {"kind": "volunteer", "title": "", "started_on": NOON.date()}
    builders.added(session, Post(person_id=both.id, organization_id=mine["room"].id, **other))
    shown = page(client, mine["county"]).text
    assert "在岗 3 人（含下级单位）" in shown


def test_many_children_come_page_by_page(client, session, mine):
    for n in range(60):
        builders.organization(session, mine["hub"], name=f"众{n:02}站", code=f"z{n:02}")
    first = page(client, mine["hub"])
    (link,) = re.findall(r'href="([^"]+after=[^"]+)"', first.text)
    second = client.get(link.replace("&amp;", "&"))
    seen = names(first) + names(second)
    assert seen == [f"众{n:02}站" for n in range(60)]


@pytest.mark.parametrize("query", ["after=x", "after=", "after=99999999999999999999"])
def test_a_strange_place_in_a_list_is_its_beginning(client, mine, query):
    assert names(client.get(f"/organizations/{mine['county'].id}?{query}"))


def test_search_finds_what_is_in_the_scope(client, mine):
    found = client.get("/organizations", query_string={"q": "青山"})
    assert names(found) == ["青山社工站", "青山村社工室"]
    assert names(client.get("/organizations", query_string={"q": "远方"})) == []
    assert client.get("/organizations", query_string={"q": "青" * 3000}).status_code == 200
    assert client.get("/organizations?q=青&after=x.y").status_code == 200


def test_the_past_is_shown_as_it_was(client, session, mine):
    operations.rename(session, mine["station"].id, "青峰社工站", deed(reason="更名批复"))
    operations.move(session, mine["room"].id, mine["twin"].id, deed())
    session.flush()
    before = page(client, mine["station"], "/past", on="2026-03-01").text
    assert "青山社工站" in before
    assert "青山村社工室" in before
    now = page(client, mine["station"], "/past", on="2026-03-02").text
    assert "青山村社工室" not in now
    assert page(client, mine["station"], "/past", on="soon").status_code == 200
    shown = page(client, mine["station"]).text
    assert "由“青山社工站”改名为“青峰社工站”" in shown
    assert "更名批复" in shown


def test_a_merged_one_leads_to_its_successor(client, session, mine):
    operations.merge(session, mine["twin"].id, mine["station"].id, deed())
    session.flush()
    shown = page(client, mine["twin"]).text
    assert f'href="/organizations/{mine["station"].id}"' in shown
    assert "已并入" in shown
    assert "“绿水社工站”并入本单位" in page(client, mine["station"]).text
    assert "恢复使用" in shown


# changing

NEW = {"kind": "township_station", "name": "新桥社工站", "key": "u-0123456789ab"}


def test_a_station_is_added_after_a_look_at_what_would_happen(client, session, mine):
    asked = post(client, mine["county"], "add", **NEW, credit_code="91350100M000100Y43")
    assert asked.status_code == 200
    assert "新桥社工站" in asked.text
    assert queries.find_by_code(session, Code(OURS, NEW["key"])) is None
    back = post(client, mine["county"], "add", **NEW, back="1")
    assert 'value="新桥社工站"' in back.text
    done = post(client, mine["county"], "add", **NEW, confirm="1")
    made = queries.by_code(session, Code(OURS, NEW["key"]))
    assert (done.status_code, done.location) == (303, f"/organizations/{made.id}")
    assert made.parent_id == mine["county"].id
    again = post(client, mine["county"], "add", **NEW, confirm="1")
    assert again.location == done.location
    assert verbs(session) == ["organizations.organization_added"]


@pytest.mark.parametrize(
    "case",
    [
        ({"name": ""}, 422, "请填写单位名称"),
        ({"name": "青山社工站"}, 409, "上级单位下面已有一个"),
        ({"kind": "prefecture"}, 422, "is-invalid"),
        ({"credit_code": "91350100M000100Y44"}, 422, "校验位不对"),
        ({"own_code": "t-twin"}, 409, "已有单位使用"),
        ({"opened_on": "2027-01-01"}, 422, "日期不能晚于今天"),
        ({"sector": "justice"}, 422, "只有部门才填条线"),
        ({"sector": "astrology"}, 422, "is-invalid"),
    ],
)
def test_a_bad_addition_is_told_and_nothing_is_stored(client, session, mine, case):
    values, status, words = case
    answer = post(client, mine["county"], "add", **(NEW | values), confirm="1")
    assert answer.status_code == status
    assert words in answer.text
    assert queries.find_by_code(session, Code(OURS, NEW["key"])) is None
    assert verbs(session) == []


def test_a_rename_is_asked_done_and_told(client, session, mine):
    given = {"name": "青峰社工站", "revision": "1", "reason": "批复"}
    asked = post(client, mine["station"], "rename", **given)
    assert "从2026年3月2日起，“青山社工站”改名为“青峰社工站”。" in asked.text
    assert stored(session, mine["station"]).name == "青山社工站"
    done = post(client, mine["station"], "rename", **given, confirm="1")
    assert done.status_code == 303
    assert stored(session, mine["station"]).name == "青峰社工站"
    assert post(client, mine["station"], "rename", **given, confirm="1").status_code == 303
    assert session.scalar(sa.select(sa.func.count()).select_from(Event)) == 1


def test_a_mistyped_name_is_mended(client, session, mine):
    given = {"name": "青山镇社工站", "revision": "1", "mistyped": "y"}
    assert "不算改名" in post(client, mine["station"], "rename", **given).text
    post(client, mine["station"], "rename", **given, confirm="1")
    assert stored(session, mine["station"]).name == "青山镇社工站"
    assert session.scalar(sa.select(sa.func.count()).select_from(Event)) == 0


def test_the_second_clerk_sees_what_changed_and_keeps_what_they_typed(client, session, mine):
    first = {"revision": "1", "short_names": "青山站", "own_code": "t-station"}
    assert post(client, mine["station"], "edit", **first, confirm="1").status_code == 303
    second = first | {"short_names": "山站", "mca_code": "522301010"}
    late = post(client, mine["station"], "edit", **second, confirm="1")
    assert late.status_code == 409
    assert "刚被别人改过" in late.text
    assert "现在是“青山站”，您填的是“山站”" in late.text
    assert ">山站</textarea>" in late.text.replace("\n", "").replace("\r", "")
    (revision,) = re.findall(r'name="revision"[^>]*value="(\d+)"', late.text)
    again = post(client, mine["station"], "edit", **second | {"revision": revision}, confirm="1")
    assert again.status_code == 303
    file = queries.file(session, mine["station"].id)
    assert (file.short_names, file.code_of("MCA")) == (("山站",), "522301010")


def test_an_edit_shows_what_would_change(client, session, mine):
    given = {"revision": "1", "short_names": "青山站", "own_code": "t-station"}
    asked = post(client, mine["station"], "edit", **given).text
    assert "简称" in asked
    assert "<ins>青山站</ins>" in asked
    same = post(client, mine["station"], "edit", revision="1", own_code="t-station", confirm="1")
    assert same.status_code == 303
    assert verbs(session) == []


def test_a_sector_can_become_another_one_and_a_day_can_be_forgotten(client, session, mine):
    office = mine["office"]
    office.sector, office.opened_on = "civil_affairs", NOON.date()
    session.flush()
    given = {"revision": "1", "own_code": "t-office", "sector": "justice", "opened_on": ""}
    assert "<ins>（空）</ins>" in post(client, office, "edit", **given).text
    assert post(client, office, "edit", **given, confirm="1").status_code == 303
    assert (stored(session, office).sector, office.opened_on) == ("justice", None)
    assert post(client, office, "edit", **given | {"sector": ""}).status_code == 422


@pytest.mark.parametrize(
    "case",
    [("move", "hub", "划到“子县总站”下面"), ("merge", "twin", "并入“绿水社工站”")],
)
def test_a_station_goes_elsewhere(client, session, mine, case):
    act, target, asked_words = case
    chosen = {"target": str(mine[target].id), "revision": "1", "reason": "调整"}
    offered = page(client, mine["station"], f"/{act}").text
    assert f'value="{mine[target].id}"' in offered
    assert "远方社工站" not in offered
    assert "丑县" not in offered
    asked = post(client, mine["station"], act, **chosen)
    assert asked_words in asked.text
    assert stored(session, mine["station"]).parent_id == mine["county"].id
    for _ in range(2):
        assert post(client, mine["station"], act, **chosen, confirm="1").status_code == 303
    assert stored(session, mine["station"]).parent_id == mine[target].id
    acts = [v for v in verbs(session) if v.endswith({"move": "moved", "merge": "merged"}[act])]
    assert len(acts) == 1


@pytest.mark.parametrize("act", ["move", "merge"])
def test_a_forged_target_outside_the_scope_does_not_exist(client, session, mine, act):
    target = mine["elsewhere"] if act == "move" else mine["stranger"]
    forged = {"target": str(target.id), "revision": "1"}
    for step in ({}, {"confirm": "1"}):
        assert post(client, mine["station"], act, **forged, **step).status_code == 404
    assert stored(session, mine["station"]).parent_id == mine["county"].id


def test_only_whoever_has_both_sides_moves_across(client, session, enter, here):
    enter(Role.PREFECTURE_MANAGER, here["prefecture"])
    chosen = {"target": str(here["elsewhere"].id), "revision": "1", "confirm": "1"}
    assert post(client, here["station"], "move", **chosen).status_code == 303
    assert stored(session, here["station"]).parent_id == here["elsewhere"].id


@pytest.mark.parametrize(
    "case",
    [
        ("move", "station", {"target": ""}, 422, "请选择一个单位"),
        ("move", "station", {"target": "x"}, 422, "请选择一个单位"),
        ("move", "station", {"target": "hub", "on": "2026-03-03"}, 422, "日期不能晚于今天"),
        ("move", "station", {"target": "hub", "revision": "9"}, 409, "刚被别人改过"),
        ("move", "station", {"target": "twin"}, 409, "不能放在所选的上级单位下面"),
        ("merge", "station", {"target": "office"}, 409, "不能合并"),
        ("close", "station", {}, 409, "还有 1 个单位没有停用"),
        ("close", "twin", {"on": ""}, 422, "请填写日期"),
        ("rename", "twin", {"name": "青山社工站"}, 409, "已有一个"),
        ("rename", "twin", {"name": "<i>"}, 422, "不该有的符号"),
    ],
)
def test_a_change_is_refused_beside_its_field(client, session, mine, case):
    act, who, values, status, words = case
    values = {"revision": "1"} | values
    if values.get("target") in mine:
        values["target"] = str(mine[values["target"]].id)
    for step in ({}, {"confirm": "1"}):
        answer = post(client, mine[who], act, **values, **step)
        assert answer.status_code == status
        assert words in answer.text
    assert verbs(session) == []


def test_closing_tells_of_the_people_and_can_be_undone(client, session, mine):
    builders.learner(session, at=mine["twin"])
    asked = post(client, mine["twin"], "close", revision="1")
    assert "还有在岗 1 人的岗位在这里" in asked.text
    assert post(client, mine["twin"], "close", revision="1", confirm="1").status_code == 303
    assert stored(session, mine["twin"]).closed_on is not None
    assert "恢复使用" in page(client, mine["twin"]).text
    assert "恢复使用" in post(client, mine["twin"], "reopen", revision="2").text
    assert post(client, mine["twin"], "reopen", revision="2", confirm="1").status_code == 303
    assert stored(session, mine["twin"]).closed_on is None


def test_looking_writes_nothing(client, session, mine, count_statements):
    with count_statements() as seen:
        for what in (
            "",
            "/past",
            "/add",
            "/edit",
            "/rename",
            "/move",
            "/merge",
            "/close",
            "/reopen",
        ):
            page(client, mine["station"], what)
        for act in ("rename", "move", "close"):
            post(client, mine["station"], act, revision="1", name="某", target=str(mine["hub"].id))
    assert [s for s in seen if s.split()[0] in {"INSERT", "UPDATE", "DELETE"}] == []
