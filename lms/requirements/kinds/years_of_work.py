"""Have worked so many years in a field.

Periods that overlap count once. With ``counted_to`` the years are counted up to that day, as the
notice of an exam says (2025: to 31 December of the year before). Several periods are put end to
end, the last where it stands; years are years of the calendar.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind, detail_day
from lms.requirements.kinds._days import DAY, years_after
from lms.requirements.kinds._once import KEY_SCHEMA, by_doing
from lms.requirements.types import (
    Context,
    Example,
    Named,
    Params,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
    Way,
)

FIELDS = {"social_work": Named("社会工作", "social work")}
"""What people call fields of work; others are called by their key."""


@dataclass(frozen=True, slots=True)
class Work:
    """How many years, in what."""

    field: str
    years: int
    counted_to: date | None

    @property
    def reference(self) -> str:
        """The subject as records have it."""
        return f"work:{self.field}"


class YearsOfWork(RequirementKind[Work]):
    name = "years_of_work"
    keys = frozenset({"field", "years", "counted_to"})
    required = frozenset({"field", "years"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            "field": KEY_SCHEMA,
            "years": {"type": "integer", "minimum": 1, "maximum": 60},
            "counted_to": {"type": ["string", "null"], "format": "date"},
        }

    def read(self, raw: Raw, read_child: ReadChild) -> Work:
        return Work(
            reading.identifier(raw, "field"),
            reading.whole(raw, "years", low=1, high=60),
            reading.optional_day(raw, "counted_to"),
        )

    def evaluate(self, spec: Work, context: Context) -> Verdict:
        end = min(context.on, spec.counted_to or context.on)
        spans = worked_spans(context.evidence.about(RecordKind.WORKED, spec.reference), end)
        if not spans:
            closed = spec.counted_to is not None and context.on >= spec.counted_to
            return Verdict(State.IMPOSSIBLE if closed else State.NOT_STARTED, 0)
        reached = reached_on(spans, spec.years)
        if reached is not None:
            return Verdict(State.MET, 100, met_on=reached)
        days = sum((last - first).days + 1 for first, last in spans)
        percent = min(99, 100 * days // (365 * spec.years))
        says = Sentence(
            N_("已有 %(years)s 年 %(days)s 天，要求 %(needed)s 年"),
            {**_years_and_days(spans), "needed": spec.years},
        )
        goes_on = _goes_on(context.evidence.about(RecordKind.WORKED, spec.reference), context.on)
        will = None
        if goes_on and spans[-1][1] == context.on:
            will = _would_be_reached(spans, spec.years)
        late = spec.counted_to is not None and (
            context.on >= spec.counted_to or (will is not None and will > spec.counted_to)
        )
        if late:
            return Verdict(State.IMPOSSIBLE, percent, says=(says,))
        left = (Sentence(N_("继续工作到 %(day)s 即满"), {"day": will}),) if will else ()
        return Verdict(State.IN_PROGRESS, percent, says=(says,), left=left, next_on=will)

    def ways(self, spec: Work, context: Context) -> tuple[Way, ...]:
        """Going on with what goes on needs no step; beginning it in time may be one."""
        end = min(context.on, spec.counted_to or context.on)
        if context.today is None or end < context.today:
            return ()
        ((step,),) = by_doing(
            context, RecordKind.WORKED, spec.reference, self.describe(spec, context.titles)
        )
        begun = step.facts[0]._replace(on=context.today + DAY)
        before = worked_spans(
            context.evidence.about(RecordKind.WORKED, spec.reference), context.today
        )
        if reached_on([*before, (begun.on, end)], spec.years) is None:
            return ()
        says = Sentence(N_("从现在起一直从事%(field)s"), {"field": _field(spec)})
        return ((replace(step, says=says, facts=(begun,)),),)

    def describe(self, spec: Work, titles: Titles) -> Sentence:
        params: Params = {
            "years": spec.years,
            "field": _field(spec),
            "day": spec.counted_to or date.max,
        }
        if spec.counted_to is None:
            return Sentence(N_("从事%(field)s满 %(years)s 年"), params)
        return Sentence(N_("到 %(day)s 从事%(field)s满 %(years)s 年"), params)

    def references(self, spec: Work) -> tuple[str, ...]:
        return (spec.reference,)

    def examples(self) -> Iterable[Example]:
        def worked(number: int, first: date, until: str = "") -> Fact:
            detail = {"until": until} if until else {}
            return Fact(number, RecordKind.WORKED, "work:social_work", first, detail=detail)

        two = {"field": "social_work", "years": 2}
        goes_on = worked(1, date(2024, 6, 2))
        yield Example(two, (goes_on,), date(2026, 6, 1), State.MET, 100)
        yield Example(two, (goes_on,), date(2026, 5, 31), State.IN_PROGRESS, 99)
        yield Example(two, (), date(2026, 6, 1), State.NOT_STARTED, 0)
        twice = worked(1, date(2023, 1, 1), "2023-12-31"), worked(2, date(2024, 7, 1), "2025-07-01")
        yield Example(two, twice, date(2026, 6, 1), State.MET, 100)
        twin = worked(1, date(2024, 1, 1), "2024-12-31"), worked(2, date(2024, 1, 1), "2024-12-31")
        yield Example(two, twin, date(2026, 6, 1), State.IN_PROGRESS, 50)
        cut = {**two, "counted_to": "2025-12-31"}
        yield Example(cut, (goes_on,), date(2026, 6, 1), State.IMPOSSIBLE)


Span = tuple[date, date]
"""First and last day, both included."""


def worked_spans(facts: Iterable[Fact], end: date) -> list[Span]:
    """Return what was worked by a day, without overlaps, oldest first."""
    found: list[Span] = []
    for fact in sorted(facts, key=lambda fact: fact.on):
        first, last = fact.on, min(detail_day(fact, "until") or end, end)
        if last < first:
            continue
        if found and first <= found[-1][1] + DAY:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def reached_on(spans: Iterable[Span], years: int) -> date | None:
    """Return the day on which so many years were full, or none."""
    before = timedelta()
    for first, last in spans:
        # as if everything earlier had ended on the eve of this period
        full = years_after(first - before, years) - DAY
        if full <= last:
            return max(full, first)
        before += last - first + DAY
    return None


def _would_be_reached(spans: list[Span], years: int) -> date:
    first = spans[-1][0]
    before = sum(((last - begun + DAY) for begun, last in spans[:-1]), timedelta())
    return years_after(first - before, years) - DAY


def _goes_on(facts: Iterable[Fact], on: date) -> bool:
    return any((detail_day(fact, "until") or date.max) > on for fact in facts)


def _years_and_days(spans: list[Span]) -> dict[str, int]:
    first, last = spans[-1]
    start = first - sum(((end - begun + DAY) for begun, end in spans[:-1]), timedelta())
    years = last.year - start.year + 1
    while years_after(start, years) - DAY > last:
        years -= 1
    return {"years": years, "days": (last + DAY - years_after(start, years)).days}


def _field(spec: Work) -> Named:
    return FIELDS.get(spec.field, Named(spec.field, spec.field))


KIND = YearsOfWork()
