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
from flask_login import current_user, logout_user

from lms.kernel.clock import utc_now

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed in"
SCOPE = "lms_scope_of"
"""The key in ``app.extensions`` of the function that :mod:`lms.web` hands in: grants and a
permission -> organizations. Rooms below the people's ask through :func:`own_scope`."""

ATTRIBUTE = "lms_access"
FRESH = "lms_needs_fresh"
FRESH_AT = "fresh_at"
"""The key in the session of the second, since 1970, in which the password was given last."""

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


def needs_fresh(view: View) -> View:
    """Let in only who gave their password in the last ``FRESH_SECONDS``; others give it again."""
    setattr(view, FRESH, True)
    return view


def is_fresh() -> bool:
    """Say whether the password was given not long ago."""
    age = utc_now().timestamp() - float(session.get(FRESH_AT, 0))
    return 0 <= age <= float(current_app.config["FRESH_SECONDS"])


def _confirm() -> ResponseReturnValue:
    """Ask for the password again, and remember where they wanted to go."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else request.path
    if "sign_in.confirm" in current_app.view_functions:
        return redirect(url_for("sign_in.confirm", next=wanted), code=303)
    logout_user()
    session.clear()
    return redirect(url_for("sign_in.form", next=wanted), code=303)


def declared(app: Flask, endpoint: str) -> str | None:
    """Return what a route declares, or none if it declares nothing."""
    found = DECLARED_ELSEWHERE.get(endpoint)
    return found or getattr(app.view_functions[endpoint], ATTRIBUTE, None)


def own_scope(permission: str) -> frozenset[int]:
    """Return the organizations over whose subtrees whoever is asking holds a permission."""
    scope_of = current_app.extensions[SCOPE]
    return frozenset(scope_of(current_user.grants, permission))


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
        if getattr(current_app.view_functions[request.endpoint], FRESH, False) and not is_fresh():
            return _confirm()
        return None


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that do not say who may use them."""
    return [name for name in app.view_functions if declared(app, name) is None]
