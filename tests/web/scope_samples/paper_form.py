"""Prints belong to units, the people whose cards are typed in to theirs."""

import json
from dataclasses import replace

import sqlalchemy as sa

from lms.exams import operations as exams
from lms.exams.models import CardCorrection
from lms.exams.types.on_paper import AnswerCard
from lms.organizations.models import Organization
from lms.paper_form import operations
from lms.people.types import Role
from tests import builders
from tests.builders import NOON, TODAY
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


def _correction(world: World, place: Organization) -> str:
    """A correction on one's own print, of a person inside or outside."""
    printed = _print(world, world.mine)
    person_id, right = world.person(place), right_letters(printed)
    session = world.session
    clerk = builders.with_role(session, Role.INSTRUCTOR, at=place)
    card = AnswerCard(person_id, {}, {})
    exams.enter_cards(session, printed, [card], on=TODAY, actor_id=clerk.id, now=NOON)
    made = operations.correct(
        session,
        printed.id,
        person_id,
        right,
        reason="错了",
        scope=[place.id, world.mine.id],
        actor_id=clerk.id,
        now=NOON,
    )
    return f"{ROOT}/{printed.id}/corrections/{made}"


@sample("card_corrections.correct")
def _correct(world: World, place: Organization) -> Sample:
    root, _corrections, number = _correction(world, place).rpartition("/corrections/")
    person_id = world.session.scalar(
        sa.select(CardCorrection.learner_id).where(CardCorrection.regrade_id == int(number))
    )
    return Sample(f"{root}/cards/{person_id}/correct")


@sample("card_corrections.correct", "POST")
def _correct_badly(world: World, place: Organization) -> Sample:
    """Without a reason: the card is shown again, of one's own print."""
    return replace(_correct(world, place), data={}, allowed=frozenset({422}))


@sample("card_corrections.show")
def _correction_page(world: World, place: Organization) -> Sample:
    return Sample(_correction(world, place))


@sample("card_corrections.approve", "POST")
def _approve(world: World, place: Organization) -> Sample:
    return Sample(f"{_correction(world, place)}/approve", {})


@sample("card_corrections.drop", "POST")
def _drop(world: World, place: Organization) -> Sample:
    return Sample(f"{_correction(world, place)}/drop", {})


@sample("card_corrections.undo", "POST")
def _undo(world: World, place: Organization) -> Sample:
    """Without a reason: the page is shown again."""
    return Sample(f"{_correction(world, place)}/undo", {}, allowed=frozenset({422}))
