"""The base of every form. CSRF is checked for every unsafe request by Flask-WTF's CSRFProtect."""

from functools import lru_cache

from flask import current_app, g, session
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf


class BaseForm(FlaskForm):
    """A form whose page answers 422 when it is shown again with faults."""

    @property
    def status(self) -> int:
        """200 for a page being shown, 422 for one being shown again with faults."""
        return 422 if self.errors else 200


def form_token() -> str:
    """Return the token of the reader's forms, signed once for a session.

    One that may grow too old is signed for each page.
    """
    known: str | None = g.get("csrf_token")  # where Flask-WTF keeps it
    if known is not None:
        return known
    raw = session.get("csrf_token")
    if raw is not None and current_app.config["WTF_CSRF_TIME_LIMIT"] is None:
        signed: str = g.setdefault("csrf_token", _signed(str(current_app.secret_key), raw))
        return signed
    return str(generate_csrf())


@lru_cache(maxsize=4096)
def _signed(_key: str, _raw: str) -> str:
    return str(generate_csrf())


def stripped(value: str | None) -> str | None:
    """Drop white space around what was typed. For ``filters=``."""
    return value.strip() if value else value
