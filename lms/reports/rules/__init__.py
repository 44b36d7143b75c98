"""What is held of a person and what stays of it; which papers and lessons a question has. Pure."""

from lms.reports.rules.columns import COLUMNS
from lms.reports.rules.drawing import drawn_by, is_about
from lms.reports.rules.holdings import (
    ACTING,
    HOLDINGS,
    SECRET,
    Holding,
    by_reason,
    holder_column,
    shown_columns,
)
from lms.reports.rules.regrading import Effect, Move, Pursued, as_if, effects

__all__ = [
    "ACTING",
    "COLUMNS",
    "HOLDINGS",
    "SECRET",
    "Effect",
    "Holding",
    "Move",
    "Pursued",
    "as_if",
    "by_reason",
    "drawn_by",
    "effects",
    "holder_column",
    "is_about",
    "shown_columns",
]
