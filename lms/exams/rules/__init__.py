"""Decisions about papers, answers and results. Pure: no clock, no hidden chance, no I/O."""

from lms.exams.rules.blueprints import CERTAINTIES, LEVELS, read_blueprint
from lms.exams.rules.drawing import cell_words, draw, order_options, shortages
from lms.exams.rules.results import is_passed, needed, paper_total, separate_line, shares, total
from lms.exams.rules.sitting import (
    BIGGEST_COUNTER,
    GRACE,
    check_counter,
    check_open,
    closing,
    deadline,
    extended,
    furthest_counter,
    is_over,
    merge,
    next_counter,
    read_answers,
    read_slots,
    write_answers,
    write_slots,
)

__all__ = [
    "BIGGEST_COUNTER",
    "CERTAINTIES",
    "GRACE",
    "LEVELS",
    "cell_words",
    "check_counter",
    "check_open",
    "closing",
    "deadline",
    "draw",
    "extended",
    "furthest_counter",
    "is_over",
    "is_passed",
    "merge",
    "needed",
    "next_counter",
    "order_options",
    "paper_total",
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
