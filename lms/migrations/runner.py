"""Bring a database to the newest schema, and say how far it is."""

from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from lms.kernel.databases import WRITING
from lms.migrations.schema import is_described, metadata

HERE = Path(__file__).resolve().parent

_UPGRADING_LOCK = 0x62697876
"""The number of PostgreSQL's advisory lock under which one process at a time upgrades."""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """How far a database's schema is."""

    current: str | None
    """The last migration that ran; none for an empty database."""
    newest: str

    @property
    def is_current(self) -> bool:
        """Say whether there is nothing left to run."""
        return self.current == self.newest


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """Run every migration that has not run yet. Of two that start at once, one waits.

    :param to: the last one to run, for who must see what was there before the next.
    """
    with engine.connect().execution_options(**WRITING) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADING_LOCK)))
        command.upgrade(_config(connection), to)


def state(connection: Connection) -> SchemaState:
    """Say how far the database behind a connection is."""
    newest = ScriptDirectory.from_config(_config(connection)).get_current_head()
    current = MigrationContext.configure(connection).get_current_revision()
    return SchemaState(current, str(newest))


def differences(connection: Connection) -> list[object]:
    """Return what the models say and the database does not have, or the other way round."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_name": is_described}
    )
    return list(compare_metadata(context, metadata))


def write_revision(engine: Engine, *, number: str, name: str) -> Path:
    """Write a new migration from the difference of models and database, to be read and edited."""
    with engine.begin() as connection:
        made = command.revision(_config(connection), message=name, autogenerate=True, rev_id=number)
    if not isinstance(made, Script):
        raise TypeError(f"Alembic wrote {made!r}, not one migration")
    return Path(made.path)


def _config(connection: Connection) -> Config:
    config = Config(stdout=StringIO())
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
