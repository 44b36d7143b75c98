"""What tests of the shell make."""

from sqlalchemy.orm import Session

from lms.people.models import Person, RoleGrant
from lms.people.types import Role
from tests import builders


def with_every_role(session: Session) -> Person:
    """Somebody who may everything."""
    made, place = builders.person(session), builders.organization(session)
    for role in Role:
        builders.added(session, RoleGrant(person_id=made.id, role=role, organization_id=place.id))
    return made
