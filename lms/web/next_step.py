"""What a learner should do next: one suggestion, decided from what is known. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Step(StrEnum):
    """What to do, in the order in which it is urgent."""

    RESUME_EXAM = "resume_exam"
    CATCH_UP = "catch_up"
    """Something on a required list is past its deadline."""
    CONTINUE_COURSE = "continue_course"
    START_LIST = "start_list"
    CLEAR_WRONG_BOOK = "clear_wrong_book"
    SIT_MOCK = "sit_mock"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the suggestion depends on."""

    has_open_attempt: bool
    next_due_on: date | None
    """The earliest deadline on any required list that is not met."""
    has_unmet_list: bool
    has_course_begun: bool
    wrong_book: int
    """Questions in the wrong-answer book."""
    has_passed_mock: bool


WRONG_BOOK_FULL = 10
"""From this many wrong answers on, reviewing them comes before another mock (our own rule)."""


def next_step(standing: Standing, *, on: date) -> Step:
    """Return the one thing to suggest. An open paper's clock is running, so it comes first."""
    if standing.has_open_attempt:
        return Step.RESUME_EXAM
    if standing.next_due_on is not None and standing.next_due_on < on:
        return Step.CATCH_UP
    if standing.has_course_begun:
        return Step.CONTINUE_COURSE
    if standing.has_unmet_list:
        return Step.START_LIST
    if standing.wrong_book >= WRONG_BOOK_FULL:
        return Step.CLEAR_WRONG_BOOK
    return Step.PRACTICE if standing.has_passed_mock else Step.SIT_MOCK
