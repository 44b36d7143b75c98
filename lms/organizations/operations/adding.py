"""New organizations: one, or a whole tree."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.audit.models import Entry
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict
from lms.organizations import queries
from lms.organizations.models import (
    Closure,
    Event,
    Organization,
    OtherCode,
    OtherName,
    PastClosure,
)
from lms.organizations.operations.changing import check_name_free, no_organization
from lms.organizations.operations.closure import add_leaf, lock_tree
from lms.organizations.rules import (
    SINCE_ALWAYS,
    check_day,
    check_holds,
    check_sector,
    clean_code,
    clean_name,
    clean_short_names,
    search_key,
)
from lms.organizations.types import Code, NameKind, NewOrganization, OrganizationKind, Sector

CHUNK = 5000
"""How many codes or ids one statement names."""


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where something stands: itself and everything above it, today and before."""

    kind: OrganizationKind
    path: tuple[tuple[int, date], ...]
    """Ids up to the root with since when; itself first."""
    past: tuple[tuple[int, int, date, date], ...] = ()
    """Former ancestors: id, depth, first day, first day after."""

    def below(self, kind: OrganizationKind, organization_id: int) -> "_Stand":
        """Return where something new stands that hangs below."""
        path = ((organization_id, SINCE_ALWAYS), *self.path)
        past = tuple((above, depth + 1, since, until) for above, depth, since, until in self.past)
        return _Stand(kind, path, past)


def add(
    session: Session,
    *,
    code: str,
    code_system: str,
    kind: OrganizationKind,
    name: str,
    parent_id: int | None,
    now: datetime,
    key_county: bool = False,
    opened_on: date | None = None,
    sector: Sector | None = None,
    codes: Sequence[Code] = (),
    short_names: Sequence[str] = (),
    actor_id: int | None = None,
    scope: Collection[int] | None = None,
) -> Organization:
    """Add one organization under a parent, or as a root.

    :param codes: its codes of other systems.
    :param scope: organizations below which the actor may add; none: everywhere, for commands.
    :raises Conflict: ``code_taken``, ``name_taken``, ``wrong_place``, ``target_closed``.
    :raises NotFound: ``no_organization``: there is no such parent in the scope.
    :raises Invalid: ``bad_code``, ``bad_name``, ``no_sector``, ``future_day``.
    """
    lock_tree(session)
    new = NewOrganization(
        Code(code_system, code),
        kind,
        name,
        None,
        key_county=key_county,
        opened_on=opened_on,
        sector=sector,
        codes=tuple(codes),
        short_names=tuple(short_names),
    )
    new = _cleaned(new, today=day_of(now))
    _check_parent(session, parent_id, kind, scope=scope)
    _check_codes_free(session, [new.code, *new.codes])
    check_name_free(session, new.name, parent_id)
    return _store(session, new, parent_id, now=now, actor_id=actor_id)


def _store(
    session: Session,
    new: NewOrganization,
    parent_id: int | None,
    *,
    now: datetime,
    actor_id: int | None,
) -> Organization:
    added = Organization(
        parent_id=parent_id,
        kind=new.kind,
        sector=new.sector,
        code=new.code.code,
        code_system=new.code.system,
        name=new.name,
        key_county=new.key_county,
        opened_on=new.opened_on,
    )
    session.add(added)
    session.flush()
    add_leaf(session, added.id, parent_id)
    session.add_all(_other_codes(added.id, new.codes, now=now))
    session.add_all(_short_names(added.id, new.short_names, now=now))
    audit.record(
        session,
        verb="organizations.organization_added",
        subject=f"organization:{added.id}",
        actor_id=actor_id,
        now=now,
        code=new.code.code,
        code_system=new.code.system,
        kind=new.kind,
        name=new.name,
        parent_id=parent_id,
    )
    session.flush()
    return added


def _check_parent(
    session: Session,
    parent_id: int | None,
    kind: OrganizationKind,
    *,
    scope: Collection[int] | None,
) -> None:
    if parent_id is None:
        if scope is not None:
            raise no_organization()
        return
    if queries.standing_in_scope(session, parent_id, scope=scope) == queries.NOT_AT_ALL:
        raise no_organization()
    parent = session.get(Organization, parent_id, populate_existing=True)
    if parent is None:
        raise no_organization()
    if parent.closed_on is not None:
        raise Conflict("target_closed", N_("“%(name)s”已停用，不能选它"), name=parent.name)
    check_holds(parent.kind_of, kind)


def add_tree(
    session: Session,
    new: Sequence[NewOrganization],
    *,
    now: datetime,
    actor_id: int | None = None,
    scope: Collection[int] | None = None,
) -> dict[Code, int]:
    """Add many organizations and return their ids by code. Two statements a level of the tree.

    A parent may be one of the new ones, in whatever order they come, or one that is there.
    Names are not compared with those that are there: see :func:`queries.directory`.

    :raises Conflict: ``code_taken``: by one that is there, or twice among the new ones;
        ``wrong_place``, ``target_closed``.
    :raises NotFound: ``no_organization``: a parent is neither new nor there in the scope.
    :raises Invalid: ``bad_code``, ``bad_name``, ``no_sector``, ``future_day``.
    """
    lock_tree(session)
    cleaned = [_cleaned(one, today=day_of(now)) for one in new]
    waiting = cleaned
    stands = _known_stands(session, waiting, scope=scope)
    added: dict[Code, int] = {}
    while waiting:
        ready = [one for one in waiting if one.parent is None or one.parent in stands]
        if not ready or (scope is not None and any(one.parent is None for one in ready)):
            raise no_organization()
        ids = _insert(session, ready, stands)
        for one in ready:
            added[one.code] = ids[one.code]
            stands[one.code] = _stand(one, ids[one.code], stands)
        waiting = [one for one in waiting if one.code not in added]
    _write_stands(session, [stands[code] for code in added])
    _write_others(session, cleaned, added, now=now)
    if added:
        audit.record(
            session,
            verb="organizations.tree_added",
            subject=f"organization:{next(iter(added.values()))}",
            actor_id=actor_id,
            now=now,
            count=len(added),
        )
    return added


def _cleaned(one: NewOrganization, *, today: date) -> NewOrganization:
    check_sector(one.kind, one.sector)
    if one.opened_on is not None:
        check_day(one.opened_on, today=today, last=None)
    return replace(
        one,
        code=clean_code(one.code),
        codes=tuple(clean_code(code) for code in one.codes),
        name=clean_name(one.name),
        parent=clean_code(one.parent) if one.parent is not None else None,
        short_names=clean_short_names(one.short_names),
    )


def taken(code: Code) -> Conflict:
    return Conflict(
        "code_taken",
        N_("%(system)s 代码“%(number)s”已有单位使用"),
        system=code.system,
        number=code.code,
    )


def _check_codes_free(session: Session, codes: Sequence[Code]) -> None:
    """Refuse codes that are given twice, or that another organization has or had."""
    there = ids_of(session, codes)
    for code, times in Counter(codes).items():
        if code in there or times > 1:
            raise taken(code)


def ids_of(session: Session, codes: Iterable[Code]) -> dict[Code, int]:
    """Return who has or had each code. Two statements for every 5,000 codes."""
    found: dict[Code, int] = {}
    wanted = list(codes)
    for at in range(0, len(wanted), CHUNK):
        some = set(wanted[at : at + CHUNK])
        systems, numbers = {code.system for code in some}, {code.code for code in some}
        for owner, system, number in (
            (Organization.id, Organization.code_system, Organization.code),
            (OtherCode.organization_id, OtherCode.code_system, OtherCode.code),
        ):
            rows = session.execute(
                sa.select(system, number, owner).where(system.in_(systems), number.in_(numbers))
            )
            found.update({Code(row[0], row[1]): row[2] for row in rows})
    return {code: found[code] for code in wanted if code in found}


def _known_stands(
    session: Session, new: Sequence[NewOrganization], *, scope: Collection[int] | None
) -> dict[Code, _Stand]:
    """Return where parents stand that are there already. Five statements."""
    codes = [code for one in new for code in (one.code, *one.codes)]
    parents = {one.parent for one in new if one.parent is not None} - {one.code for one in new}
    _check_codes_free(session, codes)
    there = ids_of(session, parents)
    if not there:
        return {}
    ids = list(there.values())
    heads = _heads(session, ids, scope=scope)
    paths: dict[int, list[tuple[int, date]]] = {}
    for row in session.execute(
        sa.select(Closure.descendant_id, Closure.ancestor_id, Closure.since_on)
        .where(Closure.descendant_id.in_(ids))
        .order_by(Closure.descendant_id, Closure.depth)
    ):
        paths.setdefault(row[0], []).append((row[1], row[2]))
    past: dict[int, list[tuple[int, int, date, date]]] = {}
    for former in session.execute(
        sa.select(
            PastClosure.descendant_id,
            PastClosure.ancestor_id,
            PastClosure.depth,
            PastClosure.since_on,
            PastClosure.until_on,
        ).where(PastClosure.descendant_id.in_(ids))
    ):
        past.setdefault(former[0], []).append((former[1], former[2], former[3], former[4]))
    return {
        code: _Stand(heads[one], tuple(paths[one]), tuple(past.get(one, ())))
        for code, one in there.items()
        if one in heads
    }


def _heads(
    session: Session, ids: Sequence[int], *, scope: Collection[int] | None
) -> dict[int, OrganizationKind]:
    """Return the kinds of the open organizations among some, as far as they are in the scope."""
    statement = sa.select(
        Organization.id, Organization.kind, Organization.name, Organization.closed_on
    ).where(Organization.id.in_(ids))
    if scope is not None:
        statement = statement.where(Organization.id.in_(queries.ids_within(scope)))
    found: dict[int, OrganizationKind] = {}
    for row in session.execute(statement):
        if row.closed_on is not None:
            raise Conflict("target_closed", N_("“%(name)s”已停用，不能选它"), name=row.name)
        found[row.id] = OrganizationKind(row.kind)
    return found


def _stand(one: NewOrganization, organization_id: int, stands: Mapping[Code, _Stand]) -> _Stand:
    if one.parent is None:
        return _Stand(one.kind, ((organization_id, SINCE_ALWAYS),))
    return stands[one.parent].below(one.kind, organization_id)


def _insert(
    session: Session, ready: Sequence[NewOrganization], stands: Mapping[Code, _Stand]
) -> dict[Code, int]:
    """Insert one level and return its ids. Two statements."""
    rows = []
    for one in ready:
        parent = stands[one.parent] if one.parent is not None else None
        if parent is not None:
            check_holds(parent.kind, one.kind)
        rows.append(
            {
                "parent_id": parent.path[0][0] if parent is not None else None,
                "kind": one.kind,
                "sector": one.sector,
                "code": one.code.code,
                "code_system": one.code.system,
                "name": one.name,
                "name_key": search_key(one.name),
                "key_county": one.key_county,
                "opened_on": one.opened_on,
            }
        )
    session.execute(sa.insert(Organization), rows)
    return _main_ids(session, [one.code for one in ready])


def _main_ids(session: Session, codes: Sequence[Code]) -> dict[Code, int]:
    found: dict[Code, int] = {}
    for at in range(0, len(codes), CHUNK):
        some = codes[at : at + CHUNK]
        rows = session.execute(
            sa.select(Organization.code_system, Organization.code, Organization.id).where(
                Organization.code_system.in_({code.system for code in some}),
                Organization.code.in_({code.code for code in some}),
            )
        )
        found.update({Code(row[0], row[1]): row[2] for row in rows})
    return found


def _write_stands(session: Session, stands: Sequence[_Stand]) -> None:
    """Write the closure rows of new organizations. Two statements at most."""
    rows = [
        {"ancestor_id": above, "descendant_id": one.path[0][0], "depth": depth, "since_on": since}
        for one in stands
        for depth, (above, since) in enumerate(one.path)
    ]
    past = [
        {
            "ancestor_id": above,
            "descendant_id": one.path[0][0],
            "depth": depth,
            "since_on": since,
            "until_on": until,
        }
        for one in stands
        for above, depth, since, until in one.past
    ]
    if rows:
        session.execute(sa.insert(Closure), rows)
    if past:
        session.execute(sa.insert(PastClosure), past)


def _write_others(
    session: Session, new: Sequence[NewOrganization], ids: Mapping[Code, int], *, now: datetime
) -> None:
    rows: list[OtherCode | OtherName] = []
    for one in new:
        rows += _other_codes(ids[one.code], one.codes, now=now)
        rows += _short_names(ids[one.code], one.short_names, now=now)
    session.add_all(rows)
    insert_added(session)


def insert_added(session: Session) -> None:
    """Write what was added to the session, one statement a table.

    A flush of rows that number themselves sends one statement for each on SQLite.
    """
    with session.no_autoflush:
        for model in (OtherName, OtherCode, Event, Entry):
            rows = [one for one in session.new if type(one) is model]
            table: Any = model.__table__  # the ORM would part rows with and without a null
            names = [column.name for column in table.columns if column.name != "id"]
            values = [{name: getattr(row, name) for name in names} for row in rows]
            for row in rows:
                session.expunge(row)
            if values:
                session.execute(sa.insert(table), values)
    session.flush()


def _other_codes(owner: int, codes: Iterable[Code], *, now: datetime) -> Iterator[OtherCode]:
    for code in codes:
        yield OtherCode(
            organization_id=owner, code_system=code.system, code=code.code, noted_at=now
        )


def _short_names(owner: int, names: Iterable[str], *, now: datetime) -> Iterator[OtherName]:
    for name in names:
        values: dict[str, Any] = {"name": name, "name_key": search_key(name)}
        yield OtherName(
            organization_id=owner,
            kind=NameKind.SHORT,
            since_on=SINCE_ALWAYS,
            noted_at=now,
            **values,
        )
