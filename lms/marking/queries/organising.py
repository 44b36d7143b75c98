"""What somebody who organises marking sees: progress, cases, assignments, figures of markers."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.exams.models import JudgedAnswer, Paper, PaperVersion
from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.marking.models import JudgedMark, MarkerAssignment, MarkShare
from lms.marking.queries.shares import _SHARE, OF_ANSWER, share
from lms.marking.types import (
    Assigned,
    Case,
    Flag,
    How,
    MarkerWork,
    Pair,
    QuestionProgress,
    Share,
)
from lms.organizations.models import Closure, Organization
from lms.people.models import Person, RoleGrant
from lms.people.queries import people_within
from lms.people.queries.scope import holds_top
from lms.people.types import Role
from lms.question_bank.models import QuestionVersion
from lms.question_bank.types import Mark

MARKERS = (Role.INSTRUCTOR, Role.REVIEWER)
"""Who may be assigned: the roles with the permission ``marking.mark``."""

MOST_CANDIDATES = 200
MOST_WORK = 20_000
"""So many of the newest given shares the figures of markers rest on."""

_CASE = (
    sa.select(*_SHARE)
    .join(JudgedAnswer, OF_ANSWER)
    .where(
        MarkShare.id == sa.bindparam("id"),
        JudgedAnswer.settled_at.is_(None),
        JudgedAnswer.wanted == 0,
    )
)


def _of(session: Session, scope: Collection[int], on: date) -> sa.ColumnElement[bool]:
    """Return the condition that an answer is of somebody in a scope."""
    if holds_top(session, scope):
        return sa.true()
    return JudgedAnswer.learner_id.in_(people_within(scope, on))


def progress(session: Session, *, scope: Collection[int], on: date) -> list[QuestionProgress]:
    """Return how far every question is, by paper. Two statements."""
    is_open = JudgedAnswer.settled_at.is_(None)
    oldest = sa.func.min(
        sa.case((is_open, JudgedAnswer.handed_in_at)), type_=JudgedAnswer.handed_in_at.type
    )
    rows = fetch(
        session,
        sa.select(
            Paper.key,
            PaperVersion.title,
            PaperVersion.title_en,
            QuestionVersion.id,
            QuestionVersion.stem,
            sa.func.count(JudgedAnswer.settled_at),
            sa.func.count(sa.case((sa.and_(is_open, JudgedAnswer.wanted > 0), 1))),
            sa.func.count(sa.case((sa.and_(is_open, JudgedAnswer.wanted == 0), 1))),
            oldest,
        )
        .select_from(JudgedAnswer)
        .join(PaperVersion, PaperVersion.id == JudgedAnswer.paper_version_id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .join(QuestionVersion, QuestionVersion.id == JudgedAnswer.question_version_id)
        .where(_of(session, scope, on))
        .group_by(
            Paper.key,
            PaperVersion.id,
            PaperVersion.title,
            PaperVersion.title_en,
            QuestionVersion.id,
            QuestionVersion.stem,
        )
        .order_by(Paper.key, PaperVersion.id, QuestionVersion.id),
    )
    return [QuestionProgress(*row) for row in rows]


def cases(session: Session, *, scope: Collection[int], actor_id: int, on: date) -> list[Case]:
    """Return the answers that an organiser decides about, the oldest first. Two statements.

    :param actor_id: whose own answers, and those marked by whom, are told apart.
    """
    newer = aliased(MarkShare)
    is_last = MarkShare.id == (
        sa.select(newer.id)
        .where(
            newer.learner_id == JudgedAnswer.learner_id,
            newer.attempt_number == JudgedAnswer.attempt_number,
            newer.slot == JudgedAnswer.slot,
            newer.finished_at.is_not(None),
        )
        .order_by(newer.flag.is_(None), newer.place.desc())
        .limit(1)
        .correlate(JudgedAnswer)
        .scalar_subquery()
    )
    marked = (
        sa.select(newer.id)
        .where(
            newer.learner_id == JudgedAnswer.learner_id,
            newer.attempt_number == JudgedAnswer.attempt_number,
            newer.slot == JudgedAnswer.slot,
            newer.marker_id == actor_id,
        )
        .correlate(JudgedAnswer)
        .exists()
    )
    rows = fetch(
        session,
        sa.select(
            MarkShare.id,
            PaperVersion.title,
            PaperVersion.title_en,
            QuestionVersion.stem,
            MarkShare.flag,
            MarkShare.finished_at,
            sa.or_(JudgedAnswer.learner_id == actor_id, marked),
        )
        .select_from(JudgedAnswer)
        .join(MarkShare, sa.and_(OF_ANSWER, is_last))
        .join(PaperVersion, PaperVersion.id == JudgedAnswer.paper_version_id)
        .join(QuestionVersion, QuestionVersion.id == JudgedAnswer.question_version_id)
        .where(JudgedAnswer.settled_at.is_(None), JudgedAnswer.wanted == 0, _of(session, scope, on))
        .order_by(MarkShare.finished_at, MarkShare.id),
    )
    return [
        Case(id_, title, title_en, stem, Flag(flag) if flag else None, since, bool(is_own))
        for id_, title, title_en, stem, flag, since, is_own in rows
    ]


def case(session: Session, share_id: int, *, scope: Collection[int], on: date) -> Share:
    """Return the share by which an open case is named. Two statements.

    :raises NotFound: ``no_case``: there is none, it is decided, or it is somebody else's.
    """
    row = fetch(session, _CASE.where(_of(session, scope, on)), {"id": share_id}).one_or_none()
    if row is None:
        raise NotFound("no_case", N_("没有等您定分的这份答案，可能已经定过了"))
    return share(row)


def assignments(session: Session, *, scope: Collection[int]) -> list[Assigned]:
    """Return who marks what, for units in a scope. One statement."""
    rows = fetch(
        session,
        sa.select(
            MarkerAssignment.id,
            Paper.key,
            PaperVersion.title,
            PaperVersion.title_en,
            Person.id,
            Person.name,
            Organization.name,
            MarkerAssignment.assigned_at,
        )
        .join(Paper, Paper.id == MarkerAssignment.paper_id)
        .join(
            PaperVersion,
            sa.and_(PaperVersion.paper_id == Paper.id, PaperVersion.number == Paper.current_number),
        )
        .join(Person, Person.id == MarkerAssignment.marker_id)
        .join(Organization, Organization.id == MarkerAssignment.organization_id)
        .where(MarkerAssignment.ended_at.is_(None), _unit_within(scope))
        .order_by(Paper.key, Person.name, MarkerAssignment.id),
    )
    return [Assigned(*row) for row in rows]


def is_unit_within(session: Session, organization_id: int, *, scope: Collection[int]) -> bool:
    """Say whether a unit is one of a scope or below it. One statement."""
    found = session.scalar(
        sa.select(Closure.descendant_id)
        .where(Closure.descendant_id == organization_id, Closure.ancestor_id.in_(scope))
        .limit(1)
    )
    return found is not None


def _unit_within(scope: Collection[int]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Closure.descendant_id == MarkerAssignment.organization_id,
        Closure.ancestor_id.in_(scope),
    )


def candidates(session: Session, *, scope: Collection[int]) -> list[tuple[int, str]]:
    """Return who may be assigned: instructors and reviewers of units in a scope. One statement."""
    rows = fetch(
        session,
        sa.select(Person.id, Person.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Closure, Closure.descendant_id == RoleGrant.organization_id)
        .where(
            RoleGrant.role.in_(MARKERS),
            Closure.ancestor_id.in_(scope),
            Person.merged_into_id.is_(None),
        )
        .distinct()
        .order_by(Person.name, Person.id)
        .limit(MOST_CANDIDATES),
    )
    return [(id_, name) for id_, name in rows]


def work(session: Session, *, scope: Collection[int], on: date) -> list[MarkerWork]:
    """Return what markers have done with answers of a scope, by name. Two statements.

    Only answers that are settled: nobody can tell from it what another marker gave to an answer
    that is still open. The newest ones, if there are very many.
    """
    rows = fetch(
        session,
        sa.select(
            *_SHARE,
            MarkShare.seconds,
            JudgedAnswer.out_of,
            JudgedMark.how,
            Person.name,
        )
        .join(JudgedAnswer, OF_ANSWER)
        .join(
            JudgedMark,
            sa.and_(
                JudgedMark.learner_id == JudgedAnswer.learner_id,
                JudgedMark.attempt_number == JudgedAnswer.attempt_number,
                JudgedMark.slot == JudgedAnswer.slot,
            ),
        )
        .join(Person, Person.id == MarkShare.marker_id)
        .where(MarkShare.earned.is_not(None), _of(session, scope, on))
        .order_by(MarkShare.finished_at.desc(), MarkShare.id)
        .limit(MOST_WORK),
    ).all()
    answers = defaultdict(list)
    for row in rows:
        answers[row.learner_id, row.attempt_number, row.slot].append(row)
    found: dict[int, MarkerWork] = {}
    for row in rows:
        one = found.setdefault(row.marker_id, MarkerWork(row.marker_id, row.name))
        one.marks.append(Mark(row.earned, row.out_of))
        one.seconds.append(row.seconds or 0)
        others = answers[row.learner_id, row.attempt_number, row.slot]
        pair = next((o for o in others if {o.place, row.place} == {1, 2}), None)
        if pair is not None:
            one.pairs.append(Pair(row.earned, pair.earned, row.out_of))
            if row.how not in {How.MEAN, How.SINGLE}:
                one.to_third += 1
    return sorted(found.values(), key=lambda each: (each.marker, each.marker_id))
