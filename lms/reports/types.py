"""Rows of reports. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class UnitRow:
    """How the people under one unit stand with their required lists."""

    organization_id: int
    name: str
    kind: str
    met: int
    """List assignments that are met (or exempt)."""
    overdue: int
    """List assignments with something past its deadline."""
    total: int
    """List assignments in all: the denominator. Somebody with two posts counts for each."""

    @property
    def percent(self) -> int:
        """Share of met assignments, rounded down."""
        return self.met * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class PersonRow:
    """How one person stands with one required list."""

    learner_id: int
    name: str
    unit: str
    list_title: str
    list_title_en: str
    state: str
    percent: int
    next_due_on: date | None
    goal_id: int

    def is_overdue(self, on: date) -> bool:
        """Say whether something still missing is past its deadline."""
        return self.next_due_on is not None and self.next_due_on < on


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the trail an auditor looks for; empty means everything."""

    family: str = ""
    """The first part of a verb: ``people``."""
    verb: str = ""
    actor: str = ""
    """A name or a user name, as it is written."""
    subject: str = ""
    since: date | None = None
    until: date | None = None
    """The last day, included."""
    text: str = ""
    """What the facts contain."""

    def plain(self) -> dict[str, str]:
        """Return what is looked for as texts, for addresses and for the trail."""
        found = {
            "family": self.family,
            "verb": self.verb,
            "actor": self.actor,
            "subject": self.subject,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "text": self.text,
        }
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One line of the audit trail."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str | None
    actor_user_name: str | None
    verb: str
    subject: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One line of the trail with its place in the chain."""

    row: TrailRow
    number: int | None
    """Its link; none while it waits to be sealed."""
    digest: str | None
    matches: bool | None
    """Whether the entry is what was sealed; none while it waits."""


@dataclass(frozen=True, slots=True)
class Look:
    """That somebody saw data of mine."""

    at: datetime
    verb: str
    who: str
    """The actor's name, masked."""
    unit: str
    """Where they work."""
    why: str


@dataclass(frozen=True, slots=True)
class OwnTable:
    """What one table holds of a person."""

    name: str
    title: str
    """A message id."""
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PaperSat:
    """One version of a paper that learners have handed in."""

    version_id: int
    key: str
    number: int
    title: str
    title_en: str
    subject: str
    sat: int
    """Papers that were handed in."""
    marking_rule_id: int
    """The newest rule they were marked under."""
    out_of: int
    """Full mark of one paper, in units."""
    unit: int
    """Parts of a point in which its papers were marked, or 5040 if not all in the same."""
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaperUse:
    """A paper that may draw a question."""

    key: str
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class LessonUse:
    """A lesson about the same place of the outline as a question."""

    course_key: str
    lesson_key: str
    title: str
    title_en: str
    course_title: str
    course_title_en: str


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How often a version of a question was answered somewhere, and how well."""

    number: int
    """Of the version."""
    paper_key: str
    """Empty: in drills."""
    title: str
    title_en: str
    n: int
    earned: int
    """5040ths of a point: marks under rules of different units add up in them."""
    out_of: int

    @property
    def percent(self) -> int:
        """Share of the full mark that was earned, rounded down. Never below 0."""
        return 100 * max(self.earned, 0) // self.out_of if self.out_of else 0


@dataclass(frozen=True, slots=True)
class LearnedWith:
    """Somebody who answered questions of a law that has changed since."""

    learner_id: int
    name: str
    unit: str
    answers: int
    last_at: datetime
