"""Signing in and out: whose session it is, where it leads, when it ends."""

import re
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import sqlalchemy as sa
import time_machine

from lms.audit.models import Entry
from lms.http.extensions import limiter
from lms.http.headers import RESEND_AFTER
from lms.kernel.clock import utc_now
from lms.people import operations
from lms.people.models import Person
from lms.people.types import Role
from lms.web import create_app
from tests import builders
from tests.builders import NOON

PASSWORD = "八个字的密码好记"
HASHED = operations.hash_password(PASSWORD)


@pytest.fixture
def person(session):
    return builders.with_role(
        session, Role.LEARNER, user_name="yang.mei", name="杨梅", password_hash=HASHED
    )


def post(client, user_name="yang.mei", password=PASSWORD, query="", **options):
    data = {"user_name": user_name, "password": password}
    return client.post(f"/sign-in{query}", data=data, **options)


def verbs(session):
    session.expire_all()
    return session.scalars(sa.select(Entry.verb).order_by(Entry.id)).all()


def is_signed_in(client):
    return client.get("/").status_code == 200


def test_whoever_signs_in_comes_to_their_first_page(client, session, person):
    answer = post(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert is_signed_in(client)
    assert verbs(session) == ["people.signed_in"]


def test_the_name_may_be_typed_in_any_case(client, person):
    assert post(client, user_name=" Yang.Mei ").status_code == 303


def test_signing_in_costs_four_statements(client, person, count_statements):
    with count_statements() as seen:
        post(client)
    assert len(seen) == 4  # the fourth asks whether a privacy notice waits


@pytest.mark.parametrize(
    ("role", "landing"),
    [
        (Role.LEARNER, "/"),
        (Role.COUNTY_MANAGER, "/team"),
        (Role.INSTRUCTOR, "/teaching"),
        (Role.HR_CHECKER, "/hr/check"),
        (Role.AUDITOR, "/audit"),
        (Role.ADMINISTRATOR, "/team"),
        (None, "/verify"),  # may nothing but what everybody may
    ],
)
def test_everybody_has_a_first_page_they_may_open(client, session, role, landing):
    values = {"user_name": "yang.mei", "password_hash": HASHED}
    builders.with_role(session, role, **values) if role else builders.person(session, **values)
    assert post(client).headers["Location"] == landing
    assert client.get(landing).status_code == 200


def shape(page):
    """A page without what differs from one showing to the next."""
    return re.sub(r'value="[^"]*"|content="[^"]*"', "", page.text)


@pytest.mark.parametrize(
    "values", [{"user_name": "another"}, {"closed_at": NOON}, {"password_hash": None}], ids=str
)
def test_nobody_learns_who_is_registered(client, session, person, values):
    wrong = post(client, password="falsch-falsch")
    for name, value in values.items():
        setattr(person, name, value)
    session.flush()
    other = post(client)
    assert wrong.status_code == other.status_code == 403
    assert "用户名或密码不对" in other.text
    assert shape(wrong) == shape(other)
    assert not is_signed_in(client)
    assert verbs(session) == ["people.sign_in_failed"] * 2


def test_the_password_is_not_shown_again(client, person):
    assert "falsch-falsch" not in post(client, password="falsch-falsch").text


@pytest.mark.parametrize(
    ("user_name", "password", "words"),
    [
        ("", PASSWORD, "请填写用户名"),
        ("  ", PASSWORD, "请填写用户名"),
        ("yang.mei", "", "请填写密码"),
        ("x" * 65, PASSWORD, "用户名最多 64 个字"),
        ("yang.mei", "x" * 257, "密码最多 256 个字"),
    ],
)
def test_a_form_that_is_not_filled_in_is_shown_again(client, session, user_name, password, words):
    answer = post(client, user_name=user_name, password=password)
    assert answer.status_code == 422
    assert words in answer.text
    assert verbs(session) == []


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/required", "/required"),
        ("/courses?page=2", "/courses?page=2"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/%5Celsewhere.example/", "/"),
        ("/%09/elsewhere.example/", "/"),
        ("/a%0d%0aX-Evil:1", "/"),
        ("//%5B", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_to_the_page_that_was_asked_for_if_it_is_ours(
    client, person, wanted, leads
):
    assert post(client, query=f"?next={wanted}").headers["Location"] == leads


def test_the_form_keeps_the_page_that_was_asked_for(client):
    asked = client.get("/required")
    assert asked.headers["Location"] == "/sign-in?next=/required"
    assert 'action="/sign-in?next=/required"' in client.get(asked.headers["Location"]).text


def test_whoever_is_signed_in_needs_no_form(client, sign_in, person):
    sign_in(person)
    assert client.get("/sign-in").headers["Location"] == "/"


def test_the_session_cookie_is_out_of_reach(client, person):
    cookie = post(client).headers["Set-Cookie"]
    assert cookie.startswith("bixue=")
    flags = {part.strip().partition("=")[0]: part.strip().partition("=")[2] for part in cookie.split(";")[1:]}  # fmt: skip
    assert {"HttpOnly", "Path", "SameSite", "Expires"} <= set(flags)
    assert (flags["SameSite"], flags["Path"]) == ("Lax", "/")
    left = parsedate_to_datetime(flags["Expires"]) - utc_now()
    assert timedelta(hours=11) < left <= timedelta(hours=12)
    assert PASSWORD not in cookie


def test_the_session_cookie_is_sent_again_when_it_has_aged(client, person):
    with time_machine.travel(utc_now(), tick=False) as clock:
        post(client)
        assert "Set-Cookie" in client.get("/").headers  # now it carries the token of the forms
        clock.shift(RESEND_AFTER - 1)
        assert "Set-Cookie" not in client.get("/").headers
        clock.shift(1)
        assert "Set-Cookie" in client.get("/").headers
        assert "Set-Cookie" not in client.get("/").headers


def test_over_https_the_cookies_are_for_https_alone(client, person):
    assert "; Secure" in post(client, base_url="https://localhost").headers["Set-Cookie"]
    chosen = client.post("/preferences", data={"lang": "en"}, base_url="https://localhost")
    assert "; Secure" in chosen.headers["Set-Cookie"]
    assert "; Secure" not in post(client).headers["Set-Cookie"]


def test_nothing_of_the_session_before_is_kept(client, person):
    """Whoever planted a session before somebody signed in does not share it."""
    with client.session_transaction() as cookie:
        cookie["planted"] = "x"
    post(client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie


def test_signing_out_ends_this_session_and_no_other(app, client, sign_in, person):
    post(client)
    phone = app.test_client()
    post(phone)
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert not is_signed_in(client)
    assert is_signed_in(phone)
    assert client.post("/sign-out").status_code == 303  # again: nothing happens


def test_signing_out_everywhere_ends_every_session(app, client, session, person):
    post(client)
    phone = app.test_client()
    post(phone)
    assert client.post("/sign-out-everywhere").status_code == 303
    assert not is_signed_in(client)
    assert not is_signed_in(phone)
    assert verbs(session)[-1] == "people.sessions_ended"
    assert post(phone).status_code == 303  # and one can come back
    assert is_signed_in(phone)


def test_a_person_who_was_closed_cannot_go_on(client, session, person):
    post(client)
    assert is_signed_in(client)
    session.execute(sa.update(Person).where(Person.id == person.id).values(closed_at=NOON))
    assert client.get("/").headers["Location"].startswith("/sign-in")


def test_a_role_that_ended_is_gone_with_the_next_page(client, session, person):
    post(client)
    assert client.get("/required").status_code == 200
    session.execute(sa.text("UPDATE role_grant SET ends_on = '2020-01-01'"))
    assert client.get("/required").status_code == 403


@pytest.fixture
def limited(engine, client):
    """The application with limits on, and off again: the limiter is one for all applications."""
    url = engine.url.render_as_string(hide_password=False)
    app = create_app(
        {
            "SECRET_KEY": "x",
            "DATABASE_URL": url,
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": True,
            "SIGN_IN_LIMIT": "3 per minute",
        }
    )
    yield app.test_client()
    limiter.reset()
    limiter.enabled = False


def test_whoever_tries_too_often_has_to_wait(limited, person):
    for _ in range(3):
        assert post(limited, user_name="nobody", password="falsch").status_code == 403
    answer = post(limited)
    assert answer.status_code == 429
    assert "操作太频繁" in answer.text
    assert int(answer.headers["Retry-After"]) <= 60
    assert limited.get("/sign-in").status_code == 200  # looking at the form is free


def confirm(client, password, query="?next=/privacy/close"):
    return client.post(f"/sign-in/confirm{query}", data={"password": password})


def test_a_sensitive_deed_asks_for_the_password_again(client, session, person):
    with time_machine.travel(NOON, tick=False):
        post(client)
        assert client.get("/privacy/close").status_code == 200, "it was just given"
    with time_machine.travel(NOON + timedelta(minutes=16), tick=False):
        sent = client.get("/privacy/close")
        assert sent.headers["Location"] == "/sign-in/confirm?next=/privacy/close"
        assert client.get("/sign-in/confirm").status_code == 200
        wrong = confirm(client, "falsch-falsch")
        assert wrong.status_code == 422 and "密码不对" in wrong.text
        assert verbs(session)[-1] == "people.sign_in_failed"
        assert client.get("/privacy/close").status_code == 303
        assert confirm(client, PASSWORD).headers["Location"] == "/privacy/close"
        assert client.get("/privacy/close").status_code == 200


def test_confirming_leads_nowhere_else(client, person):
    post(client)
    away = confirm(client, PASSWORD, "?next=//elsewhere.example/")
    assert away.headers["Location"] == "/"
    assert confirm(client, "").status_code == 422
