from datetime import datetime

from sqlalchemy.orm import Session

from lms.exams import queries
from lms.exams.operations.sitting import start
from lms.kernel.errors import N_, Conflict
from lms.people.operations import lock_learner


def start_once(
    session: Session, *, learner_id: int, paper_key: str, seed: int, now: datetime
) -> tuple[int, bool]:
    """Open an attempt; return its number, and whether it is new. Otherwise as ``start``.

    Safe to repeat for ever: the attempt that began with a seed is returned whatever has become of
    it, so that a start which arrives twice costs nobody a second try.

    :raises Conflict: also ``key_reused``: with the seed an attempt on another paper began.
    """
    lock_learner(session, learner_id)
    begun = queries.begun_with(session, learner_id, seed=seed)
    if begun is not None:
        number, began = begun
        if began != paper_key:
            raise Conflict("key_reused", N_("这个 Idempotency-Key 已经用来开始了另一份试卷"))
        return number, False
    latest = queries.standing(session, learner_id).latest
    number = start(session, learner_id=learner_id, paper_key=paper_key, seed=seed, now=now)
    return number, number > latest
