"""Where settings come from, and what an application refuses to start with."""

import stat
import threading

import pytest
from flask import Blueprint

from lms.http.extensions import db
from lms.kernel.errors import Invalid
from lms.web import create_app, settings


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LMS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def start():
    """Make applications, and let their databases go afterwards."""
    made = []

    def start(**config):
        made.append(create_app({"RATELIMIT_ENABLED": False, **config}))
        return made[-1]

    yield start
    for app in made:
        with app.app_context():
            db.engine.dispose()


def test_a_key_is_made_once_and_kept_from_others(home):
    first = settings.kept_secret_key()
    assert len(first) == 64
    assert settings.kept_secret_key() == first
    assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["secret.key"]


def test_two_installations_have_two_keys(home, tmp_path, monkeypatch):
    first = settings.kept_secret_key()
    monkeypatch.setenv("LMS_HOME", str(tmp_path / "other"))
    assert settings.kept_secret_key() != first


def test_of_two_that_start_at_once_both_have_the_same_key(home):
    keys = []
    threads = [threading.Thread(target=lambda: keys.append(settings.kept_secret_key())) for _ in range(8)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_without_settings_everything_is_at_home(home, start):
    app = start()
    assert app.config["SECRET_KEY"] == settings.kept_secret_key()
    assert app.config["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{home / 'bixue.sqlite3'}"


def test_what_is_passed_wins_over_the_environment_and_that_over_the_defaults(
    home, start, monkeypatch
):
    monkeypatch.setenv("LMS_DATABASE_URL", f"sqlite:///{home / 'env.sqlite3'}")
    monkeypatch.setenv("LMS_SECRET_KEY", "from the environment")
    monkeypatch.setenv("LMS_SESSION_COOKIE_NAME", "other")
    app = start(SECRET_KEY="passed")
    assert app.config["SECRET_KEY"] == "passed"
    assert app.config["SQLALCHEMY_DATABASE_URI"].endswith("env.sqlite3")
    assert app.config["SESSION_COOKIE_NAME"] == "other"
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_a_bad_database_url_does_not_start():
    with pytest.raises(Invalid) as refusal:
        create_app({"SECRET_KEY": "x", "DATABASE_URL": "mysql://h/x"})
    assert refusal.value.code == "bad_database_url"


def test_a_route_that_does_not_say_who_may_use_it_does_not_start(home, monkeypatch):
    from lms.web import app as composition

    silent = Blueprint("silent", __name__)
    silent.add_url_rule("/silent", "page", lambda: "")
    room = type("Room", (), {"bp": silent})
    monkeypatch.setattr(composition, "BLUEPRINTS", (*composition.BLUEPRINTS, room))
    with pytest.raises(RuntimeError, match=r"silent\.page"):
        create_app({"SECRET_KEY": "x", "RATELIMIT_ENABLED": False})


def test_content_is_the_shipped_one_or_where_the_environment_says(tmp_path, monkeypatch):
    assert settings.content_root("courses").name == "courses"
    monkeypatch.setenv("LMS_COURSES", str(tmp_path))
    assert settings.content_root("courses") == tmp_path.resolve()
