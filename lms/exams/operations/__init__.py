"""What is done with papers and attempts: start, save, extend, hand in, publish; print; regrade."""

from lms.exams.operations.correcting import (
    approve_correction,
    ask_undo_correction,
    drop_correction,
    propose_correction,
)
from lms.exams.operations.drawing import candidates, draw_slots
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
from lms.exams.operations.seating import hold_paper, put_off
from lms.exams.operations.settling import (
    settle_answer,
    want_marks,
)
from lms.exams.operations.sitting import (
    MEMORY,
    save_answers,
    start,
    start_part,
    submit,
)
from lms.exams.operations.starting import (
    start_once,
)
from lms.exams.operations.stuck import (
    is_own_fault,
    note_stuck,
)
from lms.exams.operations.timing import (
    extend,
    give_up,
    grant_extra_time,
    hand_in_expired,
    pause,
    resume,
    revoke_extra_time,
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
    "candidates",
    "check_draft",
    "count_uses",
    "draw_slots",
    "drop_correction",
    "drop_undo",
    "enter_cards",
    "extend",
    "give_up",
    "grant_extra_time",
    "hand_in_expired",
    "hold_paper",
    "is_own_fault",
    "kinds",
    "load",
    "note_stuck",
    "note_watched",
    "pause",
    "print_paper",
    "propose_correction",
    "propose_regrade",
    "publish_paper",
    "put_off",
    "resume",
    "retire_paper",
    "revoke_extra_time",
    "save_answers",
    "settle_answer",
    "start",
    "start_once",
    "start_part",
    "submit",
    "want_marks",
    "withdraw_regrade",
]
