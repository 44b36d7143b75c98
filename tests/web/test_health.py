"""Is it alive."""

import shutil

import pytest

import lms
from lms.http.extensions import db
from lms.web import create_app


def application(url):
    return create_app({"SECRET_KEY": "x", "DATABASE_URL": url, "RATELIMIT_ENABLED": False})


@pytest.fixture
def at():
    """A client of an application on any database."""
    made = []

    def at(url):
        made.append(application(url))
        return made[-1].test_client()

    yield at
    for app in made:
        with app.app_context():
            db.engine.dispose()


def test_all_is_well(engine, client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["version"] == lms.__version__
    assert answer.json["database"] == engine.dialect.name
    assert answer.json["schema"]["current"] == answer.json["schema"]["newest"]


def test_migrations_are_waiting(at, tmp_path):
    answer = at(f"sqlite:///{tmp_path / 'empty.sqlite3'}").get("/healthz")
    assert answer.status_code == 503
    assert answer.json["status"] == "migrations waiting"
    assert answer.json["schema"]["current"] is None


def test_the_file_of_the_database_is_away(at, tmp_path):
    client = at(f"sqlite:///{tmp_path / 'folder' / 'x.sqlite3'}")
    shutil.rmtree(tmp_path / "folder")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "down")


def test_the_server_of_the_database_is_away(at):
    answer = at("postgresql://nobody:geheim@127.0.0.1:1/nothing").get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "down")
    assert "geheim" not in answer.text


def test_pages_say_so_when_the_database_is_away(at):
    client = at("postgresql://nobody:geheim@127.0.0.1:1/nothing")
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "1.0"
    answer = client.get("/")
    assert answer.status_code == 503
    assert "数据库暂时连不上" in answer.text
    assert "geheim" not in answer.text
    assert client.get("/static/css/bixue.css", buffered=True).status_code == 200


def test_nobody_has_to_sign_in_to_ask(client):
    assert client.get("/healthz").status_code == 200
    assert client.post("/healthz", data={}).status_code == 405
