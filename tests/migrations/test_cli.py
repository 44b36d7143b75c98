"""``lms db``."""

import pytest

from lms.http.extensions import db
from lms.web import create_app


@pytest.fixture
def run(tmp_path):
    """Run ``lms db …`` on an empty file."""
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    app = create_app({"SECRET_KEY": "x", "DATABASE_URL": url, "RATELIMIT_ENABLED": False})
    yield lambda *words: app.test_cli_runner().invoke(args=["db", *words])
    with app.app_context():
        db.engine.dispose()


def test_an_empty_database_is_behind_until_it_is_upgraded(run):
    before = run("state")
    assert before.exit_code == 1
    assert before.output.startswith("current none, newest ")
    done = run("upgrade")
    assert done.exit_code == 0
    assert done.output.startswith("schema ")
    after = run("state")
    assert after.exit_code == 0
    newest = done.output.split()[1]
    assert after.output == f"current {newest}, newest {newest}\n"
    assert run("upgrade").exit_code == 0  # again: nothing happens
