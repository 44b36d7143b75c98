"""Roles: granted and revoked, by whom the table of roles says."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, NotFound
from lms.kernel.transaction import alone
from lms.organizations import queries as organizations
from lms.organizations.types import OrganizationKind
from lms.people import queries
from lms.people.models import Person, RoleGrant
from lms.people.rules import Wanted, check_granter, check_wanted
from lms.people.types import Actor, Role

_ROLES_LOCK = 0x62697872
"""The number of the lock under which duties that exclude each other are given and taken."""


def grant_role(
    session: Session,
    *,
    person_id: int,
    role: Role,
    organization_id: int,
    now: datetime,
    actor: Actor | None = None,
    actor_id: int | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> None:
    """Give somebody a role over a subtree, from a day on, until a day or without an end.

    Giving it again changes nothing; giving it with other days moves the days.

    :param actor: who gives it, judged by the table of roles; none for a command at the machine.
    :param actor_id: who stands in the trail, where no actor was judged.
    :raises NotAllowed: ``own_roles``, ``not_grantable``.
    :raises Invalid: ``wrong_level``, ``needs_end``, ``too_long``, ``ends_before_start``.
    :raises Conflict: ``separate_duties``.
    :raises NotFound: ``no_person``, ``no_organization``.
    """
    today = day_of(now)
    alone(session, _ROLES_LOCK)
    _standing(session, person_id)
    place, path = _place(session, organization_id)
    if actor is not None:
        check_granter(actor.grants, actor_id=actor.id, person_id=person_id, role=role, path=path)
    held = queries.held_roles(session, person_id, on=today)
    check_wanted(Wanted(role, place, path, starts_on, ends_on), held=held, on=today)
    known = session.scalar(
        sa.select(RoleGrant).where(
            RoleGrant.person_id == person_id,
            RoleGrant.role == role,
            RoleGrant.organization_id == organization_id,
        )
    )
    if known is not None and (known.starts_on, known.ends_on) == (starts_on, ends_on):
        return
    giver = actor.id if actor is not None else actor_id
    if known is None:
        known = RoleGrant(person_id=person_id, role=role, organization_id=organization_id)
        session.add(known)
    known.starts_on, known.ends_on, known.granted_by = starts_on, ends_on, giver
    session.flush()
    _tell(session, "people.role_granted", known, actor_id=giver, now=now)


def revoke_role(
    session: Session, *, person_id: int, grant_id: int, actor: Actor | None, now: datetime
) -> None:
    """Take a role back at once; taken back already, nothing changes.

    It ended yesterday; one that began today or has not begun is taken out.

    :raises NotFound: ``no_grant``.
    :raises NotAllowed: ``own_roles``, ``not_grantable``.
    :raises Conflict: ``last_security_officer``.
    """
    yesterday = day_of(now) - timedelta(days=1)
    alone(session, _ROLES_LOCK)
    known = session.get(RoleGrant, grant_id)
    if known is None or known.person_id != person_id:
        raise NotFound("no_grant", N_("没有授予过这个角色"))
    _place_kind, path = _place(session, known.organization_id)
    role = Role(known.role)
    if actor is not None:
        check_granter(actor.grants, actor_id=actor.id, person_id=person_id, role=role, path=path)
    if known.ends_on is not None and known.ends_on <= yesterday:
        return
    _refuse_last(session, known, today=day_of(now))
    _tell(session, "people.role_revoked", known, actor_id=actor.id if actor else None, now=now)
    if known.starts_on is not None and known.starts_on > yesterday:
        session.delete(known)
    else:
        known.ends_on = yesterday
    session.flush()


def _standing(session: Session, person_id: int) -> None:
    """Refuse somebody who is gone.

    :raises NotFound: ``no_person``.
    """
    found = queries.person(session, person_id)
    if found.closed_at is not None or found.merged_into_id is not None:
        raise NotFound("no_person", N_("没有这个人"))


def _place(session: Session, organization_id: int) -> tuple[OrganizationKind, frozenset[int]]:
    """Return what an organization is, and the ids of it and of everything above it.

    :raises NotFound: ``no_organization``.
    """
    path = organizations.ancestors(session, organization_id)
    if not path:
        raise NotFound("no_organization", N_("没有这个单位"))
    return OrganizationKind(path[-1].kind), frozenset(place.id for place in path)


def _refuse_last(session: Session, known: RoleGrant, *, today: date) -> None:
    """Refuse to take the duty from the last who has it: nobody could give it any more."""
    if known.role != Role.SECURITY_OFFICER:
        return
    others = session.scalar(
        sa.select(RoleGrant.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role == Role.SECURITY_OFFICER,
            RoleGrant.organization_id == known.organization_id,
            RoleGrant.id != known.id,
            sa.or_(RoleGrant.starts_on.is_(None), RoleGrant.starts_on <= today),
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
            Person.closed_at.is_(None),
            Person.merged_into_id.is_(None),
        )
        .limit(1)
    )
    if others is None:
        raise Conflict(
            "last_security_officer", N_("这是最后一名安全员，先授予另一个人，再收回这一个")
        )


def _tell(
    session: Session, verb: str, known: RoleGrant, *, actor_id: int | None, now: datetime
) -> None:
    audit.record(
        session,
        verb=verb,
        subject=f"person:{known.person_id}",
        actor_id=actor_id,
        now=now,
        role=known.role,
        organization_id=known.organization_id,
        starts_on=known.starts_on.isoformat() if known.starts_on is not None else None,
        ends_on=known.ends_on.isoformat() if known.ends_on is not None else None,
    )
