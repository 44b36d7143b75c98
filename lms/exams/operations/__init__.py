"""What is done with papers and attempts: start, save, extend, hand in, publish; print; regrade."""

from lms.exams.operations.loading import load
from lms.exams.operations.on_paper import (
    enter_cards,
    print_paper,
)
from lms.exams.operations.papers import (
    check_draft,
    count_uses,
    publish_paper,
    retire_paper,
)
from lms.exams.operations.regrading import (
    apply_regrade,
    approve_undo,
    ask_undo,
    drop_undo,
    propose_regrade,
    withdraw_regrade,
)
from lms.exams.operations.regrading_jobs import (
    MANY,
    ask_to_apply,
    kinds,
)
from lms.exams.operations.settling import (
    settle_answer,
    want_marks,
)
from lms.exams.operations.sitting import (
    MEMORY,
    extend,
    hand_in_expired,
    save_answers,
    start,
    start_part,
    submit,
)

__all__ = [
    "MANY",
    "MEMORY",
    "apply_regrade",
    "approve_undo",
    "ask_to_apply",
    "ask_undo",
    "check_draft",
    "count_uses",
    "drop_undo",
    "enter_cards",
    "extend",
    "hand_in_expired",
    "kinds",
    "load",
    "print_paper",
    "propose_regrade",
    "publish_paper",
    "retire_paper",
    "save_answers",
    "settle_answer",
    "start",
    "start_part",
    "submit",
    "want_marks",
    "withdraw_regrade",
]
