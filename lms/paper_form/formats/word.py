"""A sheet as a Word document (.docx, ECMA-376): A4, page numbers, fonts of Chinese papers.

The teacher's copy says key and explanation under each question, in the layout that
:mod:`lms.interop.formats.docx` reads.
"""

import io
import zipfile
from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

from lxml import etree

from lms.kernel.points import points
from lms.paper_form.types import Block, Run, Sheet, SheetQuestion

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TEXT_WIDTH = 9_640
"""Between the margins, in twentieths of a point."""
_INDENT = 420
_HEADING, _BODY = "黑体", "宋体"

Element = Any


def write(sheet: Sheet, *, with_key: bool) -> bytes:
    """Return the document."""
    parts = [
        ("[Content_Types].xml", _types()),
        ("_rels/.rels", _relations([("rDoc", "officeDocument", "word/document.xml")])),
        ("word/document.xml", _document(sheet, with_key=with_key)),
        ("word/styles.xml", _styles()),
        ("word/footer1.xml", _footer(sheet)),
        (
            "word/_rels/document.xml.rels",
            _relations([("rStyles", "styles", "styles.xml"), ("rFoot", "footer", "footer1.xml")]),
        ),
    ]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts:
            package.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
    return target.getvalue()


def _document(sheet: Sheet, *, with_key: bool) -> bytes:
    root = etree.Element(_w("document"), nsmap={"w": _W, "r": _R})
    body = _add(root, "body")
    _paragraph(body, [Run(sheet.title)], font=_HEADING, size=36, align="center")
    facts = f"卷号 {sheet.code}　满分 {points(sheet.out_of)} 分　时间 {sheet.minutes} 分钟"
    _paragraph(body, [Run(facts)], align="center")
    if sheet.note:
        _paragraph(body, [Run(sheet.note)], align="center")
    if with_key:
        _paragraph(body, [Run("教师用卷（含答案和解析），请勿发给考生")], align="center")
    else:
        _paragraph(body, [Run("姓名：＿＿＿＿＿＿　单位：＿＿＿＿＿＿＿＿　得分：＿＿＿＿")])
    for section in sheet.sections:
        _paragraph(body, [Run(section.heading)], font=_HEADING, size=22, before=240, keep=True)
        for question in section.questions:
            _question(body, question, with_key=with_key)
    _page(body)
    return _serialized(root)


def _question(body: Element, question: SheetQuestion, *, with_key: bool) -> None:
    first, *rest = question.stem or ((Run(""),),)
    more = bool(question.choices)
    _paragraph(body, [Run(f"{question.slot}. "), *first], before=80, hanging=True, keep=more)
    for block in rest:
        _paragraph(body, block, left=_INDENT, keep=more)
    listed = question.choices
    for start in range(0, len(listed), question.columns):
        runs: list[Run] = []
        for choice in listed[start : start + question.columns]:
            runs += [Run("\t" if runs else ""), Run(f"{choice.letter}. "), *choice.words]
        is_last = start + question.columns >= len(listed)
        _paragraph(
            body,
            [run for run in runs if run.text],
            left=_INDENT,
            tabs=question.columns,
            keep=not is_last,
        )
    if with_key:
        _paragraph(body, [Run(f"答案：{question.key}")], left=_INDENT)
        if question.explanation:
            head, *others = question.explanation
            _paragraph(body, [Run("解析："), *head], left=_INDENT)
            for block in others:
                _paragraph(body, block, left=_INDENT)


def _paragraph(
    body: Element,
    runs: Iterable[Run] | Block,
    *,
    font: str = "",
    size: int = 0,
    align: str = "",
    before: int = 0,
    left: int = 0,
    hanging: bool = False,
    tabs: int = 0,
    keep: bool = False,
) -> None:
    """Append a paragraph. Sizes are half points, distances twentieths of a point.

    :param keep: stay on the page of the next one.
    :param tabs: stops at which so many columns begin.
    """
    made = _add(body, "p")
    properties = _add(made, "pPr")
    if keep:
        _add(properties, "keepNext")
    if tabs > 1:
        stops = _add(properties, "tabs")
        for column in range(1, tabs):
            place = left + (_TEXT_WIDTH - left) * column // tabs
            _add(stops, "tab", val="left", pos=str(place))
    if before:
        _add(properties, "spacing", before=str(before))
    if left or hanging:
        indent = {"left": str(left or _INDENT)} | ({"hanging": str(_INDENT)} if hanging else {})
        _add(properties, "ind", **indent)
    if align:
        _add(properties, "jc", val=align)
    for run in runs:
        _run(made, run, font=font, size=size)


def _run(paragraph: Element, run: Run, *, font: str = "", size: int = 0) -> None:
    made = _add(paragraph, "r")
    if run.styles or font or size:
        _look(_add(made, "rPr"), run.styles, font=font, size=size)
    for at, piece in enumerate(_allowed(run.text).split("\t")):
        if at:
            _add(made, "tab")
        if piece:
            text = _add(made, "t")
            text.set(_SPACE, "preserve")
            text.text = piece


def _look(properties: Element, styles: Collection[str], *, font: str, size: int) -> None:
    """Say how a run looks; the order is the schema's."""
    if font:
        _add(properties, "rFonts", eastAsia=font)
    for style in ("b", "i"):
        if style in styles:
            _add(properties, style)
    if size:
        _add(properties, "sz", val=str(size))
    if "u" in styles:
        _add(properties, "u", val="single")
    for style, name in (("sub", "subscript"), ("sup", "superscript")):
        if style in styles:
            _add(properties, "vertAlign", val=name)


def _allowed(text: str) -> str:
    """Return a text without the control characters that XML does not know."""
    return "".join(c for c in text if c >= " " or c == "\t").replace("\ufffe", "").replace("￿", "")


def _page(body: Element) -> None:
    section = _add(body, "sectPr")
    reference = _add(section, "footerReference", type="default")
    reference.set(f"{{{_R}}}id", "rFoot")
    _add(section, "pgSz", w="11906", h="16838")
    _add(
        section, "pgMar", top="1134", right="1133", bottom="1134", left="1133",
        header="567", footer="567", gutter="0",
    )  # fmt: skip


def _footer(sheet: Sheet) -> bytes:
    root = etree.Element(_w("ftr"), nsmap={"w": _W})
    made = _add(root, "p")
    _add(_add(made, "pPr"), "jc", val="center")
    _run(made, Run(f"卷号 {sheet.code}　第 "))
    _field(made, "PAGE")
    _run(made, Run(" 页，共 "))
    _field(made, "NUMPAGES")
    _run(made, Run(" 页"))
    return _serialized(root)


def _field(paragraph: Element, name: str) -> None:
    for kind in ("begin", "", "end"):
        run = _add(paragraph, "r")
        if kind:
            _add(run, "fldChar", fldCharType=kind)
        else:
            _add(run, "instrText").text = name


def _styles() -> bytes:
    root = etree.Element(_w("styles"), nsmap={"w": _W})
    defaults = _add(root, "docDefaults")
    run = _add(_add(defaults, "rPrDefault"), "rPr")
    _add(run, "rFonts", ascii="Times New Roman", eastAsia=_BODY, hAnsi="Times New Roman")
    _add(run, "sz", val="21")
    _add(run, "lang", val="en-US", eastAsia="zh-CN")
    paragraph = _add(_add(defaults, "pPrDefault"), "pPr")
    _add(paragraph, "spacing", line="300", lineRule="auto")
    normal = _add(root, "style", type="paragraph", default="1", styleId="Normal")
    _add(normal, "name", val="Normal")
    return _serialized(root)


def _types() -> bytes:
    root = etree.Element("Types", xmlns=f"{_PACKAGE}/content-types")
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    for suffix, kind in (("rels", relations), ("xml", "application/xml")):
        etree.SubElement(root, "Default", Extension=suffix, ContentType=kind)
    for name, kind in (("document", "document.main"), ("styles", "styles"), ("footer1", "footer")):
        etree.SubElement(
            root, "Override", PartName=f"/word/{name}.xml", ContentType=f"{_MAIN}.{kind}+xml"
        )
    return _serialized(root)


def _relations(found: Sequence[tuple[str, str, str]]) -> bytes:
    root = etree.Element("Relationships", xmlns=f"{_PACKAGE}/relationships")
    for key, kind, target in found:
        etree.SubElement(root, "Relationship", Id=key, Type=f"{_R}/{kind}", Target=target)
    return _serialized(root)


def _w(name: str) -> str:
    return f"{{{_W}}}{name}"


def _add(parent: Element, name: str, **attributes: str) -> Element:
    made = etree.SubElement(parent, _w(name))
    for key, value in attributes.items():
        made.set(_w(key), value)
    return made


def _serialized(root: Element) -> bytes:
    return cast(
        bytes, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    )
