"""An author's Markdown as paragraphs of runs, for documents. Pure."""

from html.parser import HTMLParser

from lms.http.markdown import render, render_inline
from lms.paper_form.types import Block, Run

_STYLES = {
    "b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "ins": "u", "sub": "sub", "sup": "sup",
}  # fmt: skip
_ENDS = frozenset({"p", "div", "li", "tr", "blockquote", "pre", "h1", "h2", "h3", "h4", "br"})


def paragraphs(markdown: str) -> tuple[Block, ...]:
    """Return a text of several paragraphs. Tables stay as lines, lists as lines with a dot."""
    return _read(str(render(markdown)))


def line(markdown: str) -> Block:
    """Return a text of one line."""
    blocks = _read(str(render_inline(markdown)))
    return tuple(run for block in blocks for run in block)


def words(block: Block) -> str:
    """Return the bare text of a paragraph."""
    return "".join(run.text for run in block)


def _read(html: str) -> tuple[Block, ...]:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.finished()


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[Block] = []
        self._runs: list[Run] = []
        self._styles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ENDS:
            self._end()
        if tag in _STYLES:
            self._styles.append(_STYLES[tag])
        elif tag == "li":
            self._runs.append(Run("· "))
        elif tag == "img":
            self._runs.append(Run(f"[{dict(attrs).get('alt') or '图'}]"))

    def handle_endtag(self, tag: str) -> None:
        if tag in _STYLES and _STYLES[tag] in self._styles:
            self._styles.remove(_STYLES[tag])
        elif tag in {"td", "th"}:
            self._runs.append(Run("  "))
        elif tag in _ENDS:
            self._end()

    def handle_data(self, data: str) -> None:
        said = " ".join(data.split("\n"))
        if said.strip() or (said and self._runs):
            self._runs.append(Run(said, frozenset(self._styles)))

    def finished(self) -> tuple[Block, ...]:
        self._end()
        return tuple(self._blocks)

    def _end(self) -> None:
        if any(run.text.strip() for run in self._runs):
            self._blocks.append(tuple(self._runs))
        self._runs = []
