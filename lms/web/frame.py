"""What stands around every page: rendered once for each sort of reader, then only filled in.

Head, header, footer and tab bar depend on what the reader may open, on the page's endpoint and on
the visitor's choices, and are the same for thousands of people but for three holes: the reader's
name, the token of their forms, and where to come back to.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from flask import Flask, g, render_template, request
from flask_login import current_user
from markupsafe import Markup, escape

from lms.http.forms import form_token
from lms.web.face import CHOICES, preference

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

    parts: dict[str, list[str]] = field(default_factory=dict)
    """Each as html, hole, html, hole … html."""

    def part(self, name: str) -> list[str]:
        """Return a part; rendered for the request that asks for it first."""
        if name not in self.parts:
            self.parts[name] = _HOLE.split(render_template(f"_layout/_{name}.html", **HOLES))
        return self.parts[name]


@lru_cache(maxsize=KEPT)
def _frame(_reader: Reader) -> Frame:
    return Frame()


def frame(name: str) -> Markup:
    """Return a part of the frame for whoever is asking, ``head`` or ``tabs`` for two."""
    if "lms_frame" not in g:
        g.lms_frame = _of_request()
    found, fill = g.lms_frame
    pieces = found.part(name)
    if len(pieces) > 1:
        pieces = [fill[piece] if at % 2 else piece for at, piece in enumerate(pieces)]
    return Markup("".join(pieces))  # noqa: S704 - from templates of ours, values escaped


def _of_request() -> tuple[Frame, dict[str, str]]:
    known = current_user.is_authenticated
    reader = Reader(
        request.script_root,
        request.endpoint,
        current_user.permissions if known else None,
        tuple(map(preference, CHOICES)),
    )
    fill = {
        "name": escape(current_user.name) if known else "",
        "token": escape(form_token()),
        "back": escape(request.full_path if request.method == "GET" else "/"),
    }
    return _frame(reader), fill


def register(app: Flask) -> None:
    """Give templates the frame."""
    app.jinja_env.globals["frame"] = frame
