"""Fractions as authors write them: ``[2, 3]``."""

from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

FRACTION_SCHEMA = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1, "maximum": 10_000},
    "minItems": 2,
    "maxItems": 2,
}


def read_fraction(raw: Raw, key: str, *, at_most_one: bool = True) -> tuple[int, int]:
    """Return numerator and denominator.

    :raises Invalid: ``bad_share``.
    """
    parts = raw[key]
    whole = isinstance(parts, list | tuple) and all(type(part) is int for part in parts)
    if whole and len(parts) == 2 and all(1 <= part <= 10_000 for part in parts):
        numerator, denominator = parts
        if numerator <= denominator or not at_most_one:
            return numerator, denominator
    raise Invalid("bad_share", N_("要写成分数，如 [2, 3] 表示三分之二"), where=key)
