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
    """subject: what gave them; quantity: minutes, with unit ``credit_hour`` (45 minutes) or
    ``clock_hour``; half days with unit ``half_day``, months with unit ``month``; detail ``form``
    (one of :data:`FORMS`), ``event`` (names the occasion: told twice it counts once), ``schemes``
    (scheme -> the quantity that it recognizes, when one occasion counts under several)"""
    SUBJECT_PASSED = "subject_passed"
    """subject ``subject:<code>``; detail ``exam_year``, ``basis`` (national or local_line),
    ``area`` (code of the region where it was sat), ``proof_on`` (day of the pass proof)"""
    REVIEW_PASSED = "review_passed"
    """subject ``review:senior``: the panel review (评审) that follows the senior paper"""
    QUALIFICATION_HELD = "qualification_held"
    """subject ``qualification:junior|intermediate|senior``; detail ``management_no``,
    ``expires_on``, ``valid_in`` (the only area in which it is valid; absent: everywhere)"""
    REGISTERED = "registered"
    """subject ``registration:junior|intermediate|senior``; its day is the first on which the
    registration (登记) is in force; detail ``expires_on``, ``number``"""
    CLASS_ATTENDED = "class_attended"
    """subject ``class:<class>``; detail ``total``: minutes that the class had"""
    LEAVE_TAKEN = "leave_taken"
    """subject ``class:<class>``; quantity: minutes of leave; detail ``total``: minutes that the
    class has"""
    SIGNED_OFF = "signed_off"
    """subject: what was signed off; detail ``role``: in which role"""
    PRACTISED = "practised"
    """subject ``drill:<subject>`` or ``drill:<subject>/<chapter>``; quantity: questions answered;
    detail ``correct``: how many of them rightly"""
    WORKED = "worked"
    """subject ``work:<field>``, for example ``work:social_work``; its day is the first; detail
    ``until``: the last day (absent: it goes on)"""
    EXEMPTED = "exempted"
    """subject: what need not be done, as records name it (``course:basics``), or a node of a
    requirement by its long name (``required_list:station-2026#hours``); detail ``expires_on``"""
    CREDENTIAL_ISSUED = "credential_issued"
    """subject ``program:<program>``; detail ``code``"""
    CORRECTED = "corrected"
    """``corrects`` names the record that no longer counts; no replacement"""


FORMS = ("classroom", "online", "degree", "other")
"""In which form hours were learned: a class, the network, a recognized degree, another way."""


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


def in_force(facts: Iterable[Fact], on: date | None = None) -> list[Fact]:
    """Return the facts that count: those that no other fact corrects, corrections left out.

    :param on: as of the end of this day: later facts do not count, and a correction holds from
        its own day on, so that one of a later day changes nothing yet. None: all that is known.
    """
    listed = [fact for fact in facts if on is None or fact.on <= on]
    gone = {fact.corrects for fact in listed if fact.corrects is not None}
    return [f for f in listed if f.number not in gone and f.kind != RecordKind.CORRECTED]


def last_day(fact: Fact) -> date | None:
    """Return the last day on which a fact counts (detail ``expires_on``); none: for ever."""
    return detail_day(fact, "expires_on")


def detail_day(fact: Fact, key: str) -> date | None:
    """Return a day of a fact's detail, or none if it says none."""
    text = fact.detail.get(key)
    return date.fromisoformat(text) if text else None
