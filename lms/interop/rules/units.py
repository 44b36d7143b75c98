"""The organizations that whoever imports may speak of, by code and by name. Pure."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from lms.interop.types import Reason
from lms.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class Unit:
    """One organization of the scope."""

    id: int
    name: str
    is_closed: bool = False


class Units:
    """Organizations by every code and every name they have. What is outside is unknown here."""

    def __init__(
        self,
        units: Iterable[Unit],
        *,
        codes: Iterable[tuple[str, int]],
        names: Iterable[tuple[str, int]],
    ) -> None:
        """Take the units of a scope.

        :param codes: (code, id), whichever system the code is of.
        :param names: (name, id): official ones and others.
        """
        self._units = {unit.id: unit for unit in units}
        self._ids = frozenset(self._units)
        self._found: dict[tuple[str, str], Unit | Reason] = {}
        self._by_code: dict[str, set[int]] = defaultdict(set)
        self._by_name: dict[str, set[int]] = defaultdict(set)
        for code, unit_id in codes:
            if unit_id in self._units:
                self._by_code[unit_key(code)].add(unit_id)
        for name, unit_id in names:
            if unit_id in self._units:
                self._by_name[unit_key(name)].add(unit_id)

    @property
    def ids(self) -> frozenset[int]:
        """The numbers of all of them."""
        return self._ids

    def find(self, code: str, name: str) -> Unit | Reason:
        """Return the unit that a row means, or why there is none."""
        if (code, name) not in self._found:
            self._found[code, name] = self._find(code, name)
        return self._found[code, name]

    def _find(self, code: str, name: str) -> Unit | Reason:
        if code:
            found = self._by_code.get(unit_key(code), set())
            named = self._by_name.get(unit_key(name), set()) if name else set()
            if len(found) > 1 and found & named:
                found &= named
            if named and found and not found & named:
                return Reason(N_("单位代码和单位名称不是同一个单位"))
            missing = N_("您管辖的范围里没有代码为“%(text)s”的单位")
            return self._one(found, missing, code)
        found = self._by_name.get(unit_key(name), set())
        return self._one(found, N_("您管辖的范围里没有名叫“%(text)s”的单位"), name)

    def _one(self, found: set[int], missing: str, text: str) -> Unit | Reason:
        if not found:
            return Reason(missing, {"text": text[:60]})
        open_ones = [unit for one in found if not (unit := self._units[one]).is_closed]
        if not open_ones:
            return Reason(N_("单位“%(text)s”已经撤销"), {"text": text[:60]})
        if len(open_ones) > 1:
            words = N_("有 %(n)s 个单位叫“%(text)s”，请填单位代码")
            return Reason(words, {"n": len(open_ones), "text": text[:60]})
        return open_ones[0]


def unit_key(text: str) -> str:
    """Return what all spellings of a unit's name or code have in common."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
