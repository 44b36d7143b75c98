"""What is held of a person, table by table, and what stays of it. Pure."""

from lms.reports.rules.columns import COLUMNS
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
    "holder_column",
    "shown_columns",
]
