"""Keep personal data unreadable in the database: sealed with AES-256-GCM, found by a keyed digest.

Sealing follows NIST SP 800-38D: a fresh random nonce of 96 bits for each text, a tag of 128 bits,
and the owner of the text as associated data, so that a sealed text copied into another person's
row does not open. A digest is HMAC-SHA-256 (RFC 2104) under a key of its own: equal texts give
equal digests, and nobody without the key can try out all identity numbers.

Keys are rotated by putting a new one in front: it seals what is written from now on, the older
ones still open. The digest's key stays: it never leaves the machine and reads nothing.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lms.kernel.errors import N_, Invalid

KEY_BYTES, NONCE_BYTES = 32, 12


@dataclass(frozen=True, slots=True)
class Key:
    """One sealing key and the name under which sealed texts ask for it."""

    name: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Vault:
    """The keys of one installation."""

    keys: Sequence[Key]
    """The first one seals; all of them open."""
    digest_key: bytes

    @property
    def current(self) -> str:
        """The name of the key that seals."""
        return self.keys[0].name

    def seal(self, text: str, *, owner: str) -> str:
        """Return a text sealed for an owner, as ``key:base64``; never the same twice.

        :param owner: what it belongs to, for example ``person:17/phone``.
        """
        key = self.keys[0]
        nonce = secrets.token_bytes(NONCE_BYTES)
        closed = AESGCM(key.secret).encrypt(nonce, text.encode(), owner.encode())
        return f"{key.name}:{base64.b64encode(nonce + closed).decode('ascii')}"

    def open(self, sealed: str, *, owner: str) -> str:
        """Return the text that was sealed for an owner.

        :raises Invalid: ``cannot_open``: no such key, another owner's, or not what was sealed.
        """
        name, _, body = sealed.partition(":")
        key = next((key for key in self.keys if key.name == name), None)
        if key is None:
            raise Invalid("cannot_open", N_("没有打开这项资料的密钥“%(name)s”"), name=name)
        try:
            raw = base64.b64decode(body, validate=True)
            return (
                AESGCM(key.secret)
                .decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], owner.encode())
                .decode()
            )
        except (InvalidTag, binascii.Error, ValueError) as fault:
            raise Invalid("cannot_open", N_("这项资料打不开：密钥不对，或被改动过")) from fault

    def is_current(self, sealed: str) -> bool:
        """Say whether a text is sealed with the key that seals today."""
        return sealed.partition(":")[0] == self.current

    def digest(self, text: str, *, purpose: str) -> str:
        """Return the keyed digest, in hex, by which an equal text of the same purpose is found."""
        return hmac.digest(self.digest_key, f"{purpose}\0{text}".encode(), hashlib.sha256).hex()


def read_keys(text: str) -> tuple[Key, ...]:
    """Read ``name:base64,name:base64``, the sealing key first.

    :raises Invalid: ``bad_key``: no key, a name twice, or not 32 bytes.
    """
    keys = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _, body = part.partition(":")
        try:
            secret = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if not name or len(secret) != KEY_BYTES:
            raise Invalid("bad_key", N_("密钥应形如 名称:32 字节的 base64"), where="LMS_DATA_KEYS")
        keys.append(Key(name, secret))
    if not keys or len({key.name for key in keys}) != len(keys):
        raise Invalid("bad_key", N_("没有密钥，或两把密钥同名"), where="LMS_DATA_KEYS")
    return tuple(keys)


def new_key(name: str) -> str:
    """Return a fresh key as ``name:base64``."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode('ascii')}"
