from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.exams import operations, queries
from lms.exams.models import Attempt, Paper, PaperVersion, Response
from lms.exams.types import Answer, Home, Kept, State
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.question_bank.models import QuestionVersion
from lms.records import queries as records
from lms.records.types import RecordKind
from lms.regulations.models import Rule, RuleVersion
from tests import builders
from tests.builders import NOON, TODAY
from tests.exams import builders as exams
from tests.exams.builders import sending, shown_letters

DEADLINE = NOON + timedelta(minutes=120)
LATE = DEADLINE + timedelta(seconds=6)


@pytest.fixture
def opened(session):
    """An open attempt on three single (slots 1-3) and two multiple choices (slots 4-5)."""
    return exams.started(session)


def count(session, *where, of=Attempt):
    return session.scalar(sa.select(sa.func.count()).select_from(of).where(*where))


def start(session, learner, key, *, seed=1, now=NOON):
    return operations.start(session, learner_id=learner.id, paper_key=key, seed=seed, now=now)


def save(session, opened, *sent, now=NOON):
    return operations.save_answers(
        session, learner_id=opened[0], number=opened[1], answers=list(sent), now=now
    )


def submit(session, opened, *, now=NOON):
    return operations.submit(session, learner_id=opened[0], number=opened[1], now=now)


def sitting(session, opened):
    return queries.sitting(session, learner_id=opened[0], number=opened[1])


def letters(session, opened, slot, authored):
    """The letters under which an author's letters stand on this paper."""
    return shown_letters(authored, sitting(session, opened).slots[slot - 1].order)


def answer_all(session, opened, *, now=NOON):
    right = ["A", "A", "A", "ABD", "ABD"]
    sent = [sending(n, letters(session, opened, n, key), n) for n, key in enumerate(right, start=1)]
    return save(session, opened, *sent, now=now)


# --- starting ---


def test_start_draws_and_opens(session, opened):
    found = sitting(session, opened)

    assert opened[1] == 1
    assert (found.state, found.started_at, found.deadline_at) == (State.OPEN, NOON, DEADLINE)
    assert [slot.section for slot in found.slots] == [0, 0, 0, 1, 1]
    assert len({slot.version_id for slot in found.slots}) == 5
    assert [sorted(slot.order) for slot in found.slots[2:4]] == [[0, 1, 2, 3], [0, 1, 2, 3, 4]]
    assert found.blank == (1, 2, 3, 4, 5)
    assert found.result is None


def test_starting_is_noted_with_its_seed(session, opened):
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "exams.attempt_started")).one()
    assert (entry.subject, entry.actor_id) == (f"attempt:{opened[0]}/1", opened[0])
    assert entry.facts["seed"] == 7


def test_starting_twice_is_one_attempt(session):
    exams.rules(session)
    learner, key = builders.learner(session), exams.paper(session)
    numbers = [start(session, learner, key, seed=seed) for seed in (1, 2, 3)]
    assert numbers == [1, 1, 1]
    assert count(session) == 1


def test_another_paper_is_another_attempt(session):
    exams.rules(session)
    learner = builders.learner(session)
    assert start(session, learner, exams.paper(session)) == 1
    assert start(session, learner, exams.paper(session)) == 2
    assert count(session, Attempt.state == State.OPEN) == 2


def test_everybody_counts_their_own_attempts(session):
    exams.rules(session)
    key = exams.paper(session)
    assert [start(session, builders.learner(session), key) for _ in range(3)] == [1, 1, 1]


def test_an_attempt_whose_time_is_up_is_handed_in_before_the_next(session):
    exams.rules(session)
    learner, key = builders.learner(session), exams.paper(session)
    first = (learner.id, start(session, learner, key))
    answer_all(session, first)

    assert start(session, learner, key, now=LATE) == 2

    ended = sitting(session, first)
    assert (ended.state, ended.result.submitted_at) == (State.EXPIRED, DEADLINE)
    assert ended.result.earned == ended.result.out_of  # what was saved counts
    assert sitting(session, (learner.id, 2)).deadline_at == LATE + timedelta(minutes=120)


def test_within_the_grace_the_attempt_is_still_the_same(session):
    exams.rules(session)
    learner, key = builders.learner(session), exams.paper(session)
    assert start(session, learner, key) == 1
    assert start(session, learner, key, now=DEADLINE + timedelta(seconds=5)) == 1


def test_after_handing_in_a_new_attempt_begins(session):
    exams.rules(session)
    learner, key = builders.learner(session), exams.paper(session)
    submit(session, (learner.id, start(session, learner, key)))
    assert start(session, learner, key) == 2


def test_the_next_paper_prefers_questions_not_met_yet(session):
    exams.rules(session)
    learner = builders.learner(session)
    key = exams.paper(session, singles=3, multiples=3, spare=1)
    first = (learner.id, start(session, learner, key, seed=1))
    submit(session, first)
    second = (learner.id, start(session, learner, key, seed=2))
    drawn = [{slot.version_id for slot in sitting(session, each).slots} for each in (first, second)]
    assert drawn[0].isdisjoint(drawn[1])


def test_an_unknown_paper(session):
    with pytest.raises(NotFound) as refusal:
        start(session, builders.learner(session), "nothing")
    assert refusal.value.code == "no_paper"


def test_a_retired_paper_cannot_be_started(session):
    exams.rules(session)
    key = exams.paper(session)
    session.execute(sa.update(Paper).where(Paper.key == key).values(state="retired"))
    with pytest.raises(NotFound):
        start(session, builders.learner(session), key)


def test_a_layout_cannot_be_sat(session):
    with pytest.raises(Conflict) as refusal:
        start(session, builders.learner(session), exams.paper(session, sittable=False))
    assert refusal.value.code == "not_sittable"


def test_a_bank_that_is_too_small_opens_nothing(session):
    exams.rules(session)
    key = exams.paper(session)
    session.execute(sa.delete(QuestionVersion).where(QuestionVersion.kind == exams.MULTIPLE))
    with pytest.raises(Conflict) as refusal:
        start(session, builders.learner(session), key)
    assert refusal.value.code == "not_enough_questions"
    assert count(session) == 0


def test_without_rules_nothing_can_be_decided(session):
    with pytest.raises(NotFound) as refusal:
        start(session, builders.learner(session), exams.paper(session))
    assert refusal.value.code == "no_rule"


# --- saving ---


def test_saving_keeps_the_authors_letters_and_shows_the_shown_ones(session, opened):
    chosen = letters(session, opened, 4, "AD")

    saved = save(session, opened, sending(4, chosen, 11, flagged=True))

    assert saved.states == {4: Kept((chosen,), 11, flagged=True)}
    assert (saved.saved_at, saved.counter, saved.stale) == (NOON, 11, ())
    found = sitting(session, opened)
    assert found.answers == {4: Answer("AD", 11, flagged=True)}
    assert (found.blank, found.flagged, found.saved_at) == ((1, 2, 3, 5), (4,), NOON)


def test_the_same_save_again_writes_nothing(session, opened, count_statements):
    once = sending(1, "B", 3)
    first = save(session, opened, once)
    with count_statements() as seen:
        again = save(session, opened, once, now=NOON + timedelta(minutes=1))
    assert (again.states, again.saved_at) == (first.states, NOON)
    assert not any(statement.startswith("UPDATE") for statement in seen)


def test_a_page_that_fell_behind_changes_nothing(session, opened):
    save(session, opened, sending(1, "B", 20))
    saved = save(session, opened, sending(1, "C", 19), sending(2, "D", 19))
    assert saved.states == {
        1: Kept(("B",), 20, flagged=False),
        2: Kept(("D",), 19, flagged=False),
    }
    assert (saved.stale, saved.counter) == ((1,), 20)


def test_an_answer_can_be_taken_back(session, opened):
    save(session, opened, sending(1, "B", 1))
    save(session, opened, sending(1, "", 2))
    assert sitting(session, opened).blank == (1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (sending(0, "A", 1), "foreign_slot"),
        (sending(6, "A", 1), "foreign_slot"),  # the paper has five
        (sending(1, "E", 1), "foreign_option"),  # four options were shown
        (sending(4, "F", 1), "foreign_option"),  # five were shown
        (sending(1, "a", 1), "foreign_option"),
        (sending(1, "AB", 1), "too_many"),  # one letter is asked for
        (sending(1, "A", 0), "bad_counter"),
        (sending(1, "A", -1), "bad_counter"),
        (sending(1, "A", 2**53), "bad_counter"),
        (sending(1, "A", 600_002), "counter_ahead"),  # ten minutes ahead of the clock, and 1 ms
        (sending(1, "A", 2**53 - 1), "counter_ahead"),
        (sending(2, "B", 2), "repeated_slot"),  # slot 2 is there already
    ],
)
def test_what_was_not_shown_is_refused_and_nothing_is_kept(session, opened, sent, code):
    with pytest.raises(Invalid) as refusal:
        save(session, opened, sending(2, "A", 1), sent)
    assert refusal.value.code == code
    assert refusal.value.where.startswith(f"answers.{sent.slot}")
    assert sitting(session, opened).answers == {}


@pytest.mark.parametrize("seconds", [-1, 0, 5])
def test_a_save_before_deadline_and_grace_is_kept(session, opened, seconds):
    answer_all(session, opened, now=DEADLINE + timedelta(seconds=seconds))
    assert sitting(session, opened).blank == ()


def test_a_later_save_is_refused_and_harms_nothing(session, opened):
    save(session, opened, sending(1, "B", 1))
    with pytest.raises(Conflict) as refusal:
        save(session, opened, sending(1, "C", 2), now=LATE)
    assert refusal.value.code == "too_late"
    found = sitting(session, opened)
    assert found.answers[1].counter == 1
    assert found.is_open


def test_a_save_after_handing_in_is_refused(session, opened):
    answer_all(session, opened)
    result = submit(session, opened)
    with pytest.raises(Conflict) as refusal:
        save(session, opened, sending(1, "", 99))
    assert refusal.value.code == "already_handed_in"
    assert sitting(session, opened).result == result


def test_someone_elses_attempt_does_not_exist(session, opened):
    stranger = (builders.learner(session).id, opened[1])
    for deed in (
        lambda: save(session, stranger, sending(1, "A", 1)),
        lambda: submit(session, stranger),
        lambda: sitting(session, stranger),
    ):
        with pytest.raises(NotFound) as refusal:
            deed()
        assert refusal.value.code == "no_attempt"
    assert sitting(session, opened).is_open


# --- handing in ---


def test_handing_in_marks_every_slot(session, opened):
    save(
        session,
        opened,
        sending(1, letters(session, opened, 1, "A"), 1),  # right: 2
        sending(2, letters(session, opened, 2, "C"), 1),  # wrong
        sending(4, letters(session, opened, 4, "AD"), 1),  # two of ABD: 2
        sending(5, letters(session, opened, 5, "ABC"), 1),  # one wrong option: nothing
    )

    result = submit(session, opened, now=NOON + timedelta(minutes=50))

    assert (result.earned, result.out_of, result.passed) == (4, 14, False)
    assert result.state is State.SUBMITTED
    marked = queries.marked(session, learner_id=opened[0], number=1)
    assert [(m.slot, m.chosen, m.mark.earned, m.mark.out_of) for m in marked] == [
        (1, "A", 2, 2),
        (2, "C", 0, 2),
        (3, "", 0, 2),
        (4, "AD", 2, 4),
        (5, "ABC", 0, 4),
    ]


def test_a_perfect_paper_passes(session, opened):
    answer_all(session, opened)
    result = submit(session, opened)
    assert (result.earned, result.out_of, result.passed) == (14, 14, True)


def test_a_blank_paper_is_marked_out_of_the_whole_paper(session, opened):
    result = submit(session, opened)
    assert (result.earned, result.out_of, result.passed) == (0, 14, False)
    assert count(session, of=Response) == 5


def test_handing_in_twice_is_one_result(session, opened, count_statements):
    answer_all(session, opened)
    first = submit(session, opened)
    session.flush()
    with count_statements() as seen:
        again = submit(session, opened, now=NOON + timedelta(days=3))
    assert again == first
    assert not any(statement.startswith(("UPDATE", "INSERT")) for statement in seen)
    assert count(session, of=Response) == 5
    assert count(session, Entry.verb == "exams.attempt_submitted", of=Entry) == 1
    assert len(records.facts_of(session, opened[0])) == 1


def test_handing_in_is_a_fact_of_the_learning_record(session, opened):
    key = sitting(session, opened).paper_key
    answer_all(session, opened)
    submit(session, opened)

    [fact] = records.facts_of(session, opened[0])
    assert (fact.kind, fact.subject, fact.on) == (RecordKind.PAPER_SAT, f"paper:{key}", TODAY)
    assert fact.quantity == 14
    assert fact.detail == {"out_of": 14, "passed": True, "attempt": 1}


def test_handing_in_touches_the_learner(session, opened):
    submit(session, opened)
    assert session.info["lms.touched"] == {opened[0]: NOON}


@pytest.mark.parametrize(
    ("seconds", "state", "ended"),
    [
        (-1, State.SUBMITTED, -1),
        (0, State.SUBMITTED, 0),
        (5, State.SUBMITTED, 5),
        (6, State.EXPIRED, 0),  # as of the deadline
        (86_400, State.EXPIRED, 0),
    ],
)
def test_what_was_saved_counts_whenever_it_is_handed_in(session, opened, seconds, state, ended):
    answer_all(session, opened)
    result = submit(session, opened, now=DEADLINE + timedelta(seconds=seconds))
    assert result.state is state
    assert result.submitted_at == DEADLINE + timedelta(seconds=ended)
    assert result.earned == 14
    assert sitting(session, opened).result == result


def test_the_marking_rule_of_the_start_holds(session, opened):
    """A rule that changes meanwhile is for the attempts that begin after it."""
    answer_all(session, opened)
    before = sitting(session, opened)
    rule = session.scalars(sa.select(Rule).where(Rule.kind == "marking")).one()
    rule.current_number = 2
    old = session.scalars(sa.select(RuleVersion).where(RuleVersion.rule_id == rule.id)).one()
    values = {column.key: getattr(old, column.key) for column in RuleVersion.__table__.columns}
    kinder = {"single_choice": {"full": 2}, "multiple_choice": {"full": 4, "each": 2}}
    del values["id"]
    builders.added(session, RuleVersion(**values | {"number": 2, "body": kinder}))

    assert sitting(session, opened).marking == before.marking
    assert before.marking["multiple_choice"] == {"full": 4, "each": 1}
    assert before.line["area"] == "national"


def test_what_nobody_handed_in_is_handed_in_at_its_deadline(session):
    late = exams.started(session)
    answer_all(session, late)
    in_time = exams.started(session, now=NOON + timedelta(minutes=1))

    assert operations.hand_in_expired(session, now=LATE) == 1
    assert operations.hand_in_expired(session, now=LATE) == 0

    assert sitting(session, late).result.earned == 14
    assert sitting(session, late).state is State.EXPIRED
    assert sitting(session, in_time).is_open
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "exams.attempt_expired")).one()
    assert entry.actor_id is None


def test_learners_are_locked_in_the_order_of_their_ids(session, monkeypatch):
    """Whoever assigns a list to many locks them so too: in another order the two could collide."""
    exams.rules(session)
    key = exams.paper(session)
    people = [builders.learner(session) for _ in range(3)]
    for later, person in enumerate(reversed(people)):  # the last of them is overdue first
        start(session, person, key, now=NOON + timedelta(seconds=later))
    locked = []
    monkeypatch.setattr(
        operations.sitting, "lock_learner", lambda _session, id_: locked.append(id_)
    )
    operations.hand_in_expired(session, now=LATE + timedelta(minutes=1))
    assert locked == [person.id for person in people]


def test_overdue_papers_are_handed_in_in_portions(session):
    for _ in range(3):
        exams.started(session)
    done = [operations.hand_in_expired(session, now=LATE, at_most=2) for _ in range(3)]
    assert done == [2, 1, 0]


def test_exactly_at_the_end_of_the_grace_nothing_is_taken_away(session, opened):
    assert operations.hand_in_expired(session, now=DEADLINE + timedelta(seconds=5)) == 0


# --- more time ---


def extend(session, opened, *, minutes=10, reason="停电", now=NOON, **whom):
    key = sitting(session, opened).paper_key
    return operations.extend(
        session, paper_key=key, minutes=minutes, reason=reason, actor_id=None, now=now, **whom
    )


def test_more_time_is_for_everybody_on_the_paper_and_in_the_trail(session, opened):
    other = builders.learner(session)
    start(session, other, sitting(session, opened).paper_key, now=NOON + timedelta(minutes=1))
    elsewhere = exams.started(session)

    assert extend(session, opened) == 2

    later = DEADLINE + timedelta(minutes=10)
    assert sitting(session, opened).deadline_at == later
    assert sitting(session, (other.id, 1)).deadline_at == later + timedelta(minutes=1)
    assert sitting(session, elsewhere).deadline_at == DEADLINE
    entries = session.scalars(sa.select(Entry).where(Entry.verb == "exams.attempt_extended")).all()
    assert {entry.subject for entry in entries} == {
        f"attempt:{opened[0]}/1",
        f"attempt:{other.id}/1",
    }
    assert (entries[0].facts["minutes"], entries[0].facts["reason"]) == (10, "停电")


def test_more_time_for_one(session, opened):
    other = builders.learner(session)
    start(session, other, sitting(session, opened).paper_key)
    assert extend(session, opened, learner_id=other.id) == 1
    assert sitting(session, opened).deadline_at == DEADLINE


def test_the_open_page_learns_of_it_and_answers_count_till_then(session, opened):
    extend(session, opened)
    saved = answer_all(session, opened, now=DEADLINE + timedelta(minutes=9))
    assert saved.deadline_at == DEADLINE + timedelta(minutes=10)
    assert operations.hand_in_expired(session, now=DEADLINE + timedelta(minutes=9)) == 0
    assert operations.hand_in_expired(session, now=DEADLINE + timedelta(minutes=11)) == 1
    assert sitting(session, opened).result.submitted_at == DEADLINE + timedelta(minutes=10)


def test_what_is_over_is_not_opened_again(session, opened):
    submitted = exams.started(session)
    submit(session, submitted)
    assert extend(session, submitted) == 0
    assert extend(session, opened, now=LATE) == 0
    assert sitting(session, opened).deadline_at == DEADLINE


@pytest.mark.parametrize(
    ("values", "code"),
    [({"minutes": 0}, "bad_minutes"), ({"minutes": 241}, "bad_minutes"), ({"reason": " "}, "no_reason")],
)  # fmt: skip
def test_more_time_needs_minutes_and_a_reason(session, opened, values, code):
    with pytest.raises(Invalid) as refusal:
        extend(session, opened, **values)
    assert refusal.value.code == code
    assert sitting(session, opened).deadline_at == DEADLINE


# --- what pages ask ---


def test_the_home_page_gets_open_last_and_best(session):
    exams.rules(session)
    learner, key = builders.learner(session), exams.paper(session)
    assert queries.home(session, learner.id) == Home(open=None, last=None, best=None)

    best = (learner.id, start(session, learner, key))
    answer_all(session, best)
    submit(session, best)
    for _ in range(2):
        submit(session, (learner.id, start(session, learner, key)))
    start(session, learner, key)

    found = queries.home(session, learner.id)
    assert (found.open.number, found.last.number, found.best.number) == (4, 3, 1)
    assert (found.best.result.earned, found.last.result.earned) == (14, 0)


def test_of_equal_results_the_latest_is_the_best(session):
    exams.rules(session)
    learner, key = builders.learner(session), exams.paper(session)
    for _ in range(3):
        submit(session, (learner.id, start(session, learner, key)))
    assert queries.home(session, learner.id).best.number == 3


def test_the_list_of_attempts_is_paged_by_number(session):
    exams.rules(session)
    learner, key = builders.learner(session), exams.paper(session)
    for _ in range(3):
        submit(session, (learner.id, start(session, learner, key)))
    page = queries.own_attempts(session, learner.id, at_most=2)
    assert [own.number for own in page] == [3, 2]
    rest = queries.own_attempts(session, learner.id, before=2, at_most=2)
    assert [own.number for own in rest] == [1]


# --- loading papers ---


def test_loading_papers_again_changes_nothing(session):
    files = exams._paper_files()
    first = operations.load(session, files, now=NOON)
    again = operations.load(session, files, now=NOON)
    assert (first.new, again.same, again.new, again.changed) == (8, 8, 0, 0)
    assert count(session, of=PaperVersion) == 8


def test_a_changed_paper_is_a_new_version_and_a_missing_one_retires(session):
    from dataclasses import replace

    files = exams._paper_files()
    operations.load(session, files, now=NOON)
    changed = replace(files[0], digest="other", minutes=90)

    tally = operations.load(session, [changed, *files[2:]], now=NOON)

    assert (tally.changed, tally.same, tally.retired) == (1, 6, 1)
    assert queries.paper(session, files[0].key).minutes == 90
    assert files[1].key not in {paper.key for paper in queries.papers(session)}
    assert count(session, PaperVersion.digest == files[0].digest, of=PaperVersion) == 1

    operations.load(session, files, now=NOON)
    assert files[1].key in {paper.key for paper in queries.papers(session)}
    verbs = set(session.scalars(sa.select(Entry.verb)))
    assert {"exams.paper_published", "exams.paper_retired", "exams.paper_restored"} <= verbs


# --- what it costs ---


@pytest.fixture
def mock(session):
    """The shipped paper of 80 questions, opened."""
    exams.shipped_bank(session)
    learner = builders.learner(session)
    return learner.id, start(session, learner, "j-comp-mock")


def test_the_shipped_mock_can_be_sat(session, mock):
    found = sitting(session, mock)
    assert len(found.slots) == 80
    assert submit(session, mock).out_of == 200


def test_eighty_questions_cost_a_fixed_number_of_statements(session, mock, count_statements):
    learner_id, _number = mock
    sent = [sending(slot, "A", 1) for slot in range(1, 81)]
    with count_statements() as saving:
        save(session, mock, *sent)
    with count_statements() as one:
        save(session, mock, sending(1, "B", 2))
    with count_statements() as handing_in:
        submit(session, mock)
        session.flush()
    with count_statements() as starting:
        operations.start(session, learner_id=learner_id, paper_key="j-comp-mock", seed=2, now=NOON)
    # each of these is called with the principal loaded: one statement more on a page
    assert len(saving) == len(one) <= 3
    assert len(handing_in) <= 10
    assert len(starting) <= 9
