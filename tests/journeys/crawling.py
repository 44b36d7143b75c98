"""Go through the pages that somebody can reach, and note what is wrong with each.

A *pattern* is what pages of one kind have in common: the endpoint and the names in the query.
Everybody's pages are asked for, one of each pattern, and read as HTML; the browser looks at one
page of each endpoint, whoever reaches it first, and at all the pages somebody begins with.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from axe_playwright_python.base import AXE_SCRIPT
from html5lib.html5parser import ParseError
from werkzeug.exceptions import HTTPException

from lms.web import create_app
from tests.journeys.conftest import DESK, PHONE

MOST = 25
"""Pages asked for as one person."""
FILES = ("static", "bootstrap.static", "credentials.qr", "health.healthz")
LINK = "{http://www.w3.org/1999/xhtml}a"

WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"
LOOK = """([name, value]) => {
  const root = document.documentElement;
  root.dataset[name] = value;
  if (name === "theme" && value === "auto") delete root.dataset.bsTheme;
  else if (name === "theme") root.dataset.bsTheme = value;
}"""
AXE = """([exclude, rules]) => axe.run({exclude}, {resultTypes: ["violations"], ...rules}).then(({violations}) =>
  violations.filter(({impact}) => impact === "serious" || impact === "critical")
    .flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html}`)))"""
CONTRAST = {"runOnly": ["color-contrast"]}
COLOURS = """() => [...document.querySelectorAll("*")].map(one => [null, "::before", "::after"].map(part => {
  const {color, backgroundColor, backgroundImage, opacity, filter, mixBlendMode, textShadow,
    visibility, display, content} = getComputedStyle(one, part);
  return [color, backgroundColor, backgroundImage, opacity, filter, mixBlendMode, textShadow,
    visibility, display, content];
}).join()).join(";")"""
"""All that the colours of a page are made of: what is the same in two looks is judged once."""
MORE_OF_THE_SAME = [
    "article:nth-of-type(n+4)",
    ".bx-list > li:nth-child(n+9)",
    ".bx-sheet > li:nth-child(n+9)",
    "tbody > tr:nth-child(n+6)",
]
"""Where axe has seen enough: every node costs it more than a millisecond."""
OWN_WORDS = (
    "nav, footer, label, button, th, dt, legend, summary, h1, h2, h3, .bx-state, main > .bx-meta"
)
CHINESE = """selector => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: holder } = walker.currentNode;
    if (!/[\\u3400-\\u9fff]/.test(data) || holder.closest("[lang^=zh]")) continue;
    if (holder.closest(selector)) found.add(data.trim());
  }
  return [...found];
}"""


@dataclass(slots=True)
class Seen:
    """One page, and what is wrong with it."""

    path: str
    status: int = 0
    invalid: list[str] = field(default_factory=list)
    """Faults of the HTML, ids given twice."""
    said: list[str] = field(default_factory=list)
    """Faults in the browser's console, violations of the policy among them."""
    foreign: list[str] = field(default_factory=list)
    """Requests to anywhere else."""
    wide: list[str] = field(default_factory=list)
    """Where it has to be scrolled sideways."""
    barriers: list[str] = field(default_factory=list)
    """Serious and critical findings of axe, in light and in dark colours."""
    chinese: list[str] = field(default_factory=list)
    """Chinese on the English page that is not marked as such."""


class Crawl:
    """One person's way through the site."""

    def __init__(self, page: Any, url: str, *, known: set[str]) -> None:
        """``known``: endpoints that the browser need not look at again."""
        self.page, self.url, self.known = page, url, known
        self.seen: list[Seen] = []
        self.now = Seen("")
        page.on("console", self._heard)
        page.on("request", self._asked)

    def go(self, starts: Iterable[str]) -> list[Seen]:
        """Look at all the first pages, and at what they lead to."""
        waiting: deque[str] = deque()
        for path in starts:
            waiting.extend(self._ask(path))
            self._look(path)
        asked = {pattern_of(seen.path) for seen in self.seen}
        while waiting and len(self.seen) < MOST:
            path = waiting.popleft()
            pattern = pattern_of(path)
            if not pattern or pattern in asked:
                continue
            asked.add(pattern)
            waiting.extend(self._ask(path))
            if pattern[0] not in self.known:
                self._look(path)
        return self.seen

    def leave(self) -> None:
        """Hear no more of the page: others use it after this."""
        self.page.remove_listener("console", self._heard)
        self.page.remove_listener("request", self._asked)

    def look_here(self) -> Seen:
        """Look at the page as it stands: the answer to a form cannot be asked for again."""
        self._measure()
        self._check()
        return self.now

    def _ask(self, path: str) -> list[str]:
        self._choose("zh")
        answer = self.page.request.get(path)
        tree, faults = read(answer.body())
        self.now = Seen(path, answer.status, faults)
        self.seen.append(self.now)
        return [] if tree is None else list(_links(tree, urlsplit(answer.url).path))

    def _look(self, path: str) -> None:
        self._choose("zh")
        self.page.goto(path)
        self.known.update(pattern_of(self.page.url)[:1])
        self._check()
        self._measure()
        self._choose("en")
        self.page.goto(path)
        self._measure("in English")
        self.now.chinese = self.page.evaluate(CHINESE, OWN_WORDS)

    def _choose(self, language: str) -> None:
        choice = {"name": "lang", "value": language, "url": self.url}
        self.page.context.add_cookies([choice])

    def _check(self) -> None:
        """Note barriers in light; then of the colours where dark was chosen, and where it is usual."""
        self.page.evaluate(AXE_SCRIPT)
        self._axe("")
        self.page.evaluate(LOOK, ["theme", "dark"])
        self._axe("chosen dark: ", **CONTRAST)
        chosen = self.page.evaluate(COLOURS)
        self.page.evaluate(LOOK, ["theme", "auto"])
        self.page.emulate_media(color_scheme="dark")
        if self.page.evaluate(COLOURS) != chosen:
            self._axe("usual dark: ", **CONTRAST)
        self.page.emulate_media(color_scheme="light")

    def _axe(self, how: str, **rules: Any) -> None:
        found = self.page.evaluate(AXE, [MORE_OF_THE_SAME, rules])
        self.now.barriers += [how + barrier for barrier in found]

    def _measure(self, how: str = "") -> None:
        """Note what is too wide on a phone, in large letters too, and on a desk."""
        self._compare(f"on a phone {how}")
        self.page.evaluate(LOOK, ["size", "large"])
        self._compare(f"on a phone in large letters {how}")
        self.page.evaluate(LOOK, ["size", "normal"])
        self.page.set_viewport_size(DESK)
        self._compare(f"on a desk {how}")
        self.page.set_viewport_size(PHONE)

    def _compare(self, how: str) -> None:
        needed, given = self.page.evaluate(WIDTHS)
        if needed > given:
            self.now.wide.append(f"{needed} > {given} {how}")

    def _heard(self, message: Any) -> None:
        # Chromium says of every refusal that it is one
        refused = "the server responded with a status of 4" in message.text
        if message.type == "error" and not refused:
            self.now.said.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.now.foreign.append(request.url)


@cache
def _addresses() -> Any:
    app = create_app({"SECRET_KEY": "only for its routes", "DATABASE_URL": "sqlite://"})
    return app.url_map.bind("localhost")


def pattern_of(path: str) -> tuple[str, ...]:
    """Return the pattern of a page; nothing for files and for what is no address of ours."""
    parts = urlsplit(path)
    try:
        endpoint, _values = _addresses().match(parts.path)
    except HTTPException:
        return ()
    return () if endpoint in FILES else (endpoint, *sorted(parse_qs(parts.query)))


def read(html: bytes) -> tuple[Element | None, list[str]]:
    """Return a page as a tree and what is wrong with it as HTML."""
    parser = html5lib.HTMLParser(strict=True)
    try:
        tree = parser.parse(html, transport_encoding="utf-8")
    except ParseError:
        return None, [f"{code} at {place}: {more}" for place, code, more in parser.errors]
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    return tree, sorted({f"id {one} twice" for one in ids if ids.count(one) > 1})


def _links(tree: Element, path: str) -> Iterator[str]:
    for element in tree.iter(LINK):
        if element.get("download") is not None:
            continue  # a file is no page
        link = urlsplit(urljoin(path, element.get("href", "")))
        if not link.netloc:
            yield link._replace(fragment="").geturl()
