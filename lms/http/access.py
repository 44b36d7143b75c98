"""Who may use a route. Every view says so; a route that says nothing does not start.

    @bp.get("/team")
    @needs("team.view")
    def team() -> ResponseReturnValue: ...

The names of permissions belong to :mod:`lms.people`; here they are only words. The signed-in
principal answers ``may(permission)``.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.kernel.clock import utc_now

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed in"
ATTRIBUTE = "lms_access"
FRESH = "lms_fresh"
FRESH_AT = "fresh_at"
"""The key in the session of the second (since 1970) at which the password was last given."""

DECLARED_ELSEWHERE: dict[str, str] = {"static": PUBLIC, "bootstrap.static": PUBLIC}
"""Routes of libraries, whose views cannot carry the mark."""


def public(view: View) -> View:
    """Let everybody in."""
    setattr(view, ATTRIBUTE, PUBLIC)
    return view


def signed_in(view: View) -> View:
    """Let in whoever is signed in."""
    setattr(view, ATTRIBUTE, SIGNED_IN)
    return view


def needs(permission: str) -> Callable[[View], View]:
    """Let in whoever holds a permission somewhere; the view narrows it to a scope."""

    def mark(view: View) -> View:
        setattr(view, ATTRIBUTE, permission)
        return view

    return mark


def fresh(view: View) -> View:
    """Let in only whoever gave their password within the last ``FRESH_SECONDS``.

    Others are asked for it at the endpoint ``sign_in.confirm`` and come back with GET: such a view
    answers GET too. Stands beside ``@signed_in`` or ``@needs``.
    """
    setattr(view, FRESH, True)
    return view


def is_fresh() -> bool:
    """Say whether the password of this session was given a short while ago."""
    given_at = session.get(FRESH_AT)
    allowed = int(current_app.config["FRESH_SECONDS"])
    return isinstance(given_at, int) and 0 <= int(utc_now().timestamp()) - given_at <= allowed


def declared(app: Flask, endpoint: str) -> str | None:
    """Return what a route declares, or none if it declares nothing."""
    found = DECLARED_ELSEWHERE.get(endpoint)
    return found or getattr(app.view_functions[endpoint], ATTRIBUTE, None)


def register(app: Flask) -> None:
    """Check every request before its view runs."""

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # 404 and 405 are answered by the router
        access = declared(app, request.endpoint)
        if access == PUBLIC:
            return None
        if access is None:
            abort(403)
        if not current_user.is_authenticated:
            answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # Flask-Login hangs itself on the app
            return answer
        if access != SIGNED_IN and not current_user.may(access):
            abort(403)
        if getattr(app.view_functions[request.endpoint], FRESH, False) and not is_fresh():
            wanted = request.full_path.rstrip("?") if request.method == "GET" else request.path
            return redirect(url_for("sign_in.confirm", next=wanted), code=303)
        return None


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that do not say who may use them."""
    return [name for name in app.view_functions if declared(app, name) is None]
