"""Decisions about papers, answers and results. Pure: no clock, no hidden chance, no I/O."""

from lms.exams.rules.assignment import Problem, binding, problem
from lms.exams.rules.blueprints import CERTAINTIES, LEVELS, apportion, read_blueprint
from lms.exams.rules.drawing import draw, order_options, shortages
from lms.exams.rules.results import is_passed, needed, separate_line, shares, total
from lms.exams.rules.sitting import (
    BIGGEST_COUNTER,
    GRACE,
    check_counter,
    check_open,
    closing,
    deadline,
    is_over,
    merge,
    next_counter,
    read_answers,
    read_slots,
    write_answers,
    write_slots,
)
from lms.exams.rules.wording import bound_name, cell_name, cell_words, limit_words

__all__ = [
    "BIGGEST_COUNTER",
    "CERTAINTIES",
    "GRACE",
    "LEVELS",
    "Problem",
    "apportion",
    "binding",
    "bound_name",
    "cell_name",
    "cell_words",
    "check_counter",
    "check_open",
    "closing",
    "deadline",
    "draw",
    "is_over",
    "is_passed",
    "limit_words",
    "merge",
    "needed",
    "next_counter",
    "order_options",
    "problem",
    "read_answers",
    "read_blueprint",
    "read_slots",
    "separate_line",
    "shares",
    "shortages",
    "total",
    "write_answers",
    "write_slots",
]
