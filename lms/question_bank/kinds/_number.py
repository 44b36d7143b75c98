"""Numbers that are asked for, and numbers that are written. Exact: no float anywhere. Pure.

An author writes numbers as text (``"0.5"``), for TOML and JSON would make floats of them. A
learner writes a number and, if they like, a unit: ``1,200 元``, ``0.12万元`` if the author listed
``["万元", "10000"]``. A unit that was not listed makes the answer wrong, for nobody knows what
it is worth. Numbers in Chinese characters are not guessed at.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _text

LONGEST = 40
"""Characters of a written number with its unit."""
KEYS = ("tolerance", "unit", "units")

_UNITS = 20
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_WRITTEN = re.compile(
    r"(?P<number>[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])|[0-9]+)?(?:\.[0-9]+)?)\s*(?P<unit>.*)",
    re.DOTALL,
)
_MINUS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_IN_UNIT = re.compile(r"[0-9.,]")


@dataclass(frozen=True, slots=True)
class NumberSpec:
    answer: Fraction
    tolerance: Fraction
    """How far off is still right, both ends included."""
    unit: str
    """Shown beside the field; empty for a bare number."""
    factors: Mapping[str, Fraction]
    """What a number with such a unit, as it is compared, is multiplied by. ``""``: no unit."""

    @property
    def shown(self) -> str:
        """The right answer in words: ``30``, ``30 ± 0.5 天``."""
        margin = f" ± {plain(self.tolerance)}" if self.tolerance else ""
        return f"{plain(self.answer)}{margin} {self.unit}".strip()


def read_number_spec(raw: Raw, key: str) -> NumberSpec:
    """Read what number is right.

    :param key: where the number itself stands; the others are ``KEYS``.
    :raises Invalid: naming the faulty key.
    """
    answer = _decimal(raw.get(key), key)
    tolerance = _decimal(raw.get("tolerance", "0"), "tolerance")
    if tolerance < 0:
        raise Invalid("negative", N_("误差不能小于零"), where="tolerance")
    unit = _text.tidy(reading.text(raw, "unit", default="", at_most=20))
    factors = {"": Fraction(1)}
    if unit:
        _add(factors, unit, Fraction(1), "unit")
    for spelling, factor in _units(raw):
        _add(factors, spelling, factor, "units")
    return NumberSpec(answer, tolerance, unit, factors)


def read_written(spec: NumberSpec, text: str) -> str:
    """Return one written number as it is stored; empty if it is blank.

    :raises Invalid: ``too_long`` or ``not_a_number``.
    """
    found = _text.tidy(text)
    if len(found) > LONGEST:
        raise Invalid("too_long", N_("答案最多写 %(n)s 个字"), where="choice", n=LONGEST)
    if found and _parsed(spec, found) is None:
        raise Invalid(
            "not_a_number",
            N_("“%(text)s”不是数：请用阿拉伯数字，先写数，再写单位，如 %(example)s"),
            where="choice",
            text=found,
            example=f"30 {spec.unit}".strip(),
        )
    return found


def is_right(spec: NumberSpec, written: str) -> bool:
    """Say whether a written number is right; its unit must be one of those that were listed."""
    parsed = _parsed(spec, written)
    if parsed is None:
        return False
    number, unit = parsed
    factor = spec.factors.get(unit)
    return factor is not None and abs(number * factor - spec.answer) <= spec.tolerance


def right(spec: NumberSpec) -> str:
    """Return the right number, as somebody writes it."""
    return plain(spec.answer)


def wrong(spec: NumberSpec) -> str:
    """Return a number that is too large."""
    return plain(spec.answer + spec.tolerance + 1)


def plain(number: Fraction) -> str:
    """Return a finite decimal without trailing zeros or exponent."""
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return f"{exact.normalize():f}"


def _parsed(spec: NumberSpec, text: str) -> tuple[Fraction, str] | None:
    """Return number and unit, as units are compared; none where it is not one number."""
    folded = unicodedata.normalize("NFKC", text).translate(_MINUS).strip()
    found = _WRITTEN.fullmatch(folded)
    if found is None or not any(char.isdigit() for char in found["number"]):
        return None
    unit = _text.normal(found["unit"])
    if unit not in spec.factors and _IN_UNIT.search(unit):
        return None  # "1,23", "30-40", "1/2"
    return Fraction(found["number"].replace(",", "")), unit


def _decimal(value: Any, key: str) -> Fraction:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise Invalid("not_decimal", N_('必须是加引号的数，如 "30" 或 "0.5"'), where=key)
    return Fraction(value)


def _units(raw: Raw) -> Iterator[tuple[str, Fraction]]:
    value = raw.get("units", [])
    if not isinstance(value, list | tuple) or len(value) > _UNITS:
        raise Invalid("not_units", N_("必须是单位的列表，最多 %(n)s 个"), where="units", n=_UNITS)
    for entry in value:
        spelling, factor = entry if _is_pair(entry) else (entry, "1")
        if not isinstance(spelling, str):
            raise Invalid("not_units", N_('每项是一个单位，或者 ["万元", "10000"]'), where="units")
        times = _decimal(factor, "units")
        if times <= 0:
            raise Invalid("negative", N_("换算的倍数要大于零"), where="units")
        yield spelling, times


def _is_pair(entry: object) -> bool:
    return isinstance(entry, list | tuple) and len(entry) == 2


def _add(factors: dict[str, Fraction], spelling: str, factor: Fraction, key: str) -> None:
    name = _text.normal(spelling)
    if not name or len(spelling) > _UNITS or name[0].isdigit():
        raise Invalid("bad_unit", N_("单位不能为空，不能太长，不能以数字开头"), where=key)
    if name in factors:
        raise Invalid("alike", N_("单位“%(unit)s”写了两次"), where=key, unit=spelling)
    factors[name] = factor
