"""What must happen without anybody asking: overdue papers are handed in, the trail is sealed."""

import logging

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from lms.audit import operations as audit
from lms.exams import operations as exams
from lms.http.unit_of_work import writing
from lms.kernel.clock import utc_now

log = logging.getLogger(__name__)


def keep_house(app: Flask) -> None:
    """Do it once. A failing database is logged and tried again the next time."""
    with app.app_context():
        try:
            with writing() as session:
                exams.hand_in_expired(session, now=utc_now())
            with writing() as session:
                audit.seal(session, now=utc_now())
        except SQLAlchemyError:
            log.exception("housekeeping failed; it is tried again in a while")
