"""Is it alive: for load balancers and for whoever operates it."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

import lms
from lms.http.access import public
from lms.http.extensions import db, limiter
from lms.migrations import runner

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
@limiter.exempt
def healthz() -> ResponseReturnValue:
    """Say whether the database answers and whether its schema is the newest. 200 or 503."""
    try:
        with db.engine.connect() as connection:
            schema = runner.state(connection)
    except sa.exc.SQLAlchemyError as fault:
        answer = {"status": "down", "version": lms.__version__, "database": type(fault).__name__}
        return jsonify(answer), 503
    found: dict[str, Any] = {
        "status": "ok" if schema.is_current else "migrations waiting",
        "version": lms.__version__,
        "database": db.engine.dialect.name,
        "schema": {"current": schema.current, "newest": schema.newest},
    }
    return jsonify(found), 200 if schema.is_current else 503
