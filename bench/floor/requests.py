"""A request of the floor: its connection, and who is asking."""

from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app, session
from sqlalchemy.engine import Connection, Engine

from bench.floor.tables import person

ENGINE, WRITER = "bench_engine", "bench_writer"
"""Keys in ``app.extensions``."""

_PERSON = sa.select(person.c.id, person.c.name, person.c.session_epoch).where(
    person.c.id == sa.bindparam("id"), person.c.closed_at.is_(None)
)


class Someone(NamedTuple):
    """Who is signed in."""

    id: int
    name: str


def reader() -> Engine:
    """Return the database for pages."""
    engine: Engine = current_app.extensions[ENGINE]
    return engine


def writer() -> Engine:
    """Return the database for deeds: on SQLite they take the write lock when they begin."""
    engine: Engine = current_app.extensions[WRITER]
    return engine


def someone(connection: Connection) -> Someone:
    """Return who the signed cookie names. One statement."""
    row: Any = connection.execute(_PERSON, {"id": session["person_id"]}).one()
    return Someone(row.id, row.name)
