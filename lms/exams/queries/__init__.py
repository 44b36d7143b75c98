"""What is read of papers, attempts, results and prints."""

from lms.exams.queries.attempts import (
    IS_CURRENT,
    briefs,
    desk,
    done_attempts,
    expired,
    home,
    marked,
    met,
    own_attempts,
    paper,
    papers,
    refuse_open_attempt,
    sitting,
    standing,
)
from lms.exams.queries.on_paper import entered_from, printed, prints
from lms.exams.queries.results import areas_of, spreads

__all__ = [
    "IS_CURRENT",
    "areas_of",
    "briefs",
    "desk",
    "done_attempts",
    "entered_from",
    "expired",
    "home",
    "marked",
    "met",
    "own_attempts",
    "paper",
    "papers",
    "printed",
    "prints",
    "refuse_open_attempt",
    "sitting",
    "spreads",
    "standing",
]
