"""What stands around every page: rendered once for each sort of reader, then only filled in.

Header and tab bar depend on what the reader may open, on the page's endpoint and on the visitor's
choices, and are the same for thousands of people but for three holes: the reader's name, the
token of their forms, and where to come back to.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask, render_template, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from lms.web.face import CHOICES, preference

KEPT = 2048
"""How many pieces of frames stay rendered in a process."""

_HOLE = re.compile("\ue000(.+?)\ue001")
"""Characters of no alphabet, which nothing escapes."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What a frame depends on, its holes apart."""

    root: str
    """Where the application is mounted."""
    endpoint: str | None
    permissions: frozenset[str] | None
    """None: a stranger."""
    choices: tuple[str, ...]


def frame(part: str) -> Markup:
    """Return a part of the frame for whoever is asking: ``header`` or ``tabs``."""
    known = current_user.is_authenticated
    reader = Reader(
        request.script_root,
        request.endpoint,
        current_user.permissions if known else None,
        tuple(map(preference, CHOICES)),
    )
    pieces = _pieces(part, reader)
    if len(pieces) == 1:
        return Markup(pieces[0])  # noqa: S704 - rendered by a template of ours
    fill = {
        "name": escape(current_user.name) if known else "",
        "token": escape(generate_csrf()),
        "back": escape(request.full_path if request.method == "GET" else "/"),
    }
    html = [fill[piece] if at % 2 else piece for at, piece in enumerate(pieces)]
    return Markup("".join(html))  # noqa: S704 - rendered by a template of ours, values escaped


@lru_cache(maxsize=KEPT)
def _pieces(part: str, _reader: Reader) -> tuple[str, ...]:
    """Return html, hole, html, hole … html."""
    holes = {name: f"\ue000{name}\ue001" for name in ("name", "token", "back")}
    return tuple(_HOLE.split(render_template(f"_layout/_{part}.html", **holes)))


def register(app: Flask) -> None:
    """Give templates the frame."""
    app.jinja_env.globals["frame"] = frame
