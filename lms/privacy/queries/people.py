"""Whose data it is, and whom a clerk answers for."""

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.vault import Vault
from lms.organizations.models import Closure, Organization
from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post
from lms.people.rules import mask_document, mask_phone
from lms.privacy.types import OwnFile


def in_scope(
    person_id: sa.SQLColumnExpression[Any], *, scope: Collection[int], on: date
) -> sa.ColumnElement[bool]:
    """Return a condition: a person works on a day in one of the subtrees of ``scope``.

    Who works nowhere belongs to the top of any tree.
    """
    works = sa.and_(
        Post.person_id == person_id,
        Post.started_on <= on,
        sa.or_(Post.ended_on.is_(None), Post.ended_on >= on),
    )
    inside = (
        sa.exists()
        .where(
            works,
            Closure.descendant_id == Post.organization_id,
            Closure.ancestor_id.in_(scope),
        )
        .correlate_except(Post, Closure)
    )
    top = sa.exists().where(Organization.id.in_(scope), Organization.parent_id.is_(None))
    nowhere = ~sa.exists().where(works).correlate_except(Post)
    return sa.or_(inside, sa.and_(top, nowhere))


def is_in_scope(session: Session, person_id: int, *, scope: Collection[int], on: date) -> bool:
    """Say whether a clerk with a scope answers for somebody on a day. One statement."""
    condition = in_scope(sa.literal(person_id), scope=scope, on=on)
    return bool(session.scalar(sa.select(condition)))


def find_by_user_name(
    session: Session, user_name: str, *, scope: Collection[int], on: date
) -> int | None:
    """Return whom a user name belongs to, if it is somebody of the scope. One statement."""
    found = sa.select(Person.id).where(
        Person.user_name == user_name.strip().lower(),
        Person.closed_at.is_(None),
        in_scope(Person.id, scope=scope, on=on),
    )
    return session.scalar(found)


def own_file(session: Session, person_id: int, *, vault: Vault, on: date) -> OwnFile:
    """Return what the people's room holds of somebody, numbers masked. Five statements."""
    person = session.get_one(Person, person_id)
    phone = session.get(Phone, person_id)
    documents = session.scalars(
        sa.select(IdentityDocument)
        .where(IdentityDocument.person_id == person_id)
        .order_by(IdentityDocument.kind)
    ).all()
    former = session.scalars(
        sa.select(FormerName.name).where(FormerName.person_id == person_id).order_by(FormerName.id)
    )
    posts = session.execute(
        sa.select(Organization.name, Post.title)
        .join(Organization, Organization.id == Post.organization_id)
        .where(
            Post.person_id == person_id,
            Post.started_on <= on,
            sa.or_(Post.ended_on.is_(None), Post.ended_on >= on),
        )
        .order_by(Post.id)
    )
    owner = f"person:{person_id}"
    return OwnFile(
        user_name=person.user_name,
        name=person.name,
        former_names=tuple(former),
        phone=mask_phone(vault.open(phone.sealed, owner=f"{owner}/phone")) if phone else None,
        documents=tuple(
            (one.kind, mask_document(vault.open(one.sealed, owner=f"{owner}/{one.kind}")))
            for one in documents
        ),
        education=person.education,
        posts=tuple((row.name, row.title) for row in posts),
    )
