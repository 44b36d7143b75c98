import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.points import points


@pytest.mark.parametrize(
    ("units", "unit", "words"),
    [
        (0, 2, "0"),
        (1, 2, "0.5"),
        (147, 2, "73.5"),
        (200, 2, "100"),
        (-1, 2, "-0.5"),
        (-4, 2, "-2"),
        (1, 4, "0.25"),
        (7, 8, "0.875"),
        (24, 12, "2"),
        (18, 12, "1.5"),
        (1, 3, "1/3"),
        (-1, 3, "-1/3"),
        (4, 3, "1 1/3"),
        (-7, 3, "-2 1/3"),
        (1, 16, "1/16"),  # 0.0625 has four places
        (5039, 5040, "5039/5040"),  # never rounded up to a whole point
        (3, 1, "3"),
    ],
)
def test_marks_are_written_as_people_write_them(units, unit, words):
    assert points(units, unit) == words


def test_half_points_are_the_usual_unit():
    assert points(119) == "59.5"


def read(words):
    """What the words say, read part by part."""
    sign, full, rest = re.fullmatch(r"(-?)(?:([\d.]+)(?: |$))?(\d+/\d+)?", words).groups()
    return (-1 if sign else 1) * (Fraction(full or 0) + Fraction(rest or 0))


@given(st.integers(-(10**6), 10**6), st.integers(1, 5040))
def test_what_is_written_is_exactly_what_was_earned(units, unit):
    assert read(points(units, unit)) == Fraction(units, unit)
