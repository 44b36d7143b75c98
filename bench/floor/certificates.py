"""The like of the public check of a certificate."""

import sqlalchemy as sa
from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from bench.floor.requests import reader
from bench.floor.tables import consent, credential, event, text, text_version

bp = Blueprint("certificates", __name__)

_later = consent.alias()
_AGREED = (
    sa.select(consent.c.learner_id)
    .join(text_version, text_version.c.id == consent.c.version_id)
    .join(text, sa.and_(text.c.id == text_version.c.text_id, text.c.state == "ready"))
    .where(
        consent.c.learner_id == credential.c.learner_id,
        consent.c.answer == "given",
        text.c.key == "public_name",
        text_version.c.number == text.c.current_number,
        ~sa.exists().where(
            _later.c.learner_id == consent.c.learner_id,
            _later.c.text_id == consent.c.text_id,
            _later.c.number > consent.c.number,
        ),
    )
    .correlate(credential)
    .exists()
)
"""Whether the holder agreed that strangers read the name."""

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
        _AGREED.label("name_is_public"),
    )
    .outerjoin(event, event.c.credential_id == credential.c.id)
    .where(credential.c.code == sa.bindparam("code"))
    .order_by(event.c.number.desc())
)


@bp.get("/verify/<code>")
def verify(code: str) -> ResponseReturnValue:
    """Read a certificate with what happened to it, and whose name may be told. One statement."""
    with reader().connect() as connection:
        row = connection.execute(CREDENTIAL, {"code": code.replace("-", "")}).first()
    answer = make_response(render_template("verify.html", row=row))
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
