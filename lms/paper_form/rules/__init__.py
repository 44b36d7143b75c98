"""Decisions about sheets and answer cards. Pure."""

from lms.paper_form.rules.cards import (
    MOST_ROWS,
    named,
    read_cell,
    read_rows,
    review,
    slots_of,
    template_head,
    to_stored,
)
from lms.paper_form.rules.sheets import columns_for, make_sheet, marking_words

__all__ = [
    "MOST_ROWS",
    "columns_for",
    "make_sheet",
    "marking_words",
    "named",
    "read_cell",
    "read_rows",
    "review",
    "slots_of",
    "template_head",
    "to_stored",
]
