from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lms.kernel.clock import CHINA, day_of, end_of, utc_now


def at(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-03-01T15:59:59.999999+00:00", date(2026, 3, 1)),  # the last moment of the day
        ("2026-03-01T16:00:00+00:00", date(2026, 3, 2)),  # midnight in China
        ("2026-03-02T00:00:00+08:00", date(2026, 3, 2)),  # the same moment, said otherwise
        ("2028-02-28T16:00:00+00:00", date(2028, 2, 29)),  # a leap day begins
        ("2028-02-29T16:00:00+00:00", date(2028, 3, 1)),  # and is over
        ("2027-02-28T16:00:00+00:00", date(2027, 3, 1)),  # no leap day in 2027
        ("2026-12-31T16:00:00+00:00", date(2027, 1, 1)),  # the year changes eight hours early
        ("2026-07-01T00:00:00-05:00", date(2026, 7, 1)),  # wherever it was written down
    ],
)
def test_a_day_is_a_day_in_china(instant, day):
    assert day_of(at(instant)) == day


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 3, 1), "2026-03-01T16:00:00+00:00"),
        (date(2028, 2, 28), "2028-02-28T16:00:00+00:00"),  # the 29th follows
        (date(2028, 2, 29), "2028-02-29T16:00:00+00:00"),
        (date(2026, 12, 31), "2026-12-31T16:00:00+00:00"),
    ],
)
def test_a_day_is_over_at_midnight_in_china(day, end):
    assert end_of(day) == at(end)
    assert end_of(day).tzinfo is UTC


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2199, 12, 31)))
def test_the_end_of_a_day_is_the_first_moment_that_is_not_in_it(day):
    assert day_of(end_of(day) - timedelta(microseconds=1)) == day
    assert day_of(end_of(day)) == day + timedelta(days=1)


@given(st.datetimes(timezones=st.sampled_from([UTC, CHINA])))
def test_every_instant_lies_in_its_day(instant):
    assume(2 <= instant.year <= 9998)  # a day has a day before it and one after it
    assert end_of(day_of(instant)) - timedelta(days=1) <= instant < end_of(day_of(instant))


def test_now_is_aware_and_utc():
    assert utc_now().utcoffset() == timedelta(0)


def test_china_has_no_summer_time():
    assert {datetime(2026, month, 1, tzinfo=CHINA).utcoffset() for month in range(1, 13)} == {
        timedelta(hours=8)
    }
