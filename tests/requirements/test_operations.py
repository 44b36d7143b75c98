import random
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lms.kernel.clock import day_of
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.transaction import transaction
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.requirements import operations, queries
from lms.requirements.models import Progress
from lms.requirements.types import State
from tests import builders
from tests.builders import NOON, TODAY
from tests.requirements.builders import all_of, any_of, leaf

TREE = all_of(
    leaf("a", due_days=30),
    any_of(leaf("b"), {"kind": "paper_passed", "paper": "p", "minimum": 120}, due_days=60),
    {"kind": "hours", "unit": "credit_hour", "minimum": 6, "window": "rolling_years", "years": 1},
)


def goal(session, requirement=TREE, **values):
    values = {"kind": "program", "key": "talent", "number": 1} | values
    return operations.publish_goal(
        session, title="项目", title_en="", requirement=requirement, now=NOON, **values
    )


def complete(session, learner_id, key, now=NOON, **values):
    return records.append(
        session,
        learner_id=learner_id,
        kind=RecordKind.COURSE_COMPLETED,
        subject=f"course:{key}",
        on=day_of(now),
        now=now,
        dedupe_key=f"course:{key}",
        **values,
    )


@pytest.fixture
def learner_id(session):
    return builders.person(session).id


@pytest.fixture
def pursued(session, learner_id):
    goal_id = goal(session)
    operations.pursue(session, learner_id=learner_id, goal_id=goal_id, started_on=TODAY, now=NOON)
    return goal_id


def own(session, learner_id):
    (found,) = queries.progress_of(session, learner_id)
    return found


def test_a_goal_that_cannot_be_read_is_not_published(session):
    with pytest.raises(Invalid):
        goal(session, {"kind": "wish"})


def test_pursuing_is_judged_at_once(session, learner_id):
    complete(session, learner_id, "a")
    operations.pursue(
        session, learner_id=learner_id, goal_id=goal(session), started_on=TODAY, now=NOON
    )
    found = own(session, learner_id)
    assert (found.state, found.percent) == (State.IN_PROGRESS, 33)
    assert [part.state for part in found.parts] == ["met", "not_started", "not_started"]
    assert found.due_on == TODAY + timedelta(60)
    assert found.next_due_on == TODAY + timedelta(60)
    assert not found.satisfied


def test_pursuing_again_changes_nothing(session, learner_id, pursued):
    before = own(session, learner_id)
    operations.pursue(
        session,
        learner_id=learner_id,
        goal_id=pursued,
        started_on=TODAY + timedelta(9),
        now=NOON + timedelta(9),
    )
    assert own(session, learner_id) == before


def test_many_pursue_at_once_and_only_new_ones_are_told(session, learner_id, pursued):
    others = [builders.person(session).id for _ in range(3)]
    added = operations.pursue_many(
        session, learner_ids=[*others, learner_id], goal_id=pursued, started_on=TODAY, now=NOON
    )
    assert added == others


@pytest.mark.parametrize(("person", "goal_id", "code"), [(0, 1, "no_person"), (1, 0, "no_goal")])
def test_nobody_pursues_nothing(*, session, learner_id, pursued, person, goal_id, code):
    with pytest.raises(NotFound) as refused:
        operations.pursue(
            session,
            learner_id=learner_id if person else 10**9,
            goal_id=pursued if goal_id else 10**9,
            started_on=TODAY,
            now=NOON,
        )
    assert refused.value.code == code


def test_what_is_abandoned_is_gone_and_can_be_pursued_anew(session, learner_id, pursued):
    operations.abandon(session, learner_id=learner_id, goal_id=pursued)
    assert queries.progress_of(session, learner_id) == []
    complete(session, learner_id, "a")
    operations.pursue(session, learner_id=learner_id, goal_id=pursued, started_on=TODAY, now=NOON)
    assert own(session, learner_id).parts[0].state == State.MET


def test_a_record_moves_progress_in_the_same_transaction(session, learner_id, pursued):
    with transaction(session, before_commit=(operations.refresh,)):
        complete(session, learner_id, "a")
    found = own(session, learner_id)
    assert found.parts[0].met_on == TODAY
    assert found.next_due_on == TODAY + timedelta(60)


def test_refreshing_costs_the_same_whatever_there_is(session, learner_id, count_statements):
    def cost(goals, facts):
        person_id = builders.person(session).id
        for number in range(goals):
            operations.pursue(
                session,
                learner_id=person_id,
                goal_id=goal(session, key=f"{person_id}-{number}"),
                started_on=TODAY,
                now=NOON,
            )
        for number in range(facts):
            complete(session, person_id, f"other-{number}")
        complete(session, person_id, "a")
        session.flush()
        with count_statements() as statements:
            operations.refresh(session, {person_id: NOON})
        return len(statements)

    assert cost(1, 0) == cost(12, 40) == 3


def test_refreshing_somebody_without_goals_asks_once(session, learner_id, count_statements):
    with count_statements() as statements:
        operations.refresh(session, {learner_id: NOON})
    assert len(statements) == 1


def test_refreshing_what_has_not_changed_writes_nothing(
    session, learner_id, pursued, count_statements
):
    with count_statements() as statements:
        operations.refresh(session, {learner_id: NOON})
    assert [statement.split()[0] for statement in statements] == ["SELECT", "SELECT"]


def test_refreshing_many_costs_the_same_as_refreshing_two(session, pursued, count_statements):
    def cost(size):
        people = [builders.person(session).id for _ in range(size)]
        operations.pursue_many(
            session, learner_ids=people, goal_id=pursued, started_on=TODAY, now=NOON
        )
        for person_id in people:
            complete(session, person_id, "a")
        session.flush()
        with count_statements() as statements:
            operations.refresh(session, dict.fromkeys(people, NOON))
        return len(statements)

    assert cost(2) == cost(20)


def test_judges_live_what_was_stored_before(session, learner_id, pursued):
    complete(session, learner_id, "a")
    assert own(session, learner_id).parts[0].state == State.NOT_STARTED  # nobody refreshed
    live = queries.live_progress(session, learner_id=learner_id, goal_id=pursued, on=TODAY)
    assert live.children[0].state == State.MET


def test_nothing_is_judged_for_who_does_not_pursue_it(session, pursued):
    with pytest.raises(NotFound) as refused:
        queries.live_progress(
            session, learner_id=builders.person(session).id, goal_id=pursued, on=TODAY
        )
    assert refused.value.code == "no_progress"


def rows(session):
    session.expire_all()
    columns = Progress.__table__.columns
    return session.execute(sa.select(*columns).order_by(*Progress.__table__.primary_key)).all()


def history(session, dice, people, goals, *, day):
    """One random deed of one random person, refreshed as a request would."""
    now = NOON + timedelta(day)
    person_id = dice.choice(people)
    what = dice.randrange(6)
    key = dice.choice("abc")
    with transaction(session, before_commit=(operations.refresh,)):
        if what == 0:
            operations.pursue(
                session,
                learner_id=person_id,
                goal_id=dice.choice(goals),
                started_on=day_of(now) - timedelta(dice.randrange(40)),
                now=now,
            )
            return
        kind, subject, values = {
            1: (RecordKind.COURSE_COMPLETED, f"course:{key}", {}),
            2: (RecordKind.PAPER_SAT, "paper:p", {"quantity": dice.randrange(200)}),
            3: (
                RecordKind.HOURS_CREDITED,
                f"course:{key}",
                {"quantity": 45 * dice.randrange(8), "unit": "credit_hour"},
            ),
            4: (RecordKind.EXEMPTED, f"course:{key}", {}),
            5: (RecordKind.CORRECTED, "record", {"corrects": dice.randrange(1, 5)}),
        }[what]
        records.append(
            session,
            learner_id=person_id,
            kind=kind,
            subject=subject,
            on=day_of(now) - timedelta(dice.randrange(400)),
            now=now,
            dedupe_key=f"{dice.random()}",
            **values,
        )


@pytest.mark.parametrize("seed", range(4))
def test_rebuilding_gives_the_rows_that_refreshing_left(session, seed):
    dice = random.Random(seed)
    people = [builders.person(session).id for _ in range(4)]
    goals = [
        goal(session),
        goal(session, any_of(leaf("a"), leaf("c")), key="other"),
        goal(session, TREE["of"][2], key="hours"),
    ]
    for _deed in range(80):
        history(session, dice, people, goals, day=0)
    refreshed = rows(session)
    assert len(refreshed) > 4
    assert operations.rebuild(session, now=NOON) == 0
    assert rows(session) == refreshed

    nonsense = {"state": "lapsed", "percent": 7, "parts": [], "due_on": None, "met_on": None}
    session.execute(sa.update(Progress).values(nonsense))
    assert operations.rebuild(session, now=NOON) == len(refreshed)
    assert rows(session) == refreshed


def test_rebuilding_notices_that_time_has_passed(session, learner_id):
    goal_id = goal(session, TREE["of"][2])
    operations.pursue(session, learner_id=learner_id, goal_id=goal_id, started_on=TODAY, now=NOON)
    records.append(
        session,
        learner_id=learner_id,
        kind=RecordKind.HOURS_CREDITED,
        subject="course:a",
        on=TODAY,
        now=NOON,
        dedupe_key="hours",
        quantity=6 * 45,
        unit="credit_hour",
    )
    operations.refresh(session, {learner_id: NOON})
    met = own(session, learner_id)
    assert (met.state, met.expires_on) == (State.MET, date(2027, 3, 1))
    operations.rebuild(session, now=NOON + timedelta(365))
    assert own(session, learner_id).state == State.LAPSED


def test_rebuilding_in_batches_reaches_everybody(session, pursued, monkeypatch):
    monkeypatch.setattr(operations, "BATCH", 2)
    people = [builders.person(session).id for _ in range(4)]
    operations.pursue_many(session, learner_ids=people, goal_id=pursued, started_on=TODAY, now=NOON)
    for person_id in people:
        complete(session, person_id, "a")
    session.flush()
    seen = []
    assert operations.rebuild(session, now=NOON, done=seen.append) == 4
    assert sum(seen) == queries.number_of_learners(session) == 5
