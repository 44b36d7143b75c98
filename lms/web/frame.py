"""What stands around every page: rendered once for each sort of reader, then only filled in.

Head, header, footer and tab bar depend on what the reader may open, on the page's endpoint and on
the visitor's choices, and are the same for thousands of people but for three holes: the reader's
name, the token of their forms, and where to come back to.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from flask import Flask, render_template
from flask_login import current_user
from markupsafe import Markup, escape

from lms.http.forms import form_token
from lms.web.face import Asked, asked

KEPT = 512
"""For how many sorts of readers, on how many endpoints, frames stay rendered in a process."""

_HOLE = re.compile("\ue000(.+?)\ue001")
"""Characters of no alphabet, which nothing escapes."""

HOLES = {name: f"\ue000{name}\ue001" for name in ("name", "token", "back")}


@dataclass(frozen=True, slots=True)
class Reader:
    """What a frame depends on, its holes apart."""

    root: str
    """Where the application is mounted."""
    endpoint: str | None
    permissions: frozenset[str] | None
    """None: a stranger."""
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts of a frame as far as they were asked for."""

    parts: dict[str, Markup | list[str]] = field(default_factory=dict)
    """Each as html, or as html, hole, html, hole … html."""

    def part(self, name: str) -> Markup | list[str]:
        """Return a part; rendered for the request that asks for it first."""
        found = self.parts.get(name)
        if found is None:
            pieces = _HOLE.split(render_template(f"_layout/_{name}.html", **HOLES))
            found = self.parts[name] = pieces if len(pieces) > 1 else _safe(pieces)
        return found


@lru_cache(maxsize=KEPT)
def _frame(_reader: Reader) -> Frame:
    return Frame()


def frame(name: str) -> Markup:
    """Return a part of the frame for whoever is asking, ``head`` or ``tabs`` for two."""
    page = asked()
    if page.frame is None:
        page.frame = _of_request(page)
    found, fill = page.frame
    part = found.part(name)
    if isinstance(part, Markup):
        return part
    pieces = part.copy()
    pieces[1::2] = [fill[hole] for hole in part[1::2]]
    return _safe(pieces)


def _safe(pieces: list[str]) -> Markup:
    return Markup("".join(pieces))  # noqa: S704 - from templates of ours, values escaped


def _of_request(page: Asked) -> tuple[Frame, dict[str, str]]:
    user = current_user._get_current_object()  # noqa: SLF001 - public in spite of its name
    known = user.is_authenticated
    reader = Reader(
        page.script_root,
        page.endpoint,
        user.permissions if known else None,
        tuple(page.choices.values()),
    )
    fill = {
        "name": escape(user.name) if known else "",
        "token": escape(form_token()),
        "back": escape(page.full_path if page.method == "GET" else "/"),
    }
    return _frame(reader), fill


def register(app: Flask) -> None:
    """Give templates the frame."""
    app.jinja_env.globals["frame"] = frame
