"""The suggestion on the first page, case by case."""

from datetime import date, timedelta

import pytest

from lms.regulations.types import RuleText
from lms.web.home import countdown
from lms.web.next_step import Standing, Step, next_step

TODAY = date(2026, 3, 2)


def standing(**values):
    nothing = {
        "has_open_attempt": False,
        "can_claim": False,
        "next_due_on": None,
        "has_unmet_list": False,
        "has_course_begun": False,
        "wrong_book": 0,
        "has_passed_mock": False,
    }
    return Standing(**(nothing | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Step.SIT_MOCK),
        ({"has_passed_mock": True}, Step.PRACTICE),
        ({"wrong_book": 9}, Step.SIT_MOCK),
        ({"wrong_book": 10}, Step.CLEAR_WRONG_BOOK),
        ({"has_unmet_list": True, "wrong_book": 50}, Step.START_LIST),
        ({"has_unmet_list": True, "has_course_begun": True}, Step.CONTINUE_COURSE),
        # due today is not late
        ({"next_due_on": TODAY, "has_unmet_list": True}, Step.START_LIST),
        ({"next_due_on": TODAY - timedelta(days=1), "has_course_begun": True}, Step.CATCH_UP),
        ({"can_claim": True, "next_due_on": date(2026, 1, 1)}, Step.CLAIM_CREDENTIAL),
        ({"can_claim": True, "has_open_attempt": True}, Step.RESUME_EXAM),
        # a running clock comes before everything
        ({"has_open_attempt": True, "next_due_on": date(2026, 1, 1)}, Step.RESUME_EXAM),
    ],
)
def test_suggests_the_most_urgent_thing(values, expected):
    assert next_step(standing(**values), on=TODAY) == expected


def calendar(year, *days, announced=True):
    body = {"year": year, "days": list(days), "announced": announced}
    return RuleText(1, f"c{year}", "exam_calendar", "", "", TODAY, None, "", "settled", body)


CALENDARS = [
    calendar(2027, "2027-05-22", "2027-05-23", announced=False),
    calendar(2026, "2026-05-23", "2026-05-24"),
]


@pytest.mark.parametrize(
    ("on", "year", "days"),
    [
        (date(2026, 5, 22), 2026, 1),
        (date(2026, 5, 23), 2026, 0),
        (date(2026, 5, 24), 2026, 0),  # the second day still belongs to it
        (date(2026, 5, 25), 2027, 362),
    ],
)
def test_counts_down_to_the_exam_that_is_not_over(on, year, days):
    found = countdown(CALENDARS, on=on)
    assert (found.year, found.days) == (year, days)


def test_counts_down_to_nothing_when_no_calendar_is_known():
    assert countdown(CALENDARS, on=date(2028, 1, 1)) is None
