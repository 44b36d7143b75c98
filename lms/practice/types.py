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
    """As its kind stores it."""
    unit: int
    """Parts of a point."""
    earned: int
    out_of: int
    answered_at: datetime
    right_streak: int
    in_wrong_book: bool
    ticks: str | None
    """What the learner ticked, marking themselves; none if they did not (yet)."""
    self_earned: int | None
    self_out_of: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """How one answer to a question turned out: by its learner's own mark, if there is one."""

    kind: str
    earned: int
    out_of: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """What the home page says about practice."""

    in_wrong_book: int
    answers: int
    answers_since: int
