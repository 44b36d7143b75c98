"""Addresses that come in with a request, as where to go next."""

import re
from urllib.parse import urlsplit

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
"""What browsers drop or read as a slash, so that ``/\\t/elsewhere.example`` is no path of ours."""


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
