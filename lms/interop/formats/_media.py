"""Pictures and recordings inside files: named safely, known by their first bytes, bounded."""

import re
from hashlib import sha256

from lms.interop.types import Media, Note, note
from lms.kernel.errors import N_

FOLDER = "media/"
BIGGEST = 10 * 1024 * 1024
MOST_TOGETHER = 100 * 1024 * 1024
MOST_PIXELS = 50_000_000
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"GIF87a", "image/gif", ".gif"),
    (b"GIF89a", "image/gif", ".gif"),
    (b"ID3", "audio/mpeg", ".mp3"),
    (b"\xff\xfb", "audio/mpeg", ".mp3"),
    (b"OggS", "audio/ogg", ".ogg"),
    (b"%PDF-", "application/pdf", ".pdf"),
)
_MARKER = 0xFF
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG that begin a frame."""
_FOURTEEN = 0x3FFF
"""The bits in which a WebP says a side."""
_UNSAFE = re.compile(r"[^\w.-]+")


class Bin:
    """Collects the media of one file; the same bytes are kept once."""

    def __init__(self) -> None:
        self._named: dict[str, Media] = {}
        self._by_digest: dict[str, str] = {}
        self._size = 0

    def add(self, name: str, data: bytes, notes: list[Note], *, line: int | None = None) -> str:
        """Keep a file and return the name it got; empty, with a note, if it was left out."""
        kind = type_of(data)
        fault = self._fault(name, data, kind, line)
        if fault or kind is None:
            notes.extend([fault] if fault else [])
            return ""
        digest = sha256(data).hexdigest()
        if digest in self._by_digest:
            return self._by_digest[digest]
        safe = _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).lstrip(".")[-80:]
        if "." not in safe:
            safe += kind[1]
        if safe in self._named:
            safe = f"{digest[:8]}-{safe}"
        self._named[safe] = Media(safe, data, kind[0])
        self._by_digest[digest] = safe
        self._size += len(data)
        return safe

    def all(self) -> tuple[Media, ...]:
        """Return what was kept, in the order it came."""
        return tuple(self._named.values())

    def _fault(
        self, name: str, data: bytes, kind: tuple[str, str] | None, line: int | None
    ) -> Note | None:
        if len(data) > BIGGEST:
            most = BIGGEST // 1024 // 1024
            return note(
                "media_too_big",
                N_("%(name)s 太大，没有收下；最大 %(n)s MB"),
                line=line,
                name=name,
                n=most,
            )
        if self._size + len(data) > MOST_TOGETHER:
            return note("media_too_many", N_("图片太多，%(name)s 没有收下"), line=line, name=name)
        if kind is None:
            return note(
                "media_unknown",
                N_("%(name)s 不是认识的图片或音频，没有收下"),
                line=line,
                name=name,
            )
        if _pixels(data) > MOST_PIXELS:
            return note("media_too_big", N_("%(name)s 的像素太多，没有收下"), line=line, name=name)
        return None


def type_of(data: bytes) -> tuple[str, str] | None:
    """Return media type and suffix by the first bytes; none if unknown. SVG can hold script."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", ".webp"
    if data[4:8] == b"ftyp":
        return "video/mp4", ".mp4"
    for mark, kind, suffix in _SIGNATURES:
        if data.startswith(mark):
            return kind, suffix
    return None


def _pixels(data: bytes) -> int:
    """Return width times height as the head of a picture says; 0 where it says none."""
    if data.startswith(b"\x89PNG"):
        return int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big")
    if data.startswith(b"GIF8"):
        return int.from_bytes(data[6:8], "little") * int.from_bytes(data[8:10], "little")
    if data.startswith(b"\xff\xd8"):
        return _of_jpeg(data)
    if data[8:12] == b"WEBP":
        return _of_webp(data)
    return 0


def _of_jpeg(data: bytes) -> int:
    """The frame header (ITU-T T.81, B.2.2) stands behind any number of other segments."""
    at = 2
    while at + 9 <= len(data) and data[at] == _MARKER:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _FRAMES:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(height, "big") * int.from_bytes(width, "big")
        at += 2 + length
    return 0


def _of_webp(data: bytes) -> int:
    """The canvas of an extended file, else the frame of a simple one (RFC 9649, 2.5 to 2.7)."""
    if data[12:16] == b"VP8X":
        width, height = data[24:27], data[27:30]
        return (int.from_bytes(width, "little") + 1) * (int.from_bytes(height, "little") + 1)
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return ((bits & _FOURTEEN) + 1) * ((bits >> 14 & _FOURTEEN) + 1)
    sides = int.from_bytes(data[26:28], "little"), int.from_bytes(data[28:30], "little")
    return (sides[0] & _FOURTEEN) * (sides[1] & _FOURTEEN)
