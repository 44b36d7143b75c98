"""QTI packages: what both versions share. A package is a ZIP with ``imsmanifest.xml``."""

from collections.abc import Sequence
from dataclasses import replace
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote

from lms.interop.formats import _media, _qti_reading, _text, _xml
from lms.interop.formats._archive import Archive, holds, is_zip
from lms.interop.formats._qti_names import Dialect, plain_names
from lms.interop.formats._qti_writing import write
from lms.interop.formats._xml import Element
from lms.interop.types import (
    FIELDS,
    Format,
    Item,
    Kind,
    Markup,
    Media,
    Note,
    Read,
    Text,
    note,
    note_of,
)
from lms.kernel.errors import N_, Invalid

_MANIFEST = "imsmanifest.xml"
_DIFFICULTY = {"very easy": 1, "easy": 1, "medium": 2, "difficult": 3, "very difficult": 3}


class Qti(Format):
    """One version of QTI."""

    dialect: Dialect
    suffix = ".zip"
    kinds = frozenset(
        {
            Kind.SINGLE_CHOICE,
            Kind.MULTIPLE_CHOICE,
            Kind.TRUE_FALSE,
            Kind.FILL_BLANK,
            Kind.SHORT_ANSWER,
            Kind.NUMERIC,
            Kind.MATCHING,
            Kind.ORDERING,
            Kind.CLOZE,
            Kind.ESSAY,
            Kind.DESCRIPTION,
        }
    )
    carries = frozenset(FIELDS) - {
        "category", "chapter", "point", "source", "source.details", "valid_on",
        "most_points", "parts.score", "units.hidden", "answers.feedback", "answers.blank",
        "units", "scoring_points", "any_order", "length",
    }  # fmt: skip
    markups = frozenset({Markup.HTML, Markup.PLAIN})
    remarks = (
        N_("Markdown 和 Moodle 写法的原文：写成 HTML"),
        N_("综合填空题里的多项选择小题、各空的反馈、误差和分值"),
        N_("没有读懂的题写成说明文字"),
    )

    def recognizes(self, data: bytes, name: str) -> bool:
        if not is_zip(data):
            tag = b"<qti-assessment-item" if self.dialect.kebab else b"<assessmentItem"
            return tag in data[:2000]
        if not holds(data, _MANIFEST):
            return False
        try:
            return self.dialect.manifest in Archive(data).read(_MANIFEST).decode("utf-8", "replace")
        except Invalid:
            return False

    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        if not is_zip(data):
            return self._single(data, name, encoding)
        archive = Archive(data)
        notes: list[Note] = []
        package = _Package(archive, notes)
        items = []
        for resource, path in package.item_files():
            items.append(package.item(resource, path))
            _text.check_count(len(items))
        return Read(tuple(items), tuple(notes), package.media.all(), "utf-8")

    def _single(self, data: bytes, name: str, encoding: str) -> Read:
        """A bare item without its package."""
        root, taken = _xml.parse(data, encoding)
        if _xml.local(root) not in {"assessmentItem", "qti-assessment-item"}:
            raise Invalid("not_qti", N_("不是 QTI：最外层应是 assessmentItem，或者是 QTI 压缩包"))
        item = _qti_reading.read(plain_names(root), path="", media=lambda _name: "")
        return Read((item,), encoding=taken)

    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        return write(items, media, self.dialect)


class _Package:
    """An opened package and what was kept of it."""

    def __init__(self, archive: Archive, notes: list[Note]) -> None:
        self.media = _media.Bin()
        self._archive = archive
        self._notes = notes
        if _MANIFEST not in archive.names:
            raise Invalid("not_qti", N_("压缩包里没有 imsmanifest.xml，不是 QTI"))
        self._manifest = _xml.parse(archive.read(_MANIFEST))[0]

    def item_files(self) -> list[tuple[Element, str]]:
        """Return the resources that are items, with the path of each."""
        found = []
        for one in self._manifest.iter("{*}resource"):
            kind, path = one.get("type") or "", normpath(unquote(one.get("href") or ""))
            if "_item_" in kind or kind.endswith("item"):
                found.append((one, path))
            elif "test" in kind or "section" in kind:
                text = N_("试卷结构没有读入，只读入试题")
                self._notes.append(note("test_skipped", text, path=path))
        if not found:
            raise Invalid("no_items", N_("清单里没有试题"))
        return found

    def item(self, resource: Element, path: str) -> Item:
        """Return one item; a file that is missing or broken is an unsupported one."""
        try:
            root = plain_names(_xml.parse(self._archive.read(path))[0])
            read = _qti_reading.read(root, path=path, media=lambda x: self._kept(x, path))
        except Invalid as fault:
            found = note_of(fault, path=path)
            return Item(Kind.UNSUPPORTED, Text(path), raw=path, notes=(found,))
        return replace(read, **_described(resource))

    def _kept(self, source: str, path: str) -> str:
        name = normpath(join(dirname(path), unquote(source)))
        if not source or name not in self._archive.names:
            return ""
        stored = self.media.add(name, self._archive.read(name), self._notes)
        return f"{_media.FOLDER}{stored}" if stored else ""


def _described(resource: Element) -> dict[str, Any]:
    """Return what the metadata of a resource says of its item."""
    identifier = next(resource.iter("{*}general"), None)
    named = None if identifier is None else _xml.child(identifier, "identifier")
    level = next(resource.iter("{*}difficulty"), None)
    tags = (_xml.content(one).strip() for one in resource.iter("{*}keyword"))
    return {
        "id": _xml.content(named).strip(),
        "tags": tuple(dict.fromkeys(filter(None, tags))),
        "difficulty": _DIFFICULTY.get(_xml.content(level).strip()),
    }
