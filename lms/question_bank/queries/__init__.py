"""Reads of the question bank."""

from lms.question_bank.queries.drafts import (
    draft_counts,
    draft_lines,
    outline,
    working_text,
    working_texts,
)
from lms.question_bank.queries.laws import ended_law, ended_laws
from lms.question_bank.queries.mistakes import (
    open_reports,
    own_reports,
    reported,
    reports_on,
    unseen_answers,
)
from lms.question_bank.queries.published import (
    IS_CURRENT,
    IS_DRAWN,
    PAGE,
    chapter_counts,
    drawable,
    found,
    found_ids,
    history,
    how_many,
    laws,
    point_counts,
    published,
    standing,
    versions,
)

__all__ = [
    "IS_CURRENT",
    "IS_DRAWN",
    "PAGE",
    "chapter_counts",
    "draft_counts",
    "draft_lines",
    "drawable",
    "ended_law",
    "ended_laws",
    "found",
    "found_ids",
    "history",
    "how_many",
    "laws",
    "open_reports",
    "outline",
    "own_reports",
    "point_counts",
    "published",
    "reported",
    "reports_on",
    "standing",
    "unseen_answers",
    "versions",
    "working_text",
    "working_texts",
]
