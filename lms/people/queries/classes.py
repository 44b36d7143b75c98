"""Cadre classes and their members."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.organizations.models import Closure, Organization
from lms.people.models import CadreClass, ClassMember, Person
from lms.people.types import ClassKind, ClassLine, MemberLine

MOST = 200
"""Classes in one list, members of one class on its page."""


def classes_of(session: Session, *, scope: Collection[int]) -> list[ClassLine]:
    """Return the classes of the party schools in ``scope``, the latest first. One statement."""
    return [_line(row) for row in session.execute(_LINES.where(_within(scope)).limit(MOST))]


def own_class(session: Session, class_id: int, *, scope: Collection[int]) -> ClassLine:
    """Return a class of a party school in ``scope``. One statement.

    :raises NotFound: ``no_class``: there is none, or it is somebody else's.
    """
    row = session.execute(_LINES.where(CadreClass.id == class_id, _within(scope))).first()
    if row is None:
        raise NotFound("no_class", N_("没有这个班"))
    return _line(row)


def members_of(session: Session, class_id: int) -> list[MemberLine]:
    """Return the members of a class, in the order of joining. One statement."""
    rows = session.execute(
        sa.select(Person.id, Person.name, ClassMember.joined_on, ClassMember.left_on)
        .join(ClassMember, ClassMember.person_id == Person.id)
        .where(ClassMember.class_id == class_id)
        .order_by(ClassMember.joined_on, Person.id)
        .limit(MOST)
    )
    return [MemberLine(*row) for row in rows]


_MEMBERS = (
    sa.select(sa.func.count())
    .where(ClassMember.class_id == CadreClass.id, ClassMember.left_on.is_(None))
    .scalar_subquery()
)
_LINES = (
    sa.select(
        CadreClass.id,
        CadreClass.name,
        CadreClass.kind,
        CadreClass.organization_id,
        Organization.name.label("unit"),
        CadreClass.starts_on,
        CadreClass.ends_on,
        _MEMBERS.label("members"),
    )
    .join(Organization, Organization.id == CadreClass.organization_id)
    .order_by(CadreClass.starts_on.desc(), CadreClass.id.desc())
)


def _within(scope: Collection[int]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Closure.descendant_id == CadreClass.organization_id, Closure.ancestor_id.in_(scope)
    )


def _line(row: sa.Row[int, str, str, int, str, date, date, int]) -> ClassLine:
    class_id, name, kind, place, unit, starts_on, ends_on, members = row
    return ClassLine(class_id, name, ClassKind(kind), place, unit, starts_on, ends_on, members)
