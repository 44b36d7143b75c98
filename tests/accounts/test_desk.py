"""The desk: clerks help people of their own scope, and nobody who may more than they."""

import csv
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.accounts.models import Account, HelpRequest, PasswordLink
from lms.accounts.operations import helping
from lms.kernel.clock import utc_now
from lms.kernel.errors import Conflict
from lms.people.models import Person
from lms.people.types import Role
from tests import builders
from tests.accounts import builders as accounts
from tests.accounts.builders import PASSWORD, PHONE

ADDRESS = re.compile(r"http://localhost(/set-password/[0-9a-f]{32}-[0-9a-f]{12})")


@pytest.fixture
def county(session):
    return builders.organization(session, kind="county", name="测试县")


@pytest.fixture
def station(session, county):
    return builders.organization(session, county, name="测试街道社工站")


@pytest.fixture
def clerk(session, county, sign_in):
    made = builders.with_role(session, Role.COUNTY_MANAGER, at=county, name="县管理员")
    sign_in(made)
    return made


@pytest.fixture
def officer(session, county, sign_in):
    made = builders.with_role(session, Role.SECURITY_OFFICER, at=county, name="安全员")
    sign_in(made)
    return made


@pytest.fixture
def helped(session, station):
    return accounts.learner(session, at=station)


@pytest.fixture
def stranger(session):
    """Somebody of another county."""
    return accounts.learner(session, user_name="elsewhere")


DEEDS = ("link", "revoke-links", "unlock", "end-sessions", "answered")


def do(client, deed, person, **data):
    return client.post(f"/help-desk/people/{person.id}/{deed}", data=data)


@pytest.mark.parametrize("typed", ["yang.mei", " YANG.MEI", PHONE, "+86 138 0013 8000"])
def test_somebody_is_found_by_the_exact_name_or_number(
    *, client, session, clerk, helped, vault, typed
):
    accounts.add_numbers(session, helped, vault)
    answer = client.post("/help-desk", data={"user_name": typed})
    assert answer.headers["Location"] == f"/help-desk/people/{helped.id}"
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200 and "杨梅" in page.text and PHONE not in page.text


@pytest.mark.parametrize("typed", ["elsewhere", "yang", "nobody", "%"])
def test_who_is_not_in_the_scope_is_not_found(*, client, clerk, helped, stranger, typed):
    answer = client.post("/help-desk", data={"user_name": typed})
    assert answer.status_code == 404 and "没有这个人" in answer.text


@pytest.mark.parametrize("deed", DEEDS)
def test_a_stranger_does_not_exist(*, client, clerk, stranger, deed, count_statements):
    assert client.get(f"/help-desk/people/{stranger.id}").status_code == 404
    with count_statements() as seen:
        assert do(client, deed, stranger).status_code == 404
    assert all(statement.startswith("SELECT") for statement in seen)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR])
def test_the_separate_duties_are_helped_by_a_security_officer_alone(
    *, client, session, county, clerk, sign_in, role
):
    someone = builders.with_role(session, role, at=county)
    assert "超出您管理的范围" in client.get(f"/help-desk/people/{someone.id}").text
    for deed in DEEDS:
        assert do(client, deed, someone).status_code == 403
    sign_in(builders.with_role(session, Role.SECURITY_OFFICER, at=county))
    assert do(client, "link", someone).status_code == 200


def test_a_manager_of_more_is_not_helped_by_one_of_less(*, client, session, station, clerk):
    """Whoever works here and manages the province: a link would be a way into the province."""
    someone = builders.learner(session, at=station)
    builders.added(session, _grant(someone, Role.PROVINCE_MANAGER, builders.organization(session)))
    assert do(client, "link", someone).status_code == 403


def _grant(person, role, place):
    from lms.people.models import RoleGrant

    return RoleGrant(person_id=person.id, role=role, organization_id=place.id)


def test_nobody_helps_themselves(client, session, county, officer):
    accounts_page = client.get(f"/help-desk/people/{officer.id}")
    assert "我的账号" in accounts_page.text
    for deed in DEEDS:
        assert do(client, deed, officer).status_code == 409


def test_a_slip_has_a_link_that_works_and_is_shown_once(*, client, app, clerk, helped, verbs):
    page = do(client, "link", helped)
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-store"
    (path,) = set(ADDRESS.findall(page.text))
    assert (
        "yang.mei" in page.text and "杨*" in page.text and "杨梅" not in page.text.split("<main")[1]
    )
    assert "测试街道社工站" in page.text and "data:image/svg+xml" in page.text
    assert verbs() == ["accounts.link_made"]
    assert app.test_client().get(path).status_code == 200
    assert path not in client.get(f"/help-desk/people/{helped.id}").text


def test_slips_are_revoked(*, client, app, clerk, helped, verbs):
    (path,) = set(ADDRESS.findall(do(client, "link", helped).text))
    assert do(client, "revoke-links", helped).status_code == 303
    assert app.test_client().get(path).status_code == 409
    do(client, "revoke-links", helped)  # again: nothing happens
    assert verbs() == ["accounts.link_made", "accounts.links_revoked"]


def test_a_lock_is_lifted(*, client, app, session, clerk, helped, enter, verbs):
    other = app.test_client()
    for _ in range(5):
        enter("yang.mei", "falsch", to=other)
    assert enter("yang.mei", PASSWORD, to=other).status_code == 403
    assert "锁到" in client.get(f"/help-desk/people/{helped.id}").text
    assert do(client, "unlock", helped).status_code == 303
    assert verbs()[-1] == "accounts.unlocked"
    assert enter("yang.mei", PASSWORD, to=other).status_code == 303


def test_sessions_are_ended(*, client, app, clerk, helped, enter, trail):
    other = app.test_client()
    enter("yang.mei", PASSWORD, to=other)
    assert other.get("/").status_code == 200
    assert do(client, "end-sessions", helped).status_code == 303
    assert other.get("/").status_code == 303
    assert (trail()[-1].verb, trail()[-1].actor_id) == ("accounts.sessions_ended", clerk.id)


# --- factors


def test_a_security_officer_resets_a_factor_with_a_reason(
    *, client, app, session, officer, helped, vault, trail
):
    accounts.add_factor(session, helped, vault)
    epoch = helped.session_epoch
    assert do(client, "reset-factor", helped).status_code == 422
    assert do(client, "reset-factor", helped, reason="手机丢失，已当面核验").status_code == 303
    session.expire_all()
    assert session.get(Account, helped.id).factor_sealed is None
    assert session.get(Person, helped.id).session_epoch == epoch + 1
    reset = next(e for e in trail() if e.verb == "accounts.factor_reset")
    assert (reset.actor_id, reset.facts) == (officer.id, {"reason": "手机丢失，已当面核验"})
    assert do(client, "reset-factor", helped, reason="again").status_code == 409


def test_a_clerk_does_not(*, client, session, clerk, helped, vault):
    accounts.add_factor(session, helped, vault)
    assert "重置动态验证码" not in client.get(f"/help-desk/people/{helped.id}").text
    assert do(client, "reset-factor", helped, reason="x").status_code == 403


def test_nor_an_officer_elsewhere_nor_for_oneself(*, client, session, officer, stranger, vault):
    accounts.add_factor(session, stranger, vault)
    assert do(client, "reset-factor", stranger, reason="x").status_code == 404
    accounts.add_factor(session, officer, vault)
    assert do(client, "reset-factor", officer, reason="x").status_code == 409


# --- slips for a unit


def several(session, station, count, **values):
    return [
        builders.learner(session, at=station, user_name=f"new{n}", name=f"新人{n}", **values)
        for n in range(count)
    ]


def test_a_unit_gets_slips_for_who_has_no_password(
    *, client, session, county, station, clerk, helped, verbs
):
    several(session, station, 3)
    page = client.post("/help-desk/slips", data={"unit": county.id})
    assert page.status_code == 200
    assert len(set(ADDRESS.findall(page.text))) == 3
    assert "new0" in page.text and "yang.mei" not in page.text
    assert verbs() == ["accounts.link_made"] * 3
    every = client.post("/help-desk/slips", data={"unit": county.id, "everybody": "y"})
    assert "yang.mei" in every.text and len(set(ADDRESS.findall(every.text))) == 4
    open_now = sa.select(sa.func.count()).where(PasswordLink.revoked_at.is_(None))
    assert session.scalar(open_now) == 4  # the first three are void


def test_a_unit_costs_as_many_reads_however_many_work_there(
    *, client, session, county, station, clerk, count_statements
):
    def reads():
        with count_statements() as seen:
            client.post("/help-desk/slips", data={"unit": county.id, "everybody": "y"})
        return len([s for s in seen if s.startswith("SELECT")])

    several(session, station, 2)
    few = reads()
    for n in range(9):
        builders.learner(session, at=station, user_name=f"more{n}")
    assert reads() == few


def test_a_unit_of_others_is_not_offered_and_not_found(*, client, session, clerk):
    other = builders.organization(session)
    assert client.post("/help-desk/slips", data={"unit": other.id}).status_code == 422
    assert client.post("/help-desk/slips", data={"unit": "x"}).status_code == 422


def test_a_unit_without_anybody_says_so(*, client, county, clerk):
    answer = client.post("/help-desk/slips", data={"unit": county.id})
    assert answer.status_code == 409 and "没有需要发放的人" in answer.text


def test_too_many_at_once_are_refused(*, session, county, station, clerk, vault):
    several(session, station, 3)
    with pytest.raises(Conflict) as refusal:
        helping.invite_unit(session, unit_id=county.id, everybody=False, vault=vault, now=utc_now(), days=7, helper=None, limit=2)  # fmt: skip
    assert refusal.value.code == "too_many"


# --- requests


def test_a_request_is_seen_by_the_clerk_and_answered_by_a_slip(
    *, client, app, session, clerk, helped, stranger
):
    for name in ("yang.mei", "elsewhere"):
        app.test_client().post("/sign-in/help", data={"user_name": name})
    page = client.get("/help-desk").text
    assert "杨梅" in page and "elsewhere" not in page
    do(client, "link", helped)
    assert "杨梅" not in client.get("/help-desk").text
    session.expire_all()
    assert session.get(HelpRequest, helped.id).done_by == clerk.id
    app.test_client().post("/sign-in/help", data={"user_name": "yang.mei"})
    assert "杨梅" in client.get("/help-desk").text  # and can ask again
    assert do(client, "answered", helped).status_code == 303
    assert "杨梅" not in client.get("/help-desk").text


# --- commands


@pytest.fixture
def run(app, client):
    return lambda *words: app.test_cli_runner().invoke(args=[*words])


@pytest.fixture
def unit(session):
    place = builders.organization(session, code="520102", code_system="GB/T 2260")
    several(session, place, 3)
    builders.learner(session, at=place, user_name="=cmd", name="公式")
    return place


def test_slips_are_written_for_a_spreadsheet(*, run, unit, tmp_path, setting, client):
    setting("PUBLIC_URL", "https://bixue.example/")
    target = tmp_path / "slips.csv"
    done = run("accounts", "links", "--organization", "520102", "--out", str(target))
    assert done.exit_code == 0, done.output
    rows = list(csv.reader(target.read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["用户名", "姓名", "单位", "设密码网址", "有效期至"]
    assert sorted(row[0] for row in rows[1:]) == ["'=cmd", "new0", "new1", "new2"]
    assert rows[1][3].startswith("https://bixue.example/set-password/")
    assert target.stat().st_mode & 0o077 == 0
    assert client.get(rows[1][3].removeprefix("https://bixue.example")).status_code == 200


def test_slips_are_written_for_a_printer(*, run, unit, tmp_path, setting):
    setting("PUBLIC_URL", "https://bixue.example")
    target = tmp_path / "slips.html"
    assert run("accounts", "links", "--organization", "520102", "--out", str(target)).exit_code == 0
    page = target.read_text("utf-8")
    assert page.count('class="bx-slip"') == 4 and ".bx-slip {" in page
    assert 'src="http' not in page and "<link" not in page


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--organization", "520102", "--out", "x.txt"), "bad_file"),
        (("--organization", "999999", "--out", "x.csv"), "no_organization"),
    ],
)
def test_links_for_nobody_are_refused(*, run, unit, setting, words, code):
    setting("PUBLIC_URL", "https://bixue.example")
    assert run("accounts", "links", *words).exception.code == code


def test_a_file_that_cannot_be_written_leaves_no_links(*, run, session, unit, tmp_path, setting):
    setting("PUBLIC_URL", "https://bixue.example")
    done = run("accounts", "links", "--organization", "520102", "--out", str(tmp_path / "no" / "x.csv"))  # fmt: skip
    assert done.exception.code == "bad_file"
    assert session.scalar(sa.select(sa.func.count()).select_from(PasswordLink)) == 0


def test_links_need_an_address(run, unit):
    done = run("accounts", "links", "--organization", "520102", "--out", "x.csv")
    assert done.exception.where == "LMS_PUBLIC_URL"


def test_locks_sessions_factors_and_passwords_by_command(
    *, run, session, helped, vault, verbs, enter
):
    account = accounts.add_factor(session, helped, vault)
    account.locked_until_at = utc_now() + timedelta(minutes=9)
    session.flush()
    assert "unlocked" in run("accounts", "unlock", "yang.mei").output
    assert "was not locked" in run("accounts", "unlock", "yang.mei").output
    assert run("accounts", "end-sessions", "yang.mei").exit_code == 0
    assert run("accounts", "reset-factor", "yang.mei", "--reason", "x").exit_code == 0
    assert (
        run("accounts", "reset-factor", "yang.mei", "--reason", "x").exception.code == "no_factor"
    )
    weak = run("people", "password", "yang.mei", "--password", "12345678")
    assert weak.exception.code == "weak_password"
    done = run("people", "password", "yang.mei", "--password", "ein-Neues-9", "--temporary")
    assert done.exit_code == 0, done.output
    assert enter("yang.mei", "ein-Neues-9").headers["Location"] == "/account/password"
    assert {"accounts.password_set", "accounts.factor_reset"} <= set(verbs())
