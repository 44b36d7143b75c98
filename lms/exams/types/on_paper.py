"""What is said of papers that are printed, sat on paper and typed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from lms.exams.types import Blueprint, Slot
from lms.kernel.reading import Raw


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper drawn to be sat on paper."""

    id: int
    paper_key: str
    paper_version_id: int
    version_number: int
    title: str
    title_en: str
    subject: str
    minutes: int
    blueprint: Blueprint
    marking_rule_id: int
    marking: Raw
    """The body of the marking rule that its sheets state."""
    seed: int
    slots: tuple[Slot, ...]
    note: str
    unit: str
    """The name of the unit whose print it is."""
    printed_by: str
    printed_at: datetime


@dataclass(frozen=True, slots=True)
class PrintLine:
    """A print in a list."""

    id: int
    title: str
    title_en: str
    note: str
    unit: str
    printed_at: datetime
    entered: int
    """How many answer cards were typed in."""


class AnswerCard(NamedTuple):
    """What one learner wrote on paper, checked against the print."""

    learner_id: int
    chosen: Mapping[int, str]
    """Slot -> the answer as its kind stores it; blank ones may be missing."""
    spoilt: Mapping[int, str]
    """Slot -> letters, where more were marked than may be."""


class Entered(NamedTuple):
    """What became of an answer card."""

    learner_id: int
    attempt_number: int
    is_new: bool
    is_same: bool
    """Of one that was typed in before: whether it said the same."""


class EnteredLine(NamedTuple):
    """An answer card in the list of a print."""

    learner_id: int
    name: str
    sat_on: date
    earned: int
    out_of: int
    passed: bool
    unit: int
