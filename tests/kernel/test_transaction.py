"""Where a deed begins and ends, on both databases."""

from datetime import timedelta

import pytest

from lms.kernel.transaction import after_commit, touch, transaction
from lms.people.models import Person
from tests import builders
from tests.builders import NOON


class Stop(Exception):
    """Something goes wrong."""


def test_effects_run_after_the_commit_in_their_order(session):
    done = []
    with transaction(session):
        after_commit(session, lambda: done.append("mail"))
        after_commit(session, lambda: done.append("message"))
        assert done == []
    assert done == ["mail", "message"]


def test_an_exception_undoes_rows_and_drops_effects(session):
    done = []
    with pytest.raises(Stop), transaction(session):
        person = builders.person(session)
        after_commit(session, lambda: done.append("mail"))
        raise Stop
    assert done == []
    assert session.get(Person, person.id) is None


def test_effects_of_one_deed_do_not_run_after_the_next(session):
    done = []
    with pytest.raises(Stop), transaction(session):
        after_commit(session, lambda: done.append("mail"))
        raise Stop
    with transaction(session):
        pass
    assert done == []


def test_steps_see_what_was_done_and_who_was_touched(session):
    seen = []

    def step(inner, touched):
        assert inner is session
        seen.append((dict(touched), inner.get(Person, person_id) is not None))

    with transaction(session, before_commit=[step]):
        person_id = builders.person(session).id
        touch(session, person_id, now=NOON)
        assert seen == []
    assert seen == [({person_id: NOON}, True)]


def test_steps_see_what_was_not_flushed_yet(session):
    found = []

    def step(inner, _touched):
        found.append(len(inner.new))

    with transaction(session, before_commit=[step]):
        session.add(Person(user_name="late", name="晚来", created_at=NOON))
        touch(session, 1, now=NOON)
    assert found == [0]


def test_what_steps_write_is_kept_with_the_deed(session):
    with transaction(session, before_commit=[lambda inner, _touched: builders.person(inner)]):
        before = session.query(Person).count()
        touch(session, 1, now=NOON)
    assert session.query(Person).count() == before + 1


def test_a_failing_step_undoes_the_deed_and_drops_effects(session):
    done = []

    def step(_session, _touched):
        raise Stop

    with pytest.raises(Stop), transaction(session, before_commit=[step]):
        person = builders.person(session)
        touch(session, person.id, now=NOON)
        after_commit(session, lambda: done.append("mail"))
    assert session.get(Person, person.id) is None
    assert done == []


def test_steps_do_not_run_when_nobody_was_touched(session):
    def step(_session, _touched):
        raise AssertionError

    with transaction(session, before_commit=[step]):
        builders.person(session)


def test_who_was_touched_before_the_deed_is_forgotten(session):
    seen = []
    touch(session, 7, now=NOON)
    with transaction(session, before_commit=[lambda _s, touched: seen.append(dict(touched))]):
        touch(session, 8, now=NOON)
    assert seen == [{8: NOON}]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the earlier deed last"])
def test_of_two_deeds_the_later_instant_counts(session, order):
    """Somebody who enters an old deed with a new one is not judged as of the old day."""
    seen = []
    instants = [NOON - timedelta(days=1500), NOON]
    with transaction(session, before_commit=[lambda _s, touched: seen.append(dict(touched))]):
        for place in order:
            touch(session, 7, now=instants[place])
    assert seen == [{7: NOON}]


def test_a_step_may_touch_again_without_running_again(session):
    rounds = []

    def step(inner, touched):
        for learner_id in touched:
            rounds.append(learner_id)
            touch(inner, learner_id + 100, now=NOON)

    with transaction(session, before_commit=[step]):
        touch(session, 1, now=NOON)
    assert rounds == [1]


def test_a_deed_sees_the_newest_state_after_an_earlier_read(session):
    person = builders.person(session)
    session.commit()
    assert session.get(Person, person.id).name == person.name
    with transaction(session):
        session.get(Person, person.id).name = "新名"
    assert session.get(Person, person.id).name == "新名"
