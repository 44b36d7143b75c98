"""Pages about people: who gets in is in tests/web/test_scope.py; here what they say and do."""

import csv
import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from lms.audit.models import Entry
from lms.kernel.clock import day_of, utc_now
from lms.organizations.models import Organization
from lms.people import operations, queries
from lms.people.models import CadreClass, ClassMember, Person, RoleGrant
from lms.people.types import DocumentKind, Grant, PersonChange, PersonRow, PostKind, PostRow, Role
from tests import builders
from tests.builders import NOON, TODAY

PHONE, ID = "13900001111", "522301199001011236"


@pytest.fixture
def county(session):
    province = builders.organization(session, kind="province")
    return builders.organization(session, province, kind="county", name="甲县", code="C1")


@pytest.fixture
def station(session, county):
    return builders.organization(session, county, name="甲站", code="S1")


@pytest.fixture
def clerk(session, county, sign_in):
    made = builders.with_role(session, Role.COUNTY_MANAGER, at=county, name="县管理员")
    sign_in(made)
    return made


def add(session, vault, place, name="杨梅", **values):
    row = PersonRow(
        name,
        posts=(PostRow(place.id, PostKind.STATION_WORKER, "社工", TODAY),),
        roles=(Grant(Role.LEARNER, place.id),),
        **values,
    )
    return operations.add_many(session, [row], vault=vault, actor_id=None, now=NOON)[0]


def lines(session, verb):
    return session.scalars(sa.select(Entry).where(Entry.verb == verb)).all()


# --- finding


@pytest.mark.parametrize("typed", [PHONE, "+86 139-0000-1111", ID, ID.lower()])
def test_a_number_leads_to_its_person_and_stands_in_no_address(
    client, session, vault, station, clerk, typed
):
    someone = add(session, vault, station, phone=PHONE, documents={DocumentKind.RESIDENT_ID: ID})
    answer = client.post("/people/find", data={"wanted": typed})
    assert answer.headers["Location"] == f"/people/{someone}"


@pytest.mark.parametrize("typed", ["13900009999", "522301199202023452", "E1234567", "42"])
def test_a_number_nobody_has_stands_in_no_address_either(client, clerk, typed):
    answer = client.post("/people/find", data={"wanted": typed})
    assert answer.headers["Location"] == "/people"


def test_a_name_leads_to_the_list(client, session, vault, station, clerk):
    add(session, vault, station, name="阿卜杜·买买提")
    answer = client.post("/people/find", data={"wanted": "买买"}, follow_redirects=True)
    assert "阿卜杜·买买提" in answer.text


@pytest.mark.parametrize("wanted", ["", " ", "x" * 61])
def test_nothing_to_look_for(client, clerk, wanted):
    assert client.post("/people/find", data={"wanted": wanted}).status_code == 422


@pytest.mark.parametrize(
    "query", ["kind=nonsense", "role=nonsense", "state=nonsense", "unit=nonsense"]
)
def test_a_forged_filter_is_told(client, clerk, query):
    assert client.get(f"/people?{query}").status_code == 422


def test_the_list_costs_the_same_however_long(client, session, vault, station, clerk, count_statements):  # fmt: skip
    def count():
        with count_statements() as seen:
            assert client.get("/people").status_code == 200
        return len(seen)

    add(session, vault, station)
    few = count()
    for n in range(8):
        add(session, vault, station, phone=f"1390000000{n}")
    assert count() == few <= 5


# --- one file


def test_numbers_are_masked_and_shown_once_for_a_reason(client, session, vault, station, clerk):
    someone = add(session, vault, station, phone=PHONE)
    page = client.get(f"/people/{someone}")
    assert "139****1111" in page.text and PHONE not in page.text
    shown = client.post(f"/people/{someone}/reveal", data={"what": "phone", "reason": "核对报名"})
    assert PHONE in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert PHONE not in client.get(f"/people/{someone}").text
    [line] = lines(session, "people.number_revealed")
    assert (line.actor_id, line.facts["reason"]) == (clerk.id, "核对报名")


@pytest.mark.parametrize(
    "data",
    [{"what": "phone"}, {"what": "phone", "reason": "x"}, {"what": "x", "reason": "核对报名"}],
)
def test_without_a_good_reason_nothing_is_shown(client, session, vault, station, clerk, data):
    someone = add(session, vault, station, phone=PHONE)
    answer = client.post(f"/people/{someone}/reveal", data=data)
    assert answer.status_code == 422 and PHONE not in answer.text
    assert lines(session, "people.number_revealed") == []


def test_a_merged_file_leads_to_the_survivor(client, session, vault, station, clerk):
    one, two = add(session, vault, station), add(session, vault, station)
    session.get(Person, two).merged_into_id = one
    session.flush()
    assert client.get(f"/people/{two}").headers["Location"] == f"/people/{one}"
    assert client.get(f"/people/{two}/edit").status_code == 404


def new(**more):
    return {
        "name": "新人",
        "phone": PHONE,
        "document_kind": "resident_id",
        "document_number": ID,
        "unit": "甲站（S1）",
        "kind": "station_worker",
        "title": "社工",
        "started_on": "2026-03-02",
        "learns": "y",
        "token": "abc1234",
    } | more


def test_a_person_is_added_once_however_often_it_is_sent(client, session, station, clerk):
    answers = [client.post("/people/add", data=new()) for _ in range(2)]
    assert answers[0].status_code == 303
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    [found] = session.scalars(sa.select(Person).where(Person.name == "新人")).all()
    principal = queries.find_principal(session, found.id, on=TODAY)
    assert principal.grants == (Grant(Role.LEARNER, station.id),)


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"name": "3"}, "name"),
        ({"name": ""}, "name"),
        ({"phone": "12345"}, "phone"),
        ({"document_number": "522301199001011231"}, "document_number"),  # the check character
        ({"document_kind": "nonsense"}, "document_kind"),
        ({"unit": "没有"}, "unit"),
        ({"started_on": "yesterday"}, "started_on"),
        ({"rank_band": "county"}, "rank_band"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client, session, station, clerk, more, where):
    answer = client.post("/people/add", data=new(**more))
    assert answer.status_code == 422
    assert f'id="{where}-fault"' in answer.text
    assert session.scalar(sa.select(Person).where(Person.name == "新人")) is None


def test_who_may_be_the_same_is_shown_first(client, session, vault, station, clerk):
    someone = add(session, vault, station, name="新人")
    answer = client.post("/people/add", data=new())
    assert answer.status_code == 409 and f"/people/{someone}" in answer.text
    assert client.post("/people/add", data=new(not_the_same="y")).status_code == 303


def test_a_number_of_somebody_unseen_is_refused_without_telling_whose(
    client, session, vault, station, clerk
):
    elsewhere = builders.organization(session)
    add(session, vault, elsewhere, name="乌有先生", phone=PHONE)
    answer = client.post("/people/add", data=new())
    assert answer.status_code == 409
    assert "乌有先生" not in answer.text and "已登记在另一个人名下" in answer.text


# --- two clerks


def was(**more):
    return {"was_name": "杨梅", "was_education": "", "was_social_work_major": ""} | more


def test_the_second_clerk_sees_what_the_first_changed(client, session, vault, station, clerk):
    someone = add(session, vault, station)
    first = client.post(f"/people/{someone}/edit", data={"name": "杨美"} | was())
    assert first.status_code == 303
    mine = {"name": "杨某", "education": "master"}
    second = client.post(f"/people/{someone}/edit", data=mine | was())
    assert second.status_code == 409
    for words in ("县管理员", "原来是“杨梅”，现在是“杨美”", "您填的是“杨某”"):
        assert words in second.text.replace("&#34;", "")
    assert (
        'value="杨某"' in second.text
        and 'name="was_name" type="hidden" value="杨美"' in second.text
    )
    assert session.get(Person, someone).name == "杨美"
    # having seen it, the second decides
    again = client.post(f"/people/{someone}/edit", data=mine | was(was_name="杨美"))
    assert again.status_code == 303
    session.expire_all()
    assert session.get(Person, someone).name == "杨某"


def test_a_newer_day_stands_in_the_page_of_who_left_it_alone(client, session, vault, station, clerk):  # fmt: skip
    someone = add(session, vault, station)
    client.post(f"/people/{someone}/edit", data={"name": "杨梅", "social_work_started_on": "2020-01-02"} | was())  # fmt: skip
    stale = client.post(f"/people/{someone}/edit", data={"name": "杨某", "social_work_started_on": ""} | was())  # fmt: skip
    assert stale.status_code == 409 and "您没有改" in stale.text
    assert re.search(r'name="social_work_started_on"[^>]*value="2020-01-02"', stale.text)


@pytest.mark.parametrize(
    "forged", [{"was_education": "nonsense"}, {"was_social_work_started_on": "x"}]
)
def test_a_forged_beginning_changes_nothing(client, session, vault, station, clerk, forged):
    someone = add(session, vault, station)
    answer = client.post(f"/people/{someone}/edit", data={"name": "杨美"} | was(**forged))
    assert answer.status_code == 422
    assert session.get(Person, someone).name == "杨梅"


def test_a_stale_post_is_shown_beside_what_was_typed(client, session, vault, station, clerk):
    someone = add(session, vault, station)
    path = f"/people/{someone}/posts/{queries.posts_of(session, someone)[0].post.id}"

    def data(title, revision):
        return {"unit": "S1", "kind": "station_worker", "title": title, "started_on": "2026-03-02", "revision": revision}  # fmt: skip

    assert client.post(path, data=data("组长", 1)).status_code == 303
    stale = client.post(path, data=data("副组长", 1))
    assert stale.status_code == 409
    assert "组长" in stale.text and 'value="副组长"' in stale.text
    assert re.search(r'name="revision"[^>]*value="2"', stale.text)
    assert client.post(path, data=data("副组长", 2)).status_code == 303


def test_a_number_is_replaced_and_removed(client, session, vault, station, clerk):
    someone = add(session, vault, station, phone=PHONE)
    path = f"/people/{someone}/numbers"
    assert client.post(path, data={"what": "phone", "number": "13900002222"}).status_code == 303
    assert "139****2222" in client.get(path).text
    assert client.post(f"{path}/remove", data={"what": "phone"}).status_code == 303
    assert queries.numbers_of(session, someone, vault) == ()
    assert client.post(f"{path}/remove", data={"what": "nonsense"}).status_code == 422
    assert [line.facts["fields"] for line in lines(session, "people.person_changed")] == [["phone"]] * 2  # fmt: skip


# --- roles


def test_a_role_is_said_in_words_before_it_is_granted(client, session, vault, station, clerk):
    someone = add(session, vault, station)
    path, data = f"/people/{someone}/roles", {"role": "station_manager", "unit": "甲站"}
    preview = client.post(path, data=data)
    assert preview.status_code == 200 and "授予 杨梅 角色“站点负责人”" in preview.text
    assert len(queries.roles_of(session, someone)) == 1
    assert client.post(path, data=data | {"sure": "1"}).status_code == 303
    principal = queries.find_principal(session, someone, on=day_of(utc_now()))
    assert Grant(Role.STATION_MANAGER, station.id) in principal.grants


@pytest.mark.parametrize("role", ["county_manager", "security_officer", "nonsense"])
def test_a_forged_role_is_none_of_the_choices(client, session, vault, station, clerk, role):
    someone = add(session, vault, station)
    data = {"role": role, "unit": "甲站", "sure": "1"}
    assert client.post(f"/people/{someone}/roles", data=data).status_code == 422
    assert len(queries.roles_of(session, someone)) == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"role": "county_manager", "unit": "甲站"}, 422),  # the level
        ({"role": "evaluator", "unit": "甲县"}, 422),  # without an end
        ({"role": "learner", "unit": "乙县"}, 422),
    ],
)
def test_what_cannot_be_granted_is_told(client, session, vault, county, station, sign_in, data, status):  # fmt: skip
    sign_in(builders.with_role(session, Role.SECURITY_OFFICER, at=county))
    someone = add(session, vault, station)
    answer = client.post(f"/people/{someone}/roles", data=data | {"sure": "1"})
    assert answer.status_code == status


def test_nobody_grants_to_themselves(client, session, county, clerk):
    page = client.get(f"/people/{clerk.id}/roles")
    assert "不能给自己授予" in page.text
    data = {"role": "learner", "unit": "甲县", "sure": "1"}
    assert client.post(f"/people/{clerk.id}/roles", data=data).status_code == 403


def test_a_revoked_role_is_gone_at_the_next_request(client, session, county, sign_in):
    officer = builders.with_role(session, Role.SECURITY_OFFICER, at=county)
    manager = builders.with_role(session, Role.COUNTY_MANAGER, at=county)
    grant_id = session.scalar(sa.select(RoleGrant.id).where(RoleGrant.person_id == manager.id))
    sign_in(manager)
    assert client.get("/people").status_code == 200
    sign_in(officer)
    path = f"/people/{manager.id}/roles/{grant_id}/revoke"
    assert client.get(path).status_code == 200
    assert [client.post(path).status_code for _ in range(2)] == [303, 303]
    sign_in(manager)  # the same session as before
    assert client.get("/people").status_code == 403


def test_the_last_officer_is_told(client, session, county, sign_in):
    officer = builders.with_role(session, Role.SECURITY_OFFICER, at=county)
    above = session.get(Organization, county.parent_id)
    other = builders.with_role(session, Role.SECURITY_OFFICER, at=above)
    grant_id = session.scalar(sa.select(RoleGrant.id).where(RoleGrant.person_id == officer.id))
    sign_in(other)
    answer = client.post(f"/people/{officer.id}/roles/{grant_id}/revoke")
    assert answer.status_code == 409 and "最后一名安全员" in answer.text


# --- classes


def test_a_class_is_held_once_and_filled_by_a_pasted_list(client, session, vault, station, clerk):
    one = add(session, vault, station, name="龙一", phone=PHONE)
    two = add(session, vault, station, name="龙二", user_name="long2")
    three = add(session, vault, station, name="龙三")
    data = {"name": "选调班", "kind": "selected_graduates", "unit": "甲站", "starts_on": "2026-03-02", "ends_on": "2026-05-02", "token": "abc1234"}  # fmt: skip
    paths = {client.post("/people/classes/add", data=data).headers["Location"] for _ in range(2)}
    [path] = paths
    pasted = f"{PHONE}\r\nlong2\n\n 龙三 \n{PHONE}"
    for _ in range(2):
        assert client.post(f"{path}/members", data={"people": pasted}).status_code == 303
    members = set(session.scalars(sa.select(ClassMember.person_id)))
    assert members == {one, two, three}
    assert client.post(f"{path}/members/{one}/leave").status_code == 303
    assert "已离班" in client.get(path).text
    assert session.scalar(sa.select(sa.func.count()).select_from(CadreClass)) == 1


def test_an_unclear_line_joins_nobody(client, session, vault, station, clerk):
    add(session, vault, station, name="龙一")
    add(session, vault, station, name="龙一")
    add(session, vault, station, name="龙二")
    data = {"name": "班", "kind": "other", "unit": "甲站", "starts_on": "2026-03-02", "ends_on": "2026-05-02", "token": "abc1234"}  # fmt: skip
    path = client.post("/people/classes/add", data=data).headers["Location"]
    answer = client.post(f"{path}/members", data={"people": "龙二\n龙一\n没有的人"})
    assert answer.status_code == 422 and "没有的人" in answer.text
    assert session.scalars(sa.select(ClassMember)).all() == []


def test_a_class_that_ends_before_it_begins(client, station, clerk):
    data = {"name": "班", "kind": "other", "unit": "甲站", "starts_on": "2026-03-02", "ends_on": "2026-03-01", "token": "abc1234"}  # fmt: skip
    answer = client.post("/people/classes/add", data=data)
    assert answer.status_code == 422 and 'id="ends_on-fault"' in answer.text


# --- duplicates


@pytest.fixture
def prefect(session, county, sign_in):
    made = builders.with_role(session, Role.PREFECTURE_MANAGER, at=county)
    sign_in(made)
    return made


def test_duplicates_are_compared_merged_and_taken_apart(client, session, vault, station, prefect):
    one = add(session, vault, station, phone=PHONE)
    two = add(session, vault, station, documents={DocumentKind.RESIDENT_ID: ID})
    assert f"/people/{one}/merge/{two}" in client.get("/people/duplicates").text
    path = f"/people/{one}/merge/{two}"
    page = client.get(path).text
    assert "139****1111" in page and PHONE not in page and ID not in page
    for _ in range(2):
        done = client.post(path, data={"reason": "重复登记"})
        assert done.headers["Location"] == f"/people/{one}"
    [merge] = queries.merges_of(session, one)
    assert client.get(f"/people/merges/{merge.id}/undo").status_code == 200
    for _ in range(2):
        assert client.post(f"/people/merges/{merge.id}/undo").status_code == 303
    session.expire_all()
    assert session.get(Person, two).merged_into_id is None


def test_different_people_need_an_administrator(client, session, vault, county, station, prefect, sign_in):  # fmt: skip
    one = add(session, vault, station, documents={DocumentKind.RESIDENT_ID: ID})
    two = add(session, vault, station, documents={DocumentKind.RESIDENT_ID: "522301199202023452"})
    path, data = f"/people/{one}/merge/{two}", {"reason": "重复登记"}
    assert client.post(path, data=data).status_code == 409
    assert client.post(path, data=data | {"different": "y"}).status_code == 403
    sign_in(builders.with_role(session, Role.ADMINISTRATOR, at=county))
    assert client.post(path, data=data).status_code == 409
    assert client.post(path, data=data | {"different": "y"}).status_code == 303


# --- exports


def test_a_list_is_exported_with_masked_numbers_and_no_formula(client, session, vault, station, clerk):  # fmt: skip
    someone = add(session, vault, station, phone=PHONE)
    session.get(Person, someone).name = "=1+1"  # nobody can be called so; a file may say it
    session.flush()
    answer = client.post("/people/export", data={"form": "csv"})
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert any(row[0] == "'=1+1" and "139****1111" in row for row in rows)
    assert PHONE not in answer.text
    [line] = lines(session, "people.list_exported")
    assert line.facts["in_clear"] is False


def test_whole_numbers_are_exported_for_a_reason(client, session, vault, station, clerk):
    add(session, vault, station, phone=PHONE)
    data = {"form": "xlsx", "in_clear": "y"}
    assert client.post("/people/export", data=data).status_code == 422
    answer = client.post("/people/export", data=data | {"reason": "发放补贴"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    cells = [cell for row in book.get_sheet_by_index(0).to_python() for cell in row]
    assert PHONE in cells


def test_an_administrator_exports_masked_only(client, session, vault, county, station, sign_in):
    sign_in(builders.with_role(session, Role.ADMINISTRATOR, at=county))
    add(session, vault, station, phone=PHONE)
    data = {"form": "csv", "in_clear": "y", "reason": "发放补贴"}
    assert client.post("/people/export", data=data).status_code == 403
    assert client.post("/people/export", data={"form": "csv"}).status_code == 200


def test_an_export_asks_for_the_password_again(client, session, county, clerk):
    with client.session_transaction() as cookie:
        cookie["fresh_at"] = int((utc_now() - timedelta(seconds=601)).timestamp())
    for answer in (client.get("/people/export"), client.post("/people/export", data={"form": "csv"})):  # fmt: skip
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/confirm")
    assert lines(session, "people.list_exported") == []


def test_a_phone_given_elsewhere_meanwhile_is_told(client, session, vault, station, clerk):
    one, two = add(session, vault, station), add(session, vault, station)
    operations.update_many(session, [PersonChange(two, phone=PHONE)], vault=vault, actor_id=None, now=NOON)  # fmt: skip
    answer = client.post(f"/people/{one}/numbers", data={"what": "phone", "number": PHONE})
    assert answer.status_code == 409 and "杨梅" in answer.text
