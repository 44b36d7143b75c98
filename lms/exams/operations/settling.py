"""Answers that people have marked: settled one by one; the last one gives a result."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import queries
from lms.exams.models import JudgedAnswer
from lms.exams.operations import papers
from lms.exams.operations.sitting import append_record, mark_and_keep, note_result
from lms.exams.types import Result, Waiting
from lms.kernel.errors import N_, Conflict
from lms.kernel.selecting import put
from lms.people.operations import lock_learner
from lms.question_bank.types import Mark

_answers = cast(sa.Table, JudgedAnswer.__table__)
_ONE = sa.update(_answers).where(
    _answers.c.learner_id == sa.bindparam("of_learner"),
    _answers.c.attempt_number == sa.bindparam("which"),
    _answers.c.slot == sa.bindparam("at"),
)
_WANT = _ONE.values(wanted=sa.bindparam("people"))
_SETTLE = _ONE.values(
    wanted=0,
    earned=sa.bindparam("marks"),
    out_of=sa.bindparam("most"),
    settled_at=sa.bindparam("settled_on"),
)


def want_marks(session: Session, answer: Waiting, people: int) -> None:
    """Say how many people are to mark an answer; 0 while somebody is asked to decide."""
    put(session, _WANT, _which(answer) | {"people": people})


def settle_answer(
    session: Session, answer: Waiting, *, mark: Mark, actor_id: int | None, now: datetime
) -> Result | None:
    """Keep what an answer earns. With the last one of its attempt, give the attempt its result.

    Then the result, the record (of the day it was handed in, known today) and the line of the
    trail are written in this transaction, once.

    :param mark: in units of the attempt.
    :returns: the result, if that was the last answer.
    :raises Conflict: ``already_settled``.
    """
    lock_learner(session, answer.learner_id)
    held = queries.judged_answers(session, answer.learner_id, answer.number, lock=True)
    if held[answer.slot].settled_at is not None:
        raise Conflict("already_settled", N_("这份答案已经定分"))
    new = {"marks": mark.earned, "most": mark.out_of, "settled_on": now}
    put(session, _SETTLE, _which(answer) | new)
    marks = {slot: one.mark for slot, one in held.items()} | {answer.slot: mark}
    judged = {slot: one for slot, one in marks.items() if one is not None}
    if len(judged) < len(marks):
        return None
    return _finish(session, answer, judged, actor_id=actor_id, now=now)


def _finish(
    session: Session,
    answer: Waiting,
    judged: Mapping[int, Mark],
    *,
    actor_id: int | None,
    now: datetime,
) -> Result:
    which = {"learner_id": answer.learner_id, "number": answer.number}
    found = queries.sitting(session, **which, lock=True)
    result = mark_and_keep(session, found, found.state, answer.handed_in_at, judged)
    papers.count_late(session, found.slots, handed_in_at=answer.handed_in_at)
    append_record(session, found, result, now=now)
    verb = "exams.attempt_marked"
    note_result(session, found, result, verb=verb, actor_id=actor_id, now=now)
    return result


def _which(answer: Waiting) -> dict[str, int]:
    return {"of_learner": answer.learner_id, "which": answer.number, "at": answer.slot}
