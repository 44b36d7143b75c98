"""Sessions and the people around them."""

import secrets
from datetime import timedelta

from sqlalchemy.orm import Session

from lms.exam_sessions import operations
from lms.exam_sessions.types import Plan, Window
from lms.exams import queries as papers
from lms.organizations.models import Organization
from lms.people.models import Person
from lms.people.types import Role
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams

OPENS = NOON + timedelta(hours=1)
LAST = OPENS + timedelta(minutes=30)
CLOSES = OPENS + timedelta(minutes=130)
"""The paper takes 120 minutes."""


def plan(session: Session, at: Organization, **values) -> Plan:
    """A session of a small paper, two hours and ten minutes long."""
    if "paper_version_id" not in values:
        exams.rules(session)
        key = exams.paper(session, spare=2)
        values["paper_version_id"] = papers.paper(session, key).version_id
    values = {
        "title": "第一场",
        "organization_id": at.id,
        "window": Window(OPENS, LAST, CLOSES),
    } | values
    return Plan(**values)


def made(
    session: Session, at: Organization, *, by: Person | None = None, now=NOON, **values
) -> int:
    """A session at a unit, made by an instructor of it."""
    maker = by or builders.with_role(session, Role.INSTRUCTOR, at=at)
    return operations.make(
        session,
        plan(session, at, **values),
        form_key=secrets.token_hex(8),
        scope=[at.id],
        actor_id=maker.id,
        now=now,
    )
