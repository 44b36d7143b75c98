"""What moves from a duplicate's file to the survivor's, and back."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.kernel.vault import Vault
from lms.organizations import queries as organizations
from lms.people import queries
from lms.people.models import (
    ClassMember,
    FormerName,
    IdentityDocument,
    Person,
    Phone,
    Post,
    RoleGrant,
)
from lms.people.rules import SEPARATE, may_grant, name_key, seal_document, seal_phone
from lms.people.types import Actor, Carried, DocumentKind, Role

_FILLED = ("education", "social_work_started_on", "social_work_major")
"""Values of a file that the survivor gets if it lacks them."""


def carry_file(
    session: Session,
    survivor: Person,
    duplicate: Person,
    *,
    vault: Vault,
    actor: Actor | None,
    now: datetime,
) -> Carried:
    """Give the survivor what the duplicate's file has and theirs lacks; say what it was."""
    posts, ended = _carry_posts(session, survivor.id, duplicate.id, today=day_of(now))
    phone, documents = _move_numbers(session, vault, duplicate.id, survivor.id)
    return Carried(
        posts=posts,
        ended=ended,
        classes=_carry_classes(session, survivor.id, duplicate.id),
        phone=phone,
        documents=documents,
        values=_fill(survivor, duplicate),
        former_names=_carry_names(session, survivor, duplicate, now),
        grants=_carry_grants(session, survivor.id, duplicate.id, actor, today=day_of(now)),
        merged_before=_redirect(session, duplicate.id, survivor.id),
    )


def _carry_posts(
    session: Session, survivor_id: int, duplicate_id: int, *, today: date
) -> tuple[tuple[int, ...], dict[str, str | None]]:
    """Move the posts; end those that the survivor has too, so that nobody is counted twice."""
    mine = {
        (post.organization_id, post.kind)
        for post in session.scalars(sa.select(Post).where(Post.person_id == survivor_id))
        if post.ended_on is None or post.ended_on >= today
    }
    moved, ended = [], {}
    theirs = session.scalars(
        sa.select(Post).where(Post.person_id == duplicate_id).order_by(Post.id)
    ).all()
    for post in theirs:
        lasting = post.ended_on is None or post.ended_on >= today
        if lasting and (post.organization_id, post.kind) in mine:
            ended[str(post.id)] = post.ended_on.isoformat() if post.ended_on else None
            post.ended_on = today - timedelta(days=1)
        else:
            post.person_id = survivor_id
            moved.append(post.id)
    session.flush()
    return tuple(moved), ended


def _carry_classes(session: Session, survivor_id: int, duplicate_id: int) -> tuple[int, ...]:
    mine = sa.select(ClassMember.class_id).where(ClassMember.person_id == survivor_id)
    theirs = tuple(
        session.scalars(
            sa.select(ClassMember.class_id).where(
                ClassMember.person_id == duplicate_id, ClassMember.class_id.not_in(mine)
            )
        )
    )
    _move_classes(session, duplicate_id, survivor_id, theirs)
    return theirs


def _move_classes(session: Session, from_id: int, to_id: int, classes: tuple[int, ...]) -> None:
    if classes:
        session.execute(
            sa.update(ClassMember)
            .where(ClassMember.person_id == from_id, ClassMember.class_id.in_(classes))
            .values(person_id=to_id)
            .execution_options(synchronize_session=False)
        )


def _move_numbers(
    session: Session,
    vault: Vault,
    from_id: int,
    to_id: int,
    *,
    only: tuple[str, ...] | None = None,
) -> tuple[bool, tuple[str, ...]]:
    """Move the numbers that the other lacks, sealed anew for their new owner; say which."""
    wanted = {str(kind) for kind in DocumentKind} | {queries.PHONE} if only is None else set(only)
    phone = session.get(Phone, from_id)
    moves_phone = (
        phone is not None and queries.PHONE in wanted and session.get(Phone, to_id) is None
    )
    if phone is not None and moves_phone:
        number = queries.opened(vault, from_id, queries.PHONE, phone.sealed)
        values = {"person_id": to_id, "sealed": seal_phone(vault, to_id, number)}
        _reown(session, sa.update(Phone).where(Phone.person_id == from_id).values(**values), phone)
    mine = set(
        session.scalars(sa.select(IdentityDocument.kind).where(IdentityDocument.person_id == to_id))
    )
    moved = []
    for document in session.scalars(
        sa.select(IdentityDocument).where(IdentityDocument.person_id == from_id)
    ).all():
        if document.kind in wanted - mine:
            kind = DocumentKind(document.kind)
            number = queries.opened(vault, from_id, kind, document.sealed)
            document.person_id, document.sealed = to_id, seal_document(vault, to_id, kind, number)
            moved.append(str(kind))
    session.flush()
    return moves_phone, tuple(moved)


def _reown(session: Session, change: sa.Update, row: Phone) -> None:
    """Change the key of a row, which is its owner."""
    session.expunge(row)
    session.execute(change.execution_options(synchronize_session=False))


def _fill(survivor: Person, duplicate: Person) -> dict[str, str | bool]:
    """Give the survivor what its file lacks."""
    given: dict[str, str | bool] = {}
    for name in _FILLED:
        value = getattr(duplicate, name)
        if value and not getattr(survivor, name):
            setattr(survivor, name, value)
            given[name] = _plain(value)
    return given


def _plain(value: Any) -> str | bool:
    return value if isinstance(value, bool) else str(value)


def _carry_names(
    session: Session, survivor: Person, duplicate: Person, now: datetime
) -> tuple[int, ...]:
    """Note the duplicate's names as former ones of the survivor."""
    theirs = session.scalars(sa.select(FormerName).where(FormerName.person_id == duplicate.id))
    names = {duplicate.name: day_of(now)} | {one.name: one.until_on for one in theirs}
    known = set(
        session.scalars(sa.select(FormerName.name).where(FormerName.person_id == survivor.id))
    )
    added = [
        FormerName(
            person_id=survivor.id,
            name=name,
            name_key=name_key(name),
            until_on=until_on,
            noted_at=now,
        )
        for name, until_on in names.items()
        if name not in known and name != survivor.name
    ]
    session.add_all(added)
    session.flush()
    return tuple(one.id for one in added)


def _carry_grants(
    session: Session, survivor_id: int, duplicate_id: int, actor: Actor | None, *, today: date
) -> tuple[int, ...]:
    """Give the survivor the duplicate's roles: to learn, and what the actor may give anyway."""
    theirs = session.scalars(
        sa.select(RoleGrant).where(RoleGrant.person_id == duplicate_id).order_by(RoleGrant.id)
    ).all()
    mine = {
        (grant.role, grant.organization_id): grant
        for grant in session.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == survivor_id))
    }
    added = []
    for grant in theirs:
        over = grant.ends_on is not None and grant.ends_on < today
        role = Role(grant.role)
        if over or (grant.role, grant.organization_id) in mine or role in SEPARATE:
            continue
        if role is Role.LEARNER or _may_give(session, actor, role, grant.organization_id):
            added.append(
                RoleGrant(
                    person_id=survivor_id,
                    role=role,
                    organization_id=grant.organization_id,
                    starts_on=grant.starts_on,
                    ends_on=grant.ends_on,
                    granted_by=actor.id if actor is not None else None,
                )
            )
    session.add_all(added)
    session.flush()
    return tuple(one.id for one in added)


def _may_give(session: Session, actor: Actor | None, role: Role, organization_id: int) -> bool:
    if actor is None:
        return True
    path = {place.id for place in organizations.ancestors(session, organization_id)}
    return may_grant(actor.grants, role, path)


def _redirect(session: Session, from_id: int, to_id: int) -> tuple[int, ...]:
    """Let those who were merged into one person lead to another."""
    earlier = tuple(session.scalars(sa.select(Person.id).where(Person.merged_into_id == from_id)))
    session.execute(sa.update(Person).where(Person.id.in_(earlier)).values(merged_into_id=to_id))
    return earlier


def give_back(
    session: Session, survivor: Person, duplicate: Person, carried: Carried, vault: Vault
) -> None:
    """Move back what a merge moved and is still there."""
    session.execute(
        sa.update(Post)
        .where(Post.id.in_(carried.posts), Post.person_id == survivor.id)
        .values(person_id=duplicate.id)
    )
    for post_id, last_day in carried.ended.items():
        post = session.get(Post, int(post_id))
        if post is not None:
            post.ended_on = date.fromisoformat(last_day) if last_day else None
    _move_classes(session, survivor.id, duplicate.id, carried.classes)
    numbers = (*carried.documents, *([queries.PHONE] if carried.phone else []))
    _move_numbers(session, vault, survivor.id, duplicate.id, only=numbers)
    for name, value in carried.values.items():
        if _plain(getattr(survivor, name)) == value:
            setattr(survivor, name, False if value is True else None)
    session.execute(sa.delete(FormerName).where(FormerName.id.in_(carried.former_names)))
    session.execute(sa.delete(RoleGrant).where(RoleGrant.id.in_(carried.grants)))
    session.execute(
        sa.update(Person)
        .where(Person.id.in_(carried.merged_before))
        .values(merged_into_id=duplicate.id)
    )
    session.flush()
