"""Values of practice. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a learner stands with one question."""

    tries: int
    wrong: int
    right_streak: int
    in_wrong_book: bool
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Drillable:
    """A question that a drill may show, and how the learner stands with it."""

    version_id: int
    question_id: int
    chapter_key: str
    in_wrong_book: bool
    last_at: datetime | None
    """When the learner last answered it; none if never."""


@dataclass(frozen=True, slots=True)
class ChapterStanding:
    """One chapter in the overview."""

    subject: str
    chapter_key: str
    questions: int
    seen: int
    """Questions the learner has answered at least once."""
    tries: int
    wrong: int
    """Tries that did not earn full marks."""
    in_wrong_book: int


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """One answer of a learner with how they stand with its question now."""

    number: int
    question_version_id: int
    token: str
    chosen: str
    """The author's letters."""
    unit: int
    """Parts of a point."""
    earned: int
    out_of: int
    right_streak: int
    in_wrong_book: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What the home page says about practice."""

    in_wrong_book: int
    answers: int
    answers_since: int
