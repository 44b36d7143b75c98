"""Security headers on every answer: nothing inline, nothing from elsewhere."""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "frame-ancestors 'none'; form-action 'self'"
)


class SessionCookie(SecureCookieSessionInterface):
    """A session that began over HTTPS never travels without it."""

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
