"""Who has a seat."""

from collections.abc import Collection
from datetime import date, datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exam_sessions import queries, rules
from lms.exam_sessions.models import ExamSession, SessionAttempt, SessionSeat
from lms.exam_sessions.operations.locking import hold_to_change
from lms.exam_sessions.types import Row, SessionText, Source
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.selecting import put
from lms.kernel.vault import Vault
from lms.people.models import Person
from lms.people.queries import chunks, people_within

_seats = cast(sa.Table, SessionSeat.__table__)


def seat_everybody(session: Session, session_id: int, *, on: date) -> int:
    """Give the people of the invited groups a seat, take it from who belongs to none any more.

    Who came by a list or a code keeps theirs, and so does who has begun. Returns how many seats
    there are.
    """
    wanted = queries.invited(session, session_id)
    rows = session.execute(
        sa.select(SessionSeat.learner_id, SessionSeat.source).where(
            SessionSeat.session_id == session_id
        )
    ).all()
    has = {row.learner_id for row in rows}
    begun = set(
        session.scalars(
            sa.select(SessionAttempt.learner_id).where(SessionAttempt.session_id == session_id)
        )
    )
    gone = {row.learner_id for row in rows if row.source == Source.GROUP} - wanted - begun
    for chunk in chunks(sorted(gone)):
        session.execute(
            sa.delete(SessionSeat)
            .where(SessionSeat.session_id == session_id, SessionSeat.learner_id.in_(chunk))
            .execution_options(synchronize_session=False)
        )
    add_seats(session, session_id, wanted - has, source=Source.GROUP, on=on)
    return len((has - gone) | wanted)


def add_seats(
    session: Session, session_id: int, people: Collection[int], *, source: Source, on: date
) -> None:
    """Give people seats who have none."""
    if not people:
        return
    places = queries.places_of(session, people, on=on)
    put(
        session,
        sa.insert(_seats),
        [
            {
                "learner_id": one,
                "session_id": session_id,
                "source": source,
                "organization_id": places.get(one),
                "admitted_at": None,
                "seed": None,
                "slots": None,
            }
            for one in sorted(people)
        ],
    )


def review(
    session: Session,
    session_id: int,
    rows: Collection[tuple[int, str]],
    *,
    vault: Vault,
    scope: Collection[int],
    now: datetime,
) -> list[Row]:
    """Say of each row of a list whom it means, or what is wrong with it. Nothing is written.

    :param rows: of :func:`lms.exam_sessions.rules.listed`.
    """
    meant = queries.meant_by(
        session, {said for _line, said in rows}, vault=vault, scope=scope, on=day_of(now)
    )
    seated = set(
        session.scalars(
            sa.select(SessionSeat.learner_id).where(SessionSeat.session_id == session_id)
        )
    )
    judged: list[Row] = []
    lines: dict[int, int] = {}
    for line, said in rows:
        found = meant.get(said, ())
        if not found:
            fault = Invalid("no_person", N_("您管的范围里没有这个学员"), where="people")
            judged.append(Row(line, said, fault=fault))
        elif len(found) > 1:
            names = "、".join(one.user_name for one in found[:8])
            words = N_("不止一个人，请改写用户名：%(names)s")
            fault = Invalid("many_people", words, where="people", names=names)
            judged.append(Row(line, said, fault=fault))
        elif found[0].id in lines:
            words = N_("和第 %(line)s 行是同一个人")
            fault = Invalid("same_person", words, where="people", line=lines[found[0].id])
            judged.append(Row(line, said, fault=fault))
        else:
            lines[found[0].id] = line
            judged.append(Row(line, said, found[0], is_known=found[0].id in seated))
    return judged


def add_people(
    session: Session,
    session_id: int,
    people: Collection[int],
    *,
    scope: Collection[int],
    naming: Collection[int],
    actor_id: int,
    now: datetime,
) -> int:
    """Give listed people seats and return how many are new. Safe to repeat.

    Also while the window is open: who was forgotten can still come in.

    :param naming: the subtrees whose people may be named.
    :raises NotFound: ``no_session``, or ``no_person``: somebody outside of ``naming``.
    :raises Conflict: ``session_cancelled`` or ``came_too_late``.
    :raises Invalid: ``too_many_rows``.
    """
    hold_to_change(session, session_id)
    found = queries.own_session(session, session_id, scope=scope)
    _check_listable(found, now)
    if len(people) > rules.MOST_LISTED:
        raise Invalid("too_many_rows", N_("一次最多 %(n)s 人"), where="people", n=rules.MOST_LISTED)
    known = set(
        session.scalars(
            sa.select(Person.id).where(
                Person.id.in_(people), Person.id.in_(people_within(naming, day_of(now)))
            )
        )
    )
    if known != set(people):
        raise NotFound("no_person", N_("没有这个人"))
    seated = set(
        session.scalars(
            sa.select(SessionSeat.learner_id).where(
                SessionSeat.session_id == session_id, SessionSeat.learner_id.in_(people)
            )
        )
    )
    new = known - seated
    if not new:
        return 0
    add_seats(session, session_id, new, source=Source.LIST, on=day_of(now))
    _count_up(session, found)
    audit.record(
        session,
        verb="exam_sessions.people_added",
        subject=f"exam_session:{session_id}",
        actor_id=actor_id,
        now=now,
        people=sorted(new),
    )
    return len(new)


def remove_person(
    session: Session,
    session_id: int,
    person_id: int,
    *,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> None:
    """Take the seat of a listed person who has not begun. Taken twice is taken once.

    :raises NotFound: ``no_session``.
    :raises Conflict: ``has_begun``, ``session_cancelled`` or ``came_too_late``.
    """
    hold_to_change(session, session_id)
    found = queries.own_session(session, session_id, scope=scope)
    _check_listable(found, now)
    if session.get(SessionAttempt, (person_id, session_id)) is not None:
        raise Conflict("has_begun", N_("已经开始考的人不能移出"))
    taken = session.execute(
        sa.delete(SessionSeat)
        .where(
            SessionSeat.learner_id == person_id,
            SessionSeat.session_id == session_id,
            SessionSeat.source == Source.LIST,
        )
        .returning(SessionSeat.learner_id)
    ).first()
    if taken is not None:
        _count_up(session, found)
        audit.record(
            session,
            verb="exam_sessions.person_removed",
            subject=f"exam_session:{session_id}",
            actor_id=actor_id,
            now=now,
            person=person_id,
        )


def _check_listable(found: SessionText, now: datetime) -> None:
    if found.cancelled_at is not None:
        raise Conflict("session_cancelled", N_("这场考试取消了"))
    if now > found.window.last_start_at:
        raise Conflict("came_too_late", N_("已经过了最晚入场时间"))


def _count_up(session: Session, found: SessionText) -> None:
    """Let papers be drawn for who is new: a revision is prepared once."""
    session.execute(
        sa.update(ExamSession)
        .where(ExamSession.id == found.id)
        .values(revision=ExamSession.revision + 1, prepared_for="")
        .execution_options(synchronize_session=False)
    )
