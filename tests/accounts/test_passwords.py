"""Choosing a password: one's own page, what must be done first, links on slips."""

from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
import time_machine

from lms.accounts.models import Account, OldPassword, PasswordLink
from lms.accounts.operations import helping
from lms.kernel import hashing
from lms.kernel.clock import utc_now
from lms.people.models import Person
from lms.people.types import Role
from tests import builders
from tests.accounts import builders as accounts
from tests.accounts.builders import HASHED, PASSWORD, PHONE, STAFF_PASSWORD

NEW = "窗外的雨停了好久"


@pytest.fixture
def person(session):
    return accounts.learner(session)


def change(client, *, present=PASSWORD, password=NEW, again=None, **options):
    data = {"present": present, "password": password, "again": again or password}
    return client.post("/account/password", data=data, **options)


def stored(session, person):
    session.expire_all()
    return session.get(Person, person.id).password_hash


def test_a_password_is_changed_and_this_session_goes_on(
    *, app, client, session, person, enter, verbs
):
    enter("yang.mei", PASSWORD)
    phone = app.test_client()
    enter("yang.mei", PASSWORD, to=phone)
    answer = change(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert client.get("/").status_code == 200
    assert phone.get("/").status_code == 303  # the others have ended
    assert hashing.matches(stored(session, person), NEW)
    assert verbs()[-1] == "accounts.password_changed"
    assert enter("yang.mei", PASSWORD).status_code == 403
    assert enter("yang.mei", NEW).status_code == 303


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"present": "falsch"}, 403, "账号或密码不对"),
        ({"present": ""}, 422, "请填写现在的密码"),
        ({"password": "kurz"}, 422, "至少要 8 位"),
        ({"password": "12345678"}, 422, "至少 3 种"),
        ({"password": "我叫杨梅花花草草", "again": "我叫杨梅花花草花"}, 422, "不一样"),
        ({"password": f"Vogel{PHONE}"}, 422, "不能有您的"),
        ({"password": "yang.mei的密码好记"}, 422, "不能有您的"),
        ({"password": PASSWORD}, 422, "用过了"),
    ],
)
def test_what_is_refused_changes_nothing(
    *, client, session, person, sign_in, vault, fields, status, words
):
    accounts.add_numbers(session, person, vault)
    sign_in(person)
    answer = change(client, **fields)
    assert answer.status_code == status
    assert words in answer.text
    assert stored(session, person) == HASHED


def test_a_wrong_present_password_counts_as_a_failure(*, client, session, person, sign_in, verbs):
    sign_in(person)
    for _ in range(5):
        change(client, present="falsch")
    assert "accounts.locked" in verbs()
    assert change(client).status_code == 403  # locked, although it is right


def test_the_last_five_cannot_be_used_again(*, client, session, person, enter):
    enter("yang.mei", PASSWORD)
    words = [PASSWORD, *(f"第{n}个密码也很好记" for n in "一二三四五")]
    for before, now in pairwise(words):
        assert change(client, present=before, password=now).status_code == 303
    assert change(client, present=words[5], password=words[1]).status_code == 422  # the fifth
    assert change(client, present=words[5], password=words[0]).status_code == 303  # the sixth
    kept = session.scalar(sa.select(sa.func.count()).select_from(OldPassword))
    assert kept == 4


def test_staff_need_a_longer_one(*, client, session, sign_in):
    sign_in(accounts.manager(session))
    assert "至少要 12 位" in change(client, present=STAFF_PASSWORD, password="Tr4ktor!").text
    assert (
        change(client, present=STAFF_PASSWORD, password="correct horse battery").status_code == 303
    )


# --- what must be done first


@pytest.fixture
def given(session, person):
    """A password that somebody else chose."""
    return builders.added(
        session, Account(person_id=person.id, must_change=True, failures=0, lock_rounds=0)
    )


def test_whoever_has_a_given_password_chooses_one_before_anything_else(
    *, client, session, person, given, enter
):
    answer = enter("yang.mei", PASSWORD, query="?next=/required")
    assert answer.headers["Location"] == "/account/password?next=/required"
    for path in ("/", "/required", "/account", "/exams"):
        assert client.get(path).headers["Location"].startswith("/account/password")
    assert client.post("/papers/x/attempts").status_code in {403, 404}
    page = client.get("/account/password")
    assert "请先换一个只有您知道的密码" in page.text and 'name="present"' not in page.text
    data = {"password": NEW, "again": NEW}
    done = client.post("/account/password?next=/required", data=data)
    assert done.headers["Location"] == "/required"
    assert client.get("/required").status_code == 200


def test_whoever_must_do_something_may_leave(client, given, enter):
    enter("yang.mei", PASSWORD)
    assert client.post("/sign-out").status_code == 303
    assert client.get("/").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(("days", "path"), [(180, "/"), (181, "/account/password")])
def test_a_password_of_staff_gets_old(*, session, setting, enter, days, path):
    setting("SECOND_FACTOR", "off")
    someone = accounts.manager(session)
    now = utc_now()
    builders.added(
        session, Account(person_id=someone.id, password_changed_at=now - timedelta(days=days))
    )
    with time_machine.travel(now, tick=False):
        answer = enter("long.yun", STAFF_PASSWORD, query="?next=/")
    assert answer.headers["Location"].partition("?")[0] == path


def test_a_password_of_learners_does_not(session, person, enter):
    long_ago = utc_now() - timedelta(days=3000)
    builders.added(session, Account(person_id=person.id, password_changed_at=long_ago))
    assert enter("yang.mei", PASSWORD).headers["Location"] == "/"


# --- links


@pytest.fixture
def token(session, vault):
    """The token of a link for somebody who has no password yet."""
    someone = accounts.learner(session, password_hash=None, name="欧阳明华")
    return make(session, someone, vault)


def make(session, someone, vault, now=None, days=7):
    now = now or utc_now()
    slips = helping.make_links(
        session, person_ids=[someone.id], vault=vault, now=now, days=days, actor_id=None
    )
    session.flush()
    return slips[0].token


def use(client, token, password=NEW):
    return client.post(f"/set-password/{token}", data={"password": password, "again": password})


def test_a_link_says_for_whom_it_is_and_no_more(client, token):
    page = client.get(f"/set-password/{token}")
    assert page.status_code == 200
    assert "欧**华" in page.text
    assert "欧阳明华" not in page.text and "yang.mei" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_link_sets_the_password_once(*, client, session, token, enter, verbs, vault):
    done = use(client, token)
    assert (done.status_code, done.headers["Location"]) == (303, "/sign-in")
    assert "yang.mei" in client.get("/sign-in").text
    assert verbs() == ["accounts.link_made", "accounts.password_set_by_link"]
    assert enter("yang.mei", NEW).status_code == 303
    again = use(client, token, "ein-Anderes-9")
    assert again.status_code == 409 and "已经用过" in again.text
    assert client.get(f"/set-password/{token}").status_code == 409
    link = session.scalars(sa.select(PasswordLink)).one()
    assert token not in link.digest and link.digest == vault.digest(token, purpose="password_link")


def test_a_weak_password_does_not_use_the_link_up(client, token):
    assert use(client, token, "12345678").status_code == 422
    assert use(client, token, "Ab1!").status_code == 422
    assert use(client, token).status_code == 303


def test_a_link_expires(client, token):
    with time_machine.travel(utc_now() + timedelta(days=7, seconds=5)):
        answer = client.get(f"/set-password/{token}")
        assert answer.status_code == 409 and "过期" in answer.text
        assert use(client, token).status_code == 409


def test_a_newer_link_makes_the_older_void(client, session, token, vault):
    someone = session.scalars(sa.select(Person).where(Person.user_name == "yang.mei")).one()
    newer = make(session, someone, vault)
    assert "作废" in client.get(f"/set-password/{token}").text
    assert client.get(f"/set-password/{newer}").status_code == 200


@pytest.mark.parametrize("forged", ["x", "0" * 32, "a-b", "%E4%BD%8E", "0" * 500])
def test_a_link_that_we_never_made_is_not_found(client, token, forged, count_statements):
    with count_statements() as seen:
        assert client.get(f"/set-password/{forged}").status_code == 404
    assert not [s for s in seen if "password_link" in s]  # not even looked up


def test_a_link_lifts_a_lock_and_ends_sessions(*, client, session, app, enter, vault):
    someone = accounts.learner(session)
    other = app.test_client()
    enter("yang.mei", PASSWORD, to=other)
    for _ in range(5):
        enter("yang.mei", "falsch")
    assert use(client, make(session, someone, vault)).status_code == 303
    assert other.get("/").status_code == 303
    assert enter("yang.mei", NEW).status_code == 303


def test_a_link_of_somebody_closed_is_void(client, session, token):
    session.execute(sa.update(Person).values(closed_at=utc_now()))
    assert client.get(f"/set-password/{token}").status_code == 409


def test_a_link_for_staff_asks_for_a_password_of_staff(client, session, vault):
    someone = builders.with_role(session, Role.COUNTY_MANAGER)
    token = make(session, someone, vault)
    assert "至少 12 位" in client.get(f"/set-password/{token}").text
    assert use(client, token, "Tr4ktor!x").status_code == 422


# --- asking for help


def test_asking_for_help_tells_nobody_whether_there_is_an_account(client, session, verbs):
    accounts.learner(session)
    pages = [
        client.post("/sign-in/help", data={"user_name": name}).text.replace(name, "")
        for name in ("yang.mei", "nobody.at.all")
    ]
    assert pages[0] == pages[1] and "已经收到" in pages[0]
    assert verbs() == ["accounts.help_asked"]
    client.post("/sign-in/help", data={"user_name": "yang.mei"})  # again: still one request
    assert verbs() == ["accounts.help_asked"]
