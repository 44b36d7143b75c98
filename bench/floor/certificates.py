"""The like of the public check of a certificate."""

import sqlalchemy as sa
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from bench.floor.requests import reader
from bench.floor.tables import credential, event

bp = Blueprint("certificates", __name__)

CREDENTIAL = (
    sa.select(
        credential.c.code,
        credential.c.holder_name,
        credential.c.title,
        credential.c.program_title,
        credential.c.issuer,
        credential.c.hours,
        credential.c.issued_on,
        credential.c.expires_on,
        event.c.kind,
        event.c.happened_on,
    )
    .outerjoin(event, event.c.credential_id == credential.c.id)
    .where(credential.c.code == sa.bindparam("code"))
    .order_by(event.c.number.desc())
)


@bp.get("/verify/<code>")
def verify(code: str) -> ResponseReturnValue:
    """Read a certificate with what happened to it. One statement."""
    with reader().connect() as connection:
        row = connection.execute(CREDENTIAL, {"code": code.replace("-", "")}).first()
    return render_template("verify.html", row=row)
