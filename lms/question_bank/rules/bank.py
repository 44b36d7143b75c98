"""Everything that is suspicious about a whole bank. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from lms.question_bank.rules.checks import check_question
from lms.question_bank.rules.duplicates import THRESHOLD
from lms.question_bank.rules.laws import by_title, check_law
from lms.question_bank.rules.spread import check_repeats, check_spread
from lms.question_bank.types import Checkable, Finding, Law


def check_bank(
    questions: Sequence[Checkable],
    *,
    laws: Iterable[Law],
    on: date,
    threshold: float = THRESHOLD,
) -> list[Finding]:
    """Return what is suspicious: question by question, then what they give away together.

    :param laws: what is known of laws; none: nothing is said about them.
    :param on: the day on which laws should be in force.
    :param threshold: how alike two stems are that are told, see ``near_duplicates``.
    """
    known = by_title(laws)
    found: list[Finding] = []
    for question in questions:
        found += check_question(question)
        stale = check_law(question, known, on=on) if known else None
        if stale is not None:
            found.append(stale)
    return found + check_spread(questions) + check_repeats(questions, threshold)
