"""Several papers at once that are as different and as equally hard as the bank allows. Pure."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms.exams.rules.assignment import Problem, problem
from lms.exams.rules.drawing import draw, refusal, shortages, shuffled
from lms.exams.rules.solving import Row, Solution, Unsolved, solve
from lms.exams.types import Blueprint, Drawable, Parallel, Pick
from lms.kernel.errors import N_, Conflict

SECONDS = 60.0
"""How long the solver looks for a better set before it gives the best so far."""
_CLOSE = 1
"""Sums of difficulty that differ by no more are equal."""


def draw_parallel(
    blueprint: Blueprint, candidates: Iterable[Drawable], *, seed: int, papers: int
) -> Parallel:
    """Draw papers of equal difficulty that share no question, or as few as can be.

    First as few questions as possible are on two papers; then the sums of the difficulties
    (1..3 each) differ by at most 1, or by as little as can be. Whether that is proved is said.

    :raises Conflict: as ``draw``; or ``not_solved`` if the bank is too large for the time.
    """
    listed = list(candidates)
    if papers == 1:
        picks = draw(blueprint, listed, seed=seed)
        return _told(listed, [picks], is_best=True)
    if missing := shortages(blueprint, listed):
        raise refusal(missing[0])
    dice = random.Random(f"parallel:{seed}")
    model = _Model(problem(blueprint, listed), papers, dice)
    try:
        shared, fewest_proved = model.fewest_shared()
        found, closest_proved = model.most_equal(shared)
    except Unsolved as late:
        raise Conflict(
            "not_solved", N_("题库太大，%(n)s 秒内没有算出平行卷"), n=int(SECONDS)
        ) from late
    drawn = [
        _in_order(blueprint, model.asked, chosen, dice)
        for chosen in (model.chosen(found, paper) for paper in range(papers))
    ]
    return _told(listed, drawn, is_best=fewest_proved and closest_proved)


@dataclass(slots=True)
class _Model:
    """Variables: of every paper its questions; how often a question is taken again; least, most."""

    asked: Problem
    papers: int
    kept: list[int]
    costs: list[float]
    rows: list[Row]

    def __init__(self, asked: Problem, papers: int, dice: random.Random) -> None:
        self.asked, self.papers = asked, papers
        order = shuffled(range(len(asked.pool)), dice)
        self.kept = sorted(self._enough(order))
        self.costs = [dice.random() for _ in range(papers * len(self.kept))]
        self.rows = [row for paper in range(papers) for row in self._of_paper(paper)]
        self.rows += [
            Row(
                -papers,
                1,
                {self._at(paper, v): 1 for paper in range(papers)} | {self._again + v: -1},
            )
            for v in range(len(self.kept))
        ]

    @property
    def _again(self) -> int:
        return self.papers * len(self.kept)

    def _at(self, paper: int, variable: int) -> int:
        return paper * len(self.kept) + variable

    def _enough(self, order: Sequence[int]) -> list[int]:
        """Leave out what cannot be needed: of questions that count alike, more than all papers."""
        whole = sum(d.bound.most or 0 for d in self.asked.demands if d.section is not None)
        seen: Counter[object] = Counter()
        kept: list[int] = []
        for at in order:
            card = self.asked.pool[at][1]
            label = (card.twin_group, self.asked.signatures[at], card.difficulty)
            seen[label] += 1
            if card.twin_group or seen[label] <= whole * self.papers:
                kept.append(at)
        return kept

    def _of_paper(self, paper: int) -> list[Row]:
        rows = []
        groups: dict[int, dict[int, int]] = {}
        for v, at in enumerate(self.kept):
            card = self.asked.pool[at][1]
            if card.twin_group:
                groups.setdefault(card.twin_group, {})[self._at(paper, v)] = 1
        rows += [Row(0, 1, weights) for weights in groups.values()]
        for number, demand in enumerate(self.asked.demands):
            weights = {
                self._at(paper, v): 1
                for v, at in enumerate(self.kept)
                if number in self.asked.signatures[at]
            }
            most = len(self.kept) if demand.bound.most is None else demand.bound.most
            rows.append(Row(demand.bound.least, most, weights))
        return rows

    @property
    def _highest(self) -> list[int]:
        return [1] * self._again + [self.papers - 1] * len(self.kept)

    def fewest_shared(self) -> tuple[int, bool]:
        """Return how often a question must be taken again, and whether that is proved."""
        costs = [0.0] * self._again + [1.0] * len(self.kept)
        found = _found(solve(self._highest, self.rows, costs=costs, seconds=SECONDS))
        return sum(found.values[self._again :]), found.is_best

    def most_equal(self, shared: int) -> tuple[Solution, bool]:
        """Return papers with so few shared questions that are as equally hard as can be."""
        again = {self._again + v: 1 for v in range(len(self.kept))}
        least = self._again + len(self.kept)
        hardest = 3 * len(self.kept)
        rows = [*self.rows, Row(0, shared, again)]
        for paper in range(self.papers):
            sums = {
                self._at(paper, v): self.asked.pool[at][1].difficulty
                for v, at in enumerate(self.kept)
            }
            rows.append(Row(0, hardest, sums | {least: -1}))
            rows.append(Row(-hardest, 0, sums | {least + 1: -1}))
        highest = [*self._highest, hardest, hardest]
        apart = {least: -1, least + 1: 1}
        close = solve(
            highest,
            [*rows, Row(0, _CLOSE, apart)],
            costs=[*self.costs, *([0.0] * (len(self.kept) + 2))],
            seconds=SECONDS,
        )
        if close is not None:
            return close, True
        costs = [0.0] * (least) + [-1.0, 1.0]
        found = _found(
            solve(highest, [*rows, Row(0, hardest, apart)], costs=costs, seconds=SECONDS)
        )
        return found, found.is_best

    def chosen(self, found: Solution, paper: int) -> list[tuple[int, Drawable]]:
        """Return the questions of a paper, each with its section."""
        return [
            self.asked.pool[at]
            for v, at in enumerate(self.kept)
            if found.values[self._at(paper, v)]
        ]


def _found(solution: Solution | None) -> Solution:
    if solution is None:  # one paper can be drawn, so the same one many times can
        raise RuntimeError("papers that can be drawn were not drawn")
    return solution


def _in_order(
    blueprint: Blueprint,
    asked: Problem,
    chosen: Sequence[tuple[int, Drawable]],
    dice: random.Random,
) -> list[Pick]:
    picks: list[Pick] = []
    for number, _section in enumerate(blueprint.sections):
        fixed = asked.fixed.get(number)
        drawn = [card for section, card in chosen if section == number]
        cards = shuffled(drawn, dice) if fixed is None else list(fixed)
        picks += [Pick(card.version_id, number) for card in cards]
    return picks


def _told(
    candidates: Sequence[Drawable],
    drawn: Sequence[Sequence[Pick]],
    *,
    is_best: bool,
) -> Parallel:
    hard = {card.version_id: card.difficulty for card in candidates}
    uses = Counter(pick.version_id for picks in drawn for pick in picks)
    return Parallel(
        papers=tuple(tuple(picks) for picks in drawn),
        difficulties=tuple(sum(hard[pick.version_id] for pick in picks) for picks in drawn),
        shared=sum(number - 1 for number in uses.values()),
        is_best=is_best,
    )
