"""Where settings come from: ``create_app(config)`` over ``LMS_*`` variables over these defaults."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs

from lms.kernel.places import PACKAGE, shipped
from lms.kernel.vault import new_key

DEFAULTS: dict[str, Any] = {
    "MAX_CONTENT_LENGTH": 1024 * 1024,  # bytes; no page sends more
    "MAX_FORM_MEMORY_SIZE": 512 * 1024,
    "UPLOAD_LIMIT": 32 * 1024 * 1024,  # bytes of a file where files are taken
    "FILES_DAYS": 30,  # how long uploaded and made files are kept
    "JOBS_URL": "",  # redis://…; empty: a file in the home folder
    "IMPORT_CHANGED_PERCENT": 20,  # of the people of a scope, before it is asked once more
    "IMPORT_REFUSED_PERCENT": 50,  # of the rows of a file, before it is asked once more
    "SEND_FILE_MAX_AGE_DEFAULT": 7 * 24 * 3600,  # seconds; our own files are named by content
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_NAME": "bixue",
    # how long a session lasts without a request, and altogether; seconds
    "LEARNER_IDLE_SECONDS": 12 * 3600,
    "LEARNER_SESSION_SECONDS": 30 * 24 * 3600,
    "STAFF_IDLE_SECONDS": 30 * 60,
    "STAFF_SESSION_SECONDS": 12 * 3600,
    "FRESH_SECONDS": 600,
    "SECOND_FACTOR": "staff",  # or "off": for demonstrations and training rooms only
    "STAFF_PASSWORD_DAYS": 180,  # 0: as long as they like
    "PASSWORD_LINK_DAYS": 7,
    "HASHING_AT_ONCE": 1,  # in each worker process
    "HASHING_BURST": 40,
    "TRUSTED_PROXIES": 0,
    "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: an exam page stays open for hours
    "WTF_CSRF_SSL_STRICT": False,
    "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "BABEL_TRANSLATION_DIRECTORIES": str(PACKAGE / "web" / "translations"),
    "BOOTSTRAP_SERVE_LOCAL": True,
    "COMPRESS_ALGORITHM": ["br", "gzip"],
    "COMPRESS_BR_LEVEL": 1,  # a quarter of the time of 4, and an eighth more bytes
    # a training room shares one address; guessing one person's password is slow from anywhere
    "SIGN_IN_LIMIT": "120 per minute",
    "SIGN_IN_LIMIT_OF_ONE": "10 per minute",
    # failures from one address, whatever the names: somebody tries one password on everybody
    "SIGN_IN_FAILURE_LIMIT": "100 per hour",
    "HELP_LIMIT": "10 per hour",
    "OIDC_LABEL": "",
    "OIDC_ISSUER": "",
    "OIDC_CLIENT_ID": "",
    "OIDC_CLIENT_SECRET": "",
    "OIDC_CLAIM": "",  # phone_number or preferred_username; nothing: people link themselves
    "OIDC_FACTOR": "",  # words in its amr or acr that count as our second factor: "mfa otp"
    "EXAM_START_LIMIT": "60 per hour",  # of one learner
    "PUBLISHING_PEOPLE": 2,  # 1: whoever may approve a question may approve their own
    "SESSION_CODE_LIMIT": "10 per 10 minutes",  # wrong entry codes of one learner
    "MISTAKE_LIMIT": "20 per hour",  # reports of one learner
    "PRIVACY_HANDLER": "",  # who answers for the personal data, as the notice names it
    "PRIVACY_CONTACT": "",  # how that office is reached
    "RATELIMIT_STORAGE_URI": "memory://",
    "RATELIMIT_HEADERS_ENABLED": True,
    "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,  # a Redis that is away stops nobody
}


def home() -> Path:
    """Return the folder of everything this installation writes.

    ``LMS_HOME`` if it is set; else ``var/`` of a checkout, or the user's data folder.
    """
    chosen = os.environ.get("LMS_HOME")
    if chosen:
        return Path(chosen).expanduser().resolve()
    if (PACKAGE.parent / "pyproject.toml").is_file():
        return PACKAGE.parent / "var"
    return Path(platformdirs.user_data_dir("bixue"))


def default_database_url() -> str:
    """Return the URL of the embedded database in :func:`home`."""
    return f"sqlite:///{home() / 'bixue.sqlite3'}"


def kept_secret_key() -> str:
    """Return this installation's signing key; make and keep one at the first start.

    Production with several machines sets ``LMS_SECRET_KEY`` instead.
    """
    return _kept("secret.key", lambda: secrets.token_hex(32))


def kept_data_keys() -> str:
    """Return the keys that seal personal data; make and keep one at the first start.

    Whoever loses this file loses every identity number and telephone in the database. Production
    with several machines sets ``LMS_DATA_KEYS`` instead.
    """
    return _kept("data.keys", lambda: new_key("k1"))


def kept_digest_key() -> str:
    """Return the key under which numbers are looked up, in hex; make one at the first start.

    Production with several machines sets ``LMS_DIGEST_KEY`` instead.
    """
    return _kept("digest.key", lambda: secrets.token_hex(32))


def _kept(name: str, make: Callable[[], str]) -> str:
    """Return what a file of this installation says; make it, readable to its owner, if need be."""
    path = home() / name
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(8)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as target:
            target.write(make())
        try:
            os.link(fresh, path)  # the first of two that start at once wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()


def content_root(name: str) -> Path:
    """Return a folder of master copies: ``LMS_COURSES``, ``LMS_QUESTION_BANK``, or the shipped."""
    chosen = os.environ.get(f"LMS_{name.upper()}")
    return Path(chosen).expanduser().resolve() if chosen else shipped(name)
