"""Third-party evaluators see persons only who agreed to it; managers see all of theirs."""

import pytest
import time_machine

from lms.people.models import RoleGrant
from lms.people.types import Role
from lms.privacy.types import Answer
from tests import builders
from tests.builders import NOON, TODAY
from tests.privacy.builders import answered, changed, published
from tests.reports.test_team import goal, stands

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def station(session):
    published(session)
    place = builders.organization(session, builders.organization(session, kind="county"))
    wanted = goal(session)
    found = {}
    for name, answers in {
        "同意的": [Answer.GIVEN],
        "没问过的": [],
        "不同意的": [Answer.REFUSED],
        "撤回的": [Answer.GIVEN, Answer.WITHDRAWN],
    }.items():
        found[name] = stands(session, builders.learner(session, at=place, name=name), wanted)
        for answer in answers:
            answered(session, found[name], "evaluation", answer)
    return place, found


def sees(client, place):
    page = client.get(f"/team?unit={place.id}").text
    names = {"同意的", "没问过的", "不同意的", "撤回的"}
    return {name for name in names if f"<strong>{name}</strong>" in page}


def test_an_evaluator_sees_who_agreed(client, session, sign_in, station):
    place, people = station
    sign_in(builders.with_role(session, Role.EVALUATOR, at=place))
    assert sees(client, place) == {"同意的"}
    status = {n: client.get(f"/team/people/{p.id}").status_code for n, p in people.items()}
    assert status == {"同意的": 200, "没问过的": 404, "不同意的": 404, "撤回的": 404}


def test_a_new_text_takes_them_off_until_they_answer(client, session, sign_in, station):
    place, people = station
    changed(session, "evaluation")
    sign_in(builders.with_role(session, Role.EVALUATOR, at=place))
    assert sees(client, place) == set()
    answered(session, people["同意的"], "evaluation")
    assert sees(client, place) == {"同意的"}


def test_a_manager_sees_all_also_one_who_evaluates_elsewhere(client, session, sign_in, station):
    place, _people = station
    manager = builders.with_role(session, Role.STATION_MANAGER, at=place)
    builders.added(
        session,
        RoleGrant(
            person_id=manager.id,
            role=Role.EVALUATOR,
            organization_id=builders.organization(session).id,
        ),
    )
    sign_in(manager)
    assert len(sees(client, place)) == 4


def test_an_evaluators_totals_count_everybody(client, session, sign_in, station):
    place, _people = station
    from lms.reports.queries import team

    assert [row.total for row in team.units(session, place.parent_id, on=TODAY)] == [4]


def test_consent_costs_no_further_statement(client, session, sign_in, station, count_statements):
    place, _people = station
    sign_in(builders.with_role(session, Role.STATION_MANAGER, at=place))
    with count_statements() as manager:
        client.get(f"/team?unit={place.id}")
    sign_in(builders.with_role(session, Role.EVALUATOR, at=place))
    with count_statements() as evaluator:
        client.get(f"/team?unit={place.id}")
    assert len(manager) == len(evaluator)
