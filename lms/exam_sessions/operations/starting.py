from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exam_sessions import queries, rules
from lms.exam_sessions.models import PoolPaper, SessionAttempt, SessionSeat
from lms.exam_sessions.operations.inviting import add_seats
from lms.exam_sessions.operations.locking import hold_to_start
from lms.exam_sessions.types import SessionText, Source
from lms.exams import operations as exams
from lms.exams import queries as papers
from lms.exams.rules import read_slots
from lms.exams.types import Slot
from lms.exams.types.seats import Seat
from lms.kernel.clock import day_of
from lms.kernel.selecting import fetch, put
from lms.people.operations import lock_learner

_seats = cast(sa.Table, SessionSeat.__table__)
_attempts = cast(sa.Table, SessionAttempt.__table__)
_ADMIT = (
    sa.update(_seats)
    .where(
        _seats.c.learner_id == sa.bindparam("of_learner"),
        _seats.c.session_id == sa.bindparam("of_session"),
        _seats.c.admitted_at.is_(None),
    )
    .values(admitted_at=sa.bindparam("at"))
)
_FREE = (
    sa.select(PoolPaper.number, PoolPaper.seed, PoolPaper.slots)
    .where(PoolPaper.session_id == sa.bindparam("session_id"), PoolPaper.learner_id.is_(None))
    .order_by(PoolPaper.number)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_pool = cast(sa.Table, PoolPaper.__table__)
_TAKE = (
    sa.update(_pool)
    .where(
        _pool.c.session_id == sa.bindparam("of_session"), _pool.c.number == sa.bindparam("which")
    )
    .values(learner_id=sa.bindparam("of_learner"))
)


def enter(session: Session, *, learner_id: int, said: str, now: datetime) -> int:
    """Find the session that a code opens, remember that it was given, and return its number.

    Safe to repeat.

    :raises Invalid: ``wrong_code``: it opens nothing that is not over.
    :raises NotAllowed: ``not_invited``: it opens a session for others.
    """
    code = rules.normal_code(said)
    found = queries.find_by_code(session, code, now=now) if code else None
    if found is None:
        raise rules.wrong_code()
    lock_learner(session, learner_id)
    place = queries.own_place(session, learner_id, found.id)
    rules.check_admitted(found, has_seat=place is not None, is_admitted=False, said=code)
    _admit(session, found, learner_id, has_seat=place is not None, now=now)
    return found.id


def start(
    session: Session, *, learner_id: int, session_id: int, said: str, seed: int, now: datetime
) -> int:
    """Begin the one attempt of a session and return its number.

    Safe to repeat: whoever has begun is given that attempt, however late they ask again. The
    paper that was drawn beforehand is taken if every question of it might be drawn now.

    :param said: the code as it was typed; empty: none was.
    :param seed: for a paper that was not drawn beforehand.
    :raises NotFound: ``no_session``.
    :raises NotAllowed: ``not_invited``.
    :raises Invalid: ``wrong_code``.
    :raises Conflict: ``session_cancelled``, ``too_early``, ``came_too_late``; otherwise as
        :func:`lms.exams.operations.start`.
    """
    hold_to_start(session, session_id)
    lock_learner(session, learner_id)
    found = queries.session_text(session, session_id)
    place = queries.own_place(session, learner_id, session_id)
    if place is not None and place.attempt_number is not None:
        return place.attempt_number
    is_admitted = place is not None and place.is_admitted
    rules.check_admitted(found, has_seat=place is not None, is_admitted=is_admitted, said=said)
    rules.check_startable(found, now)
    if place is None or (found.code and not is_admitted):
        _admit(session, found, learner_id, has_seat=place is not None, now=now)
    slots, drawn_seed = _prepared(session, found, place, learner_id)

    def taken(number: int) -> None:
        put(
            session,
            sa.insert(_attempts),
            {
                "learner_id": learner_id,
                "session_id": session_id,
                "attempt_number": number,
            },
        )

    paper = papers.paper_of_version(session, found.paper_version_id)
    return exams.start(
        session,
        learner_id=learner_id,
        paper_key=paper.key,
        seed=seed if drawn_seed is None else drawn_seed,
        now=now,
        seat=Seat(
            paper=paper,
            taken=taken,
            slots=slots,
            ends_at=found.window.closes_at if found.cut else None,
            facts=(("exam_session", session_id), ("prepared", slots is not None)),
        ),
    )


def _admit(
    session: Session, found: SessionText, learner_id: int, *, has_seat: bool, now: datetime
) -> None:
    if not has_seat:
        add_seats(session, found.id, [learner_id], source=Source.CODE, on=day_of(now))
    put(session, _ADMIT, {"of_learner": learner_id, "of_session": found.id, "at": now})


def _prepared(
    session: Session, found: SessionText, place: Any, learner_id: int
) -> tuple[tuple[Slot, ...] | None, int | None]:
    """Return a paper that was drawn beforehand with its seed, or neither."""
    if place is not None and place.slots:
        seed, raw = place.seed, place.slots
    elif found.pool:
        row = fetch(session, _FREE, {"session_id": found.id}).first()
        if row is None:
            return None, None
        put(
            session,
            _TAKE,
            {"of_session": found.id, "which": row.number, "of_learner": learner_id},
        )
        seed, raw = row.seed, row.slots
    else:
        return None, None
    slots = read_slots(raw)
    if not queries.are_drawable(session, [slot.version_id for slot in slots]):
        return None, None
    return slots, seed
