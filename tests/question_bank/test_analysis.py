"""Item analysis: the formulas of the definitions, computed here once more and more slowly."""

import json
import statistics
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.rules import analyse, point_biserial

MARKS = [[1, 0.5, 2], [0, None, 1], [1, 1, 2], [1, 0, 0.5], [0, 0.5, 0]]
MAXIMA = [1, 1, 2]


def cov(one, other):
    return statistics.covariance([float(x) for x in one], [float(y) for y in other])


@pytest.fixture
def found():
    return analyse(["q1", "q2", "q3"], MARKS, MAXIMA)


def columns(rows):
    return [[row[place] or 0 for row in rows] for place in range(len(rows[0]))]


def test_a_blank_earned_nothing_and_is_counted_as_blank(found):
    second = found.items[1]
    assert (second.n, second.answered) == (5, 4)
    assert second.facility == pytest.approx(100 * 2 / 5)


def test_items_are_what_the_definitions_say(found):
    totals = [sum(x or 0 for x in row) for row in MARKS]
    pulls = [cov(x, totals) ** 0.5 for x in columns(MARKS)]
    for item, x, full, pull in zip(found.items, columns(MARKS), MAXIMA, pulls, strict=True):
        rest = [t - m for t, m in zip(totals, x, strict=True)]
        assert item.facility == pytest.approx(100 * statistics.mean(x) / full)
        assert item.sd == pytest.approx(100 * statistics.stdev(x) / full)
        assert item.intended_weight == pytest.approx(100 * full / 4)
        assert item.effective_weight == pytest.approx(100 * pull / sum(pulls))
        assert item.discrimination_index == pytest.approx(
            100 * statistics.correlation([float(m) for m in x], rest)
        )
        assert item.discriminative_efficiency == pytest.approx(
            100 * cov(x, rest) / cov(sorted(x), sorted(rest))
        )


def test_the_test_is_what_the_definitions_say(found):
    totals = [3.5, 1, 4, 1.5, 0.5]
    own = sum(statistics.variance([float(m) for m in x]) for x in columns(MARKS))
    alpha = 3 / 2 * (1 - own / statistics.variance(totals))
    test = found.test
    assert (test.n, test.mean, test.median) == (5, pytest.approx(2.1), 1.5)
    assert test.sd == pytest.approx(statistics.stdev(totals))
    assert test.internal_consistency == pytest.approx(100 * alpha)
    assert test.error_ratio == pytest.approx(100 * (1 - alpha) ** 0.5)
    assert test.standard_error == pytest.approx((1 - alpha) ** 0.5 * statistics.stdev(totals))


def test_skewness_and_kurtosis_are_those_of_spreadsheets():
    """The worked examples of SKEW and KURT in the manual of Excel, which uses k-statistics too."""
    totals = [3, 4, 5, 2, 3, 4, 5, 6, 4, 7]
    found = analyse(["q"], [[x] for x in totals], [10]).test
    assert found.skewness == pytest.approx(0.359543071)
    assert found.kurtosis == pytest.approx(-0.151799637)


def test_a_negative_consistency_is_a_result():
    found = analyse(["a", "b"], [[1, 0], [0, 1], [1, 0.5], [0, 0.5]], [1, 1]).test
    assert found.internal_consistency < 0
    assert found.error_ratio > 100


def test_an_item_that_pulls_against_the_rest_has_no_effective_weight():
    found = analyse(["a", "b"], [[1, 0], [0, 4], [1, 1], [0, 3]], [1, 4]).items
    assert found[0].effective_weight is None
    assert found[0].discrimination_index < 0
    assert found[1].effective_weight == 100


@pytest.mark.parametrize("rows", [[], [[1, 1]], [[1, 0.1], [1, 0.1], [1, 0.1], [1, 0.1]]])
def test_what_a_table_cannot_give_is_none(rows):
    found = analyse(["a", "b"], rows, [1, 1])
    assert found.test.n == len(rows)
    assert found.test.internal_consistency is found.test.skewness is found.test.kurtosis is None
    assert found.items[0].discrimination_index is None
    assert found.items[0].discriminative_efficiency is None


@pytest.mark.parametrize(
    ("names", "rows", "maxima", "where"),
    [
        ([], [], [], "max"),
        (["a"], [], [1, 1], "max"),
        (["a"], [], [0], "max"),
        (["a"], [[1], [1, 1]], [1], "row 2"),
        (["a", "b"], [[1, 3]], [1, 2], "row 1, b"),
        (["a"], [[-1.5]], [1], "row 1, a"),
    ],
)
def test_bad_marks_are_refused_with_their_place(names, rows, maxima, where):
    with pytest.raises(Invalid) as refused:
        analyse(names, rows, maxima)
    assert (refused.value.code, refused.value.where) == ("bad_marks", where)


papers = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 8)), min_size=2, max_size=7
)


@given(papers)
@settings(max_examples=60)
def test_no_order_of_papers_and_no_unit_changes_a_figure(rows):
    halves = [[Fraction(x, 2) for x in row] for row in rows]
    found = analyse(["a", "b", "c"], halves, [2, 2, 4])
    assert analyse(["a", "b", "c"], halves[::-1], [2, 2, 4]) == found
    whole = analyse(["a", "b", "c"], rows, [4, 4, 8])
    assert whole.items == found.items
    assert whole.test.internal_consistency == found.test.internal_consistency


@given(papers.filter(lambda rows: len(rows) <= 6))
@settings(max_examples=30)
def test_no_pairing_of_the_marks_would_discriminate_better(rows):
    """The efficiency's denominator is the greatest covariance of all pairings."""
    item = analyse(["a", "b", "c"], rows, [4, 4, 8]).items[0]
    x, rest = [row[0] for row in rows], [row[1] + row[2] for row in rows]
    greatest = max(cov(order, rest) for order in permutations(x))
    if item.discriminative_efficiency is None:
        assert greatest == pytest.approx(0)
    else:
        assert item.discriminative_efficiency == pytest.approx(100 * cov(x, rest) / greatest)


def test_a_good_distractor_is_chosen_by_the_weak():
    assert point_biserial([True, True, False, False], [1, 2, 8, 9]) < -0.9
    assert point_biserial([False] * 4, [1, 2, 8, 9]) is None


@pytest.fixture
def run(app, tmp_path):
    def run(text, *args, encoding="utf-8"):
        path = tmp_path / "marks.csv"
        path.write_bytes(text.encode(encoding))
        return app.test_cli_runner().invoke(args=["questions", "analyse", str(path), *args])

    return run


def test_the_command_answers_in_json(run):
    done = run("q1,q2,q3\n1,0.5,2\n0,,1\n1,1,2\n\n1,0,0.5\n0,.5,0\n".replace(",.5", ",0.5"),
               "--max", "1,1,2", "--json")  # fmt: skip
    answer = json.loads(done.output)
    assert [item["name"] for item in answer["items"]] == ["q1", "q2", "q3"]
    assert answer["test"]["n"] == 5
    assert answer["test"]["mean"] == pytest.approx(2.1)
    assert answer["items"][1]["answered"] == 4


def test_the_command_speaks_to_people_and_reads_what_excel_writes(run):
    done = run("\ufeff第一题,第二题\r\n1,2\r\n0,1\r\n", "--max", "1,2")
    assert done.exit_code == 0, done.output
    assert "第一题" in done.output and "internal_consistency" in done.output
    assert run("第一题\n1\n0\n", "--max", "1", encoding="gb18030").exit_code == 0


@pytest.mark.parametrize(
    ("text", "maxima", "told"),
    [
        ("", "1", "marks.csv:1"),
        ("a,a\n1,1\n", "1,1", "marks.csv:1"),
        ("a,b\n1,x\n", "1,1", "marks.csv:2: b: “x”不是分数"),
        ("a,b\n1,1,1\n", "1,1", "marks.csv:2"),
        ("a\n1e5\n", "1", "不是分数"),
        ("a\n2\n", "1", "row 1, a"),
        ("a\n1\n", "one", "--max"),
    ],
)
def test_a_faulty_file_is_told_with_its_place(run, text, maxima, told):
    done = run(text, "--max", maxima)
    assert isinstance(done.exception, Invalid)
    assert told in str(done.exception)
