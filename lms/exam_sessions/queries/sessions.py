from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exam_sessions.models import (
    ExamSession,
    SessionAttempt,
    SessionClass,
    SessionSeat,
    SessionUnit,
)
from lms.exam_sessions.types import OwnSeat, SessionText, Source, Window
from lms.exams.models import Attempt, PaperVersion
from lms.exams.types import State
from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.organizations import queries as organizations
from lms.organizations.models import Organization
from lms.people.models import CadreClass
from lms.question_bank.models import Question, QuestionVersion
from lms.question_bank.queries.published import IS_DRAWN

MOST = 100
"""Sessions in an organiser's list."""

SHOWN_AFTER = timedelta(days=1)
"""How long a session that is over stays in a learner's list."""

_TEXT = (
    sa.select(
        ExamSession.id,
        ExamSession.title,
        PaperVersion.paper_id,
        ExamSession.paper_version_id,
        PaperVersion.title.label("paper_title"),
        PaperVersion.title_en.label("paper_title_en"),
        PaperVersion.minutes,
        ExamSession.organization_id,
        Organization.name.label("unit"),
        ExamSession.opens_at,
        ExamSession.last_start_at,
        ExamSession.closes_at,
        ExamSession.code,
        ExamSession.anybody,
        ExamSession.cut,
        ExamSession.open_outside,
        ExamSession.pool,
        ExamSession.revision,
        ExamSession.prepared_for,
        ExamSession.created_at,
        ExamSession.cancelled_at,
    )
    .join(PaperVersion, PaperVersion.id == ExamSession.paper_version_id)
    .join(Organization, Organization.id == ExamSession.organization_id)
)
_ONE = _TEXT.where(ExamSession.id == sa.bindparam("session_id"))
_BY_CODE = _TEXT.where(
    ExamSession.code == sa.bindparam("code"),
    ExamSession.closes_at >= sa.bindparam("now"),
    ExamSession.cancelled_at.is_(None),
).order_by(ExamSession.opens_at)
_MINE = sa.and_(
    SessionAttempt.learner_id == SessionSeat.learner_id,
    SessionAttempt.session_id == SessionSeat.session_id,
)
_PLACE = (
    sa.select(
        SessionSeat.admitted_at,
        SessionSeat.seed,
        SessionSeat.slots,
        SessionAttempt.attempt_number,
    )
    .select_from(SessionSeat)
    .outerjoin(SessionAttempt, _MINE)
    .where(
        SessionSeat.learner_id == sa.bindparam("learner_id"),
        SessionSeat.session_id == sa.bindparam("session_id"),
    )
)
_OWN = (
    sa.select(
        *_TEXT.selected_columns,
        SessionSeat.admitted_at,
        SessionAttempt.attempt_number,
        Attempt.state,
    )
    .select_from(SessionSeat)
    .join(ExamSession, ExamSession.id == SessionSeat.session_id)
    .join(PaperVersion, PaperVersion.id == ExamSession.paper_version_id)
    .join(Organization, Organization.id == ExamSession.organization_id)
    .outerjoin(SessionAttempt, _MINE)
    .outerjoin(
        Attempt,
        sa.and_(
            Attempt.learner_id == SessionAttempt.learner_id,
            Attempt.number == SessionAttempt.attempt_number,
        ),
    )
    .where(
        SessionSeat.learner_id == sa.bindparam("learner_id"),
        ExamSession.closes_at >= sa.bindparam("since"),
    )
    .order_by(ExamSession.opens_at, ExamSession.id)
)
_OF_ATTEMPT = (
    sa.select(ExamSession.id, ExamSession.title)
    .join(SessionAttempt, SessionAttempt.session_id == ExamSession.id)
    .where(
        SessionAttempt.learner_id == sa.bindparam("learner_id"),
        SessionAttempt.attempt_number == sa.bindparam("number"),
    )
)
_DRAWN = (
    sa.select(sa.func.count())
    .select_from(QuestionVersion)
    .join(
        Question,
        sa.and_(
            Question.id == QuestionVersion.question_id,
            Question.current_number == QuestionVersion.number,
        ),
    )
    .where(QuestionVersion.id.in_(sa.bindparam("ids", expanding=True)), IS_DRAWN)
)


class Place(NamedTuple):
    """A seat as starting sees it."""

    is_admitted: bool
    seed: int | None
    slots: Any
    attempt_number: int | None


class Listed(NamedTuple):
    """A session in an organiser's list."""

    session: SessionText
    seats: int
    started: int


class Groups(NamedTuple):
    """Which groups are invited."""

    units: list[tuple[int, str]]
    as_of_on: date | None
    classes: list[tuple[int, str]]


def session_text(session: Session, session_id: int) -> SessionText:
    """Return a session. One statement.

    :raises NotFound: ``no_session``.
    """
    row = fetch(session, _ONE, {"session_id": session_id}).one_or_none()
    if row is None:
        raise NotFound("no_session", N_("没有这场考试"))
    return _text(row)


def own_session(session: Session, session_id: int, *, scope: Collection[int]) -> SessionText:
    """Return a session of a unit in ``scope``. Two statements.

    :raises NotFound: ``no_session``: there is none, or it is somebody else's.
    """
    found = session_text(session, session_id)
    if not organizations.is_within(session, found.organization_id, scope=scope):
        raise NotFound("no_session", N_("没有这场考试"))
    return found


def sessions_of(session: Session, *, scope: Collection[int]) -> list[Listed]:
    """Return the newest sessions of units in ``scope`` with how many have begun. One statement."""
    seats, started = (
        sa.select(sa.func.count())
        .where(model.session_id == ExamSession.id)
        .correlate(ExamSession)
        .scalar_subquery()
        for model in (SessionSeat, SessionAttempt)
    )
    rows = session.execute(
        sa.select(*_TEXT.selected_columns, seats.label("seats"), started.label("started"))
        .join(PaperVersion, PaperVersion.id == ExamSession.paper_version_id)
        .join(Organization, Organization.id == ExamSession.organization_id)
        .where(ExamSession.organization_id.in_(organizations.ids_within(scope)))
        .order_by(ExamSession.opens_at.desc(), ExamSession.id.desc())
        .limit(MOST)
    )
    return [Listed(_text(row), row.seats, row.started) for row in rows]


def own_seats(session: Session, learner_id: int, *, now: datetime) -> list[OwnSeat]:
    """Return the sessions in which a learner has a seat, the next first. One statement."""
    rows = fetch(session, _OWN, {"learner_id": learner_id, "since": now - SHOWN_AFTER})
    return [
        OwnSeat(
            _text(row),
            is_admitted=not row.code or row.admitted_at is not None,
            attempt_number=row.attempt_number,
            is_open=row.state == State.OPEN,
        )
        for row in rows
    ]


def own_place(session: Session, learner_id: int, session_id: int) -> Place | None:
    """Return a learner's seat in a session with their attempt, or none. One statement."""
    row = fetch(session, _PLACE, {"learner_id": learner_id, "session_id": session_id}).one_or_none()
    if row is None:
        return None
    return Place(row.admitted_at is not None, row.seed, row.slots, row.attempt_number)


def find_by_code(session: Session, code: str, *, now: datetime) -> SessionText | None:
    """Return the session that is not over and has a code, the next to open. One statement."""
    row = fetch(session, _BY_CODE, {"code": code, "now": now}).first()
    return None if row is None else _text(row)


def find_by_form(session: Session, form_key: str) -> int | None:
    """Return the session that was made with a form, or none. One statement."""
    return session.scalar(sa.select(ExamSession.id).where(ExamSession.form_key == form_key))


def session_of_attempt(session: Session, learner_id: int, number: int) -> tuple[int, str] | None:
    """Return number and title of the session an attempt belongs to, or none. One statement."""
    row = fetch(session, _OF_ATTEMPT, {"learner_id": learner_id, "number": number}).first()
    return None if row is None else (row.id, row.title)


def groups_of(session: Session, session_id: int) -> Groups:
    """Return the groups that are invited. Two statements."""
    units = session.execute(
        sa.select(Organization.id, Organization.name, SessionUnit.as_of_on)
        .join(SessionUnit, SessionUnit.organization_id == Organization.id)
        .where(SessionUnit.session_id == session_id)
        .order_by(Organization.code, Organization.id)
    ).all()
    classes = session.execute(
        sa.select(CadreClass.id, CadreClass.name)
        .join(SessionClass, SessionClass.class_id == CadreClass.id)
        .where(SessionClass.session_id == session_id)
        .order_by(CadreClass.id)
    ).all()
    return Groups(
        [(row.id, row.name) for row in units],
        max((row.as_of_on for row in units), default=None),
        [(row.id, row.name) for row in classes],
    )


def due(session: Session, *, now: datetime, before: timedelta) -> list[SessionText]:
    """Return the sessions for which papers should be drawn by now. One statement."""
    rows = session.execute(
        _TEXT.where(
            ExamSession.cancelled_at.is_(None),
            ExamSession.opens_at <= now + before,
            ExamSession.last_start_at >= now,
            ExamSession.closes_at >= now,  # the index
        ).order_by(ExamSession.opens_at, ExamSession.id)
    )
    return [_text(row) for row in rows]


def unprepared(session: Session, session_id: int) -> bool:
    """Say whether somebody who is invited and has not begun has no paper yet. One statement."""
    begun = sa.exists().where(_MINE)
    found = session.scalar(
        sa.select(SessionSeat.learner_id)
        .where(
            SessionSeat.session_id == session_id,
            SessionSeat.seed.is_(None),
            SessionSeat.source != Source.CODE,
            ~begun,
        )
        .limit(1)
    )
    return found is not None


def are_drawable(session: Session, version_ids: Collection[int]) -> bool:
    """Say whether every question of a paper might still be drawn. One statement."""
    return int(fetch(session, _DRAWN, {"ids": list(version_ids)}).scalar_one()) == len(version_ids)


def held_until(session: Session, paper_id: int) -> datetime | None:
    """Return until when sessions keep a paper for themselves, or none. One statement."""
    return session.scalar(
        sa.select(sa.func.max(ExamSession.closes_at))
        .join(PaperVersion, PaperVersion.id == ExamSession.paper_version_id)
        .where(
            PaperVersion.paper_id == paper_id,
            ~ExamSession.open_outside,
            ExamSession.cancelled_at.is_(None),
        )
    )


def _text(row: Any) -> SessionText:
    return SessionText(
        id=row.id,
        title=row.title,
        paper_id=row.paper_id,
        paper_version_id=row.paper_version_id,
        paper_title=row.paper_title,
        paper_title_en=row.paper_title_en,
        minutes=row.minutes,
        organization_id=row.organization_id,
        unit=row.unit,
        window=Window(row.opens_at, row.last_start_at, row.closes_at),
        code=row.code,
        anybody=row.anybody,
        cut=row.cut,
        open_outside=row.open_outside,
        pool=row.pool,
        revision=row.revision,
        prepared_for=row.prepared_for,
        created_at=row.created_at,
        cancelled_at=row.cancelled_at,
    )
