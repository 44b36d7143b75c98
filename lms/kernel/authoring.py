"""Read authors' files and say where a fault is: ``path:line: key: what is wrong``."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lms.kernel.canonical import to_json
from lms.kernel.errors import Invalid
from lms.kernel.toml_lines import Place, locate

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
    code: str = ""
    """What kind of fault it is, for programs; empty if nobody has named it."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.key}: {self.what}"


@dataclass(slots=True)
class Faults:
    """Everything found wrong so far: a check reports all of it, not the first."""

    found: list[Fault] = field(default_factory=list)

    def note(self, document: Document, place: Place, what: str, code: str = "") -> None:
        """Add one fault at a place in a document."""
        key = ".".join(str(part) for part in place if not isinstance(part, int))
        self.found.append(Fault(document.path, document.line_of(place), key or "-", what, code))

    @contextmanager
    def guard(self, document: Document, *prefix: str | int) -> Iterator[None]:
        """Turn an :class:`Invalid` inside the block into a fault under ``prefix``."""
        try:
            yield
        except Invalid as fault:
            inner = [int(p) if p.isdecimal() else p for p in fault.where.split(".") if p]
            self.note(document, (*prefix, *inner), _sentence(fault), fault.code)

    @contextmanager
    def reading(self, path: Path) -> Iterator[None]:
        """Turn an unreadable file inside the block into a fault."""
        try:
            yield
        except tomllib.TOMLDecodeError as fault:
            self.found.append(Fault(path, _line_of(fault, path), "-", f"TOML: {fault}", "not_toml"))
        except UnicodeDecodeError as fault:
            line = fault.object[: fault.start].count(b"\n") + 1
            self.found.append(
                Fault(path, line, "-", "不是 UTF-8 文字，请改用 UTF-8 编码保存", "not_utf8")
            )
        except Invalid as fault:
            self.found.append(Fault(path, 1, fault.where or "-", _sentence(fault)))
        except OSError as fault:
            self.found.append(Fault(path, 1, "-", fault.strerror or type(fault).__name__))


FileT = TypeVar("FileT")


def read_folder(
    folder: Path,
    read: Callable[[Document], FileT],
    faults: Faults,
    *,
    key: Callable[[FileT], str],
    named: str = "id",
) -> list[FileT]:
    """Read every TOML file of a folder, in the order of their names; faults are collected.

    :param read: makes one checked file; its :class:`Invalid` becomes a fault.
    :param key: what two files may not share.
    :param named: the entry of the file that holds the key.
    """
    found: dict[str, tuple[FileT, Path]] = {}
    for path in sorted(folder.glob("*.toml")):
        with faults.reading(path):
            document = read_toml(path)
            with faults.guard(document):
                file = read(document)
                if key(file) in found:
                    other = found[key(file)][1].name
                    faults.note(document, (named,), f"与 {other} 的 {named} 相同")
                found[key(file)] = (file, path)
    return [file for file, _path in found.values()]


def read_toml(path: Path) -> Document:
    """Read one TOML file.

    :raises tomllib.TOMLDecodeError: it is not TOML.
    :raises UnicodeDecodeError: it is not UTF-8.
    """
    source = _text(path)
    return Document(path, tomllib.loads(source), locate(source))


def read_front_matter(path: Path) -> Document:
    """Read a Markdown file that begins with TOML between two ``+++`` lines.

    :raises Invalid: ``no_front_matter``.
    :raises tomllib.TOMLDecodeError: the front matter is not TOML.
    :raises UnicodeDecodeError: the file is not UTF-8.
    """
    lines = _text(path).split("\n")
    if lines[0].strip() != FENCE or FENCE not in (line.strip() for line in lines[1:]):
        raise Invalid("no_front_matter", "开头要有 +++ 与 +++ 之间的 TOML")
    end = next(i for i, line in enumerate(lines) if i and line.strip() == FENCE)
    head = "".join(f"{line}\n" for line in lines[1:end])
    return Document(
        path, tomllib.loads(head), locate(head, offset=1), "\n".join(lines[end + 1 :]).strip()
    )


@dataclass(slots=True)
class Tally:
    """What loading content changed: counted for the person who ran it."""

    new: int = 0
    changed: int = 0
    same: int = 0
    retired: int = 0
    left: tuple[str, ...] = ()
    """Keys whose file says something else than what is kept here, and was not published."""


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


def _text(path: Path) -> str:
    # some editors put a byte-order mark before the first line
    return path.read_text(encoding="utf-8-sig")


def _sentence(fault: Invalid) -> str:
    return fault.message % fault.params if fault.params else fault.message


def _line_of(fault: tomllib.TOMLDecodeError, path: Path) -> int:
    lines = _text(path).split("\n")
    # a Markdown file carries its TOML between two fences
    first = 1 if path.suffix == ".md" else 0
    found = re.search(r"line (\d+)", str(fault))
    if found:
        return first + int(found.group(1))
    fences = (i for i, line in enumerate(lines, start=1) if i > 1 and line.strip() == FENCE)
    return next(fences, len(lines)) if first else len(lines)
