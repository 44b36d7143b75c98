from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.kernel.vault import Vault
from lms.people.models import IdentityDocument, Person, Phone, Post, RoleGrant
from lms.people.rules import document_digest, permissions_of, phone_digest
from lms.people.types import DocumentKind, Grant, PostKind, Principal, Role

_PRINCIPAL = (
    sa.select(
        Person.id,
        Person.name,
        Person.session_epoch,
        RoleGrant.role,
        RoleGrant.organization_id,
        RoleGrant.starts_on,
        RoleGrant.ends_on,
    )
    .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
    .where(
        Person.id == sa.bindparam("person_id"),
        Person.closed_at.is_(None),
        Person.merged_into_id.is_(None),
    )
    .order_by(RoleGrant.id)
)


def find_principal(session: Session, person_id: int, *, on: date) -> Principal | None:
    """Return somebody as pages see them, with the grants in force on a day. One statement."""
    rows = fetch(session, _PRINCIPAL, {"person_id": person_id}).all()
    if not rows:
        return None
    grants = tuple(
        Grant(Role(row.role), row.organization_id)
        for row in rows
        if row.role is not None
        and (row.starts_on is None or row.starts_on <= on)
        and (row.ends_on is None or on <= row.ends_on)
    )
    first = rows[0]
    return Principal(first.id, first.name, first.session_epoch, grants, permissions_of(grants))


_SURVIVOR = sa.func.coalesce(Person.merged_into_id, Person.id)
_BY_PHONE = (
    sa.select(_SURVIVOR)
    .join(Phone, Phone.person_id == Person.id)
    .where(Phone.digest == sa.bindparam("digest"))
)
_BY_DOCUMENT = (
    sa.select(_SURVIVOR)
    .join(IdentityDocument, IdentityDocument.person_id == Person.id)
    .where(
        IdentityDocument.kind == sa.bindparam("kind"),
        IdentityDocument.digest == sa.bindparam("digest"),
    )
)


def find_by_phone(session: Session, phone: str, *, vault: Vault) -> int | None:
    """Return the id of whoever has a mobile number; of a merged one, that of the survivor.

    :param phone: 11 digits, as :func:`lms.people.rules.read_phone` returns them.
    """
    return session.scalar(_BY_PHONE, {"digest": phone_digest(vault, phone)})


def find_by_document(
    session: Session, kind: DocumentKind, number: str, *, vault: Vault
) -> int | None:
    """Return the id of whoever has a document; of a merged one, that of the survivor.

    :param number: in its one spelling, as :func:`lms.people.rules.check_document_number` says.
    """
    digest = document_digest(vault, kind, number)
    return session.scalar(_BY_DOCUMENT, {"kind": kind, "digest": digest})


def find_person_by_user_name(session: Session, user_name: str) -> Person | None:
    """Return the person who signs in with a name, in whatever case it was typed."""
    return session.scalar(sa.select(Person).where(Person.user_name == user_name.strip().lower()))


def person_by_user_name(session: Session, user_name: str) -> Person:
    """Return the person who signs in with a name.

    :raises NotFound: ``no_person``.
    """
    found = find_person_by_user_name(session, user_name)
    if found is None:
        raise NotFound("no_person", N_("没有这个人"))
    return found


def person(session: Session, person_id: int) -> Person:
    """Return a person.

    :raises NotFound: ``no_person``.
    """
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound("no_person", N_("没有这个人"))
    return found


def current_post_kinds(session: Session, person_id: int, *, on: date) -> frozenset[PostKind]:
    """Return as what somebody works on a day. One statement."""
    found = session.scalars(
        sa.select(Post.kind).where(
            Post.person_id == person_id,
            Post.started_on <= on,
            sa.or_(Post.ended_on.is_(None), Post.ended_on >= on),
        )
    )
    return frozenset(PostKind(kind) for kind in found)
