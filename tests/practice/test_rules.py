from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.practice import rules
from lms.practice.types import Drillable
from tests.builders import NOON


def fold(answers):
    """How a learner stands after answers, told as text: r is right, w is wrong."""
    standing = None
    for number, result in enumerate(answers):
        at = NOON + timedelta(minutes=number)
        standing = rules.after_answer(standing, is_right=result == "r", at=at)
    return standing


@pytest.mark.parametrize(
    ("answers", "in_book"),
    [
        ("r", False),  # never wrong, never in
        ("w", True),
        ("wr", True),  # once may be luck
        ("wrr", False),
        ("wrwr", True),  # not in a row
        ("wrwrr", False),
        ("rrw", True),  # earlier right answers do not count towards leaving
        ("rrwr", True),
        ("wrrr", False),
        ("wrrw", True),  # and in again
    ],
)
def test_two_right_answers_in_a_row_leave_the_book(answers, in_book):
    assert fold(answers).in_wrong_book is in_book


@given(st.text(alphabet="rw", min_size=1, max_size=30))
def test_a_card_counts_what_was_answered(answers):
    standing = fold(answers)
    assert standing.tries == len(answers)
    assert standing.wrong == answers.count("w")
    assert standing.right_streak == len(answers) - len(answers.rstrip("r"))
    ever_wrong = "w" in answers
    assert standing.in_wrong_book is (ever_wrong and not answers.endswith("rr"))
    assert standing.last_at == NOON + timedelta(minutes=len(answers) - 1)


def item(number, *, minutes=None, book=False):
    """A question last answered some minutes after noon; never, if none."""
    last_at = None if minutes is None else NOON + timedelta(minutes=minutes)
    return Drillable(100 + number, number, "2025/J-COMP/06", book, last_at)


def choose(*pool, last=None, seed="7:3"):
    found = rules.next_question(pool, last_question_id=last, seed=seed)
    return found and found.question_id


def test_what_was_never_seen_comes_first():
    assert choose(item(1, minutes=0, book=True), item(2), item(3, minutes=-60)) == 2


def test_then_the_wrong_book_longest_ago_first():
    pool = item(1, minutes=-90), item(2, minutes=-5, book=True), item(3, minutes=-9, book=True)
    assert choose(*pool) == 3


def test_then_the_rest_longest_ago_first():
    assert choose(item(1, minutes=-5), item(2, minutes=-9), item(3, minutes=-7)) == 2


def test_the_question_just_answered_waits_for_another():
    pool = item(1, minutes=-90), item(2, minutes=0, book=True)
    assert choose(*pool, last=2) == 1
    assert choose(*pool, last=1) == 2
    assert choose(item(2, minutes=0, book=True), last=2) == 2  # the only one


def test_an_empty_pool_has_no_next_question():
    assert choose() is None


def test_the_same_learner_at_the_same_point_meets_the_same_question():
    pool = [item(n) for n in range(50)]
    assert choose(*pool) == choose(*reversed(pool))
    draws = {choose(*pool, seed=rules.seed_of(7, answers)) for answers in range(30)}
    assert len(draws) > 10  # but not always the same


@given(
    st.lists(st.tuples(st.none() | st.integers(-100, 0), st.booleans()), min_size=1, max_size=12),
    st.integers(0, 12),
)
def test_the_choice_is_from_the_first_group_that_has_any(rows, last):
    pool = [item(n, minutes=m, book=book and m is not None) for n, (m, book) in enumerate(rows)]
    chosen = rules.next_question(pool, last_question_id=last, seed="s")
    others = [p for p in pool if p.question_id != last] or pool
    assert chosen in others
    if any(p.last_at is None for p in others):
        assert chosen.last_at is None
    else:
        group = [p for p in others if p.in_wrong_book] or others
        assert chosen in group
        assert all(chosen.last_at <= p.last_at for p in group)


@pytest.mark.parametrize(
    ("tries", "wrong", "percent"),
    [(0, 0, None), (1, 0, 100), (1, 1, 0), (3, 1, 66), (3, 2, 33), (200, 1, 99)],
)
def test_the_right_rate_is_never_rounded_up(tries, wrong, percent):
    assert rules.right_percent(tries, wrong) == percent


def test_only_the_newest_outline_is_drilled():
    old = Drillable(1, 1, "2018/J-COMP/06", False, None)
    new = Drillable(2, 2, "2025/J-COMP/06", False, None)
    assert rules.of_newest_edition([old, new]) == [new]
    assert rules.of_newest_edition([old]) == [old]
    assert rules.of_newest_edition([]) == []
