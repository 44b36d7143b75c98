"""Attend a class, with no more leave than allowed.

``leave_at_most`` is a fraction of the class's hours: ``[1, 7]`` for party schools. Whoever takes
more is withdrawn (退学): 《干部教育培训工作条例》, revised 2023. It is judged as soon as the leave
is recorded, against the ``total`` that the record names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._fractions import FRACTION_SCHEMA, read_fraction
from lms.requirements.kinds._once import KEY_SCHEMA, Subject, by_doing, done_once, read_subject
from lms.requirements.types import (
    Context,
    Example,
    Params,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
    Way,
)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Which class, and how much leave."""

    subject: Subject
    leave_at_most: tuple[int, int] | None
    """Numerator and denominator; none: leave does not matter."""


class ClassAttended(RequirementKind[Attendance]):
    name = "class_attended"
    keys = frozenset({"class", "leave_at_most"})
    required = frozenset({"class"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {"class": KEY_SCHEMA, "leave_at_most": FRACTION_SCHEMA}

    def read(self, raw: Raw, read_child: ReadChild) -> Attendance:
        leave = read_fraction(raw, "leave_at_most") if "leave_at_most" in raw else None
        return Attendance(read_subject(raw, "class"), leave)

    def evaluate(self, spec: Attendance, context: Context) -> Verdict:
        verdict = done_once(context, RecordKind.CLASS_ATTENDED, spec.subject)
        leave = context.evidence.about(RecordKind.LEAVE_TAKEN, spec.subject.reference)
        if not leave or spec.leave_at_most is None:
            return verdict
        attended = context.evidence.about(RecordKind.CLASS_ATTENDED, spec.subject.reference)
        total = max(int(fact.detail.get("total", 0)) for fact in (*leave, *attended))
        taken = sum(fact.quantity or 0 for fact in leave)
        numerator, denominator = spec.leave_at_most
        params: Params = {
            "taken": _hours(taken),
            "most": _hours(total * numerator // denominator),
            "n": numerator,
            "d": denominator,
        }
        if total and taken * denominator > total * numerator:
            too_much = Sentence(
                N_("请假 %(taken)s 学时，超过 %(n)s/%(d)s（%(most)s 学时），按退学处理"), params
            )
            return Verdict(State.IMPOSSIBLE, 0, says=(too_much,), left=(too_much,))
        said = Sentence(N_("请假 %(taken)s 学时，最多 %(most)s 学时"), params)
        says = (said,) if total else ()
        if verdict.state.satisfied:
            return Verdict(State.MET, 100, met_on=verdict.met_on, says=says)
        return Verdict(State.IN_PROGRESS, 0, says=says)

    def ways(self, spec: Attendance, context: Context) -> tuple[Way, ...]:
        if self.evaluate(spec, context).state == State.IMPOSSIBLE:
            return ()
        says = self.describe(spec, context.titles)
        return by_doing(context, RecordKind.CLASS_ATTENDED, spec.subject.reference, says)

    def describe(self, spec: Attendance, titles: Titles) -> Sentence:
        title = spec.subject.title(titles)
        if title is None:
            return Sentence(N_("参加这个培训班"))
        return Sentence(N_("参加培训班“%(title)s”"), {"title": title})

    def references(self, spec: Attendance) -> tuple[str, ...]:
        return (spec.subject.reference,)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)
        attended = Fact(1, RecordKind.CLASS_ATTENDED, "class:2026-06", on)
        yield Example({"class": "2026-06"}, (attended,), on, State.MET, 100)
        yield Example({"class": "2026-09"}, (attended,), on, State.NOT_STARTED, 0)

        def leave(minutes: int) -> Fact:
            detail = {"total": 35 * 45}
            return Fact(
                2, RecordKind.LEAVE_TAKEN, "class:2026-06", on, quantity=minutes, detail=detail
            )

        school = {"class": "2026-06", "leave_at_most": [1, 7]}
        yield Example(school, (attended, leave(225)), on, State.MET, 100)  # 5 of 35: a seventh
        yield Example(school, (attended, leave(226)), on, State.IMPOSSIBLE, 0)
        yield Example(school, (leave(45),), on, State.IN_PROGRESS, 0)


def _hours(minutes: int) -> str:
    """Return minutes in credit hours of 45, with at most one decimal."""
    whole, tenth = divmod(minutes * 10 // 45, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


KIND = ClassAttended()
