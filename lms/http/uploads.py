"""How much a request may send: little, but for views that say they take files.

    @bp.post("/imports")
    @needs("people.import")
    @takes_files
    def upload() -> ResponseReturnValue: ...

The limit is raised before anything of the body is read, and only for somebody who may use the
view: a stranger's large request is refused by its announced length.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user

from lms.http import access

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "lms_takes_files"
ENVELOPE = 64 * 1024
"""Bytes around the file: the other fields and the borders between them."""


def takes_files(view: View) -> View:
    """Let a view take files of up to ``LMS_UPLOAD_LIMIT`` bytes."""
    setattr(view, _MARK, True)
    return view


def upload_limit() -> int:
    """Return the most bytes that an uploaded file may have."""
    return int(current_app.config["UPLOAD_LIMIT"])


def register(app: Flask) -> None:
    """Raise the limit where files are taken. To be called before CSRF looks into the form."""

    @app.before_request
    def raise_limit() -> None:
        endpoint = request.endpoint
        if endpoint is None or not getattr(app.view_functions[endpoint], _MARK, False):
            return
        permission = access.declared(app, endpoint)
        asks = request.method == "POST" and permission is not None
        if asks and current_user.is_authenticated and current_user.may(permission):
            request.max_content_length = upload_limit() + ENVELOPE
