"""Plan how to be met by a day, and ask what hypothetical records would change.

A plan is the cheapest set of deeds: equal deeds are one, whichever nodes they serve. Where nodes
share no deed their cheapest ways simply add up; where they do, ways that use different shared
deeds are weighed side by side, up to :data:`MOST_WAYS` at a node. The result is judged by the
engine itself before it is given, and what turns out not to be needed is left out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lms.records.types import Fact
from lms.requirements.rules.judging import context_of, earlier, evaluate, judge_node
from lms.requirements.rules.reading import all_kinds
from lms.requirements.types import (
    Evidence,
    Plan,
    Progress,
    Requirement,
    Sitting,
    Step,
    Titles,
    Way,
    WhatIf,
)

MOST_WAYS = 400
"""Ways that are kept at one node; the cheapest of more."""
MOST_STATES = 4000
"""Combinations that are kept while the children of one node are weighed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is the same at every node of one plan."""

    evidence: Evidence
    started_on: date
    titles: Titles
    sittings: tuple[Sitting, ...]
    today: date
    costs: Mapping[str, int]


def plan(
    requirement: Requirement,
    facts: Iterable[Fact],
    *,
    on: date,
    by: date,
    started_on: date,
    titles: Titles | None = None,
    sittings: Sequence[Sitting] = (),
    costs: Mapping[str, int] | None = None,
) -> Plan:
    """Return the cheapest way to be met on a day that is to come.

    A step costs what ``costs`` says for its deed (``course_completed:course:basics``), else 1; of
    hours, 1 for each that is missing. Of equals the one that is done earlier.

    :param on: the day on which the plan is made.
    :param by: the day on which all shall be met; not before ``on``.
    :param sittings: the days of the national exam, known or projected. Without one no subject
        can be planned.
    :raises ValueError: ``by`` lies before ``on``.
    """
    if by < on:
        raise ValueError(f"{by} is before {on}")
    known = [fact for fact in facts if fact.on <= on]
    asked = _Asked(
        Evidence.of(known, on=by),
        started_on,
        titles or {},
        tuple(sorted(sittings, key=lambda sitting: sitting.first)),
        on,
        costs or {},
    )
    judged = judge_node(requirement, asked.evidence, started_on, asked.titles, None)
    leaves = _leaf_ways(requirement, judged, asked)
    weighing = _Weighing(leaves, _shared_deeds(leaves.values()))
    ways = weighing.ways(requirement, judged)

    def then(way: Way) -> Progress:
        return evaluate(
            requirement, [*known, *_facts(way)], on=by, started_on=started_on, titles=titles
        )

    for way in ways:
        if then(way).satisfied:
            steps = _pruned(way, then)
            steps = tuple(sorted(steps, key=lambda step: (step.by, step.deed)))
            return Plan(by, steps, weighing.exact, then(steps))
    return Plan(by, (), weighing.exact, judged)


def what_if(
    requirement: Requirement,
    facts: Iterable[Fact],
    more: Iterable[Fact],
    *,
    on: date,
    started_on: date,
    titles: Titles | None = None,
) -> WhatIf:
    """Say what hypothetical records would change on a day. Those of later days change nothing.

    :param more: facts with number 0, or with the numbers that they would have.
    """
    known = list(facts)
    before = evaluate(requirement, known, on=on, started_on=started_on, titles=titles)
    after = evaluate(requirement, [*known, *more], on=on, started_on=started_on, titles=titles)
    pairs = list(zip(before.leaves(), after.leaves(), strict=True))
    return WhatIf(
        before,
        after,
        won=tuple(then for now, then in pairs if then.satisfied and not now.satisfied),
        lost=tuple(then for now, then in pairs if now.satisfied and not then.satisfied),
    )


def _facts(way: Way) -> list[Fact]:
    return [fact for step in way for fact in step.facts]


def _effort(way: Way) -> int:
    return sum(step.effort for step in way)


def _rank(way: Way) -> tuple[int, date, int, tuple[str, ...]]:
    last = max((step.by for step in way), default=date.min)
    return _effort(way), last, len(way), tuple(sorted(step.deed for step in way))


def _pruned(way: Way, then: Callable[[Way], Progress]) -> Way:
    """Leave out what is not needed, the dearest first: one deed may do for several quotas."""
    kept = list(way)
    for step in sorted(way, key=lambda step: (-step.effort, step.deed)):
        without = tuple(other for other in kept if other is not step)
        if then(without).satisfied:
            kept = list(without)
    return tuple(kept)


def _leaf_ways(requirement: Requirement, judged: Progress, asked: _Asked) -> dict[int, list[Way]]:
    """Return the ways of every leaf that is not satisfied, by the identity of its node."""
    found: dict[int, list[Way]] = {}

    def walk(node: Requirement, then: Progress, inherited: date | None) -> None:
        due_on = earlier(node.deadline(asked.started_on), inherited)
        if then.satisfied:
            return
        if not node.children:
            found[id(node)] = _of_leaf(node, asked, due_on)
        for inner, child in zip(node.children, then.children, strict=True):
            walk(inner, child, due_on)

    walk(requirement, judged, None)
    return found


def _of_leaf(node: Requirement, asked: _Asked, due_on: date | None) -> list[Way]:
    context = context_of(
        asked.evidence,
        asked.started_on,
        asked.titles,
        due_on,
        sittings=asked.sittings,
        today=asked.today,
    )
    ways = all_kinds()[node.kind].ways(node.spec, context)
    return [tuple(_priced(step, node, asked, due_on) for step in way) for way in ways]


def _priced(step: Step, node: Requirement, asked: _Asked, due_on: date | None) -> Step:
    """Return a step with its price, its node and, while that is in time, the node's deadline."""
    by = step.by
    if due_on is not None and asked.today <= due_on < by:
        by = due_on
    effort = asked.costs.get(step.deed, step.effort)
    facts = tuple(fact._replace(on=min(fact.on, by)) for fact in step.facts)
    return replace(step, by=by, effort=effort, node=node.name, facts=facts)


def _shared_deeds(leaves: Iterable[list[Way]]) -> frozenset[str]:
    """Return the deeds that serve more than one leaf."""
    seen: Counter[str] = Counter()
    for ways in leaves:
        seen.update({step.deed for way in ways for step in way})
    return frozenset(deed for deed, times in seen.items() if times > 1)


@dataclass(slots=True)
class _Weighing:
    """Puts the ways of leaves together, from the leaves up."""

    leaves: Mapping[int, list[Way]]
    shared: frozenset[str]
    exact: bool = True

    def ways(self, node: Requirement, judged: Progress) -> list[Way]:
        """Return the ways of a node worth keeping.

        Of those that use the same shared deeds the cheapest: nothing else can matter above.
        """
        if judged.satisfied:
            return [()]
        if not node.children:
            return self._kept({self._used(way): way for way in _by_rank(self.leaves[id(node)])})
        needed, weights = all_kinds()[node.kind].weights(node.spec)
        have: dict[tuple[int, frozenset[str]], Way] = {(0, frozenset()): ()}
        for inner, child, weight in zip(node.children, judged.children, weights, strict=True):
            if not weight:
                continue
            have = self._with_child(have, self.ways(inner, child), weight, needed)
        return self._kept({used: way for (got, used), way in have.items() if got >= needed})

    def _with_child(
        self,
        have: dict[tuple[int, frozenset[str]], Way],
        ways: list[Way],
        weight: int,
        needed: int,
    ) -> dict[tuple[int, frozenset[str]], Way]:
        then = dict(have)
        for (got, _used), way in have.items():
            if got >= needed:
                continue
            for more in ways:
                joined = _joined(way, more)
                key = min(needed, got + weight), self._used(joined)
                if key not in then or _rank(joined) < _rank(then[key]):
                    then[key] = joined
        if len(then) > MOST_STATES:
            self.exact = False
            listed = sorted(then.items(), key=lambda item: (-item[0][0], _rank(item[1])))
            then = dict(listed[:MOST_STATES])
        return then

    def _used(self, way: Way) -> frozenset[str]:
        return frozenset(step.deed for step in way) & self.shared

    def _kept(self, ways: Mapping[frozenset[str], Way]) -> list[Way]:
        kept = _by_rank(ways.values(), reverse=False)
        if len(kept) > MOST_WAYS:
            self.exact = False
        return kept[:MOST_WAYS]


def _by_rank(ways: Iterable[Way], *, reverse: bool = True) -> list[Way]:
    """Return ways the dearest first, so that in a table the cheapest stays; or the other way."""
    return sorted(ways, key=_rank, reverse=reverse)


def _joined(way: Way, more: Way) -> Way:
    """Return both together; equal deeds once, by the earlier of their days."""
    found = {step.deed: step for step in way}
    for step in more:
        known = found.get(step.deed)
        if known is None or step.by < known.by:
            found[step.deed] = step
    return tuple(found.values())
