"""What is done to the time of an attempt: extra time, extensions, pauses, giving up, its end."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries, rules
from lms.exams.models import Attempt, Extension, ExtraTime
from lms.exams.operations.sitting import submit
from lms.exams.operations.stuck import forget_handed_in, guarded
from lms.exams.types import Sitting, State
from lms.exams.types.timing import Clocks, Wanted
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.selecting import put
from lms.people.operations import lock_learner

_attempts = cast(sa.Table, Attempt.__table__)
_extensions = cast(sa.Table, Extension.__table__)
_ONE = sa.update(_attempts).where(
    _attempts.c.learner_id == sa.bindparam("of_learner"),
    _attempts.c.number == sa.bindparam("which"),
)
_EXTEND = _ONE.values(
    deadline_at=sa.bindparam("new_deadline"),
    extra_minutes=_attempts.c.extra_minutes + sa.bindparam("more"),
)
_CLOCKS = _ONE.values(
    deadline_at=sa.bindparam("new_deadline"),
    pauses=sa.bindparam("times_paused"),
    paused_seconds=sa.bindparam("moved_by"),
    pause_ends_at=sa.bindparam("paused_to"),
)
_ABANDON = _ONE.values(state=State.ABANDONED)


def grant_extra_time(
    session: Session, wanted: Wanted, *, learner_id: int, actor_id: int, now: datetime
) -> int:
    """Give a learner more time at every paper that they begin, and return the number of the grant.

    Safe to repeat: the same time for the same days is granted once. Attempts that are open stay as
    they are; they can be extended. Whether whoever grants it may do so for this person is the
    caller's business.

    :raises Invalid: ``bad_extra``, ``no_reason`` or ``bad_days``.
    :raises Conflict: ``own_time``: nobody grants it to themselves.
    """
    rules.check_extra(wanted)
    if actor_id == learner_id:
        raise Conflict("own_time", N_("不能给自己延长考试时间"))
    lock_learner(session, learner_id)
    wanted = wanted._replace(reason=wanted.reason.strip())
    known = queries.extra_of(session, learner_id)
    for one in known:
        same = (one.percent, one.minutes, one.starts_on, one.ends_on)
        if one.revoked_at is None and same == (*wanted[:2], *wanted[3:]):
            return one.number
    number = known[0].number + 1 if known else 1
    row = ExtraTime(learner_id=learner_id, number=number, granted_by=actor_id, granted_at=now)
    for name, value in wanted._asdict().items():
        setattr(row, name, value)
    session.add(row)
    audit.record(
        session,
        verb="exams.extra_time_granted",
        subject=f"person:{learner_id}",
        actor_id=actor_id,
        now=now,
        number=number,
        percent=wanted.percent,
        minutes=wanted.minutes,
        reason=wanted.reason,
        starts_on=wanted.starts_on.isoformat(),
        ends_on=wanted.ends_on.isoformat() if wanted.ends_on else None,
    )
    session.flush()
    return number


def revoke_extra_time(
    session: Session, *, learner_id: int, number: int, actor_id: int, now: datetime
) -> None:
    """Take extra time back, for attempts that begin from now on. Safe to repeat.

    :raises NotFound: ``no_extra_time``.
    """
    lock_learner(session, learner_id)
    row = session.get(ExtraTime, (learner_id, number), populate_existing=True)
    if row is None:
        raise NotFound("no_extra_time", N_("没有这一条延长"))
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by = now, actor_id
    audit.record(
        session,
        verb="exams.extra_time_revoked",
        subject=f"person:{learner_id}",
        actor_id=actor_id,
        now=now,
        number=number,
    )
    session.flush()


def extend(
    session: Session,
    *,
    paper_key: str,
    minutes: int,
    reason: str,
    actor_id: int | None,
    now: datetime,
    learner_id: int | None = None,
    scope: Collection[int] | None = None,
    token: str = "",
) -> int:
    """Give whoever is sitting a paper more time and return how many attempts that are.

    Attempts that are handed in or whose time is up stay as they are. Open pages learn of it with
    their next save, with the next look at the clock, or when they are looked at again.

    :param learner_id: only this learner; none: everybody.
    :param scope: only people of these units' subtrees; none: of all.
    :param token: of the deed: the same one gives an attempt its minutes once. Empty: the instant.
    :raises NotFound: ``no_paper``.
    :raises Invalid: ``bad_minutes`` or ``no_reason``.
    """
    rules.extended(now, minutes, reason)
    paper_id, _title, _title_en = queries.sat_paper(session, paper_key)
    found = queries.running(session, paper_id=paper_id, learner_id=learner_id, now=now, scope=scope)
    deed = token or now.isoformat()
    done = _extended(session, deed, [who for who, _n, _ends_at in found])
    later = {
        (who, n): rules.extended(ends_at, minutes, reason)
        for who, n, ends_at in found
        if (who, n) not in done
    }
    if later:
        _write_extensions(
            session, later, deed, minutes=minutes, reason=reason.strip(), by=actor_id, now=now
        )
    audit.record_many(
        session,
        verb="exams.attempt_extended",
        actor_id=actor_id,
        now=now,
        facts_of={
            f"attempt:{who}/{n}": {
                "paper": paper_key,
                "minutes": minutes,
                "reason": reason.strip(),
                "deadline_at": ends_at.isoformat(),
            }
            for (who, n), ends_at in later.items()
        },
    )
    return len(later)


def _extended(session: Session, token: str, learner_ids: list[int]) -> set[tuple[int, int]]:
    """Return the attempts that a deed has made longer before, as learner and number."""
    rows = session.execute(
        sa.select(Extension.learner_id, Extension.attempt_number).where(
            Extension.token == token, Extension.learner_id.in_(learner_ids)
        )
    )
    return {(learner_id, number) for learner_id, number in rows}


def _write_extensions(
    session: Session,
    later: dict[tuple[int, int], datetime],
    token: str,
    *,
    minutes: int,
    reason: str,
    by: int | None,
    now: datetime,
) -> None:
    """Move deadlines, and keep by what deed: three statements for however many."""
    rows = [
        {"of_learner": who, "which": n, "new_deadline": ends_at, "more": minutes}
        for (who, n), ends_at in later.items()
    ]
    put(session, _EXTEND, rows)
    deed = {"token": token, "minutes": minutes, "reason": reason, "granted_by": by}
    kept = [{"learner_id": who, "attempt_number": n, "granted_at": now, **deed} for who, n in later]
    put(session, sa.insert(_extensions), kept)


def _clocks(found: Sitting) -> Clocks:
    return Clocks(
        found.deadline_at,
        found.pauses,
        found.paused_seconds,
        found.pause_ends_at,
        found.latest_end_at,
    )


def pause(session: Session, *, learner_id: int, number: int, nth: int, now: datetime) -> Clocks:
    """Let the clock of an attempt stand, where its paper allows it, and return its clocks.

    Safe to repeat: the same pause begins once, also after it has ended.

    :param nth: which pause it is to be, from 1.
    :raises NotFound: ``no_attempt``.
    :raises Conflict: ``already_handed_in``, ``abandoned``, ``no_pause``, ``no_pauses_left``,
        ``no_room`` or ``too_late``.
    :raises Invalid: ``bad_pause``: there was none before it.
    """
    found = queries.sitting(session, learner_id=learner_id, number=number, lock=True)
    rules.check_open(found.state, found.deadline_at, now=now, late_seconds=found.late_seconds)
    clocks = _clocks(found)
    if nth <= clocks.pauses or clocks.is_paused(now):
        return clocks
    if nth != clocks.pauses + 1:
        raise Invalid("bad_pause", N_("页面已过期，请刷新页面"), where="nth")
    allowed = rules.check_pause(found.blueprint, clocks, now=now)
    clocks = rules.paused(clocks, allowed, now=now)
    _write_clocks(session, found, clocks)
    _note(session, found, "paused", actor_id=learner_id, now=now, pauses=clocks.pauses)
    return clocks


def resume(session: Session, *, learner_id: int, number: int, nth: int, now: datetime) -> Clocks:
    """Let the clock of a paused attempt run on and return its clocks.

    Safe to repeat: what is not paused, or is paused anew since, stays as it is.

    :param nth: which pause is ended.
    :raises NotFound: ``no_attempt``.
    :raises Conflict: ``already_handed_in`` or ``abandoned``.
    """
    found = queries.sitting(session, learner_id=learner_id, number=number, lock=True)
    rules.check_open(found.state, now, now=now)
    clocks = _clocks(found)
    if nth != clocks.pauses or not clocks.is_paused(now):
        return clocks
    clocks = rules.resumed(clocks, now=now)
    _write_clocks(session, found, clocks)
    _note(session, found, "resumed", actor_id=learner_id, now=now, pauses=clocks.pauses)
    return clocks


def _write_clocks(session: Session, found: Sitting, clocks: Clocks) -> None:
    new = {
        "new_deadline": clocks.deadline_at,
        "times_paused": clocks.pauses,
        "moved_by": clocks.paused_seconds,
        "paused_to": clocks.pause_ends_at,
    }
    put(session, _CLOCKS, {"of_learner": found.learner_id, "which": found.number, **new})


def give_up(session: Session, *, learner_id: int, number: int, now: datetime) -> None:
    """Give up an open attempt: no marks, no record; it counts as a try. Safe to repeat.

    :raises NotFound: ``no_attempt``.
    :raises Conflict: ``already_handed_in``; ``too_late``: it is over, and is handed in with what
        was saved.
    """
    lock_learner(session, learner_id)
    found = queries.sitting(session, learner_id=learner_id, number=number, lock=True)
    if found.state is State.ABANDONED:
        return
    rules.check_open(found.state, found.deadline_at, now=now, late_seconds=found.late_seconds)
    put(session, _ABANDON, {"of_learner": learner_id, "which": number})
    answered = len(found.slots) - len(found.blank)
    _note(session, found, "abandoned", actor_id=learner_id, now=now, answered=answered)


def _note(
    session: Session, found: Sitting, what: str, *, actor_id: int, now: datetime, **facts: int
) -> None:
    audit.record(
        session,
        verb=f"exams.attempt_{what}",
        subject=f"attempt:{found.learner_id}/{found.number}",
        actor_id=actor_id,
        now=now,
        paper=found.paper_key,
        **facts,
    )


def hand_in_expired(session: Session, *, now: datetime, at_most: int = 50) -> int:
    """Hand in open attempts whose time is up and return how many were tried; again until 0.

    Learners are locked in the order of their ids, as everybody does who locks many. What cannot
    be marked holds nothing up: see :mod:`lms.exams.operations.stuck`.
    """
    overdue = queries.expired(session, now=now, at_most=at_most)
    for learner_id, number in sorted(overdue):
        deed = partial(submit, session, learner_id=learner_id, number=number, now=now)
        guarded(session, deed, learner_id=learner_id, number=number, now=now)
    if not overdue:
        forget_handed_in(session)
    return len(overdue)
