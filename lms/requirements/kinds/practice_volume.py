"""Practise enough: so many questions answered, perhaps with a share of right answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._once import KEY_SCHEMA
from lms.requirements.types import (
    Context,
    Example,
    Named,
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
class Volume:
    """How many questions of which subject."""

    subject: str
    minimum: int
    correct_percent: int
    """At least so many of a hundred answered rightly; 0: no matter."""
    since_start: bool

    @property
    def reference(self) -> str:
        """The subject as records have it; those of its chapters begin with it."""
        return f"drill:{self.subject}"


class PracticeVolume(RequirementKind[Volume]):
    name = "practice_volume"
    keys = frozenset({"subject", "minimum", "correct_percent", "since_start"})
    required = frozenset({"subject", "minimum"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            "subject": KEY_SCHEMA,
            "minimum": {"type": "integer", "minimum": 1, "maximum": 100_000},
            "correct_percent": {"type": "integer", "minimum": 1, "maximum": 100},
            "since_start": {"type": "boolean"},
        }

    def read(self, raw: Raw, read_child: ReadChild) -> Volume:
        correct = "correct_percent" in raw
        return Volume(
            subject=reading.identifier(raw, "subject"),
            minimum=reading.whole(raw, "minimum", low=1, high=100_000),
            correct_percent=reading.whole(raw, "correct_percent", low=1, high=100)
            if correct
            else 0,
            since_start=reading.flag(raw, "since_start", default=False),
        )

    def evaluate(self, spec: Volume, context: Context) -> Verdict:
        answered = correct = 0
        for fact in _drills(spec, context):
            answered += fact.quantity or 0
            correct += min(int(fact.detail.get("correct", 0)), fact.quantity or 0)
            if answered >= spec.minimum and 100 * correct >= spec.correct_percent * answered:
                # a worse day later takes nothing back
                return Verdict(State.MET, 100, met_on=fact.on)
        if not answered:
            return Verdict(State.NOT_STARTED, 0)
        percent = min(99, 100 * answered // spec.minimum)
        params: Params = {
            "n": answered,
            "minimum": spec.minimum,
            "right": 100 * correct // answered,
            "asked": spec.correct_percent,
        }
        volume = Sentence(N_("已练 %(n)s 题，要求 %(minimum)s 题"), params)
        rate = Sentence(N_("答对 %(right)s%%，要求 %(asked)s%%"), params)
        says = (volume, rate) if spec.correct_percent else (volume,)
        left = Sentence(N_("还要练 %(n)s 题"), {"n": max(0, spec.minimum - answered)})
        return Verdict(
            State.IN_PROGRESS,
            percent,
            says=says,
            left=(left,) if answered < spec.minimum else says[1:],
        )

    def ways(self, spec: Volume, context: Context) -> tuple[Way, ...]:
        facts = list(_drills(spec, context))
        answered = sum(fact.quantity or 0 for fact in facts)
        correct = sum(int(fact.detail.get("correct", 0)) for fact in facts)
        more = max(1, spec.minimum - answered)
        if spec.correct_percent == 100 and correct < answered:
            return ()
        if spec.correct_percent:  # all of the further ones right: so many make up for the others
            short = spec.correct_percent * answered - 100 * correct
            more = max(more, -(-short // (100 - spec.correct_percent or 1)))
        fact = Fact(
            0,
            RecordKind.PRACTISED,
            spec.reference,
            context.on,
            quantity=more,
            detail={"correct": more},
        )
        params: Params = {"n": more, "title": _title(spec, context.titles)}
        says = Sentence(N_("再练 %(n)s 道“%(title)s”的题"), params)
        return ((Step(f"practised:{spec.reference}:{more}", says, context.on, (fact,)),),)

    def describe(self, spec: Volume, titles: Titles) -> Sentence:
        params: Params = {
            "n": spec.minimum,
            "title": _title(spec, titles),
            "asked": spec.correct_percent,
        }
        if spec.correct_percent:
            return Sentence(N_("练满 %(n)s 道“%(title)s”的题，答对 %(asked)s%% 以上"), params)
        return Sentence(N_("练满 %(n)s 道“%(title)s”的题"), params)

    def references(self, spec: Volume) -> tuple[str, ...]:
        return (spec.reference,)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)

        def drilled(number: int, n: int, correct: int, chapter: str = "") -> Fact:
            subject = f"drill:J-COMP{chapter}"
            detail = {"correct": correct}
            return Fact(number, RecordKind.PRACTISED, subject, on, quantity=n, detail=detail)

        hundred = {"subject": "J-COMP", "minimum": 100}
        yield Example(hundred, (drilled(1, 60, 0), drilled(2, 40, 0, "/06")), on, State.MET, 100)
        yield Example(hundred, (drilled(1, 99, 99),), on, State.IN_PROGRESS, 99)
        yield Example(hundred, (), on, State.NOT_STARTED, 0)
        rightly = {**hundred, "correct_percent": 60}
        yield Example(rightly, (drilled(1, 100, 60),), on, State.MET, 100)
        yield Example(rightly, (drilled(1, 100, 59),), on, State.IN_PROGRESS, 99)
        later = {**hundred, "since_start": True}
        eve = drilled(1, 100, 0)._replace(on=date(2025, 12, 31))
        yield Example(later, (eve,), on, State.NOT_STARTED, 0)


def _drills(spec: Volume, context: Context) -> Iterable[Fact]:
    for fact in context.evidence.all_of(RecordKind.PRACTISED):
        chapter = fact.subject.startswith(f"{spec.reference}/")
        if (chapter or fact.subject == spec.reference) and not (
            spec.since_start and fact.on < context.started_on
        ):
            yield fact


def _title(spec: Volume, titles: Titles) -> Named:
    unnamed = Named(spec.subject, spec.subject)
    return titles.get(spec.reference) or titles.get(f"subject:{spec.subject}", unnamed)


KIND = PracticeVolume()
