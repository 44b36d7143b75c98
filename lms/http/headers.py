"""Security headers on every answer: nothing inline, nothing from elsewhere."""

from types import TracebackType
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from jinja2.utils import LRUCache

from lms.kernel.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "frame-ancestors 'none'; form-action 'self'"
)

ALWAYS = (
    ("Content-Security-Policy", CSP),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
SECURE = (("Strict-Transport-Security", "max-age=31536000"),)
PRIVATE = (("Cache-Control", "private, no-cache"),)
"""Of everything but files of the program."""

KEPT = 2048
"""Unpacked cookies that a process keeps."""

ENCODED = "Accept-Encoding"
"""What an answer that is sent compressed depends on."""

Fault = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

RESEND_AFTER = 600  # seconds
"""How old the session cookie may get before it is sent anew. Its life begins again then."""

SENT = "sent"
"""The key in the session of the second in which its cookie was sent: seen no longer ago than
that and :data:`RESEND_AFTER`."""

RESEND = "resend"
"""The key in the session of another interval than :data:`RESEND_AFTER`, for short sessions."""

KEEP_ASLEEP = "lms_keep_asleep"
"""Set in ``flask.g`` by a request that must not prolong the session it belongs to."""


class SessionCookie(SecureCookieSessionInterface):
    """A session that began over HTTPS never travels without it, and is not signed every time."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Say whether the cookie changed, or is old enough to have its life prolonged."""
        if not super().should_set_cookie(app, session):
            return False
        now = int(utc_now().timestamp())
        aged = now - session.get(SENT, 0) >= session.get(RESEND, RESEND_AFTER)
        if not session.modified and (not aged or KEEP_ASLEEP in g):
            return False
        if session.permanent and KEEP_ASLEEP not in g:
            session[SENT] = now
        return True

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie if it has to be; else only say that the answer depends on it.

        Flask works out all that it would say of the cookie before it asks whether to send it.
        """
        if not session or self.should_set_cookie(app, session):
            super().save_session(app, session, response)
        elif session.accessed:
            vary = response.headers.get("Vary")
            if vary is None or vary == ENCODED:
                response.headers["Vary"] = f"{vary}, Cookie" if vary else "Cookie"
            else:
                response.vary.add("Cookie")

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs the cookie, made once: every request reads a session."""
        if "lms_session_serializer" not in app.extensions:
            made = super().get_signing_serializer(app)
            if made is not None:
                made.load_payload = _reader(made.load_payload)  # type: ignore[method-assign]  # this one's alone
            app.extensions["lms_session_serializer"] = made
        found: URLSafeTimedSerializer | None = app.extensions["lms_session_serializer"]
        return found

    def get_cookie_secure(self, app: Flask) -> bool:
        """Say whether the cookie is for HTTPS alone."""
        return request.is_secure or super().get_cookie_secure(app)


def _reader(read: "Callable[..., Any]") -> "Callable[..., Any]":
    """Return what unpacks a cookie whose signature was checked; the same one only once.

    Somebody's cookie stays the same for ten minutes. A session with anything in it that could be
    changed in place, like what is to be said on the next page, is unpacked each time.
    """
    kept: LRUCache = LRUCache(KEPT)

    def load(payload: bytes, *args: Any, **options: Any) -> Any:
        found = kept.get(payload)
        if found is None:
            found = read(payload, *args, **options)
            if all(isinstance(value, str | int | None) for value in found.values()):
                kept[payload] = found
        return dict(found)

    return load


def register(app: Flask) -> None:
    """Add the headers to every answer, also to one that no view has made."""
    app.session_interface = SessionCookie()
    app.wsgi_app = with_headers(app.wsgi_app)  # type: ignore[method-assign,assignment]  # how Flask wants it


def with_headers(application: "WSGIApplication") -> "WSGIApplication":
    """Return an application whose answers carry the headers that they do not say otherwise.

    Around Flask and not among its hooks: there the headers are a plain list, and adding seven to
    it takes a tenth of the time.
    """

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        def start(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: Fault | None = None,
            /,
        ) -> "Callable[[bytes], object]":
            said = {name.lower() for name, _value in headers}
            headers += [pair for pair in _wanted(environ) if pair[0].lower() not in said]
            return start_response(status, headers, exc_info)

        return application(environ, start)

    return answer


def _wanted(environ: "WSGIEnvironment") -> "tuple[tuple[str, str], ...]":
    secure = environ["wsgi.url_scheme"] == "https"
    kept = environ.get("PATH_INFO", "").startswith(("/static/", "/bootstrap/"))
    return (*ALWAYS, *(SECURE if secure else ()), *(() if kept else PRIVATE))
