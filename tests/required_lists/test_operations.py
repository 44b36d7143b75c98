from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.errors import Conflict, NotFound
from lms.kernel.transaction import transaction
from lms.people.types import PostKind
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.required_lists import operations, queries
from lms.required_lists.models import Assignment, RequiredList, RequiredListVersion
from lms.required_lists.rules import what_is_due
from lms.requirements import operations as requirements
from lms.requirements.queries import progress_of
from lms.requirements.types import State
from tests import builders
from tests.builders import NOON, TODAY
from tests.required_lists.builders import ITEMS, load, text


@pytest.fixture
def station(session, tmp_path):
    load(session, tmp_path, text())


@pytest.fixture
def learner_id(session):
    return builders.learner(session).id


def assign(session, *learner_ids, on=TODAY, **values):
    return operations.assign(
        session,
        list_key="station",
        learner_ids=learner_ids,
        on=on,
        actor_id=None,
        now=NOON,
        **values,
    )


def verbs(session):
    return list(session.scalars(sa.select(Entry.verb).order_by(Entry.id)))


def test_loading_is_repeatable_and_counts_what_changed(session, tmp_path):
    first = load(session, tmp_path, text(), text(key="other"))
    assert (first.new, first.same) == (2, 0)
    again = load(session, tmp_path, text(), text(key="other"))
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    changed = load(session, tmp_path, text(title="改了"), text(key="other"))
    assert (changed.changed, changed.same) == (1, 1)
    assert verbs(session) == ["required_lists.list_published"] * 3


def test_a_list_whose_file_is_gone_is_retired_and_comes_back(session, tmp_path):
    load(session, tmp_path, text())
    assert load(session, tmp_path).retired == 1
    assert load(session, tmp_path).retired == 0
    assert session.scalar(sa.select(RequiredList.state)) == "retired"
    assert load(session, tmp_path, text()).same == 1
    assert session.scalar(sa.select(RequiredList.state)) == "ready"
    assert session.scalar(sa.select(sa.func.count(RequiredListVersion.id))) == 1


def test_loading_asks_once_however_many_lists(session, tmp_path, count_statements):
    load(session, tmp_path, *(text(key=f"k{n}") for n in range(5)))
    with count_statements() as statements:
        load(session, tmp_path, *(text(key=f"k{n}") for n in range(5)))
    assert len(statements) == 1


def test_assigned_lists_are_pursued_from_that_day(session, station, learner_id):
    assert assign(session, learner_id) == 1
    (own,) = queries.own_lists(session, learner_id, on=TODAY)
    assert (own.key, own.done, own.assigned_on) == ("station", 0, TODAY)
    assert [item.due_on for item in own.items] == [TODAY + timedelta(30), TODAY + timedelta(60)]
    (progress,) = progress_of(session, learner_id)
    assert progress.next_due_on == TODAY + timedelta(30)


def test_assigning_again_changes_nothing(session, station, learner_id):
    assign(session, learner_id)
    other = builders.learner(session).id
    assert assign(session, learner_id, other, on=TODAY + timedelta(9)) == 1
    assert assign(session, learner_id, other) == 0
    (own,) = queries.own_lists(session, learner_id, on=TODAY)
    assert own.assigned_on == TODAY
    assert verbs(session).count("required_lists.list_assigned") == 2


def test_what_was_done_before_counts(session, station, learner_id):
    complete(session, learner_id)
    assign(session, learner_id)
    (own,) = queries.own_lists(session, learner_id, on=TODAY)
    assert own.items[0].state == State.MET


def complete(session, learner_id):
    with transaction(session, before_commit=(requirements.refresh,)):
        records.append(
            session,
            learner_id=learner_id,
            kind=RecordKind.COURSE_COMPLETED,
            subject="course:a",
            on=TODAY,
            now=NOON,
            dedupe_key="course:a",
        )


def test_a_record_moves_the_list(session, station, learner_id):
    assign(session, learner_id)
    complete(session, learner_id)
    (own,) = queries.own_lists(session, learner_id, on=TODAY)
    assert (own.done, own.percent) == (1, 50)
    assert [due.item.id for due in what_is_due([own])] == ["mock"]


def test_what_is_due_first_comes_first_over_all_lists(session, tmp_path, learner_id):
    later = ITEMS.replace("due_days = 30", "due_days = 45").replace("due_days = 60\n", "")
    load(session, tmp_path, text(), text(key="other", items=later))
    for key in ("station", "other"):
        operations.assign(
            session, list_key=key, learner_ids=[learner_id], on=TODAY, actor_id=None, now=NOON
        )
    due = what_is_due(queries.own_lists(session, learner_id, on=TODAY))
    assert [(entry.of.key, entry.item.id) for entry in due] == [
        ("station", "course"),
        ("other", "course"),
        ("station", "mock"),
        ("other", "mock"),  # without a deadline comes last
    ]


@pytest.mark.parametrize(("days", "late"), [(30, False), (31, True)])
def test_an_item_is_overdue_from_the_day_after(session, station, learner_id, days, late):
    assign(session, learner_id)
    on = TODAY + timedelta(days)
    (own,) = queries.own_lists(session, learner_id, on=on)
    assert own.items[0].is_overdue(on) is late


def test_a_list_that_is_not_there_cannot_be_assigned(session, learner_id):
    with pytest.raises(NotFound) as refused:
        assign(session, learner_id)
    assert refused.value.code == "no_list"


def test_a_retired_list_cannot_be_assigned(session, tmp_path, station, learner_id):
    load(session, tmp_path)
    with pytest.raises(Conflict) as refused:
        assign(session, learner_id)
    assert refused.value.code == "list_retired"


def test_a_list_cannot_be_assigned_to_nobody(session, station):
    with pytest.raises(NotFound) as refused:
        assign(session, 10**9)
    assert refused.value.code == "no_person"


def test_a_new_version_leaves_those_who_have_the_old_one(session, tmp_path, station, learner_id):
    assign(session, learner_id)
    load(session, tmp_path, text(title="第二版"))
    assert assign(session, learner_id) == 0
    assert queries.own_list(session, learner_id, "station", on=TODAY).number == 1
    newcomer = builders.learner(session).id
    assign(session, newcomer)
    detail = queries.own_list(session, newcomer, "station", on=TODAY)
    assert (detail.number, detail.title) == (2, "第二版")


def test_withdrawn_and_assigned_again_begins_anew(session, station, learner_id):
    assign(session, learner_id)
    for _ in range(2):
        operations.withdraw(
            session, list_key="station", learner_id=learner_id, actor_id=None, now=NOON
        )
    assert queries.own_lists(session, learner_id, on=TODAY) == []
    assert progress_of(session, learner_id) == []
    assert verbs(session).count("required_lists.list_withdrawn") == 1
    assert assign(session, learner_id, on=date(2026, 5, 1)) == 1
    (own,) = queries.own_lists(session, learner_id, on=TODAY)
    assert own.assigned_on == date(2026, 5, 1)
    assert sorted(session.scalars(sa.select(Assignment.cycle))) == [1, 2]


def test_the_audience_is_whoever_has_the_post_that_day(session, station):
    station_worker = builders.learner(session).id
    builders.learner(session, post=PostKind.CADRE)
    builders.learner(session, since=TODAY + timedelta(1))
    builders.learner(session, closed_at=NOON)
    assert queries.audience(session, ["station_worker"], on=TODAY) == [station_worker]
    for expected in (1, 0):
        assert (
            operations.assign_by_audience(session, list_key="station", on=TODAY, now=NOON)
            == expected
        )


def test_assigning_costs_the_same_for_two_and_for_twenty(session, station, count_statements):
    def cost(size):
        people = [builders.learner(session).id for _ in range(size)]
        with count_statements() as statements:
            assign(session, *people)
        return len(statements)

    assert cost(2) == cost(20)


def test_somebody_elses_list_does_not_exist(session, station, learner_id):
    assign(session, learner_id)
    with pytest.raises(NotFound) as refused:
        queries.own_list(session, builders.learner(session).id, "station", on=TODAY)
    assert refused.value.code == "no_list"
