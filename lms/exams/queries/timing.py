"""Who has more time, who is sitting now, what ran out, what could not be marked."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.exams.models import Attempt, ExtraTime, Paper, PaperVersion, StuckAttempt
from lms.exams.queries.published import IS_CURRENT
from lms.exams.types import State
from lms.exams.types.timing import Extra, SatNow, Sitter, Stuck
from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.people.models import Person
from lms.people.queries import people_within

RETRY = timedelta(hours=1)
"""How long an attempt that could not be marked is left alone before it is tried again."""

MOST_LISTED = 200

_GRANTED = (
    sa.select(ExtraTime)
    .where(ExtraTime.learner_id == sa.bindparam("learner_id"), ExtraTime.revoked_at.is_(None))
    .order_by(ExtraTime.number)
)
_LATENESS = (
    sa.select(Attempt.late_seconds)
    .where(Attempt.state == State.OPEN, Attempt.deadline_at < sa.bindparam("now"))
    .distinct()
)
_BY, _REVOKER = aliased(Person), aliased(Person)
_EXTRA = (
    sa.select(
        ExtraTime,
        _BY.name.label("by"),
        _REVOKER.name.label("revoker"),
        Person.name,
        Person.user_name,
    )
    .join(Person, Person.id == ExtraTime.learner_id)
    .join(_BY, _BY.id == ExtraTime.granted_by)
    .outerjoin(_REVOKER, _REVOKER.id == ExtraTime.revoked_by)
)


def granted(session: Session, learner_id: int) -> list[Extra]:
    """Return the extra time of a learner that was not revoked, whatever its days. One statement."""
    rows = session.scalars(_GRANTED, {"learner_id": learner_id})
    return [_extra(row, "", "") for row in rows]


def extra_of(session: Session, learner_id: int) -> list[Extra]:
    """Return all extra time that a learner was ever granted, newest first. One statement."""
    rows = session.execute(
        _EXTRA.where(ExtraTime.learner_id == learner_id).order_by(ExtraTime.number.desc())
    )
    return [_extra(row.ExtraTime, row.by, row.revoker or "") for row in rows]


def extra_within(
    session: Session, scope: Collection[int], *, on: date
) -> list[tuple[Extra, str, str]]:
    """Return the extra time that people of a scope have or will have, by name. One statement.

    :returns: with each the name and the user name of whose it is.
    """
    rows = session.execute(
        _EXTRA.where(
            ExtraTime.revoked_at.is_(None),
            sa.or_(ExtraTime.ends_on.is_(None), ExtraTime.ends_on >= on),
            Person.id.in_(people_within(scope, on)),
        )
        .order_by(Person.name, ExtraTime.learner_id, ExtraTime.number)
        .limit(MOST_LISTED)
    )
    return [(_extra(row.ExtraTime, row.by, ""), row.name, row.user_name) for row in rows]


def _extra(row: ExtraTime, by: str, revoker: str) -> Extra:
    return Extra(
        learner_id=row.learner_id,
        number=row.number,
        percent=row.percent,
        minutes=row.minutes,
        reason=row.reason,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        granted_by=by,
        granted_at=row.granted_at,
        revoked_at=row.revoked_at,
        revoked_by=revoker,
    )


def _sitting_now(scope: Collection[int], now: datetime, on: date) -> tuple[Any, ...]:
    """Return the conditions of open attempts, in time, of people of a scope."""
    return (
        Attempt.state == State.OPEN,
        Attempt.deadline_at > now,
        Attempt.learner_id.in_(people_within(scope, on)),
    )


def sat_now(session: Session, scope: Collection[int], *, now: datetime, on: date) -> list[SatNow]:
    """Return the papers that people of a scope are sitting, by key. One statement."""
    rows = session.execute(
        sa.select(
            Paper.key,
            sa.func.max(PaperVersion.title),
            sa.func.max(PaperVersion.title_en),
            sa.func.count(),
            sa.func.min(Attempt.deadline_at, type_=Attempt.deadline_at.type),
            sa.func.max(Attempt.deadline_at, type_=Attempt.deadline_at.type),
        )
        .select_from(Attempt)
        .join(PaperVersion, PaperVersion.id == Attempt.paper_version_id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .where(*_sitting_now(scope, now, on))
        .group_by(Paper.key)
        .order_by(Paper.key)
    )
    return [SatNow(*row) for row in rows]


def sat_paper(session: Session, key: str) -> tuple[int, str, str]:
    """Return the number and the titles of a paper or of a part of one, in use or not.

    One statement.

    :raises NotFound: ``no_paper``.
    """
    row = session.execute(
        sa.select(Paper.id, PaperVersion.title, PaperVersion.title_en)
        .join(PaperVersion, IS_CURRENT)
        .where(Paper.key == key)
    ).one_or_none()
    if row is None:
        raise NotFound("no_paper", N_("没有这份试卷"))
    return row[0], row[1], row[2]


def sitters(
    session: Session, paper_id: int, scope: Collection[int], *, now: datetime, on: date
) -> list[Sitter]:
    """Return who of a scope is sitting a paper, by name; at most 200. One statement."""
    rows = session.execute(
        sa.select(
            Attempt.learner_id,
            Person.name,
            Person.user_name,
            Attempt.number,
            Attempt.deadline_at,
            Attempt.extra_minutes,
        )
        .join(Person, Person.id == Attempt.learner_id)
        .join(PaperVersion, PaperVersion.id == Attempt.paper_version_id)
        .where(PaperVersion.paper_id == paper_id, *_sitting_now(scope, now, on))
        .order_by(Person.name, Attempt.learner_id, Attempt.number)
        .limit(MOST_LISTED)
    )
    return [Sitter(*row) for row in rows]


def expired(session: Session, *, now: datetime, at_most: int) -> list[tuple[int, int]]:
    """Return open attempts to which nothing is accepted any more, the longest first.

    As learner and number. Those that could not be marked a moment ago are left alone. One
    statement if nobody is over time, else two.
    """
    lateness = fetch(session, _LATENESS, {"now": now}).scalars().all()
    if not lateness:
        return []
    over = [
        sa.and_(
            Attempt.late_seconds == seconds,
            Attempt.deadline_at < now - timedelta(seconds=seconds),
        )
        for seconds in sorted(lateness)
    ]
    left_alone = sa.exists().where(
        StuckAttempt.learner_id == Attempt.learner_id,
        StuckAttempt.attempt_number == Attempt.number,
        StuckAttempt.tried_at > now - RETRY,
    )
    rows = session.execute(
        sa.select(Attempt.learner_id, Attempt.number)
        .where(Attempt.state == State.OPEN, sa.or_(*over), ~left_alone)
        .order_by(Attempt.deadline_at, Attempt.learner_id)
        .limit(at_most)
    )
    return [(learner_id, number) for learner_id, number in rows]


def stuck(session: Session) -> list[Stuck]:
    """Return the attempts that are over and could not be marked, the oldest first.

    One statement.
    """
    rows = session.execute(
        sa.select(
            StuckAttempt.learner_id,
            StuckAttempt.attempt_number,
            PaperVersion.title,
            StuckAttempt.fault,
            StuckAttempt.first_at,
            StuckAttempt.tried_at,
            StuckAttempt.tries,
        )
        .join(
            Attempt,
            sa.and_(
                Attempt.learner_id == StuckAttempt.learner_id,
                Attempt.number == StuckAttempt.attempt_number,
            ),
        )
        .join(PaperVersion, PaperVersion.id == Attempt.paper_version_id)
        .where(Attempt.state == State.OPEN)
        .order_by(StuckAttempt.first_at, StuckAttempt.learner_id)
        .limit(MOST_LISTED)
    )
    return [Stuck(*row) for row in rows]
