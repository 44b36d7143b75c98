"""What comes from elsewhere, or is no request at all, changes nothing and breaks nothing."""

import re

import pytest
import sqlalchemy as sa

from lms.http.access import public
from lms.http.unit_of_work import reading
from lms.kernel.clock import utc_now
from lms.people import operations
from lms.web import create_app
from tests import builders
from tests.web.builders import with_every_role
from tests.web.routes import POSTED, address, rules_of, writes

PASSWORD = "八个字的密码好记"
HASHED = operations.hash_password(PASSWORD)

_guarded = {}


@pytest.fixture
def app(engine):
    """The application as it is served: forms need their token."""
    url = engine.url.render_as_string(hide_password=False)
    if url not in _guarded:
        _guarded[url] = create_app(
            {"SECRET_KEY": "only for tests", "DATABASE_URL": url, "RATELIMIT_ENABLED": False}
        )
    return _guarded[url]


def token_of(page):
    return re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page.text)[1]


def test_a_form_without_its_token_is_refused_and_changes_nothing(
    app, client, session, sign_in, count_statements
):
    sign_in(with_every_role(session))
    wrong = []
    for rule in rules_of(app):
        if "POST" not in rule.methods:
            continue
        with count_statements() as seen:
            answer = client.post(address(app, rule), data=POSTED)
        if answer.status_code != 400 or writes(seen):
            wrong.append(f"{rule}: {answer.status_code}, {writes(seen)}")
        words = answer.json["error"]["code"] if str(rule).startswith("/api/") else answer.text
        if "stale_page" not in words and "页面停留太久" not in words:
            wrong.append(f"{rule}: not our page")
    assert wrong == []


@pytest.mark.parametrize("token", ["", "x", "IjAwMDAi.aaaaaa.AAAAAAAAAAAAAAAAAAAAAAAAAAA", "低保"])
def test_a_wrong_token_is_refused(client, token):
    answer = client.post("/sign-in", data={"csrf_token": token, "user_name": "a", "password": "b"})
    assert answer.status_code == 400
    assert "页面停留太久" in answer.text


def test_the_token_of_somebody_else_is_refused(app, client):
    stolen = token_of(app.test_client().get("/sign-in"))
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"csrf_token": stolen, "user_name": "a", "password": "b"})
    assert answer.status_code == 400


def test_with_its_token_a_form_works(client, session):
    builders.person(session, user_name="yang.mei", password_hash=HASHED)
    token = token_of(client.get("/sign-in"))
    answer = client.post(
        "/sign-in", data={"csrf_token": token, "user_name": "yang.mei", "password": PASSWORD}
    )
    assert answer.status_code == 303


def test_a_script_may_send_the_token_in_a_header(client):
    page = client.get("/sign-in")
    token = re.search(r'<meta name="csrf-token" content="([^"]+)">', page.text)[1]
    answer = client.post("/preferences", headers={"X-CSRFToken": token}, data={"lang": "en"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "cookie",
    [
        "x",
        "",
        "..",
        "eyJfdXNlcl9pZCI6IjEuMCJ9.aaaaaa.AAAAAAAAAAAAAAAAAAAAAAAAAAA",  # a good one, badly signed
        ".eJwrLU4tKk5NzU0FAA.x.y",
        "x" * 4000,
    ],
)
def test_a_tampered_session_is_nobodys(client, cookie):
    client.set_cookie("bixue", cookie)
    answer = client.get("/")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "content",
    ["", "1", "1.", ".0", "1.x", "x.0", "-1.0", "1.0.0", "\u0663.\u0660", "1 .0", "1.-0", "9" * 30],
)
def test_a_session_that_is_not_understood_is_nobodys(client, content):
    """Signed by us, but of another release."""
    with client.session_transaction() as cookie:
        cookie["_user_id"] = content
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])  # fmt: skip
def test_a_form_that_is_too_large_is_refused(client, kind):
    body = (
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" if "multipart" in kind else b"a="
    )
    answer = client.post("/sign-in", data=body + b"a" * (1024 * 1024 + 1), content_type=kind)
    assert answer.status_code == 413
    assert "提交的内容太大了" in answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),  # no boundary
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data; boundary=x", b""),
        ("application/x-www-form-urlencoded", b"%%%=%zz&\xff=\xfe"),
        ("application/json", b"{"),
        ("application/json", b"\xff"),
        ("text/plain", b"hello"),
        ("nonsense", b"hello"),
        ("", b""),
    ],
)
def test_what_is_no_form_is_refused(client, kind, body):
    answer = client.post("/sign-in", data=body, content_type=kind)
    assert answer.status_code == 400


@pytest.mark.parametrize("value", ["\x00", "a\x00b", "\ud800".encode("utf-16", "surrogatepass"), b"\xff\xfe", "💀" * 64, "'; --"])  # fmt: skip
def test_strange_signs_sign_nobody_in_and_break_nothing(client, value):
    token = token_of(client.get("/sign-in"))
    answer = client.post(
        "/sign-in", data={"csrf_token": token, "user_name": value, "password": value}
    )
    assert answer.status_code in {400, 403, 422}
    assert client.get("/sign-in").status_code == 200  # and the next request works


@pytest.mark.usefixtures("client")
def test_after_a_statement_that_was_refused_the_page_knows_who_is_signed_in(engine, session):
    """PostgreSQL answers nothing more in a transaction in which it has refused something."""
    if engine.dialect.name == "sqlite":
        return  # SQLite takes any number
    url = engine.url.render_as_string(hide_password=False)
    app = create_app({"SECRET_KEY": "x", "DATABASE_URL": url, "RATELIMIT_ENABLED": False})

    @public
    def overflow():
        reading().execute(sa.text("SELECT CAST(99999999999 AS INTEGER)"))

    app.add_url_rule("/overflow", "overflow", overflow)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{builders.person(session, name='杨梅').id}.0"
        cookie["in_at"] = int(utc_now().timestamp())
    answer = client.get("/overflow")
    assert answer.status_code == 400
    assert "杨梅" in answer.text


@pytest.mark.parametrize(
    "path",
    ["/%00", "/%ff", "/%2e%2e/", "/sign-in?next=%00", "/sign-in?next=%ff%fe", "/?lang=\x7f", "/" + "x" * 5000],
)  # fmt: skip
def test_strange_addresses_break_nothing(client, path):
    assert client.get(path).status_code < 500


@pytest.mark.parametrize("name", ["lang", "size", "theme"])
@pytest.mark.parametrize("value", ["x", "", "en;", "../../etc", "x" * 4000, "zh_Hans_CN"])
def test_a_strange_preference_is_the_default(client, name, value):
    client.set_cookie(name, value)
    page = client.get("/sign-in")
    assert page.status_code == 200
    assert '<html lang="zh-CN" data-size="normal" data-theme="auto"' in page.text
