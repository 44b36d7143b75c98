"""Pass a paper: by the line it was marked against, or with so many marks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._once import Subject, read_subject
from lms.requirements.types import (
    Context,
    Example,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Pass:
    """Which paper, and from how many marks on."""

    paper: Subject
    minimum: int | None
    """Half points; none: the pass line of the day it was sat."""


class PaperPassed(RequirementKind[Pass]):
    name = "paper_passed"
    keys = frozenset({"paper", "minimum"})

    def read(self, raw: Raw, read_child: ReadChild) -> Pass:
        minimum = reading.whole(raw, "minimum", low=1, high=2000) if "minimum" in raw else None
        return Pass(read_subject(raw, "paper"), minimum)

    def evaluate(self, spec: Pass, context: Context) -> Verdict:
        sat = context.evidence.about(RecordKind.PAPER_SAT, spec.paper.reference)
        for fact in sat:
            if _passes(fact, spec.minimum):
                return Verdict(State.MET, 100, met_on=fact.on)
        if not sat:
            return Verdict(State.NOT_STARTED, 0)
        best = max(sat, key=lambda fact: fact.quantity or 0)
        marks = best.quantity or 0
        line = spec.minimum or int(best.detail.get("out_of", 0))
        return Verdict(
            State.IN_PROGRESS,
            min(99, 100 * marks // line) if line else 0,
            says=(
                Sentence(
                    N_("考过 %(n)s 次，最好成绩 %(best)s 分"),
                    {"n": len(sat), "best": points(marks)},
                ),
            ),
        )

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


def points(half_points: int) -> str:
    """Return marks as people read them: 119 half points are ``59.5``."""
    whole, half = divmod(half_points, 2)
    return f"{whole}.5" if half else str(whole)


def _passes(fact: Fact, minimum: int | None) -> bool:
    if minimum is None:
        return bool(fact.detail.get("passed"))
    return (fact.quantity or 0) >= minimum


KIND = PaperPassed()
