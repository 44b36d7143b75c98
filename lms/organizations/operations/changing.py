"""What every change has in common, and other names."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, NotAllowed, NotFound
from lms.organizations import queries
from lms.organizations.models import Event, Organization, OtherName
from lms.organizations.operations.closure import lock_tree
from lms.organizations.rules import SINCE_ALWAYS, check_day, clean_name, search_key
from lms.organizations.types import Deed, EventKind, NameKind


def no_organization() -> NotFound:
    return NotFound("no_organization", N_("没有这个单位"))


def to_change(session: Session, organization_id: int, deed: Deed, *, lock: bool) -> Organization:
    """Return the row of an organization that the actor may change.

    :param lock: keep others out until this transaction ends; else only look.
    :raises NotFound: ``no_organization``: there is none, or outside the actor's scope.
    :raises NotAllowed: ``own_unit``: the actor's own unit is kept by the level above.
    """
    if lock:
        lock_tree(session)
    standing = queries.standing_in_scope(session, organization_id, scope=deed.scope)
    if standing == queries.NOT_AT_ALL:
        raise no_organization()
    if standing == queries.TOP_OF_SCOPE:
        raise NotAllowed("own_unit", N_("本单位的资料由上一级单位修改"))
    statement = (
        sa.select(Organization)
        .where(Organization.id == organization_id)
        .execution_options(populate_existing=True)
    )
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise no_organization()
    return row


def check_revision(row: Organization, deed: Deed) -> None:
    """Refuse a change to what somebody else has changed meanwhile.

    :raises Conflict: ``changed_meanwhile``.
    """
    if deed.revision is not None and deed.revision != row.revision:
        raise Conflict(
            "changed_meanwhile",
            N_("“%(name)s”的资料刚被别人改过，请看过现在的内容再改"),
            name=row.name,
        )


def check_open(row: Organization) -> None:
    """Refuse a change to what no longer works.

    :raises Conflict: ``closed``.
    """
    if row.closed_on is not None:
        raise Conflict("closed", N_("“%(name)s”已停用，要先恢复才能改"), name=row.name)


def check_name_free(
    session: Session, name: str, parent_id: int | None, *, besides: int | None = None
) -> None:
    """Refuse a second open organization of one name below one parent.

    :raises Conflict: ``name_taken``.
    """
    if parent_id is None:
        return
    other = session.scalar(
        sa.select(Organization.id)
        .where(
            Organization.parent_id == parent_id,
            Organization.name_key == search_key(name),
            Organization.closed_on.is_(None),
            Organization.id != (besides or 0),
        )
        .limit(1)
    )
    if other is not None:
        raise Conflict("name_taken", N_("上级单位下面已有一个“%(name)s”"), name=name)


def write_down(
    session: Session, row: Organization, kind: EventKind, deed: Deed, **changed: int | str | None
) -> None:
    """Append an event with its audit line, and count up the revision."""
    row.revision += 1
    session.add(
        Event(
            organization_id=row.id,
            kind=kind,
            effective_on=deed.day,
            noted_at=deed.now,
            reason=deed.reason,
            **changed,
        )
    )
    audit.record(
        session,
        verb=f"organizations.organization_{kind}",
        subject=f"organization:{row.id}",
        actor_id=deed.actor_id,
        now=deed.now,
        on=deed.day.isoformat(),
        reason=deed.reason,
        **changed,
    )


def name_since(session: Session, organization_id: int) -> date:
    """Return since when an organization has had its present name."""
    found = session.scalar(
        sa.select(sa.func.max(OtherName.until_on)).where(
            OtherName.organization_id == organization_id, OtherName.kind == NameKind.FORMER
        )
    )
    return found or SINCE_ALWAYS


def set_name(session: Session, row: Organization, name: str, deed: Deed, *, since: date) -> None:
    """Give an organization another name from a day on; the old one stays as a former one."""
    old = row.name
    session.add(
        OtherName(
            organization_id=row.id,
            kind=NameKind.FORMER,
            name=old,
            name_key=search_key(old),
            since_on=since,
            until_on=deed.day,
            noted_at=deed.now,
        )
    )
    row.name, row.name_key = name, search_key(name)
    write_down(session, row, EventKind.RENAMED, deed, old_name=old, new_name=name)


def check_rename(
    session: Session, organization_id: int, name: str, deed: Deed, *, lock: bool = False
) -> tuple[Organization, str]:
    """Return what would be renamed and the name as it would be stored.

    :raises NotFound: ``no_organization``.
    :raises NotAllowed: ``own_unit``.
    :raises Conflict: ``changed_meanwhile``, ``closed``, ``name_taken``.
    :raises Invalid: ``bad_name``, ``future_day``, ``before_last_change``.
    """
    row = to_change(session, organization_id, deed, lock=lock)
    name = clean_name(name)
    if name == row.name:
        return row, name
    check_revision(row, deed)
    check_open(row)
    check_name_free(session, name, row.parent_id, besides=row.id)
    last = queries.last_change(session, organization_id)
    check_day(deed.day, today=day_of(deed.now), last=last)
    return row, name


def rename(session: Session, organization_id: int, name: str, deed: Deed) -> None:
    """Give an organization another name from a day on. To the name it has: nothing happens.

    :raises: as :func:`check_rename`.
    """
    row, name = check_rename(session, organization_id, name, deed, lock=True)
    if name != row.name:
        set_name(session, row, name, deed, since=name_since(session, organization_id))


def correct_name(session: Session, organization_id: int, name: str, deed: Deed) -> None:
    """Mend a mistyped name: it was never called otherwise, nothing is kept but the audit line.

    :raises: as :func:`check_rename`.
    """
    today = Deed(deed.actor_id, deed.now, scope=deed.scope, revision=deed.revision)
    row, name = check_rename(session, organization_id, name, today, lock=True)
    if name == row.name:
        return
    audit.record(
        session,
        verb="organizations.name_corrected",
        subject=f"organization:{row.id}",
        actor_id=deed.actor_id,
        now=deed.now,
        before=row.name,
        after=name,
    )
    row.name, row.name_key = name, search_key(name)
    row.revision += 1
