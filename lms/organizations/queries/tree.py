"""Reads of the tree: each is one statement on the closure's indexes, however deep the tree."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.organizations.models import Closure, Organization, OtherCode
from lms.organizations.types import Branch, Code, OrganizationKind, Place

_PLACE = (
    Organization.id,
    Organization.parent_id,
    Organization.kind,
    Organization.code_system,
    Organization.code,
    Organization.name,
    Organization.key_county,
)
"""The columns of a :class:`Place`, in its order."""

_BY_ID = sa.select(*_PLACE).where(Organization.id == sa.bindparam("id"))

_MAIN = sa.and_(
    Organization.code_system == sa.bindparam("code_system"),
    Organization.code == sa.bindparam("code"),
)
_OTHER = sa.select(OtherCode.organization_id).where(
    OtherCode.code_system == sa.bindparam("code_system"), OtherCode.code == sa.bindparam("code")
)

_BY_CODE = sa.union_all(
    sa.select(*_PLACE).where(_MAIN), sa.select(*_PLACE).where(Organization.id.in_(_OTHER))
)
"""By a main code, by one of another system, or by a former one: two looks into unique indexes."""

_SUBTREE = (
    sa.select(*_PLACE)
    .join(Closure, Closure.descendant_id == Organization.id)
    .where(Closure.ancestor_id == sa.bindparam("id"))
    .order_by(Closure.depth, Organization.code)
)

_ANCESTORS = (
    sa.select(*_PLACE)
    .join(Closure, Closure.ancestor_id == Organization.id)
    .where(Closure.descendant_id == sa.bindparam("id"))
    .order_by(Closure.depth.desc())
)

_TODAY = (
    sa.select(*_PLACE)
    .join(Closure, Closure.ancestor_id == Organization.id)
    .where(Closure.descendant_id == sa.bindparam("id"), Organization.merged_into_id.is_(None))
    .order_by(Closure.depth)
    .limit(1)
)

_COUNTY = (
    sa.select(*_PLACE)
    .join(Closure, Closure.ancestor_id == Organization.id)
    .where(
        Closure.descendant_id == sa.bindparam("id"), Organization.kind == OrganizationKind.COUNTY
    )
    .order_by(Closure.depth)
    .limit(1)
)


def find(session: Session, organization_id: int) -> Place | None:
    """Return an organization, or none."""
    row = session.execute(_BY_ID, {"id": organization_id}).first()
    return Place(*row) if row else None


def organization(session: Session, organization_id: int) -> Place:
    """Return an organization.

    :raises NotFound: ``no_organization``.
    """
    found = find(session, organization_id)
    if found is None:
        raise NotFound("no_organization", N_("没有这个单位"))
    return found


def find_by_code(session: Session, code: Code) -> Place | None:
    """Return the organization with a code of a code system, present or former, or none."""
    row = session.execute(_BY_CODE, {"code_system": code.system, "code": code.code}).first()
    return Place(*row) if row else None


def by_code(session: Session, code: Code) -> Place:
    """Return the organization with a code.

    :raises NotFound: ``no_organization``.
    """
    found = find_by_code(session, code)
    if found is None:
        raise NotFound(
            "no_organization",
            N_("没有 %(system)s 代码为“%(number)s”的单位"),
            system=code.system,
            number=code.code,
        )
    return found


def names_of(session: Session, organization_ids: Collection[int]) -> dict[int, str]:
    """Return the names of those organizations that exist, by id."""
    rows = session.execute(
        sa.select(Organization.id, Organization.name).where(Organization.id.in_(organization_ids))
    )
    return {row.id: row.name for row in rows}


def subtree(session: Session, organization_id: int) -> list[Place]:
    """Return an organization and everything below it: level by level, by code."""
    return [Place(*row) for row in session.execute(_SUBTREE, {"id": organization_id})]


def ids_within(scope: Collection[int]) -> sa.Select[int]:
    """Return a sub-select of the organizations in the subtrees of ``scope``, for ``in_()``.

    ``Post.organization_id.in_(ids_within(scope))`` keeps a page to what its reader may see.
    """
    return sa.select(Closure.descendant_id).where(Closure.ancestor_id.in_(scope))


def is_within(session: Session, organization_id: int, *, scope: Collection[int]) -> bool:
    """Say whether an organization is in one of the subtrees of ``scope``."""
    found = session.scalar(
        sa.select(Closure.depth)
        .where(Closure.descendant_id == organization_id, Closure.ancestor_id.in_(scope))
        .limit(1)
    )
    return found is not None


def roots(session: Session) -> frozenset[int]:
    """Return the organizations that nothing stands above."""
    return frozenset(
        session.scalars(sa.select(Organization.id).where(Organization.parent_id.is_(None)))
    )


def those_within(
    session: Session, organization_ids: Collection[int], *, scope: Collection[int]
) -> frozenset[int]:
    """Return those of some organizations that are in one of the subtrees of ``scope``."""
    found = session.scalars(
        sa.select(Closure.descendant_id).where(
            Closure.descendant_id.in_(organization_ids), Closure.ancestor_id.in_(scope)
        )
    )
    return frozenset(found)


def ancestors(session: Session, organization_id: int) -> list[Place]:
    """Return the path from the root down to an organization, itself last. Empty if unknown."""
    return [Place(*row) for row in fetch(session, _ANCESTORS, {"id": organization_id})]


def children_with_counts(
    session: Session, organization_id: int, *, counted: OrganizationKind
) -> list[Branch]:
    """Return the children, by code, each with how many organizations of a kind its subtree holds.

    A child of that kind counts itself.
    """
    below = aliased(Organization)
    rows = session.execute(
        sa.select(*_PLACE, sa.func.count(below.id))
        .join(Closure, Closure.ancestor_id == Organization.id)
        .outerjoin(below, sa.and_(below.id == Closure.descendant_id, below.kind == counted))
        .where(Organization.parent_id == organization_id)
        .group_by(*_PLACE)
        .order_by(Organization.code)
    )
    return [Branch(Place(*row[:-1]), row[-1]) for row in rows]


def today_of(session: Session, organization_id: int) -> Place:
    """Return what an organization is today: itself, or the one that it was merged into in the end.

    :raises NotFound: ``no_organization``.
    """
    row = session.execute(_TODAY, {"id": organization_id}).first()
    if row is None:
        raise NotFound("no_organization", N_("没有这个单位"))
    return Place(*row)


def paths_of(session: Session, organization_ids: Collection[int]) -> dict[int, list[Place]]:
    """Return the path from the root down to each organization, itself last. One statement."""
    paths: dict[int, list[Place]] = {}
    if not organization_ids:
        return paths
    for row in session.execute(
        sa.select(Closure.descendant_id, *_PLACE)
        .join(Closure, Closure.ancestor_id == Organization.id)
        .where(Closure.descendant_id.in_(organization_ids))
        .order_by(Closure.descendant_id, Closure.depth.desc())
    ):
        paths.setdefault(row[0], []).append(Place(*row[1:]))
    return paths


def county_of(session: Session, organization_id: int) -> Place | None:
    """Return the county that an organization is or lies in; none above the counties."""
    row = session.execute(_COUNTY, {"id": organization_id}).first()
    return Place(*row) if row else None


def counties_of(session: Session, organization_ids: Collection[int]) -> dict[int, Place]:
    """Return the county of each organization that lies in one, by the organization's id."""
    rows = session.execute(
        sa.select(Closure.descendant_id, *_PLACE)
        .join(Closure, Closure.ancestor_id == Organization.id)
        .where(
            Closure.descendant_id.in_(organization_ids),
            Organization.kind == OrganizationKind.COUNTY,
        )
        .order_by(Closure.depth.desc())
    )
    return {row[0]: Place(*row[1:]) for row in rows}
