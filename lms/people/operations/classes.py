"""Cadre classes: held, joined, left."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.transaction import alone
from lms.people.models import CadreClass, ClassMember
from lms.people.types import ClassKind

_CLASSES_LOCK = 0x62697863
"""The number of the lock under which classes are added and joined."""

LONGEST_NAME = 60
"""Characters of the name of a class."""


def add_class(
    session: Session,
    *,
    key: str,
    name: str,
    kind: ClassKind,
    organization_id: int,
    starts_on: date,
    ends_on: date,
    actor_id: int | None,
    now: datetime,
) -> int:
    """Add a class and return its number; under the same key again, it is the one that is there.

    :raises Invalid: ``bad_name``, ``ends_before_start``.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid("bad_name", N_("班名不能为空，最多 %(n)s 个字"), where="name", n=LONGEST_NAME)
    if ends_on < starts_on:
        raise Invalid("ends_before_start", N_("最后一天不能早于第一天"), where="ends_on")
    alone(session, _CLASSES_LOCK)
    known = session.scalar(sa.select(CadreClass.id).where(CadreClass.key == key))
    if known is not None:
        return known
    added = CadreClass(
        key=key,
        name=name,
        kind=kind,
        organization_id=organization_id,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    session.add(added)
    session.flush()
    audit.record(
        session,
        verb="people.class_added",
        subject=f"cadre_class:{added.id}",
        actor_id=actor_id,
        now=now,
        name=name,
        kind=kind,
        organization_id=organization_id,
    )
    return added.id


def join_class(
    session: Session,
    *,
    class_id: int,
    person_ids: Collection[int],
    actor_id: int | None,
    now: datetime,
) -> int:
    """Take people into a class and return how many were not in it. Who had left is back."""
    alone(session, _CLASSES_LOCK)
    known = {
        member.person_id: member
        for member in session.scalars(
            sa.select(ClassMember).where(
                ClassMember.class_id == class_id, ClassMember.person_id.in_(person_ids)
            )
        )
    }
    joined = []
    for person_id in sorted(set(person_ids)):
        member = known.get(person_id)
        if member is None:
            session.add(ClassMember(class_id=class_id, person_id=person_id, joined_on=day_of(now)))
        elif member.left_on is None:
            continue
        else:
            member.left_on = None
        joined.append(person_id)
    if joined:
        session.flush()
        _tell(session, "people.class_joined", class_id, joined, actor_id=actor_id, now=now)
    return len(joined)


def leave_class(
    session: Session, *, class_id: int, person_id: int, actor_id: int | None, now: datetime
) -> None:
    """Let somebody leave a class today; who has left stays away.

    :raises NotFound: ``no_member``.
    """
    member = session.get(ClassMember, (class_id, person_id))
    if member is None:
        raise NotFound("no_member", N_("这个人不在班里"))
    if member.left_on is not None:
        return
    member.left_on = day_of(now)
    _tell(session, "people.class_left", class_id, [person_id], actor_id=actor_id, now=now)


def _tell(
    session: Session,
    verb: str,
    class_id: int,
    person_ids: list[int],
    *,
    actor_id: int | None,
    now: datetime,
) -> None:
    audit.record(
        session,
        verb=verb,
        subject=f"cadre_class:{class_id}",
        actor_id=actor_id,
        now=now,
        people=person_ids,
    )
