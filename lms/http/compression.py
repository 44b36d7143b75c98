"""Answers are sent compressed, to who takes them so."""

import brotli  # type: ignore[import-untyped]  # it has no types
from flask import Response, current_app, request
from flask_compress import Compress

from lms.http.headers import ENCODED

_ALREADY = frozenset({"etag", "vary", "content-encoding"})


class Compression(Compress):
    """Flask-Compress, with a shorter way for what is sent most: a page to a browser of today.

    It has no tag to compare and is no stream, so most of what the library looks at cannot be.
    """

    def after_request(self, response: Response | None) -> Response:
        """Compress an answer."""
        if response is None:
            return super().after_request(response)
        headers = response.headers
        said = {name.lower(): value for name, value in headers}
        is_page = (
            response.status_code == 200
            and said.get("content-type") == "text/html; charset=utf-8"
            and not response.is_streamed
            and said.keys().isdisjoint(_ALREADY)
        )
        accepted = request.environ.get("HTTP_ACCEPT_ENCODING", "")
        if not (is_page and "br" in accepted.split(", ")):
            return super().after_request(response)
        level = current_app.config["COMPRESS_BR_LEVEL"]
        response.set_data(brotli.compress(response.get_data(), quality=level))
        headers.extend((("Vary", ENCODED), ("Content-Encoding", "br")))
        return response
