from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exam_sessions import queries, rules
from lms.exam_sessions.models import (
    ExamSession,
    PoolPaper,
    SessionAttempt,
    SessionClass,
    SessionSeat,
    SessionUnit,
)
from lms.exam_sessions.operations.inviting import seat_everybody
from lms.exam_sessions.operations.locking import hold_plans, hold_to_change
from lms.exam_sessions.types import Plan, SessionText, Window
from lms.exams import operations as exams
from lms.exams import queries as papers
from lms.exams.models import Attempt
from lms.exams.types import PaperText, State
from lms.exams.types.seats import Ends
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.organizations import queries as organizations
from lms.people import queries as people
from lms.people.queries.scope import holds_top


def make(
    session: Session,
    plan: Plan,
    *,
    form_key: str,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> int:
    """Make a session and return its number. The same form sent twice makes one.

    :param scope: the subtrees for which whoever asks may organise.
    :raises Invalid: ``no_unit`` or ``no_class`` outside of ``scope``; as :mod:`rules
        <lms.exam_sessions.rules>` refuses window, code and pool.
    :raises NotFound: ``no_paper``.
    :raises Conflict: ``not_sittable``, ``not_enough_questions``, ``code_taken``, ``may_not_hold``.
    """
    hold_plans(session)
    known = queries.find_by_form(session, form_key)
    if known is not None:
        return known
    plan, paper = _checked(session, plan, scope=scope, now=now)
    made = ExamSession(form_key=form_key, created_at=now, created_by_id=actor_id, **_columns(plan))
    session.add(made)
    session.flush()
    _invite(session, made.id, plan, now=now)
    _hold(session, paper)
    _note(session, "exam_sessions.session_made", made.id, plan, actor_id=actor_id, now=now)
    return made.id


def edit(
    session: Session,
    session_id: int,
    plan: Plan,
    *,
    revision: int,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> None:
    """Change a session that has not opened. What was drawn beforehand is thrown away.

    :param revision: of the page on which it was changed.
    :raises NotFound: ``no_session``, ``no_paper``.
    :raises Conflict: ``changed_meanwhile``, ``session_opened``, ``session_cancelled``; otherwise
        as :func:`make`.
    """
    hold_plans(session)
    hold_to_change(session, session_id)
    before = queries.own_session(session, session_id, scope=scope)
    rules.check_planned(before, now)
    _check_revision(before, revision)
    plan, paper = _checked(session, plan, scope=scope, now=now, before=before)
    _change(session, before, prepared_for="", **_columns(plan))
    for model in (SessionUnit, SessionClass):
        session.execute(sa.delete(model).where(model.session_id == session_id))
    throw_away(session, session_id)
    _invite(session, session_id, plan, now=now)
    _hold(session, paper)
    if before.paper_id != paper.paper_id:
        exams.hold_paper(
            session, before.paper_id, until=queries.held_until(session, before.paper_id)
        )
    _note(session, "exam_sessions.session_changed", session_id, plan, actor_id=actor_id, now=now)


def cancel(
    session: Session,
    session_id: int,
    *,
    reason: str,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> None:
    """Cancel a session that is not over. Who sits already goes on; nobody begins any more.

    Cancelled twice is cancelled once.

    :raises NotFound: ``no_session``.
    :raises Conflict: ``session_over``.
    :raises Invalid: ``no_reason``.
    """
    hold_to_change(session, session_id)
    before = queries.own_session(session, session_id, scope=scope)
    if before.cancelled_at is not None:
        return
    if now > before.window.closes_at:
        raise Conflict("session_over", N_("这场考试已经结束"))
    if not reason.strip():
        raise Invalid("no_reason", N_("请写明为什么取消"), where="reason")
    _change(session, before, cancelled_at=now, prepared_for="")
    throw_away(session, session_id)
    exams.hold_paper(session, before.paper_id, until=queries.held_until(session, before.paper_id))
    audit.record(
        session,
        verb="exam_sessions.session_cancelled",
        subject=f"exam_session:{session_id}",
        actor_id=actor_id,
        now=now,
        reason=reason.strip(),
    )


def extend(
    session: Session,
    session_id: int,
    *,
    minutes: int,
    reason: str,
    revision: int,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> int:
    """Make the window longer for all, and return how many who sit got time back by it.

    Last start and end move. Whose time the window had cut gets it back as far as it goes.

    :param revision: of the page it was asked on: sent twice it is done once.
    :raises NotFound: ``no_session``.
    :raises Conflict: ``changed_meanwhile``, ``session_cancelled`` or ``session_over``.
    :raises Invalid: ``bad_minutes`` or ``no_reason``.
    """
    hold_plans(session)
    hold_to_change(session, session_id)
    before = queries.own_session(session, session_id, scope=scope)
    if before.cancelled_at is not None:
        raise Conflict("session_cancelled", N_("这场考试取消了"))
    if now > before.window.closes_at:
        raise Conflict("session_over", N_("这场考试已经结束"))
    _check_revision(before, revision)
    window = rules.extended(before.window, minutes, reason)
    _check_code(session, before.code, window, but=session_id)
    _change(session, before, last_start_at=window.last_start_at, closes_at=window.closes_at)
    ends = _later(session, before, window)
    exams.put_off(session, {key: new for key, (_old, new) in ends.items()})
    later = {key: new.deadline_at for key, (old, new) in ends.items() if new.deadline_at > old}
    if not before.open_outside:
        exams.hold_paper(
            session, before.paper_id, until=queries.held_until(session, before.paper_id)
        )
    _note_extension(
        session,
        session_id,
        window,
        later,
        minutes=minutes,
        reason=reason.strip(),
        actor_id=actor_id,
        now=now,
    )
    return len(later)


def _note_extension(
    session: Session,
    session_id: int,
    window: Window,
    later: Mapping[tuple[int, int], datetime],
    *,
    minutes: int,
    reason: str,
    actor_id: int,
    now: datetime,
) -> None:
    facts = {"minutes": minutes, "reason": reason}
    audit.record(
        session,
        verb="exam_sessions.window_extended",
        subject=f"exam_session:{session_id}",
        actor_id=actor_id,
        now=now,
        **facts,
        closes_at=window.closes_at.isoformat(),
        attempts=len(later),
    )
    audit.record_many(
        session,
        verb="exams.attempt_extended",
        actor_id=actor_id,
        now=now,
        facts_of={
            f"attempt:{who}/{number}": {
                **facts,
                "exam_session": session_id,
                "deadline_at": at.isoformat(),
            }
            for (who, number), at in later.items()
        },
    )


def note_export(
    session: Session, session_id: int, *, rows: int, actor_id: int, now: datetime
) -> None:
    """Write down that somebody took the list of who sits where."""
    audit.record(
        session,
        verb="exam_sessions.monitor_exported",
        subject=f"exam_session:{session_id}",
        actor_id=actor_id,
        now=now,
        rows=rows,
    )


def throw_away(session: Session, session_id: int) -> None:
    """Throw away the papers that were drawn beforehand and are not taken."""
    session.execute(
        sa.update(SessionSeat)
        .where(SessionSeat.session_id == session_id, SessionSeat.seed.is_not(None))
        .values(seed=None, slots=sa.null())
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.delete(PoolPaper)
        .where(PoolPaper.session_id == session_id, PoolPaper.learner_id.is_(None))
        .execution_options(synchronize_session=False)
    )


def _checked(
    session: Session,
    plan: Plan,
    *,
    scope: Collection[int],
    now: datetime,
    before: SessionText | None = None,
) -> tuple[Plan, PaperText]:
    """Return a plan in its one spelling with its paper, or refuse it."""
    for where, units in (("organization", (plan.organization_id,)), ("units", plan.units)):
        for unit_id in units:
            if not organizations.is_within(session, unit_id, scope=scope):
                raise Invalid("no_unit", N_("您管的范围里没有这个单位"), where=where)
    own_classes = {one.id for one in people.classes_of(session, scope=scope)}
    if not own_classes.issuperset(plan.classes):
        raise Invalid("no_class", N_("您管的范围里没有这个班"), where="classes")
    paper = papers.paper_of_version(session, plan.paper_version_id)
    if not paper.sittable or paper.origin == papers.PART:
        raise Conflict("not_sittable", N_("这份试卷只供查阅结构，不能在这里考"))
    code = rules.normal_code(plan.code)
    rules.check_window(plan.window, minutes=paper.minutes, now=now)
    rules.check_audience(anybody=plan.anybody, code=code, pool=plan.pool)
    _check_code(session, code, plan.window, but=before.id if before else 0)
    if not plan.open_outside and paper.origin == papers.FILE and not holds_top(session, scope):
        raise Conflict(
            "may_not_hold",
            N_("这份卷全省都在用，只有管全省的人可以让它暂停自由练习；可以用自己出的卷"),
        )
    exams.draw_slots(session, paper, seed=0)  # refused now, not in front of the room
    return replace(plan, code=code, pool=plan.pool if plan.anybody else 0), paper


def _check_code(session: Session, code: str, window: Window, *, but: int) -> None:
    """Refuse a code that another session has at the same time: it would open either.

    :raises Conflict: ``code_taken``.
    """
    if not code:
        return
    taken = session.scalar(
        sa.select(ExamSession.id)
        .where(
            ExamSession.code == code,
            ExamSession.id != but,
            ExamSession.cancelled_at.is_(None),
            ExamSession.closes_at >= window.opens_at,
            ExamSession.opens_at <= window.closes_at,
        )
        .limit(1)
    )
    if taken is not None:
        raise Conflict("code_taken", N_("同一时间有别的场次用这个入场码，请换一个"))


def _columns(plan: Plan) -> dict[str, object]:
    return {
        "title": plan.title,
        "paper_version_id": plan.paper_version_id,
        "organization_id": plan.organization_id,
        **plan.window._asdict(),
        "code": plan.code,
        "anybody": plan.anybody,
        "cut": plan.cut,
        "open_outside": plan.open_outside,
        "pool": plan.pool,
    }


def _invite(session: Session, session_id: int, plan: Plan, *, now: datetime) -> None:
    on = plan.as_of_on or day_of(plan.window.opens_at)
    session.add_all(
        SessionUnit(session_id=session_id, organization_id=unit_id, as_of_on=on)
        for unit_id in plan.units
    )
    session.add_all(
        SessionClass(session_id=session_id, class_id=class_id) for class_id in plan.classes
    )
    session.flush()
    seat_everybody(session, session_id, on=day_of(now))


def _hold(session: Session, paper: PaperText) -> None:
    until = queries.held_until(session, paper.paper_id)
    if until != paper.held_until_at:
        exams.hold_paper(session, paper.paper_id, until=until)


def _check_revision(before: SessionText, revision: int) -> None:
    if before.revision != revision:
        raise Conflict("changed_meanwhile", N_("这场考试刚被改过，请看过最新内容再改"))


def _change(session: Session, before: SessionText, **values: object) -> None:
    """Change the row, if nobody else has meanwhile.

    :raises Conflict: ``changed_meanwhile``.
    """
    written = session.execute(
        sa.update(ExamSession)
        .where(ExamSession.id == before.id, ExamSession.revision == before.revision)
        .values(revision=before.revision + 1, **values)
        .execution_options(synchronize_session=False)
        .returning(ExamSession.id)
    ).first()
    if written is None:
        raise Conflict("changed_meanwhile", N_("这场考试刚被改过，请看过最新内容再改"))


def _later(
    session: Session, before: SessionText, window: Window
) -> dict[tuple[int, int], tuple[datetime, Ends]]:
    """Return the ends of all who sit, as they were and as a longer window makes them.

    By learner and number; rows are locked. The time that somebody has beside the paper's (extra
    time, extensions, pauses) is theirs under the new window too; extra time and extensions also
    count beyond its end, pauses do not.
    """
    if not before.cut:
        return {}
    rows = session.execute(
        sa.select(
            Attempt.learner_id,
            Attempt.number,
            Attempt.started_at,
            Attempt.deadline_at,
            Attempt.extra_minutes,
            Attempt.paused_seconds,
        )
        .join(
            SessionAttempt,
            sa.and_(
                SessionAttempt.learner_id == Attempt.learner_id,
                SessionAttempt.attempt_number == Attempt.number,
            ),
        )
        .where(SessionAttempt.session_id == before.id, Attempt.state == State.OPEN)
        .order_by(Attempt.learner_id)
        .with_for_update(of=Attempt)
    )
    later = {}
    for row in rows:
        own = timedelta(minutes=row.extra_minutes)
        paused = timedelta(seconds=row.paused_seconds)
        full = row.started_at + timedelta(minutes=before.minutes) + own + paused
        latest = window.closes_at + own
        new = rules.later_deadline(row.deadline_at, full, closes_at=latest)
        later[row.learner_id, row.number] = (row.deadline_at, Ends(new, latest))
    return later


def _note(
    session: Session, verb: str, session_id: int, plan: Plan, *, actor_id: int, now: datetime
) -> None:
    """Write down what was planned; that there is a code, and never which."""
    audit.record(
        session,
        verb=verb,
        subject=f"exam_session:{session_id}",
        actor_id=actor_id,
        now=now,
        title=plan.title,
        paper_version=plan.paper_version_id,
        organization=plan.organization_id,
        **{name: at.isoformat() for name, at in plan.window._asdict().items()},
        has_code=bool(plan.code),
        anybody=plan.anybody,
        cut=plan.cut,
        open_outside=plan.open_outside,
        units=list(plan.units),
        classes=list(plan.classes),
    )
