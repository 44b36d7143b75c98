"""Answers handed out to markers."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from lms.exams.types import Waiting
from lms.marking import queries, rules
from lms.marking.models import MarkShare
from lms.marking.types import Share

MOST_TRIES = 5
"""How often another answer is looked for when the one found went to somebody else meanwhile."""


def claim(
    session: Session,
    *,
    marker_id: int,
    paper_version_id: int,
    question_version_id: int,
    managed: Collection[int],
    now: datetime,
) -> int | None:
    """Give a marker an answer to a question to mark, and return the share; none if there is none.

    Safe to repeat: an answer to this question that is in the marker's hands comes first. Nobody
    gets an answer of their own, or of people for whom they answer as a manager.

    :param managed: units whose people this marker manages.
    """
    held = queries.own_in_hand(
        session, marker_id=marker_id, question_version_id=question_version_id
    )
    if held is not None and held.is_live(now):
        return held.id
    assigned = queries.duties(session, marker_id)
    skipped: list[tuple[int, int, int]] = []
    for _try in range(MOST_TRIES):
        found = queries.next_answer(
            session,
            assigned,
            marker_id,
            paper_version_id=paper_version_id,
            question_version_id=question_version_id,
            managed=managed,
            skipped=skipped,
            now=now,
        )
        if found is None:
            break
        share_id = _take(session, found, marker_id, now=now)
        if share_id is not None:
            return share_id
        skipped.append((found.learner_id, found.number, found.slot))
    return _renewed(session, held, now=now)


def _renewed(session: Session, held: Share | None, *, now: datetime) -> int | None:
    """Go on with what one let lie for too long, if nobody else took it meanwhile."""
    if held is None:
        return None
    if not queries.lock_answer(session, held):
        return None
    row = session.get(MarkShare, held.id, populate_existing=True)
    if row is None or row.marker_id != held.marker_id or row.finished_at is not None:
        return None
    row.claimed_at, row.lease_ends_at = now, now + rules.LEASE
    session.flush()
    return held.id


def _take(session: Session, answer: Waiting, marker_id: int, *, now: datetime) -> int | None:
    """Take the first free place of an answer whose row is locked; none if there is none any more.

    Read after the lock: what was found may be older than the deed that held it until now.
    """
    shares = queries.shares_of(session, answer)
    place = rules.free_place(shares, answer.wanted, now=now)
    if place is None or any(share.marker_id == marker_id for share in shares):
        return None
    new = {
        "marker_id": marker_id,
        "claimed_at": now,
        "lease_ends_at": now + rules.LEASE,
        "given": None,
        "comment": "",
    }
    left = next((share for share in shares if share.place == place), None)
    row = session.get(MarkShare, left.id) if left is not None else None
    if row is None:
        row = MarkShare(
            learner_id=answer.learner_id,
            attempt_number=answer.number,
            slot=answer.slot,
            place=place,
            **new,
        )
        session.add(row)
    else:  # its marker let it lie: nothing of what they drafted goes over
        for name, value in new.items():
            setattr(row, name, value)
    session.flush()
    return row.id
