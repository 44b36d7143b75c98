"""Roles: granted and revoked."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.people.models import RoleGrant
from lms.people.types import Role


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
