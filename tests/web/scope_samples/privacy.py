"""Correction requests and closings, which the clerks of one's own units handle."""

from lms.organizations.models import Organization
from lms.people import queries as people
from lms.privacy import operations
from tests.builders import NOON
from tests.privacy.builders import asked, closing
from tests.web.scope_samples.asking import LISTED, Sample, World, reads, sample

reads("privacy.close_person", "/privacy/closings/{}")


def _request(world: World, place: Organization) -> str:
    person = people.person(world.session, world.person(place))
    return f"/privacy/requests/{person.id}/{asked(world.session, person, world.vault)}"


@sample("privacy.requests")
def _requests(world: World, place: Organization) -> Sample:
    _request(world, place)
    closing(world.session, people.person(world.session, world.person(place)))
    return Sample("/privacy/requests", refused=LISTED, shows="在册人")


@sample("privacy.handle")
def _handle(world: World, place: Organization) -> Sample:
    return Sample(_request(world, place))


@sample("privacy.reveal", "POST")
def _reveal(world: World, place: Organization) -> Sample:
    return Sample(f"{_request(world, place)}/reveal", {})


@sample("privacy.answer_request", "POST")
def _answer_request(world: World, place: Organization) -> Sample:
    return Sample(_request(world, place), {"outcome": "done", "answer": "已更正"})


@sample("privacy.find_closing")
def _find_closing(world: World, place: Organization) -> Sample:
    person = people.person(world.session, world.person(place))
    path = f"/privacy/closings?user_name={person.user_name}"
    # outside it is as if nobody had the name: back to the list
    return Sample(path, refused=frozenset({303}), shows=f"/privacy/closings/{person.id}")


@sample("privacy.close_person", "POST")
def _close_person(world: World, place: Organization) -> Sample:
    return Sample(f"/privacy/closings/{world.person(place)}", {"reason": "本人书面申请"})


@sample("privacy.take_back_for", "POST")
def _take_back_for(world: World, place: Organization) -> Sample:
    person_id = world.person(place)
    operations.ask_closing(
        world.session, person_id=person_id, reason="", actor_id=person_id, now=NOON
    )
    return Sample(f"/privacy/closings/{person_id}/take-back", {})
