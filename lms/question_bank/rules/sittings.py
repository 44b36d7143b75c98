"""Item analysis of papers as they were really sat: drawn ones, where not everybody gets all. Pure.

Where everybody is asked the same questions the figures are those of
:func:`lms.question_bank.rules.analyse`. On drawn papers a question's figures come from the papers
that asked it, and "the rest" is the rest of that paper; the figures of the whole paper take its
places as items, as is usual for papers drawn at random.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import sqrt
from typing import NamedTuple

from lms.kernel.errors import Invalid
from lms.kernel.reading import Raw
from lms.question_bank.rules.analysis import (
    TestFigures,
    covariance,
    item_figures,
    point_biserial,
    test_figures,
)
from lms.question_bank.rules.marking import kind_named, options_of
from lms.question_bank.types import Marking

OUTER = Fraction(27, 100)
"""The share of the best and of the weakest papers that are compared (T. L. Kelley, 1939)."""
MOST_GUESSED = 10
"""Options beyond which guesses are no longer counted through: 1,023 of them."""


class Answered(NamedTuple):
    """One question on one paper. A tuple: there are 80,000 of them in an analysis."""

    version_id: int
    chosen: str
    """The author's letters; empty if left blank."""
    earned: int
    """Half points."""
    out_of: int


@dataclass(frozen=True, slots=True)
class SatItem:
    """How one question did on the papers that asked it. Percentages are 0..100."""

    version_id: int
    n: int
    answered: int
    out_of: int
    """Half points."""
    facility: float | None
    sd: float | None
    intended_weight: float
    """Its share of the full mark of a paper that asks it."""
    effective_weight: float | None
    """Its share of the spread of totals, on a paper that asks it."""
    discrimination_index: float | None
    discriminative_efficiency: float | None


@dataclass(frozen=True, slots=True)
class Sittings:
    """Everything about the papers that were handed in."""

    items: tuple[SatItem, ...]
    test: TestFigures
    """Marks are whole marks here, not half points."""
    out_of: int
    """Half points of one paper."""


@dataclass(frozen=True, slots=True)
class OptionFigures:
    """How one option was taken."""

    letter: str
    is_key: bool
    chosen: int
    upper: int
    """Of the best papers."""
    lower: int
    """Of the weakest papers."""
    point_biserial: float | None
    """Correlation of having chosen it with the rest of the paper, -1..1."""


@dataclass(frozen=True, slots=True)
class OptionReport:
    """How the options of a question were taken by strong and weak papers."""

    n: int
    blank: int
    group: int
    """Papers in each outer group."""
    options: tuple[OptionFigures, ...]


def analyse_sittings(papers: Sequence[Sequence[Answered]]) -> Sittings:
    """Analyse papers that were handed in. All have the same number of places.

    :raises ValueError: papers of different lengths.
    """
    totals = [sum(answer.earned for answer in paper) for paper in papers]
    asked: dict[int, list[tuple[Answered, int]]] = {}
    for paper, total in zip(papers, totals, strict=True):
        for answer in paper:
            asked.setdefault(answer.version_id, []).append((answer, total))
    full = sum(answer.out_of for answer in papers[0]) if papers else 0
    pulls = {version_id: _pull(rows) for version_id, rows in asked.items()}
    # what the pulls of one paper's questions add up to, on average
    of_all = sum((pulls[v] or 0) * len(rows) for v, rows in asked.items()) / max(len(papers), 1)
    items = tuple(
        _item(version_id, rows, full, pulls[version_id], of_all)
        for version_id, rows in asked.items()
    )
    columns = [[answer.earned for answer in place] for place in zip(*papers, strict=True)]
    return Sittings(items, test_figures(columns, totals, unit=2), full)


def one_item(rows: Sequence[tuple[Answered, int]], *, out_of: int) -> SatItem:
    """Return the figures of one question; its effective weight needs the others and is none.

    :param rows: its answers, at least one, each with the total of its paper in half points.
    :param out_of: the full mark of a paper, in half points.
    """
    return _item(rows[0][0].version_id, rows, out_of, None, 0.0)


def option_report(rows: Sequence[tuple[Answered, int]], *, letters: str, key: str) -> OptionReport:
    """Say who chose which option.

    The outer groups are 27 % of the papers each, at least one paper; papers with the same rest go
    in the order in which they come.

    :param rows: the question's answers, each with the total of its paper in half points.
    :param letters: of the options, in the author's order.
    """
    rest = [total - answer.earned for answer, total in rows]
    size = max(1, round(len(rows) * OUTER)) if len(rows) > 1 else 0
    order = sorted(range(len(rows)), key=lambda at: (-rows[at][1], at))
    upper, lower = order[:size], order[len(order) - size :]
    return OptionReport(
        n=len(rows),
        blank=sum(not answer.chosen for answer, _total in rows),
        group=size,
        options=tuple(
            OptionFigures(
                letter=letter,
                is_key=letter in key,
                chosen=sum(letter in answer.chosen for answer, _total in rows),
                upper=sum(letter in rows[at][0].chosen for at in upper),
                lower=sum(letter in rows[at][0].chosen for at in lower),
                point_biserial=point_biserial([letter in a.chosen for a, _total in rows], rest),
            )
            for letter in letters
        ),
    )


def random_guess(kind_name: str, spec: Raw, marking: Marking) -> Fraction | None:
    """Return what guessing earns on average, as a percentage of the full mark.

    Every answer that the kind accepts is as likely as any other: one letter of a single choice,
    one of the 2^n - 1 choices of a multiple choice. None where there is nothing to choose from.
    """
    letters = "".join(letter for letter, _text in options_of(kind_name, spec))
    if not 1 < len(letters) <= MOST_GUESSED:
        return None
    kind = kind_named(kind_name)
    parsed = kind.read_stored(spec)
    full = kind.out_of(parsed, marking)
    earned: Counter[int] = Counter()
    for size in range(1, len(letters) + 1):
        for guess in combinations(letters, size):
            try:
                answer = kind.read_answer(parsed, guess, range(len(letters)))
            except Invalid:  # two letters of a single choice
                continue
            earned[kind.mark(parsed, answer, marking).earned] += 1
    tried = sum(earned.values())
    points = sum(mark * times for mark, times in earned.items())
    return Fraction(100 * points, tried * full) if tried and full else None


def mean_guess(guesses: Iterable[tuple[Fraction | None, int]]) -> Fraction | None:
    """Return what guessing earns on a whole paper, as a percentage.

    :param guesses: of each question, with its full mark; none where nothing can be guessed.
    """
    listed = list(guesses)
    full = sum(weight for _guess, weight in listed)
    earned = sum(((guess or Fraction(0)) * weight for guess, weight in listed), Fraction(0))
    return earned / full if full else None


def _pull(rows: Sequence[tuple[Answered, int]]) -> float | None:
    spread = covariance([answer.earned for answer, _total in rows], [total for _a, total in rows])
    return sqrt(spread) if spread is not None and spread >= 0 else None


def _item(
    version_id: int,
    rows: Sequence[tuple[Answered, int]],
    full: int,
    pull: float | None,
    of_all: float,
) -> SatItem:
    out_of = rows[0][0].out_of
    figures: Mapping[str, float | None] = item_figures(
        [answer.earned for answer, _total in rows], [total for _answer, total in rows], out_of
    )
    return SatItem(
        version_id=version_id,
        n=len(rows),
        answered=sum(bool(answer.chosen) for answer, _total in rows),
        out_of=out_of,
        facility=figures["facility"],
        sd=figures["sd"],
        intended_weight=100 * out_of / full if full else 0.0,
        effective_weight=100 * pull / of_all if pull is not None and of_all else None,
        discrimination_index=figures["discrimination_index"],
        discriminative_efficiency=figures["discriminative_efficiency"],
    )
