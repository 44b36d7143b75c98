"""The second factor: set up, used, lost."""

import re
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
import time_machine

from lms.accounts.models import Account, RecoveryCode
from lms.accounts.operations import factors
from lms.kernel.clock import utc_now
from lms.kernel.errors import Invalid
from lms.kernel.vault import Vault, new_key, read_keys
from lms.people.models import RoleGrant
from lms.people.types import Role
from tests import builders
from tests.accounts import builders as accounts
from tests.accounts.builders import PASSWORD, STAFF_PASSWORD, code_at


def secret_of(page):
    return re.search(r'class="bx-secret">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")


def codes_of(page):
    return re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", page.text)


def set_up(client, now=None):
    """Set up a factor; return its secret and the page of recovery codes."""
    secret = secret_of(client.get("/account/second-factor"))
    code = pyotp.TOTP(secret).at(now or utc_now())
    return secret, client.post("/account/second-factor", data={"code": code})


@pytest.fixture
def manager(session):
    return accounts.manager(session)


@pytest.fixture
def guarded(session, manager, vault):
    """A manager with a factor."""
    accounts.add_factor(session, manager, vault)
    return manager


# --- staff without one


def test_staff_without_a_factor_can_do_nothing_but_set_one_up(*, client, session, manager, enter):
    answer = enter("long.yun", STAFF_PASSWORD, query="?next=/team")
    assert answer.headers["Location"] == "/account/second-factor?next=/team"
    for path in ("/team", "/help-desk", "/account", "/account/password"):
        expected = 200 if path == "/account/password" else 303
        assert client.get(path).status_code == expected, path
    assert client.post("/help-desk", data={"user_name": "x"}).status_code == 403
    page = client.get("/account/second-factor")
    assert "设好才能继续" in page.text and "/team" not in page.text.split("<main")[0]
    _secret, done = set_up(client)
    assert done.status_code == 200 and len(codes_of(done)) == 10
    assert client.get("/team").status_code == 200


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.LEARNER])
def test_every_role_of_staff_needs_one(session, enter, role):
    accounts.manager(session, role)
    assert enter("long.yun", STAFF_PASSWORD).headers["Location"] == "/account/second-factor"


def test_a_learner_needs_none_and_may_have_one(*, client, session, enter, app, verbs):
    accounts.learner(session)
    assert enter("yang.mei", PASSWORD).headers["Location"] == "/"
    _secret, done = set_up(client)
    assert done.status_code == 200
    assert verbs()[-1] == "accounts.factor_set"
    other = app.test_client()
    assert enter("yang.mei", PASSWORD, to=other).headers["Location"] == "/sign-in/code"
    assert client.post("/account/second-factor/off").status_code == 303
    assert enter("yang.mei", PASSWORD, to=other).headers["Location"] == "/"


def test_a_learner_who_becomes_a_manager_needs_one_with_the_next_page(*, client, session, enter):
    someone = accounts.learner(session)
    enter("yang.mei", PASSWORD)
    assert client.get("/").status_code == 200
    place = builders.organization(session)
    more = RoleGrant(person_id=someone.id, role=Role.STATION_MANAGER, organization_id=place.id)
    builders.added(session, more)
    assert client.get("/").headers["Location"] == "/account/second-factor"


def test_where_a_setting_turns_it_off_nobody_needs_one(session, enter, manager, setting):
    setting("SECOND_FACTOR", "off")
    assert enter("long.yun", STAFF_PASSWORD).headers["Location"] == "/team"


# --- setting up


def test_looking_at_the_secret_writes_nothing_and_shows_it_again(
    *, client, session, manager, enter, count_statements
):
    enter("long.yun", STAFF_PASSWORD)
    with count_statements() as seen:
        first = client.get("/account/second-factor")
    assert all(s.startswith("SELECT") for s in seen)
    assert secret_of(client.get("/account/second-factor")) == secret_of(first)
    assert first.headers["Cache-Control"] == "no-store"
    assert "data:image/svg+xml" in first.text and "otpauth://totp/" in first.text


def test_without_a_right_code_nothing_is_set(*, client, session, manager, enter):
    enter("long.yun", STAFF_PASSWORD)
    client.get("/account/second-factor")
    assert client.post("/account/second-factor", data={"code": "000000"}).status_code == 422
    assert client.post("/account/second-factor", data={}).status_code == 422
    session.expire_all()
    kept = session.get(Account, manager.id)
    assert kept is None or kept.factor_sealed is None


def test_the_secret_is_sealed_and_the_codes_are_digests(*, client, session, manager, enter, vault):
    enter("long.yun", STAFF_PASSWORD)
    secret, done = set_up(client)
    session.expire_all()
    sealed = session.get(Account, manager.id).factor_sealed
    assert secret not in sealed
    assert vault.open(sealed, owner=f"person:{manager.id}/totp") == secret
    kept = session.scalars(sa.select(RecoveryCode.digest)).all()
    assert len(kept) == 10
    assert not {code.replace("-", "") for code in codes_of(done)} & set(kept)


def test_setting_up_twice_keeps_the_first(*, client, session, manager, enter):
    enter("long.yun", STAFF_PASSWORD)
    secret = secret_of(client.get("/account/second-factor"))
    with client.session_transaction() as cookie:
        kept = dict(cookie)
    data = {"code": pyotp.TOTP(secret).now()}
    assert client.post("/account/second-factor", data=data).status_code == 200
    with client.session_transaction() as cookie:
        cookie.update(kept)  # a second tab, or a second tap
    answer = client.post("/account/second-factor", data=data)
    assert answer.headers["Location"] == "/account"
    assert len(session.scalars(sa.select(RecoveryCode.digest)).all()) == 10


# --- using it


def send_code(client, code, query=""):
    return client.post(f"/sign-in/code{query}", data={"code": code})


def test_after_the_password_comes_the_code(*, client, guarded, enter, verbs, trail):
    with time_machine.travel(utc_now(), tick=False):
        asked = enter("long.yun", STAFF_PASSWORD, query="?next=/team")
        assert asked.headers["Location"] == "/sign-in/code?next=/team"
        assert client.get("/team").headers["Location"].startswith("/sign-in")  # not in yet
        assert verbs() == []
        assert client.get("/sign-in/code").status_code == 200
        done = send_code(client, code_at(utc_now()), "?next=/team")
    assert done.headers["Location"] == "/team"
    assert client.get("/team").status_code == 200
    assert [(e.verb, e.facts["factor"]) for e in trail()] == [("accounts.signed_in", "totp")]


def test_a_code_is_good_once(*, client, app, guarded, enter, verbs):
    with time_machine.travel(utc_now(), tick=False) as clock:
        code = code_at(utc_now())
        enter("long.yun", STAFF_PASSWORD)
        assert send_code(client, code).status_code == 303
        other = app.test_client()
        enter("long.yun", STAFF_PASSWORD, to=other)
        answer = send_code(other, code)
        assert answer.status_code == 403 and "已经用过" in answer.text
        clock.shift(30)
        assert send_code(other, code_at(utc_now())).status_code == 303


def test_wrong_codes_lock_like_wrong_passwords(*, client, guarded, enter, verbs):
    with time_machine.travel(utc_now(), tick=False) as clock:
        enter("long.yun", STAFF_PASSWORD)
        for _ in range(5):
            assert send_code(client, "000000").status_code == 403
        assert "accounts.locked" in verbs()
        assert send_code(client, code_at(utc_now())).status_code == 403
        clock.shift(61)
        assert send_code(client, code_at(utc_now())).status_code == 303


def test_whoever_takes_too_long_begins_anew(*, client, guarded, enter):
    with time_machine.travel(utc_now(), tick=False) as clock:
        enter("long.yun", STAFF_PASSWORD)
        clock.shift(601)
        assert send_code(client, code_at(utc_now())).headers["Location"] == "/sign-in"
        assert client.get("/sign-in/code").headers["Location"] == "/sign-in"


def test_a_code_without_a_password_before_is_good_for_nothing(client, guarded):
    assert client.get("/sign-in/code").headers["Location"] == "/sign-in"
    assert send_code(client, code_at(utc_now())).headers["Location"] == "/sign-in"


def test_a_password_that_is_changed_meanwhile_ends_the_half_way(*, client, session, guarded, enter):
    enter("long.yun", STAFF_PASSWORD)
    guarded.session_epoch += 1
    session.flush()
    assert send_code(client, code_at(utc_now())).headers["Location"] == "/sign-in"


# --- recovery codes


def test_a_recovery_code_stands_in_once(
    *, client, app, session, guarded, enter, vault, verbs, trail
):
    codes = factors.renew_codes(session, person_id=guarded.id, vault=vault, now=utc_now())
    session.flush()
    enter("long.yun", STAFF_PASSWORD)
    assert send_code(client, codes[3].lower().replace("-", " ")).status_code == 303
    assert verbs()[-2:] == ["accounts.recovery_code_used", "accounts.signed_in"]
    assert trail()[-1].facts["factor"] == "recovery"
    assert "恢复码还剩 9 个" in client.get("/account").text
    enter("long.yun", STAFF_PASSWORD)
    assert send_code(client, codes[3]).status_code == 403
    assert send_code(client, codes[4]).status_code == 303


def test_new_recovery_codes_need_a_fresh_sign_in_and_void_the_old(
    *, client, session, guarded, sign_in, vault
):
    old = factors.renew_codes(session, person_id=guarded.id, vault=vault, now=utc_now())
    session.flush()
    sign_in(guarded)
    done = client.post("/account/recovery-codes")
    assert done.status_code == 200 and done.headers["Cache-Control"] == "no-store"
    assert len(set(codes_of(done))) == 10 and not set(codes_of(done)) & set(old)
    assert factors.use_code(session, person_id=guarded.id, code=old[0], vault=vault, now=utc_now()) is None  # fmt: skip
    with client.session_transaction() as cookie:
        cookie["fresh_at"] = 0
    answer = client.post("/account/recovery-codes", headers={"Referer": "http://localhost/account"})
    assert answer.headers["Location"] == "/confirm?next=/account"


def test_somebody_elses_recovery_code_fits_nobody(session, guarded, vault):
    other = accounts.learner(session)
    accounts.add_factor(session, other, vault)
    codes = factors.renew_codes(session, person_id=other.id, vault=vault, now=utc_now())
    assert factors.use_code(session, person_id=guarded.id, code=codes[0], vault=vault, now=utc_now()) is None  # fmt: skip


def test_staff_may_not_do_without(client, session, guarded, sign_in):
    sign_in(guarded)
    assert client.post("/account/second-factor/off").status_code == 409
    session.expire_all()
    assert session.get(Account, guarded.id).factor_sealed


# --- keys


def test_secrets_are_sealed_anew_when_the_key_changes(session, guarded, vault):
    newer = Vault((*read_keys(new_key("k2")), *vault.keys), vault.digest_key)
    assert factors.reseal(session, vault=newer) == 1
    assert factors.reseal(session, vault=newer) == 0
    session.flush()
    only_new = Vault(newer.keys[:1], vault.digest_key)
    now = utc_now()
    assert factors.use_code(session, person_id=guarded.id, code=code_at(now), vault=only_new, now=now) == "totp"  # fmt: skip
    with pytest.raises(Invalid):
        factors.use_code(session, person_id=guarded.id, code=code_at(now + timedelta(minutes=1)), vault=vault, now=now)  # fmt: skip
