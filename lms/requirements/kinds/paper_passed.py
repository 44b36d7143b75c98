"""Pass a paper: by the line it was marked against, or with so many marks.

With ``tries`` only the first so many sittings count: afterwards it cannot be passed any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.points import HALF, points
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._once import KEY_SCHEMA, Subject, by_doing, read_subject
from lms.requirements.types import (
    Context,
    Example,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
    Way,
)


@dataclass(frozen=True, slots=True)
class Pass:
    """Which paper, and from how many marks on."""

    paper: Subject
    minimum: int | None
    """Half points; none: the pass line of the day it was sat."""
    tries: int | None
    """How many sittings count; none: all."""


class PaperPassed(RequirementKind[Pass]):
    name = "paper_passed"
    keys = frozenset({"paper", "minimum", "tries"})
    required = frozenset({"paper"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            "paper": KEY_SCHEMA,
            "minimum": {"type": "integer", "minimum": 1, "maximum": 2000},
            "tries": {"type": "integer", "minimum": 1, "maximum": 100},
        }

    def read(self, raw: Raw, read_child: ReadChild) -> Pass:
        minimum = reading.whole(raw, "minimum", low=1, high=2000) if "minimum" in raw else None
        tries = reading.whole(raw, "tries", low=1, high=100) if "tries" in raw else None
        return Pass(read_subject(raw, "paper"), minimum, tries)

    def evaluate(self, spec: Pass, context: Context) -> Verdict:
        sat = context.evidence.about(RecordKind.PAPER_SAT, spec.paper.reference)[: spec.tries]
        for fact in sat:
            if _passes(fact, spec.minimum):
                return Verdict(State.MET, 100, met_on=fact.on)
        if not sat:
            return Verdict(State.NOT_STARTED, 0)
        best = max(sat, key=_half_points)
        marks = best.quantity or 0
        # against the line in half points, or in the units of the best
        reached = _half_points(best) if spec.minimum else Fraction(marks)
        line = spec.minimum or int(best.detail.get("out_of", 0))
        used_up = spec.tries is not None and len(sat) >= spec.tries
        return Verdict(
            State.IMPOSSIBLE if used_up else State.IN_PROGRESS,
            max(0, min(99, floor(100 * reached / line))) if line else 0,
            says=(
                Sentence(
                    N_("考过 %(n)s 次，最好成绩 %(best)s 分"),
                    {"n": len(sat), "best": points(marks, _unit(best))},
                ),
            ),
            left=_tries_left(spec, len(sat)),
        )

    def ways(self, spec: Pass, context: Context) -> tuple[Way, ...]:
        sat = context.evidence.about(RecordKind.PAPER_SAT, spec.paper.reference)
        if spec.tries is not None and len(sat) >= spec.tries:
            return ()
        detail = {"passed": True, "out_of": spec.minimum or 0}
        says = self.describe(spec, context.titles)
        subject, marks = spec.paper.reference, spec.minimum or 0
        return by_doing(context, RecordKind.PAPER_SAT, subject, says, quantity=marks, detail=detail)

    def describe(self, spec: Pass, titles: Titles) -> Sentence:
        title = spec.paper.title(titles)
        if spec.minimum is None:
            if title is None:
                return Sentence(N_("考试合格"))
            return Sentence(N_("“%(title)s”考试合格"), {"title": title})
        marks = points(spec.minimum)
        if title is None:
            return Sentence(N_("考到 %(marks)s 分以上"), {"marks": marks})
        return Sentence(N_("“%(title)s”考到 %(marks)s 分以上"), {"title": title, "marks": marks})

    def references(self, spec: Pass) -> tuple[str, ...]:
        return (spec.paper.reference,)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)

        def sat(marks: int, *, passed: bool) -> Fact:
            detail = {"out_of": 200, "passed": passed}
            return Fact(1, RecordKind.PAPER_SAT, "paper:mock", on, quantity=marks, detail=detail)

        by_line, by_marks = {"paper": "mock"}, {"paper": "mock", "minimum": 120}
        yield Example(by_line, (sat(106, passed=True),), on, State.MET, 100)
        yield Example(by_line, (sat(106, passed=False),), on, State.IN_PROGRESS, 53)
        yield Example(by_marks, (sat(120, passed=False),), on, State.MET, 100)
        yield Example(by_marks, (sat(119, passed=True),), on, State.IN_PROGRESS, 99)  # 59.5
        yield Example(by_marks, (), on, State.NOT_STARTED, 0)

        twice = {**by_marks, "tries": 2}
        again = sat(119, passed=False)._replace(number=2, on=date(2026, 6, 2))
        late = sat(140, passed=True)._replace(number=3, on=date(2026, 6, 3))
        second = date(2026, 6, 3)
        yield Example(twice, (sat(80, passed=False),), on, State.IN_PROGRESS, 66)
        yield Example(twice, (sat(80, passed=False), again, late), second, State.IMPOSSIBLE, 99)

        def in_thirds(marks: int, *, passed: bool) -> Fact:
            detail = {"out_of": 300, "passed": passed, "unit": 3}
            return Fact(1, RecordKind.PAPER_SAT, "paper:mock", on, quantity=marks, detail=detail)

        yield Example(by_marks, (in_thirds(180, passed=False),), on, State.MET, 100)  # 60 points
        yield Example(by_marks, (in_thirds(179, passed=True),), on, State.IN_PROGRESS, 99)
        yield Example(by_line, (in_thirds(150, passed=False),), on, State.IN_PROGRESS, 50)
        yield Example(by_line, (in_thirds(-3, passed=False),), on, State.IN_PROGRESS, 0)


def _tries_left(spec: Pass, used: int) -> tuple[Sentence, ...]:
    if spec.tries is None:
        return ()
    if used >= spec.tries:
        return (Sentence(N_("%(n)s 次机会已用完"), {"n": spec.tries}),)
    return (Sentence(N_("还可以考 %(n)s 次"), {"n": spec.tries - used}),)


def _unit(fact: Fact) -> int:
    """Return in which parts of a point a record counts its marks."""
    return int(fact.detail.get("unit", HALF))


def _half_points(fact: Fact) -> Fraction:
    return Fraction(HALF * (fact.quantity or 0), _unit(fact))


def _passes(fact: Fact, minimum: int | None) -> bool:
    if minimum is None:
        return bool(fact.detail.get("passed"))
    return _half_points(fact) >= minimum


KIND = PaperPassed()
