"""Decisions about credentials. Pure."""

from lms.credentials.rules.codes import ALPHABET, CODE_BYTES, check_character, new_code, read_code
from lms.credentials.rules.standings import (
    ANSWERS,
    decisive_event,
    disclosed,
    judge,
    last_day,
    shown_holder,
    standing,
    standing_since,
)

__all__ = [
    "ALPHABET",
    "ANSWERS",
    "CODE_BYTES",
    "check_character",
    "decisive_event",
    "disclosed",
    "judge",
    "last_day",
    "new_code",
    "read_code",
    "shown_holder",
    "standing",
    "standing_since",
]
