"""What is done with papers and attempts: start, save, hand in, load; print and type in."""

from lms.exams.operations.on_paper import enter_cards, print_paper
from lms.exams.operations.sitting import (
    MEMORY,
    hand_in_expired,
    load,
    save_answers,
    start,
    submit,
)

__all__ = [
    "MEMORY",
    "enter_cards",
    "hand_in_expired",
    "load",
    "print_paper",
    "save_answers",
    "start",
    "submit",
]
