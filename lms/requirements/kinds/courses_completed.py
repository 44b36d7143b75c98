"""Complete so many courses of a list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, islice
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._once import by_doing
from lms.requirements.types import (
    Context,
    Example,
    Listed,
    Named,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
    Way,
)

MOST_WAYS = 200
"""Selections that a plan weighs."""


@dataclass(frozen=True, slots=True)
class Courses:
    """Which courses, and how many of them."""

    keys: tuple[str, ...]
    needed: int


class CoursesCompleted(RequirementKind[Courses]):
    name = "courses_completed"
    keys = frozenset({"courses", "needed"})
    required = frozenset({"courses"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        key = {"type": "string", "pattern": f"^{reading.IDENTIFIER.pattern}$"}
        return {
            "courses": {
                "type": "array",
                "items": key,
                "minItems": 1,
                "maxItems": 200,
                "uniqueItems": True,
            },
            "needed": {"type": "integer", "minimum": 1},
        }

    def read(self, raw: Raw, read_child: ReadChild) -> Courses:
        keys = reading.texts(raw, "courses", at_least=1, at_most=200)
        for index, key in enumerate(keys):
            with reading.within("courses"):
                reading.identifier({str(index): key}, str(index))
        needed = reading.whole(raw, "needed", low=1, high=10_000, default=len(keys))
        if needed > len(keys):
            raise Invalid(
                "impossible_total",
                N_("只有 %(n)s 项，达不到 %(needed)s"),
                where="needed",
                n=len(keys),
                needed=needed,
            )
        return Courses(keys, needed)

    def evaluate(self, spec: Courses, context: Context) -> Verdict:
        days = _days(spec, context)
        if len(days) >= spec.needed:
            return Verdict(State.MET, 100, met_on=sorted(days.values())[spec.needed - 1])
        says = Sentence(
            N_("已学完 %(done)s 门，要求 %(needed)s 门"),
            {"done": len(days), "needed": spec.needed},
        )
        open_ = tuple(key for key in spec.keys if key not in days)
        left = Sentence(
            N_("还要在这些课程里学完 %(n)s 门：%(courses)s"),
            {"n": spec.needed - len(days), "courses": _titles(open_, context.titles)},
        )
        state = State.IN_PROGRESS if days else State.NOT_STARTED
        percent = 100 * len(days) // spec.needed
        return Verdict(state, percent, says=(says,) if days else (), left=(left,))

    def ways(self, spec: Courses, context: Context) -> tuple[Way, ...]:
        days = _days(spec, context)
        open_ = [key for key in spec.keys if key not in days]
        some = islice(combinations(open_, spec.needed - len(days)), MOST_WAYS)
        return tuple(sum((_step(key, context) for key in keys), ()) for keys in some)

    def describe(self, spec: Courses, titles: Titles) -> Sentence:
        n = len(spec.keys)
        if spec.needed == n:
            return Sentence(N_("学完全部 %(n)s 门课程"), {"n": n})
        return Sentence(N_("%(n)s 门课程任选学完 %(needed)s 门"), {"n": n, "needed": spec.needed})

    def references(self, spec: Courses) -> tuple[str, ...]:
        return tuple(f"course:{key}" for key in spec.keys)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)
        a, b = (
            Fact(number, RecordKind.COURSE_COMPLETED, f"course:{key}", on)
            for number, key in enumerate("ab", start=1)
        )
        two = {"courses": ["a", "b", "c"], "needed": 2}
        yield Example(two, (a, b), on, State.MET, 100)
        yield Example(two, (b,), on, State.IN_PROGRESS, 50)
        yield Example(two, (), on, State.NOT_STARTED, 0)
        yield Example({"courses": ["a", "b", "c"]}, (a, b), on, State.IN_PROGRESS, 66)


def _days(spec: Courses, context: Context) -> dict[str, date]:
    """Return on which day each course that is completed, or need not be, first was."""
    found = {}
    for key in spec.keys:
        subject = f"course:{key}"
        done = context.evidence.about(RecordKind.COURSE_COMPLETED, subject)
        spared = context.evidence.exemption(subject)
        if done or spared:
            found[key] = min(fact.on for fact in (*done[:1], spared) if fact)
    return found


def _titles(keys: Iterable[str], titles: Titles) -> Listed:
    return Listed(tuple(titles.get(f"course:{key}", Named(key, key)) for key in keys))


def _step(key: str, context: Context) -> Way:
    subject = f"course:{key}"
    says = Sentence(
        N_("学完课程“%(title)s”"), {"title": context.titles.get(subject, Named(key, key))}
    )
    ((step,),) = by_doing(context, RecordKind.COURSE_COMPLETED, subject, says)
    return (step,)


KIND = CoursesCompleted()
