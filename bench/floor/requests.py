"""A request of the floor: its connection, and who is asking."""

from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import abort, current_app, session
from sqlalchemy.engine import Connection, Engine

from bench.floor.tables import grant, person
from lms.kernel.clock import day_of, utc_now

ENGINE, WRITER = "bench_engine", "bench_writer"
"""Keys in ``app.extensions``."""

_PERSON = (
    sa.select(
        person.c.id, person.c.name, person.c.session_epoch, grant.c.starts_on, grant.c.ends_on
    )
    .join(grant, grant.c.person_id == person.c.id)
    .where(person.c.id == sa.bindparam("id"), person.c.closed_at.is_(None))
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
    """Return who the signed cookie names, if it was not revoked and they hold a role today.

    One statement.
    """
    rows: Any = connection.execute(_PERSON, {"id": session["person_id"]}).all()
    on = day_of(utc_now())
    if not any(
        row.session_epoch == session["epoch"]
        and (row.starts_on is None or row.starts_on <= on)
        and (row.ends_on is None or on <= row.ends_on)
        for row in rows
    ):
        abort(403)
    return Someone(rows[0].id, rows[0].name)
