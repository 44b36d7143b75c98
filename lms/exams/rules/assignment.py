"""Cells that overlap: whether they can be filled at once, which cannot, and a filling. Pure.

A paper is an assignment: every question to at most one place, of a group of near-duplicates at
most one, and for every demand a number within its bounds. Whether there is one is asked of the
solver, never guessed: questions that count for the same demands are one variable, so that the
question is small however large the bank.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lms.exams.rules.solving import Row, solve
from lms.exams.types import Blueprint, Bound, Demand, Drawable, Limit, Section, Shortage

Signature = tuple[int, ...]
"""The demands for which a question counts."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be filled, and with what."""

    demands: tuple[Demand, ...]
    pool: tuple[tuple[int, Drawable], ...]
    """Questions that may be drawn, each with its section."""
    signatures: tuple[Signature, ...]
    """Of each question of the pool."""
    fixed: Mapping[int, tuple[Drawable, ...]]
    """The questions of the sections that are not drawn."""
    missing: tuple[Shortage, ...]
    """Fixed sections whose questions are gone."""

    @property
    def limits(self) -> list[Limit]:
        """Both sides of every demand, what is most telling last."""
        tops = [Limit(d, is_least=False) for d in self.demands if d.bound.most is not None]
        least = [Limit(d, is_least=True) for d in self.demands if d.bound.least]
        return [*tops, *sorted(least, key=lambda limit: limit.demand.place != "count")]


def problem(blueprint: Blueprint, candidates: Iterable[Drawable]) -> Problem:
    """Return what drawing a paper has to solve.

    What a fixed section holds counts for the whole paper, and keeps its near-duplicates away.
    """
    listed = list(candidates)
    by_key = {card.key: card for card in listed if card.key}
    fixed: dict[int, tuple[Drawable, ...]] = {}
    missing: list[Shortage] = []
    for at, section in enumerate(blueprint.sections):
        if not section.questions:
            continue
        known = {k: by_key[k] for k in section.questions if _is_for(section, by_key.get(k))}
        fixed[at] = tuple(known.values())
        gone = tuple(key for key in section.questions if key not in known)
        if gone:
            need = len(section.questions)
            lack = Shortage(section.kind, "", need, len(known), missing=gone, section=at)
            missing.append(lack)
    placed = [card for cards in fixed.values() for card in cards]
    demands = (*_demands(blueprint), *(_whole(bound, placed) for bound in blueprint.bounds))
    pool = tuple(_pool(blueprint, listed, placed))
    signatures = tuple(
        tuple(
            at
            for at, demand in enumerate(demands)
            if demand.section in {None, section} and demand.bound.fits(card)
        )
        for section, card in pool
    )
    return Problem(demands, pool, signatures, fixed, tuple(missing))


def _is_for(section: Section, card: Drawable | None) -> bool:
    return card is not None and card.kind in section.kinds


def _pool(
    blueprint: Blueprint, listed: Sequence[Drawable], placed: Sequence[Drawable]
) -> Iterator[tuple[int, Drawable]]:
    home = {
        kind: (at, section)
        for at, section in enumerate(blueprint.sections)
        for kind in section.kinds
        if not section.questions
    }
    taken = {card.question_id for card in placed}
    twins = {card.twin_group for card in placed if card.twin_group}
    for card in listed:
        at, section = home.get(card.kind, (0, None))
        if section is None or card.question_id in taken or card.twin_group in twins:
            continue
        if not section.chapters or card.chapter_key in section.chapters:
            yield at, card


def _whole(bound: Bound, placed: Sequence[Drawable]) -> Demand:
    """Return a demand on the whole paper, less what fixed sections give."""
    given = sum(bound.fits(card) for card in placed)
    most = None if bound.most is None else max(bound.most - given, 0)
    return Demand(None, replace(bound, least=max(bound.least - given, 0), most=most), "cell")


def _demands(blueprint: Blueprint) -> Iterator[Demand]:
    for at, section in enumerate(blueprint.sections):
        if not section.questions:
            for place, bound in _bounds(section):
                yield Demand(at, replace(bound, kinds=bound.kinds or section.kinds), place)


def _bounds(section: Section) -> Iterator[tuple[str, Bound]]:
    count = section.count or 0
    if not section.cells and not section.difficulty:  # else they add up to it
        yield "count", Bound(count, count)
    for cell in section.cells:
        yield "chapter", Bound(cell.count, cell.count, chapters=(cell.chapter_key,))
    each, over = divmod(count, len(section.spread) or 1)
    for key in section.spread:
        yield "chapter", Bound(each, each + bool(over), chapters=(key,))
    for at, number in enumerate(section.difficulty, start=1):
        yield "difficulty", Bound(number, number, difficulties=(at,))
    for bound in section.bounds:
        yield "cell", bound


# --- whether it can be filled ---


class _Counted:
    """The problem in numbers: groups of questions that can stand in for each other."""

    def __init__(self, asked: Problem) -> None:
        self.demands = asked.demands
        members: dict[tuple[int, int], set[Signature]] = {}
        for at, ((_section, card), signature) in enumerate(
            zip(asked.pool, asked.signatures, strict=True)
        ):
            group = (1, card.twin_group) if card.twin_group else (0, at)
            members.setdefault(group, set()).add(signature)
        profiles = Counter(tuple(sorted(signatures)) for signatures in members.values())
        self.variables = [
            (signature, number) for profile, number in profiles.items() for signature in profile
        ]
        self.rows: list[Row] = []
        first = 0
        for profile, number in profiles.items():
            if len(profile) > 1:
                weights = dict.fromkeys(range(first, first + len(profile)), 1)
                self.rows.append(Row(0, number, weights))
            first += len(profile)
        self.places = {demand: at for at, demand in enumerate(self.demands)}

    def weights(self, demand: Demand) -> dict[int, int]:
        asked = self.places[demand]
        return {at: 1 for at, (signature, _n) in enumerate(self.variables) if asked in signature}

    def row(self, limit: Limit) -> Row:
        weights = self.weights(limit.demand)
        top = sum(self.variables[at][1] for at in weights)
        if limit.is_least:
            return Row(limit.number, max(top, limit.number), weights)
        return Row(0, limit.number, weights)

    def can_be(self, limits: Iterable[Limit]) -> bool:
        rows = [*self.rows, *map(self.row, limits)]
        return solve([number for _signature, number in self.variables], rows) is not None

    def most(self, limits: Sequence[Limit]) -> int:
        """Return how much of the least sides can be given at once, within the upper ones."""
        highest = [number for _signature, number in self.variables]
        rows = [*self.rows, *(self.row(limit) for limit in limits if not limit.is_least)]
        least = [limit for limit in limits if limit.is_least]
        for limit in least:
            given = len(highest)
            highest.append(limit.number)
            top = sum(self.variables[at][1] for at in self.weights(limit.demand))
            rows.append(Row(0, top, self.weights(limit.demand) | {given: -1}))
        costs = [0.0] * len(self.variables) + [-1.0] * len(least)
        found = solve(highest, rows, costs=costs)
        return sum(found.values[len(self.variables) :]) if found else 0


def binding(asked: Problem) -> list[Shortage]:
    """Return the smallest sets of cells that cannot be filled at once; none: a paper can be drawn.

    Every set is minimal: without any one of its limits the rest of it can be kept. What is found
    is set aside before the next one is looked for, and with it the total of its section, which
    could only say the same again.
    """
    counted = _Counted(asked)
    found: list[Shortage] = list(asked.missing)
    active = asked.limits
    while not counted.can_be(active):
        core = _core(counted, active)
        found.append(_shortage(counted, core))
        spoilt = {limit.demand.section for limit in core if limit.is_least}
        active = [
            limit
            for limit in active
            if not (limit.is_least and limit in core)
            and not (limit.demand.place == "count" and limit.demand.section in spoilt)
        ]
    return found


def _core(counted: _Counted, limits: Sequence[Limit]) -> list[Limit]:
    """Return a minimal set of limits that cannot be kept at once; a single one if there is one."""
    for limit in reversed(limits):
        if limit.is_least and counted.most([limit]) < limit.number:
            return [limit]
    kept = list(limits)
    for limit in limits:
        fewer = [other for other in kept if other is not limit]
        if not counted.can_be(fewer):
            kept = fewer
    return kept


def _shortage(counted: _Counted, core: Sequence[Limit]) -> Shortage:
    least = [limit for limit in core if limit.is_least]
    bound = least[0].demand.bound
    return Shortage(
        kind=bound.kinds[0] if bound.kinds else "",
        chapter_key=bound.chapters[0] if len(bound.chapters) == 1 else "",
        need=sum(limit.number for limit in least),
        have=counted.most(core),
        limits=tuple(core),
        section=least[0].demand.section,
    )


# --- a filling ---


def assign(
    asked: Problem, *, dice: random.Random, worth: Mapping[int, int]
) -> list[tuple[int, Drawable]] | None:
    """Return questions that fill every cell, each with its section; none if there are none.

    A question that is worth less is taken only where no better one can stand in for it; between
    equal ones the dice decide.

    :param worth: question id -> its place in the order of preference, 0 is best.
    """
    priced = [(worth.get(card.question_id, 0) + dice.random() * 0.9) for _at, card in asked.pool]
    chosen = _promising(asked, priced)
    groups: dict[int, dict[int, int]] = {}
    for variable, at in enumerate(chosen):
        card = asked.pool[at][1]
        if card.twin_group:
            groups.setdefault(card.twin_group, {})[variable] = 1
    rows = [Row(0, 1, weights) for weights in groups.values()]
    for number, demand in enumerate(asked.demands):
        weights = {v: 1 for v, at in enumerate(chosen) if number in asked.signatures[at]}
        most = demand.bound.most
        rows.append(Row(demand.bound.least, len(chosen) if most is None else most, weights))
    found = solve([1] * len(chosen), rows, costs=[priced[at] for at in chosen])
    if found is None:
        return None
    return [asked.pool[at] for at, value in zip(chosen, found.values, strict=True) if value]


def _promising(asked: Problem, priced: Sequence[float]) -> list[int]:
    """Leave out what no best filling needs: of questions that count alike, all but the cheapest.

    So many of them are kept as can ever be taken; of near-duplicates the cheapest of each sort.
    """
    room = {
        at: min((asked.demands[d].bound.most or 0 for d in signature if _caps(asked, d)), default=0)
        for at, signature in enumerate(asked.signatures)
    }
    seen: Counter[tuple[int, Signature]] = Counter()
    kept: list[int] = []
    for at in sorted(range(len(asked.pool)), key=lambda at: (priced[at], at)):
        group = asked.pool[at][1].twin_group
        label = (group, asked.signatures[at])
        seen[label] += 1
        if seen[label] <= (1 if group else room[at]):
            kept.append(at)
    return sorted(kept)


def _caps(asked: Problem, demand: int) -> bool:
    return asked.demands[demand].bound.most is not None
