"""Facts are appended, numbered and told once, on both databases."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import NotFound
from lms.kernel.transaction import transaction
from lms.records import operations, queries
from lms.records.models import Record
from lms.records.types import Fact, RecordKind
from tests import builders
from tests.builders import NOON, TODAY


def append(session, learner_id, key, **values):
    values = {
        "kind": RecordKind.COURSE_COMPLETED,
        "subject": "course:basics",
        "on": TODAY,
        "now": NOON,
    } | values
    return operations.append(session, learner_id=learner_id, dedupe_key=key, **values)


@pytest.fixture
def learner_id(session):
    return builders.person(session).id


def test_a_learners_records_are_numbered_from_one(session, learner_id):
    assert [append(session, learner_id, f"deed:{n}") for n in range(3)] == [1, 2, 3]


def test_every_learner_has_numbers_of_their_own(session, learner_id):
    other = builders.person(session).id
    append(session, learner_id, "a")
    append(session, learner_id, "b")
    assert append(session, other, "a") == 1


def test_the_same_deed_told_twice_is_one_record(session, learner_id):
    append(session, learner_id, "other")
    first = append(session, learner_id, "course_completed:basics", quantity=45)
    again = append(session, learner_id, "course_completed:basics", quantity=90)
    assert first == again == 2
    assert [fact.quantity for fact in queries.facts_of(session, learner_id)] == [None, 45]


def test_a_record_says_everything_it_was_told(session, learner_id):
    append(
        session,
        learner_id,
        "hours:1",
        kind=RecordKind.HOURS_CREDITED,
        subject="class:2026-03",
        quantity=270,
        unit="credit_hour",
        scheme="PT-CE",
        category="professional",
        detail={"地点": "贵阳"},
        actor_id=learner_id,
        authority="省民政厅结业名单",
    )
    (fact,) = queries.facts_of(session, learner_id)
    assert fact == Fact(
        1,
        "hours_credited",
        "class:2026-03",
        TODAY,
        270,
        "credit_hour",
        "PT-CE",
        "professional",
        {"地点": "贵阳"},
    )
    row = session.get(Record, (learner_id, 1))
    assert (row.authority, row.actor_id, row.recorded_at) == ("省民政厅结业名单", learner_id, NOON)


def test_a_correction_names_what_it_replaces(session, learner_id):
    wrong = append(session, learner_id, "hours:1", quantity=90)
    append(session, learner_id, "hours:1:corrected", quantity=45, corrects=wrong)
    assert [fact.corrects for fact in queries.facts_of(session, learner_id)] == [None, 1]


def test_who_was_written_about_is_touched(session, learner_id):
    seen = []
    with transaction(session, before_commit=[lambda _s, touched: seen.append(dict(touched))]):
        append(session, learner_id, "a")
    assert seen == [{learner_id: NOON}]


def test_a_deed_that_was_known_touches_nobody(session, learner_id):
    append(session, learner_id, "a")
    seen = []
    with transaction(session, before_commit=[lambda _s, touched: seen.append(dict(touched))]):
        append(session, learner_id, "a")
    assert seen == []


def test_nobody_has_no_records(session):
    """PostgreSQL refuses when it looks for the row to lock, SQLite by its foreign key."""
    with pytest.raises((NotFound, sa.exc.IntegrityError)):
        append(session, 987_654_321, "a")


def test_the_facts_of_a_learner_cost_one_statement(session, learner_id, count_statements):
    for number in range(4):
        append(session, learner_id, f"deed:{number}")
    with count_statements() as seen:
        facts = queries.facts_of(session, learner_id)
    assert [fact.number for fact in facts] == [1, 2, 3, 4]
    assert len(seen) == 1


def test_the_facts_of_many_cost_one_statement(session, count_statements):
    people = [builders.person(session).id for _ in range(4)]
    for learner_id in people[:3]:
        for number in range(2):
            append(session, learner_id, f"deed:{number}")
    with count_statements() as seen:
        found = list(queries.facts_of_many(session, people[1:]))
    # nobody who was not asked for, nobody without facts
    assert [(who, [fact.number for fact in facts]) for who, facts in found] == [
        (people[1], [1, 2]),
        (people[2], [1, 2]),
    ]
    assert len(seen) == 1


def at_once(engine, *deeds):
    """Do deeds in threads of their own, each in its own transaction; return what went wrong."""
    faults = []
    ready = threading.Barrier(len(deeds))

    def work(deed):
        ready.wait()
        try:
            for step in deed:
                with Session(engine) as session, transaction(session):
                    step(session)
        except Exception as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


@pytest.fixture
def own_learner(own_engine):
    with Session(own_engine) as session, transaction(session):
        return builders.person(session).id


def test_eight_at_once_leave_no_gap(own_engine, own_learner):
    deeds = [
        [lambda session, key=f"{n}:{m}": append(session, own_learner, key) for m in range(6)]
        for n in range(8)
    ]
    assert at_once(own_engine, *deeds) == []
    with Session(own_engine) as session:
        facts = queries.facts_of(session, own_learner)
    assert [fact.number for fact in facts] == list(range(1, 49))


def test_the_same_deed_told_eight_times_at_once_is_one_record(own_engine, own_learner):
    deeds = [[lambda session: append(session, own_learner, "same")] for _ in range(8)]
    assert at_once(own_engine, *deeds) == []
    with Session(own_engine) as session:
        assert [fact.number for fact in queries.facts_of(session, own_learner)] == [1]


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (RecordKind.LESSON_COMPLETED, {"lessons": 5, "course_version": 2}),
        (RecordKind.QUALIFICATION_HELD, {"management_no": "某号", "expires_on": "2027-01-01"}),
        (RecordKind.COURSE_COMPLETED, {}),
    ],
)
def test_what_a_record_says_besides_comes_back(session, learner_id, kind, detail):
    append(session, learner_id, "a", kind=kind, detail=detail)
    append(session, learner_id, "b", kind=kind, detail=detail)
    assert [dict(fact.detail) for fact in queries.facts_of(session, learner_id)] == [detail] * 2


def test_what_is_shared_cannot_be_changed(session, learner_id):
    append(session, learner_id, "a", kind=RecordKind.LESSON_COMPLETED, detail={"lessons": 5})
    (fact,) = queries.facts_of(session, learner_id)
    with pytest.raises(TypeError):
        fact.detail["lessons"] = 1
