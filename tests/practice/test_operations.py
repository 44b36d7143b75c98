from dataclasses import asdict
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lms.kernel.errors import Invalid, NotFound
from lms.practice import rules
from lms.practice.models import DrillAnswer, ReviewCard
from lms.records.models import Record
from lms.regulations.models import Rule
from tests.builders import NOON, learner
from tests.practice.builders import answer
from tests.question_bank.builders import marking_rule, question


@pytest.fixture(autouse=True)
def _rule(session):
    marking_rule(session)


@pytest.fixture
def ana(session):
    return learner(session)


def card(session, person, version):
    session.expire_all()
    return session.get(ReviewCard, (person.id, version.question_id))


def rows(session, table):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def test_an_answer_is_marked_and_kept(session, ana):
    version = question(session, kind="multiple_choice")
    number = answer(session, ana, version, "AB")
    kept = session.get(DrillAnswer, (ana.id, number))
    assert (number, kept.chosen, kept.earned, kept.out_of) == (1, "AB", 2, 4)
    assert (kept.question_id, kept.question_version_id) == (version.question_id, version.id)
    assert kept.answered_at == NOON


def test_a_wrong_answer_goes_into_the_book_and_two_right_ones_take_it_out(session, ana):
    version = question(session)
    seen = []
    for letters in ("A", "B", "B"):
        answer(session, ana, version, letters)
        found = card(session, ana, version)
        seen.append((found.tries, found.wrong, found.right_streak, found.in_wrong_book))
    assert seen == [(1, 1, 0, True), (2, 1, 1, True), (3, 1, 2, False)]
    assert found.chapter_key == "2025/J-COMP/06"


def test_a_part_of_the_key_is_not_right(session, ana):
    version = question(session, kind="multiple_choice")
    answer(session, ana, version, "AB")
    assert card(session, ana, version).in_wrong_book


def test_the_same_page_sent_twice_is_one_answer(session, ana):
    version = question(session)
    assert answer(session, ana, version, "A", token="page") == 1
    assert answer(session, ana, version, "B", token="page") == 1
    assert rows(session, DrillAnswer) == 1
    assert card(session, ana, version).tries == 1
    # even if what comes the second time is no answer at all
    assert answer(session, ana, version, "", token="page") == 1


def test_two_learners_may_hold_the_same_token(session, ana):
    version, ben = question(session), learner(session)
    assert answer(session, ana, version, token="page") == 1
    assert answer(session, ben, version, token="page") == 1
    assert rows(session, DrillAnswer) == 2


def test_answers_are_numbered_for_each_learner(session, ana):
    version, ben = question(session), learner(session)
    assert [answer(session, ana, version) for _ in range(3)] == [1, 2, 3]
    assert answer(session, ben, version) == 1


@pytest.mark.parametrize("letters", ["", []])
def test_a_blank_answer_is_refused(session, ana, letters):
    version = question(session)
    with pytest.raises(Invalid) as refusal:
        answer(session, ana, version, letters)
    assert refusal.value.code == "blank"
    assert rows(session, DrillAnswer) == rows(session, ReviewCard) == 0


def test_two_letters_in_a_single_choice_are_refused(session, ana):
    with pytest.raises(Invalid) as refusal:
        answer(session, ana, question(session), "AB")
    assert refusal.value.code == "too_many"
    assert rows(session, DrillAnswer) == 0


def test_a_question_that_does_not_exist_is_not_found(session, ana):
    from lms.practice import operations

    with pytest.raises(NotFound) as refusal:
        operations.answer(
            session, learner_id=ana.id, version_id=999_999, shown="A", token="t", now=NOON
        )
    assert refusal.value.code == "no_question"


def test_the_marking_rule_of_the_day_counts(session, ana):
    strict = {"single_choice": {"full": 2}, "multiple_choice": {"full": 4, "each": 0}}
    marking_rule(session, effective_from=date(2026, 3, 3), body=strict)
    version = question(session, kind="multiple_choice")
    before = session.get(DrillAnswer, (ana.id, answer(session, ana, version, "AB", now=NOON)))
    # 16:00Z on the 2nd is the 3rd of March in China
    turn = NOON + timedelta(hours=12)
    after = session.get(DrillAnswer, (ana.id, answer(session, ana, version, "AB", now=turn)))
    assert (before.earned, after.earned) == (2, 0)


def test_an_answer_keeps_the_unit_of_the_rule_of_the_day(session, ana):
    thirds = {"unit": 6, "multiple_choice": {"method": "weights", "wrong": "none", "full": 12}}
    version = question(session, kind="multiple_choice")  # ABD
    before = session.get(DrillAnswer, (ana.id, answer(session, ana, version, "AB")))
    marking_rule(session, effective_from=date(2026, 3, 1), body=thirds)
    after = session.get(DrillAnswer, (ana.id, answer(session, ana, version, "AB")))
    assert (before.unit, before.earned, before.out_of) == (2, 2, 4)
    assert (after.unit, after.earned, after.out_of) == (6, 8, 12)


def test_a_rule_for_practice_papers_never_marks_a_drill(session, ana):
    made = marking_rule(
        session, effective_from=date(2026, 3, 1), body={"single_choice": {"full": 9}}
    )
    session.get(Rule, made.rule_id).kind = "practice_marking"
    session.flush()
    kept = session.get(DrillAnswer, (ana.id, answer(session, ana, question(session), "B")))
    assert (kept.unit, kept.out_of) == (2, 2)


def test_practice_is_no_exam_record(session, ana):
    answer(session, ana, question(session))
    assert rows(session, Record) == 0


def test_the_cards_can_be_rebuilt_from_the_answers(session, ana):
    versions = [question(session) for _ in range(3)]
    pattern = [(0, "A"), (1, "B"), (0, "B"), (2, "C"), (0, "B"), (2, "B"), (1, "A"), (0, "D")]
    for minute, (place, letters) in enumerate(pattern):
        answer(session, ana, versions[place], letters, now=NOON + timedelta(minutes=minute))
    rebuilt = {}
    for kept in session.scalars(sa.select(DrillAnswer).order_by(DrillAnswer.number)):
        rebuilt[kept.question_id] = rules.after_answer(
            rebuilt.get(kept.question_id),
            is_right=kept.earned == kept.out_of,
            at=kept.answered_at,
        )
    session.expire_all()
    for found in session.scalars(sa.select(ReviewCard)):
        expected = asdict(rebuilt.pop(found.question_id))
        assert {key: getattr(found, key) for key in expected} == expected
    assert rebuilt == {}
