"""Make rows for tests: every argument has a sane default, every default can be overridden."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from lms.organizations.models import Closure, Organization
from lms.people.models import Person, Post, RoleGrant
from lms.people.types import PostKind, Role

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""The moment at which tests happen unless they say otherwise: noon in China."""

TODAY = date(2026, 3, 2)

_serial = count(1)


def added(session: Session, row: Any) -> Any:
    """Add a row and give it its number."""
    session.add(row)
    session.flush()
    return row


def organization(
    session: Session, parent: Organization | None = None, **values: Any
) -> Organization:
    """An organization with its closure rows."""
    number = next(_serial)
    values = {
        "kind": "township_station",
        "code": f"T{number}",
        "code_system": "test",
        "name": f"第{number}社工站",
        "key_county": False,
        "parent_id": parent.id if parent else None,
    } | values
    made = added(session, Organization(**values))
    session.add(Closure(ancestor_id=made.id, descendant_id=made.id, depth=0))
    if parent is not None:
        for above in session.query(Closure).filter_by(descendant_id=parent.id).all():
            session.add(
                Closure(ancestor_id=above.ancestor_id, descendant_id=made.id, depth=above.depth + 1)
            )
    session.flush()
    return made


def person(session: Session, **values: Any) -> Person:
    """Somebody with no role and no password."""
    number = next(_serial)
    values = {"user_name": f"p{number}", "name": f"测试{number}", "created_at": NOON} | values
    return added(session, Person(**values))


def with_role(
    session: Session, role: Role, *, at: Organization | None = None, **values: Any
) -> Person:
    """Somebody with one role."""
    made = person(session, **values)
    place = at or organization(session)
    added(session, RoleGrant(person_id=made.id, role=role, organization_id=place.id))
    return made


def learner(
    session: Session,
    *,
    at: Organization | None = None,
    post: PostKind = PostKind.STATION_WORKER,
    since: date = date(2026, 1, 5),
    **values: Any,
) -> Person:
    """A learner with a post at a station."""
    place = at or organization(session)
    made = with_role(session, Role.LEARNER, at=place, **values)
    added(
        session,
        Post(
            person_id=made.id, organization_id=place.id, kind=post, title="社工", started_on=since
        ),
    )
    return made
