"""Bytes become text, and texts change their markup. Shared by the formats."""

import codecs
import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from html import unescape
from html.parser import HTMLParser
from typing import Any

from lms.interop.types import NO_TEXT, Markup, Note, Text, note
from lms.kernel.errors import N_, Invalid

BIGGEST_FILE = 64 * 1024 * 1024
MOST_ITEMS = 200_000
MOST_OPTIONS = 500
"""Options, answers or pairs of one question."""
LONGEST_TEXT = 200_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030")
# what neither XML nor a page can show: controls but tab and newline, surrogates, noncharacters
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_ORDINARY = re.compile("[\t\n\r -\u024f\u2000-\u22ff\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
_MARKDOWN_MARKS = re.compile(r"([\\`*_{}\[\]()#+.!|<>&~:=^$-])")
_MAYBE_MARKUP = re.compile(r"[\\`*_{}\[\]<>&|~^$\n]|^(?:[#>+=:!\s-]|[0-9]+[.)]\s)|\s$")
"""What a plain line must not hold to be sure to be the same in Markdown."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")
_SPACES = re.compile(r"[ \t]*\n[ \t]*")


def decode(data: bytes, encoding: str = "") -> tuple[str, str, list[Note]]:
    r"""Return the text of a file, the encoding that was taken and what was left out.

    A byte-order mark decides; else UTF-16 if every other byte is nearly always zero; else strict
    UTF-8; else UTF-16 if it holds zero bytes and reads as text; else GB18030. Ends of lines
    become ``\n``.

    :raises Invalid: ``too_big``, ``unknown_encoding``, ``bad_encoding``, ``nul_bytes``.
    """
    check_size(data)
    encoding = _known(encoding) if encoding else _detected(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise Invalid(
            "bad_encoding",
            N_("不是 %(encoding)s 文字，请用 --encoding 指定，或另存为 UTF-8"),
            where=str(line),
            encoding=encoding,
        ) from fault
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise Invalid("nul_bytes", N_("含有空字节，不是文本文件"), where=str(line))
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text, notes = _shown(text)
    return text, encoding, notes


def check_size(data: bytes) -> None:
    """Refuse a file that is too big.

    :raises Invalid: ``too_big``.
    """
    if len(data) > BIGGEST_FILE:
        most = BIGGEST_FILE // 1024 // 1024
        raise Invalid("too_big", N_("文件太大，最大 %(n)s MB"), n=most)


def without_controls(text: str) -> str:
    """Return a text without characters that neither XML nor a page can show."""
    return _UNSHOWN.sub("", text)


def number(text: str) -> Decimal | None:
    """Return a number written with digits and a point; none if it is not one."""
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return None
    try:
        return Decimal(stripped)
    except InvalidOperation:  # pragma: no cover - the pattern lets only numbers pass
        return None


def digits(value: Decimal) -> str:
    """Return a number as people write it: no exponent, no needless zeros."""
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def percent(weight: Decimal) -> str:
    """Return a weight as Moodle takes it: five places, no more."""
    exponent = weight.as_tuple().exponent
    is_long = isinstance(exponent, int) and exponent < -5
    return digits(weight.quantize(Decimal("0.00001")) if is_long else weight)


def plain(text: Text) -> str:
    """Return a text without its markup; a picture leaves its name."""
    if text.markup is Markup.PLAIN:
        return text.source
    html = text.html
    if "<" not in html:
        return _SPACES.sub("\n", unescape(html)).strip()
    parser = _Plain()
    parser.feed(html)
    parser.close()
    return parser.text()


def is_plain(text: Text) -> bool:
    """Say whether a text loses nothing when its markup goes."""
    if text.markup is Markup.PLAIN or not text:
        return True
    bare = Text(plain(text)).html
    found = text.html.strip()
    if found.startswith("<p>") and found.endswith("</p>") and found.count("<p>") == 1:
        found = found[3:-4]
    return _folded(found) == _folded(bare)


def fit(text: Text, markups: Collection[Markup]) -> Text:
    """Return a text in one of these markups: its own, else the one that loses least."""
    if text.markup in markups or not text:
        return text
    if Markup.PLAIN in markups and is_plain(text):
        return Text(plain(text))
    if Markup.HTML in markups:
        return Text(text.html, Markup.HTML)
    if Markup.MARKDOWN in markups:
        return Text(as_markdown(plain(text)), Markup.MARKDOWN)
    if Markup.MOODLE in markups:
        return Text(text.html, Markup.MOODLE)
    return Text(plain(text))


def as_markdown(bare: str) -> str:
    """Return a bare text so that Markdown shows it as it is; escaped only where it must be."""
    if not _MAYBE_MARKUP.search(bare):
        return bare
    if bare.strip() == bare and "\n" not in bare:
        shown = Text(bare, Markup.MARKDOWN).html.strip()
        if shown.removeprefix("<p>").removesuffix("</p>") == Text(bare).html:
            return bare
    return "  \n".join(map(escaped_for_markdown, bare.split("\n")))


def escaped_for_markdown(line: str) -> str:
    """Return a line of bare text with every mark escaped that Markdown might take for its own."""
    return _MARKDOWN_MARKS.sub(_as_written, line)


def _as_written(found: re.Match[str]) -> str:
    """A mark of Markdown with a backslash; one of its extensions as a number."""
    mark = found.group()
    return f"\\{mark}" if mark in "\\`*_{}[]()>#+-.!" else f"&#{ord(mark)};"


def bare(text: str) -> Text:
    """Return plain text, or the one empty text."""
    return Text(text) if text.strip() else NO_TEXT


def too_many(found: Collection[Any], what: str, *, line: int | None = None) -> None:
    """Refuse more options, answers or pairs than any question has.

    :raises Invalid: ``too_many``.
    """
    if len(found) > MOST_OPTIONS:
        raise _crowded(len(found), what, line)


def check_marks(text: str, marks: str, *, line: int | None = None) -> None:
    """Refuse a passage with so many marks that parting it would fill the memory.

    :raises Invalid: ``too_many``.
    """
    count = sum(text.count(mark) for mark in marks)
    if count > 20 * MOST_OPTIONS:
        raise _crowded(count, " ".join(marks), line)


def check_count(count: int) -> None:
    """Refuse a file with more questions than any bank has.

    :raises Invalid: ``too_many``.
    """
    if count > MOST_ITEMS:
        raise Invalid("too_many", N_("题目太多，一个文件最多 %(n)s 道"), n=MOST_ITEMS)


def _crowded(count: int, what: str, line: int | None) -> Invalid:
    return Invalid(
        "too_many",
        N_("一道题有 %(n)s 个%(what)s，最多 %(most)s 个"),
        where=str(line or ""),
        n=count,
        what=what,
        most=MOST_OPTIONS,
    )


class _Plain(HTMLParser):
    """Collects what a page shows, a line for each block."""

    _BLOCKS = frozenset(
        [
            "p",
            "div",
            "li",
            "ul",
            "ol",
            "table",
            "tr",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "blockquote",
            "pre",
            "section",
            "dl",
            "dt",
            "dd",
            "hr",
        ]
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._parts.append("\n")
        elif tag == "img":
            named = dict(attrs)
            shown = named.get("alt") or (named.get("src") or "").rpartition("/")[2]
            self._parts.append(f"[{shown}]")
        elif tag in self._BLOCKS and "".join(self._parts[-1:])[-1:] not in {"", "\n"}:
            self._parts.append("\n")
        elif tag in {"td", "th"} and "".join(self._parts[-1:])[-1:] not in {"", "\n"}:
            self._parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._BLOCKS and "".join(self._parts[-1:])[-1:] not in {"", "\n"}:
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        self._parts.append(data.strip("\n") if data.strip() else (" " if data == " " else ""))

    def text(self) -> str:
        return _SPACES.sub("\n", "".join(self._parts)).strip()


def _known(encoding: str) -> str:
    name = encoding.lower().replace("_", "-")
    name = {"gbk": "gb18030", "gb2312": "gb18030", "utf8": "utf-8"}.get(name, name)
    if name not in ENCODINGS:
        listed = "、".join(ENCODINGS)
        raise Invalid("unknown_encoding", N_("只认识这些编码：%(listed)s"), listed=listed)
    return "utf-8-sig" if name == "utf-8" else name


def _detected(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    head = data[:4096]
    if len(head) >= 4 and len(data) % 2 == 0:
        even, odd = head[::2], head[1::2]
        if odd.count(0) > len(odd) * 0.4 and even.count(0) < len(even) * 0.1:
            return "utf-16-le"
        if even.count(0) > len(even) * 0.4 and odd.count(0) < len(odd) * 0.1:
            return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _with_zeros(data) or "gb18030"
    return "utf-8"


def _with_zeros(data: bytes) -> str:
    """Text in Chinese holds no zero bytes unless it is UTF-16; then one of two readings is text."""
    for encoding in ("utf-16-le", "utf-16-be") if b"\x00" in data else ():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and len(_ORDINARY.sub("", text)) < len(text) / 30:
            return encoding
    return ""


def _shown(text: str) -> tuple[str, list[Note]]:
    first = _UNSHOWN.search(text)
    if first is None:
        return text, []
    line = text.count("\n", 0, first.start()) + 1
    found = note("controls_removed", N_("有看不见的控制字符，已去掉"), line=line)
    return _UNSHOWN.sub("", text), [found]


def _folded(html: str) -> str:
    return re.sub(r"\s+", " ", html.replace("&nbsp;", "\xa0")).strip()
