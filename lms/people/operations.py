from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.hashing import make_hash
from lms.kernel.transaction import first_time
from lms.people import queries
from lms.people.models import Person, Post, RoleGrant
from lms.people.types import PostKind, Role

SHORTEST_PASSWORD = 8


def lock_learner(session: Session, learner_id: int) -> None:
    """Hold off other deeds of the same learner until this transaction ends.

    PostgreSQL locks the person's row; on SQLite writers queue anyway and nothing is sent.

    :raises NotFound: ``no_person`` (PostgreSQL; SQLite's foreign keys refuse later).
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    if not first_time(session, f"lock_learner:{learner_id}"):
        return
    found = session.scalar(
        sa.select(Person.id).where(Person.id == learner_id).with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound("no_person", N_("没有这个人"))


def add_person(
    session: Session,
    *,
    user_name: str,
    name: str,
    now: datetime,
    password: str | None = None,
    actor_id: int | None = None,
) -> Person:
    """Add a person, with a password or without one.

    :raises Conflict: ``user_name_taken``.
    :raises Invalid: ``weak_password``.
    """
    user_name = user_name.strip().lower()
    if queries.find_person_by_user_name(session, user_name) is not None:
        raise Conflict("user_name_taken", N_("用户名“%(name)s”已有人使用"), name=user_name)
    added = Person(
        user_name=user_name,
        name=name,
        password_hash=hash_password(password) if password is not None else None,
        created_at=now,
    )
    session.add(added)
    session.flush()
    audit.record(
        session,
        verb="people.person_added",
        subject=f"person:{added.id}",
        actor_id=actor_id,
        now=now,
        user_name=user_name,
    )
    return added


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password.

    :raises Invalid: ``weak_password``.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            "weak_password", N_("密码至少要 %(n)s 位"), where="password", n=SHORTEST_PASSWORD
        )
    return make_hash(password)


def add_post(
    session: Session,
    *,
    person_id: int,
    organization_id: int,
    kind: PostKind,
    title: str,
    started_on: date,
) -> None:
    """Say where somebody works from a day on."""
    session.add(
        Post(
            person_id=person_id,
            organization_id=organization_id,
            kind=kind,
            title=title,
            started_on=started_on,
        )
    )


def grant_role(
    session: Session,
    *,
    person_id: int,
    role: Role,
    organization_id: int,
    now: datetime,
    actor_id: int | None = None,
    ends_on: date | None = None,
) -> None:
    """Give somebody a role over a subtree, until a day or without an end.

    Giving it again changes nothing; giving it with another last day moves the last day.
    """
    known = session.scalar(
        sa.select(RoleGrant).where(
            RoleGrant.person_id == person_id,
            RoleGrant.role == role,
            RoleGrant.organization_id == organization_id,
        )
    )
    if known is not None and known.ends_on == ends_on:
        return
    if known is not None:
        known.ends_on = ends_on
    else:
        session.add(
            RoleGrant(
                person_id=person_id, role=role, organization_id=organization_id, ends_on=ends_on
            )
        )
    audit.record(
        session,
        verb="people.role_granted",
        subject=f"person:{person_id}",
        actor_id=actor_id,
        now=now,
        role=role,
        organization_id=organization_id,
        ends_on=ends_on.isoformat() if ends_on is not None else None,
    )
