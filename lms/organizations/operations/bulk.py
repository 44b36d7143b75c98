"""Edits of what is kept besides name and place; many organizations at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Invalid
from lms.organizations.models import Closure, Event, Organization, OtherCode, OtherName
from lms.organizations.operations.adding import CHUNK, ids_of, insert_added, taken
from lms.organizations.operations.changing import (
    check_open,
    check_revision,
    no_organization,
    set_name,
    to_change,
)
from lms.organizations.operations.closure import lock_tree
from lms.organizations.operations.moving import move
from lms.organizations.rules import (
    SINCE_ALWAYS,
    check_day,
    check_sector,
    clean_code,
    clean_name,
    clean_short_names,
    search_key,
)
from lms.organizations.types import Code, Deed, Details, NameKind, Update


@dataclass(slots=True)
class _Kept:
    """One organization with what is kept besides."""

    row: Organization
    codes: list[OtherCode] = field(default_factory=list)
    names: list[OtherName] = field(default_factory=list)
    first_event: date | None = None
    last_event: date | None = None

    @property
    def last_change(self) -> date | None:
        """The day of the last thing that happened, the opening included."""
        days = (self.last_event, self.row.opened_on)
        return max((day for day in days if day is not None), default=None)

    @property
    def name_since(self) -> date:
        """Since when it has its present name."""
        former = (n.until_on for n in self.names if n.kind == NameKind.FORMER)
        return max((day for day in former if day is not None), default=SINCE_ALWAYS)


def edit(session: Session, organization_id: int, details: Details, deed: Deed) -> bool:
    """Change what is kept of an organization; say whether anything was different.

    A code that is replaced stays as a former one, unless it was a mistake.

    :raises NotFound: ``no_organization``.
    :raises NotAllowed: ``own_unit``.
    :raises Conflict: ``changed_meanwhile``, ``code_taken``.
    :raises Invalid: ``bad_code``, ``main_code``, ``bad_name``, ``too_many_names``, ``no_sector``,
        ``future_day``, ``opened_after``.
    """
    row = to_change(session, organization_id, deed, lock=True)
    kept = _kept(session, [organization_id])
    before = _facts(kept[row.id])
    _check_codes(session, {row.id: details})
    _apply(session, kept[row.id], details, deed)
    changed = _note(session, kept[row.id], before, deed)
    if changed:  # the same again is not a conflict: it is refused only if it would change something
        row.revision -= 1
        check_revision(row, deed)
        row.revision += 1
    session.flush()
    return changed


def update_many(session: Session, updates: Sequence[Update], deed: Deed) -> frozenset[int]:
    """Bring many organizations to what a file says; return those that were different.

    Some eight statements for every 5,000, and some ten for each that moves. All or none: the
    caller leaves out what would be refused, or opens a savepoint.

    :raises: as :func:`edit`, ``rename`` and ``move``.
    """
    lock_tree(session)
    changed: set[int] = set()
    for at in range(0, len(updates), CHUNK):
        some = updates[at : at + CHUNK]
        changed |= _update_some(session, some, deed)
    for one in updates:
        if one.parent_id is not None:
            row = session.get(Organization, one.organization_id)
            if row is not None and row.parent_id != one.parent_id:
                move(session, one.organization_id, one.parent_id, deed)
                changed.add(one.organization_id)
    session.flush()
    return frozenset(changed)


def _update_some(session: Session, updates: Sequence[Update], deed: Deed) -> set[int]:
    ids = [one.organization_id for one in updates]
    _check_scope(session, ids, deed.scope)
    kept = _kept(session, ids)
    if set(ids) - kept.keys():
        raise no_organization()
    _check_codes(session, {one.organization_id: one.details for one in updates})
    changed = set()
    for one in updates:
        found = kept[one.organization_id]
        before = _facts(found)
        _apply(session, found, one.details, deed)
        if _note(session, found, before, deed):
            changed.add(one.organization_id)
        if one.name is not None and (name := clean_name(one.name)) != found.row.name:
            check_open(found.row)
            check_day(deed.day, today=day_of(deed.now), last=found.last_change)
            set_name(session, found.row, name, deed, since=found.name_since)
            changed.add(one.organization_id)
    insert_added(session)
    return changed


def _check_scope(session: Session, ids: Sequence[int], scope: Collection[int] | None) -> None:
    """Refuse what is not below the scope, or a root in it. One statement."""
    if scope is None:
        return
    inside = session.scalars(
        sa.select(Closure.descendant_id)
        .join(Organization, Organization.id == Closure.descendant_id)
        .where(
            Closure.ancestor_id.in_(scope),
            Closure.descendant_id.in_(ids),
            sa.or_(Closure.depth > 0, Organization.parent_id.is_(None)),
        )
    )
    if set(ids) - set(inside):
        raise no_organization()


def _kept(session: Session, ids: Sequence[int]) -> dict[int, _Kept]:
    """Return organizations with what is kept besides. Four statements."""
    rows = session.scalars(
        sa.select(Organization)
        .where(Organization.id.in_(ids))
        .execution_options(populate_existing=True)
    )
    found = {row.id: _Kept(row) for row in rows}
    for code in session.scalars(
        sa.select(OtherCode).where(OtherCode.organization_id.in_(ids)).order_by(OtherCode.id)
    ):
        found[code.organization_id].codes.append(code)
    for name in session.scalars(
        sa.select(OtherName).where(OtherName.organization_id.in_(ids)).order_by(OtherName.id)
    ):
        found[name.organization_id].names.append(name)
    for owner, first, last in session.execute(
        sa.select(
            Event.organization_id,
            sa.func.min(Event.effective_on),
            sa.func.max(Event.effective_on),
        )
        .where(Event.organization_id.in_(ids))
        .group_by(Event.organization_id)
    ):
        found[owner].first_event, found[owner].last_event = first, last
    return found


def _check_codes(session: Session, details: dict[int, Details]) -> None:
    """Refuse codes that another organization has or had. Two statements, none without codes."""
    wanted: dict[Code, int] = {}
    for owner, one in details.items():
        for system, number in (one.codes or {}).items():
            if not number:
                continue
            code = clean_code(Code(system, number))
            if wanted.setdefault(code, owner) != owner:
                raise taken(code)
    if not wanted:
        return
    for code, holder in ids_of(session, wanted).items():
        if holder != wanted[code]:
            raise taken(code)


def _facts(kept: _Kept) -> dict[str, Any]:
    row = kept.row
    codes = [f"{one.code_system} {one.code}" for one in kept.codes if one.until_on is None]
    return {
        "sector": row.sector,
        "opened_on": row.opened_on.isoformat() if row.opened_on else None,
        "codes": sorted([f"{row.code_system} {row.code}", *codes]),
        "short_names": [one.name for one in kept.names if one.kind == NameKind.SHORT],
    }


def _note(session: Session, kept: _Kept, before: dict[str, Any], deed: Deed) -> bool:
    """Write down what is different now, if anything is."""
    after = _facts(kept)
    changed = [key for key in after if after[key] != before[key]]
    if not changed:
        return False
    kept.row.revision += 1
    audit.record(
        session,
        verb="organizations.organization_edited",
        subject=f"organization:{kept.row.id}",
        actor_id=deed.actor_id,
        now=deed.now,
        before={key: before[key] for key in changed},
        after={key: after[key] for key in changed},
    )
    return True


def _apply(session: Session, kept: _Kept, details: Details, deed: Deed) -> None:
    row = kept.row
    if details.sector is not None:
        check_sector(row.kind_of, details.sector)
        row.sector = details.sector
    if details.forget_opening:
        row.opened_on = None
    elif details.opened_on is not None:
        check_day(details.opened_on, today=day_of(deed.now), last=None)
        if kept.first_event is not None and details.opened_on > kept.first_event:
            raise Invalid(
                "opened_after",
                N_("成立日期不能晚于后来的变动（%(first)s）"),
                where="opened_on",
                first=kept.first_event.isoformat(),
            )
        row.opened_on = details.opened_on
    if details.short_names is not None:
        _set_short_names(session, kept, clean_short_names(details.short_names), deed)
    for system, number in (details.codes or {}).items():
        _set_code(session, kept, system, number, deed, forget=details.forget_codes)


def _set_short_names(session: Session, kept: _Kept, wanted: tuple[str, ...], deed: Deed) -> None:
    short = {one.name: one for one in kept.names if one.kind == NameKind.SHORT}
    for name, one in short.items():
        if name not in wanted:
            session.delete(one)
            kept.names.remove(one)
    for name in wanted:
        if name not in short:
            one = OtherName(
                organization_id=kept.row.id,
                kind=NameKind.SHORT,
                name=name,
                name_key=search_key(name),
                since_on=SINCE_ALWAYS,
                noted_at=deed.now,
            )
            session.add(one)
            kept.names.append(one)


def _set_code(
    session: Session, kept: _Kept, system: str, number: str, deed: Deed, *, forget: bool
) -> None:
    """Give an organization another code of a system, or take it away."""
    number = clean_code(Code(system, number)).code if number else ""
    row, here = kept.row, [one for one in kept.codes if one.code_system == system]
    present = next((one for one in here if one.until_on is None), None)
    is_main = row.code_system == system
    old = row.code if is_main else present.code if present else ""
    if number == old:
        return
    if is_main and not number:
        raise Invalid("main_code", N_("主代码不能为空"), where=system)
    gone = [
        one for one in here if one.code == number or (one is present and (forget or not number))
    ]
    for one in gone:
        session.delete(one)
        kept.codes.remove(one)
    if gone:
        session.flush()  # a unique code is free before it is given again
    if present is not None and present not in gone:
        present.until_on = deed.day
    if is_main:
        row.code = number
        if not forget:
            _keep_code(session, kept, Code(system, old), deed, until=deed.day)
    elif number:
        _keep_code(session, kept, Code(system, number), deed, until=None)


def _keep_code(
    session: Session, kept: _Kept, code: Code, deed: Deed, *, until: date | None
) -> None:
    one = OtherCode(
        organization_id=kept.row.id,
        code_system=code.system,
        code=code.code,
        until_on=until,
        noted_at=deed.now,
    )
    session.add(one)
    kept.codes.append(one)
