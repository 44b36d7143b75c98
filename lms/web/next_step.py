"""What a learner should do next: one suggestion, decided from what is known. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Step(StrEnum):
    """What to do, in the order in which it is urgent."""

    RESUME_EXAM = "resume_exam"
    CLAIM_CREDENTIAL = "claim_credential"
    """A program is met and its credential waits."""
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
    can_claim: bool
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
    late = standing.next_due_on is not None and standing.next_due_on < on
    urgent = {
        Step.RESUME_EXAM: standing.has_open_attempt,
        Step.CLAIM_CREDENTIAL: standing.can_claim,
        Step.CATCH_UP: late,
        Step.CONTINUE_COURSE: standing.has_course_begun,
        Step.START_LIST: standing.has_unmet_list,
        Step.CLEAR_WRONG_BOOK: standing.wrong_book >= WRONG_BOOK_FULL,
        Step.SIT_MOCK: not standing.has_passed_mock,
    }
    return next((step for step, applies in urgent.items() if applies), Step.PRACTICE)
