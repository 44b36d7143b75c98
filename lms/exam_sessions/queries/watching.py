"""The live monitor: a handful of statements, however many people sit."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exam_sessions import rules
from lms.exam_sessions.models import SessionAttempt, SessionSeat
from lms.exam_sessions.types import Counts, Watched, Where
from lms.exams.models import Attempt
from lms.exams.types import State
from lms.organizations import queries as organizations
from lms.organizations.models import Closure, Organization
from lms.people.models import Person
from lms.people.queries import people_within
from lms.people.rules import mask_name

PAGE = 100
"""People on one page of the monitor."""

_LAST = sa.func.coalesce(Attempt.saved_at, Attempt.started_at)
_JOINED = (
    sa.select(SessionSeat.learner_id)
    .select_from(SessionSeat)
    .outerjoin(
        SessionAttempt,
        sa.and_(
            SessionAttempt.learner_id == SessionSeat.learner_id,
            SessionAttempt.session_id == SessionSeat.session_id,
        ),
    )
    .outerjoin(
        Attempt,
        sa.and_(
            Attempt.learner_id == SessionAttempt.learner_id,
            Attempt.number == SessionAttempt.attempt_number,
        ),
    )
)


def _conditions(now: datetime, silent_minutes: int) -> dict[Where, sa.ColumnElement[bool]]:
    quiet_since = now - timedelta(minutes=silent_minutes)
    paused = sa.and_(Attempt.pause_ends_at.is_not(None), Attempt.pause_ends_at > now)
    writing = sa.and_(Attempt.state == State.OPEN, sa.not_(paused))
    return {
        Where.NOT_STARTED: Attempt.state.is_(None),
        Where.WRITING: sa.and_(writing, quiet_since <= _LAST),
        Where.SILENT: sa.and_(writing, quiet_since > _LAST),
        Where.HANDED_IN: Attempt.state == State.SUBMITTED,
        Where.EXPIRED: Attempt.state == State.EXPIRED,
        Where.PAUSED: sa.and_(Attempt.state == State.OPEN, paused),
        Where.ABANDONED: Attempt.state == State.ABANDONED,
    }


def _asked(session_id: int, unit_id: int | None) -> list[sa.ColumnElement[bool]]:
    asked: list[sa.ColumnElement[bool]] = [SessionSeat.session_id == session_id]
    if unit_id is not None:
        asked.append(SessionSeat.organization_id.in_(organizations.ids_within([unit_id])))
    return asked


def counts(
    session: Session,
    session_id: int,
    *,
    now: datetime,
    silent_minutes: int,
    unit_id: int | None = None,
) -> Counts:
    """Return how many people are where, of a unit's subtree or all. One statement."""
    conditions = _conditions(now, silent_minutes)
    row = session.execute(
        _JOINED.with_only_columns(
            sa.func.count(),
            *(sa.func.count(sa.case((conditions[where], 1))) for where in Where),
            sa.func.count(SessionSeat.seed),
        ).where(*_asked(session_id, unit_id))
    ).one()
    return Counts(*map(int, row))


def watched(
    session: Session,
    session_id: int,
    *,
    now: datetime,
    silent_minutes: int,
    naming: Collection[int],
    on: date,
    unit_id: int | None = None,
    where: Where | None = None,
    page: int | None = 1,
) -> list[Watched]:
    """Return the people of a session: by unit, then by number. One statement.

    :param naming: the subtrees whose people's names the reader may see.
    :param page: from 1, of :data:`PAGE`, and one more if there is a next page; none: everybody.
    """
    asked = _asked(session_id, unit_id)
    if where is not None:
        asked.append(_conditions(now, silent_minutes)[where])
    may_name = Person.id.in_(people_within(naming, on)) if naming else sa.false()
    statement = (
        _JOINED.with_only_columns(
            Person.id,
            Person.name,
            may_name.label("may_name"),
            Organization.name.label("unit"),
            Attempt.state,
            Attempt.started_at,
            Attempt.saved_at,
            Attempt.deadline_at,
            Attempt.pause_ends_at,
        )
        .join(Person, Person.id == SessionSeat.learner_id)
        .outerjoin(Organization, Organization.id == SessionSeat.organization_id)
        .where(*asked)
        .order_by(Organization.code, Person.id)
    )
    if page is not None:
        statement = statement.limit(PAGE + 1).offset((page - 1) * PAGE)
    return [
        _line(row, now=now, silent_minutes=silent_minutes) for row in session.execute(statement)
    ]


def _line(row: Any, *, now: datetime, silent_minutes: int) -> Watched:
    last = row.saved_at or row.started_at
    where = rules.where_is(
        row.state,
        last,
        now,
        silent_minutes=silent_minutes,
        pause_ends_at=row.pause_ends_at,
    )
    sits = where in {Where.WRITING, Where.SILENT, Where.PAUSED}
    return Watched(
        person_id=row.id,
        name=row.name if row.may_name else mask_name(row.name),
        unit=row.unit or "",
        where=where,
        started_at=row.started_at,
        saved_at=row.saved_at,
        deadline_at=row.deadline_at,
        quiet_minutes=max(int((now - last).total_seconds() // 60), 0) if sits else None,
    )


def branches(
    session: Session, session_id: int, *, organization_id: int
) -> list[tuple[int, str, int]]:
    """Return the units right below one that have people in a session: id, name, how many.

    One statement.
    """
    rows = session.execute(
        sa.select(Organization.id, Organization.name, sa.func.count())
        .join(Closure, Closure.ancestor_id == Organization.id)
        .join(SessionSeat, SessionSeat.organization_id == Closure.descendant_id)
        .where(Organization.parent_id == organization_id, SessionSeat.session_id == session_id)
        .group_by(Organization.id, Organization.name, Organization.code)
        .order_by(Organization.code)
    )
    return [(id_, name, count) for id_, name, count in rows]


def few_seats(
    session: Session, session_id: int, *, source: str, at_most: int
) -> list[tuple[int, str, str]]:
    """Return people with a seat for one reason: id, name, user name, the first few. One
    statement.
    """
    rows = session.execute(
        sa.select(Person.id, Person.name, Person.user_name)
        .join(SessionSeat, SessionSeat.learner_id == Person.id)
        .where(SessionSeat.session_id == session_id, SessionSeat.source == source)
        .order_by(Person.id)
        .limit(at_most)
    )
    return [(id_, name, user_name) for id_, name, user_name in rows]
