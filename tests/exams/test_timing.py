"""Extra time, extensions, pauses, giving up, and what cannot be marked, on both databases."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.exams import operations, queries
from lms.exams.models import Attempt, PaperVersion, Response, StuckAttempt
from lms.exams.types import State
from lms.exams.types.timing import Wanted
from lms.kernel import keeping
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.people.types import Role
from lms.question_bank.models import Question, QuestionVersion
from lms.records.models import Record
from tests import builders
from tests.builders import NOON, TODAY
from tests.exams import builders as exams
from tests.exams.builders import sending

DEADLINE = NOON + timedelta(minutes=120)
LATE = DEADLINE + timedelta(seconds=6)
MINUTE = timedelta(minutes=1)


def paper_with(session, **values):
    """A small paper whose blueprint says more."""
    key = exams.paper(session)
    version = session.scalars(sa.select(PaperVersion).where(PaperVersion.digest == key)).one()
    version.blueprint = version.blueprint | values
    session.flush()
    return key


def started(session, *, now=NOON, **values):
    exams.rules(session)
    learner = builders.learner(session)
    key = paper_with(session, **values)
    return learner.id, operations.start(
        session, learner_id=learner.id, paper_key=key, seed=7, now=now
    )


PAUSES = {"pause": {"times": 2, "minutes": 10}}


def of(opened):
    return {"learner_id": opened[0], "number": opened[1]}


def sitting(session, opened):
    return queries.sitting(session, **of(opened))


def answer(session, opened, *, now=NOON, slot=1):
    return operations.save_answers(
        session, **of(opened), answers=[sending(slot, "A", slot)], now=now
    )


def verbs(session, opened):
    subject = f"attempt:{opened[0]}/{opened[1]}"
    found = session.scalars(sa.select(Entry).where(Entry.subject == subject).order_by(Entry.id))
    return [entry.verb.removeprefix("exams.attempt_") for entry in found]


def code(deed, *args, **kwargs):
    with pytest.raises((Conflict, Invalid, NotFound)) as refusal:
        deed(*args, **kwargs)
    return refusal.value.code


# --- extra time ---


def grant(session, learner_id, actor_id, *, percent=25, minutes=0, now=NOON, **values):
    wanted = Wanted(percent, minutes, "视力", date(2026, 3, 1), values.get("ends_on"))
    return operations.grant_extra_time(
        session, wanted, learner_id=learner_id, actor_id=actor_id, now=now
    )


def test_extra_time_counts_when_an_attempt_begins_and_is_in_the_trail(session):
    exams.rules(session)
    learner, other = builders.learner(session), builders.learner(session)
    key = exams.paper(session)
    assert grant(session, learner.id, other.id) == 1
    assert grant(session, learner.id, other.id) == 1  # the same again is nothing new
    assert grant(session, learner.id, other.id, percent=0, minutes=20) == 2
    number = operations.start(session, learner_id=learner.id, paper_key=key, seed=1, now=NOON)
    found = sitting(session, (learner.id, number))
    assert found.deadline_at == DEADLINE + timedelta(minutes=30)  # the best one
    assert found.extra_minutes == 30
    trail = session.scalars(sa.select(Entry).where(Entry.verb == "exams.extra_time_granted")).all()
    assert [(e.subject, e.actor_id, e.facts["reason"]) for e in trail] == [
        (f"person:{learner.id}", other.id, "视力")
    ] * 2


def test_revoking_leaves_what_is_open_and_is_done_once(session):
    learner, other = builders.learner(session), builders.learner(session)
    exams.rules(session)
    number = grant(session, learner.id, other.id)
    open_now = operations.start(
        session, learner_id=learner.id, paper_key=exams.paper(session), seed=1, now=NOON
    )
    for _ in range(2):
        operations.revoke_extra_time(
            session, learner_id=learner.id, number=number, actor_id=other.id, now=NOON
        )
    later = operations.start(
        session, learner_id=learner.id, paper_key=exams.paper(session), seed=1, now=NOON
    )
    found = [sitting(session, (learner.id, n)).extra_minutes for n in (open_now, later)]
    assert found == [30, 0]
    trail = sa.select(sa.func.count()).where(Entry.verb == "exams.extra_time_revoked")
    assert session.scalar(trail) == 1
    assert grant(session, learner.id, other.id) == 2  # it can be granted anew
    revoke = operations.revoke_extra_time
    assert code(revoke, session, learner_id=learner.id, number=9, actor_id=1, now=NOON) == (
        "no_extra_time"
    )


def test_nobody_grants_time_to_themselves(session):
    learner = builders.learner(session)
    assert code(grant, session, learner.id, learner.id) == "own_time"


# --- extensions ---


def extend(session, opened, *, now=NOON, token="one", **values):
    return operations.extend(
        session, paper_key=sitting(session, opened).paper_key, minutes=10, reason="停电",
        actor_id=None, now=now, token=token, **values,
    )  # fmt: skip


def test_a_form_that_is_sent_twice_gives_its_minutes_once(session):
    opened = started(session)
    assert [extend(session, opened) for _ in range(2)] == [1, 0]
    assert extend(session, opened, token="another") == 1
    found = sitting(session, opened)
    assert (found.deadline_at, found.extra_minutes) == (DEADLINE + 20 * MINUTE, 20)
    assert verbs(session, opened) == ["started", "extended", "extended"]


def test_more_time_only_for_people_of_ones_scope(session):
    exams.rules(session)
    here, there = (builders.organization(session) for _ in range(2))
    learner = builders.with_role(session, Role.LEARNER, at=here)
    key = exams.paper(session)
    opened = (
        learner.id,
        operations.start(session, learner_id=learner.id, paper_key=key, seed=1, now=NOON),
    )
    assert queries.sat_now(session, [there.id], now=NOON, on=TODAY) == []
    assert extend(session, opened, scope=[there.id]) == 0
    assert sitting(session, opened).deadline_at == DEADLINE
    assert [
        (one.key, one.sitting) for one in queries.sat_now(session, [here.id], now=NOON, on=TODAY)
    ] == [(key, 1)]
    assert extend(session, opened, scope=[here.id]) == 1


# --- pauses ---


def pause(session, opened, nth=1, *, now=NOON):
    return operations.pause(session, **of(opened), nth=nth, now=now)


def resume(session, opened, nth=1, *, now=NOON):
    return operations.resume(session, **of(opened), nth=nth, now=now)


def test_the_clock_stands_saving_is_refused_and_what_was_saved_stays(session):
    opened = started(session, **PAUSES)
    answer(session, opened)
    pause(session, opened, now=NOON + 5 * MINUTE)
    later = NOON + 6 * MINUTE
    assert code(answer, session, opened, now=later, slot=2) == "paused"
    assert sitting(session, opened).answers.keys() == {1}
    resume(session, opened, now=NOON + 9 * MINUTE)
    answer(session, opened, now=NOON + 9 * MINUTE, slot=2)
    found = sitting(session, opened)
    assert found.deadline_at == DEADLINE + 4 * MINUTE
    assert (found.pauses, found.paused_seconds) == (1, 240)
    assert verbs(session, opened) == ["started", "paused", "resumed"]


def test_a_pause_that_is_asked_for_twice_begins_once(session):
    opened = started(session, **PAUSES)
    pause(session, opened)
    pause(session, opened)
    pause(session, opened, nth=2)  # one is running
    resume(session, opened, now=NOON + MINUTE)
    pause(session, opened, now=NOON + MINUTE)  # the first one again: it was
    resume(session, opened, now=NOON + MINUTE)
    found = sitting(session, opened)
    assert (found.pauses, found.deadline_at) == (1, DEADLINE + MINUTE)
    pause(session, opened, nth=2, now=NOON + 2 * MINUTE)
    resume(session, opened, nth=1, now=NOON + 3 * MINUTE)  # of the first: the second goes on
    assert sitting(session, opened).deadline_at == DEADLINE + 11 * MINUTE
    resume(session, opened, nth=2, now=NOON + 3 * MINUTE)
    assert code(pause, session, opened, nth=3, now=NOON + 4 * MINUTE) == "no_pauses_left"


def test_a_pause_that_nobody_ends_is_over_by_itself(session):
    opened = started(session, **PAUSES)
    answer(session, opened)
    pause(session, opened)
    answer(session, opened, slot=2, now=NOON + 10 * MINUTE)  # the clock runs again
    over = LATE + 10 * MINUTE
    assert operations.hand_in_expired(session, now=over - timedelta(seconds=1)) == 0
    assert operations.hand_in_expired(session, now=over) == 1
    assert sitting(session, opened).state is State.EXPIRED


def test_a_paper_that_says_nothing_of_pauses_has_none(session):
    opened = started(session)
    assert code(pause, session, opened) == "no_pause"
    assert code(pause, session, (opened[0], 9)) == "no_attempt"


# --- late answers ---


def test_late_answers_count_where_the_paper_says_so(session):
    opened = started(session, late={"policy": "count", "minutes": 10})
    plain = started(session)
    assert code(answer, session, plain, now=LATE) == "too_late"
    answer(session, opened, now=LATE)
    assert operations.hand_in_expired(session, now=LATE + 5 * MINUTE) == 1  # the plain one
    answer(session, opened, now=DEADLINE + 10 * MINUTE, slot=2)
    last = DEADLINE + 10 * MINUTE + timedelta(seconds=5)
    assert code(answer, session, opened, now=last + timedelta(seconds=1), slot=3) == "too_late"
    assert operations.hand_in_expired(session, now=last) == 0
    assert operations.hand_in_expired(session, now=last + timedelta(seconds=1)) == 1
    found = sitting(session, opened)
    assert (found.state, found.result.submitted_at) == (State.EXPIRED, DEADLINE + 10 * MINUTE)


def test_within_the_late_minutes_it_is_the_same_attempt(session):
    opened = started(session, late={"policy": "count", "minutes": 10})
    key = sitting(session, opened).paper_key
    again = operations.start(
        session, learner_id=opened[0], paper_key=key, seed=1, now=DEADLINE + 9 * MINUTE
    )
    assert again == opened[1]


# --- abandoned ---


def test_over_without_an_answer_there_are_no_marks_and_no_record(session):
    opened = started(session)
    assert operations.hand_in_expired(session, now=LATE) == 1
    found = sitting(session, opened)
    assert (found.state, found.result) == (State.ABANDONED, None)
    assert operations.submit(session, **of(opened), now=LATE) is None  # and stays so
    for table in (Response, Record):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert verbs(session, opened) == ["started", "abandoned"]
    assert queries.home(session, opened[0]).last is None
    assert queries.done_attempts(session, opened[0], paper_id=found.paper_id) == []
    assert [a.state for a in queries.own_attempts(session, opened[0])] == [State.ABANDONED]


def test_a_blank_paper_that_is_handed_in_has_marks(session):
    opened = started(session)
    assert operations.submit(session, **of(opened), now=NOON).earned == 0


def test_giving_up_is_done_once_and_ends_everything(session):
    opened = started(session)
    answer(session, opened)
    for _ in range(2):
        operations.give_up(session, **of(opened), now=NOON + MINUTE)
    assert sitting(session, opened).state is State.ABANDONED
    assert code(answer, session, opened, slot=2) == "abandoned"
    assert code(pause, session, opened) == "abandoned"
    assert operations.hand_in_expired(session, now=LATE) == 0
    assert extend(session, opened) == 0
    assert verbs(session, opened) == ["started", "abandoned"]
    key = sitting(session, opened).paper_key
    again = operations.start(session, learner_id=opened[0], paper_key=key, seed=1, now=LATE)
    assert again == 2


def test_what_is_handed_in_or_over_is_not_given_up(session):
    done, over = started(session), started(session)
    operations.submit(session, **of(done), now=NOON)
    assert code(operations.give_up, session, **of(done), now=NOON) == "already_handed_in"
    assert code(operations.give_up, session, **of(over), now=LATE) == "too_late"


def test_an_abandoned_attempt_is_a_try(session):
    opened = started(session)
    version = session.get(PaperVersion, session.scalar(sa.select(Attempt.paper_version_id)))
    version.attempts_allowed = 1
    session.flush()
    operations.give_up(session, **of(opened), now=NOON)
    values = {"learner_id": opened[0], "paper_key": sitting(session, opened).paper_key}
    assert code(operations.start, session, **values, seed=1, now=NOON) == "no_tries_left"


# --- what cannot be marked ---


@pytest.fixture
def broken(session):
    """An attempt that is over, with an answer, whose questions can no longer be read."""
    opened = started(session)
    answer(session, opened)
    version_id = sitting(session, opened).slots[0].version_id
    question = session.get(QuestionVersion, version_id)
    session.get(Question, question.question_id).state = "retired"  # nobody draws it again
    whole, question.spec = question.spec, {"options": question.spec["options"]}
    session.flush()
    keeping.forget_all()
    yield opened, question, whole
    keeping.forget_all()


def test_one_that_cannot_be_marked_holds_nobody_up(session, broken, caplog):
    opened, question, whole = broken
    well = started(session)
    answer(session, well)
    assert operations.hand_in_expired(session, now=LATE) == 2
    assert operations.hand_in_expired(session, now=LATE) == 0  # it is left alone for a while
    assert sitting(session, well).result is not None
    assert sitting(session, opened).is_open
    assert f"attempt {opened[0]}/{opened[1]} cannot be marked" in caplog.text
    told = queries.stuck(session)
    assert [(one.learner_id, one.number, one.tries) for one in told] == [(*opened, 1)]

    hour = LATE + timedelta(hours=1)
    assert operations.hand_in_expired(session, now=hour) == 1
    assert queries.stuck(session)[0].tries == 2
    question.spec = whole
    session.flush()
    keeping.forget_all()
    assert operations.hand_in_expired(session, now=hour + timedelta(hours=1)) == 1
    assert sitting(session, opened).result.submitted_at == DEADLINE
    assert operations.hand_in_expired(session, now=hour + timedelta(hours=1)) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(StuckAttempt)) == 0


def test_it_does_not_keep_its_learner_from_the_next_paper(session, broken):
    opened = broken[0]
    key = exams.paper(session)
    assert operations.start(session, learner_id=opened[0], paper_key=key, seed=1, now=LATE) == 2
    assert len(queries.stuck(session)) == 1
