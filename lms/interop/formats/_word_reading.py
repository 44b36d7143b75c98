"""Read the parts of a .docx: paragraphs with their numbers, tables, pictures.

Markup inside a paragraph is told by control characters, so that the layout can be found by
patterns: one character opens bold, another closes it; a picture is a name between two more.
"""

import re
from collections.abc import Iterator, Sequence
from posixpath import join, normpath

from lms.interop.formats import _media, _text, _xml
from lms.interop.formats._archive import Archive
from lms.interop.formats._xml import Element
from lms.interop.types import BLANK, Markup, Note, Text, clean, note
from lms.kernel.errors import N_, Invalid

OPENING = {"b": "\x01", "i": "\x02", "u": "\x03", "sub": "\x04"}
CLOSING = {"b": "\x05", "i": "\x06", "u": "\x07", "sub": "\x08"}
_SUP, _SUP_END = "\x0e", "\x0f"
_PICTURE, _PICTURE_END = "\x10", "\x11"
_TAGS = {
    **{mark: f"<{tag}>" for tag, mark in OPENING.items()},
    **{mark: f"</{tag}>" for tag, mark in CLOSING.items()},
    _SUP: "<sup>",
    _SUP_END: "</sup>",
    _PICTURE: f'<img src="{_media.FOLDER}',
    _PICTURE_END: '">',
}
_MARKS = re.compile("[\x01-\x08\x0e-\x11]")
_PICTURES = re.compile(f"{_PICTURE}([^{_PICTURE_END}]*){_PICTURE_END}")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CHINESE = "零一二三四五六七八九十"
_MOST_PARAGRAPHS = 2_000_000
Block = str | list[list[str]]
"""A paragraph, or a table as rows of cells."""


def as_text(text: Text) -> Text:
    """Return a text whose marks have become HTML; without marks it is plain."""
    source = text.source
    if not _MARKS.search(source):
        return text
    html = Text(source).html
    html = clean(_MARKS.sub(lambda found: _TAGS[found.group()], html)).strip()
    plain = Text(bare(source).strip())
    return plain if plain.html == html else Text(html, Markup.HTML)


def bare(cell: str) -> str:
    """Return a text without its marks; a picture leaves its name."""
    return _MARKS.sub("", _PICTURES.sub(r"[\1]", cell))


class Document:
    """The parts of one file."""

    def __init__(self, archive: Archive) -> None:
        """Open the main part.

        :raises Invalid: ``not_docx``, or what :func:`_xml.parse` raises.
        """
        if "word/document.xml" not in archive.names:
            raise Invalid("not_docx", N_("不是 Word 文档（.docx）"))
        self.notes: list[Note] = []
        self.media = _media.Bin()
        self._archive = archive
        self._body = self._part("word/document.xml")
        self._relations = self._read_relations()
        self._lists = _Lists(self._part("word/numbering.xml"))
        self._seen: set[str] = set()

    def blocks(self) -> Iterator[tuple[int, Block]]:
        """Yield the number of each paragraph or table, from 1, and what it says."""
        body = None if self._body is None else _xml.child(self._body, "body")
        for number, block in enumerate(_flat(body), start=1):
            if number > _MOST_PARAGRAPHS:
                raise Invalid("too_many", N_("段落太多"))
            if _xml.local(block) == "p":
                yield number, self._paragraph(block, number)
            else:
                rows = [
                    [bare(self._cell(cell, number)) for cell in _xml.children(row, "tc")]
                    for row in _xml.children(block, "tr")
                ]
                yield number, rows

    def _cell(self, cell: Element, number: int) -> str:
        paragraphs = (p for p in cell.iter() if isinstance(p.tag, str) and _xml.local(p) == "p")
        return " ".join(self._paragraph(p, number) for p in paragraphs).strip()

    def _part(self, name: str) -> Element | None:
        if name not in self._archive.names:
            return None
        return _xml.parse(self._archive.read(name))[0]

    def _read_relations(self) -> dict[str, str]:
        root = self._part("word/_rels/document.xml.rels")
        if root is None:
            return {}
        return {
            one.get("Id", ""): normpath(join("word", one.get("Target", "")))
            for one in _xml.children(root, "Relationship")
            if one.get("TargetMode") != "External"
        }

    def _paragraph(self, paragraph: Element, number: int) -> str:
        label = self._lists.label(paragraph)
        said = "".join(self._runs(paragraph, number))
        # formatting that ends and begins again is one formatting
        for tag, opening in OPENING.items():
            said = said.replace(f"{CLOSING[tag]}{opening}", "")
        return f"{label} {said}" if label else said

    def _runs(self, parent: Element, number: int) -> Iterator[str]:
        for one in _xml.children(parent):
            name = _xml.local(one)
            if name == "r":
                yield self._run(one, number)
            elif name in {"hyperlink", "ins", "smartTag", "sdt", "sdtContent", "fldSimple"}:
                yield from self._runs(one, number)
            elif name in {"oMath", "oMathPara"}:
                self._note_once("formula", N_("公式按文字保留：%(text)s"), number, one)
                yield _text.without_controls(_xml.content(one))
            elif name == "object":
                self._note_once("object", N_("嵌入的对象没有读入"), number, one)

    def _run(self, run: Element, number: int) -> str:
        said = "".join(self._said(one, number) for one in _xml.children(run))
        properties = _xml.child(run, "rPr")
        if not said or properties is None:
            return said
        for one in _xml.children(properties):
            said = _marked(said, _xml.local(one), _value(one))
        return said

    def _said(self, one: Element, number: int) -> str:
        name = _xml.local(one)
        if name in {"t", "delText"}:
            return "" if name == "delText" else _text.without_controls(one.text or "")
        if name in {"br", "cr"}:
            return "\n"
        if name in {"tab", "ptab"}:
            return "\t"
        if name == "noBreakHyphen":
            return "-"
        if name in {"drawing", "pict"}:
            return self._picture(one, number)
        if name == "object":
            self._note_once("object", N_("嵌入的对象没有读入"), number, one)
        if name in {"footnoteReference", "endnoteReference"}:
            self._note_once("footnote", N_("脚注没有读入"), number, one)
        return ""

    def _picture(self, drawing: Element, number: int) -> str:
        found = []
        for one in drawing.iter():
            if not isinstance(one.tag, str) or _xml.local(one) not in {"blip", "imagedata"}:
                continue
            target = self._relations.get(one.get(f"{_RELATION}embed") or one.get(f"{_RELATION}id"))
            if not target or target not in self._archive.names:
                text = N_("图片不在文件里，没有读入")
                self.notes.append(note("picture_missing", text, line=number))
                continue
            data = self._archive.read(target)
            stored = self.media.add(target, data, self.notes, line=number)
            found.append(f"{_PICTURE}{stored}{_PICTURE_END}" if stored else "")
        return "".join(found)

    def _note_once(self, code: str, message: str, number: int, one: Element) -> None:
        self.notes.append(note(code, message, line=number, text=_xml.content(one)))


def _flat(body: Element | None) -> Iterator[Element]:
    """Yield paragraphs and tables, also those inside content controls."""
    for one in _xml.children(body) if body is not None else ():
        name = _xml.local(one)
        if name in {"p", "tbl"}:
            yield one
        elif name in {"sdt", "sdtContent", "ins", "customXml"}:
            yield from _flat(one)


def _value(element: Element) -> str:
    return next((str(v) for k, v in element.attrib.items() if k.endswith("}val")), "")


def _marked(said: str, name: str, value: str) -> str:
    off = value in {"0", "false", "none", "off"}
    if name in {"b", "i"} and not off:
        return f"{OPENING[name]}{said}{CLOSING[name]}"
    if name == "u" and not off:
        # an underlined gap is a blank to fill in
        return f"{OPENING['u']}{said}{CLOSING['u']}" if said.strip() else BLANK
    if name == "vertAlign" and value == "superscript":
        return f"{_SUP}{said}{_SUP_END}"
    if name == "vertAlign" and value == "subscript":
        return f"{OPENING['sub']}{said}{CLOSING['sub']}"
    return said


class _Lists:
    """Numbers that Word makes by itself: they are not in the text."""

    def __init__(self, numbering: Element | None) -> None:
        self._levels: dict[tuple[str, str], tuple[str, str, int]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        if numbering is None:
            return
        abstract = {_id(one, "abstractNumId"): one
                    for one in _xml.children(numbering, "abstractNum")}  # fmt: skip
        for one in _xml.children(numbering, "num"):
            link = _xml.child(one, "abstractNumId")
            source = abstract.get(_value(link)) if link is not None else None
            for level in _xml.children(source, "lvl") if source is not None else ():
                key = (_id(one, "numId"), _id(level, "ilvl"))
                self._levels[key] = _level(level)

    def label(self, paragraph: Element) -> str:
        """Return the number of a paragraph as it is shown, counting on."""
        properties = _xml.child(paragraph, "pPr")
        numbering = None if properties is None else _xml.child(properties, "numPr")
        if numbering is None:
            return ""
        level, number = (_xml.child(numbering, name) for name in ("ilvl", "numId"))
        key = ("" if number is None else _value(number), "0" if level is None else _value(level))
        if key not in self._levels:
            return ""
        shape, pattern, start = self._levels[key]
        self._counts[key] = self._counts.get(key, start - 1) + 1
        for other in [k for k in self._counts if k[0] == key[0] and k[1] > key[1]]:
            del self._counts[other]
        return re.sub(r"%[0-9]", _numeral(shape, self._counts[key]), pattern)


def _id(element: Element, name: str) -> str:
    return next((str(v) for k, v in element.attrib.items() if k.endswith("}" + name)), "")


def _level(level: Element) -> tuple[str, str, int]:
    found: Sequence[Element | None] = [
        _xml.child(level, name) for name in ("numFmt", "lvlText", "start")
    ]
    shape, pattern, start = ("" if one is None else _value(one) for one in found)
    return shape, pattern if shape != "bullet" else "", int(start) if start.isdecimal() else 1


def _numeral(shape: str, number: int) -> str:
    if shape == "upperLetter":
        return chr(ord("A") + (number - 1) % 26)
    if shape == "lowerLetter":
        return chr(ord("a") + (number - 1) % 26)
    if shape.startswith(("chinese", "ideograph", "japanese")) and 0 < number < 100:
        return chinese(number)
    return str(number)


def chinese(number: int) -> str:
    """Return a number from 1 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_CHINESE[tens]}十"
    return head + (_CHINESE[ones] if ones else "")
