"""The help desk: whom a clerk may get back into an account."""

from lms.accounts.operations import helping
from lms.organizations.models import Organization
from lms.people import queries as people
from tests.accounts.builders import add_factor
from tests.builders import NOON
from tests.web.scope_samples.asking import LISTED, NOT_MINE, Sample, World, reads, sample

reads("sign_in.helped", "/help-desk/people/{}")


def _asked(world: World, place: Organization) -> int:
    """Somebody who asked for help."""
    person_id = world.person(place)
    name = people.person(world.session, person_id).user_name
    helping.ask_for_help(world.session, typed=name, vault=world.vault, now=NOON)
    return person_id


@sample("sign_in.desk")
def _desk(world: World, place: Organization) -> Sample:
    _asked(world, place)
    return Sample("/help-desk", refused=LISTED, shows="在册人")


@sample("sign_in.find", "POST")
def _find(world: World, place: Organization) -> Sample:
    world.person(place, phone="13900001111")
    return Sample("/help-desk", {"user_name": "13900001111"})


@sample("sign_in.link", "POST")
def _link(world: World, place: Organization) -> Sample:
    return Sample(f"/help-desk/people/{world.person(place)}/link", {})


@sample("sign_in.revoke_links", "POST")
def _revoke_links(world: World, place: Organization) -> Sample:
    person_id = world.person(place)
    helping.make_links(
        world.session,
        person_ids=[person_id],
        vault=world.vault,
        now=NOON,
        days=7,
        actor_id=None,
    )
    return Sample(f"/help-desk/people/{person_id}/revoke-links", {})


@sample("sign_in.unlock", "POST")
def _unlock(world: World, place: Organization) -> Sample:
    return Sample(f"/help-desk/people/{world.person(place)}/unlock", {})


@sample("sign_in.end_sessions", "POST")
def _end_sessions(world: World, place: Organization) -> Sample:
    return Sample(f"/help-desk/people/{world.person(place)}/end-sessions", {})


@sample("sign_in.answered", "POST")
def _answered(world: World, place: Organization) -> Sample:
    return Sample(f"/help-desk/people/{_asked(world, place)}/answered", {})


@sample("sign_in.reset_factor", "POST")
def _reset_factor(world: World, place: Organization) -> Sample:
    person_id = world.person(place)
    add_factor(world.session, people.person(world.session, person_id), world.vault)
    return Sample(f"/help-desk/people/{person_id}/reset-factor", {"reason": "手机丢失"})


@sample("sign_in.print_slips", "POST")
def _print_slips(world: World, place: Organization) -> Sample:
    world.person(place)
    return Sample("/help-desk/slips", {"unit": str(place.id)}, refused=NOT_MINE)
