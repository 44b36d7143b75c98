"""The bare program, and what its pages share: a database, and who is asking."""

import os

import sqlalchemy as sa
from flask import Flask, Response
from flask_wtf import CSRFProtect
from sqlalchemy.engine import Engine

from bench.floor import certificates, learning, practice, signing, sitting, smallest, team
from bench.floor.requests import ENGINE, WRITER
from lms.kernel.databases import WRITING, make_engine

DATABASE = "BENCH_FLOOR_DATABASE_URL"
"""The environment variable that says where the database is."""
KEY = "BENCH_FLOOR_KEY"
"""The environment variable that says with what cookies are signed."""

HEADERS = (
    ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; form-action 'self'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "private, no-cache"),
)

GROUPS = (smallest, learning, sitting, practice, certificates, team, signing)


def create_app(engine: Engine | None = None) -> Flask:
    """Build the floor, on the database that the environment names if on no other."""
    engine = engine or make_engine(os.environ[DATABASE])
    app = Flask(__name__, static_folder=None)
    app.secret_key = os.environ.get(KEY, "floor")
    app.extensions[ENGINE], app.extensions[WRITER] = engine, engine.execution_options(**WRITING)
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf = CSRFProtect(app)
    csrf.exempt(smallest.bp)  # nobody's: it has no session
    app.after_request(_guarded)
    for group in GROUPS:
        app.register_blueprint(group.bp)
    return app


def _guarded(response: Response) -> Response:
    response.headers.extend(HEADERS)
    return response


def cookie(app: Flask, person_id: int, *, epoch: int, token: str) -> str:
    """Return the cookie of somebody who is signed in.

    :param token: what the tokens of the session's forms are signed from.
    """
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    values = {"person_id": person_id, "epoch": epoch, "csrf_token": token}
    return f"session={serializer.dumps(values)}"


def fill(engine: Engine) -> None:
    """Make the tables of the smallest page and insert with their rows, unless they are there."""
    smallest.metadata.create_all(engine)
    with engine.begin() as connection:
        if not connection.scalar(sa.select(sa.func.count()).select_from(smallest.item)):
            connection.execute(sa.insert(smallest.item), smallest.rows())
