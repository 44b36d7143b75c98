"""The tree as it was on a day: today's pairs that are old enough, and pairs that were true then.

Each read is one statement on the closures' indexes: the two are read side by side
(``UNION ALL``) and never overlap.
"""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.organizations.models import Closure, Event, Organization, OtherName, PastClosure
from lms.organizations.types import EventKind, NameKind, PastUnit

_SWITCHED = (EventKind.CLOSED, EventKind.MERGED, EventKind.REOPENED)


def pairs_on(
    on: date, *, below: Collection[int] | None = None, above: int | None = None
) -> sa.CompoundSelect[int, int, int]:
    """Return the pairs that were true on a day: below one of some, or above one."""
    arms = []
    for table in (Closure, PastClosure):
        arm = sa.select(table.ancestor_id, table.descendant_id, table.depth).where(
            table.since_on <= on
        )
        if table is PastClosure:
            arm = arm.where(PastClosure.until_on > on)
        if below is not None:
            arm = arm.where(table.ancestor_id.in_(below))
        if above is not None:
            arm = arm.where(table.descendant_id == above)
        arms.append(arm)
    return sa.union_all(*arms)


def name_on(on: date) -> sa.ColumnElement[str]:
    """Return the column of an organization's official name on a day."""
    former = (
        sa.select(OtherName.name)
        .where(
            OtherName.organization_id == Organization.id,
            OtherName.kind == NameKind.FORMER,
            OtherName.since_on <= on,
            OtherName.until_on > on,
        )
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.coalesce(former, Organization.name)


def _there(on: date) -> sa.ColumnElement[bool]:
    return sa.or_(Organization.opened_on.is_(None), Organization.opened_on <= on)


def _below(organization_id: int, on: date) -> tuple[sa.Subquery, sa.Select[int, str, str, int]]:
    pairs = pairs_on(on, below=[organization_id]).subquery()
    return pairs, (
        sa.select(Organization.id, Organization.kind, name_on(on), pairs.c.depth)
        .join(pairs, pairs.c.descendant_id == Organization.id)
        .where(_there(on))
        .order_by(pairs.c.depth, Organization.code)
    )


def subtree_on(session: Session, organization_id: int, *, on: date) -> list[PastUnit]:
    """Return an organization and everything that stood below it on a day, by the names of then.

    What was closed by then is among it, as it is today; what was not there yet is not.
    """
    _pairs_of_day, statement = _below(organization_id, on)
    return [PastUnit(*row) for row in session.execute(statement)]


def ids_within_on(scope: Collection[int], *, on: date) -> sa.Select[int]:
    """Return a sub-select of what was in the subtrees of ``scope`` on a day, for ``in_()``.

    What opened later is among it: nobody has a post there yet.
    """
    return sa.select(pairs_on(on, below=scope).subquery().c.descendant_id)


def ancestors_on(session: Session, organization_id: int, *, on: date) -> list[PastUnit]:
    """Return the path from the root down to an organization on a day, itself last.

    What was not there yet is left out.
    """
    pairs = pairs_on(on, above=organization_id).subquery()
    statement = (
        sa.select(Organization.id, Organization.kind, name_on(on), pairs.c.depth)
        .join(pairs, pairs.c.ancestor_id == Organization.id)
        .where(_there(on))
        .order_by(pairs.c.depth.desc())
    )
    return [PastUnit(*row) for row in session.execute(statement)]


def children_on(session: Session, organization_id: int, *, on: date) -> list[PastUnit]:
    """Return what stood directly below an organization on a day and was open."""
    pairs, statement = _below(organization_id, on)
    last_switch = (
        sa.select(Event.kind)
        .where(
            Event.organization_id == Organization.id,
            Event.kind.in_(_SWITCHED),
            Event.effective_on <= on,
        )
        .order_by(Event.effective_on.desc(), Event.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = statement.where(
        pairs.c.depth == 1,
        sa.func.coalesce(last_switch, EventKind.REOPENED) == EventKind.REOPENED,
    )
    return [PastUnit(*row) for row in session.execute(statement)]
