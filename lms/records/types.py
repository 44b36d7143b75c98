"""Facts. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple


class RecordKind(StrEnum):
    """What a record says. Stored by value: never change one."""

    LESSON_COMPLETED = "lesson_completed"
    """subject ``lesson:<course>/<lesson>``; detail ``lessons``: how many the course has"""
    COURSE_COMPLETED = "course_completed"
    """subject ``course:<course>``"""
    PAPER_SAT = "paper_sat"
    """subject ``paper:<paper>``; quantity: marks in half points, or in the parts of a point that
    detail ``unit`` says; detail ``out_of``, ``passed``, ``attempt``"""
    HOURS_CREDITED = "hours_credited"
    """subject: what gave them; quantity: minutes; unit ``credit_hour`` (45 minutes) or
    ``clock_hour``"""
    SUBJECT_PASSED = "subject_passed"
    """subject ``subject:<code>``; detail ``exam_year``, ``basis`` (national or local_line)"""
    QUALIFICATION_HELD = "qualification_held"
    """subject ``qualification:junior|intermediate|senior``; detail ``management_no``,
    ``expires_on``"""
    CLASS_ATTENDED = "class_attended"
    """subject ``class:<class>``"""
    SIGNED_OFF = "signed_off"
    """subject: what was signed off"""
    EXEMPTED = "exempted"
    """subject: what need not be done"""
    CREDENTIAL_ISSUED = "credential_issued"
    """subject ``program:<program>``; detail ``code``"""
    CORRECTED = "corrected"
    """``corrects`` names the record that no longer counts; no replacement"""


class Fact(NamedTuple):
    """One record as rules see it. A page reads dozens, so it is made quickly."""

    number: int
    """The learner's own number of the record, from 1; 0 for a hypothetical fact."""
    kind: str
    subject: str
    on: date
    quantity: int | None = None
    """Marks, or minutes; the kind says which and in which unit."""
    unit: str = ""
    scheme: str = ""
    """The hours scheme it was credited under; empty: any."""
    category: str = ""
    """``professional`` (专业科目) or ``general`` (公需科目) for hours; level for qualifications."""
    detail: Mapping[str, Any] = MappingProxyType({})
    corrects: int | None = None


class Correction(NamedTuple):
    """What is to stand in the place of a fact."""

    learner_id: int
    fact: Fact
    """What no longer counts."""
    quantity: int | None
    detail: Mapping[str, Any]
    dedupe_key: str


def in_force(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts that count: those that no later fact corrects, corrections left out."""
    listed = list(facts)
    gone = {fact.corrects for fact in listed if fact.corrects is not None}
    return [f for f in listed if f.number not in gone and f.kind != RecordKind.CORRECTED]
