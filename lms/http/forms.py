"""The base of every form. CSRF is checked for every unsafe request by Flask-WTF's CSRFProtect."""

import secrets
from functools import lru_cache

from flask import current_app, g, session
from flask_wtf import FlaskForm
from itsdangerous import URLSafeTimedSerializer


class BaseForm(FlaskForm):
    """A form whose page answers 422 when it is shown again with faults."""

    @property
    def status(self) -> int:
        """200 for a page being shown, 422 for one being shown again with faults."""
        return 422 if self.errors else 200


def form_token() -> str:
    """Return the token of the reader's forms, signed once for a session.

    As :func:`flask_wtf.csrf.generate_csrf` does, which makes what signs anew each time. One that
    may grow too old is signed for each page.
    """
    known: str | None = g.get("csrf_token")  # where Flask-WTF keeps it
    if known is not None:
        return known
    config = current_app.config
    key = str(config.get("WTF_CSRF_SECRET_KEY") or current_app.secret_key)
    raw = session.get("csrf_token")
    if not isinstance(raw, str):
        raw = session["csrf_token"] = secrets.token_hex(20)
    signed = _signed(key, raw) if config["WTF_CSRF_TIME_LIMIT"] is None else _sign(key, raw)
    g.csrf_token = signed
    return signed


@lru_cache(maxsize=4096)
def _signed(key: str, raw: str) -> str:
    return _sign(key, raw)


def _sign(key: str, raw: str) -> str:
    return str(_signer(key).dumps(raw))


@lru_cache(maxsize=4)
def _signer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="wtf-csrf-token")  # Flask-WTF's


def stripped(value: str | None) -> str | None:
    """Drop white space around what was typed. For ``filters=``."""
    return value.strip() if value else value
