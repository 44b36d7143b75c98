"""Rolling exam years against an oracle that tries every window."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.requirements.rules import evaluate, read_requirement, spoken
from lms.requirements.types import State
from tests.requirements.builders import START, passed

INTERMEDIATE = {
    "kind": "subjects_passed",
    "subjects": ["M-COMP", "M-PRAC", "M-LAW"],
    "consecutive_years": 2,
}
JUNIOR = {"kind": "subjects_passed", "subjects": ["J-COMP", "J-PRAC"], "consecutive_years": 1}


def judged(raw, *facts, on=date(2026, 12, 31)):
    return evaluate(read_requirement(raw), facts, on=on, started_on=START)


@pytest.mark.parametrize(
    ("years", "state"),
    [
        ((2025, 2026, 2026), State.MET),
        ((2025, 2026, 2025), State.MET),
        ((2024, 2025, 2026), State.IN_PROGRESS),  # 2024 to 2026 are three years
        ((2024, 2024, 2026), State.IN_PROGRESS),
        ((2020, 2021, 2021), State.MET),  # once complete, for ever
        ((2020, 2021, 2022), State.LAPSED),
    ],
)
def test_intermediate_within_two_years_running(years, state):
    facts = [passed(code, year) for code, year in zip(INTERMEDIATE["subjects"], years, strict=True)]
    assert judged(INTERMEDIATE, *facts).state == state


def test_junior_in_one_year():
    both = passed("J-COMP", 2026), passed("J-PRAC", 2026)
    assert judged(JUNIOR, *both).state == State.MET
    apart = passed("J-COMP", 2025), passed("J-PRAC", 2026)
    assert judged(JUNIOR, *apart).state == State.IN_PROGRESS


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 12, 31), State.IN_PROGRESS),  # the exam of 2026 may still complete it
        (date(2027, 1, 1), State.LAPSED),
    ],
)
def test_a_pass_is_kept_until_the_end_of_its_last_year(on, state):
    assert judged(INTERMEDIATE, passed("M-LAW", 2025), on=on).state == state


def test_a_subject_passed_again_counts_from_its_last_pass():
    progress = judged(INTERMEDIATE, passed("M-LAW", 2023), passed("M-LAW", 2026))
    assert [spoken(sentence) for sentence in progress.says] == [
        "“M-COMP”还没有合格",
        "“M-PRAC”还没有合格",
        "“M-LAW”已合格，成绩保留到 2027 年度考试",
    ]


def test_subjects_are_called_as_their_author_called_them():
    raw = {**JUNIOR, "titles": {"J-COMP": ["综合能力", "Comprehensive"]}}
    progress = judged(raw, passed("J-PRAC", 2026))
    assert spoken(progress.says[0]) == "“综合能力”还没有合格"
    assert spoken(progress.says[0], language="en") == "“Comprehensive”还没有合格"


def test_met_on_the_day_of_the_last_result():
    facts = passed("J-COMP", 2026, date(2026, 7, 28)), passed("J-PRAC", 2026, date(2026, 8, 2))
    assert judged(JUNIOR, *facts).met_on == date(2026, 8, 2)


def test_a_pass_without_its_exam_year_belongs_to_the_year_of_its_day():
    fact = passed("J-COMP", 2026)
    bare = type(fact)(fact.number, fact.kind, fact.subject, fact.on)
    assert judged(JUNIOR, bare, passed("J-PRAC", 2026)).state == State.MET


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(2018, 2026)), max_size=8),
    st.integers(1, 3),
)
def test_agrees_with_trying_every_window(passes, years):
    raw = {"kind": "subjects_passed", "subjects": list("ABC"), "consecutive_years": years}
    progress = judged(raw, *(passed(code, year) for code, year in passes))
    windows = [range(start, start + years) for start in range(2010, 2031)]
    assert progress.satisfied == any(
        {code for code, year in passes if year in window} == set("ABC") for window in windows
    )
