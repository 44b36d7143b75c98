"""One person's file, duplicates and what was merged."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.audit.models import Entry
from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.vault import Vault
from lms.organizations.models import Closure, Organization
from lms.people.models import (
    CadreClass,
    ClassMember,
    FormerName,
    IdentityDocument,
    Person,
    PersonMerge,
    Phone,
    Post,
    RoleGrant,
)
from lms.people.queries.many import POST_COLUMNS, known_post
from lms.people.queries.scope import holds_top, people_within
from lms.people.rules import mask_document, mask_phone, open_document, open_phone
from lms.people.types import (
    Alike,
    ClassKind,
    DocumentKind,
    Education,
    File,
    Grant,
    HeldRole,
    MaskedNumber,
    Membership,
    MergeLine,
    NameBefore,
    PostLine,
    Role,
)

PHONE = "phone"
"""What :class:`MaskedNumber` calls a telephone."""

MOST_ALIKE = 50
"""Groups of possible duplicates on one page."""


def file_of(session: Session, person: Person, vault: Vault) -> File:
    """Return everything a personnel file shows, numbers masked. Six statements."""
    return File(
        person.id,
        person.name,
        person.user_name,
        Education(person.education) if person.education else None,
        person.social_work_major,
        person.social_work_started_on,
        person.revision,
        person.created_at,
        person.closed_at,
        person.merged_into_id,
        posts_of(session, person.id),
        roles_of(session, person.id),
        _former_names(session, person.id),
        numbers_of(session, person.id, vault),
        _classes(session, person.id),
    )


def posts_of(session: Session, person_id: int) -> tuple[PostLine, ...]:
    """Return somebody's posts, the latest first. One statement."""
    rows = session.execute(
        sa.select(*POST_COLUMNS, Organization.name.label("unit"))
        .join(Organization, Organization.id == Post.organization_id)
        .where(Post.person_id == person_id)
        .order_by(Post.started_on.desc(), Post.id.desc())
    )
    return tuple(PostLine(known_post(row), row.unit) for row in rows)


def post_of(session: Session, person_id: int, post_id: int) -> PostLine:
    """Return one of somebody's posts.

    :raises NotFound: ``no_post``.
    """
    found = next((one for one in posts_of(session, person_id) if one.post.id == post_id), None)
    if found is None:
        raise NotFound("no_post", N_("没有这个岗位"))
    return found


def roles_of(session: Session, person_id: int) -> tuple[HeldRole, ...]:
    """Return the roles that somebody has, had or will have. One statement."""
    giver = aliased(Person)
    rows = session.execute(
        sa.select(
            RoleGrant.id,
            RoleGrant.role,
            RoleGrant.organization_id,
            Organization.name,
            RoleGrant.starts_on,
            RoleGrant.ends_on,
            giver.name,
        )
        .join(Organization, Organization.id == RoleGrant.organization_id)
        .outerjoin(giver, giver.id == RoleGrant.granted_by)
        .where(RoleGrant.person_id == person_id)
        .order_by(RoleGrant.id)
    )
    return tuple(
        HeldRole(grant_id, Grant(Role(role), place), unit, starts_on, ends_on, by)
        for grant_id, role, place, unit, starts_on, ends_on, by in rows
    )


def _former_names(session: Session, person_id: int) -> tuple[NameBefore, ...]:
    rows = session.execute(
        sa.select(FormerName.name, FormerName.until_on)
        .where(FormerName.person_id == person_id)
        .order_by(FormerName.id.desc())
    )
    return tuple(NameBefore(name, until_on) for name, until_on in rows)


def numbers_of(session: Session, person_id: int, vault: Vault) -> tuple[MaskedNumber, ...]:
    """Return somebody's numbers as everybody sees them, the phone first. One statement."""
    rows = session.execute(
        sa.union_all(
            sa.select(sa.literal(PHONE), Phone.sealed).where(Phone.person_id == person_id),
            sa.select(IdentityDocument.kind, IdentityDocument.sealed).where(
                IdentityDocument.person_id == person_id
            ),
        )
    )
    found = {what: _masked(vault, person_id, what, sealed) for what, sealed in rows}
    order = [PHONE, *DocumentKind]
    return tuple(MaskedNumber(what, found[what]) for what in order if what in found)


def numbers_of_many(
    session: Session, person_ids: Collection[int], vault: Vault, *, in_clear: bool
) -> dict[int, dict[str, str]]:
    """Return the numbers of many people, masked or in clear. Two statements."""
    found: dict[int, dict[str, str]] = {person_id: {} for person_id in person_ids}
    show = opened if in_clear else _masked
    rows = session.execute(
        sa.select(Phone.person_id, sa.literal(PHONE), Phone.sealed).where(
            Phone.person_id.in_(person_ids)
        )
    ).all()
    documents = session.execute(
        sa.select(IdentityDocument.person_id, IdentityDocument.kind, IdentityDocument.sealed).where(
            IdentityDocument.person_id.in_(person_ids)
        )
    ).all()
    for person_id, what, sealed in (*rows, *documents):
        found[person_id][what] = show(vault, person_id, what, sealed)
    return found


def educations_of(session: Session, person_ids: Collection[int]) -> dict[int, Education]:
    """Return the education of those of whom it is known. One statement."""
    rows = session.execute(
        sa.select(Person.id, Person.education).where(
            Person.id.in_(person_ids), Person.education.is_not(None)
        )
    )
    return {person_id: Education(education) for person_id, education in rows if education}


def _masked(vault: Vault, person_id: int, what: str, sealed: str) -> str:
    try:
        number = opened(vault, person_id, what, sealed)
    except Invalid:
        return ""
    return mask_phone(number) if what == PHONE else mask_document(number)


def opened(vault: Vault, person_id: int, what: str, sealed: str) -> str:
    """Return a number in clear.

    :raises Invalid: ``cannot_open``.
    """
    if what == PHONE:
        return open_phone(vault, person_id, sealed)
    return open_document(vault, person_id, DocumentKind(what), sealed)


def _classes(session: Session, person_id: int) -> tuple[Membership, ...]:
    rows = session.execute(
        sa.select(
            CadreClass.id,
            CadreClass.name,
            CadreClass.kind,
            ClassMember.joined_on,
            ClassMember.left_on,
        )
        .join(CadreClass, CadreClass.id == ClassMember.class_id)
        .where(ClassMember.person_id == person_id)
        .order_by(CadreClass.starts_on.desc())
    )
    return tuple(
        Membership(class_id, name, ClassKind(kind), joined_on, left_on)
        for class_id, name, kind, joined_on, left_on in rows
    )


def alike(session: Session, *, scope: Collection[int], on: date) -> list[Alike]:
    """Return the people of one name in one unit of ``scope`` who may be one person.

    Of whom all have a resident identity number, no two are the same: numbers are. Three
    statements; the first :data:`MOST_ALIKE` groups by unit.
    """
    document = sa.and_(
        IdentityDocument.person_id == Person.id,
        IdentityDocument.kind == DocumentKind.RESIDENT_ID,
    )
    people = sa.func.count(Person.id.distinct())
    among = None if holds_top(session, scope) else scope
    groups = session.execute(
        _among(among, on, Post.organization_id, Person.name_key, Organization.name)
        .join(Organization, Organization.id == Post.organization_id)
        .outerjoin(IdentityDocument, document)
        .where(
            Post.organization_id.in_(
                sa.select(Closure.descendant_id).where(Closure.ancestor_id.in_(scope))
            )
        )
        .group_by(Post.organization_id, Person.name_key, Organization.name)
        .having(people > 1, people > sa.func.count(IdentityDocument.person_id.distinct()))
        .order_by(Post.organization_id, Person.name_key)
        .limit(MOST_ALIKE)
    ).all()
    members = session.execute(
        _among(among, on, Post.organization_id, Person.name_key, Person.id, Person.name).where(
            Person.name_key.in_({group.name_key for group in groups}),
            Post.organization_id.in_({group.organization_id for group in groups}),
        )
    ).all()
    found = []
    for place, key, unit in groups:
        of_group = {
            m.id: m.name for m in members if (m.organization_id, m.name_key) == (place, key)
        }
        found.append(Alike(unit, min(of_group.values()), tuple(sorted(of_group))))
    return found


def _among(scope: Collection[int] | None, on: date, *columns: Any) -> sa.Select[*tuple[Any, ...]]:
    """Return a statement over the posts of the people of ``scope`` who are neither gone nor merged.

    Who once worked in one of its units and works elsewhere now is somebody else's.

    :param scope: none for everybody.
    """
    statement = (
        sa.select(*columns)
        .select_from(Post)
        .join(Person, Person.id == Post.person_id)
        .where(Person.merged_into_id.is_(None), Person.closed_at.is_(None))
    )
    if scope is None:
        return statement
    return statement.where(Person.id.in_(people_within(scope, on)))


def last_change(session: Session, person_id: int) -> tuple[str | None, datetime] | None:
    """Return who changed a file last, by name, and when; none if nobody has. One statement."""
    row = session.execute(
        sa.select(Person.name, Entry.at)
        .select_from(Entry)
        .outerjoin(Person, Person.id == Entry.actor_id)
        .where(
            Entry.subject == f"person:{person_id}",
            Entry.verb.in_(["people.person_changed", "people.post_added", "people.post_changed"]),
        )
        .order_by(Entry.at.desc(), Entry.id.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.name, row.at)


def merges_of(session: Session, person_id: int) -> list[MergeLine]:
    """Return the merges into a person, the latest first, those undone too. One statement."""
    rows = session.execute(
        sa.select(
            PersonMerge.id,
            PersonMerge.survivor_id,
            PersonMerge.duplicate_id,
            Person.name,
            PersonMerge.merged_at,
            PersonMerge.undone_at,
        )
        .join(Person, Person.id == PersonMerge.duplicate_id)
        .where(PersonMerge.survivor_id == person_id)
        .order_by(PersonMerge.id.desc())
    )
    return [MergeLine(*row) for row in rows]


def merge_of(session: Session, merge_id: int) -> PersonMerge:
    """Return a merge.

    :raises NotFound: ``no_merge``.
    """
    found = session.get(PersonMerge, merge_id)
    if found is None:
        raise NotFound("no_merge", N_("没有这次合并"))
    return found


def held_roles(session: Session, person_id: int, *, on: date) -> frozenset[Role]:
    """Return the roles that somebody has on a day or later. One statement."""
    found = session.scalars(
        sa.select(RoleGrant.role).where(
            RoleGrant.person_id == person_id,
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= on),
        )
    )
    return frozenset(Role(role) for role in found)
