"""Units and what is done to them."""

from lms.organizations import operations as units
from lms.organizations.models import Organization
from tests import builders
from tests.organizations.builders import deed
from tests.web.scope_samples.asking import Sample, World, sample

for _act in ("past", "add", "edit", "rename", "move", "merge", "close", "reopen"):

    @sample(f"organizations.{_act}")
    def _asked_of_a_unit(_world: World, place: Organization, act: str = _act) -> Sample:
        return Sample(f"/organizations/{place.id}/{act}")


@sample("organizations.show")
def _unit(_world: World, place: Organization) -> Sample:
    return Sample(f"/organizations/{place.id}")


def _done_to(place: Organization, act: str, **more: str) -> Sample:
    data = {"on": "2026-03-02", "revision": str(place.revision), "confirm": "1"} | more
    return Sample(f"/organizations/{place.id}/{act}", data)


@sample("organizations.add", "POST")
def _add_unit(_world: World, place: Organization) -> Sample:
    return _done_to(place, "add", kind="village_room", name="新室", key="u-0123456789ab")


@sample("organizations.edit", "POST")
def _edit_unit(_world: World, place: Organization) -> Sample:
    return _done_to(place, "edit", short_names="简称")


@sample("organizations.rename", "POST")
def _rename_unit(_world: World, place: Organization) -> Sample:
    return _done_to(place, "rename", name="新名站")


@sample("organizations.move", "POST")
def _move_unit(world: World, place: Organization) -> Sample:
    hub = builders.organization(world.session, world.county, kind="county_hub")
    return _done_to(place, "move", target=str(hub.id))


@sample("organizations.merge", "POST")
def _merge_unit(world: World, place: Organization) -> Sample:
    twin = builders.organization(world.session, world.county)
    return _done_to(place, "merge", target=str(twin.id))


@sample("organizations.close", "POST")
def _close_unit(_world: World, place: Organization) -> Sample:
    return _done_to(place, "close")


@sample("organizations.reopen", "POST")
def _reopen_unit(world: World, place: Organization) -> Sample:
    units.close(world.session, place.id, deed())
    world.session.flush()
    return _done_to(place, "reopen")
