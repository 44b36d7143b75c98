"""The pages of managers about their people."""

from lms.organizations.models import Organization
from lms.people import queries as people
from lms.privacy.types import Purpose
from tests.privacy.builders import answered, published
from tests.web.scope_samples.asking import Sample, World, sample


@sample("reports.team")
def _team(world: World, place: Organization) -> Sample:
    return Sample(f"/team?unit={place.id}")


@sample("reports.team_person")
def _team_person(world: World, place: Organization) -> Sample:
    """Somebody who agreed to be seen by evaluators, which lets nobody outside see them."""
    person_id = world.person(place)
    published(world.session)
    answered(world.session, people.person(world.session, person_id), Purpose.EVALUATION)
    return Sample(f"/team/people/{person_id}")
