"""Addresses that come in with a request, as where to go next."""

import re
from urllib.parse import urlsplit

from flask import request

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
"""What browsers drop or read as a slash, so that ``/\\t/elsewhere.example`` is no path of ours."""


BIGGEST_ROW = 2**63 - 1
"""The highest number that a row can have on either database."""


def row_number(text: str) -> int:
    """Read a row's number from a query, for ``request.args.get(name, type=row_number)``.

    :raises ValueError: it is no number, or one that no row can have.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(BIGGEST_ROW))):
        raise ValueError(text)
    number = int(text)
    if number > BIGGEST_ROW:
        raise ValueError(text)
    return number


def within_site(address: str) -> str | None:
    """Return the path and query of an address if it is a plain one of this site, else none."""
    if not address.startswith("/") or _FORBIDDEN.search(address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:  # "//[" and the like
        return None
    if parts.scheme or parts.netloc or parts.path.startswith("//"):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def path_of_referrer() -> str | None:
    """Return path and query of the page of ours that a request was sent from, else none."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if parts.netloc != request.host:
        return None
    return within_site(f"{parts.path}?{parts.query}" if parts.query else parts.path)
