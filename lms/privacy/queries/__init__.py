"""Reads of privacy."""

from lms.privacy.queries.closing import closings_in_scope, due_closings, group_of, open_closing
from lms.privacy.queries.consents import (
    consent_given,
    find_text,
    has_consent,
    has_unread_notice,
    history,
    published,
    standing,
    standings,
    text_version,
    withholds_number,
    without_consent,
)
from lms.privacy.queries.corrections import (
    correction_in_scope,
    has_answered_before,
    own_correction,
    own_corrections,
    queue,
)
from lms.privacy.queries.people import find_by_user_name, is_in_scope, own_file
from lms.privacy.queries.retention import days_of, periods

__all__ = [
    "closings_in_scope",
    "consent_given",
    "correction_in_scope",
    "days_of",
    "due_closings",
    "find_by_user_name",
    "find_text",
    "group_of",
    "has_answered_before",
    "has_consent",
    "has_unread_notice",
    "history",
    "is_in_scope",
    "open_closing",
    "own_correction",
    "own_corrections",
    "own_file",
    "periods",
    "published",
    "queue",
    "standing",
    "standings",
    "text_version",
    "withholds_number",
    "without_consent",
]
