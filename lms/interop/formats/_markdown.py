"""Texts of any markup as the bank keeps them: in Markdown, and reading the same.

Whatever is written is rendered once and compared with the text it was made from. Where Markdown's
own marks would read differently the HTML itself is kept, which Markdown lets through.
"""

import re
from html import escape
from html.parser import HTMLParser

from lms.interop.formats import _text
from lms.interop.types import BLANK, Markup, Text

_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_BLOCKS = re.compile(
    r"<(?:p|div|ul|ol|li|table|h[1-6]|blockquote|pre|hr|dl|section)\b", re.IGNORECASE
)
_SPACES = re.compile(r"\s+")
_PARAGRAPH = re.compile(r"<p>((?:(?!</?(?:p|div)\b).)*)</p>", re.DOTALL)
_PARAGRAPHS = re.compile(r"(?:<p>(?:(?!</?(?:p|div)\b).)*</p>\s*)+", re.DOTALL)
_WRAPPED = re.compile(r"<div>((?:(?!</?div\b).)*)</div>", re.DOTALL)
_AROUND = re.compile(
    r"\s*(</?(?:p|div|ul|ol|li|table|thead|tbody|tr|td|th|h[1-6]|blockquote|pre|hr|dl|dt|dd"
    r"|section)\b[^>]*>)\s*"
)
_GAPS = re.compile(r"_{4,}")
_GAP = "\ue000"
"""A private character in the place of a gap, which Markdown would take for a rule."""
_SAME = {"strong": "b", "em": "i"}


def markdown_of(text: Text) -> str:
    """Return a text in Markdown that a page shows as it showed the text.

    Gaps (``_____``) stay as they are, so that a question's kind finds them.
    """
    if not text:
        return ""
    if text.markup is Markup.MARKDOWN:
        return text.source
    if _GAPS.search(text.source):
        kept = Text(_GAPS.sub(_GAP, text.source), text.markup)
        return _written(kept).replace(_GAP, BLANK)
    return _written(text)


def reads_as(text: Text) -> str:
    """Return how a text reads on a page, in one spelling: for comparing, not for showing."""
    html = _SPACES.sub(" ", text.html.replace("&nbsp;", "\xa0").replace("&quot;", '"')).strip()
    html = _AROUND.sub(r"\1", html)
    for around in (_WRAPPED, _PARAGRAPH):
        only = around.fullmatch(html)
        html = only.group(1) if only else html
    for one, other in _SAME.items():
        html = html.replace(f"<{one}>", f"<{other}>").replace(f"</{one}>", f"</{other}>")
    return re.sub(r" ?<br ?/?> ?", "<br>", html).strip()


def _written(text: Text) -> str:
    html = text.html
    if "<" not in html:
        return _text.as_markdown(_text.plain(text))
    wanted = reads_as(text)
    if text.markup is Markup.PLAIN:
        plain = _text.as_markdown(text.source)
        return plain if _reads(plain) == wanted else _raw(html)
    paragraphs = [html]
    if _PARAGRAPHS.fullmatch(html.strip()):
        paragraphs = [found.group(1) for found in _PARAGRAPH.finditer(html)]
    if not any(map(_BLOCKS.search, paragraphs)):
        for with_marks in (True, False):
            source = "\n\n".join(_inline(one, with_marks=with_marks) for one in paragraphs)
            if _reads(source) == wanted:
                return source
    return _raw(html)


def _inline(html: str, *, with_marks: bool) -> str:
    writer = _Inline(with_marks=with_marks)
    writer.feed(html)
    writer.close()
    return writer.text()


def _raw(html: str) -> str:
    """Keep HTML in a block of its own, which Markdown does not look into."""
    return f"<div>{html}</div>"


def _reads(source: str) -> str:
    return reads_as(Text(source, Markup.MARKDOWN))


class _Inline(HTMLParser):
    """Writes HTML without blocks as one paragraph of Markdown."""

    def __init__(self, *, with_marks: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._with_marks = with_marks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "br":
            again = self._parts[-1:] == ["  \n"] or not self._parts
            self._parts.append("<br>" if again else "  \n")
        elif tag == "img" and self._with_marks and set(named) <= {"src", "alt"}:
            self._parts.append(f"![{named.get('alt') or ''}]({named.get('src') or ''})")
        elif tag in _MARKS and self._with_marks:
            self._parts.append(_MARKS[tag])
        else:
            said = "".join(f' {key}="{escape(value or "")}"' for key, value in attrs)
            self._parts.append(f"<{tag}{said}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _MARKS and self._with_marks:
            self._parts.append(_MARKS[tag])
        elif tag not in {"br", "img", "source"}:
            self._parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        bare = _SPACES.sub(" ", data)
        self._parts.append(_text.escaped_for_markdown(bare))

    def text(self) -> str:
        return "".join(self._parts).strip()
