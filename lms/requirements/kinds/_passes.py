"""Passes of subjects of the national exam, and for how many exam years each is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.kernel import reading
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.types import Evidence, Named

LOCAL_LINE = "key_counties"
"""The area of the separate pass line (单独划线)."""
EXTENSIONS_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["area", "year", "years"],
        "additionalProperties": False,
        "properties": {
            "area": {"type": "string", "minLength": 1},
            "year": {"type": "integer", "minimum": 1990, "maximum": 2200},
            "years": {"type": "integer", "minimum": 1, "maximum": 5},
        },
    },
}


@dataclass(frozen=True, slots=True)
class Extension:
    """Passes of one year are kept longer in a region, for example because no exam was held."""

    area: str
    """The code with which the codes of its regions begin: ``52``, ``5223``."""
    year: int
    years: int


@dataclass(frozen=True, slots=True)
class Pass:
    """One subject passed."""

    year: int
    last: int
    """The last exam year in which it still counts."""
    on: date
    area: str
    """Where alone it is valid; empty: everywhere."""
    fact: Fact


Passes = Mapping[str, tuple[Pass, ...]]
"""Subject code -> its passes, oldest day first."""


def read_extensions(raw: Raw) -> tuple[Extension, ...]:
    """Read the tables under ``extensions``."""
    found = []
    for index, table in enumerate(reading.tables(raw, "extensions")):
        with reading.within("extensions", index):
            reading.only(table, ("area", "year", "years"))
            found.append(
                Extension(
                    reading.text(table, "area"),
                    reading.whole(table, "year", low=1990, high=2200),
                    reading.whole(table, "years", low=1, high=5),
                )
            )
    return tuple(found)


def passes_of(
    evidence: Evidence,
    codes: Iterable[str],
    *,
    years: int,
    extensions: tuple[Extension, ...],
    national_only: bool,
) -> Passes:
    """Return the passes that count, by subject."""
    return {
        code: tuple(
            _pass(fact, years, extensions)
            for fact in evidence.about(RecordKind.SUBJECT_PASSED, f"subject:{code}")
            if not national_only or fact.detail.get("basis") != "local_line"
        )
        for code in codes
    }


def _pass(fact: Fact, years: int, extensions: tuple[Extension, ...]) -> Pass:
    year = int(fact.detail.get("exam_year", fact.on.year))
    region = str(fact.detail.get("area", ""))
    longer = sum(
        extension.years
        for extension in extensions
        if extension.year == year and region.startswith(extension.area)
    )
    local = LOCAL_LINE if fact.detail.get("basis") == "local_line" else ""
    return Pass(year, year + years - 1 + longer, fact.on, local, fact)


def complete_on(codes: Iterable[str], passes: Passes) -> date | None:
    """Return the first day on which one exam year held a pass of every subject that still counted.

    None if there is no such year; for no subjects at all too.
    """
    listed = list(codes)
    ends = {each.year for code in listed for each in passes[code]}
    days = []
    for end in ends:
        firsts = [
            min((p.on for p in passes[code] if p.year <= end <= p.last), default=None)
            for code in listed
        ]
        known = [day for day in firsts if day is not None]
        if len(known) == len(listed):
            days.append(max(known))
    return min(days, default=None)


def read_titles(raw: Raw, codes: tuple[str, ...]) -> dict[str, Named]:
    """Read what people call the subjects."""
    if "titles" not in raw:
        return {}
    table = reading.table(raw, "titles")
    with reading.within("titles"):
        reading.only(table, codes)
        return {code: Named(*reading.texts(table, code, at_least=2, at_most=2)) for code in table}


def subject_properties() -> dict[str, Mapping[str, Any]]:
    """Return the JSON Schema of the keys about subjects."""
    title = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    return {
        "subjects": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 1,
            "maxItems": 10,
            "uniqueItems": True,
        },
        "consecutive_years": {"type": "integer", "minimum": 1, "maximum": 10},
        "titles": {"type": "object", "additionalProperties": title},
        "extensions": EXTENSIONS_SCHEMA,
        "basis": {"enum": ["any", "national"]},
    }
