"""Drawing papers before a window opens, so that a start is one short transaction."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exam_sessions import queries, rules
from lms.exam_sessions.models import ExamSession, PoolPaper, SessionAttempt, SessionSeat
from lms.exam_sessions.operations.inviting import seat_everybody
from lms.exam_sessions.operations.locking import hold_to_change, hold_to_start
from lms.exam_sessions.operations.planning import throw_away
from lms.exam_sessions.types import Phase, SessionText
from lms.exams import operations as exams
from lms.exams import queries as papers
from lms.exams.rules import write_slots
from lms.exams.types import Drawable, PaperText
from lms.jobs import operations as jobs
from lms.jobs.operations import Task
from lms.jobs.operations.rows import Put
from lms.jobs.types import JobKind
from lms.kernel.clock import day_of
from lms.kernel.errors import N_
from lms.kernel.selecting import put as write

PREPARE = "exam_sessions.prepare"
SEAT, POOL = "seat", "pool"
"""For whom a paper is drawn: for a learner, or for whoever comes."""

PORTION = 25
"""Papers drawn in one transaction: a third of a second."""

_seats, _pool = cast(sa.Table, SessionSeat.__table__), cast(sa.Table, PoolPaper.__table__)
_KEEP = (
    sa.update(_seats)
    .where(
        _seats.c.learner_id == sa.bindparam("whose"),
        _seats.c.session_id == sa.bindparam("of_session"),
    )
    .values(seed=sa.bindparam("new_seed"), slots=sa.bindparam("new_slots"))
)
_LAY = sa.insert(_pool).values(
    session_id=sa.bindparam("of_session"),
    number=sa.bindparam("whose"),
    seed=sa.bindparam("new_seed"),
    slots=sa.bindparam("new_slots"),
)


def ask_due(session: Session, *, now: datetime, put: Put | None) -> int:
    """Ask for the papers of sessions that open soon, also anew if the bank has changed.

    Returns how many sessions are due. One statement if none is.
    """
    count = 0
    for found in queries.due(session, now=now, before=rules.PREPARED_BEFORE):
        paper = papers.paper_of_version(session, found.paper_version_id)
        stamp = _stamp(session, paper)
        if stamp != found.prepared_for or queries.unprepared(session, found.id):
            # not every minute anew, if it cannot be done
            key = f"{found.revision}:{stamp[:16]}"
            ask_to_prepare(session, found, key=key, actor_id=None, now=now, put=put)
            count += 1
    return count


def ask_to_prepare(
    session: Session,
    found: SessionText,
    *,
    key: str,
    actor_id: int | None,
    now: datetime,
    put: Put | None,
) -> int:
    """Ask for the papers of a session and return the job's number.

    :param key: asked for again with the same, the same job is the answer.
    """
    return jobs.ask(
        session,
        kind=PREPARE,
        arguments={"session": found.id},
        owner_id=actor_id,
        organization_id=found.organization_id,
        now=now,
        put=put,
        idempotency_key=f"{PREPARE}:{found.id}:{key}",
    )


def kinds() -> tuple[JobKind, ...]:
    """Return the kinds of jobs of exam sessions."""
    return (JobKind(PREPARE, N_("考前备卷"), _run),)


def _run(task: Task) -> Mapping[str, Any]:
    session_id = int(task.arguments["session"])
    task.say(N_("正在备卷"))
    with task.deed() as session:
        waiting = begin(session, session_id, now=task.clock())
    task.say(N_("正在备卷"), total=len(waiting))
    drawn = 0
    for number, start in enumerate(range(0, len(waiting), PORTION)):
        with task.deed() as session:
            drawn += draw_some(
                session, session_id, waiting[start : start + PORTION], now=task.clock()
            )
        if number % 8 == 7:
            task.say(N_("备好 %(n)s 份"), n=drawn)
    return {"session": session_id, "papers": drawn}


def begin(session: Session, session_id: int, *, now: datetime) -> list[tuple[str, int]]:
    """Say for whom papers are to be drawn: ``seat`` and the learner, ``pool`` and the number.

    Groups are looked at once more; what was drawn from another bank is thrown away. Empty if the
    session is cancelled or over.
    """
    hold_to_change(session, session_id)
    found = queries.session_text(session, session_id)
    if found.phase(now) not in {Phase.PLANNED, Phase.OPEN}:
        return []
    seat_everybody(session, session_id, on=day_of(now))
    paper = papers.paper_of_version(session, found.paper_version_id)
    stamp = _stamp(session, paper)
    if stamp != found.prepared_for:
        throw_away(session, session_id)
        session.execute(
            sa.update(ExamSession)
            .where(ExamSession.id == session_id)
            .values(prepared_for=stamp)
            .execution_options(synchronize_session=False)
        )
    begun = sa.select(SessionAttempt.learner_id).where(SessionAttempt.session_id == session_id)
    seats = session.scalars(
        sa.select(SessionSeat.learner_id)
        .where(
            SessionSeat.session_id == session_id,
            SessionSeat.seed.is_(None),
            SessionSeat.learner_id.not_in(begun),
        )
        .order_by(SessionSeat.learner_id)
    )
    waiting = [(SEAT, learner_id) for learner_id in seats]
    there = set(
        session.scalars(sa.select(PoolPaper.number).where(PoolPaper.session_id == session_id))
    )
    return waiting + [(POOL, n) for n in range(1, found.pool + 1) if n not in there]


def draw_some(
    session: Session, session_id: int, waiting: Sequence[tuple[str, int]], *, now: datetime
) -> int:
    """Draw papers and keep them, and return how many. None once the session is not to be sat."""
    hold_to_start(session, session_id)  # nobody changes the paper meanwhile
    found = queries.session_text(session, session_id)
    if found.phase(now) not in {Phase.PLANNED, Phase.OPEN}:
        return 0
    paper = papers.paper_of_version(session, found.paper_version_id)
    among = exams.candidates(session, paper)
    if rules.bank_stamp(paper.version_id, _ids(among)) != found.prepared_for:
        return 0  # the bank has changed meanwhile: it will be asked for anew
    rows: dict[str, list[dict[str, Any]]] = {SEAT: [], POOL: []}
    for which, number in waiting:
        seed = secrets.randbits(62)
        met = _met(session, number) if which == SEAT else None
        slots = write_slots(exams.draw_slots(session, paper, seed=seed, met=met, among=among))
        rows[which].append(
            {"of_session": session_id, "whose": number, "new_seed": seed, "new_slots": slots}
        )
    for which, statement in ((SEAT, _KEEP), (POOL, _LAY)):
        if rows[which]:
            write(session, statement, rows[which])
    return len(waiting)


def _met(session: Session, learner_id: int) -> dict[int, int]:
    latest = papers.standing(session, learner_id).latest
    return papers.met(session, learner_id, since=latest + 1 - exams.MEMORY)


def _stamp(session: Session, paper: PaperText) -> str:
    return rules.bank_stamp(paper.version_id, _ids(exams.candidates(session, paper)))


def _ids(among: Sequence[Drawable]) -> list[int]:
    return [card.version_id for card in among]
