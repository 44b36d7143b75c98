"""Persons: added, and locked while a deed of theirs is done."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Conflict, NotFound
from lms.kernel.transaction import first_time
from lms.people import queries
from lms.people.models import Person
from lms.people.operations.passwords import hash_password


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


def lock_learners(session: Session, learner_ids: Collection[int]) -> None:
    """Hold off other deeds of many learners, as :func:`lock_learner` does of one.

    In the order of their ids, as everybody does who locks many; one statement for each 1,000.

    :raises NotFound: ``no_person`` (PostgreSQL; SQLite's foreign keys refuse later).
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    wanted = sorted(
        each for each in set(learner_ids) if first_time(session, f"lock_learner:{each}")
    )
    for start in range(0, len(wanted), 1000):
        some = wanted[start : start + 1000]
        locked = session.scalars(
            sa.select(Person.id)
            .where(Person.id.in_(some))
            .order_by(Person.id)
            .with_for_update(key_share=True)
        ).all()
        if len(locked) < len(some):
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
