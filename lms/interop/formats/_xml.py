"""Read and write XML from strangers: no DTD, no entities, no network, bounded depth."""

import re
from copy import deepcopy
from typing import Any
from urllib.parse import unquote

from lxml import etree, html

from lms.interop.formats import _text
from lms.interop.types import Markup, Text, clean
from lms.kernel.errors import N_, Invalid

Element = Any
"""An element of lxml, which has no types of its own."""

_SOURCES = re.compile(r'(?<=src=")media/[^"<>]*')
_MOST_TAGS = 8_000_000
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_BEFORE_ROOT = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)


def parse(data: bytes, encoding: str = "") -> tuple[Element, str]:
    """Return the root element and the encoding that was taken.

    :raises Invalid: ``has_dtd``, ``too_many``, ``bad_xml`` with the line, or what
        :func:`_text.decode` raises.
    """
    declared = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([\w.-]+)", data[:200])
    if not encoding and declared and declared.group(1).lower() in {b"gbk", b"gb2312", b"gb18030"}:
        encoding = "gb18030"
    text, taken, _notes = _text.decode(data, encoding)
    text = _DECLARATION.sub("", text, count=1).lstrip()
    before = _BEFORE_ROOT.match(text)
    if text[before.end() if before else 0 :][:9].upper() == "<!DOCTYPE":
        raise Invalid("has_dtd", N_("带有 DTD 的 XML 一律不收"))
    if text.count("<") > _MOST_TAGS:
        raise Invalid("too_many", N_("XML 里的标签太多"))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(text.encode(), parser), taken
    except (etree.XMLSyntaxError, ValueError) as fault:
        line = getattr(fault, "lineno", None) or 1
        raise Invalid(
            "bad_xml", N_("不是完整的 XML：%(why)s"), where=str(line), why=str(fault)[:120]
        ) from fault


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def child(element: Element, name: str) -> Element | None:
    """Return the first child of a name, whatever its namespace."""
    return element.find(f"{{*}}{name}")


def children(element: Element | None, *names: str) -> list[Element]:
    """Return the children of these names, in order; all children if no name is given."""
    if element is None:
        return []
    return list(element.iterchildren(*(f"{{*}}{name}" for name in names or ("*",))))


def content(element: Element | None) -> str:
    """Return all text inside an element."""
    return "" if element is None else "".join(element.itertext())


def add(parent: Element, tag: str, content: str = "", **attributes: str) -> Element:
    """Append a child with text and attributes; a name's underscores are dashes, a last one none."""
    made = etree.SubElement(parent, tag)
    for name, value in attributes.items():
        made.set(name.rstrip("_"), _text.without_controls(value))
    if content:
        made.text = _text.without_controls(content)
    return made


def serialized(root: Element) -> bytes:
    """Return a file: UTF-8, declared, indented where no text is disturbed."""
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def indented(root: Element) -> Element:
    """Indent a tree that holds no mixed content."""
    etree.indent(root)
    return root


def inner_html(element: Element | None) -> Text:
    """Return what stands inside an element as a text in HTML."""
    if element is None:
        return Text("")
    parts = [_escaped(element.text)]
    for one in element:
        if isinstance(one.tag, str):
            parts.append(html.tostring(_unspaced(one), encoding="unicode"))
        elif one.tail:
            parts.append(_escaped(one.tail))
    # lxml writes Chinese file names as percent signs; texts and packages name them as they are
    source = _SOURCES.sub(lambda found: unquote(found.group()), "".join(parts).strip())
    return Text(source, Markup.HTML) if source else Text("")


def as_html(text: Text) -> Element:
    """Return a text as elements of well-formed XHTML, wrapped in one ``div``."""
    return html.fragment_fromstring(f"<div>{clean(text.html)}</div>")


def _escaped(text: str | None) -> str:
    return "" if not text else str(Text(text).html).replace("<br>\n", "\n")


def _unspaced(element: Element) -> Element:
    """Return a copy whose names have no namespace, for HTML knows none."""
    made = deepcopy(element)
    for one in made.iter():
        if isinstance(one.tag, str):
            one.tag = etree.QName(one).localname
    etree.cleanup_namespaces(made)
    return made
