"""Values of dated rules. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

KINDS = (
    "marking",
    "practice_marking",
    "pass_line",
    "passing_window",
    "hours_scheme",
    "exam_calendar",
)
MARKING, PRACTICE_MARKING = KINDS[:2]
"""The rule of the official papers, of which one is in force on a day; and rules of which none is
in force by itself: a paper that is ours may name one."""
CERTAINTIES = ("settled", "likely", "unsure", "ours")


@dataclass(frozen=True, slots=True)
class RuleText:
    """One version of one rule."""

    version_id: int
    key: str
    kind: str
    title: str
    title_en: str
    effective_from: date
    effective_to: date | None
    """The last day, included."""
    source: str
    certainty: str
    body: Mapping[str, Any]
