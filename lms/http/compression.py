"""Answers are sent compressed, to who takes them so."""

import brotli  # type: ignore[import-untyped]  # it has no types
from flask import Response, current_app, request
from flask_compress import Compress

from lms.http.headers import ENCODED

_TEXTS = frozenset({"text/html; charset=utf-8", "application/json"})
_ALREADY = frozenset({"etag", "vary", "content-encoding"})


class Compression(Compress):
    """Flask-Compress, with a shorter way for what is sent most: a page to a browser of today.

    It has no tag to compare and is no stream, so most of what the library looks at cannot be. So
    has what a script is told.
    """

    def after_request(self, response: Response | None) -> Response:
        """Compress an answer."""
        if response is None:
            return super().after_request(response)
        headers, config = response.headers, current_app.config
        said = {name.lower(): value for name, value in headers}
        is_page = (
            response.status_code == 200
            and said.get("content-type") in _TEXTS
            and int(said.get("content-length", 0)) >= config["COMPRESS_MIN_SIZE"]
            and not response.is_streamed
            and said.keys().isdisjoint(_ALREADY)
        )
        accepted = request.environ.get("HTTP_ACCEPT_ENCODING", "")
        if not (is_page and "br" in accepted.split(", ")):
            return super().after_request(response)
        level = config["COMPRESS_BR_LEVEL"]
        response.set_data(brotli.compress(response.get_data(), quality=level))
        headers.extend((("Vary", ENCODED), ("Content-Encoding", "br")))
        return response
