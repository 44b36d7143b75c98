"""HTTP/1.1 as bytes: requests made once and sent often, answers cut out of a stream. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

END_OF_HEAD = b"\r\n\r\n"
AGENT = "bixue-bench"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that is ready to be sent."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    expected: int = 200
    """The status that says it was done."""

    def raw(self) -> bytes:
        """Return what goes over the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.all_headers().items()]
        if self.method != "GET":
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode("latin-1") + END_OF_HEAD + self.body

    def all_headers(self) -> dict[str, str]:
        """Return the headers that a browser would send, but for host and length."""
        usual = {"User-Agent": AGENT, "Accept-Encoding": "br, gzip", "Accept-Language": "zh-CN"}
        return usual | dict(self.headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, with its body as it was sent."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes
    keeps_open: bool


class Reader:
    """Cuts answers out of what arrives on one connection.

    Knows bodies with a length and chunked ones; nothing else comes from a server that keeps
    connections open.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Answer | None:
        """Take what arrived and return the answer once it is whole.

        :raises ValueError: what arrived is not HTTP/1.1, or its body has no end.
        """
        self._buffer += data
        end = self._buffer.find(END_OF_HEAD)
        if end < 0:
            return None
        status, headers = _head(bytes(self._buffer[:end]))
        start = end + len(END_OF_HEAD)
        found = self._body(status, headers, start)
        if found is None:
            return None
        body, used = found
        del self._buffer[:used]
        return Answer(status, headers, body, headers.get("connection", "").lower() != "close")

    def _body(
        self, status: int, headers: Mapping[str, str], start: int
    ) -> tuple[bytes, int] | None:
        if status in {204, 304}:
            return b"", start
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks(start)
        if "content-length" not in headers:
            raise ValueError("an answer without a length")
        used = start + int(headers["content-length"])
        return (bytes(self._buffer[start:used]), used) if len(self._buffer) >= used else None

    def _chunks(self, at: int) -> tuple[bytes, int] | None:
        body = bytearray()
        while (line := self._buffer.find(b"\r\n", at)) >= 0:
            size = int(bytes(self._buffer[at:line]).split(b";")[0], 16)
            start, at = line + 2, line + 2 + size + 2
            if len(self._buffer) < at:
                return None
            if size == 0:
                return bytes(body), at
            body += self._buffer[start : start + size]
        return None


def _head(raw: bytes) -> tuple[int, dict[str, str]]:
    first, *rest = raw.decode("latin-1").split("\r\n")
    version, _, words = first.partition(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(f"not HTTP/1.1: {first!r}")
    pairs = (line.partition(":") for line in rest)
    return int(words[:3]), {name.strip().lower(): value.strip() for name, _, value in pairs}
