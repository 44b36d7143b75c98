"""What is done with papers and attempts: start, save, extend, hand in, publish; print, type in."""

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

__all__ = [
    "MEMORY",
    "check_draft",
    "count_uses",
    "enter_cards",
    "extend",
    "hand_in_expired",
    "load",
    "print_paper",
    "publish_paper",
    "retire_paper",
    "save_answers",
    "start",
    "start_part",
    "submit",
]
