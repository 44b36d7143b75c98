"""Read authors' questions from ``question_bank/questions/``. Reads files; knows no database.

One file holds one chapter: ``subject`` and ``chapter``, then ``[[question]]`` blocks.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from lms.kernel import reading
from lms.kernel.authoring import Document, Faults, digest_of, plain, read_toml
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.rules import all_kinds, key, kind_named, options_of, read_law
from lms.question_bank.types import SOURCES, Law

_FILE = ("subject", "chapter", "question")
_QUESTION = (
    "id", "kind", "stem", "explanation", "point", "difficulty", "valid_on", "source", "tags",
)  # fmt: skip
_DECIMAL = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?")
_SOURCE = ("kind", "title", "edition", "article")


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """One checked question of an author."""

    document: Document = field(repr=False, compare=False)
    index: int
    """Its place among the questions of its file, from 0."""
    key: str
    digest: str
    kind: str
    stem: str
    spec: Raw
    explanation: str
    subject: str
    chapter_key: str
    point_key: str
    difficulty: int
    source: Mapping[str, str]
    valid_on: date
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a bank holds, counted."""

    by_chapter: Mapping[str, Mapping[str, int]]
    """Chapter key -> kind -> questions."""
    letters: Mapping[str, Mapping[str, int]]
    """Kind -> letter -> questions in whose key it is: an even spread gives nothing away."""


def read_all(root: Path, faults: Faults) -> list[QuestionFile]:
    """Read every question under ``root/questions``, in path order; faults are collected."""
    found: list[QuestionFile] = []
    for path in sorted((root / "questions").glob("*/*.toml")):
        with faults.reading(path):
            found.extend(_read(read_toml(path), faults))
    _refuse_twins(found, faults)
    return found


def read_laws(root: Path, faults: Faults) -> list[Law]:
    """Read the laws that questions rest on from ``root/laws.toml``; none where there is no file."""
    path = root / "laws.toml"
    found: list[Law] = []
    if not path.exists():
        return found
    with faults.reading(path):
        document = read_toml(path)
        with faults.guard(document):
            reading.only(document.table, ("law",))
        for index, table in enumerate(reading.tables(document.table, "law")):
            with faults.guard(document, "law", index):
                law = read_law(table)
                if law.title in {known.title for known in found}:
                    raise Invalid("twice", N_("这部法律写了两次"), where="title")
                found.append(law)
    return found


def check_references(
    files: Iterable[QuestionFile], *, nodes: Collection[str], faults: Faults
) -> None:
    """Report chapters and points that no outline has.

    :param nodes: every key of every edition of the outline.
    """
    chapters_seen: set[Path] = set()
    for file in files:
        path = file.document.path
        if file.chapter_key not in nodes and path not in chapters_seen:
            faults.note(file.document, ("chapter",), f"大纲里没有 {file.chapter_key}")
        chapters_seen.add(path)
        if file.point_key not in nodes:
            place = ("question", file.index, "point")
            faults.note(file.document, place, f"大纲里没有 {file.point_key}")


def statistics(files: Iterable[QuestionFile]) -> Statistics:
    """Count questions by chapter and kind, and the letters of their keys."""
    by_chapter: dict[str, Counter[str]] = {}
    letters: dict[str, Counter[str]] = {}
    for file in files:
        by_chapter.setdefault(file.chapter_key, Counter())[file.kind] += 1
        if options_of(file.kind, file.spec):
            letters.setdefault(file.kind, Counter()).update(key(file.kind, file.spec))
    return Statistics(by_chapter, letters)


def read_marks(path: Path) -> tuple[list[str], list[list[Fraction | None]]]:
    """Read a table of marks: a header of question names, a row for each finished paper.

    UTF-8, with or without a byte-order mark, else GB18030. An empty cell is a blank.

    :raises Invalid: ``bad_marks``: no such file, no table, or a cell that is no number; ``where``
        is ``file:line: question``.
    """
    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise Invalid("bad_marks", fault.strerror or "?", where=str(path)) from fault
    lines = list(csv.reader(_decoded(raw, path).splitlines()))
    names = [name.strip() for name in lines[0]] if lines else []
    if not any(names) or "" in names or len(set(names)) != len(names):
        raise Invalid(
            "bad_marks", N_("第一行要是各题的名称，不能空，也不能重复"), where=f"{path}:1"
        )
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) > len(names):
            raise Invalid("bad_marks", N_("这一行的格子比题目多"), where=f"{path}:{number}")
        cells = line + [""] * (len(names) - len(line))
        if any(cell.strip() for cell in cells):
            read = zip(names, cells, strict=True)
            rows.append([_mark_in(cell, f"{path}:{number}: {name}") for name, cell in read])
    return names, rows


def read_maxima(text: str) -> list[Fraction]:
    """Read full marks as ``1,1,2,0.5``.

    :raises Invalid: ``bad_marks``.
    """
    return [_mark_in(part, "--max") or Fraction(0) for part in text.split(",")]


def _decoded(raw: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("bad_marks", N_("既不是 UTF-8 也不是 GB18030 文字"), where=str(path))


def _mark_in(cell: str, where: str) -> Fraction | None:
    text = cell.strip()
    if not text:
        return None
    if not _DECIMAL.fullmatch(text):
        raise Invalid("bad_marks", N_("“%(text)s”不是分数"), where=where, text=text[:20])
    return Fraction(text)


def _read(document: Document, faults: Faults) -> Iterator[QuestionFile]:
    before = len(faults.found)
    raw = document.table
    with faults.guard(document):
        reading.only(raw, _FILE)
    with faults.guard(document):
        questions = reading.tables(raw, "question", at_least=1)
        subject = reading.identifier(raw, "subject")
        chapter = reading.text(raw, "chapter")
        _check_chapter(chapter, subject)
    if len(faults.found) > before:
        return
    for index, table in enumerate(questions):
        values = _values(document, index, table, chapter, faults)
        if values is not None:
            head = {"subject": subject, "chapter": chapter}
            digest = digest_of({**head, **plain(table)})
            yield QuestionFile(
                document, index, digest=digest, subject=subject, chapter_key=chapter, **values
            )


def _values(
    document: Document, index: int, raw: Raw, chapter: str, faults: Faults
) -> dict[str, Any] | None:
    """Return the checked values of one question; none if it has faults, which are all noted."""
    before = len(faults.found)
    readers: dict[str, Callable[[], Any]] = {
        "key": lambda: reading.identifier(raw),
        "kind": lambda: reading.choice(raw, "kind", tuple(all_kinds())),
        "stem": lambda: reading.text(raw, "stem"),
        "spec": lambda: _spec(raw),
        "explanation": lambda: reading.text(raw, "explanation"),
        "point_key": lambda: _point(raw, chapter),
        "difficulty": lambda: reading.whole(raw, "difficulty", low=1, high=3),
        "source": lambda: _source(raw),
        "valid_on": lambda: reading.day(raw, "valid_on"),
        "tags": lambda: reading.texts(raw, "tags"),
    }
    values: dict[str, Any] = {}
    for name, read in readers.items():
        with faults.guard(document, "question", index):
            values[name] = read()
    return values if len(faults.found) == before else None


def _spec(raw: Raw) -> dict[str, Any]:
    if raw.get("kind") not in tuple(all_kinds()):
        return {}  # noted as a fault of "kind"; what else is wrong cannot be told
    kind = kind_named(raw["kind"])
    reading.only(raw, _QUESTION + kind.spec_keys)
    kind.read_spec(raw)
    return {key: plain(raw[key]) for key in kind.spec_keys if key in raw}


def _check_chapter(chapter: str, subject: str) -> None:
    parts = chapter.split("/")
    if len(parts) != 3 or not all(parts) or parts[1] != subject:
        raise Invalid(
            "bad_chapter",
            N_("要写成“大纲版本/%(subject)s/章号”，如 2025/%(subject)s/06"),
            where="chapter",
            subject=subject,
        )


def _point(raw: Raw, chapter: str) -> str:
    point = reading.text(raw, "point")
    if point != chapter and not point.startswith(f"{chapter}/"):
        raise Invalid(
            "point_elsewhere", N_("不在本章 %(chapter)s 之内"), where="point", chapter=chapter
        )
    return point


def _source(raw: Raw) -> dict[str, str]:
    source = reading.table(raw, "source")
    with reading.within("source"):
        reading.only(source, _SOURCE)
        return {
            "kind": reading.choice(source, "kind", SOURCES),
            "title": reading.text(source, "title"),
            "edition": reading.text(source, "edition", default=""),
            "article": reading.text(source, "article", default=""),
        }


def _refuse_twins(files: Iterable[QuestionFile], faults: Faults) -> None:
    first: dict[str, QuestionFile] = {}
    for file in files:
        twin = first.setdefault(file.key, file)
        if twin is not file:
            line = twin.document.line_of(("question", twin.index, "id"))
            where = f"{twin.document.path.name}:{line}"
            faults.note(file.document, ("question", file.index, "id"), f"与 {where} 的 id 相同")
