"""Decisions about papers, answers and results. Pure: no clock, no hidden chance, no I/O."""

from lms.exams.rules.assignment import Problem, binding, problem
from lms.exams.rules.blueprints import CERTAINTIES, LEVELS, apportion, read_blueprint
from lms.exams.rules.drawing import draw, order_options, shortages
from lms.exams.rules.parallel import draw_parallel
from lms.exams.rules.parts import (
    Part,
    chapters_of,
    part_at,
    part_key,
    part_table,
    read_part,
    split_key,
)
from lms.exams.rules.practice import draft_of, practice_table
from lms.exams.rules.results import is_passed, needed, paper_total, separate_line, shares, total
from lms.exams.rules.sitting import (
    BIGGEST_COUNTER,
    GRACE,
    check_counter,
    check_open,
    check_tries,
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
    "Part",
    "Problem",
    "apportion",
    "binding",
    "bound_name",
    "cell_name",
    "cell_words",
    "chapters_of",
    "check_counter",
    "check_open",
    "check_tries",
    "closing",
    "deadline",
    "draft_of",
    "draw",
    "draw_parallel",
    "is_over",
    "is_passed",
    "limit_words",
    "merge",
    "needed",
    "next_counter",
    "order_options",
    "paper_total",
    "part_at",
    "part_key",
    "part_table",
    "practice_table",
    "problem",
    "read_answers",
    "read_blueprint",
    "read_part",
    "read_slots",
    "separate_line",
    "shares",
    "shortages",
    "split_key",
    "total",
    "write_answers",
    "write_slots",
]
