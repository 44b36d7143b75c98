"""Values of programs. Pure."""

from dataclasses import dataclass
from datetime import date

from lms.requirements.types import Progress, State


@dataclass(frozen=True, slots=True)
class Grant:
    """The credential that a program gives to those who meet it."""

    title: str
    title_en: str
    valid_years: int | None
    """None: without an end."""
    hours: int | None
    """学时 of 45 minutes that it states."""


@dataclass(frozen=True, slots=True)
class ProgramLine:
    """One program in the list, with how the learner stands with it."""

    key: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    sponsor: str
    starts_on: date
    ends_on: date | None
    """The last day, included."""
    grant: Grant | None
    joined_on: date | None
    """None: the learner does not take part."""
    state: State | None
    percent: int
    next_due_on: date | None

    @property
    def joined(self) -> bool:
        """Say whether the learner takes part."""
        return self.joined_on is not None


@dataclass(frozen=True, slots=True)
class ProgramDetail:
    """One program as a learner sees it, judged when asked."""

    key: str
    number: int
    title: str
    title_en: str
    summary: str
    summary_en: str
    sponsor: str
    certainty: str
    source: str
    starts_on: date
    ends_on: date | None
    grant: Grant | None
    open: bool
    """Whether one can join today."""
    joined_on: date | None
    progress: Progress
    """For who has not joined: as it would be, had they joined today."""
    credential_code: str
    """Of the credential issued for it; empty if none was."""

    @property
    def joined(self) -> bool:
        """Say whether the learner takes part."""
        return self.joined_on is not None
