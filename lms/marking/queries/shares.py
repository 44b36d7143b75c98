"""What a marker may take, has in hand, and has done; what an answer was settled at."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.exams.models import JudgedAnswer, Paper, PaperVersion
from lms.exams.queries import WAITING, waiting
from lms.exams.types import Waiting
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.marking import rules
from lms.marking.models import JudgedMark, MarkerAssignment, MarkShare
from lms.marking.types import Flag, Halves, How, OwnShare, Queued, Settled, Share
from lms.people.queries import people_within
from lms.people.queries.scope import holds_top
from lms.question_bank.models import QuestionVersion

_SHARE = (
    MarkShare.id,
    MarkShare.learner_id,
    MarkShare.attempt_number,
    MarkShare.slot,
    MarkShare.place,
    MarkShare.marker_id,
    MarkShare.claimed_at,
    MarkShare.lease_ends_at,
    MarkShare.given,
    MarkShare.comment,
    MarkShare.flag,
    MarkShare.finished_at,
    MarkShare.earned,
)
OF_ANSWER = sa.and_(
    MarkShare.learner_id == JudgedAnswer.learner_id,
    MarkShare.attempt_number == JudgedAnswer.attempt_number,
    MarkShare.slot == JudgedAnswer.slot,
)
"""The shares of an answer."""

_WHOLE = aliased(Paper)
_DUTIES = (
    sa.select(PaperVersion.id, MarkerAssignment.organization_id)
    .select_from(MarkerAssignment)
    .join(_WHOLE, _WHOLE.id == MarkerAssignment.paper_id)
    # whoever marks a paper marks the parts of it that learners sit
    .join(Paper, sa.or_(Paper.id == _WHOLE.id, Paper.key.startswith(_WHOLE.key + "~")))
    .join(PaperVersion, PaperVersion.paper_id == Paper.id)
    .where(
        MarkerAssignment.marker_id == sa.bindparam("marker_id"),
        MarkerAssignment.ended_at.is_(None),
    )
)
_OF_ANSWER = (
    sa.select(*_SHARE)
    .where(
        MarkShare.learner_id == sa.bindparam("learner_id"),
        MarkShare.attempt_number == sa.bindparam("number"),
        MarkShare.slot == sa.bindparam("slot"),
    )
    .order_by(MarkShare.place)
)
_OWN = sa.select(*_SHARE).where(
    MarkShare.id == sa.bindparam("id"), MarkShare.marker_id == sa.bindparam("marker_id")
)
_IN_HAND = (
    sa.select(*_SHARE)
    .join(JudgedAnswer, OF_ANSWER)
    .where(
        MarkShare.marker_id == sa.bindparam("marker_id"),
        MarkShare.finished_at.is_(None),
        JudgedAnswer.settled_at.is_(None),
        JudgedAnswer.wanted > 0,
        JudgedAnswer.question_version_id == sa.bindparam("question_version_id"),
    )
    .order_by(MarkShare.claimed_at)
    .limit(1)
)
_SETTLED = (
    sa.select(
        JudgedMark.slot,
        JudgedMark.how,
        JudgedMark.given,
        JudgedMark.comments,
        JudgedMark.settled_at,
    )
    .where(
        JudgedMark.learner_id == sa.bindparam("learner_id"),
        JudgedMark.attempt_number == sa.bindparam("number"),
    )
    .order_by(JudgedMark.slot)
)


class Duty(NamedTuple):
    """What a marker is assigned to: versions of papers, of the people of some units."""

    version_ids: tuple[int, ...]
    scope: tuple[int, ...]
    """Units with everything below them; empty: everybody."""


def share(row: Any) -> Share:
    """Return a share from a row with its columns."""
    return Share(
        id=row.id,
        learner_id=row.learner_id,
        number=row.attempt_number,
        slot=row.slot,
        place=row.place,
        marker_id=row.marker_id,
        claimed_at=row.claimed_at,
        lease_ends_at=row.lease_ends_at,
        given=halves(row.given),
        comment=row.comment,
        flag=Flag(row.flag) if row.flag else None,
        finished_at=row.finished_at,
        earned=row.earned,
    )


def halves(raw: Sequence[Sequence[int | None]] | None) -> Halves | None:
    """Return what was given, as it is stored in JSON."""
    return None if raw is None else tuple(tuple(row) for row in raw)


def duties(session: Session, marker_id: int) -> list[Duty]:
    """Return what somebody is assigned to mark. One statement, and one for each set of units."""
    units: dict[int, set[int]] = defaultdict(set)
    for version_id, organization_id in fetch(session, _DUTIES, {"marker_id": marker_id}):
        units[version_id].add(organization_id)
    versions: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for version_id, scope in units.items():
        versions[tuple(sorted(scope))].append(version_id)
    return [
        Duty(tuple(sorted(ids)), () if holds_top(session, scope) else scope)
        for scope, ids in versions.items()
    ]


def _mine(
    assigned: Sequence[Duty], marker_id: int, *, managed: Collection[int], now: datetime
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on answers that a marker may take now.

    :param managed: units whose people this marker answers for: their answers are for others.
    """
    on = day_of(now)
    within = [
        sa.and_(
            JudgedAnswer.paper_version_id.in_(duty.version_ids),
            JudgedAnswer.learner_id.in_(people_within(duty.scope, on)) if duty.scope else sa.true(),
        )
        for duty in assigned
    ]
    held = (
        sa.select(sa.func.count())
        .where(OF_ANSWER, sa.or_(MarkShare.finished_at.is_not(None), MarkShare.lease_ends_at > now))
        .correlate(JudgedAnswer)
        .scalar_subquery()
    )
    own = sa.exists().where(OF_ANSWER, MarkShare.marker_id == marker_id)
    found = [
        JudgedAnswer.settled_at.is_(None),
        sa.or_(*within),
        JudgedAnswer.learner_id != marker_id,
        JudgedAnswer.wanted > held,
        ~own.correlate(JudgedAnswer),
    ]
    if managed:
        found.append(JudgedAnswer.learner_id.not_in(people_within(managed, on)))
    return found


def queue(
    session: Session,
    assigned: Sequence[Duty],
    marker_id: int,
    *,
    managed: Collection[int],
    now: datetime,
) -> list[Queued]:
    """Return what a marker may take, question by question, the oldest first. One statement."""
    if not assigned:
        return []
    oldest = sa.func.min(JudgedAnswer.handed_in_at, type_=JudgedAnswer.handed_in_at.type)
    rows = fetch(
        session,
        sa.select(
            Paper.key,
            PaperVersion.title,
            PaperVersion.title_en,
            PaperVersion.id,
            QuestionVersion.id,
            QuestionVersion.stem,
            sa.func.count(),
            oldest,
        )
        .select_from(JudgedAnswer)
        .join(PaperVersion, PaperVersion.id == JudgedAnswer.paper_version_id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .join(QuestionVersion, QuestionVersion.id == JudgedAnswer.question_version_id)
        .where(*_mine(assigned, marker_id, managed=managed, now=now))
        .group_by(
            Paper.key,
            PaperVersion.title,
            PaperVersion.title_en,
            PaperVersion.id,
            QuestionVersion.id,
            QuestionVersion.stem,
        )
        .order_by(oldest, QuestionVersion.id),
    )
    return [Queued(*row) for row in rows]


def next_answer(
    session: Session,
    assigned: Sequence[Duty],
    marker_id: int,
    *,
    paper_version_id: int,
    question_version_id: int,
    managed: Collection[int],
    skipped: Collection[tuple[int, int, int]],
    now: datetime,
) -> Waiting | None:
    """Return the oldest answer to a question that a marker may take, locked; none if there is none.

    One statement. Rows that somebody else holds at this moment are passed over.

    :param skipped: learner, attempt and slot of answers not to be looked at again.
    """
    if not assigned:
        return None
    statement = (
        sa.select(*WAITING)
        .where(
            *_mine(assigned, marker_id, managed=managed, now=now),
            JudgedAnswer.paper_version_id == paper_version_id,
            JudgedAnswer.question_version_id == question_version_id,
            *(
                sa.or_(
                    JudgedAnswer.learner_id != learner_id,
                    JudgedAnswer.attempt_number != number,
                    JudgedAnswer.slot != slot,
                )
                for learner_id, number, slot in skipped
            ),
        )
        .order_by(JudgedAnswer.handed_in_at, JudgedAnswer.learner_id, JudgedAnswer.slot)
        .limit(1)
        .with_for_update(of=JudgedAnswer, skip_locked=True)
    )
    row = fetch(session, statement).one_or_none()
    return None if row is None else waiting(row)


def lock_answer(session: Session, held: Share) -> bool:
    """Lock the answer of a share, and say whether nobody else held it. One statement."""
    statement = (
        sa.select(JudgedAnswer.slot)
        .where(
            JudgedAnswer.learner_id == held.learner_id,
            JudgedAnswer.attempt_number == held.number,
            JudgedAnswer.slot == held.slot,
        )
        .with_for_update(skip_locked=True)
    )
    return fetch(session, statement).one_or_none() is not None


def shares_of(session: Session, answer: Waiting) -> list[Share]:
    """Return all shares of an answer, by place. One statement."""
    values = {"learner_id": answer.learner_id, "number": answer.number, "slot": answer.slot}
    return [share(row) for row in fetch(session, _OF_ANSWER, values)]


def own_share(session: Session, share_id: int, *, marker_id: int) -> Share:
    """Return one of a marker's own shares. One statement.

    :raises NotFound: ``no_share``: there is none, or it went to somebody else meanwhile.
    """
    row = fetch(session, _OWN, {"id": share_id, "marker_id": marker_id}).one_or_none()
    if row is None:
        words = N_("这份答案不在您手里：可能放得太久，已经分给了别人")
        raise NotFound("no_share", words)
    return share(row)


def own_in_hand(session: Session, *, marker_id: int, question_version_id: int) -> Share | None:
    """Return an answer to a question that a marker has begun and not finished. One statement."""
    values = {"marker_id": marker_id, "question_version_id": question_version_id}
    row = fetch(session, _IN_HAND, values).one_or_none()
    return None if row is None else share(row)


def own_shares(session: Session, marker_id: int, *, at_most: int = 20) -> list[OwnShare]:
    """Return a marker's newest shares. One statement, and one for the shares beside them."""
    rows = fetch(
        session,
        sa.select(
            *_SHARE,
            PaperVersion.title,
            PaperVersion.title_en,
            QuestionVersion.stem,
            JudgedAnswer.question_version_id,
            JudgedAnswer.settled_at,
        )
        .join(JudgedAnswer, OF_ANSWER)
        .join(PaperVersion, PaperVersion.id == JudgedAnswer.paper_version_id)
        .join(QuestionVersion, QuestionVersion.id == JudgedAnswer.question_version_id)
        .where(MarkShare.marker_id == marker_id)
        .order_by(MarkShare.claimed_at.desc(), MarkShare.id.desc())
        .limit(at_most),
    ).all()
    beside = _beside(session, [row.id for row in rows])
    return [
        OwnShare(
            share=share(row),
            paper_title=row.title,
            paper_title_en=row.title_en,
            stem=row.stem,
            question_version_id=row.question_version_id,
            is_settled=row.settled_at is not None,
            can_undo=rules.can_undo(
                share(row), beside[row.id], is_settled=row.settled_at is not None
            ),
        )
        for row in rows
    ]


def _beside(session: Session, share_ids: Sequence[int]) -> dict[int, list[Share]]:
    """Return the other shares of the answers of some shares."""
    own = aliased(MarkShare)
    rows = fetch(
        session,
        sa.select(own.id.label("own_id"), *_SHARE)
        .join(
            own,
            sa.and_(
                own.learner_id == MarkShare.learner_id,
                own.attempt_number == MarkShare.attempt_number,
                own.slot == MarkShare.slot,
                own.id != MarkShare.id,
            ),
        )
        .where(own.id.in_(share_ids)),
    )
    found: dict[int, list[Share]] = defaultdict(list)
    for row in rows:
        found[row.own_id].append(share(row))
    return found


def settled(session: Session, *, learner_id: int, number: int) -> dict[int, Settled]:
    """Return what the answers of an attempt were settled at, by slot. One statement."""
    rows = fetch(session, _SETTLED, {"learner_id": learner_id, "number": number})
    return {
        row.slot: Settled(
            slot=row.slot,
            how=How(row.how),
            given=tuple(one for one in map(halves, row.given) if one is not None),
            comments=tuple(row.comments),
            settled_at=row.settled_at,
        )
        for row in rows
    }
