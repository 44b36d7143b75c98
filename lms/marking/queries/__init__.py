"""What is read of shares, queues, assignments and settled answers."""

from lms.marking.queries.organising import (
    assignments,
    candidates,
    case,
    cases,
    is_unit_within,
    progress,
    work,
)
from lms.marking.queries.shares import (
    Duty,
    duties,
    lock_answer,
    next_answer,
    own_in_hand,
    own_share,
    own_shares,
    queue,
    settled,
    shares_of,
)

__all__ = [
    "Duty",
    "assignments",
    "candidates",
    "case",
    "cases",
    "duties",
    "is_unit_within",
    "lock_answer",
    "next_answer",
    "own_in_hand",
    "own_share",
    "own_shares",
    "progress",
    "queue",
    "settled",
    "shares_of",
    "work",
]
