"""Read a requirement and a learner's facts from files, to judge them without a database.

A fault is told as ``path:line: key: what``.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lms.kernel import reading
from lms.kernel.authoring import Document, Faults, read_toml
from lms.kernel.errors import N_, Invalid
from lms.kernel.json_lines import locate_json
from lms.records.rules import read_fact
from lms.records.types import Fact
from lms.requirements.rules import read_requirement
from lms.requirements.types import Requirement

Lines = Mapping[tuple[str | int, ...], int]


def read_requirement_file(path: Path) -> Requirement:
    """Read a TOML file that is a requirement, or a program with one under ``requirement``.

    :raises Invalid: with the file, the line and the faulty key as ``where``.
    """
    with _told(path, {}):
        document = _document(path)
    with _told(path, document.lines):
        table = document.table
        if "kind" not in table and "use" not in table and "requirement" in table:
            with reading.within("requirement"):
                return read_requirement(reading.table(table, "requirement"))
        return read_requirement(table)


def read_facts_file(path: Path, *, known: Collection[int] = ()) -> list[Fact]:
    """Read a JSON file that is a list of facts; a fact without a number gets its position.

    :param known: numbers of other facts, which these may correct.
    :raises Invalid: with the file, the line and the faulty key as ``where``.
    """
    with _told(path, {}):
        source, facts = _json(path)
    with _told(path, locate_json(source)):
        found = []
        for index, raw in enumerate(reading.tables({"": facts}, "")):
            with reading.within(index):
                found.append(read_fact(raw, number=index + 1))
        _check_numbers(found, known)
        return found


def _document(path: Path) -> Document:
    faults = Faults()
    document = Document(path, {}, {})
    with faults.reading(path):
        document = read_toml(path)
    for fault in faults.found:
        raise Invalid("unreadable", N_("无法读取：%(why)s"), where=f"@{fault.line}", why=fault.what)
    return document


def _json(path: Path) -> tuple[str, Any]:
    try:
        source = path.read_text(encoding="utf-8-sig")
        return source, json.loads(source)
    except json.JSONDecodeError as fault:
        why, line = fault.msg, fault.lineno
    except UnicodeDecodeError as fault:
        why, line = "UTF-8", fault.object[: fault.start].count(b"\n") + 1
    except RecursionError:
        why, line = "too deep", 1
    except OSError as fault:
        why, line = fault.strerror or type(fault).__name__, 1
    raise Invalid("unreadable", N_("无法读取：%(why)s"), where=f"@{line}", why=why)


def _check_numbers(facts: list[Fact], known: Collection[int]) -> None:
    """Refuse numbers used twice and corrections of what is not there."""
    seen: set[int] = set()
    for index, fact in enumerate(facts):
        if fact.number in seen:
            raise Invalid(
                "alike", N_("编号“%(id)s”用了不止一次"), where=f"{index}.number", id=fact.number
            )
        seen.add(fact.number)
    for index, fact in enumerate(facts):
        if fact.corrects is not None and fact.corrects not in seen and fact.corrects not in known:
            raise Invalid(
                "unknown_fact",
                N_("没有编号为 %(n)s 的记录"),
                where=f"{index}.corrects",
                n=fact.corrects,
            )


@contextmanager
def _told(path: Path, lines: Lines) -> Iterator[None]:
    """Put file and line before the key of a fault found inside the block."""
    try:
        yield
    except Invalid as fault:
        line, key = _line_and_key(fault.where, lines)
        where = f"{path}:{line}: {key or '-'}"
        raise Invalid(fault.code, fault.message, where=where, **fault.params) from fault


def _line_and_key(where: str, lines: Lines) -> tuple[int, str]:
    if where.startswith("@"):  # a fault of the whole text, on a line
        return int(where[1:]), ""
    place: tuple[str | int, ...] = tuple(
        int(part) if part.isdecimal() else part for part in where.split(".") if part
    )
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1), where
