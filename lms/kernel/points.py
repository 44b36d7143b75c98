"""Marks as people write them. Exact: what is no short decimal is written as a fraction."""

from fractions import Fraction
from functools import lru_cache

HALF = 2
"""Parts of a point that the national exam counts in: half points."""
_PLACES = 1000


@lru_cache(maxsize=4096)
def points(units: int, unit: int = HALF) -> str:
    """Return marks in points: 147 half points are ``73.5``, a third of a point is ``1/3``.

    Never rounded, so that nobody reads a pass line as reached that was missed by a hair.

    :param units: whole parts of a point; may be below 0.
    :param unit: how many parts make a point.
    """
    whole = Fraction(units, unit)
    sign, size = ("-" if whole < 0 else ""), abs(whole)
    if _PLACES % size.denominator == 0:
        return f"{sign}{_decimal(size)}"
    full, rest = divmod(size, 1)
    return f"{sign}{full} {rest}" if full else f"{sign}{rest}"


def _decimal(size: Fraction) -> str:
    thousandths = size.numerator * (_PLACES // size.denominator)
    full, rest = divmod(thousandths, _PLACES)
    return f"{full}.{rest:03}".rstrip("0").rstrip(".") if rest else str(full)
