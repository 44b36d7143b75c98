"""Be registered (登记) on the day that is asked about, with a level or a higher one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind, last_day
from lms.requirements.kinds._days import eve_of_years_after
from lms.requirements.kinds._levels import LEVELS, from_level
from lms.requirements.kinds._once import by_doing
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
class Registration:
    """Which level, and for how long one registration holds if it does not say itself."""

    level: str
    or_higher: bool
    years: int
    """0: without an end of its own it holds for ever."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of records that do."""
        return from_level("registration", self.level, or_higher=self.or_higher)


class RegistrationInForce(RequirementKind[Registration]):
    name = "registration_in_force"
    keys = frozenset({"level", "or_higher", "years"})
    required = frozenset({"level"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            "level": {"enum": list(LEVELS)},
            "or_higher": {"type": "boolean"},
            "years": {"type": "integer", "minimum": 0, "maximum": 20},
        }

    def read(self, raw: Raw, read_child: ReadChild) -> Registration:
        return Registration(
            level=reading.choice(raw, "level", LEVELS),
            or_higher=reading.flag(raw, "or_higher", default=True),
            years=reading.whole(raw, "years", low=0, high=20, default=0),
        )

    def evaluate(self, spec: Registration, context: Context) -> Verdict:
        found = [
            (registration_end(fact, spec.years) or date.max, fact)
            for subject in spec.subjects
            for fact in context.evidence.about(RecordKind.REGISTERED, subject)
        ]
        if not found:
            return Verdict(State.NOT_STARTED, 0)
        last, best = max(found, key=lambda pair: (pair[0], -pair[1].on.toordinal()))
        if last < context.on:
            ended = Sentence(N_("登记有效期已于 %(day)s 结束"), {"day": last})
            return Verdict(State.LAPSED, 0, says=(ended,))
        return Verdict(
            State.MET,
            100,
            met_on=_unbroken_since(best, found),
            expires_on=None if last == date.max else last,
        )

    def ways(self, spec: Registration, context: Context) -> tuple[Way, ...]:
        says = self.describe(spec, context.titles)
        return by_doing(context, RecordKind.REGISTERED, spec.subjects[0], says)

    def describe(self, spec: Registration, titles: Titles) -> Sentence:
        level = LEVELS[spec.level]
        if len(spec.subjects) == 1:
            return Sentence(N_("%(level)s登记在有效期内"), {"level": level})
        return Sentence(N_("%(level)s或更高级别的登记在有效期内"), {"level": level})

    def references(self, spec: Registration) -> tuple[str, ...]:
        return (f"registration:{spec.level}",)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)

        def registered(number: int, day: date, until: str = "") -> Fact:
            detail = {"expires_on": until} if until else {}
            subject = "registration:junior"
            return Fact(number, RecordKind.REGISTERED, subject, day, detail=detail)

        three = {"level": "junior", "years": 3}
        yield Example(three, (registered(1, date(2023, 6, 2)),), on, State.MET, 100)
        yield Example(three, (registered(1, date(2023, 6, 1)),), on, State.LAPSED, 0)
        renewed = registered(1, date(2023, 6, 1)), registered(2, date(2026, 5, 20))
        yield Example(three, renewed, on, State.MET, 100)
        yield Example(three, (), on, State.NOT_STARTED, 0)
        stated = registered(1, date(2020, 1, 1), "2026-06-01")
        yield Example(three, (stated,), on, State.MET, 100)


def registration_end(fact: Fact, years: int) -> date | None:
    """Return the last day of a registration: what it says, or so many years; none: for ever."""
    return last_day(fact) or (eve_of_years_after(fact.on, years) if years else None)


def _unbroken_since(best: Fact, found: list[tuple[date, Fact]]) -> date:
    """Return since when registrations have followed each other without a day between."""
    since = best.on
    for last, fact in sorted(found, key=lambda pair: pair[1].on, reverse=True):
        if fact.on < since and (last == date.max or last.toordinal() + 1 >= since.toordinal()):
            since = fact.on
    return since


KIND = RegistrationInForce()
