"""Write a .docx in the usual layout: sections by kind, numbered stems, lettered options."""

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from lxml import etree

from lms.interop.formats import _media, _sheet, _text, _xml
from lms.interop.formats._archive import packed
from lms.interop.formats._word_reading import chinese
from lms.interop.formats._xml import Element
from lms.interop.types import Item, Kind, Markup, Media, Text

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_PIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_STYLES = {"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "ins": "u",
           "sub": "sub", "sup": "sup"}  # fmt: skip
_INCH = 914_400
_DRAWN = (3 * _INCH, 2 * _INCH)
"""How large a picture is shown, in EMU."""
_LABELS = {kind: label for label, kind in _sheet.KINDS.items()}


def write(items: Sequence[Item], media: Sequence[Media]) -> bytes:
    """Return a package with one document; what has no layout of its own becomes a remark."""
    kept = {one.name: one for one in media}
    document = _Document(kept)
    for item in items:
        document.item(item)
    body = document.finished()
    pictures = [(f"word/media/{name}", kept[name].data) for name in document.used]
    return packed(
        [
            ("[Content_Types].xml", _types(kept[name] for name in document.used)),
            ("_rels/.rels", _relations([("rDoc", "officeDocument", "word/document.xml")])),
            ("word/document.xml", body),
            ("word/_rels/document.xml.rels", _relations(document.relations())),
            *pictures,
        ]
    )


class _Document:
    def __init__(self, media: dict[str, Media]) -> None:
        self.used: dict[str, str] = {}
        self._media = media
        names = {"w": _W, "r": _R, "wp": _WP, "a": _A, "pic": _PIC}
        self._root = etree.Element(f"{{{_W}}}document", nsmap=names)
        self._body = etree.SubElement(self._root, f"{{{_W}}}body")
        self._kind: Kind | None = None
        self._sections = 0
        self._number = 0

    def item(self, item: Item) -> None:
        """Append one question."""
        if item.kind not in _LABELS:
            self._paragraph("", Text(f"（{item.raw or _text.plain(item.stem)}）"))
            return
        if item.kind is not self._kind:
            self._kind = item.kind
            self._sections = self._sections % 99 + 1
            self._paragraph("", Text(f"{chinese(self._sections)}、{_LABELS[item.kind]}"))
        self._number += 1
        self._paragraph(f"{self._number}. ", item.stem)
        for letter, option in zip(_sheet.LETTERS, item.options, strict=False):
            if item.kind is not Kind.TRUE_FALSE:
                self._paragraph(f"{letter}. ", option.text)
        self._paragraph("答案：", self._key(item))
        if item.general_feedback:
            self._paragraph("解析：", item.general_feedback)
        for head, cell in _sheet.said(item).items():
            if cell and head != "解析":
                self._paragraph(f"{head}：", Text(cell))

    def finished(self) -> bytes:
        return _xml.serialized(self._root)

    def relations(self) -> list[tuple[str, str, str]]:
        return [(key, "image", f"media/{name}") for name, key in self.used.items()]

    def _key(self, item: Item) -> Text:
        if item.kind in {Kind.ESSAY, Kind.PLAN_DESIGN} and item.answers:
            return item.answers[0].text
        return Text(_sheet.key_of(item))

    def _paragraph(self, head: str, text: Text) -> None:
        made = etree.SubElement(self._body, f"{{{_W}}}p")
        if head:
            self._run(made, head, ())
        if text.markup is Markup.PLAIN or _text.is_plain(text):
            self._run(made, _text.plain(text), ())
        else:
            parser = _Runs(self, made)
            parser.feed(text.html)
            parser.close()

    def _run(self, paragraph: Element, said: str, styles: Sequence[str]) -> None:
        for at, line in enumerate(_text.without_controls(said).split("\n")):
            run = etree.SubElement(paragraph, f"{{{_W}}}r")
            if styles:
                properties = etree.SubElement(run, f"{{{_W}}}rPr")
                for style in styles:
                    self._style(properties, style)
            if at:
                etree.SubElement(run, f"{{{_W}}}br")
            if line:
                made = etree.SubElement(run, f"{{{_W}}}t")
                made.set(_XML_SPACE, "preserve")
                made.text = line

    def _style(self, properties: Element, style: str) -> None:
        if style in {"sub", "sup"}:
            made = etree.SubElement(properties, f"{{{_W}}}vertAlign")
            made.set(f"{{{_W}}}val", "subscript" if style == "sub" else "superscript")
        else:
            made = etree.SubElement(properties, f"{{{_W}}}{style}")
            if style == "u":
                made.set(f"{{{_W}}}val", "single")

    def picture(self, paragraph: Element, name: str) -> None:
        """Draw a picture, or write its name if it is not there."""
        if name not in self._media or not self._media[name].type.startswith("image/"):
            self._run(paragraph, f"[{name}]", ())
            return
        key = self.used.setdefault(name, f"rImg{len(self.used) + 1}")
        run = etree.SubElement(paragraph, f"{{{_W}}}r")
        drawing = etree.SubElement(run, f"{{{_W}}}drawing")
        inline = etree.SubElement(drawing, f"{{{_WP}}}inline")
        size = {"cx": str(_DRAWN[0]), "cy": str(_DRAWN[1])}
        number = str(len(self.used))
        etree.SubElement(inline, f"{{{_WP}}}extent", size)
        etree.SubElement(inline, f"{{{_WP}}}docPr", {"id": number, "name": name})
        data = etree.SubElement(
            etree.SubElement(inline, f"{{{_A}}}graphic"), f"{{{_A}}}graphicData"
        )
        data.set("uri", _PIC)
        shown = etree.SubElement(data, f"{{{_PIC}}}pic")
        about = etree.SubElement(shown, f"{{{_PIC}}}nvPicPr")
        etree.SubElement(about, f"{{{_PIC}}}cNvPr", {"id": number, "name": name})
        etree.SubElement(about, f"{{{_PIC}}}cNvPicPr")
        fill = etree.SubElement(shown, f"{{{_PIC}}}blipFill")
        etree.SubElement(fill, f"{{{_A}}}blip").set(f"{{{_R}}}embed", key)
        etree.SubElement(etree.SubElement(fill, f"{{{_A}}}stretch"), f"{{{_A}}}fillRect")
        shape = etree.SubElement(shown, f"{{{_PIC}}}spPr")
        placed = etree.SubElement(shape, f"{{{_A}}}xfrm")
        etree.SubElement(placed, f"{{{_A}}}off", {"x": "0", "y": "0"})
        etree.SubElement(placed, f"{{{_A}}}ext", size)
        etree.SubElement(etree.SubElement(shape, f"{{{_A}}}prstGeom", {"prst": "rect"}),
                         f"{{{_A}}}avLst")  # fmt: skip


class _Runs(HTMLParser):
    """Turns clean HTML into runs of one paragraph."""

    def __init__(self, document: _Document, paragraph: Element) -> None:
        super().__init__(convert_charrefs=True)
        self._document = document
        self._paragraph = paragraph
        self._styles: list[str] = []
        self._begun = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _STYLES:
            self._styles.append(_STYLES[tag])
        elif tag == "img":
            source = dict(attrs).get("src") or ""
            self._document.picture(self._paragraph, source.removeprefix(_media.FOLDER))
            self._begun = True
        elif tag == "br" or (self._begun and tag in {"p", "div", "li", "tr", "blockquote", "pre"}):
            self._document._run(self._paragraph, "\n", ())  # noqa: SLF001 - its own hand

    def handle_endtag(self, tag: str) -> None:
        if tag in _STYLES and _STYLES[tag] in self._styles:
            self._styles.remove(_STYLES[tag])

    def handle_data(self, data: str) -> None:
        said = data.strip("\n").replace("\n", " ")
        if said:
            styles = list(dict.fromkeys(self._styles))
            self._document._run(self._paragraph, said, styles)  # noqa: SLF001 - its own hand
            self._begun = True


def _types(media: Iterator[Media]) -> bytes:
    root = etree.Element("Types", xmlns=f"{_PACKAGE}/content-types")
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    kinds = {"rels": "application/vnd.openxmlformats-package.relationships+xml",
             "xml": "application/xml"}  # fmt: skip
    kinds.update({one.name.rpartition(".")[2].lower(): one.type for one in media})
    for suffix, kind in kinds.items():
        _xml.add(root, "Default", Extension=suffix, ContentType=kind)
    _xml.add(root, "Override", PartName="/word/document.xml", ContentType=main)
    return _xml.serialized(root)


def _relations(found: Sequence[tuple[str, str, str]]) -> bytes:
    root = etree.Element("Relationships", xmlns=f"{_PACKAGE}/relationships")
    for key, kind, target in found:
        _xml.add(root, "Relationship", Id=key, Type=f"{_R}/{kind}", Target=target)
    return _xml.serialized(root)
