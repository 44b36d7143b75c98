"""Make an engine from one URL, and make each database behave.

SQLite: foreign keys on, real transactions, writers in line, an acknowledged write survives a
power cut. Python's driver opens transactions by its own rules, which breaks SAVEPOINT and lets
DDL escape (SQLAlchemy documentation, SQLite dialect, "Transactions and the sqlite3 driver").
A transaction that will write takes the write lock when it begins, because one that reads first
and writes later is refused, or loses an update, if another has written in between (SQLite
documentation, "Transactions", 2.1 and 2.2).

PostgreSQL: psycopg 3; a bare ``postgresql://`` URL is understood to mean it.
"""

from collections.abc import Mapping
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, SQLAlchemyError

from lms.kernel.canonical import to_json
from lms.kernel.errors import N_, Invalid
from lms.kernel.statements import CompiledStatements

DatabaseFault = SQLAlchemyError
"""What goes wrong in or on the way to a database, for entry points that only report it."""

WRITING: Mapping[str, Any] = {"lms_begin": "BEGIN IMMEDIATE"}
"""Execution options for a transaction that will write. Other databases ignore them."""

IDLE_SECONDS = 5.0
"""After which a pooled connection to PostgreSQL is asked whether it is still there."""
_IDLE_SINCE = "lms.idle_since"

PRAGMAS = (
    "foreign_keys = ON",
    "journal_mode = WAL",
    "busy_timeout = 5000",  # milliseconds
    "synchronous = FULL",
    "cache_size = -16000",  # KiB, for each connection
    "mmap_size = 268435456",  # bytes, shared by all: a county report reads twice as fast
)


def parse_url(text: str) -> URL:
    """Return a checked database URL.

    :raises Invalid: ``bad_database_url``: not a URL, or a database we do not know.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as fault:  # ValueError: a port that is no number
        raise Invalid(
            "bad_database_url",
            N_("无法识别的数据库地址，应形如 sqlite:///路径 或 postgresql://用户:密码@主机/库名"),
            where="LMS_DATABASE_URL",
        ) from fault
    name = url.get_backend_name()
    if name == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if name == "sqlite":
        return url
    raise Invalid(
        "bad_database_url",
        N_("不支持数据库“%(name)s”，请使用 sqlite 或 postgresql"),
        where="LMS_DATABASE_URL",
        name=name,
    )


def engine_options(url: URL) -> dict[str, Any]:
    """Return the options with which an engine for ``url`` is made."""
    # what learners answer and are called stands in parameters, and must not stand in logs
    options: dict[str, Any] = {
        "json_serializer": to_json,
        "hide_parameters": True,
        "execution_options": {"compiled_cache": CompiledStatements()},
    }
    if url.get_backend_name() == "postgresql":
        options |= {"pool_size": 8, "max_overflow": 8}  # asked for life in configure()
    return options


def prepare(url: URL) -> None:
    """Make the folder of a SQLite file, so that the first connection can make the file.

    :raises Invalid: ``bad_database_url``: the folder cannot be made.
    """
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise Invalid(
            "bad_database_url",
            N_("不能建立数据库所在的文件夹 %(folder)s：%(why)s"),
            where="LMS_DATABASE_URL",
            folder=folder,
            why=fault.strerror,
        ) from fault


def make_engine(text: str) -> Engine:
    """Make a configured engine for the database at a URL."""
    url = parse_url(text)
    prepare(url)
    return configure(sa.create_engine(url, **engine_options(url)))


def configure(engine: Engine) -> Engine:
    """Attach the listeners to ``engine`` and return it."""
    if engine.dialect.name == "postgresql":
        return _asking_for_life(engine)
    if engine.dialect.name != "sqlite":
        return engine

    @sa.event.listens_for(engine, "connect")
    def on_connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        for pragma in PRAGMAS:
            dbapi_connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("lms_begin", "BEGIN"))

    return engine


def _asking_for_life(engine: Engine) -> Engine:
    """Let the pool ask a connection whether it is still there, only where there is doubt.

    ``pool_pre_ping`` sends a statement before every use, a round trip more for each page. A server
    that closes a connection says so: something waits to be read then where nothing may, which the
    kernel knows without asking anybody. Only a silent end (a cable, a firewall that forgot) is not
    heard, so that after ``IDLE_SECONDS`` the server is asked all the same.
    """

    @sa.event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        record.info[_IDLE_SINCE] = monotonic()

    @sa.event.listens_for(engine, "checkout")
    def on_checkout(dbapi_connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.pop(_IDLE_SINCE, None)  # none: just opened
        if since is None:
            return
        if monotonic() - since < IDLE_SECONDS and not _has_something_to_say(dbapi_connection):
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as fault:
            raise InvalidatePoolError from fault  # the pool opens another, and drops the older

    return engine


def _has_something_to_say(dbapi_connection: Any) -> bool:
    """Say whether the server sent something unasked, its farewell most likely, or hung up."""
    if dbapi_connection.closed:
        return True
    with DefaultSelector() as selector:
        selector.register(dbapi_connection.fileno(), EVENT_READ)
        return bool(selector.select(0))
