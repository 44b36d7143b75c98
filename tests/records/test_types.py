"""Which facts count."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.records.types import Fact, RecordKind, in_force

CORRECTED = RecordKind.CORRECTED


def fact(number, *, kind="hours_credited", corrects=None):
    return Fact(number, kind, "course:basics", date(2026, 3, 2), corrects=corrects)


@pytest.mark.parametrize(
    ("facts", "numbers"),
    [
        ([], []),
        ([fact(1), fact(2)], [1, 2]),
        ([fact(1), fact(2, corrects=1)], [2]),  # replaced
        ([fact(1), fact(2, kind=CORRECTED, corrects=1)], []),  # taken back, nothing in its place
        ([fact(1), fact(2), fact(3, corrects=1)], [2, 3]),
        ([fact(1), fact(2, corrects=1), fact(3, corrects=2)], [3]),  # corrected twice
        ([fact(1), fact(2, corrects=1), fact(3, kind=CORRECTED, corrects=2)], []),  # and taken back
        ([fact(1), fact(2, corrects=1), fact(3, corrects=1)], [2, 3]),  # by two people
        ([fact(2, corrects=1), fact(1)], [2]),  # in whatever order they come
        ([fact(2, corrects=9)], [2]),  # what it names is not among them
        ([fact(1), fact(0)], [1, 0]),  # a hypothetical fact counts
        ([fact(1), fact(0, corrects=1)], [0]),  # and may replace
    ],
)
def test_facts_count_until_they_are_corrected(facts, numbers):
    assert [found.number for found in in_force(facts)] == numbers


def test_facts_may_come_from_a_stream():
    assert [f.number for f in in_force(fact(n) for n in (1, 2))] == [1, 2]


@given(st.lists(st.none() | st.integers(1, 8), max_size=8))
def test_a_fact_counts_exactly_if_no_other_names_it(corrects):
    facts = [fact(n, corrects=c) for n, c in enumerate(corrects, start=1)]
    for one in facts:
        named = any(other.corrects == one.number for other in facts)
        assert (one in in_force(facts)) == (not named)
