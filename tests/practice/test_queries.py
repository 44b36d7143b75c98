from datetime import timedelta

import pytest

from lms.kernel.errors import NotFound
from lms.practice import queries
from lms.practice.types import ChapterStanding, Summary
from lms.question_bank.models import Question
from tests.builders import NOON, learner
from tests.practice.builders import answer
from tests.question_bank.builders import marking_rule, question


@pytest.fixture(autouse=True)
def _rule(session):
    marking_rule(session)


def retire(session, version):
    session.get(Question, version.question_id).state = "retired"
    session.flush()


def test_the_overview_counts_ones_own_tries(session, count_statements):
    ana, ben = learner(session), learner(session)
    one, two = question(session), question(session)
    question(session, subject="J-PRAC", chapter_key="2025/J-PRAC/01")
    for person, version, letters in (
        (ana, one, "A"),
        (ana, one, "B"),
        (ana, two, "B"),
        (ben, two, "A"),
    ):
        answer(session, person, version, letters)
    with count_statements() as seen:
        found = queries.overview(session, ana.id)
    assert found == [
        ChapterStanding("J-COMP", "2025/J-COMP/06", 2, 2, 3, 1, 1),
        ChapterStanding("J-PRAC", "2025/J-PRAC/01", 1, 0, 0, 0, 0),
    ]
    assert len(seen) == 1


def test_retired_questions_are_in_no_drill_and_no_book(session):
    ana = learner(session)
    kept, gone = question(session), question(session)
    for version in (kept, gone):
        answer(session, ana, version, "A")
    retire(session, gone)
    chapter = queries.chapter_questions(session, ana.id, subject="J-COMP", chapter="06")
    assert [item.question_id for item in chapter] == [kept.question_id]
    assert [item.question_id for item in queries.wrong_book(session, ana.id)] == [kept.question_id]
    assert queries.summary(session, ana.id, since=NOON).in_wrong_book == 1
    assert queries.overview(session, ana.id)[0].in_wrong_book == 1


def test_a_chapter_is_found_by_its_number(session):
    ana = learner(session)
    here = question(session)
    question(session, chapter_key="2025/J-COMP/07")
    question(session, chapter_key="2025/J-COMP/106")
    question(session, subject="M-COMP", chapter_key="2025/M-COMP/06")
    found = queries.chapter_questions(session, ana.id, subject="J-COMP", chapter="06")
    assert [item.version_id for item in found] == [here.id]
    assert (found[0].last_at, found[0].in_wrong_book) == (None, False)


@pytest.mark.parametrize(
    ("subject", "chapter"),
    [
        ("J-COMP", "99"),
        ("j-comp", "06"),
        ("J-COMP", "0_"),
        ("J-COMP", "%"),
        ("%", "06"),
        ("J-COMP", "\x00"),
    ],
)
def test_a_chapter_without_questions_does_not_exist(session, subject, chapter):
    question(session)
    with pytest.raises(NotFound):
        queries.chapter_questions(session, learner(session).id, subject=subject, chapter=chapter)


def test_the_wrong_book_spans_subjects_and_is_ones_own(session, count_statements):
    ana, ben = learner(session), learner(session)
    one, two = question(session), question(session, subject="J-PRAC", chapter_key="2025/J-PRAC/01")
    answer(session, ana, one, "A")
    answer(session, ana, two, "A")
    answer(session, ben, one, "B")
    with count_statements() as seen:
        found = queries.wrong_book(session, ana.id)
    assert {item.question_id for item in found} == {one.question_id, two.question_id}
    assert all(item.in_wrong_book and item.last_at == NOON for item in found)
    assert len(seen) == 1
    assert queries.wrong_book(session, ben.id) == []


def test_the_summary_counts_in_one_statement(session, count_statements):
    ana, ben = learner(session), learner(session)
    version = question(session)
    assert queries.summary(session, ana.id, since=NOON) == Summary(0, 0, 0)
    for minutes, letters in ((-1, "A"), (0, "A"), (5, "B")):
        answer(session, ana, version, letters, now=NOON + timedelta(minutes=minutes))
    answer(session, ben, version, "A")
    with count_statements() as seen:
        # an answer at the instant itself is counted
        assert queries.summary(session, ana.id, since=NOON) == Summary(1, 3, 2)
    assert len(seen) == 1


def test_the_last_answer_is_ones_own(session):
    ana, ben = learner(session), learner(session)
    one, two = question(session), question(session)
    assert queries.last_answer(session, ana.id) == (0, None)
    answer(session, ana, one)
    answer(session, ana, two)
    answer(session, ben, one)
    assert queries.last_answer(session, ana.id) == (2, two.question_id)


def test_somebody_elses_answer_does_not_exist(session):
    ana, ben = learner(session), learner(session)
    number = answer(session, ana, question(session), "A")
    assert queries.own_answer(session, ana.id, number).chosen == "A"
    with pytest.raises(NotFound):
        queries.own_answer(session, ben.id, number)
