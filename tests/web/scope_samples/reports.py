"""The pages of managers about their people."""

from lms.organizations.models import Organization
from lms.people import queries as people
from lms.privacy.types import Purpose
from tests.privacy.builders import answered, published
from tests.reports.builders import ended_law
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


@sample("superseded.team_laws")
def _team_laws(world: World, place: Organization) -> Sample:
    return Sample(f"/team/laws?unit={place.id}")


@sample("superseded.people", "POST")
def _people(world: World, place: Organization) -> Sample:
    """Somebody who answered a question whose law has ended."""
    edition_id = ended_law(world.session, learner_id=world.person(place))
    return Sample(f"/team/laws/{edition_id}/people", {"unit": str(place.id), "format": "page"})
