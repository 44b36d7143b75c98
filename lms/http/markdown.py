"""Authors' Markdown becomes clean HTML, once for each text.

Python-Markdown with pymdown-extensions writes it, nh3 (ammonia) cleans it. A lesson is rendered
when its version is loaded and stored under the digest of its text, so a page only reads; short
texts (stems, options) are kept in memory by text.
"""

from functools import lru_cache

import markdown
import nh3
from markupsafe import Markup
from pymdownx.slugs import slugify

EXTENSIONS = ["extra", "admonition", "sane_lists", "toc", "pymdownx.tasklist"]
CONFIG = {
    # the key must be the short name "tables"; style= would be stripped, align= is kept
    "extra": {"tables": {"use_align_attribute": True}},
    "toc": {"slugify": slugify(case="lower"), "permalink": False},
}
TAGS = nh3.ALLOWED_TAGS | {"section"}
ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "div": {"class"},
    "p": {"class"},
    "td": {"align"},
    "th": {"align"},
    **{f"h{level}": {"id"} for level in range(2, 5)},
}
SET = {"table": {"tabindex": "0"}}
"""A wide table scrolls on a phone, so the keyboard must reach it."""

KEPT = 16_384
"""How many texts stay rendered in a process: a bank of 3,000 questions with all their options."""


@lru_cache(maxsize=KEPT)
def render(text: str) -> Markup:
    """Return an author's Markdown as HTML without script, style or foreign frames."""
    html = markdown.markdown(text, extensions=EXTENSIONS, extension_configs=CONFIG)
    return Markup(  # noqa: S704 - cleaned by nh3
        nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, set_tag_attribute_values=SET)
    )


@lru_cache(maxsize=KEPT)
def render_inline(text: str) -> Markup:
    """Return a one-paragraph text (a stem, an option) without the paragraph around it."""
    html = render(text)
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        return Markup(html[3:-4])  # noqa: S704 - part of what was cleaned
    return html
