"""Store invented people: persons, posts, roles."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.organizations.types import Code
from lms.people.models import Person, Post, RoleGrant
from lms.people.rules import name_key
from lms.people.types import PostKind, Role
from lms.web.demo import bulk
from lms.web.demo.population import managers
from lms.web.demo.types import Drawn


def add_learners(
    session: Session, drawn: Sequence[Drawn], organizations: Mapping[Code, int], *, now: datetime
) -> list[int]:
    """Store learners with their posts and return their ids, in order. They have no password."""
    files = [
        {
            "education": str(one.education),
            "social_work_major": one.social_work_major,
            "social_work_started_on": one.social_work_started_on,
        }
        for one in drawn
    ]
    ids = _add_persons(session, [(one.user_name, one.name) for one in drawn], files, now=now)
    bulk.insert(
        session,
        Post,
        [
            {
                "person_id": person_id,
                "organization_id": organizations[one.station],
                "kind": str(one.post),
                "title": one.title,
                "started_on": one.started_on,
                "rank_band": None,
                "ended_on": None,
            }
            for person_id, one in zip(ids, drawn, strict=True)
        ],
    )
    _grant(session, Role.LEARNER, ids, [organizations[one.station] for one in drawn])
    return ids


def add_managers(
    session: Session, organizations: Mapping[Code, int], *, seed: int, now: datetime
) -> int:
    """Store a manager for every prefecture and every county; return how many. No password."""
    staff = list(managers(seed))
    nothing = [_UNKNOWN] * len(staff)
    ids = _add_persons(session, [(one.user_name, one.name) for one in staff], nothing, now=now)
    bulk.insert(
        session,
        Post,
        [
            {
                "person_id": person_id,
                "organization_id": organizations[one.office],
                "kind": str(PostKind.STAFF),
                "title": one.title,
                "started_on": day_of(now) - timedelta(days=700),
                "rank_band": None,
                "ended_on": None,
            }
            for person_id, one in zip(ids, staff, strict=True)
        ],
    )
    for role in {one.role for one in staff}:
        some = [(i, one) for i, one in zip(ids, staff, strict=True) if one.role is role]
        scopes = [organizations[one.scope] for _id, one in some]
        _grant(session, role, [i for i, _one in some], scopes)
    return len(staff)


_UNKNOWN: Mapping[str, Any] = {
    "education": None,
    "social_work_major": False,
    "social_work_started_on": None,
}


def _add_persons(
    session: Session,
    people: Sequence[tuple[str, str]],
    files: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
) -> list[int]:
    bulk.insert(
        session,
        Person,
        [
            {
                "user_name": user_name,
                "name": name,
                "name_key": name_key(name),
                "password_hash": None,
                "session_epoch": 0,
                **file,
                "revision": 1,
                "merged_into_id": None,
                "created_at": now,
                "closed_at": None,
            }
            for (user_name, name), file in zip(people, files, strict=True)
        ],
    )
    names = [user_name for user_name, _name in people]
    rows = session.execute(
        sa.select(Person.user_name, Person.id).where(Person.user_name.in_(names))
    )
    ids = {row.user_name: row.id for row in rows}
    return [ids[user_name] for user_name in names]


def _grant(session: Session, role: Role, people: Sequence[int], scopes: Sequence[int]) -> None:
    bulk.insert(
        session,
        RoleGrant,
        [
            {
                "person_id": person_id,
                "role": str(role),
                "organization_id": scope,
                "starts_on": None,
                "ends_on": None,
                "granted_by": None,
            }
            for person_id, scope in zip(people, scopes, strict=True)
        ],
    )
