"""Read a requirement and a learner's facts from files, to judge them without a database."""

import json
import tomllib
from pathlib import Path

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.rules import read_requirement
from lms.requirements.types import Requirement

_FACT_KEYS = frozenset(Fact._fields)


def read_requirement_file(path: Path) -> Requirement:
    """Read a TOML file that is a requirement, or a program with one under ``requirement``.

    :raises Invalid: with the file's name and the faulty key.
    """
    with reading.within(path.name):
        try:
            table: Raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise Invalid("unreadable", N_("无法读取：%(why)s"), why=fault) from fault
        if "kind" not in table and "requirement" in table:
            with reading.within("requirement"):
                return read_requirement(reading.table(table, "requirement"))
        return read_requirement(table)


def read_facts_file(path: Path) -> list[Fact]:
    """Read a JSON file that is a list of facts.

    :raises Invalid: with the file's name, the fact's place and the faulty key.
    """
    with reading.within(path.name):
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as fault:
            raise Invalid("unreadable", N_("无法读取：%(why)s"), why=fault) from fault
        found = []
        for index, raw in enumerate(reading.tables({"records": facts}, "records")):
            with reading.within(index):
                found.append(_read_fact(raw, number=index + 1))
        return found


def _read_fact(raw: Raw, *, number: int) -> Fact:
    reading.only(raw, _FACT_KEYS)

    def optional(key: str, *, low: int) -> int | None:
        return None if raw.get(key) is None else reading.whole(raw, key, low=low, high=2**53)

    return Fact(
        number=optional("number", low=1) or number,
        kind=reading.choice(raw, "kind", list(RecordKind)),
        subject=reading.text(raw, "subject"),
        on=reading.day(raw, "on"),
        quantity=optional("quantity", low=0),
        unit=reading.text(raw, "unit", default=""),
        scheme=reading.text(raw, "scheme", default=""),
        category=reading.text(raw, "category", default=""),
        detail=reading.table(raw, "detail") if "detail" in raw else {},
        corrects=optional("corrects", low=1),
    )
