"""Refusals become answers: a page for people, JSON under ``/api/``."""

import sqlite3

import pytest
from flask import abort, redirect
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from lms.http.access import public, signed_in
from lms.http.errors import is_full
from lms.http.extensions import db
from lms.kernel.errors import N_, Conflict, DomainError, Invalid, NotAllowed, NotFound
from lms.web import create_app


class Unforeseen(Exception):
    """A mistake in our program."""


CASES = {
    "not-found": (NotFound("no_course", N_("没有这门课")), 404, "no_course", "没有这门课"),
    "not-allowed": (NotAllowed("not_yours", N_("不是您的")), 403, "not_yours", "不是您的"),
    "conflict": (Conflict("full", N_("已满（%(n)s 人）"), n=30), 409, "full", "已满（30 人）"),
    "invalid": (Invalid("blank", N_("不能为空"), where="title"), 422, "blank", "不能为空"),
    "refused": (DomainError("other", N_("不行")), 400, "other", "不行"),
    "per-cent": (Conflict("low", N_("不到 60%")), 409, "low", "不到 60%"),
    "down": (OperationalError("SELECT", {}, Exception("geheim")), 503, "database_unavailable", "数据库暂时连不上"),
    "busy": (NoConnectionFree("geheim"), 503, "database_unavailable", "数据库暂时连不上"),
    "nul": (DataError("SELECT", {}, Exception("geheim")), 400, "not_storable", "看不懂"),
    "bug": (Unforeseen("geheim"), 500, "http_500", "系统出了点问题"),
}  # fmt: skip
ABORTED = {400: "看不懂", 403: "没有权限", 404: "没有找到", 405: "不接受", 413: "太大", 415: "格式", 429: "太频繁"}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The application with routes that fail in every way. It has no tables."""
    path = tmp_path_factory.mktemp("errors") / "empty.sqlite3"
    app = create_app(
        {"SECRET_KEY": "x", "DATABASE_URL": f"sqlite:///{path}", "RATELIMIT_ENABLED": False}
    )

    @public
    def fail(case):
        raise CASES[case][0]

    @public
    def stop(status):
        abort(status)

    @signed_in
    def inside():
        return ""

    @public
    def away():
        return redirect("/elsewhere", code=303)

    for prefix in ("/probe", "/api/probe"):
        name = prefix.strip("/").replace("/", "_")
        app.add_url_rule(f"{prefix}/fail/<case>", f"{name}_fail", fail)
        app.add_url_rule(f"{prefix}/stop/<int:status>", f"{name}_stop", stop)
        app.add_url_rule(f"{prefix}/inside", f"{name}_inside", inside, methods=["GET", "POST"])
        app.add_url_rule(f"{prefix}/away", f"{name}_away", away)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_is_a_page(client, case):
    _error, status, _code, words = CASES[case]
    answer = client.get(f"/probe/fail/{case}")
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert words in answer.text
    assert "geheim" not in answer.text  # what the database said is for the log


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_is_json_under_api(client, case):
    _error, status, code, words = CASES[case]
    answer = client.get(f"/api/probe/fail/{case}")
    assert answer.status_code == status
    assert answer.json["error"]["code"] == code
    assert words in answer.json["error"]["message"]
    assert "geheim" not in answer.text
    assert answer.json["error"].get("where") == ("title" if case == "invalid" else None)


@pytest.mark.parametrize("status", ABORTED)
@pytest.mark.parametrize("prefix", ["/probe", "/api/probe"])
def test_what_the_framework_refuses_is_said_in_our_words(client, prefix, status):
    answer = client.get(f"{prefix}/stop/{status}")
    assert answer.status_code == status
    words = answer.json["error"]["message"] if prefix == "/api/probe" else answer.text
    assert ABORTED[status] in words


def test_a_redirect_is_no_refusal(client):
    assert client.get("/probe/away").status_code == 303


def test_a_wrong_method_is_told_which_are_right(client):
    answer = client.delete("/api/probe/inside")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_a_number_that_no_row_can_have_is_no_address(client):
    assert client.get(f"/probe/stop/{2**63}").status_code == 404
    assert client.get("/probe/stop/404").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in(client, method):
    answer = getattr(client, method)("/probe/inside")
    assert answer.status_code == 303
    # a form that was sent cannot be sent again by itself
    wanted = "?next=/probe/inside" if method == "get" else ""
    assert answer.headers["Location"] == f"/sign-in{wanted}"


def test_a_stranger_at_the_api_is_told_in_json(client):
    answer = client.get("/api/probe/inside")
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "sign_in_first"


@pytest.mark.parametrize("path", ["/probe/inside", "/probe/fail/down", "/probe/fail/busy"])
def test_somebody_signed_in_gets_the_page_too_when_the_database_is_away(client, path):
    """The page shows who is signed in; asking again would fail again."""
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "1.0"
    answer = client.get(path)
    assert answer.status_code == 503
    assert "回到首页" in answer.text


def test_a_refusal_is_in_the_language_of_the_page(client):
    client.set_cookie("lang", "en")
    answer = client.get("/probe/fail/bug")
    assert 'lang="en"' in answer.text


def sqlite_full():
    fault = sqlite3.OperationalError("database or disk is full")
    fault.sqlite_errorcode = sqlite3.SQLITE_FULL
    return fault


def postgresql_full():
    fault = Exception("could not extend file")
    fault.sqlstate = "53100"
    return fault


@pytest.mark.parametrize(
    ("fault", "full"),
    [
        (sqlite_full(), True),
        (postgresql_full(), True),
        (sqlite3.OperationalError("database is locked"), False),
        (Exception("the server closed the connection"), False),
    ],
)
def test_a_full_disk_is_told_apart(fault, full):
    assert is_full(OperationalError("INSERT", {}, fault)) is full
    assert not is_full(NoConnectionFree("geheim"))
