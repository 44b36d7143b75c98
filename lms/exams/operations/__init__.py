"""What is done with papers and attempts: start, save, extend, hand in, publish; print; regrade."""

from lms.exams.operations.correcting import (
    approve_correction,
    ask_undo_correction,
    drop_correction,
    propose_correction,
)
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
from lms.exams.operations.sitting import (
    MEMORY,
    extend,
    hand_in_expired,
    load,
    save_answers,
    start,
    start_part,
    submit,
)
from lms.exams.operations.watching import (
    note_watched,
)

__all__ = [
    "MANY",
    "MEMORY",
    "apply_regrade",
    "approve_correction",
    "approve_undo",
    "ask_to_apply",
    "ask_undo",
    "ask_undo_correction",
    "check_draft",
    "count_uses",
    "drop_correction",
    "drop_undo",
    "enter_cards",
    "extend",
    "hand_in_expired",
    "kinds",
    "load",
    "note_watched",
    "print_paper",
    "propose_correction",
    "propose_regrade",
    "publish_paper",
    "retire_paper",
    "save_answers",
    "start",
    "start_part",
    "submit",
    "withdraw_regrade",
]
