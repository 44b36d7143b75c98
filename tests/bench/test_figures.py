import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Pair, Spread, Turn, percentile, spread_of


def turn(**values):
    return Turn(**{"count": 100, "seconds": 0.5, "latencies": (), "cpu_seconds": 0.2} | values)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7.0], 50, 7.0),
        ([1.0, 2.0], 50, 1.0),  # one of two is half of them
        ([1.0, 2.0], 51, 2.0),
        ([float(n) for n in range(1, 101)], 95, 95.0),
        ([3.0, 1.0, 2.0], 100, 3.0),
        ([3.0, 1.0, 2.0], 0, 1.0),
        ([], 50, None),
    ],
)
def test_a_percentile_is_the_nearest_rank(values, percent, expected):
    assert percentile(values, percent) == expected


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_enough_values_do_not_exceed(values, percent):
    def covers(limit):
        return sum(value <= limit for value in values) * 100 >= percent * len(values)

    assert percentile(values, percent) == min(value for value in values if covers(value))


def test_a_turn_says_its_rate_and_its_cost():
    assert turn().rate == 200
    assert turn().cpu_ms == 2


def test_a_cost_that_cannot_be_read_is_not_zero():
    assert turn(cpu_seconds=None).cpu_ms is None
    assert Pair(turn(cpu_seconds=None), turn()).cpu_ratio is None


def test_a_turn_without_an_answer_has_no_cost():
    assert turn(count=0).cpu_ms is None


def test_a_pair_compares_ours_to_the_other():
    pair = Pair(turn(cpu_seconds=0.4, seconds=1.0), turn())
    assert pair.cpu_ratio == pytest.approx(2)
    assert pair.rate_ratio == pytest.approx(0.5)


def test_a_floor_below_one_tick_gives_no_ratio():
    assert Pair(turn(), turn(cpu_seconds=0.0)).cpu_ratio is None


def test_the_middle_is_quoted_with_its_range():
    assert spread_of([3.0, None, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert spread_of([None]) is None
