"""The invented bank that is measured is the same every time, and like a real one."""

from bench import bank
from lms.question_bank import rules


def test_the_same_seed_invents_the_same_bank():
    first, again = (bank.invented(300, seed=1) for _ in range(2))
    assert [file.stem for file in first] == [file.stem for file in again]
    assert len({file.key for file in first}) == 300
    assert {len(file.spec["options"]) for file in first} == {4}


def test_some_questions_are_nearly_others():
    stems = [file.stem for file in bank.invented(400, seed=1)]
    assert rules.near_duplicates(stems).pairs


def test_a_deed_is_timed():
    given, seconds = bank.timed(lambda: 7)
    assert given == 7 and seconds >= 0
