"""What is done with papers and attempts: start, save, hand in, load, regrade."""

from lms.exams.operations.regrading import (
    apply_regrade,
    approve_undo,
    ask_undo,
    drop_undo,
    propose_regrade,
    withdraw_regrade,
)
from lms.exams.operations.regrading_jobs import MANY, ask_to_apply, kinds
from lms.exams.operations.sitting import (
    MEMORY,
    hand_in_expired,
    load,
    save_answers,
    start,
    submit,
)

__all__ = [
    "MANY",
    "MEMORY",
    "apply_regrade",
    "approve_undo",
    "ask_to_apply",
    "ask_undo",
    "drop_undo",
    "hand_in_expired",
    "kinds",
    "load",
    "propose_regrade",
    "save_answers",
    "start",
    "submit",
    "withdraw_regrade",
]
