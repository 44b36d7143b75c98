"""What learners report and who answers; what is no longer drawn because its law ended."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.question_bank import operations, queries
from lms.question_bank.types import Filters, MistakeKind, MistakeOutcome
from tests.builders import NOON, TODAY, learner, person
from tests.question_bank.builders import draft, law, outline, question

OLD, NEW = ("2016", date(2016, 9, 1)), ("2023修正", date(2024, 9, 5))
CHARITY = law("中华人民共和国慈善法", OLD, NEW)


def resting_on(edition, title="中华人民共和国慈善法"):
    return {"kind": "law", "title": title, "edition": edition, "article": "第二条"}


def drawn(session):
    return {candidate.question_id for candidate in queries.drawable(session, "J-COMP")}


def made(session, **values):
    """A question that can be found."""
    version = question(session, **values)
    operations.reindex(session)
    session.expire_all()
    return version


# laws


def test_a_question_goes_when_its_law_ends_and_comes_back_when_it_does_not(session):
    old = made(session, source=resting_on("2016"))
    titled = made(session, source=resting_on("2016", "《中华人民共和国慈善法》"))
    new = made(session, source=resting_on("2023修正"))
    concept = made(session, source={"kind": "concept", "title": "个案"})
    every = {v.question_id for v in (old, titled, new, concept)}
    assert drawn(session) == every
    tally = operations.load_laws(session, [CHARITY], now=NOON)
    assert tally.new == 2
    assert drawn(session) == {new.question_id, concept.question_id}
    assert queries.how_many(session, Filters(state="stale")) == 2
    assert [(e.name, e.questions) for e in queries.ended_laws(session, on=TODAY)] == [("2016", 2)]
    assert operations.load_laws(session, [CHARITY], now=NOON).same == 2
    told = sa.select(sa.func.count()).where(Entry.verb == "question_bank.law_superseded")
    assert session.scalar(told) == 2  # once

    operations.load_laws(session, [], now=NOON)
    assert drawn(session) == every


def test_a_law_ends_with_its_last_day(session):
    version = made(session, source=resting_on("2016"))
    operations.load_laws(session, [law("中华人民共和国慈善法", OLD, ends=TODAY)], now=NOON)
    assert drawn(session) == {version.question_id}
    assert operations.refresh(session, on=TODAY, now=NOON) == (0, 0)
    tomorrow = TODAY + timedelta(days=1)
    assert operations.refresh(session, on=tomorrow, now=NOON) == (1, 0)
    assert drawn(session) == set()


def test_a_new_version_that_rests_on_the_new_edition_is_drawn_again(session):
    outline(session)
    author, reviewer = person(session).id, person(session).id
    version = made(session, key="one", source=resting_on("2016"))
    operations.load_laws(session, [CHARITY], now=NOON)
    operations.begin_change(session, key="one", actor_id=author, now=NOON)
    with pytest.raises(Conflict) as refusal:
        operations.submit(session, seen={"one": 1}, actor_id=author, now=NOON)
    assert refusal.value.code == "has_faults"
    text = draft("one", source=resting_on("2023修正"))
    operations.write(
        session, draft=text, revision=1, base_number=1, note="", actor_id=author, now=NOON
    )
    operations.submit(session, seen={"one": 2}, actor_id=author, now=NOON)
    operations.approve(session, seen={"one": 3}, two_people=True, actor_id=reviewer, now=NOON)
    session.expire_all()
    assert drawn(session) == {version.question_id}


def test_a_daily_look_at_the_laws_costs_a_fixed_number_of_statements(session, count_statements):
    for _ in range(30):
        question(session, source=resting_on("2016"))
    operations.reindex(session)
    operations.load_laws(session, [CHARITY], now=NOON)
    with count_statements() as seen:
        operations.refresh(session, on=TODAY, now=NOON)
    assert sum("advisory" not in statement for statement in seen) == 1


# mistakes


@pytest.fixture
def reporter(session):
    return learner(session).id


def report(session, learner_id, version, words="选项 B 也对", kind=MistakeKind.KEY):
    return operations.report_mistake(
        session, learner_id=learner_id, version_id=version.id, kind=kind, words=words, now=NOON
    )


def answer(session, learner_id, by, number=1, outcome=MistakeOutcome.ACCEPTED, words="谢谢，已改"):
    operations.answer_mistake(
        session,
        learner_id=learner_id,
        number=number,
        outcome=outcome,
        words=words,
        actor_id=by,
        now=NOON,
    )
    session.expire_all()


def test_a_report_is_answered_and_its_reporter_reads_it(session, reporter):
    version, instructor = question(session, key="one"), person(session).id
    assert report(session, reporter, version) == 1
    assert queries.unseen_answers(session, reporter) == 0
    assert [(q.key, q.reports) for q in queries.reported(session, is_open=True)] == [("one", 1)]
    answer(session, reporter, instructor)
    assert queries.reported(session, is_open=True) == []
    assert [q.key for q in queries.reported(session, is_open=False)] == ["one"]
    (own,) = queries.own_reports(session, reporter)
    assert (own.outcome, own.answer) == ("accepted", "谢谢，已改")
    assert queries.unseen_answers(session, reporter) == 1
    operations.put_away(session, learner_id=reporter, now=NOON)
    assert queries.unseen_answers(session, reporter) == 0


def test_one_report_of_a_version_is_open_at_a_time(session, reporter):
    version, instructor = question(session), person(session).id
    assert report(session, reporter, version) == report(session, reporter, version, "又一次") == 1
    assert report(session, reporter, question(session)) == 2
    answer(session, reporter, instructor)
    assert report(session, reporter, version, "还是不对") == 3
    assert queries.own_reports(session, reporter)[0].words == "还是不对"


def test_the_most_reported_comes_first(session, reporter):
    few, many = question(session, key="few"), question(session, key="many")
    report(session, reporter, few)
    for _ in range(2):
        report(session, learner(session).id, many)
    assert [q.key for q in queries.reported(session, is_open=True)] == ["many", "few"]
    assert queries.waiting(session).reports == 3


def test_a_report_is_answered_once(session, reporter):
    instructor, other = person(session).id, person(session).id
    report(session, reporter, question(session))
    answer(session, reporter, instructor)
    answer(session, reporter, instructor)  # the button pressed twice
    with pytest.raises(Conflict) as refusal:
        answer(session, reporter, other, outcome=MistakeOutcome.REJECTED)
    assert refusal.value.code == "answered"
    (own,) = queries.own_reports(session, reporter)
    assert own.outcome == "accepted"
    verbs = session.scalars(sa.select(Entry.verb).order_by(Entry.id)).all()
    assert verbs == ["question_bank.mistake_reported", "question_bank.mistake_answered"]


@pytest.mark.parametrize("words", ["", "  ", "长" * 501])
def test_a_report_says_something_short(session, reporter, words):
    with pytest.raises(Invalid) as refusal:
        report(session, reporter, question(session), words)
    assert refusal.value.code == "no_words"


def test_what_nobody_reported_cannot_be_answered(session, reporter):
    with pytest.raises(NotFound):
        answer(session, reporter, person(session).id)
