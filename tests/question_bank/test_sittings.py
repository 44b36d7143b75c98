"""Analysis of real sittings: against the table analysis, against `statistics`, by hand."""

import random
import statistics
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.question_bank import rules
from lms.question_bank.rules import (
    Answered,
    analyse_sittings,
    judge_item,
    judge_options,
    judge_test,
)
from lms.question_bank.rules.sittings import OptionFigures, OptionReport, SatItem
from tests.question_bank.builders import FIVE, FOUR, MARKING

CLOSE = 1e-9


def sat(rows, full):
    """Papers with the same questions: rows of half points."""
    return [
        [Answered(at, "A" if mark else "", mark, out_of) for at, (mark, out_of) in enumerate(zip(row, full, strict=True))]
        for row in rows
    ]  # fmt: skip


marks = st.integers(1, 4).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 4), min_size=k, max_size=k), min_size=1, max_size=8)
)


@given(marks)
def test_where_all_get_the_same_it_is_the_table_analysis(rows):
    full = [4] * len(rows[0])
    found = analyse_sittings(sat(rows, full))
    names = [str(at) for at in range(len(full))]
    halves = [[Fraction(mark, 2) for mark in row] for row in rows]
    table = rules.analyse(names, halves, [2] * len(full))
    assert found.test == table.test
    for item, other in zip(found.items, table.items, strict=True):
        for name in ("n", "facility", "sd", "discrimination_index", "discriminative_efficiency"):
            assert getattr(item, name) == pytest.approx(getattr(other, name), abs=CLOSE) or (
                getattr(item, name) is None and getattr(other, name) is None
            )
        assert item.intended_weight == pytest.approx(other.intended_weight)
        if other.effective_weight is not None:
            assert item.effective_weight == pytest.approx(other.effective_weight)


def test_on_drawn_papers_a_question_counts_where_it_was_asked():
    dice = random.Random(5)
    papers = [
        [Answered(q, "A", 2 * (dice.random() < 0.3 + at / 60), 2) for q in dice.sample(range(6), 3)]
        for at in range(30)
    ]
    found = {item.version_id: item for item in analyse_sittings(papers).items}
    for question in range(6):
        pairs = [
            (answer.earned, sum(a.earned for a in paper) - answer.earned)
            for paper in papers
            for answer in paper
            if answer.version_id == question
        ]
        x, rest = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        item = found[question]
        assert item.n == len(pairs)
        assert item.facility == pytest.approx(100 * statistics.mean(x) / 2)
        assert item.sd == pytest.approx(100 * statistics.stdev(x) / 2)
        assert item.discrimination_index == pytest.approx(100 * statistics.correlation(x, rest))
        best = statistics.covariance(sorted(x), sorted(rest))
        assert item.discriminative_efficiency == pytest.approx(
            100 * statistics.covariance(x, rest) / best
        )
        assert item.intended_weight == pytest.approx(100 / 3)
    on_a_paper = sum(i.effective_weight * i.n for i in found.values() if i.effective_weight) / 30
    assert on_a_paper == pytest.approx(100)


def test_nobody_and_one():
    assert analyse_sittings([]).items == ()
    (item,) = analyse_sittings([[Answered(1, "", 0, 2)]]).items
    assert (item.n, item.answered, item.facility, item.discrimination_index) == (1, 0, 0.0, None)


# ---- guessing ----


def test_a_guess_at_a_single_choice_is_one_in_so_many():
    spec = {"options": list(FOUR), "answer": "B"}
    assert rules.random_guess("single_choice", spec, MARKING) == 25


def test_a_guess_at_a_multiple_choice_by_hand():
    # official rule in half points, full 4: of the 31 choices of five options, with three right:
    # the key earns 4; its 3 single letters 1 each; its 3 pairs 2 each; 24 hold a wrong one
    spec = {"options": list(FIVE), "answer": "ABD"}
    assert rules.random_guess("multiple_choice", spec, MARKING) == Fraction(
        100 * (4 + 3 + 6), 31 * 4
    )


def test_a_guess_is_what_trying_all_gives():
    spec = {"options": list(FIVE), "answer": "AE"}
    tried = [
        rules.mark("multiple_choice", spec, choice, MARKING).earned
        for size in range(1, 6)
        for choice in combinations("ABCDE", size)
    ]
    expected = Fraction(100 * sum(tried), 4 * len(tried))
    assert rules.random_guess("multiple_choice", spec, MARKING) == expected


def test_guessing_a_paper_is_weighed():
    assert rules.mean_guess([(Fraction(25), 2), (Fraction(50), 6), (None, 2)]) == Fraction(350, 10)
    assert rules.mean_guess([]) is None


# ---- options ----


def rows_of(*chosen_and_total, key="B"):
    return [(Answered(1, c, 2 * (c == key), 2), total) for c, total in chosen_and_total]


def test_options_by_hand():
    # ten papers, totals 20..2; 27 % of ten are three: the best three chose B B C, the weakest D A D
    chosen = "BBCBAB" + " " + "DAD"
    rows = rows_of(*zip(["" if c == " " else c for c in chosen], range(20, 0, -2), strict=True))
    report = rules.option_report(rows, letters="ABCD", key="B")
    assert (report.n, report.blank, report.group) == (10, 1, 3)
    assert [(o.letter, o.is_key, o.chosen, o.upper, o.lower) for o in report.options] == [
        ("A", False, 2, 0, 1), ("B", True, 4, 2, 0), ("C", False, 1, 1, 0), ("D", False, 2, 0, 2),
    ]  # fmt: skip
    rest = [total - answer.earned for answer, total in rows]
    for option in report.options:
        took = [int(option.letter in answer.chosen) for answer, _total in rows]
        assert option.point_biserial == pytest.approx(statistics.correlation(took, rest))


def test_a_multiple_choice_counts_each_letter():
    rows = [(Answered(1, "AB", 4, 4), 10), (Answered(1, "A", 1, 4), 5)]
    report = rules.option_report(rows, letters="ABC", key="AB")
    assert [option.chosen for option in report.options] == [2, 1, 0]
    assert report.options[2].point_biserial is None


def test_one_paper_has_no_groups():
    report = rules.option_report(rows_of(("B", 5)), letters="AB", key="B")
    assert (report.n, report.group) == (1, 0)


# ---- verdicts ----


def item(**values):
    values = {
        "version_id": 1, "n": 100, "answered": 100, "out_of": 2, "facility": 60.0, "sd": 40.0,
        "intended_weight": 1.0, "effective_weight": 1.0, "discrimination_index": 40.0,
        "discriminative_efficiency": 50.0,
    } | values  # fmt: skip
    return SatItem(**values)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({}, []),
        ({"n": 29}, ["few_papers"]),
        ({"n": 30, "answered": 30}, []),
        ({"discrimination_index": -0.1}, ["negative_discrimination"]),
        ({"discrimination_index": 0.0}, ["poor_discrimination"]),
        ({"discrimination_index": 19.9}, ["poor_discrimination"]),
        ({"discrimination_index": 20.0}, []),
        ({"discrimination_index": None}, ["no_discrimination"]),
        ({"facility": 25.0}, ["below_guessing"]),
        ({"facility": 29.9}, ["hard"]),
        ({"facility": 30.0}, []),
        ({"facility": 95.1}, ["easy"]),
        ({"answered": 79}, ["many_blank"]),
        ({"answered": 80}, []),
    ],
)
def test_what_is_bad_about_a_question(values, codes):
    found = judge_item(item(**values), Fraction(25))
    assert [finding.code for finding in found] == codes
    assert all("%(" not in finding.words for finding in found)


def options(*figures, n=100, group=27):
    found = [OptionFigures(x, x == "B", *values) for x, values in zip("ABCD", figures, strict=True)]
    return OptionReport(n, 0, group, tuple(found))


GOOD = ((20, 2, 9, -0.2), (60, 24, 8, 0.4), (10, 1, 5, -0.2), (10, 0, 5, -0.2))


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({0: (20, 25, 3, 0.3)}, ["strong_choose_wrong"]),
        ({0: (20, 9, 5, 0.1)}, ["attracts_strong"]),
        ({0: (0, 0, 0, None)}, ["unused_option"]),
        ({0: (4, 0, 2, -0.1)}, ["unused_option"]),
        ({0: (5, 0, 2, -0.1)}, []),
        ({1: (60, 24, 8, -0.1)}, ["key_against"]),
    ],
)
def test_what_is_bad_about_options(change, codes):
    figures = [change.get(at, good) for at, good in enumerate(GOOD)]
    found = judge_options(options(*figures))
    assert [finding.code for finding in found] == codes
    assert all("%(" not in finding.words for finding in found)
    assert judge_options(options(*figures, n=29)) == []


def test_what_a_paper_is_worth():
    def judged(rows, guess=Fraction(25)):
        found = analyse_sittings(sat(rows, [2] * len(rows[0])))
        return [finding.code for finding in judge_test(found.test, guess, found.out_of)]

    strong = [[2] * at + [0] * (10 - at) for at in range(11)] * 4
    dice = random.Random(1)
    luck = [[2 * (dice.random() < 0.5) for _ in range(10)] for _ in range(60)]
    assert judged(strong) == []
    assert judged(luck) == ["inconsistent"]
    assert judged(luck, Fraction(45)) == ["inconsistent", "like_guessing"]
    assert judged(strong[:10]) == ["few_papers"]
    assert judged([[2, 0]] * 30) == ["no_spread"]
