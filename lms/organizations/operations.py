from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Conflict, NotFound
from lms.organizations import queries
from lms.organizations.models import Closure, Organization
from lms.organizations.types import Code, NewOrganization, OrganizationKind

Path = tuple[int, ...]
"""The ids from an organization up to its root, itself first."""


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
    actor_id: int | None = None,
) -> Organization:
    """Add one organization under a parent, or as a root.

    :raises Conflict: ``code_taken``.
    :raises NotFound: ``no_organization``: there is no such parent.
    """
    if queries.find_by_code(session, Code(code_system, code)) is not None:
        raise _taken(Code(code_system, code))
    if parent_id is not None:
        queries.organization(session, parent_id)
    added = Organization(
        parent_id=parent_id,
        kind=kind,
        code=code,
        code_system=code_system,
        name=name,
        key_county=key_county,
        opened_on=opened_on,
    )
    session.add(added)
    session.flush()
    _close(session, added)
    audit.record(
        session,
        verb="organizations.organization_added",
        subject=f"organization:{added.id}",
        actor_id=actor_id,
        now=now,
        code=code,
        code_system=code_system,
        kind=kind,
        name=name,
        parent_id=parent_id,
    )
    return added


def add_tree(
    session: Session,
    new: Sequence[NewOrganization],
    *,
    now: datetime,
    actor_id: int | None = None,
) -> dict[Code, int]:
    """Add many organizations and return their ids by code. Two statements a level of the tree.

    A parent may be one of the new ones, in whatever order they come, or one that is there.

    :raises Conflict: ``code_taken``: by one that is there, or twice among the new ones.
    :raises NotFound: ``no_organization``: a parent is neither new nor there.
    """
    paths = _known_paths(session, new)
    added: dict[Code, int] = {}
    waiting = list(new)
    while waiting:
        ready = [one for one in waiting if one.parent is None or one.parent in paths]
        if not ready:
            raise NotFound("no_organization", N_("没有这个单位"))
        ids = _insert(session, ready, paths)
        for one in ready:
            added[one.code] = ids[one.code]
            paths[one.code] = (ids[one.code], *(paths[one.parent] if one.parent else ()))
        waiting = [one for one in waiting if one.code not in added]
    _close_all(session, [paths[code] for code in added])
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


def _taken(code: Code) -> Conflict:
    return Conflict(
        "code_taken",
        N_("%(system)s 代码“%(number)s”已有单位使用"),
        system=code.system,
        number=code.code,
    )


def _known_paths(session: Session, new: Sequence[NewOrganization]) -> dict[Code, Path]:
    """Return the paths of parents that are there already. Two statements."""
    codes = [one.code for one in new]
    parents = {one.parent for one in new if one.parent is not None} - set(codes)
    there = _ids(session, [*codes, *parents])
    for code, times in Counter(codes).items():
        if code in there or times > 1:
            raise _taken(code)
    wanted = {there[code]: code for code in parents if code in there}
    paths: dict[Code, Path] = {}
    if wanted:
        for row in session.execute(
            sa.select(Closure.descendant_id, Closure.ancestor_id)
            .where(Closure.descendant_id.in_(wanted))
            .order_by(Closure.descendant_id, Closure.depth)
        ):
            code = wanted[row.descendant_id]
            paths[code] = (*paths.get(code, ()), row.ancestor_id)
    return paths


def _insert(
    session: Session, ready: Sequence[NewOrganization], paths: dict[Code, Path]
) -> dict[Code, int]:
    """Insert one level and return its ids. Two statements."""
    rows = [
        {
            "parent_id": paths[one.parent][0] if one.parent else None,
            "kind": one.kind,
            "code": one.code.code,
            "code_system": one.code.system,
            "name": one.name,
            "key_county": one.key_county,
            "opened_on": one.opened_on,
        }
        for one in ready
    ]
    session.execute(sa.insert(Organization), rows)
    return _ids(session, [one.code for one in ready])


def _ids(session: Session, codes: Sequence[Code]) -> dict[Code, int]:
    rows = session.execute(
        sa.select(Organization.code_system, Organization.code, Organization.id).where(
            Organization.code_system.in_({code.system for code in codes}),
            Organization.code.in_({code.code for code in codes}),
        )
    )
    return {Code(row.code_system, row.code): row.id for row in rows}


def _close(session: Session, added: Organization) -> None:
    """Write the closure rows of one new leaf: itself, and its parent's a level further."""
    above = sa.select(Closure.ancestor_id, sa.literal(added.id), Closure.depth + 1).where(
        Closure.descendant_id == added.parent_id
    )
    session.execute(
        sa.insert(Closure), [{"ancestor_id": added.id, "descendant_id": added.id, "depth": 0}]
    )
    if added.parent_id is not None:
        columns = ["ancestor_id", "descendant_id", "depth"]
        session.execute(sa.insert(Closure).from_select(columns, above))


def _close_all(session: Session, paths: Sequence[Path]) -> None:
    rows = [
        {"ancestor_id": ancestor, "descendant_id": path[0], "depth": depth}
        for path in paths
        for depth, ancestor in enumerate(path)
    ]
    if rows:
        session.execute(sa.insert(Closure), rows)
