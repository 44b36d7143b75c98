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

__all__ = [
    "ACTING",
    "COLUMNS",
    "HOLDINGS",
    "SECRET",
    "Holding",
    "by_reason",
    "drawn_by",
    "holder_column",
    "is_about",
    "shown_columns",
]
