"""Prints and the people around them."""

import secrets

from sqlalchemy.orm import Session

from lms.exams import operations, queries
from lms.exams.types.on_paper import Printed
from lms.organizations.models import Organization
from lms.people.models import Person
from lms.people.types import Role
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams


def printed(
    session: Session, *, at: Organization, by: Person | None = None, now=NOON, **values
) -> Printed:
    """A print of a small paper: three single choices (slots 1-3), two multiple (4-5)."""
    exams.rules(session)
    key = exams.paper(session, **values)
    maker = by or builders.with_role(session, Role.INSTRUCTOR, at=at)
    print_id = operations.print_paper(
        session,
        paper_key=key,
        seed=secrets.randbelow(2**31),
        note="一班",
        organization_id=at.id,
        actor_id=maker.id,
        now=now,
    )
    return queries.printed(session, print_id, scope=[at.id])


def right_letters(printed: Printed) -> dict[int, str]:
    """What the key says, as printed: A and ABD of the author."""
    return {
        n: exams.shown_letters("A" if slot.section == 0 else "ABD", slot.order)
        for n, slot in enumerate(printed.slots, start=1)
    }
