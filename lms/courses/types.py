"""Values that travel between authors' files, pages and deeds. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from lms.kernel.reading import Raw
from lms.people.types import PostKind

AUDIENCES = (
    PostKind.STATION_WORKER,
    PostKind.COMMUNITY_WORKER,
    PostKind.CADRE,
    PostKind.VOLUNTEER,
)
"""Whom a course may be written for."""

CATEGORIES = ("professional", "general")
"""专业科目 and 公需科目: what its hours count as."""

MINUTES_AN_HOUR = 45
"""One 学时."""


class State(StrEnum):
    """How far something is."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    MET = "met"

    @classmethod
    def of(cls, started_at: datetime | None, completed_at: datetime | None) -> "State":
        """Return the state that two instants tell."""
        if completed_at is not None:
            return cls.MET
        return cls.NOT_STARTED if started_at is None else cls.IN_PROGRESS


@dataclass(frozen=True, slots=True)
class Check:
    """A self-check question of a lesson."""

    key: str
    kind: str
    stem: str
    """Markdown."""
    explanation: str
    spec: Raw
    """The kind's own table."""

    @classmethod
    def read(cls, stored: Raw) -> "Check":
        """Read what :meth:`stored` wrote."""
        return cls(
            stored["id"], stored["kind"], stored["stem"], stored["explanation"], stored["spec"]
        )

    def stored(self) -> dict[str, Any]:
        """Return the check as a lesson version keeps it."""
        return {
            "id": self.key,
            "kind": self.kind,
            "stem": self.stem,
            "explanation": self.explanation,
            "spec": dict(self.spec),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """How a learner stands with one check."""

    chosen: str
    """The newest try, as it is stored."""
    right: bool
    tries: int

    @classmethod
    def read(cls, stored: Raw) -> "Answer":
        """Read what :meth:`stored` wrote."""
        return cls(stored["chosen"], stored["right"], stored["tries"])

    def stored(self) -> dict[str, Any]:
        """Return the answer as the learner's progress keeps it."""
        return {"chosen": self.chosen, "right": self.right, "tries": self.tries}


class Module(NamedTuple):
    """A part of a course's outline."""

    key: str
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class CourseText:
    """A course in the version that concerns whoever asks: the one begun, else the current one."""

    id: int
    key: str
    state: str
    current_number: int
    version_id: int
    number: int
    title: str
    title_en: str
    summary: str
    summary_en: str
    audience: list[str]
    credit_hours: int
    category: str
    valid_on: date
    sources: list[str]
    published_at: datetime
    enrolled_at: datetime | None
    completed_at: datetime | None

    @property
    def is_behind(self) -> bool:
        """Say whether a newer version has been published since the learner began."""
        return self.number < self.current_number

    @property
    def progress_state(self) -> State:
        """How far the learner is."""
        return State.of(self.enrolled_at, self.completed_at)


class Place(NamedTuple):
    """One lesson's place in an outline, and how far the learner is in it."""

    position: int
    module: Module
    lesson_id: int
    key: str
    lesson_version_id: int
    title: str
    title_en: str
    minutes: int
    started_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def state(self) -> State:
        """How far the learner is in the lesson."""
        return State.of(self.started_at, self.completed_at)


@dataclass(frozen=True, slots=True)
class LessonText:
    """What a lesson's page shows, and how the learner answered its checks."""

    html: str
    checks: tuple[Check, ...]
    answers: Mapping[str, Answer]
    """By check."""


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A course in the catalogue."""

    key: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    audience: list[str]
    credit_hours: int
    category: str
    enrolled_at: datetime | None
    completed_at: datetime | None
    lessons: int
    done: int
    minutes: int

    @property
    def state(self) -> State:
        """How far the learner is."""
        return State.of(self.enrolled_at, self.completed_at)


@dataclass(frozen=True, slots=True)
class NextLesson:
    """Where a learner left off."""

    course_key: str
    course_title: str
    course_title_en: str
    lesson_key: str
    lesson_title: str
    lesson_title_en: str
    done: int
    total: int
    """Lessons of the course, in the version that the learner began."""


@dataclass(frozen=True, slots=True)
class TaughtCourse:
    """A course as its instructors see it."""

    id: int
    key: str
    state: str
    number: int
    """Of the current version; versions are numbered from 1 without gaps."""
    version_id: int
    title: str
    title_en: str
    published_at: datetime
    enrolled: int
    completed: int


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a course, as far as versions are compared."""

    version_id: int
    number: int
    published_at: datetime
    description: tuple[Any, ...]
    """What stands in ``course.toml``."""
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different in a version, compared with the one before."""

    added: tuple[Place, ...] = ()
    removed: tuple[Place, ...] = ()
    changed: tuple[Place, ...] = ()
    description: bool = False
    order: bool = False
    """Whether lessons kept changed places or modules, or modules changed names."""


@dataclass(frozen=True, slots=True)
class CheckCount:
    """First tries at one check in one version of a lesson."""

    lesson_version_id: int
    check_key: str
    tried: int
    right: int


@dataclass(frozen=True, slots=True)
class CheckStanding:
    """How learners did on one check at the first try."""

    check: Check
    tried: int
    right: int

    @property
    def right_percent(self) -> int | None:
        """Whole percent of first tries that were right; none without a try."""
        return 100 * self.right // self.tried if self.tried else None


@dataclass(frozen=True, slots=True)
class LessonCount:
    """How many learners began and completed a lesson."""

    started: int = 0
    completed: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Learners whose next lesson is this one."""

    learners: int = 0
    idle: int = 0
    """Those of them who did nothing in the course for a while."""


@dataclass(frozen=True, slots=True)
class LessonStanding:
    """How learners do in one lesson."""

    place: Place
    count: LessonCount
    waiting: Waiting
    checks: tuple[CheckStanding, ...]
    is_stall: bool = False
    """Whether more learners have come to rest here than at any other lesson."""
