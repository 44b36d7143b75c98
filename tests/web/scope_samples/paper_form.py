"""Prints belong to units, the people whose cards are typed in to theirs."""

import json

from lms.organizations.models import Organization
from tests.builders import NOON
from tests.paper_form.builders import printed as make_print
from tests.paper_form.builders import right_letters
from tests.web.scope_samples.asking import Sample, World, sample

ROOT = "/teaching/prints"


def _print(world: World, place: Organization):
    return make_print(world.session, at=place, now=NOON)


@sample("paper_form.show")
def _show(world: World, place: Organization) -> Sample:
    return Sample(f"{ROOT}/{_print(world, place).id}")


@sample("paper_form.file")
def _file(world: World, place: Organization) -> Sample:
    return Sample(f"{ROOT}/{_print(world, place).id}/files/list.csv")


@sample("paper_form.cards")
def _cards(world: World, place: Organization) -> Sample:
    """One's own print, and a person inside or outside."""
    printed = _print(world, world.mine)
    return Sample(f"{ROOT}/{printed.id}/cards?person={world.person(place)}")


@sample("paper_form.typed", "POST")
def _typed(world: World, place: Organization) -> Sample:
    printed = _print(world, world.mine)
    data = {"person_id": str(world.person(place)), "sat_on": "2026-03-02", "a1": "A"}
    return Sample(f"{ROOT}/{printed.id}/cards", data)


@sample("paper_form.upload", "POST")
def _upload(world: World, place: Organization) -> Sample:
    """Without a file: the form is shown again, of one's own print."""
    printed = _print(world, place)
    return Sample(f"{ROOT}/{printed.id}/list", {}, allowed=frozenset({422}))


@sample("paper_form.confirm", "POST")
def _confirm(world: World, place: Organization) -> Sample:
    printed = _print(world, world.mine)
    cards = {str(world.person(place)): list(right_letters(printed).values())}
    data = {"sat_on": "2026-03-02", "cards": json.dumps(cards)}
    return Sample(f"{ROOT}/{printed.id}/confirm", data)
