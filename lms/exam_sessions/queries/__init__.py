"""What is read of exam sessions."""

from lms.exam_sessions.queries.people import invited, meant_by, places_of
from lms.exam_sessions.queries.sessions import (
    are_drawable,
    due,
    find_by_code,
    find_by_form,
    groups_of,
    held_until,
    own_place,
    own_seats,
    own_session,
    session_of_attempt,
    session_text,
    sessions_of,
    unprepared,
)
from lms.exam_sessions.queries.watching import PAGE, branches, counts, few_seats, watched

__all__ = [
    "PAGE",
    "are_drawable",
    "branches",
    "counts",
    "due",
    "few_seats",
    "find_by_code",
    "find_by_form",
    "groups_of",
    "held_until",
    "invited",
    "meant_by",
    "own_place",
    "own_seats",
    "own_session",
    "places_of",
    "session_of_attempt",
    "session_text",
    "sessions_of",
    "unprepared",
    "watched",
]
