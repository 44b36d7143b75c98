"""Numbers with their tolerance and units, as authors write them."""

import re
from collections.abc import Iterator
from decimal import Decimal

from lms.interop.formats import _text
from lms.interop.formats._own import Fields, Table, list_of_strings
from lms.interop.types import NOTHING, Answer, Item, Text, Unit, right_answers
from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

KEYS = ("tolerance", "unit", "units")
_FACTOR = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


def number(item: Item, key: str = "answer") -> Table:
    """Return the number that is right, how far off is still right, and the units.

    :param key: where the number itself stands.
    """
    value, tolerance = _numeral(item)
    made: Table = {key: value}
    if key == "answer" or tolerance != "0":
        made["tolerance"] = tolerance
    kept = [unit for unit in item.units if is_held(unit)]
    shown = next((unit for unit in kept if unit.factor == 1 and unit.shown), None)
    if shown:
        made["unit"] = shown.name
    more = [_unit(unit) for unit in kept if unit is not shown]
    return made | ({"units": more} if more else {})


def is_held(unit: Unit) -> bool:
    """Say whether authors can write what a unit is worth: at most six places."""
    return unit.factor > 0 and _FACTOR.fullmatch(_text.digits(unit.factor)) is not None


def _unit(unit: Unit) -> str | list[str]:
    return unit.name if unit.factor == 1 else [unit.name, _text.digits(unit.factor)]


def _numeral(item: Item) -> tuple[str, str]:
    """Return the key of a numeric question and how far off is still right, as text."""
    answer = next(iter(right_answers(item)), None)
    value = _text.number(answer.text.source) if answer else None
    if answer is None or value is None:
        raise Invalid("no_right_answer", N_("没有数值答案"), where="answer")
    return _text.digits(value), _text.digits(answer.tolerance or NOTHING)


def number_from(raw: Raw, key: str = "answer") -> Fields:
    """Undo :func:`number`. Without a unit that is shown, those that are taken stay hidden."""
    value = _decimal(raw, key)
    tolerance = _decimal(raw, "tolerance") if "tolerance" in raw else NOTHING
    answer = Answer(Text(_text.digits(value)), tolerance=tolerance or None)
    shown = reading.text(raw, "unit", default="")
    units = [Unit(shown)] if shown else []
    units += [Unit(name, factor, bool(shown)) for name, factor in _units(raw)]
    return {"answers": (answer,), "units": tuple(units)}


def _units(raw: Raw) -> Iterator[tuple[str, Decimal]]:
    listed = raw.get("units", [])
    if not isinstance(listed, list | tuple):
        raise Invalid("not_units", N_('每项是一个单位，或者 ["万元", "10000"]'), where="units")
    _text.too_many(listed, "units")
    for at, one in enumerate(listed):
        with reading.within("units"):
            if isinstance(one, str):
                yield one, Decimal(1)
                continue
            pair = list_of_strings(one, str(at))
            factor = _text.number(pair[1]) if len(pair) == 2 else None
            if not factor or factor < 0:
                raise Invalid(
                    "not_units", N_('每项是一个单位，或者 ["万元", "10000"]'), where=str(at)
                )
            yield pair[0], factor


def _decimal(raw: Raw, key: str) -> Decimal:
    said = raw.get(key)
    value = _text.number(said) if isinstance(said, str) else None
    if value is None:
        raise Invalid("not_number", N_('必须是写成文字的数，如 "3.5"'), where=key)
    return value
