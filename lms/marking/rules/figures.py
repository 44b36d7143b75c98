"""How markers mark, in figures. For reading, never for deciding. Pure."""

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from statistics import median

from lms.marking.types import MarkerFigures, MarkerWork, Pair

LEAST_PAIRS = 5
"""Of fewer answers marked by two no agreement is told: it would be chance."""


def figures(work: MarkerWork) -> MarkerFigures:
    """Return what one marker's work looks like."""
    shares = [Fraction(mark.earned * 100, mark.out_of) for mark in work.marks]
    own = [Fraction(pair.own * 100, pair.out_of) for pair in work.pairs]
    other = [Fraction(pair.other * 100, pair.out_of) for pair in work.pairs]
    n = len(work.pairs)
    return MarkerFigures(
        marker_id=work.marker_id,
        marker=work.marker,
        marked=len(shares),
        pairs=n,
        severity=float(sum(other) - sum(own)) / n if n else None,
        mean=float(sum(shares) / len(shares)) if shares else None,
        spread=_spread(shares),
        to_third_percent=(200 * work.to_third + n) // (2 * n) if n else None,
        kappa=weighted_kappa(work.pairs) if n >= LEAST_PAIRS else None,
        median_seconds=int(median(work.seconds)) if work.seconds else None,
    )


def _spread(shares: Sequence[Fraction]) -> float | None:
    if len(shares) < 2:
        return None
    middle = sum(shares) / len(shares)
    return sqrt(sum((one - middle) ** 2 for one in shares) / (len(shares) - 1))


def weighted_kappa(pairs: Sequence[Pair]) -> float | None:
    """Return the quadratic weighted kappa of two raters; none where it is not defined.

    Cohen (1968), with weights that grow with the square of the distance: one less the ratio of
    the squared distances that were seen to those that would be seen by chance. Marks are taken as
    shares of the full mark, so that questions of different worth go together. With these weights
    no table of categories is needed: the expected sum runs over all pairs of one rater's marks
    with the other's. Not defined where both give everything the same mark.
    """
    n = len(pairs)
    own = [Fraction(pair.own, pair.out_of) for pair in pairs]
    other = [Fraction(pair.other, pair.out_of) for pair in pairs]
    squares = sum(one * one for one in own) + sum(one * one for one in other)
    expected = n * squares - 2 * sum(own) * sum(other)
    if not expected:
        return None
    seen = sum((one - two) ** 2 for one, two in zip(own, other, strict=True))
    return float(1 - n * seen / expected)
