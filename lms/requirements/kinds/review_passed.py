"""Pass the panel review (评审) while the proof of the passed exam is in force.

The senior paper gives a proof for so many years from its day of issue (detail ``proof_on``, or
the day of the record); the review must fall into them: 《高级社会工作师评价办法》 (2018).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind, detail_day
from lms.requirements.kinds._days import eve_of_years_after
from lms.requirements.kinds._levels import LEVELS
from lms.requirements.kinds._once import by_doing
from lms.requirements.types import (
    Context,
    Example,
    Params,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Step,
    Titles,
    Verdict,
    Way,
)


@dataclass(frozen=True, slots=True)
class Review:
    """Which paper, how long its proof holds, and the review of which level."""

    subject: str
    proof_years: int
    level: str

    def proof(self, fact: Fact) -> tuple[date, date]:
        """Return the first and last day of a proof."""
        first = detail_day(fact, "proof_on") or fact.on
        return first, eve_of_years_after(first, self.proof_years)


class ReviewPassed(RequirementKind[Review]):
    name = "review_passed"
    keys = frozenset({"subject", "proof_years", "level"})
    required = keys

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            "subject": {"type": "string", "minLength": 1},
            "proof_years": {"type": "integer", "minimum": 1, "maximum": 10},
            "level": {"enum": list(LEVELS)},
        }

    def read(self, raw: Raw, read_child: ReadChild) -> Review:
        return Review(
            reading.text(raw, "subject"),
            reading.whole(raw, "proof_years", low=1, high=10),
            reading.choice(raw, "level", LEVELS),
        )

    def evaluate(self, spec: Review, context: Context) -> Verdict:
        about = context.evidence.about
        proofs = [
            spec.proof(fact) for fact in about(RecordKind.SUBJECT_PASSED, f"subject:{spec.subject}")
        ]
        for review in about(RecordKind.REVIEW_PASSED, f"review:{spec.level}"):
            if any(first <= review.on <= last for first, last in proofs):
                return Verdict(State.MET, 100, met_on=review.on)
        if not proofs:
            return Verdict(State.NOT_STARTED, 0, left=(_pass_first(spec, context.titles),))
        last = max(last for _first, last in proofs)
        if last < context.on:
            ended = Sentence(N_("成绩合格证明已于 %(day)s 到期"), {"day": last})
            return Verdict(
                State.LAPSED, 0, says=(ended,), left=(_pass_first(spec, context.titles),)
            )
        until = Sentence(N_("成绩合格证明有效至 %(day)s，评审要在此前通过"), {"day": last})
        return Verdict(State.IN_PROGRESS, 50, says=(until,), left=(until,), next_on=last)

    def ways(self, spec: Review, context: Context) -> tuple[Way, ...]:
        today = context.today or context.on
        says = self.describe(spec, context.titles)
        subject = f"review:{spec.level}"
        proofs = [
            spec.proof(fact)
            for fact in context.evidence.about(RecordKind.SUBJECT_PASSED, f"subject:{spec.subject}")
        ]
        last = max((last for _first, last in proofs), default=date.min)
        ((review,),) = by_doing(context, RecordKind.REVIEW_PASSED, subject, says)
        if last > today:
            by = min(last, context.on)
            fact = review.facts[0]._replace(on=by)
            lost = Sentence(N_("否则成绩合格证明到期作废")) if last <= context.on else None
            return ((Step(review.deed, says, by, (fact,), or_else=lost),),)
        for sitting in context.sittings:
            if today < sitting.first and sitting.last < context.on:
                exam = _pass_first(spec, context.titles)
                passed = Fact(
                    0,
                    RecordKind.SUBJECT_PASSED,
                    f"subject:{spec.subject}",
                    sitting.last,
                    detail={"exam_year": sitting.year},
                )
                by = min(context.on, spec.proof(passed)[1])
                first = Step(
                    f"subject:{spec.subject}@{sitting.year}",
                    exam,
                    sitting.last,
                    (passed,),
                    likely=not sitting.announced,
                )
                fact = review.facts[0]._replace(on=by)
                return ((first, Step(review.deed, says, by, (fact,))),)
        return ()

    def describe(self, spec: Review, titles: Titles) -> Sentence:
        params: Params = {"level": LEVELS[spec.level], "years": spec.proof_years}
        return Sentence(N_("在成绩合格证明有效的 %(years)s 年内通过%(level)s评审"), params)

    def references(self, spec: Review) -> tuple[str, ...]:
        return (f"review:{spec.level}",)

    def examples(self) -> Iterable[Example]:
        senior = {"subject": "S-PRAC", "proof_years": 3, "level": "senior"}
        passed = Fact(
            1,
            RecordKind.SUBJECT_PASSED,
            "subject:S-PRAC",
            date(2023, 9, 7),
            detail={"exam_year": 2023, "proof_on": "2023-09-10"},
        )

        def reviewed(on: date) -> Fact:
            return Fact(2, RecordKind.REVIEW_PASSED, "review:senior", on)

        last, late = date(2026, 9, 9), date(2026, 9, 10)
        yield Example(senior, (passed, reviewed(last)), late, State.MET, 100)
        yield Example(senior, (passed, reviewed(late)), late, State.LAPSED, 0)
        yield Example(senior, (passed,), last, State.IN_PROGRESS, 50)
        yield Example(senior, (passed,), late, State.LAPSED, 0)
        yield Example(senior, (), last, State.NOT_STARTED, 0)


def _pass_first(spec: Review, titles: Titles) -> Sentence:
    title = titles.get(f"subject:{spec.subject}", spec.subject)
    return Sentence(N_("先通过考试科目“%(subject)s”"), {"subject": title})


KIND = ReviewPassed()
