"""What is read of answers in words that people mark."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams.models import Attempt, JudgedAnswer
from lms.exams.types import Waiting
from lms.kernel.selecting import fetch
from lms.question_bank.types import Mark

WAITING = (
    JudgedAnswer.learner_id,
    JudgedAnswer.attempt_number,
    JudgedAnswer.slot,
    JudgedAnswer.paper_version_id,
    JudgedAnswer.question_version_id,
    JudgedAnswer.chosen,
    JudgedAnswer.handed_in_at,
    JudgedAnswer.wanted,
    JudgedAnswer.earned,
    JudgedAnswer.out_of,
    JudgedAnswer.settled_at,
)
"""The columns that :func:`waiting` reads, in their order."""

_OF_ATTEMPT = (
    sa.select(*WAITING)
    .where(
        JudgedAnswer.learner_id == sa.bindparam("learner_id"),
        JudgedAnswer.attempt_number == sa.bindparam("number"),
    )
    .order_by(JudgedAnswer.slot)
)
_OF_ATTEMPT_LOCKED = _OF_ATTEMPT.with_for_update()
_VERSION = sa.select(Attempt.paper_version_id).where(
    Attempt.learner_id == sa.bindparam("learner_id"), Attempt.number == sa.bindparam("number")
)


def waiting(row: Any) -> Waiting:
    """Return an answer from a row with the columns of :data:`WAITING`."""
    return Waiting(
        learner_id=row.learner_id,
        number=row.attempt_number,
        slot=row.slot,
        paper_version_id=row.paper_version_id,
        question_version_id=row.question_version_id,
        chosen=row.chosen,
        handed_in_at=row.handed_in_at,
        wanted=row.wanted,
        mark=None if row.earned is None else Mark(row.earned, row.out_of),
        settled_at=row.settled_at,
    )


def judged_answers(
    session: Session, learner_id: int, number: int, *, lock: bool = False
) -> dict[int, Waiting]:
    """Return the answers of an attempt that people mark, settled or not, by slot. One statement.

    :param lock: hold the rows until the transaction ends.
    """
    statement = _OF_ATTEMPT_LOCKED if lock else _OF_ATTEMPT
    rows = fetch(session, statement, {"learner_id": learner_id, "number": number})
    return {row.slot: waiting(row) for row in rows}


def paper_version_of(session: Session, learner_id: int, number: int) -> int:
    """Return the paper version of an attempt that exists. One statement."""
    values = {"learner_id": learner_id, "number": number}
    return int(fetch(session, _VERSION, values).scalar_one())
