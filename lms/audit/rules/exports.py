"""The shape of an exported trail: CSV for spreadsheets, JSON lines for programs. Pure.

Every line carries the digest of its link and of the one before, so that it can be checked alone,
in any selection of lines. The last line says how many there are: a file that was cut off is told.
In CSV a cell that a spreadsheet would calculate gets an apostrophe in front (OWASP, "CSV
Injection"); reading takes it away again.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from lms.audit.types import ExportEnd, ExportLine
from lms.kernel.canonical import to_json
from lms.kernel.errors import N_, Invalid

COLUMNS = (
    "number", "entry_id", "at", "actor_id", "actor", "verb", "words", "subject", "facts",
    "previous", "digest",
)  # fmt: skip
"""The first row of a CSV export."""

_END = "end"
_CALCULATED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")


def row_of(line: ExportLine, *, actor: str, words: str) -> list[str]:
    """Return a line as a row of CSV, harmless in a spreadsheet.

    :param actor: the name of who did it.
    :param words: what the verb means.
    """
    cells = (
        str(line.number),
        str(line.entry_id),
        line.at.astimezone(UTC).isoformat(),
        "" if line.actor_id is None else str(line.actor_id),
        actor,
        line.verb,
        words,
        line.subject,
        to_json(line.facts),
        line.previous,
        line.digest,
    )
    return [_harmless(cell) for cell in cells]


def whole_line(line: ExportLine, *, actor: str, words: str) -> dict[str, Any]:
    """Return a line as an object of JSON."""
    return {
        "number": line.number,
        "entry_id": line.entry_id,
        "at": line.at.astimezone(UTC).isoformat(),
        "actor_id": line.actor_id,
        "actor": actor,
        "verb": line.verb,
        "words": words,
        "subject": line.subject,
        "facts": line.facts,
        "previous": line.previous,
        "digest": line.digest,
    }


def end_row(end: ExportEnd) -> list[str]:
    """Return the last row of a CSV export."""
    return [_END, str(end.lines), end.head]


def read_csv(source: Iterable[str]) -> Iterator[ExportLine | ExportEnd]:
    """Read an exported CSV back.

    :raises Invalid: ``bad_export``, with the row.
    """
    csv.field_size_limit(16 * 1024 * 1024)
    for place, row in enumerate(csv.reader(source), start=1):
        if place == 1 and [cell.lstrip("\ufeff") for cell in row] == list(COLUMNS):
            continue
        if row and row[0] == _END:
            yield ExportEnd(_whole(row[1], place), row[2])
            continue
        if len(row) != len(COLUMNS):
            raise _bad(place)
        yield _read(dict(zip(COLUMNS, map(_original, row), strict=True)), place)


def read_lines(source: Iterable[str]) -> Iterator[ExportLine | ExportEnd]:
    """Read exported JSON lines back.

    :raises Invalid: ``bad_export``, with the line.
    """
    for place, text in enumerate(source, start=1):
        try:
            raw = json.loads(text)
        except ValueError:
            raise _bad(place) from None
        if isinstance(raw, dict) and raw.get(_END) is True:
            yield ExportEnd(_whole(raw.get("lines"), place), str(raw.get("head")))
        elif isinstance(raw, dict):
            yield _read(raw, place)
        else:
            raise _bad(place)


def _read(raw: dict[str, Any], place: int) -> ExportLine:
    try:
        facts = raw["facts"]
        actor_id = raw["actor_id"]
        return ExportLine(
            number=_whole(raw["number"], place),
            entry_id=_whole(raw["entry_id"], place),
            at=datetime.fromisoformat(raw["at"]),
            actor_id=None if actor_id in {"", None} else _whole(actor_id, place),
            verb=raw["verb"],
            subject=raw["subject"],
            facts=json.loads(facts) if isinstance(facts, str) else facts,
            previous=raw["previous"],
            digest=raw["digest"],
        )
    except (KeyError, TypeError, ValueError):
        raise _bad(place) from None


def _whole(value: Any, place: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise _bad(place) from None


def _bad(place: int) -> Invalid:
    return Invalid("bad_export", N_("第 %(place)s 行不是导出的审计日志"), place=place)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_CALCULATED) else cell


def _original(cell: str) -> str:
    return cell.removeprefix("'")
