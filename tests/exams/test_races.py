"""Many at once, on a real file and on a real server: what is own_engine is seen by everybody."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Entry
from lms.exams import operations, queries
from lms.exams.models import Attempt, PaperVersion, Response
from lms.exams.types import State
from lms.kernel.errors import Conflict
from lms.kernel.transaction import transaction
from lms.records import queries as records
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams
from tests.exams.builders import sending, shown_letters

MANY = 50


@pytest.fixture
def opened(own_engine):
    with Session(own_engine) as session, transaction(session):
        return exams.started(session)


def at_once(own_engine, deeds):
    """Do everything at the same moment, each in a transaction of its own."""
    start = Barrier(len(deeds))

    def run(deed):
        start.wait()
        with Session(own_engine) as session:
            try:
                with transaction(session):
                    return deed(session)
            except Conflict as refusal:
                return refusal.code

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def count(session, table):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def submitting(opened, now=NOON):
    learner_id, number = opened
    return lambda session: operations.submit(
        session, learner_id=learner_id, number=number, now=now, actor_id=learner_id
    )


def saving(opened, *sent):
    learner_id, number = opened
    return lambda session: operations.save_answers(
        session, learner_id=learner_id, number=number, answers=sent, now=NOON
    )


def test_fifty_submits_give_one_result(own_engine, opened):
    results = at_once(own_engine, [submitting(opened)] * MANY)

    assert len(set(results)) == 1
    with Session(own_engine) as session:
        assert count(session, Response) == 5
        assert len(records.facts_of(session, opened[0])) == 1
        verbs = session.scalars(sa.select(Entry.verb).where(Entry.subject.like("attempt:%"))).all()
        assert sorted(verbs) == ["exams.attempt_started", "exams.attempt_submitted"]


def test_the_job_and_the_learner_hand_in_together(own_engine, opened):
    with Session(own_engine) as session, transaction(session):
        exams.answered(session, opened)
    late = NOON + timedelta(hours=3)
    at_once(
        own_engine,
        [submitting(opened, late)] * 10
        + [lambda session: operations.hand_in_expired(session, now=late)] * 10,
    )
    with Session(own_engine) as session:
        found = queries.sitting(session, learner_id=opened[0], number=opened[1])
        assert found.state is State.EXPIRED
        assert count(session, Response) == 5
        assert len(records.facts_of(session, opened[0])) == 1


def test_one_extension_and_one_pause_however_often_they_are_asked_for(own_engine, opened):
    with Session(own_engine) as session, transaction(session):
        version = session.get(PaperVersion, session.scalar(sa.select(Attempt.paper_version_id)))
        version.blueprint = version.blueprint | {"pause": {"times": 3, "minutes": 10}}
        key = queries.sitting(session, learner_id=opened[0], number=1).paper_key
    who = {"learner_id": opened[0], "number": opened[1], "now": NOON}
    more = {"paper_key": key, "minutes": 7, "reason": "停电", "actor_id": None, "now": NOON}
    at_once(
        own_engine,
        [lambda session: operations.extend(session, **more, token="one")] * 8
        + [lambda session: operations.pause(session, **who, nth=1)] * 8,
    )
    with Session(own_engine) as session:
        found = queries.sitting(session, learner_id=opened[0], number=opened[1])
        assert found.deadline_at == NOON + timedelta(minutes=120 + 7 + 10)
        assert (found.pauses, found.extra_minutes) == (1, 7)


def test_fifty_starts_open_one_attempt(own_engine):
    with Session(own_engine) as session, transaction(session):
        exams.rules(session)
        learner_id, key = builders.learner(session).id, exams.paper(session)

    numbers = at_once(
        own_engine,
        [
            lambda session, seed=seed: operations.start(
                session, learner_id=learner_id, paper_key=key, seed=seed, now=NOON
            )
            for seed in range(MANY)
        ],
    )

    assert set(numbers) == {1}
    with Session(own_engine) as session:
        assert count(session, Attempt) == 1


def test_saves_at_once_keep_the_highest_counter_of_every_slot(own_engine, opened):
    deeds = [sending(1 + n % 3, "ABCD"[n % 4], n) for n in range(1, 31)]
    Random(1).shuffle(deeds)

    at_once(own_engine, [saving(opened, each) for each in deeds])

    with Session(own_engine) as session:
        found = queries.sitting(session, learner_id=opened[0], number=opened[1])
        assert {slot: answer.counter for slot, answer in found.answers.items()} == {
            1: 30,
            2: 28,
            3: 29,
        }
        for slot, answer in found.answers.items():
            deed = next(each for each in deeds if each.counter == answer.counter)
            assert shown_letters(answer.chosen, found.slots[slot - 1].order) == deed.parts[0]


def test_what_was_acknowledged_is_marked_and_what_came_later_refused(own_engine, opened):
    """A save and a hand-in at the same moment: the save either counts or says that it does not."""
    deeds = [saving(opened, sending(1, "ABCD"[n % 4], n)) for n in range(1, 21)]
    answers = at_once(own_engine, [*deeds[:10], submitting(opened), *deeds[10:]])

    accepted = [answer.counter for answer in answers if hasattr(answer, "states")]
    refused = [answer for answer in answers if isinstance(answer, str)]
    assert set(refused) <= {"already_handed_in"}
    assert len(accepted) + len(refused) == 20
    with Session(own_engine) as session:
        found = queries.sitting(session, learner_id=opened[0], number=opened[1])
        marked = queries.marked(session, learner_id=opened[0], number=opened[1])
        assert found.answer(1).counter == max(accepted, default=0)
        assert marked[0].chosen == found.answer(1).chosen
