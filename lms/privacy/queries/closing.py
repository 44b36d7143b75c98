"""Accounts that are to be closed."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.people.models import Person
from lms.privacy.models import ClosingRequest
from lms.privacy.queries.people import in_scope
from lms.privacy.types import ClosingState

WAITS = sa.and_(ClosingRequest.done_at.is_(None), ClosingRequest.taken_back_at.is_(None))

_STATE = sa.select(
    ClosingRequest.learner_id,
    ClosingRequest.number,
    Person.name,
    Person.user_name,
    ClosingRequest.reason,
    ClosingRequest.asked_at,
    ClosingRequest.asked_by == ClosingRequest.learner_id,
    ClosingRequest.due_at,
).join(Person, Person.id == ClosingRequest.learner_id)


def open_closing(session: Session, learner_id: int) -> ClosingState | None:
    """Return the closing that somebody's account waits for, or none. One statement."""
    row = session.execute(
        _STATE.where(ClosingRequest.learner_id == learner_id, WAITS)
    ).one_or_none()
    return ClosingState(*row) if row else None


def closings_in_scope(
    session: Session, *, scope: Collection[int], on: date, at_most: int = 100
) -> list[ClosingState]:
    """Return the accounts of a scope that wait to be closed, what is due first. One statement."""
    rows = session.execute(
        _STATE.where(WAITS, in_scope(ClosingRequest.learner_id, scope=scope, on=on))
        .order_by(ClosingRequest.due_at, ClosingRequest.learner_id)
        .limit(at_most)
    )
    return [ClosingState(*row) for row in rows]


def due_closings(session: Session, *, now: datetime, at_most: int = 20) -> list[int]:
    """Return whose cooling period is over. One statement."""
    return list(
        session.scalars(
            sa.select(ClosingRequest.learner_id)
            .where(WAITS, ClosingRequest.due_at <= now)
            .order_by(ClosingRequest.due_at)
            .limit(at_most)
        )
    )


def group_of(session: Session, person_id: int) -> list[int]:
    """Return a person and everybody who was merged into them, however far. One statement."""
    merged = sa.select(Person.id).where(Person.id == person_id).cte("merged", recursive=True)
    merged = merged.union(sa.select(Person.id).join(merged, Person.merged_into_id == merged.c.id))
    return sorted(session.scalars(sa.select(merged.c.id)))
