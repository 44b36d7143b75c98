"""What is over and cannot be marked holds nobody else up: it is logged, kept and told."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams.models import Attempt, StuckAttempt
from lms.exams.types import State
from lms.kernel.errors import NotFound

LONGEST_FAULT = 500
"""Characters of a fault that are kept."""

log = logging.getLogger(__name__)

_stuck = cast(sa.Table, StuckAttempt.__table__)
_OVER = (
    sa.exists()
    .where(
        Attempt.learner_id == _stuck.c.learner_id,
        Attempt.number == _stuck.c.attempt_number,
        Attempt.state != State.OPEN,
    )
    .correlate(_stuck)
)


def guarded(
    session: Session, deed: Callable[[], object], *, learner_id: int, number: int, now: datetime
) -> bool:
    """Hand an attempt in, and say whether it could be done.

    What the attempt itself is to blame for is undone, logged and kept for administrators. A
    database that fails is not the attempt's fault, and fails for everybody.
    """
    try:
        with session.begin_nested():
            deed()
    except Exception as fault:
        if not is_own_fault(fault):
            raise
        note_stuck(session, fault, learner_id=learner_id, number=number, now=now)
        return False
    return True


def is_own_fault(fault: Exception) -> bool:
    """Say whether an attempt is to blame for a fault: not a database that fails, and not a number
    that nobody has.
    """
    return not isinstance(fault, sa.exc.SQLAlchemyError | NotFound)


def note_stuck(
    session: Session, fault: Exception, *, learner_id: int, number: int, now: datetime
) -> None:
    """Log that an attempt cannot be marked, and keep it for administrators."""
    log.error("attempt %s/%s cannot be marked", learner_id, number, exc_info=fault)
    words = f"{type(fault).__name__}: {fault}"[:LONGEST_FAULT]
    known = session.get(StuckAttempt, (learner_id, number))
    if known is not None:
        known.fault, known.tried_at, known.tries = words, now, known.tries + 1
        return
    session.add(
        StuckAttempt(
            learner_id=learner_id,
            attempt_number=number,
            fault=words,
            first_at=now,
            tried_at=now,
            tries=1,
        )
    )


def forget_handed_in(session: Session) -> None:
    """Forget the attempts that could be handed in after all. One statement if there are none."""
    if session.scalar(sa.select(_stuck.c.learner_id).where(_OVER).limit(1)) is not None:
        session.execute(sa.delete(_stuck).where(_OVER))
