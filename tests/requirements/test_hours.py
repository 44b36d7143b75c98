"""Windows and units of hours, at their edges and against a slow oracle."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.requirements.kinds._days import years_after
from lms.requirements.rules import evaluate, read_requirement, spoken
from lms.requirements.types import State
from tests.requirements.builders import START, days, hours


def quota(minimum, unit="credit_hour", window="ever", **values):
    return {"kind": "hours", "unit": unit, "minimum": minimum, "window": window} | values


def judged(raw, *facts, on=date(2026, 12, 31), started_on=START):
    return evaluate(read_requirement(raw), facts, on=on, started_on=started_on)


@pytest.mark.parametrize(
    ("raw", "minutes", "percent"),
    [
        (quota(72, "clock_hour"), 96 * 45, 100),  # 72 x 60 = 96 x 45
        (quota(72, "clock_hour"), 96 * 45 - 1, 99),  # one minute short is not 72 hours
        (quota(90), 90 * 45, 100),
        (quota(90), 67 * 60, 99),  # 67 hours are 89.3 学时
        (quota(90), 90 * 60, 100),
        (quota(1), 0, 0),
    ],
)
def test_units_meet_in_minutes(raw, minutes, percent):
    assert judged(raw, hours(minutes)).percent == percent


@pytest.mark.parametrize(
    ("professional", "general", "met"),
    [
        (60, 30, True),
        (59, 31, False),  # 90 in all, but less than two thirds of them
        (60, 29, False),
        (90, 0, True),
        (60, 300, True),  # two thirds of the minimum, not of whatever was studied
        (0, 300, False),
    ],
)
def test_two_thirds_must_be_professional(professional, general, met):
    raw = quota(90, share={"professional": [2, 3]})
    facts = [hours(professional * 45), hours(general * 45, category="general")]
    assert judged(raw, *facts).satisfied is met


def test_a_share_that_does_not_divide_is_rounded_up():
    raw = quota(10, share={"professional": [2, 3]})  # 300 of 450 minutes
    assert judged(raw, hours(299), hours(151, category="general")).state == State.IN_PROGRESS
    assert judged(raw, hours(300), hours(150, category="general")).state == State.MET


def test_only_the_category_counts():
    raw = quota(6, category="general")
    assert judged(raw, hours(6 * 45)).state == State.NOT_STARTED
    assert judged(raw, hours(6 * 45, category="general")).state == State.MET


def test_a_scheme_takes_what_was_credited_under_it_or_under_none():
    raw = quota(6, scheme="PT-CE")
    assert judged(raw, hours(270, scheme="PT-CE")).state == State.MET
    assert judged(raw, hours(270)).state == State.MET
    assert judged(raw, hours(270, scheme="CADRE-B")).state == State.NOT_STARTED


@pytest.mark.parametrize(
    ("credited_on", "asked_on", "met"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), True),
        (date(2026, 12, 31), date(2026, 12, 31), True),
        (date(2026, 12, 31), date(2027, 1, 1), False),  # a new year begins at nothing
        (date(2025, 12, 31), date(2026, 1, 1), False),
    ],
)
def test_a_calendar_year(credited_on, asked_on, met):
    progress = judged(quota(1, window="calendar_year"), hours(45, credited_on), on=asked_on)
    assert progress.satisfied is met
    if met:
        assert progress.expires_on == date(2026, 12, 31)
    else:
        assert progress.state == State.NOT_STARTED


@pytest.mark.parametrize(
    ("credited_on", "years", "last"),
    [
        (date(2026, 3, 2), 1, date(2027, 3, 1)),
        (date(2026, 3, 1), 3, date(2029, 2, 28)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 28)),
        (date(2027, 3, 1), 1, date(2028, 2, 29)),
    ],
)
def test_rolling_years_end_on_the_eve(credited_on, years, last):
    raw = quota(1, window="rolling_years", years=years)
    credit = hours(45, credited_on)
    progress = judged(raw, credit, on=last)
    assert (progress.state, progress.expires_on) == (State.MET, last)
    assert judged(raw, credit, on=last + days(1)).state == State.LAPSED


def test_what_was_never_enough_has_not_lapsed():
    raw = quota(2, window="rolling_years", years=1)
    spread = [hours(45, date(2023, 1, 1)), hours(45, date(2025, 1, 1))]
    assert judged(raw, *spread).state == State.NOT_STARTED


def test_since_the_start_counts_the_first_day():
    raw = quota(1, window="since_start")
    assert judged(raw, hours(45, START - days(1))).state == State.NOT_STARTED
    assert judged(raw, hours(45, START)).state == State.MET


def test_says_how_much_there_is_and_how_much_is_asked():
    raw = quota(9, share={"professional": [2, 3]})
    progress = judged(raw, hours(100), hours(45, category="general"))
    assert [spoken(sentence) for sentence in progress.says] == [
        "已有 3.2 学时，要求 9 学时",
        "其中专业科目 2.2 学时，要求 6 学时",
    ]


DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))
CREDITS = st.lists(
    st.tuples(DAYS, st.integers(0, 400), st.sampled_from(["professional", "general"])), max_size=12
)


def still_counts(window, credited_on, on):
    """The oracle's window, from the other end."""
    if credited_on > on:
        return False
    if window == "calendar_year":
        return credited_on.year == on.year
    if window == "since_start":
        return credited_on >= START
    if window == "rolling_years":
        return on < years_after(credited_on, 2)
    return True


def enough(credits_, window, on, minimum, share):
    counting = [(minutes, kind) for day, minutes, kind in credits_ if still_counts(window, day, on)]
    total = Fraction(sum(minutes for minutes, _kind in counting), 45)
    inside = Fraction(sum(m for m, kind in counting if kind == "professional"), 45)
    return total >= minimum and (not share or inside >= Fraction(2, 3) * minimum)


@given(
    CREDITS,
    st.sampled_from(["calendar_year", "rolling_years", "since_start", "ever"]),
    DAYS,
    st.integers(1, 30),
    st.booleans(),
)
def test_agrees_with_a_slow_sum(credits_, window, on, minimum, share):
    more = ({"years": 2} if window == "rolling_years" else {}) | (
        {"share": {"professional": [2, 3]}} if share else {}
    )
    raw = quota(minimum, window=window, **more)
    facts = [hours(minutes, day, category) for day, minutes, category in credits_]
    progress = judged(raw, *facts, on=on)
    assert progress.satisfied == enough(credits_, window, on, minimum, share)
    if progress.expires_on is not None:
        past = [credit for credit in credits_ if credit[0] <= on]
        assert enough(past, window, progress.expires_on, minimum, share)
        assert not enough(past, window, progress.expires_on + days(1), minimum, share)
    lapsed = (
        window == "rolling_years"
        and not progress.satisfied
        and any(enough(credits_, window, day, minimum, share) for day, *_ in credits_ if day <= on)
    )
    assert (progress.state == State.LAPSED) == lapsed


@given(DAYS, st.integers(1, 20))
def test_a_year_is_never_a_day_too_long(day, years):
    assert timedelta(365 * years) <= years_after(day, years) - day <= timedelta(366 * years)
