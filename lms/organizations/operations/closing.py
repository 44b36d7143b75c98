"""Closing, and opening again."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict
from lms.organizations import queries
from lms.organizations.models import Event, Organization
from lms.organizations.operations.changing import (
    check_name_free,
    check_revision,
    no_organization,
    to_change,
    write_down,
)
from lms.organizations.operations.closure import hang_elsewhere
from lms.organizations.operations.moving import last_day
from lms.organizations.rules import check_day
from lms.organizations.types import Deed, EventKind


def check_close(
    session: Session, organization_id: int, deed: Deed, *, lock: bool = False
) -> Organization:
    """Return what would be closed.

    :raises NotFound: ``no_organization``.
    :raises NotAllowed: ``own_unit``.
    :raises Conflict: ``changed_meanwhile``, ``open_units``: something open stands below it.
    :raises Invalid: ``future_day``, ``before_last_change``.
    """
    row = to_change(session, organization_id, deed, lock=lock)
    if row.closed_on is not None:
        return row
    check_revision(row, deed)
    below = queries.open_below(session, organization_id)
    if below:
        raise Conflict(
            "open_units", N_("下面还有 %(n)s 个单位没有停用，请先停用、移走或合并它们"), n=below
        )
    last = queries.last_change(session, organization_id)
    check_day(deed.day, today=day_of(deed.now), last=last)
    return row


def close(session: Session, organization_id: int, deed: Deed) -> None:
    """Close an organization from a day on. What is closed already stays as it is.

    Posts and roles there stay: people are not sent away by a form about a unit.

    :raises: as :func:`check_close`.
    """
    row = check_close(session, organization_id, deed, lock=True)
    if row.closed_on is None:
        row.closed_on = deed.day
        write_down(session, row, EventKind.CLOSED, deed)


def check_reopen(
    session: Session, organization_id: int, deed: Deed, *, lock: bool = False
) -> tuple[Organization, Organization | None]:
    """Return what would be opened again, and below which one it would stand.

    What was merged goes back to where it stood before; the units that moved over stay.

    :raises NotFound: ``no_organization``: it, or where it would stand, is not in the scope.
    :raises NotAllowed: ``own_unit``.
    :raises Conflict: ``changed_meanwhile``, ``target_closed``, ``name_taken``.
    :raises Invalid: ``future_day``, ``before_last_change``.
    """
    row = to_change(session, organization_id, deed, lock=lock)
    parent_id = row.parent_id
    if row.merged_into_id is not None:
        parent_id = _before_merger(session, row)
    parent = session.get(Organization, parent_id) if parent_id is not None else None
    if row.closed_on is None:
        return row, parent
    check_revision(row, deed)
    if parent is not None:
        standing = queries.standing_in_scope(session, parent.id, scope=deed.scope)
        if standing == queries.NOT_AT_ALL:
            raise no_organization()
        if parent.closed_on is not None:
            raise Conflict(
                "target_closed", N_("上级单位“%(name)s”已停用，请先恢复它"), name=parent.name
            )
    check_name_free(session, row.name, parent_id, besides=row.id)
    last = (
        last_day(session, row.id, parent.id)
        if parent is not None and row.merged_into_id is not None
        else queries.last_change(session, row.id)
    )
    check_day(deed.day, today=day_of(deed.now), last=last)
    return row, parent


def reopen(session: Session, organization_id: int, deed: Deed) -> None:
    """Open a closed organization again from a day on. What is open stays as it is.

    :raises: as :func:`check_reopen`.
    """
    row, parent = check_reopen(session, organization_id, deed, lock=True)
    if row.closed_on is None:
        return
    old = row.parent_id
    if row.merged_into_id is not None and parent is not None and parent.id != old:
        hang_elsewhere(session, row.id, parent.id, on=deed.day)
        row.parent_id = parent.id
    row.closed_on = row.merged_into_id = None
    write_down(
        session,
        row,
        EventKind.REOPENED,
        deed,
        old_parent_id=old,
        new_parent_id=row.parent_id,
    )


def _before_merger(session: Session, row: Organization) -> int | None:
    return session.scalar(
        sa.select(Event.old_parent_id)
        .where(Event.organization_id == row.id, Event.kind == EventKind.MERGED)
        .order_by(Event.id.desc())
        .limit(1)
    )
