"""Who is behind, by unit: figures against a count by hand, and who may see whom."""

from datetime import date, timedelta

import pytest
import time_machine

from lms.people.models import Post
from lms.people.types import Role
from lms.reports.queries import team as queries
from lms.requirements.models import Goal, Progress
from tests import builders
from tests.builders import NOON, TODAY, added

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def goal(session, *, kind="required_list", key="list"):
    return added(
        session,
        Goal(
            kind=kind, key=key, number=1, title="清单", title_en="List", requirement={},
            published_at=NOON,
        ),
    )  # fmt: skip


def stands(session, person, goal, *, state="in_progress", percent=50, next_due_on=TOMORROW):
    done = state in ("met", "exempt")
    added(
        session,
        Progress(
            learner_id=person.id, goal_id=goal.id, cycle=1, started_on=date(2026, 1, 5),
            state=state, percent=100 if done else percent, due_on=None,
            next_due_on=None if done else next_due_on, met_on=None, expires_on=None, parts=[],
        ),
    )  # fmt: skip
    return person


@pytest.fixture
def province(session):
    """A province with two counties of two and one station."""
    root = builders.organization(session, kind="province", name="省")
    counties = [
        builders.organization(session, root, kind="county", name=n) for n in ("甲县", "乙县")
    ]
    stations = [
        builders.organization(session, counties[0], name="甲一站"),
        builders.organization(session, counties[0], name="甲二站"),
        builders.organization(session, counties[1], name="乙一站"),
    ]
    return root, counties, stations


@pytest.fixture
def staffed(session, province):
    root, counties, (one, two, three) = province
    wanted, other = goal(session), goal(session, kind="program", key="program")
    people = [
        stands(session, builders.learner(session, at=one, name="已完成"), wanted, state="met"),
        stands(
            session, builders.learner(session, at=one, name="逾期"), wanted, next_due_on=YESTERDAY
        ),
        # due today is not overdue
        stands(
            session, builders.learner(session, at=two, name="今天截止"), wanted, next_due_on=TODAY
        ),
        stands(session, builders.learner(session, at=three, name="免学"), wanted, state="exempt"),
    ]
    stands(session, people[0], other, state="not_started", percent=0, next_due_on=YESTERDAY)
    return root, counties, (one, two, three), people


def figures(rows):
    return {row.name: (row.met, row.overdue, row.total) for row in rows}


def test_each_unit_sums_its_whole_subtree(session, staffed):
    root, counties, _stations, _people = staffed
    assert figures(queries.units(session, root.id, on=TODAY)) == {
        "甲县": (1, 1, 3),
        "乙县": (1, 0, 1),
    }
    assert figures(queries.units(session, counties[0].id, on=TODAY)) == {
        "甲一站": (1, 1, 2),
        "甲二站": (0, 0, 1),
    }


def test_whoever_left_is_not_counted_from_the_day_after(session, staffed):
    root, _counties, _stations, people = staffed
    post = session.query(Post).filter_by(person_id=people[1].id).one()
    post.ended_on = TODAY
    session.flush()
    assert figures(queries.units(session, root.id, on=TODAY))["甲县"] == (1, 1, 3)
    assert figures(queries.units(session, root.id, on=TOMORROW))["甲县"] == (1, 1, 2)


def test_percent_is_rounded_down(session, staffed):
    root, *_ = staffed
    first, second = queries.units(session, root.id, on=TODAY)
    assert (first.percent, second.percent) == (33, 100)


def test_people_are_paged_by_key_without_a_gap(session, province, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    root, _counties, (one, *_rest) = province
    lists = [goal(session, key=f"l{n}") for n in range(2)]
    for _ in range(3):
        person = builders.learner(session, at=one)
        for each in lists:
            stands(session, person, each)
    seen, after = [], None
    while True:
        rows = queries.people(session, root.id, on=TODAY, after=after)
        seen += [(row.learner_id, row.goal_id) for row in rows[:2]]
        if len(rows) <= 2:
            break
        after = seen[-1]
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen)


def test_only_the_overdue_can_be_asked_for(session, staffed):
    root, *_ = staffed
    rows = queries.people(session, root.id, on=TODAY, only_overdue=True)
    assert [row.name for row in rows] == ["逾期"]


@pytest.fixture
def manager(session, staffed, sign_in):
    _root, (first, _second), *_ = staffed
    made = builders.with_role(session, Role.COUNTY_MANAGER, at=first)
    with time_machine.travel(NOON, tick=False):
        sign_in(made)  # a cookie signed later than now is not believed
        yield made


def test_a_manager_sees_the_own_unit_and_below(client, manager, staffed):
    _root, (first, _second), (one, *_), people = staffed
    page = client.get("/team")
    assert page.status_code == 200
    assert first.name in page.text and "甲一站" in page.text and "逾期" in page.text
    assert client.get(f"/team?unit={one.id}").status_code == 200
    assert client.get(f"/team/people/{people[1].id}").status_code == 200


def test_what_is_not_theirs_does_not_exist(client, manager, staffed):
    root, (_first, second), (_one, _two, three), people = staffed
    for unit in (root, second, three):
        assert client.get(f"/team?unit={unit.id}").status_code == 404
    assert client.get("/team?unit=999999").status_code == 404
    assert client.get(f"/team/people/{people[3].id}").status_code == 404
    assert client.get("/team/people/999999").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "unit=x",
        "unit=-1",
        "unit=9223372036854775807",  # the highest number that a row can have
        "unit=9223372036854775808",
        "after=1.x",
        "after=",
        f"after=1.{'9' * 30}",
        f"after={'9' * 5000}.1",
        "only=all",
    ],
)
def test_nonsense_in_the_address_is_no_failure(client, manager, query):
    assert client.get(f"/team?{query}").status_code in {200, 404}


def test_the_page_costs_the_same_whoever_is_there(
    client, session, manager, staffed, count_statements
):
    _root, _counties, (one, *_), _people = staffed
    with count_statements() as few:
        client.get("/team")
    wanted = goal(session, key="more")
    for _ in range(10):
        stands(session, builders.learner(session, at=one), wanted)
    with count_statements() as many:
        client.get("/team")
    assert len(few) == len(many) <= 8


def test_the_names_of_a_whole_province_are_not_listed(client, session, staffed, sign_in):
    root, *_ = staffed
    sign_in(builders.with_role(session, Role.COUNTY_MANAGER, at=root))
    page = client.get("/team").text
    assert "甲县" in page and "已完成</strong>" not in page
