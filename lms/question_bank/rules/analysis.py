"""Item analysis of classical test theory: how hard a question is, how well it tells people apart.

Marks are read as exact decimals and counted in whole units, so that "nobody differs" is exactly
nought and no order of rows changes a figure; only the last division gives a float. Everywhere
variances and covariances divide by n - 1, and skewness and kurtosis rest on k-statistics, the
unbiased estimators of cumulants (R. A. Fisher 1930; Kendall & Stuart, "The Advanced Theory of
Statistics", vol. 1, 12.8). x: marks on one question; T: total of a paper; k: questions; n: papers.

A figure that a table cannot give (nobody differs, too few papers) is none, never nought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, sqrt
from statistics import median

from lms.kernel.errors import N_, Invalid

Number = int | float | Fraction
Marks = Sequence[int]
"""Marks of many papers in whole units of the smallest step that occurs."""


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """How one question did. Percentages are 0..100."""

    name: str
    n: int
    """Papers that asked it."""
    answered: int
    """Papers on which it was not left blank."""
    facility: float | None
    """Mean mark as a percentage of the question's full mark."""
    sd: float | None
    """Standard deviation as a percentage of the question's full mark."""
    intended_weight: float
    """Share of the paper's full mark, as a percentage."""
    effective_weight: float | None
    """Share of the spread of totals that comes from it; none if it pulls against the rest."""
    discrimination_index: float | None
    """Correlation with the rest of the paper, -100..100."""
    discriminative_efficiency: float | None
    """Covariance with the rest as a percentage of the most these marks could have had."""


@dataclass(frozen=True, slots=True)
class TestFigures:
    """How a whole paper did. Mean, median, deviation and standard error are in marks."""

    n: int
    mean: float | None
    median: float | None
    sd: float | None
    skewness: float | None
    kurtosis: float | None
    """Excess kurtosis: 0 for the normal distribution."""
    internal_consistency: float | None
    """Cronbach's alpha as a percentage; a negative one is a result, not a fault."""
    error_ratio: float | None
    """Share of the deviation that is chance, as a percentage."""
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything about one sitting."""

    items: tuple[ItemFigures, ...]
    test: TestFigures


def analyse(
    names: Sequence[str], rows: Sequence[Sequence[Number | None]], maxima: Sequence[Number]
) -> Analysis:
    """Analyse finished papers.

    :param names: the questions.
    :param rows: a row for each paper, a mark for each question; none for a blank, which earned 0.
    :param maxima: the full mark of each question, in the same unit as the marks.
    :raises Invalid: ``bad_marks``: rows of other lengths, no question, or a mark beyond its full
        mark in either direction. ``where`` is ``row N, question``.
    """
    _check(names, rows, maxima)
    unit, columns, full = _in_units(rows, maxima)
    totals = [sum(row) for row in zip(*columns, strict=True)]
    spread = [covariance(column, totals) for column in columns]
    pulls = [sqrt(c) if c is not None and c >= 0 else None for c in spread]
    pull_of_all = sum(pull for pull in pulls if pull is not None)
    items = tuple(
        ItemFigures(
            name=name,
            n=len(rows),
            answered=sum(row[place] is not None for row in rows),
            intended_weight=float(Fraction(100 * full[place], sum(full))),
            effective_weight=100 * pull / pull_of_all if pull is not None and pull_of_all else None,
            **item_figures(columns[place], totals, full[place]),
        )
        for place, (name, pull) in enumerate(zip(names, pulls, strict=True))
    )
    return Analysis(items, test_figures(columns, totals, unit))


def point_biserial(chosen: Sequence[bool], rest: Sequence[Number]) -> float | None:
    """Return the correlation of having chosen an option with the rest of the paper, -1..1.

    A distractor that works is chosen by those who do badly: its figure is negative.
    """
    exact = [_exact(value) for value in rest]
    unit = lcm(*(value.denominator for value in exact))
    return _correlation([int(one) for one in chosen], [int(value * unit) for value in exact])


def _check(
    names: Sequence[str], rows: Sequence[Sequence[Number | None]], maxima: Sequence[Number]
) -> None:
    if not names or len(maxima) != len(names) or not all(full > 0 for full in maxima):
        raise Invalid(
            "bad_marks",
            N_("有 %(n)s 道题，就要有 %(n)s 个大于 0 的满分"),
            where="max",
            n=len(names),
        )
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise Invalid(
                "bad_marks",
                N_("应有 %(n)s 个分数，实有 %(found)s 个"),
                where=f"row {number}",
                n=len(names),
                found=len(row),
            )
        for name, value, full in zip(names, row, maxima, strict=True):
            if value is not None and not -full <= value <= full:
                raise Invalid(
                    "bad_marks",
                    N_("分数 %(value)s 超出满分 %(full)s"),
                    where=f"row {number}, {name}",
                    value=value,
                    full=full,
                )


def _exact(value: Number) -> Fraction:
    """Return a number as it is written: 0.1 is a tenth."""
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def _in_units(
    rows: Sequence[Sequence[Number | None]], maxima: Sequence[Number]
) -> tuple[int, list[list[int]], list[int]]:
    """Return how many units a mark has, the columns and the full marks in units."""
    exact = [[_exact(value or 0) for value in row] for row in rows]
    full = [_exact(value) for value in maxima]
    unit = lcm(*(v.denominator for row in exact for v in row), *(v.denominator for v in full))
    columns = [[int(row[place] * unit) for row in exact] for place in range(len(full))]
    return unit, columns, [int(value * unit) for value in full]


def item_figures(marks: Marks, totals: Marks, full: int) -> dict[str, float | None]:
    """Return the figures of one question that rest on its marks and the totals of its papers."""
    rest = [total - mark for total, mark in zip(totals, marks, strict=True)]
    variance = covariance(marks, marks)
    together, most = covariance(marks, rest), covariance(sorted(marks), sorted(rest))
    correlation = _correlation(marks, rest)
    return {
        "facility": float(Fraction(100 * sum(marks), len(marks) * full)) if marks else None,
        "sd": None if variance is None else 100 * sqrt(variance) / full,
        "discrimination_index": None if correlation is None else 100 * correlation,
        "discriminative_efficiency": (
            float(100 * together / most) if together is not None and most else None
        ),
    }


def test_figures(columns: Sequence[Marks], totals: Marks, unit: int) -> TestFigures:
    """Return the figures of a whole paper.

    :param columns: the marks of each question, or of each place on the paper, in units.
    :param unit: how many units make a mark.
    """
    n, k = len(totals), len(columns)
    variance = covariance(totals, totals)
    alpha = None
    if variance and k > 1:
        own = sum((covariance(column, column) or Fraction(0)) for column in columns)
        alpha = Fraction(k, k - 1) * (1 - own / variance)
    deviation = None if variance is None else sqrt(variance) / unit
    chance = None if alpha is None else sqrt(1 - alpha)
    return TestFigures(
        n=n,
        mean=float(Fraction(sum(totals), n * unit)) if n else None,
        median=float(median(map(Fraction, totals)) / unit) if n else None,
        sd=deviation,
        skewness=_skewness(totals),
        kurtosis=_kurtosis(totals),
        internal_consistency=None if alpha is None else float(100 * alpha),
        error_ratio=None if chance is None else 100 * chance,
        standard_error=None if chance is None or deviation is None else chance * deviation,
    )


def covariance(one: Marks, other: Marks) -> Fraction | None:
    """Return the sample covariance; none of fewer than two papers."""
    n = len(one)
    if n < 2:
        return None
    products = sum(x * y for x, y in zip(one, other, strict=True))
    return Fraction(n * products - sum(one) * sum(other), n * (n - 1))


def _correlation(one: Marks, other: Marks) -> float | None:
    together = covariance(one, other)
    product = (covariance(one, one) or 0) * (covariance(other, other) or 0)
    return together / sqrt(product) if together is not None and product else None


def _moment(values: Marks, power: int) -> Fraction:
    """Return a central moment, divided by n."""
    n, total = len(values), sum(values)
    return Fraction(sum((n * value - total) ** power for value in values), n ** (power + 1))


def _skewness(values: Marks) -> float | None:
    n, k2 = len(values), covariance(values, values)
    if n < 3 or not k2:
        return None
    k3 = n * n * _moment(values, 3) / ((n - 1) * (n - 2))
    return float(k3 / k2) / sqrt(k2)


def _kurtosis(values: Marks) -> float | None:
    n, k2 = len(values), covariance(values, values)
    if n < 4 or not k2:
        return None
    m2, m4 = _moment(values, 2), _moment(values, 4)
    k4 = n * n * ((n + 1) * m4 - 3 * (n - 1) * m2**2) / ((n - 1) * (n - 2) * (n - 3))
    return float(k4 / k2**2)
