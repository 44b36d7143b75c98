"""One kind's table of a marking rule, read: which method, which numbers. Pure."""

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

from lms.kernel import reading
from lms.kernel.discovery import discover
from lms.kernel.reading import Raw
from lms.question_bank.methods import choices, parts
from lms.question_bank.methods.base import ChoiceMethod, Method, PartsMethod, Picked
from lms.question_bank.methods.marks import MOST_POINTS, Family, Mark, Marking

_PACKAGES: Mapping[Family, ModuleType] = {
    Family.ONE: choices,
    Family.MANY: choices,
    Family.PARTS: parts,
}
_USUAL: Mapping[Family, str] = {
    Family.ONE: "official",
    Family.MANY: "official",
    Family.PARTS: "per_part",
}
"""The method where a rule names none."""


class Table(NamedTuple):
    """What a rule says of one kind."""

    full: int
    method: Method[Any] | None
    """None for what is right or wrong as a whole."""
    numbers: Any


@cache
def methods_of(family: Family) -> dict[str, Method[Any]]:
    """Return the methods that may mark a family, by name; none for what is marked as a whole."""
    return discover(_PACKAGES[family], "METHOD") if family in _PACKAGES else {}


def read_table(raw: Raw, family: Family, *, unit: int) -> Table:
    """Check one kind's table of a rule.

    :raises Invalid: naming the faulty key.
    """
    known = methods_of(family)
    full = reading.whole(raw, "full", low=1, high=MOST_POINTS * unit)
    if not known:
        reading.only(raw, ("full",))
        return Table(full, None, None)
    method = known[reading.choice(raw, "method", known, default=_USUAL[family])]
    reading.only(raw, ("method", "full", *method.keys(family)))
    return Table(full, method, method.read(raw, family, full=full))


def table_of(marking: Marking, kind: str, family: Family) -> Table:
    """Return what a rule says of a kind; it is read once for each rule that is held.

    :raises Invalid: ``no_marking``, or naming the faulty key.
    """
    found: Table | None = marking.known.get((kind, family))
    if found is None:
        raw = marking.table(kind, family)
        with reading.within(kind):
            found = marking.known[kind, family] = read_table(raw, family, unit=marking.unit)
    return found


def mark_picked(marking: Marking, kind: str, family: Family, picked: Picked) -> Mark:
    """Mark what was picked among options."""
    full, method, numbers = table_of(marking, kind, family)
    if not isinstance(method, ChoiceMethod):
        raise TypeError(f"{kind}: {family} is not marked by what is picked")
    return Mark(method.earned(numbers, picked), out_of=full)


def comes_out(marking: Marking, kind: str, family: Family, picked: Picked) -> bool:
    """Say whether whatever may be picked earns whole units, or the rule says how to round."""
    _full, method, numbers = table_of(marking, kind, family)
    return not isinstance(method, ChoiceMethod) or method.comes_out(numbers, picked)


def mark_parts(marking: Marking, kind: str, *, right: int, of: int) -> Mark:
    """Mark a question of several parts by how many are right."""
    full, method, numbers = table_of(marking, kind, Family.PARTS)
    if not isinstance(method, PartsMethod):
        raise TypeError(f"{kind} is not marked by parts")
    return Mark(method.earned(numbers, right=right, of=of), out_of=full)
