"""Read authors' courses from ``courses/catalog/``. Reads files; knows no database.

One folder is one course: ``course.toml``, then ``NN-<module>/module.toml`` and
``NN-<module>/NN-<lesson>.md``. The numbers give the order and nothing else: what a course, a
module, a lesson is called for ever is the ``id`` written inside, so folders and files may be
renamed.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from lms.courses.types import AUDIENCES, CATEGORIES, Check, Module
from lms.kernel import reading
from lms.kernel.authoring import (
    Document,
    Fault,
    Faults,
    digest_of,
    plain,
    read_front_matter,
    read_toml,
)
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.rules import all_kinds, is_judged, kind_named

_COURSE = (
    "id", "title", "title_en", "summary", "summary_en", "audience", "credit_hours", "category",
    "valid_on", "sources",
)  # fmt: skip
_MODULE = ("id", "title", "title_en")
_LESSON = ("id", "title", "title_en", "minutes", "points", "check")
_CHECK = ("id", "kind", "stem", "explanation")

_NUMBERED = re.compile(r"(\d+)-.+")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_FENCE = re.compile(r"\s*(```|~~~)")
_CODE = re.compile(r"(`+).+?\1")
_TOP_HEADING = re.compile(r"\s*#(?!#)|=+\s*$")
_LINK = re.compile(
    r"\]\((?!#)"  # [words](elsewhere) and ![words](elsewhere)
    r"|^\s*\[(?!\^)[^\]]+\]:"  # [name]: elsewhere, but not a footnote [^1]:
    r"|https?://|www\.",
    re.IGNORECASE,
)
_HTML = re.compile(r"<[a-zA-Z/!?]")

Readers = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True, slots=True)
class LessonFile:
    """One checked lesson of an author."""

    document: Document = field(repr=False, compare=False)
    key: str
    digest: str
    title: str
    title_en: str
    minutes: int
    points: tuple[str, ...]
    checks: tuple[Check, ...]
    source: str
    """The body, Markdown."""
    module: Module


@dataclass(frozen=True, slots=True)
class CourseFile:
    """One checked course of an author, its lessons in order."""

    document: Document = field(repr=False, compare=False)
    key: str
    digest: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    audience: tuple[str, ...]
    credit_hours: int
    category: str
    valid_on: date
    sources: tuple[str, ...]
    lessons: tuple[LessonFile, ...]


def read_all(root: Path, faults: Faults) -> list[CourseFile]:
    """Read every course under ``root/catalog``, in path order; faults are collected.

    A course with a fault anywhere in its folder is left out.
    """
    found: list[CourseFile] = []
    seen: dict[str, Document] = {}
    for folder in sorted(_visible(root / "catalog")):
        if not folder.is_dir():
            continue
        before = len(faults.found)
        head = _course(folder / "course.toml", faults)
        lessons = tuple(_lessons(folder, faults))
        if head is None:
            continue
        document, values = head
        _refuse_twin(seen, document, values["key"], faults)
        if len(faults.found) == before:
            digest = _course_digest(document, lessons)
            found.append(CourseFile(document, digest=digest, lessons=lessons, **values))
    return found


def check_references(
    files: Iterable[CourseFile], *, points: Collection[str], faults: Faults
) -> None:
    """Report points that no outline has.

    :param points: every key of every edition of the outline.
    """
    for file in files:
        for lesson in file.lessons:
            for index, point in enumerate(lesson.points):
                if point not in points:
                    faults.note(lesson.document, ("points", index), f"大纲里没有 {point}")


def _course_digest(document: Document, lessons: Iterable[LessonFile]) -> str:
    outline = [
        [le.module.key, le.module.title, le.module.title_en, le.key, le.digest] for le in lessons
    ]
    return digest_of({**plain(document.table), "outline": outline})


def _course(path: Path, faults: Faults) -> tuple[Document, dict[str, Any]] | None:
    document = _toml(path, _COURSE, faults)
    if document is None:
        return None
    raw = document.table
    values = _values(
        document,
        {
            "key": lambda: _slug(raw),
            "title": lambda: reading.text(raw, "title", at_most=100),
            "title_en": lambda: reading.text(raw, "title_en", default="", at_most=200),
            "summary": lambda: reading.text(raw, "summary", at_most=1000),
            "summary_en": lambda: reading.text(raw, "summary_en", default="", at_most=2000),
            "audience": lambda: _audience(raw),
            "credit_hours": lambda: reading.whole(raw, "credit_hours", low=1, high=500),
            "category": lambda: reading.choice(raw, "category", CATEGORIES),
            "valid_on": lambda: reading.day(raw, "valid_on"),
            "sources": lambda: reading.texts(raw, "sources", at_least=1),
        },
        faults,
    )
    return None if values is None else (document, values)


def _audience(raw: Raw) -> tuple[str, ...]:
    listed = reading.texts(raw, "audience", at_least=1)
    for word in listed:
        reading.choice({"audience": word}, "audience", AUDIENCES)
    return listed


def _lessons(folder: Path, faults: Faults) -> Iterator[LessonFile]:
    """Yield the good lessons of a course in order; modules and lessons out of order are noted."""
    modules: dict[str, Document] = {}
    lessons: dict[str, Document] = {}
    inside = [path for path in _visible(folder) if path.name != "course.toml"]
    if not inside:
        faults.found.append(Fault(folder, 1, "-", "课程里还没有模块，如 10-basics 文件夹"))
    for path in _in_order(_only(Path.is_dir, inside, faults), faults):
        module = _module(path / "module.toml", modules, faults)
        written = [file for file in _visible(path) if file.name != "module.toml"]
        if not written:
            faults.found.append(Fault(path, 1, "-", "模块里还没有课，如 10-welcome.md"))
        for file in _in_order(_only(_is_lesson, written, faults), faults):
            lesson = _lesson(file, module, faults)
            if lesson is not None:
                _refuse_twin(lessons, lesson.document, lesson.key, faults)
                yield lesson


def _module(path: Path, seen: dict[str, Document], faults: Faults) -> Module:
    """Return a module; one with faults, which are noted, is returned empty."""
    document = _toml(path, _MODULE, faults)
    if document is None:
        return Module("", "", "")
    raw = document.table
    values = _values(
        document,
        {
            "key": lambda: _slug(raw),
            "title": lambda: reading.text(raw, "title", at_most=100),
            "title_en": lambda: reading.text(raw, "title_en", default="", at_most=200),
        },
        faults,
    )
    if values is None:
        return Module("", "", "")
    _refuse_twin(seen, document, values["key"], faults)
    return Module(**values)


def _lesson(path: Path, module: Module, faults: Faults) -> LessonFile | None:
    before = len(faults.found)
    document = _document(path, read_front_matter, _LESSON, faults)
    if document is None:
        return None
    raw = document.table
    values = _values(
        document,
        {
            "key": lambda: _slug(raw),
            "title": lambda: reading.text(raw, "title", at_most=100),
            "title_en": lambda: reading.text(raw, "title_en", default="", at_most=200),
            "minutes": lambda: reading.whole(raw, "minutes", low=1, high=600),
            "points": lambda: reading.texts(raw, "points"),
        },
        faults,
    )
    checks = tuple(_checks(document, faults))
    _check_body(document, faults)
    if values is None or len(faults.found) > before:
        return None
    digest = digest_of({**plain(raw), "body": document.body})
    return LessonFile(
        document, digest=digest, checks=checks, source=document.body, module=module, **values
    )


def _checks(document: Document, faults: Faults) -> Iterator[Check]:
    tables: tuple[Raw, ...] = ()
    with faults.guard(document):
        tables = reading.tables(document.table, "check", at_least=2)
    seen: dict[str, int] = {}
    for index, table in enumerate(tables):
        values = _values(document, _check_readers(table), faults, "check", index)
        if values is None:
            continue
        if values["key"] in seen:
            where = document.line_of(("check", seen[values["key"]], "id"))
            faults.note(document, ("check", index, "id"), f"与第 {where} 行的 id 相同")
        seen[values["key"]] = index
        yield Check(**values)


def _check_readers(raw: Raw) -> Readers:
    return {
        "key": lambda: _slug(raw),
        "kind": lambda: _kind(raw),
        "stem": lambda: reading.text(raw, "stem"),
        "spec": lambda: _spec(raw),
        "explanation": lambda: reading.text(raw, "explanation"),
    }


def _kind(raw: Raw) -> str:
    kind = reading.choice(raw, "kind", tuple(all_kinds()))
    if is_judged(kind):
        raise Invalid("judged", N_("这种题要人评分，课程自测暂不支持"), where="kind")
    return kind


def _kinds() -> list[str]:
    return [name for name in all_kinds() if not is_judged(name)]


def _spec(raw: Raw) -> dict[str, Any]:
    if raw.get("kind") not in _kinds():
        return {}  # noted as a fault of "kind"; what else is wrong cannot be told
    kind = kind_named(raw["kind"])
    reading.only(raw, _CHECK + kind.spec_keys)
    kind.read_spec(raw)
    return {key: plain(raw[key]) for key in kind.spec_keys if key in raw}


def _check_body(document: Document, faults: Faults) -> None:
    """Note an empty text, and lines in it that no lesson may have."""
    source = document.path.read_text(encoding="utf-8-sig").rstrip()
    last = source.count("\n") + 1
    if not document.body:
        faults.found.append(Fault(document.path, last, "body", "正文是空的"))
        return
    first = last - document.body.count("\n")
    fenced = False
    for line, words in enumerate(document.body.split("\n"), start=first):
        if _FENCE.match(words):
            fenced = not fenced
        elif not fenced:
            what = _out_of_place(_CODE.sub("", words))
            if what:
                faults.found.append(Fault(document.path, line, "body", what))


def _out_of_place(words: str) -> str | None:
    if _TOP_HEADING.match(words):
        return "正文的标题从 ## 开始：课名就是一级标题"
    if _LINK.search(words):
        return "正文里不能有链接和图片"
    return "正文里不能写 HTML" if _HTML.search(words) else None


def _toml(path: Path, allowed: Collection[str], faults: Faults) -> Document | None:
    if not path.is_file():
        faults.found.append(Fault(path, 1, "-", f"缺少 {path.name}"))
        return None
    return _document(path, read_toml, allowed, faults)


def _document(
    path: Path, read: Callable[[Path], Document], allowed: Collection[str], faults: Faults
) -> Document | None:
    """Return a parsed file, its unknown keys noted; none if it cannot be parsed."""
    found: Document | None = None
    with faults.reading(path):
        found = read(path)
    if found is not None:
        with faults.guard(found):
            reading.only(found.table, allowed)
    return found


def _values(
    document: Document, readers: Readers, faults: Faults, *prefix: str | int
) -> dict[str, Any] | None:
    """Return checked values; none if some are faulty, and all of those are noted."""
    before = len(faults.found)
    values: dict[str, Any] = {}
    for name, read in readers.items():
        with faults.guard(document, *prefix):
            values[name] = read()
    return values if len(faults.found) == before else None


def _slug(raw: Raw) -> str:
    value = reading.identifier(raw)
    if not _SLUG.fullmatch(value):
        raise Invalid("bad_id", N_("只能用小写字母、数字和连字符，如 who-may-apply"), where="id")
    return value


def _visible(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*") if not path.name.startswith(".")]


def _is_lesson(path: Path) -> bool:
    return path.is_file() and path.suffix == ".md"


def _only(belongs: Callable[[Path], bool], paths: Iterable[Path], faults: Faults) -> list[Path]:
    """Return the paths that belong here; a mistyped name must not silently drop a lesson."""
    listed = sorted(paths)
    for path in listed:
        if not belongs(path):
            faults.found.append(Fault(path, 1, "-", "这里不该有这个文件"))
    return [path for path in listed if belongs(path)]


def _in_order(paths: Iterable[Path], faults: Faults) -> list[Path]:
    """Return paths by their numbers; those without one, or with another's, are noted."""
    numbered: dict[int, Path] = {}
    for path in sorted(paths):
        found = _NUMBERED.fullmatch(path.name)
        if found is None:
            what = "名字要以两位数字和连字符开头，如 10-，用来排顺序"
            faults.found.append(Fault(path, 1, "-", what))
            continue
        number = int(found.group(1))
        if number in numbered:
            what = f"与 {numbered[number].name} 的序号相同"
            faults.found.append(Fault(path, 1, "-", what))
            continue
        numbered[number] = path
    return [numbered[number] for number in sorted(numbered)]


def _refuse_twin(seen: dict[str, Document], document: Document, key: str, faults: Faults) -> None:
    twin = seen.setdefault(key, document)
    if twin is not document:
        where = f"{twin.path.parent.name}/{twin.path.name}:{twin.line_of(('id',))}"
        faults.note(document, ("id",), f"与 {where} 的 id 相同")
