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
class TrailRow:
    """One line of the audit trail."""

    id: int
    at: datetime
    actor: str | None
    verb: str
    subject: str
    facts: Mapping[str, Any]
