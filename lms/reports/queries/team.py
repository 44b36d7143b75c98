"""Who is behind. Every report counts only what it shows, in one statement."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.selecting import fetch
from lms.organizations import queries as organizations
from lms.organizations.models import Closure, Organization
from lms.people.models import Person, Post
from lms.privacy import queries as privacy
from lms.privacy.types import Purpose
from lms.reports.types import PersonRow, UnitRow
from lms.requirements.models import Goal, Progress
from lms.requirements.types import State

PAGE = 50
"""Rows of people on one page."""

_DONE = (State.MET, State.EXEMPT)


def _current_post(on: date) -> sa.ColumnElement[bool]:
    return sa.and_(Post.started_on <= on, sa.or_(Post.ended_on.is_(None), Post.ended_on >= on))


def _overdue(on: date) -> sa.ColumnElement[bool]:
    return sa.and_(Progress.next_due_on < on, Progress.state.not_in(_DONE))


def units(session: Session, parent_id: int, *, on: date) -> list[UnitRow]:
    """Return how each unit directly below ``parent_id`` stands, its whole subtree counted.

    Two statements: every organization of the subtree for itself, then who lies below which
    child. Summed here: the database would sort 70,000 rows to do it.
    """
    own = {row[0]: row[1:] for row in fetch(session, _own_figures(parent_id, on))}
    children: dict[tuple[int, str, str], list[int]] = {}
    for child_id, name, kind, below_id in fetch(
        session,
        sa.select(Organization.id, Organization.name, Organization.kind, Closure.descendant_id)
        .join(Closure, Closure.ancestor_id == Organization.id)
        .where(Organization.parent_id == parent_id)
        .order_by(Organization.code),
    ):
        sums = children.setdefault((child_id, name, kind), [0, 0, 0])
        for index, figure in enumerate(own.get(below_id, ())):
            sums[index] += figure
    return [UnitRow(*child, *sums) for child, sums in children.items()]


def _own_figures(parent_id: int, on: date) -> sa.Select[int, int, int, int]:
    return (
        sa.select(
            Closure.descendant_id,
            sa.func.count(sa.case((Progress.state.in_(_DONE), 1))),
            sa.func.count(sa.case((_overdue(on), 1))),
            sa.func.count(),
        )
        .join(Post, sa.and_(Post.organization_id == Closure.descendant_id, _current_post(on)))
        .join(Progress, Progress.learner_id == Post.person_id)
        .where(
            Closure.ancestor_id == parent_id,
            Progress.goal_id.in_(sa.select(Goal.id).where(Goal.kind == "required_list")),
        )
        .group_by(Closure.descendant_id)  # in the order of the closure's key: no sorting
    )


def people(
    session: Session,
    unit_id: int,
    *,
    on: date,
    only_overdue: bool = False,
    only_consenting: bool = False,
    after: tuple[int, int] | None = None,
) -> list[PersonRow]:
    """Return a page of people and lists in a unit's subtree, by person.

    :param only_consenting: leave out who did not agree to be shown to third-party evaluators.
    :param after: learner id and goal id of the last row of the page before (keyset paging).
    :return: ``PAGE`` rows and one more if there is a next page.
    """
    statement = (
        sa.select(
            Person.id,
            Person.name,
            Organization.name,
            Goal.title,
            Goal.title_en,
            Progress.state,
            Progress.percent,
            Progress.next_due_on,
            Progress.goal_id,
        )
        .select_from(Closure)
        .join(Post, sa.and_(Post.organization_id == Closure.descendant_id, _current_post(on)))
        .join(Organization, Organization.id == Post.organization_id)
        .join(Person, Person.id == Post.person_id)
        .join(Progress, Progress.learner_id == Person.id)
        .join(Goal, sa.and_(Goal.id == Progress.goal_id, Goal.kind == "required_list"))
        .where(Closure.ancestor_id == unit_id)
        .order_by(Person.id, Progress.goal_id)
        .limit(PAGE + 1)
    )
    if only_overdue:
        statement = statement.where(_overdue(on))
    if only_consenting:
        statement = statement.where(privacy.consent_given(Person.id, Purpose.EVALUATION))
    if after is not None:
        learner_id, goal_id = after
        statement = statement.where(
            Person.id >= learner_id,
            sa.or_(Person.id > learner_id, Progress.goal_id > goal_id),
        )
    return [PersonRow(*row) for row in fetch(session, statement)]


def headcounts(
    session: Session, organization_ids: Collection[int], *, on: date, then: bool = False
) -> dict[int, int]:
    """Return how many people work in each organization's subtree on a day. One statement.

    Somebody with two posts counts for each, as in :func:`units`: each organization is counted
    once, however many of the subtrees it is in.

    :param then: the subtrees as they were on that day; else today's.
    """
    pairs = (
        organizations.pairs_on(on, below=organization_ids)
        if then
        else _pairs_below(organization_ids)
    )
    above, within = pairs.subquery(), pairs.subquery()
    own = (
        sa.select(Post.organization_id, sa.func.count().label("posts"))
        .where(Post.organization_id.in_(sa.select(within.c.descendant_id)), _current_post(on))
        .group_by(Post.organization_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(above.c.ancestor_id, sa.func.sum(own.c.posts))
        .join(own, own.c.organization_id == above.c.descendant_id)
        .group_by(above.c.ancestor_id)
    )
    return dict.fromkeys(organization_ids, 0) | {row[0]: int(row[1]) for row in rows}


def _pairs_below(organization_ids: Collection[int]) -> sa.Select[int, int]:
    return sa.select(Closure.ancestor_id, Closure.descendant_id).where(
        Closure.ancestor_id.in_(organization_ids)
    )


def is_in_scope(session: Session, learner_id: int, *, scope: Collection[int], on: date) -> bool:
    """Say whether somebody works today in a subtree of ``scope``."""
    found = session.scalar(
        sa.select(Post.id)
        .join(Closure, Closure.descendant_id == Post.organization_id)
        .where(Post.person_id == learner_id, _current_post(on), Closure.ancestor_id.in_(scope))
        .limit(1)
    )
    return found is not None
