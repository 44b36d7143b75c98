"""How long a session lasts, and when its person proves anew who they are."""

import pytest
import time_machine

from lms.accounts.rules.sessions import EXAM_GRACE_SECONDS
from lms.http.access import needs_fresh, signed_in
from lms.kernel.clock import utc_now
from lms.people.models import RoleGrant
from lms.people.types import Role
from lms.web import create_app
from tests import builders
from tests.accounts import builders as accounts
from tests.accounts.builders import PASSWORD, STAFF_PASSWORD, code_at
from tests.conftest import DATA_KEYS

HOUR = 3600


@pytest.fixture
def clock():
    with time_machine.travel(utc_now(), tick=False) as clock:
        yield clock


def is_in(client, path="/account"):
    return client.get(path).status_code != 303  # /exams may be 404: no paper is there


@pytest.fixture
def learner(session, enter, clock):
    made = accounts.learner(session)
    enter("yang.mei", PASSWORD)
    return made


@pytest.fixture
def manager(session, enter, clock, setting):
    setting("SECOND_FACTOR", "off")
    made = accounts.manager(session)
    enter("long.yun", STAFF_PASSWORD)
    return made


def test_a_learner_may_rest_for_twelve_hours(client, learner, clock):
    clock.shift(12 * HOUR)
    assert is_in(client)
    clock.shift(12 * HOUR + 1)
    assert not is_in(client)
    assert not is_in(client)  # asking does not wake it up


def test_staff_may_rest_for_half_an_hour(client, manager, clock):
    for _ in range(10):
        clock.shift(1800)
        assert is_in(client)
    clock.shift(1801)
    assert not is_in(client)
    assert not is_in(client)  # asking does not wake it up


def test_a_busy_day_of_staff_ends_all_the_same(client, manager, clock):
    for _ in range(24):
        clock.shift(1800)
        assert is_in(client)
    clock.shift(1)
    assert not is_in(client)


def test_a_learner_signs_in_again_after_thirty_days(client, learner, clock):
    for _ in range(60):
        clock.shift(12 * HOUR)
        assert is_in(client)
    clock.shift(1)
    assert not is_in(client)


def test_keeping_a_session_alive_writes_nothing(client, learner, clock, count_statements):
    clock.shift(6 * HOUR)
    with count_statements() as seen:
        answer = client.get("/account")
    assert all(statement.startswith("SELECT") for statement in seen)
    assert "Set-Cookie" in answer.headers


def test_whoever_sits_an_examination_is_not_thrown_out(*, client, session, manager, clock):
    """The paper ends by its own clock; the rest of the site asks to sign in again."""
    place = builders.organization(session)
    learns = RoleGrant(person_id=manager.id, role=Role.LEARNER, organization_id=place.id)
    builders.added(session, learns)
    clock.shift(1800 + EXAM_GRACE_SECONDS)
    assert is_in(client, "/exams")
    assert not is_in(client)
    assert is_in(client, "/exams")  # and was not prolonged by it
    clock.shift(61)
    assert not is_in(client, "/exams")


def test_a_session_without_a_beginning_is_over(client, session):
    someone = accounts.learner(session)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{someone.id}.0"
    assert not is_in(client)


def test_a_page_costs_one_statement_for_who_is_asking(client, learner, count_statements):
    with count_statements() as seen:
        client.get("/account/second-factor")
    assert len([s for s in seen if "role_grant" in s]) == 1


# --- fresh


@pytest.fixture
def export(engine, client):
    """An application with a page that needs a fresh sign-in."""
    app = create_app(
        {
            "TESTING": True,
            "SECRET_KEY": "only for tests",
            "DATA_KEYS": DATA_KEYS,
            "DIGEST_KEY": "only for tests",
            "DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": False,
        }
    )

    @signed_in
    @needs_fresh
    def page():
        return "exported"

    app.add_url_rule("/export", "export", page, methods=["GET", "POST"])
    return app.test_client()


def test_a_sensitive_page_asks_again_after_ten_minutes(*, export, session, enter, clock, verbs):
    accounts.learner(session)
    enter("yang.mei", PASSWORD, to=export)
    clock.shift(600)
    assert export.get("/export").text == "exported"
    clock.shift(1)
    asked = export.get("/export?kind=x")
    assert asked.headers["Location"] == "/confirm?next=/export?kind%3Dx"
    assert export.get(asked.headers["Location"]).status_code == 200
    wrong = export.post(asked.headers["Location"], data={"password": "falsch"})
    assert wrong.status_code == 403 and verbs()[-1] == "accounts.sign_in_failed"
    done = export.post(asked.headers["Location"], data={"password": PASSWORD})
    assert done.headers["Location"] == "/export?kind=x"
    assert export.get("/export").text == "exported"


def test_whoever_has_a_factor_confirms_with_it(*, export, session, enter, clock, vault):
    accounts.add_factor(session, accounts.manager(session), vault)
    enter("long.yun", STAFF_PASSWORD, to=export)
    export.post("/sign-in/code", data={"code": code_at(utc_now())})
    clock.shift(601)
    for code in ("", "000000"):
        answer = export.post("/confirm", data={"password": STAFF_PASSWORD, "code": code})
        assert answer.status_code == 403
    data = {"password": STAFF_PASSWORD, "code": code_at(utc_now())}
    assert export.post("/confirm?next=/export", data=data).headers["Location"] == "/export"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://localhost/account?x=1", "/confirm?next=/account?x%3D1"),
        ("https://elsewhere.example/account", "/confirm"),
        ("", "/confirm"),
        ("http://[", "/confirm"),
    ],
)
def test_a_form_is_asked_for_again_not_sent_again(*, export, session, enter, clock, referer, back):
    accounts.learner(session)
    enter("yang.mei", PASSWORD, to=export)
    clock.shift(601)
    assert export.post("/export", headers={"Referer": referer}).headers["Location"] == back


# --- my account


def test_one_sees_where_one_signed_in(*, client, session, learner, enter, app):
    phone = app.test_client()
    agent = "Mozilla/5.0 (Linux; Android 13) Chrome/110 MicroMessenger/8.0"
    enter("yang.mei", PASSWORD, to=phone, headers={"User-Agent": agent}, environ_base={"REMOTE_ADDR": "203.0.113.77"})  # fmt: skip
    page = client.get("/account").text
    assert "微信 · Android · 203.0.113.*" in page
    assert "203.0.113.77" not in page
    client.set_cookie("lang", "en")
    assert "WeChat · Android" in client.get("/account").text
