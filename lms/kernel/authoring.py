"""Read authors' files and say where a fault is: ``path:line: key: what is wrong``.

The standard library's TOML reader keeps no line numbers, so a light scan of the text finds the
line of each header and key. It is only used to point at faults, never to read values.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lms.kernel.databases import to_json
from lms.kernel.errors import Invalid

Place = tuple[str | int, ...]
"""Keys and list positions, from the outside in: ``("question", 3, "options")``."""

FENCE = "+++"
"""The line above and below a lesson's TOML front matter."""


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed file."""

    path: Path
    table: Mapping[str, Any]
    lines: Mapping[Place, int]
    """Where each header and key stands, counted from 1."""
    body: str = ""
    """What follows the front matter."""

    def line_of(self, place: Place) -> int:
        """Return the line of a place, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one file."""

    path: Path
    line: int
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.key}: {self.what}"


@dataclass(slots=True)
class Faults:
    """Everything found wrong so far: a check reports all of it, not the first."""

    found: list[Fault] = field(default_factory=list)

    def note(self, document: Document, place: Place, what: str) -> None:
        """Add one fault at a place in a document."""
        key = ".".join(str(part) for part in place if not isinstance(part, int))
        self.found.append(Fault(document.path, document.line_of(place), key or "-", what))

    @contextmanager
    def guard(self, document: Document, *prefix: str | int) -> Iterator[None]:
        """Turn an :class:`Invalid` inside the block into a fault under ``prefix``."""
        try:
            yield
        except Invalid as fault:
            what = fault.message % fault.params if fault.params else fault.message
            inner = [int(p) if p.isdecimal() else p for p in fault.where.split(".") if p]
            self.note(document, (*prefix, *inner), what)

    @contextmanager
    def reading(self, path: Path) -> Iterator[None]:
        """Turn an unreadable file inside the block into a fault."""
        try:
            yield
        except tomllib.TOMLDecodeError as fault:
            found = re.search(r"line (\d+)", str(fault))
            offset = _front_matter_offset(path)
            self.found.append(
                Fault(path, int(found.group(1)) + offset if found else 1, "-", f"TOML: {fault}")
            )
        except UnicodeDecodeError as fault:
            self.found.append(Fault(path, 1, "-", f"UTF-8: {fault.reason}, byte {fault.start}"))
        except Invalid as fault:
            self.found.append(Fault(path, 1, fault.where or "-", fault.message))


def read_toml(path: Path) -> Document:
    """Read one TOML file.

    :raises tomllib.TOMLDecodeError: it is not TOML.
    :raises UnicodeDecodeError: it is not UTF-8.
    """
    source = path.read_text(encoding="utf-8")
    return Document(path, tomllib.loads(source), _locate(source, offset=0))


def read_front_matter(path: Path) -> Document:
    """Read a Markdown file that begins with TOML between two ``+++`` lines.

    :raises Invalid: ``no_front_matter``.
    :raises tomllib.TOMLDecodeError: the front matter is not TOML.
    :raises UnicodeDecodeError: the file is not UTF-8.
    """
    source = path.read_text(encoding="utf-8")
    lines = source.split("\n")
    if lines[0].strip() != FENCE or FENCE not in (line.strip() for line in lines[1:]):
        raise Invalid("no_front_matter", "开头要有 +++ 与 +++ 之间的 TOML")
    end = next(i for i, line in enumerate(lines) if i and line.strip() == FENCE)
    head = "\n".join(lines[1:end])
    return Document(
        path, tomllib.loads(head), _locate(head, offset=1), "\n".join(lines[end + 1 :]).strip()
    )


@dataclass(slots=True)
class Tally:
    """What loading content changed: counted for the person who ran it."""

    new: int = 0
    changed: int = 0
    same: int = 0
    retired: int = 0


def digest_of(value: Any) -> str:
    """Return the SHA-256, in hex, of a value's canonical JSON: equal content, equal digest."""
    return hashlib.sha256(to_json(value).encode()).hexdigest()


def plain(value: Any) -> Any:
    """Return a parsed table as JSON can hold it: dates become ISO text."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


_HEADER = re.compile(r"\s*\[(\[)?\s*([A-Za-z0-9_.\-\s]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=\s*(.*)$")


def _front_matter_offset(path: Path) -> int:
    return 1 if path.suffix == ".md" else 0


def _locate(source: str, *, offset: int) -> dict[Place, int]:
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    here: Place = ()
    inside: str | None = None
    for number, line in enumerate(source.split("\n"), start=1 + offset):
        if inside is not None:
            if inside in line:
                inside = None
            continue
        if header := _HEADER.match(line):
            here = _open_table(
                header.group(2).split("."), is_list=bool(header.group(1)), counts=counts
            )
            found[here] = number
        elif key := _KEY.match(line):
            found[(*here, key.group(1))] = number
            inside = _opened_string(key.group(2))
    return found


def _open_table(names: list[str], *, is_list: bool, counts: dict[Place, int]) -> Place:
    place: Place = ()
    for name in names[:-1]:
        place = (*place, name.strip())
        if place in counts:
            place = (*place, counts[place] - 1)
    place = (*place, names[-1].strip())
    if is_list:
        counts[place] = counts.get(place, 0) + 1
        place = (*place, counts[place] - 1)
    return place


def _opened_string(value: str) -> str | None:
    for quotes in ('"""', "'''"):
        if value.startswith(quotes) and quotes not in value[3:]:
            return quotes
    return None
