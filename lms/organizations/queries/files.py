"""What is kept of one organization, and what stands around it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.kernel.errors import N_, NotFound
from lms.organizations.models import Closure, Event, Organization, OtherCode, OtherName
from lms.organizations.types import (
    CODE_SYSTEMS,
    CodeLine,
    EventKind,
    EventLine,
    File,
    NameKind,
    NameLine,
    OrganizationKind,
    Unit,
)

PAGE = 50
"""Children on one page."""

NOT_AT_ALL, TOP_OF_SCOPE, MAY_EDIT = "not_at_all", "top_of_scope", "may_edit"
"""How an organization stands in a scope: outside; the own unit, which the level above keeps;
below it (or the root of all)."""

_HEAD: tuple[Any, ...] = (
    Organization.id,
    Organization.parent_id,
    Organization.kind,
    Organization.sector,
    Organization.name,
    Organization.key_county,
    Organization.opened_on,
    Organization.closed_on,
    Organization.merged_into_id,
    Organization.revision,
)
HEADS: sa.Select[*tuple[Any, ...]] = sa.select(*_HEAD, Organization.code_system, Organization.code)
"""The columns of a :class:`File` up to its revision, and the main code."""

_UNIT = (
    Organization.id,
    Organization.parent_id,
    Organization.kind,
    Organization.sector,
    Organization.code,
    Organization.name,
    Organization.closed_on,
    Organization.merged_into_id,
)


def _rank_of(kind: Any) -> sa.ColumnElement[int]:
    """Return the place of a kind in lists: regions first, stations, then offices."""
    return sa.case(*((kind == one.value, at) for at, one in enumerate(OrganizationKind)), else_=99)


_IN_ORDER: tuple[Any, ...] = (_rank_of(Organization.kind), Organization.code, Organization.id)


def file(session: Session, organization_id: int) -> File:
    """Return everything that is kept of one organization. Three statements.

    :raises NotFound: ``no_organization``.
    """
    found = session.execute(HEADS.where(Organization.id == organization_id)).first()
    if found is None:
        raise NotFound("no_organization", N_("没有这个单位"))
    *head, system, code = found
    others = session.execute(
        sa.select(OtherCode.code_system, OtherCode.code, OtherCode.until_on)
        .where(OtherCode.organization_id == organization_id)
        .order_by(OtherCode.id)
    )
    codes = [
        CodeLine(other.code_system, other.code, other.until_on, other.until_on is not None)
        for other in others
    ]
    names = session.execute(
        sa.select(OtherName.name, OtherName.kind, OtherName.since_on, OtherName.until_on)
        .where(OtherName.organization_id == organization_id)
        .order_by(OtherName.until_on, OtherName.id)
    )
    return replace(
        File(*head),
        codes=(CodeLine(system, code), *sorted(codes, key=_place_of_code)),
        names=tuple(NameLine(n.name, NameKind(n.kind), n.since_on, n.until_on) for n in names),
    )


def _place_of_code(line: CodeLine) -> tuple[bool, int]:
    known = line.system in CODE_SYSTEMS
    return line.former, CODE_SYSTEMS.index(line.system) if known else len(CODE_SYSTEMS)


def history(session: Session, organization_id: int) -> list[EventLine]:
    """Return what happened to an organization and what joined it, latest first. One statement."""
    who, old, new, into = (aliased(Organization) for _ in range(4))
    rows = session.execute(
        sa.select(
            Event.organization_id,
            who.name,
            Event.kind,
            Event.effective_on,
            Event.noted_at,
            sa.func.coalesce(Event.old_name, old.name),
            sa.func.coalesce(Event.new_name, into.name, new.name),
            Event.reason,
        )
        .join(who, who.id == Event.organization_id)
        .outerjoin(old, old.id == Event.old_parent_id)
        .outerjoin(new, new.id == Event.new_parent_id)
        .outerjoin(into, into.id == Event.successor_id)
        .where(
            sa.or_(Event.organization_id == organization_id, Event.successor_id == organization_id)
        )
        .order_by(Event.effective_on.desc(), Event.id.desc())
    )
    return [EventLine(row[0], row[1], EventKind(row[2]), *row[3:]) for row in rows]


def last_change(session: Session, organization_id: int) -> date | None:
    """Return the day of the last thing that happened to an organization, its opening included."""
    happened = sa.select(sa.func.max(Event.effective_on)).where(
        Event.organization_id == organization_id
    )
    opened = sa.select(Organization.opened_on).where(Organization.id == organization_id)
    row = session.execute(sa.select(happened.scalar_subquery(), opened.scalar_subquery())).one()
    return max((day for day in row if day is not None), default=None)


def standing_in_scope(
    session: Session, organization_id: int, *, scope: Collection[int] | None
) -> str:
    """Say how an organization stands in a scope. One statement.

    :param scope: organizations whose subtrees count; none stands for the machine itself.
    """
    if scope is None:
        return MAY_EDIT
    row = session.execute(
        sa.select(Closure.depth, Organization.parent_id)
        .join(Organization, Organization.id == Closure.descendant_id)
        .where(Closure.descendant_id == organization_id, Closure.ancestor_id.in_(scope))
        .order_by(Closure.depth.desc())
        .limit(1)
    ).first()
    if row is None:
        return NOT_AT_ALL
    return MAY_EDIT if row.depth > 0 or row.parent_id is None else TOP_OF_SCOPE


def children(session: Session, organization_id: int, *, after: int | None = None) -> list[Unit]:
    """Return a page of the children by kind and code, each with how many open ones are below it.

    :param after: the last child of the page before (keyset paging).
    :return: ``PAGE`` units and one more if there is a next page.
    """
    page = _UNIT_ROWS.where(Organization.parent_id == organization_id)
    if after is not None:
        last = sa.select(*_IN_ORDER).where(Organization.id == after).correlate(None)
        page = page.where(sa.tuple_(*_IN_ORDER) > last.scalar_subquery())
    return _counted(session, page.order_by(*_IN_ORDER).limit(PAGE + 1))


def units(session: Session, organization_ids: Collection[int]) -> list[Unit]:
    """Return organizations, each with how many open ones stand below it. One statement."""
    return _counted(session, _UNIT_ROWS.where(Organization.id.in_(organization_ids)))


_UNIT_ROWS = sa.select(*_UNIT)


def _counted(session: Session, page: sa.Select[*tuple[Any, ...]]) -> list[Unit]:
    """Run a page of units with their counts: only what is below the page is counted."""
    shown = page.subquery()
    below = aliased(Organization)
    counts: sa.Select[*tuple[Any, ...]] = (
        sa.select(*shown.c, sa.func.count(below.id))
        .outerjoin(Closure, sa.and_(Closure.ancestor_id == shown.c.id, Closure.depth > 0))
        .outerjoin(below, sa.and_(below.id == Closure.descendant_id, below.closed_on.is_(None)))
        .group_by(*shown.c)
        .order_by(_rank_of(shown.c.kind), shown.c.code, shown.c.id)
    )
    return [Unit(*row) for row in session.execute(counts)]


def open_below(session: Session, organization_id: int) -> int:
    """Return how many open organizations stand below one, itself not counted."""
    found = session.scalar(
        sa.select(sa.func.count())
        .select_from(Closure)
        .join(Organization, Organization.id == Closure.descendant_id)
        .where(
            Closure.ancestor_id == organization_id,
            Closure.depth > 0,
            Organization.closed_on.is_(None),
        )
    )
    return found or 0
