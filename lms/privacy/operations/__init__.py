"""Deeds of privacy."""

from lms.privacy.operations.closing import ask_closing, close_account, take_back
from lms.privacy.operations.consents import answer, load
from lms.privacy.operations.corrections import (
    answer_correction,
    ask_correction,
    erase_answered,
    reseal,
    reveal_correction,
)
from lms.privacy.operations.retention import set_days

__all__ = [
    "answer",
    "answer_correction",
    "ask_closing",
    "ask_correction",
    "close_account",
    "erase_answered",
    "load",
    "reseal",
    "reveal_correction",
    "set_days",
    "take_back",
]
