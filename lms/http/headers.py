"""Security headers on every answer: nothing inline, nothing from elsewhere."""

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer

from lms.kernel.clock import utc_now

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "frame-ancestors 'none'; form-action 'self'"
)


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

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs the cookie, made once: every request reads a session."""
        if "lms_session_serializer" not in app.extensions:
            app.extensions["lms_session_serializer"] = super().get_signing_serializer(app)
        found: URLSafeTimedSerializer | None = app.extensions["lms_session_serializer"]
        return found

    def get_cookie_secure(self, app: Flask) -> bool:
        """Say whether the cookie is for HTTPS alone."""
        return request.is_secure or super().get_cookie_secure(app)


def register(app: Flask) -> None:
    """Add the headers after every request."""
    app.session_interface = SessionCookie()

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if request.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if not request.path.startswith(("/static/", "/bootstrap/")):
            headers.setdefault("Cache-Control", "private, no-cache")
        return response
