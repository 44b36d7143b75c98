"""Single sign-on against a real issuer: who gets in, who is linked, what is refused."""

import socket
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import sqlalchemy as sa

from lms.accounts.models import SsoIdentity
from lms.accounts.views import single_sign_on
from lms.kernel.clock import utc_now
from lms.kernel.errors import Invalid
from lms.people.models import Person
from lms.people.types import Role
from lms.web import create_app
from tests import builders
from tests.accounts import builders as accounts
from tests.accounts import issuer
from tests.accounts.builders import PASSWORD, PHONE, STAFF_PASSWORD, code_at
from tests.conftest import DATA_KEYS

BACK = "http://localhost/sign-in/sso/back"
PEOPLE = {
    "s-yang": {"name": "Yang", "preferred_username": "yang.mei", "phone_number": PHONE, "phone_number_verified": True},
    "s-unverified": {"phone_number": PHONE, "phone_number_verified": False},
    "s-long": {"preferred_username": "long.yun"},
}  # fmt: skip


@pytest.fixture(scope="module")
def address():
    with issuer.running(PEOPLE, [BACK]) as address:
        yield address


@pytest.fixture
def joined(engine, client, address):
    """Make an application that knows the issuer."""

    def joined(**more):
        app = create_app(
            {
                "TESTING": True,
                "SECRET_KEY": "only for tests",
                "DATA_KEYS": DATA_KEYS,
                "DIGEST_KEY": "only for tests",
                "DATABASE_URL": engine.url.render_as_string(hide_password=False),
                "WTF_CSRF_ENABLED": False,
                "RATELIMIT_ENABLED": False,
                "OIDC_ISSUER": address,
                "OIDC_CLIENT_ID": issuer.CLIENT_ID,
                "OIDC_CLIENT_SECRET": issuer.CLIENT_SECRET,
                "OIDC_LABEL": "省统一登录",
                **more,
            }
        )
        return app.test_client()

    return joined


def at_issuer(location, login="s-yang", amr="pwd"):
    """Walk through the issuer's pages; return the path on which it sends us back."""
    with requests.Session() as browser:
        answer = browser.get(location)
        assert "<title>Issuer" in answer.text, answer.text
        answer = browser.post(answer.url, data={"login": login, "amr": amr}, allow_redirects=False)
        while not (target := answer.headers["Location"]).startswith("http://localhost/"):
            answer = browser.get(requests.compat.urljoin(answer.url, target), allow_redirects=False)
    return target.removeprefix("http://localhost")


def come_back(client, query="", **options):
    """Sign in at the issuer and come back; return our answer."""
    sent = client.get(f"/sign-in/sso{query}")
    assert sent.status_code == 302
    return client.get(at_issuer(sent.headers["Location"], **options))


def link(client, user_name="yang.mei", password=PASSWORD, **more):
    data = {"user_name": user_name, "password": password, **more}
    return client.post("/sign-in/sso/enter", data=data)


def linked(session, person, subject="s-yang", *, address):
    row = SsoIdentity(person_id=person.id, issuer=address, subject=subject, linked_at=utc_now())
    builders.added(session, row)


@pytest.fixture
def yang(session):
    return accounts.learner(session)


def test_state_nonce_and_proof_key_are_sent(joined):
    sent = joined().get("/sign-in/sso")
    asked = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert asked["redirect_uri"] == [BACK]


def test_the_first_time_the_password_links_both(*, joined, session, yang, verbs, address):
    client = joined()
    assert "省统一登录" in client.get("/sign-in").text
    back = come_back(client, "?next=/required")
    assert back.headers["Location"] == "/sign-in/sso/enter?next=/required"
    page = client.get(back.headers["Location"])
    assert "还不知道您是必学里的哪一位" in page.text
    assert verbs() == []  # nobody, and nothing, until the button
    assert link(client, password="falsch").status_code == 403
    assert link(client).status_code == 303
    assert client.get("/").status_code == 200
    assert verbs()[-2:] == ["accounts.identity_linked", "accounts.signed_in"]
    row = session.scalars(sa.select(SsoIdentity)).one()
    assert (row.issuer, row.subject, row.person_id) == (address, "s-yang", yang.id)


def test_then_one_button_is_enough(*, joined, session, yang, trail, address):
    linked(session, yang, address=address)
    client = joined()
    page = client.get(come_back(client).headers["Location"])
    assert "杨*" in page.text and "杨梅" not in page.text
    done = client.post("/sign-in/sso/enter?next=/required")
    assert done.headers["Location"] == "/required"
    assert client.get("/required").status_code == 200
    assert trail()[-1].facts["way"] == "sso"


def test_coming_back_writes_nothing(*, joined, session, yang, address, count_statements):
    linked(session, yang, address=address)
    client = joined()
    path = at_issuer(client.get("/sign-in/sso").headers["Location"])
    with count_statements() as seen:
        client.get(client.get(path).headers["Location"])
    assert all(statement.startswith("SELECT") for statement in seen)


def test_nobody_is_made_by_an_issuer(joined, session):
    client = joined(OIDC_CLAIM="preferred_username")
    client.get(come_back(client).headers["Location"])
    assert client.post("/sign-in/sso/enter").status_code == 422
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


@pytest.mark.parametrize(
    ("claim", "login", "known"),
    [
        ("preferred_username", "s-yang", True),
        ("phone_number", "s-yang", True),
        ("phone_number", "s-unverified", False),
        ("", "s-yang", False),
    ],
)
def test_a_trusted_claim_links_by_itself(
    *, joined, session, yang, vault, trail, claim, login, known
):
    accounts.add_numbers(session, yang, vault)
    client = joined(OIDC_CLAIM=claim)
    come_back(client, login=login)
    done = client.post("/sign-in/sso/enter")
    assert done.status_code == (303 if known else 422)
    proofs = [e.facts["proof"] for e in trail() if e.verb == "accounts.identity_linked"]
    assert proofs == (["claim"] if known else [])


def test_a_closed_person_does_not_get_in(*, joined, session, yang, address):
    linked(session, yang, address=address)
    yang.closed_at = utc_now()
    session.flush()
    client = joined(OIDC_CLAIM="preferred_username")
    come_back(client)
    assert client.post("/sign-in/sso/enter").status_code == 422


# --- the second factor


@pytest.fixture
def manager(session, address):
    made = accounts.manager(session, Role.COUNTY_MANAGER)
    linked(session, made, "s-long", address=address)
    return made


def test_staff_need_our_factor_all_the_same(*, joined, manager):
    client = joined()
    come_back(client, login="s-long", amr="pwd mfa")
    assert client.post("/sign-in/sso/enter").headers["Location"] == "/account/second-factor"


def test_staff_with_a_factor_are_asked_for_it(*, joined, session, manager, vault):
    accounts.add_factor(session, manager, vault)
    client = joined()
    come_back(client, login="s-long")
    assert client.post("/sign-in/sso/enter").headers["Location"] == "/sign-in/code"
    done = client.post("/sign-in/code", data={"code": code_at(utc_now())})
    assert done.headers["Location"] == "/team"


@pytest.mark.parametrize(("amr", "goes"), [("pwd mfa", "/team"), ("pwd", "/account/second-factor")])
def test_unless_the_issuer_is_trusted_for_it(*, joined, manager, amr, goes):
    client = joined(OIDC_FACTOR="mfa otp")
    come_back(client, login="s-long", amr=amr)
    assert client.post("/sign-in/sso/enter").headers["Location"] == goes


def test_linking_needs_the_factor_of_whoever_has_one(*, joined, session, vault):
    accounts.add_factor(session, accounts.manager(session), vault)
    client = joined()
    come_back(client)
    assert link(client, "long.yun", STAFF_PASSWORD).status_code == 403
    assert session.scalar(sa.select(sa.func.count()).select_from(SsoIdentity)) == 0
    done = link(client, "long.yun", STAFF_PASSWORD, code=code_at(utc_now()))
    assert done.headers["Location"] == "/team"


# --- one's own account


def test_whoever_is_signed_in_links_and_unlinks(*, joined, session, yang, enter, verbs):
    client = joined()
    enter("yang.mei", PASSWORD, to=client)
    page = client.get(come_back(client).headers["Location"])
    assert "绑定到我的账号" in page.text
    assert client.post("/sign-in/sso/enter").headers["Location"] == "/account"
    row = session.scalars(sa.select(SsoIdentity)).one()
    assert client.post(f"/account/identities/{row.id}/unlink").status_code == 303
    assert client.post(f"/account/identities/{row.id}/unlink").status_code == 404
    assert verbs()[-2:] == ["accounts.identity_linked", "accounts.identity_unlinked"]


def test_an_identity_of_somebody_else_is_not_taken(*, joined, session, yang, enter, address):
    linked(session, builders.learner(session), address=address)
    client = joined()
    enter("yang.mei", PASSWORD, to=client)
    come_back(client)
    assert client.post("/sign-in/sso/enter").status_code == 409
    assert client.post("/account/identities/1/unlink").status_code == 404


# --- what goes wrong


def test_a_way_back_of_another_browser_is_refused(*, joined, yang):
    """Whoever sends somebody a link back signs nobody in: the state is of another session."""
    client, other = joined(), joined()
    path = at_issuer(client.get("/sign-in/sso").headers["Location"])
    answer = other.get(path)
    assert answer.status_code == 403 and "没有成功" in answer.text
    assert other.get("/sign-in/sso/enter").headers["Location"] == "/sign-in"


def test_a_way_back_is_good_once(*, joined, yang):
    client = joined()
    path = at_issuer(client.get("/sign-in/sso").headers["Location"])
    assert client.get(path).status_code == 303
    assert client.get(path).status_code == 403


def test_an_issuer_that_refuses_is_told(joined):
    client = joined()
    path = at_issuer(client.get("/sign-in/sso").headers["Location"], login="nobody")
    assert "error=access_denied" in path
    assert client.get(path).status_code == 403


def test_a_token_for_somebody_else_is_refused(joined, monkeypatch):
    """The nonce of the token is not the one that was sent."""
    client = joined()
    sent = client.get("/sign-in/sso").headers["Location"]
    path = at_issuer(sent.replace("nonce=", "nonce=x"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    "path", ["/sign-in/sso/back", "/sign-in/sso/back?code=x&state=y", "/sign-in/sso/back?error=%00"]
)
def test_a_forged_way_back_is_refused(joined, path):
    assert joined().get(path).status_code == 403


def test_an_issuer_that_is_away_stops_no_password(*, joined, yang, enter):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        client = joined(OIDC_ISSUER=f"http://127.0.0.1:{closed.getsockname()[1]}")
        answer = client.get("/sign-in/sso")
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "60"
    assert enter("yang.mei", PASSWORD, to=client).status_code == 303


# --- settings


def test_without_an_issuer_there_is_no_button_and_no_page(client):
    assert "/sign-in/sso" not in client.get("/sign-in").text
    assert client.get("/sign-in/sso").status_code == 404
    assert client.get("/sign-in/sso/back").status_code == 404


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"OIDC_CLIENT_ID": ""}, "LMS_OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_SECRET": ""}, "LMS_OIDC_CLIENT_SECRET"),
        ({"OIDC_CLAIM": "email"}, "LMS_OIDC_CLAIM"),
    ],
)
def test_half_a_setting_is_refused_at_the_start(joined, more, where):
    with pytest.raises(Invalid) as refusal:
        joined(**more)
    assert refusal.value.where == where


def test_without_the_extra_the_start_says_what_to_install(joined, monkeypatch):
    monkeypatch.setattr(single_sign_on, "LIBRARY", "lms.not_installed")
    with pytest.raises(Invalid, match=r"bixue\[sso\]"):
        joined()
