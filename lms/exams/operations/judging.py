"""Attempts with answers that people mark: what is done with them when they are handed in."""

from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries, rules
from lms.exams.models import Attempt, JudgedAnswer
from lms.exams.types import Sitting, State
from lms.kernel.selecting import put
from lms.question_bank.rules import is_judged

_attempts = cast(sa.Table, Attempt.__table__)
_answers = cast(sa.Table, JudgedAnswer.__table__)
_HAND_IN = (
    sa.update(_attempts)
    .where(
        _attempts.c.learner_id == sa.bindparam("of_learner"),
        _attempts.c.number == sa.bindparam("which"),
    )
    .values(state=sa.bindparam("new_state"), submitted_at=sa.bindparam("ended_at"))
)


def waiting_slots(session: Session, found: Sitting) -> list[int]:
    """Return the slots of an attempt with an answer that people mark. What is blank earns 0.

    No statement for a paper that marks itself.
    """
    if not rules.asks_people(found.blueprint):
        return []
    briefs = queries.briefs(session, [slot.version_id for slot in found.slots])
    return [
        number
        for number, slot in enumerate(found.slots, start=1)
        if found.answer(number).chosen and is_judged(briefs[slot.version_id].kind)
    ]


def hold(
    session: Session,
    found: Sitting,
    slots: list[int],
    state: State,
    ended_at: datetime,
    *,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Close an attempt without a result: its answers in words wait to be marked."""
    version_id = queries.paper_version_of(session, found.learner_id, found.number)
    which = {"of_learner": found.learner_id, "which": found.number}
    put(session, _HAND_IN, which | {"new_state": state, "ended_at": ended_at})
    rows = [
        {
            "learner_id": found.learner_id,
            "attempt_number": found.number,
            "slot": slot,
            "paper_version_id": version_id,
            "question_version_id": found.slots[slot - 1].version_id,
            "chosen": found.answer(slot).chosen,
            "handed_in_at": ended_at,
            "wanted": found.blueprint.plan.markers,
        }
        for slot in slots
    ]
    put(session, sa.insert(_answers), rows)
    audit.record(
        session,
        verb=f"exams.attempt_{state}",
        subject=f"attempt:{found.learner_id}/{found.number}",
        actor_id=actor_id,
        now=now,
        paper=found.paper_key,
        answered=len(found.slots) - len(found.blank),
        waiting=len(slots),
    )
