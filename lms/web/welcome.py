"""What somebody is shown before the page they wanted, right after signing in."""

from flask import url_for

from lms.http.unit_of_work import reading
from lms.privacy import queries as privacy


def asked_first(person_id: int, wanted: str) -> str:
    """Return where to go: the privacy notice if its present text was not acknowledged yet.

    One statement. The notice leads on to the page that was wanted and may be left unread.
    """
    if privacy.has_unread_notice(reading(), person_id):
        return url_for("privacy.text", key="service", next=wanted)
    return wanted
