"""Moves and mergers: the tree changes from a day on, the days before stay as they were."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict
from lms.organizations import queries
from lms.organizations.models import Organization
from lms.organizations.operations.changing import (
    check_name_free,
    check_open,
    check_revision,
    no_organization,
    to_change,
    write_down,
)
from lms.organizations.operations.closure import hang_elsewhere, last_rehanging
from lms.organizations.rules import check_day, check_holds, check_merges
from lms.organizations.types import Deed, EventKind


def check_move(
    session: Session, organization_id: int, parent_id: int, deed: Deed, *, lock: bool = False
) -> tuple[Organization, Organization]:
    """Return what would be moved and below which one.

    :raises NotFound: ``no_organization``: one of the two, or it is outside the actor's scope.
    :raises NotAllowed: ``own_unit``.
    :raises Conflict: ``changed_meanwhile``, ``closed``, ``target_closed``, ``cycle``,
        ``wrong_place``, ``name_taken``.
    :raises Invalid: ``future_day``, ``before_last_change``.
    """
    row = to_change(session, organization_id, deed, lock=lock)
    target = _target(session, parent_id, deed)
    if row.parent_id == parent_id and row.merged_into_id is None:
        return row, target
    check_revision(row, deed)
    check_open(row)
    check_holds(target.kind_of, row.kind_of)
    _check_way(session, row, target, deed)
    check_name_free(session, row.name, parent_id)
    return row, target


def move(session: Session, organization_id: int, parent_id: int, deed: Deed) -> None:
    """Hang an organization with all below it under another one from a day on.

    Under the one it hangs under: nothing happens.

    :raises: as :func:`check_move`.
    """
    row, target = check_move(session, organization_id, parent_id, deed, lock=True)
    if row.parent_id != parent_id:
        rehang(session, row, target.id, deed)


def rehang(session: Session, row: Organization, parent_id: int, deed: Deed) -> None:
    """Move, without asking."""
    old = row.parent_id
    hang_elsewhere(session, row.id, parent_id, on=deed.day)
    row.parent_id = parent_id
    write_down(session, row, EventKind.MOVED, deed, old_parent_id=old, new_parent_id=parent_id)


def check_merge(
    session: Session, organization_id: int, successor_id: int, deed: Deed, *, lock: bool = False
) -> tuple[Organization, Organization, list[Organization]]:
    """Return what would go, into which one, and which units below would move over.

    :raises NotFound: ``no_organization``.
    :raises NotAllowed: ``own_unit``.
    :raises Conflict: ``changed_meanwhile``, ``closed``, ``target_closed``, ``cycle``, ``unlike``,
        ``wrong_place``.
    :raises Invalid: ``future_day``, ``before_last_change``.
    """
    row = to_change(session, organization_id, deed, lock=lock)
    target = _target(session, successor_id, deed)
    if row.merged_into_id == successor_id:
        return row, target, []
    check_revision(row, deed)
    check_open(row)
    check_merges(row.kind_of, target.kind_of)
    _check_way(session, row, target, deed)
    children = list(
        session.scalars(
            sa.select(Organization)
            .where(Organization.parent_id == row.id, Organization.closed_on.is_(None))
            .order_by(Organization.code)
        )
    )
    for child in children:
        check_holds(target.kind_of, child.kind_of)
    return row, target, children


def merge(session: Session, organization_id: int, successor_id: int, deed: Deed) -> None:
    """Let an organization go into another one from a day on.

    Its open units move over; it is closed and stands below its successor from then on, with the
    posts and roles that are there: the successor's subtree holds them, past days keep theirs.

    :raises: as :func:`check_merge`.
    """
    row, target, children = check_merge(session, organization_id, successor_id, deed, lock=True)
    if row.merged_into_id == successor_id:
        return
    for child in children:
        rehang(session, child, target.id, deed)
    old = row.parent_id
    hang_elsewhere(session, row.id, target.id, on=deed.day)
    row.parent_id = row.merged_into_id = target.id
    row.closed_on = deed.day
    write_down(
        session,
        row,
        EventKind.MERGED,
        deed,
        old_parent_id=old,
        new_parent_id=target.id,
        successor_id=target.id,
    )


def _target(session: Session, organization_id: int, deed: Deed) -> Organization:
    standing = queries.standing_in_scope(session, organization_id, scope=deed.scope)
    found = session.get(Organization, organization_id, populate_existing=True)
    if standing == queries.NOT_AT_ALL or found is None:
        raise no_organization()
    if found.closed_on is not None:
        raise Conflict("target_closed", N_("“%(name)s”已停用，不能选它"), name=found.name)
    return found


def _check_way(session: Session, row: Organization, target: Organization, deed: Deed) -> None:
    """Refuse a way into the own subtree, and a day that would rewrite the past."""
    if queries.is_within(session, target.id, scope=[row.id]):
        raise Conflict("cycle", N_("不能放到自己或自己的下级单位里"))
    check_day(deed.day, today=day_of(deed.now), last=last_day(session, row.id, target.id))


def last_day(session: Session, organization_id: int, parent_id: int) -> date | None:
    """Return the last change that a move from here to there must follow."""
    days = (
        queries.last_change(session, organization_id),
        queries.last_change(session, parent_id),
        last_rehanging(session, organization_id, parent_id),
    )
    return max((day for day in days if day is not None), default=None)
