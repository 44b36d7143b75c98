"""Reach so many points; each child is worth some: ``points = 3`` beside its ``kind``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.types import (
    Context,
    Example,
    Progress,
    ReadChild,
    Requirement,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Points:
    """How many points, and what each child is worth; an optional child is worth nothing."""

    needed: int
    of: tuple[Requirement, ...]
    worth: tuple[int, ...]


class PointsReached(RequirementKind[Points]):
    name = "points"
    keys = frozenset({"of", "needed"})
    required = keys

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        worth = {"points": {"type": "integer", "minimum": 1, "maximum": 1000}}
        child = {"type": "object", "required": ["points"], "properties": worth}
        return {
            "needed": {"type": "integer", "minimum": 1},
            # what else a child may hold the reader checks, once its points are taken off
            "of": {"type": "array", "minItems": 1, "items": child},
        }

    def read(self, raw: Raw, read_child: ReadChild) -> Points:
        of, worth = [], []
        for index, part in enumerate(reading.tables(raw, "of", at_least=1)):
            with reading.within("of", index):
                optional = part.get("optional") is True and "points" not in part
                worth.append(0 if optional else reading.whole(part, "points", low=1, high=1000))
                of.append(read_child({k: v for k, v in part.items() if k != "points"}))
                if of[-1].optional and worth[-1]:
                    raise Invalid("two_wishes", N_("选修项不计积分"), where="points")
        needed = reading.whole(raw, "needed", low=1, high=10_000)
        if needed > sum(worth):
            raise Invalid(
                "impossible_total",
                N_("只有 %(n)s 项，达不到 %(needed)s"),
                where="needed",
                n=sum(worth),
                needed=needed,
            )
        return Points(needed, tuple(of), tuple(worth))

    def evaluate(self, spec: Points, context: Context) -> Verdict:
        children = tuple(context.judge(child) for child in spec.of)
        weighed = list(zip(spec.worth, children, strict=True))
        have = sum(worth for worth, child in weighed if child.satisfied)
        if have >= spec.needed:
            return _reached(spec, children)
        params = {"have": have, "needed": spec.needed, "n": spec.needed - have}
        says = Sentence(N_("已得 %(have)s 分，要求 %(needed)s 分"), params)
        left = Sentence(N_("还差 %(n)s 分"), params)
        return Verdict(
            _state(spec, children),
            100 * have // spec.needed,
            says=(says,),
            left=(left,),
            children=children,
            shortest=_shortest(spec, children, missing=spec.needed - have),
        )

    def describe(self, spec: Points, titles: Titles) -> Sentence:
        return Sentence(N_("积满 %(needed)s 分"), {"needed": spec.needed})

    def children(self, spec: Points) -> tuple[Requirement, ...]:
        return spec.of

    def weights(self, spec: Points) -> tuple[int, tuple[int, ...]]:
        return spec.needed, spec.worth

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)
        worth = {"a": 1, "b": 2, "c": 3}
        tree = {
            "needed": 4,
            "of": [
                {"kind": "course_completed", "course": key, "points": n} for key, n in worth.items()
            ],
        }
        a, b, c = (
            Fact(number, RecordKind.COURSE_COMPLETED, f"course:{key}", on)
            for number, key in enumerate("abc", start=1)
        )
        yield Example(tree, (a, c), on, State.MET, 100)
        yield Example(tree, (a, b), on, State.IN_PROGRESS, 75)
        yield Example(tree, (), on, State.NOT_STARTED, 0)


def _reached(spec: Points, children: tuple[Progress, ...]) -> Verdict:
    done = [
        (worth, child)
        for worth, child in zip(spec.worth, children, strict=True)
        if worth and child.satisfied
    ]
    bound = [child.area for _worth, child in done if child.area]
    unbound = sum(worth for worth, child in done if not child.area)
    return Verdict(
        State.MET if any(child.state == State.MET for _w, child in done) else State.EXEMPT,
        100,
        met_on=_last(spec, ((worth, child.met_on or date.min) for worth, child in done)),
        expires_on=_first_lost(spec, done),
        children=children,
        area=bound[0] if bound and unbound < spec.needed else "",
    )


def _last(spec: Points, gained: Iterable[tuple[int, date]]) -> date | None:
    """Return the day on which the points were enough."""
    have = 0
    for worth, day in sorted(gained, key=lambda pair: pair[1]):
        have += worth
        if have >= spec.needed:
            return None if day == date.min else day
    return None


def _first_lost(spec: Points, done: Sequence[tuple[int, Progress]]) -> date | None:
    """Return the last day on which the points are still enough; none: for ever."""
    left = sum(worth for worth, _child in done)
    for worth, child in sorted(done, key=lambda pair: pair[1].expires_on or date.max):
        left -= worth
        if left < spec.needed:
            return child.expires_on
    return None


def _state(spec: Points, children: Sequence[Progress]) -> State:
    def points_of(*states: State) -> int:
        return sum(
            worth
            for worth, child in zip(spec.worth, children, strict=True)
            if child.state in states
        )

    if sum(spec.worth) - points_of(State.IMPOSSIBLE) < spec.needed:
        return State.IMPOSSIBLE
    if points_of(State.MET, State.EXEMPT, State.LAPSED) >= spec.needed:
        return State.LAPSED
    asked = [child.state for child in children if not child.optional]
    if all(state == State.NOT_STARTED for state in asked):
        return State.NOT_STARTED
    return State.IN_PROGRESS


def _shortest(spec: Points, children: Sequence[Progress], *, missing: int) -> tuple[int, ...]:
    """Return which open children give the missing points with the least left to do.

    The usual table of a knapsack, over points; then what can be left out is left out.
    """
    open_ = [i for i, child in enumerate(children) if spec.worth[i] and not child.satisfied]
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for i in sorted(open_, key=lambda i: (children[i].state == State.IMPOSSIBLE, i)):
        effort = 100 - children[i].percent
        if children[i].state == State.IMPOSSIBLE:
            effort += 100 * len(children)
        for have, (cost, chosen) in sorted(best.items(), reverse=True):
            then = min(missing, have + spec.worth[i])
            known = best.get(then)
            if known is None or (cost + effort, len(chosen)) < (known[0], len(known[1])):
                best[then] = (cost + effort, (*chosen, i))
    needed = list(best[missing][1])
    for i in sorted(needed, key=lambda i: spec.worth[i]):
        if sum(spec.worth[j] for j in needed) - spec.worth[i] >= missing:
            needed.remove(i)
    return tuple(sorted(needed))


KIND = PointsReached()
