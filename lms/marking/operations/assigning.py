"""Who marks what."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries as attempts
from lms.exams.rules import asks_people
from lms.kernel.errors import N_, Invalid, NotFound
from lms.marking import queries
from lms.marking.models import MarkerAssignment


def assign_marker(
    session: Session,
    *,
    paper_key: str,
    marker_id: int,
    organization_id: int,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> None:
    """Let somebody mark a paper, of the people of a unit and those below it. Twice is once.

    :param scope: units for which the organiser assigns, each with everything below it.
    :raises NotFound: ``no_paper``.
    :raises Invalid: ``no_marker`` or ``no_unit``: not within the scope; ``nothing_to_mark``: no
        question of the paper is marked by people.
    """
    paper = attempts.paper(session, paper_key)
    if not asks_people(paper.blueprint):
        raise Invalid("nothing_to_mark", N_("这份卷没有要人阅卷的题"), where="paper")
    if marker_id not in {id_ for id_, _name in queries.candidates(session, scope=scope)}:
        raise Invalid("no_marker", N_("请从名单里选阅卷人"), where="marker")
    if not queries.is_unit_within(session, organization_id, scope=scope):
        raise Invalid("no_unit", N_("请选您管理范围内的单位"), where="organization")
    same = {
        "paper_id": paper.paper_id,
        "marker_id": marker_id,
        "organization_id": organization_id,
    }
    there = sa.select(MarkerAssignment.id).filter_by(**same, ended_at=None)
    if session.scalar(there) is not None:
        return
    session.add(MarkerAssignment(**same, assigned_by_id=actor_id, assigned_at=now))
    session.flush()
    audit.record(
        session,
        verb="marking.marker_assigned",
        subject=f"person:{marker_id}",
        actor_id=actor_id,
        now=now,
        paper=paper_key,
        organization=organization_id,
    )


def end_assignment(
    session: Session,
    *,
    assignment_id: int,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> None:
    """Let somebody mark no more of a paper; what they have in hand they may finish. Twice is once.

    :raises NotFound: ``no_assignment``: there is none, or of a unit outside the scope.
    """
    row = session.get(MarkerAssignment, assignment_id, with_for_update=True)
    if row is None or not queries.is_unit_within(session, row.organization_id, scope=scope):
        raise NotFound("no_assignment", N_("没有这条分派"))
    if row.ended_at is not None:
        return
    row.ended_at, row.ended_by_id = now, actor_id
    session.flush()
    audit.record(
        session,
        verb="marking.marker_removed",
        subject=f"person:{row.marker_id}",
        actor_id=actor_id,
        now=now,
        paper_id=row.paper_id,
        organization=row.organization_id,
    )
