"""Who may use a route. Every view says so; a route that says nothing does not start.

    @bp.get("/team")
    @needs("team.view")
    def team() -> ResponseReturnValue: ...

``@needs_fresh`` under it asks for a sign-in of the last ten minutes; ``@even_before`` lets in
also who must first choose a password or set up a second factor.

The names of permissions belong to :mod:`lms.people`; here they are only words. The signed-in
principal answers ``may(permission)``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import Flask, abort, current_app, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.kernel.clock import utc_now

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed in"
SCOPE = "lms_scope_of"
"""The key in ``app.extensions`` of the function that :mod:`lms.web` hands in: grants and a
permission -> organizations. Rooms below the people's ask through :func:`own_scope`."""

ATTRIBUTE = "lms_access"
FRESH = "lms_needs_fresh"
FIRST = "lms_first"

FRESH_AT = "fresh_at"
"""The key in the session of the second in which its person last proved who they are."""

SEND_AWAY = "lms_send_away"
"""The key in ``app.extensions`` of two functions that :mod:`lms.web` hands in: where to go who
must do something first, and who must prove anew who they are."""


class SendAway(NamedTuple):
    """Where people are sent before they may go on."""

    to_first: Callable[[str], ResponseReturnValue]
    """Called with what they must do."""
    to_confirm: Callable[[], ResponseReturnValue]


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
    """Ask who has not just proved who they are to do so. Goes under the mark of who may."""
    setattr(view, FRESH, True)
    return view


def even_before(view: View) -> View:
    """Let in also who has to do something else first: this is where they do it, or leave."""
    setattr(view, FIRST, True)
    return view


def is_fresh() -> bool:
    """Say whether the session's person has proved who they are in the last minutes."""
    proved_at, allowed = session.get(FRESH_AT), int(current_app.config["FRESH_SECONDS"])
    return isinstance(proved_at, int) and 0 <= int(utc_now().timestamp()) - proved_at <= allowed


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
        endpoint = request.endpoint
        if endpoint is None:
            return None  # 404 and 405 are answered by the router
        access = declared(app, endpoint)
        if access == PUBLIC:
            return None
        if access is None:
            abort(403)
        user = current_user._get_current_object()  # noqa: SLF001 - public in spite of its name
        if not user.is_authenticated:
            answer: ResponseReturnValue = app.login_manager.unauthorized()  # type: ignore[attr-defined]  # Flask-Login hangs itself on the app
            return answer
        view, away = app.view_functions[endpoint], _away(app)
        if user.must and not hasattr(view, FIRST):
            return away.to_first(user.must)
        if access != SIGNED_IN and not user.may(access):
            abort(403)
        if hasattr(view, FRESH) and not is_fresh():
            return away.to_confirm()
        return None


def _away(app: Flask) -> SendAway:
    found: SendAway = app.extensions[SEND_AWAY]
    return found


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that do not say who may use them."""
    return [name for name in app.view_functions if declared(app, name) is None]
