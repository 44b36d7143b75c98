"""Keep files in a folder of this installation, unreadable without its keys.

A file lies under a random key, never under the name that somebody gave it. What people upload
holds identity numbers by the thousand, so a file is sealed in pieces of 1 MiB with AES-256-GCM:
the associated data of a piece are the file's key, the piece's number and whether it is the last,
so that pieces cannot be exchanged, dropped or cut off. Only this module knows that there is a
folder: a store in the network would offer the same four functions.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.vault import NONCE_BYTES, Key

PIECE = 1024 * 1024
_TAG = 16
_KEY = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was just stored."""

    key: str
    size: int
    """Bytes, as they came."""
    sha256: str


class Store:
    """A folder of sealed files."""

    def __init__(self, folder: Path, keys: Iterable[Key]) -> None:
        self.folder = folder
        self.keys = tuple(keys)

    def keep(self, source: BinaryIO, *, at_most: int) -> Kept:
        """Store what a stream gives, a piece at a time.

        :param at_most: bytes; a longer stream leaves nothing behind.
        :raises Invalid: ``file_too_large``.
        """
        key, digest, size = secrets.token_hex(16), hashlib.sha256(), 0
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        sealing = self.keys[0]
        try:
            with path.open("xb") as target:
                path.chmod(0o600)
                target.write(sealing.name.encode() + b"\n")
                for number, (piece, is_last) in enumerate(_pieces(source)):
                    size += len(piece)
                    if size > at_most:
                        raise Invalid(
                            "file_too_large",
                            N_("文件太大，最多 %(megabytes)s MB"),
                            megabytes=at_most // 1024 // 1024,
                        )
                    digest.update(piece)
                    nonce = secrets.token_bytes(NONCE_BYTES)
                    owner = _owner(key, number, is_last=is_last)
                    target.write(nonce + AESGCM(sealing.secret).encrypt(nonce, piece, owner))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Kept(key, size, digest.hexdigest())

    def pieces(self, key: str) -> Iterator[bytes]:
        """Give a stored file back, a piece at a time.

        :raises NotFound: ``no_file``.
        :raises Invalid: ``cannot_open``: no such key, or the file was tampered with.
        """
        path = self._path(key)
        if not path.is_file():
            raise NotFound("no_file", N_("这个文件已经删除"))
        with path.open("rb") as source:
            name = source.readline().strip().decode("ascii", "replace")
            secret = next((one.secret for one in self.keys if one.name == name), None)
            if secret is None:
                raise Invalid("cannot_open", N_("没有打开这项资料的密钥“%(name)s”"), name=name)
            sealed = source.read(NONCE_BYTES + PIECE + _TAG)
            number = 0
            while sealed:
                following = source.read(NONCE_BYTES + PIECE + _TAG)
                nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
                try:
                    owner = _owner(key, number, is_last=not following)
                    yield AESGCM(secret).decrypt(nonce, body, owner)
                except (InvalidTag, ValueError) as fault:
                    raise Invalid(
                        "cannot_open", N_("这项资料打不开：密钥不对，或被改动过")
                    ) from fault
                sealed, number = following, number + 1

    def read(self, key: str) -> bytes:
        """Return a stored file as a whole. For what was limited when it was stored."""
        return b"".join(self.pieces(key))

    def remove(self, key: str) -> None:
        """Delete a file; one that is not there is no fault."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not key or set(key) - _KEY:
            raise NotFound("no_file", N_("这个文件已经删除"))
        return self.folder / key[:2] / key


def _pieces(source: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Cut a stream into pieces, each with whether it is the last. An empty stream is one."""
    piece = source.read(PIECE)
    while True:
        following = source.read(PIECE) if piece else b""
        yield piece, not following
        if not following:
            return
        piece = following


def _owner(key: str, number: int, *, is_last: bool) -> bytes:
    return f"file:{key}/{number}/{'last' if is_last else 'more'}".encode()
