"""Like of signing in: one look-up, one verification of argon2id, one line written down."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue

from bench.floor.requests import reader, writer
from bench.floor.tables import audit, person
from lms.kernel import hashing
from lms.kernel.clock import utc_now

bp = Blueprint("signing", __name__)

_BY_NAME = sa.select(person.c.id, person.c.password_hash, person.c.session_epoch).where(
    person.c.user_name == sa.bindparam("name"), person.c.closed_at.is_(None)
)


@bp.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Let somebody in."""
    with reader().connect() as connection:
        found: Any = connection.execute(_BY_NAME, {"name": request.form["user_name"]}).one()
    hashing.HASHER.verify(found.password_hash, request.form["password"])
    with writer().begin() as connection:
        connection.execute(sa.insert(audit), _line(found.id, utc_now()))
    session["person_id"], session["epoch"] = found.id, found.session_epoch
    return redirect("/", code=303)


def _line(person_id: int, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "actor_id": person_id,
        "verb": "accounts.signed_in",
        "subject": f"person:{person_id}",
        "facts": {},
    }
