"""Signing in and out: whose session it is, where it leads, when it ends."""

import re
import threading
from datetime import timedelta
from email.utils import parsedate_to_datetime

import argon2
import fakeredis
import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import object_session

from lms.accounts.models import Account
from lms.audit.models import Entry
from lms.http.extensions import limiter
from lms.http.headers import RESEND_AFTER
from lms.kernel import hashing
from lms.kernel.clock import utc_now
from lms.people.models import Person
from lms.people.types import Role
from lms.web import create_app
from tests import builders
from tests.accounts import builders as accounts
from tests.accounts.builders import HASHED, NUMBER, PASSPORT, PASSWORD, PHONE
from tests.builders import NOON
from tests.conftest import DATA_KEYS


@pytest.fixture
def person(session):
    return accounts.learner(session)


def post(client, user_name="yang.mei", password=PASSWORD, query="", **options):
    data = {"user_name": user_name, "password": password}
    return client.post(f"/sign-in{query}", data=data, **options)


def is_signed_in(client):
    return client.get("/").status_code == 200


def test_whoever_signs_in_comes_to_their_first_page(*, client, session, person, verbs):
    answer = post(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert is_signed_in(client)
    assert verbs() == ["accounts.signed_in"]


def test_the_name_may_be_typed_in_any_case(client, person):
    assert post(client, user_name=" Yang.Mei ").status_code == 303


@pytest.mark.parametrize(
    "typed",
    [
        PHONE,
        "138 0013 8000",
        "+86 138-0013-8000",
        NUMBER,
        NUMBER.lower(),
        "520101 19900307 811x",
        PASSPORT,
        "e12345678",
    ],
)
def test_a_telephone_or_a_document_does_for_a_name(*, client, session, person, vault, typed):
    accounts.add_numbers(session, person, vault)
    assert post(client, user_name=typed).status_code == 303


def test_the_numbers_of_a_duplicate_sign_in_whom_it_was_merged_into(
    *, client, session, person, vault, trail
):
    duplicate = builders.person(session, user_name="yang.mei2", password_hash=HASHED)
    accounts.add_numbers(session, duplicate, vault)
    duplicate.merged_into_id = person.id
    session.flush()
    assert post(client, user_name="yang.mei2").status_code == 403
    for typed in (PHONE, NUMBER):
        assert post(client, user_name=typed).status_code == 303
        assert trail()[-1].actor_id == person.id


@pytest.mark.parametrize("typed", [PHONE, NUMBER])
def test_a_number_of_nobody_is_as_wrong_as_any_other(client, person, typed):
    assert post(client, user_name=typed).status_code == 403


def test_a_user_name_counts_before_a_number_that_reads_the_same(client, session, person, vault):
    accounts.add_numbers(session, person, vault)
    builders.person(session, user_name=PHONE, password_hash=hashing.make_hash("andere-Wörter-9"))
    assert post(client, user_name=PHONE).status_code == 403
    assert post(client, user_name=PHONE, password="andere-Wörter-9").status_code == 303


def test_no_number_and_no_name_of_nobody_stands_in_the_trail(client, session, person, vault):
    """A name that nobody has may be a password in the wrong field, or somebody's number."""
    accounts.add_numbers(session, person, vault)
    post(client, user_name=PHONE, password="falsch-falsch")
    post(client, user_name="geheim-geheim", password="falsch-falsch")
    lines = session.scalars(sa.select(Entry).order_by(Entry.id)).all()
    assert lines[0].subject == f"person:{person.id}"
    assert re.fullmatch("name:[0-9a-f]{16}", lines[1].subject)
    assert lines[0].facts == {"stage": "password", "address": "127.0.0.*", "device": ""}
    told = " ".join(f"{line.subject} {line.facts}" for line in lines)
    assert not re.search(f"{PHONE}|geheim|falsch", told)


@pytest.mark.usefixtures("real_hashing")
def test_a_hash_made_with_less_work_is_made_anew(client, session, person):
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    person.password_hash = old.hash(PASSWORD)
    session.flush()
    assert post(client, password="falsch-falsch").status_code == 403
    assert argon2.extract_parameters(person.password_hash).memory_cost == 8192
    assert post(client).status_code == 303
    session.expire_all()
    assert not hashing.needs_new_hash(person.password_hash)
    assert post(client).status_code == 303


def test_when_too_many_sign_in_one_is_told_to_wait_and_keeps_the_name(client, person, monkeypatch):
    gate = hashing.Gate(at_once=1, burst=0)
    monkeypatch.setattr(hashing, "_gate", gate)
    with gate.passed():
        answer = post(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "现在登录的人很多" in answer.text and 'value="yang.mei"' in answer.text
    assert post(client).status_code == 303


def test_five_failures_lock_and_time_unlocks(*, client, person, verbs):
    with time_machine.travel(utc_now(), tick=False) as clock:
        for _ in range(4):
            post(client, password="falsch-falsch")
        assert verbs() == ["accounts.sign_in_failed"] * 4
        post(client, password="falsch-falsch")
        assert verbs()[-2:] == ["accounts.locked", "accounts.sign_in_failed"]
        assert post(client).status_code == 403
        clock.shift(59)
        assert post(client).status_code == 403
        clock.shift(1)
        assert post(client).status_code == 303
        for _ in range(4):  # forgotten: it takes five again
            post(client, password="falsch-falsch")
        assert post(client).status_code == 303


def test_a_lock_is_in_the_database(client, session, person):
    for _ in range(5):
        post(client, password="falsch-falsch")
    session.expire_all()
    kept = session.get(Account, person.id)
    assert (kept.failures, kept.lock_rounds) == (0, 1)
    assert kept.locked_until_at > utc_now()


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
        (Role.SECURITY_OFFICER, "/people"),
        (Role.ADMINISTRATOR, "/team"),
        (None, "/verify"),  # may nothing but what everybody may
    ],
)
def test_everybody_has_a_first_page_they_may_open(*, client, session, role, landing, setting):
    setting("SECOND_FACTOR", "off")
    values = {"user_name": "yang.mei", "password_hash": HASHED}
    builders.with_role(session, role, **values) if role else builders.person(session, **values)
    assert post(client).headers["Location"] == landing
    assert client.get(landing).status_code == 200


def shape(page):
    """A page without what differs from one showing to the next."""
    return re.sub(r'value="[^"]*"|content="[^"]*"', "", page.text)


@pytest.fixture
def hashed(monkeypatch):
    """What was verified against what: as many verifications with as much work is as much time."""
    seen = []

    class Counting(argon2.PasswordHasher):
        def verify(self, stored, password):
            seen.append(argon2.extract_parameters(stored))
            return super().verify(stored, password)

    monkeypatch.setattr(hashing, "HASHER", Counting())
    return seen


def unknown(person):
    person.user_name = "another"


def closed(person):
    person.closed_at = NOON


def merged(person):
    other = builders.person(object_session(person))
    person.merged_into_id = other.id


def without_password(person):
    person.password_hash = None


def locked(person):
    until = utc_now() + timedelta(minutes=1)
    object_session(person).get(Account, person.id).locked_until_at = until


@pytest.mark.parametrize("what", [unknown, closed, merged, without_password, locked])
def test_nobody_learns_who_is_registered(
    *, client, session, person, what, hashed, count_statements, verbs
):
    with count_statements() as seen:
        wrong = post(client, password="falsch-falsch")
    work, reads = list(hashed), [s for s in seen if s.startswith("SELECT")]
    hashed.clear()
    what(person)
    session.flush()
    with count_statements() as seen_now:
        other = post(client)
    assert hashed == work and len(work) == 1
    assert seen_now[0] == reads[0]  # one look-up, the same, before the hashing
    assert len(seen_now) == len(seen)  # and as much to note, whoever it was
    assert wrong.status_code == other.status_code == 403
    assert "账号或密码不对" in other.text
    assert shape(wrong) == shape(other)
    assert not is_signed_in(client)
    assert verbs() == ["accounts.sign_in_failed"] * 2


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
def test_a_form_that_is_not_filled_in_is_shown_again(
    *, client, session, user_name, password, words, verbs
):
    answer = post(client, user_name=user_name, password=password)
    assert answer.status_code == 422
    assert words in answer.text
    assert verbs() == []


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


def test_signing_out_everywhere_ends_every_session(*, app, client, session, person, verbs):
    post(client)
    phone = app.test_client()
    post(phone)
    assert client.post("/sign-out-everywhere").status_code == 303
    assert not is_signed_in(client)
    assert not is_signed_in(phone)
    assert verbs()[-1] == "accounts.sessions_ended"
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
def limit(engine, client):
    """Make the application with limits on; the limiter is one for all applications."""
    yield lambda **more: _limited(engine, more).test_client()
    limiter.reset()
    limiter.enabled = False


def _limited(engine, more):
    url = engine.url.render_as_string(hide_password=False)
    return create_app(
        {
            "SECRET_KEY": "x",
            "DATABASE_URL": url,
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": True,
            "DATA_KEYS": DATA_KEYS,
            "DIGEST_KEY": "only for tests",
            **more,
        }
    )


def test_whoever_tries_too_often_has_to_wait(limit, person):
    limited = limit(SIGN_IN_LIMIT="3 per minute")
    for _ in range(3):
        assert post(limited, user_name="nobody", password="falsch").status_code == 403
    answer = post(limited)
    assert answer.status_code == 429
    assert "操作太频繁" in answer.text
    assert int(answer.headers["Retry-After"]) <= 60
    assert limited.get("/sign-in").status_code == 200  # looking at the form is free


def test_who_tries_one_password_on_everybody_is_stopped(limit, person):
    """Successes do not count: a training room shares one address."""
    limited = limit(SIGN_IN_FAILURE_LIMIT="4 per hour", SIGN_IN_LIMIT_OF_ONE="100 per minute")
    for _ in range(6):
        assert post(limited).status_code == 303
    for number in range(4):
        assert post(limited, user_name=f"p{number}", password="Sommer2026").status_code == 403
    assert post(limited, user_name="p5", password="Sommer2026").status_code == 429
    assert post(limited).status_code == 429


def test_one_name_is_tried_slowly_from_wherever(limit, person):
    limited = limit(SIGN_IN_LIMIT_OF_ONE="2 per minute")
    for address in ("198.51.100.1", "198.51.100.2"):
        answer = post(limited, password="x", environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == 403
    answer = post(limited, environ_base={"REMOTE_ADDR": "198.51.100.3"})
    assert answer.status_code == 429
    assert post(limited, user_name="other").status_code == 403


def test_limits_are_counted_in_redis_where_a_setting_says_so(limit, person):
    server = fakeredis.TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"redis://127.0.0.1:{server.server_address[1]}"
        limited = limit(SIGN_IN_LIMIT="2 per minute", RATELIMIT_STORAGE_URI=url)
        assert [post(limited).status_code for _ in range(3)] == [303, 303, 429]
    finally:
        server.shutdown()
        server.server_close()
        limit(RATELIMIT_STORAGE_URI="memory://")
