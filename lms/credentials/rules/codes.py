"""Numbers of credentials: made, read, checked.

A code is a random body of twelve characters and one check character. The alphabet is Crockford's
base 32 (no I, L, O, U). The check character is that of ISO/IEC 7064:2003, pure system MOD 37-2:
37 is prime and 2 generates all its remainders, so the weights 2, 4, 8 … of up to 36 characters
are all different, and every single wrong character and every transposition of two characters,
adjacent or not, is caught. A body whose check character would be I, L, O, U or ``*`` is never
given.
"""

import re
import unicodedata
from hashlib import sha256

from lms.credentials.types import PREFIX, CodeParts

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""What codes are made of."""

ISO_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
"""The values 0 to 36 of MOD 37-2."""

BODY = 12
"""Characters of a body: 60 random bits."""

CODE_BYTES = 32
"""How many random bytes a code is made from."""

LONGEST_TYPED = 300
"""Characters; whoever types more did not type a number."""

_BITS = 5
_LOOK_ALIKES = str.maketrans("OIL", "011")
_PRINTED = re.compile(r"[0-9A-Z-]*")
_SEPARATORS = re.compile(r"[/?#&=:]")


def check_character(body: str) -> str:
    """Return the check character of ISO/IEC 7064 MOD 37-2 for characters 0-9, A-Z."""
    remainder = 0
    for character in body:
        remainder = (remainder + ISO_ALPHABET.index(character)) * 2 % 37
    return ISO_ALPHABET[(1 - remainder) % 37]


def new_code(random_bytes: bytes) -> CodeParts:
    """Make a code out of random bytes; the same bytes give the same code.

    :raises ValueError: fewer bytes than a body has bits.
    """
    if 8 * len(random_bytes) < BODY * _BITS:
        raise ValueError(f"{len(random_bytes)} bytes are too few to be random")
    seed = random_bytes
    while True:  # about one body in seven has a check character that is never given
        seed = sha256(seed).digest()
        number = int.from_bytes(seed)
        body = "".join(ALPHABET[number >> _BITS * at & 31] for at in range(BODY))
        check = check_character(body)
        if check in ALPHABET:
            return CodeParts(body, check)


def read_code(typed: str) -> CodeParts | None:
    """Return the code in what somebody typed or pasted; none if it is mistyped.

    Understands lower case, full width, spaces, any kind of hyphen, O for 0, I and L for 1, a
    missing prefix, ``编号：`` before it, and the address of a page about the credential.
    """
    if len(typed) > LONGEST_TYPED:
        return None
    read = (_read(piece) for piece in _SEPARATORS.split(unicodedata.normalize("NFKC", typed)))
    return next((parts for parts in read if parts), None)


def _read(piece: str) -> CodeParts | None:
    if _PRINTED.fullmatch(piece):  # as certificates and addresses have it
        kept = piece.replace("-", "")
    else:
        kept = "".join(c for c in piece.upper() if not _is_gap(c))
    characters = kept.translate(_LOOK_ALIKES)
    if len(characters) == len(PREFIX) + BODY + 1:
        characters = characters.removeprefix(PREFIX)
    if len(characters) != BODY + 1 or not set(characters) <= set(ALPHABET):
        return None
    body, check = characters[:BODY], characters[BODY]
    return CodeParts(body, check) if check_character(body) == check else None


def _is_gap(character: str) -> bool:
    """Say whether a character only separates: spaces, dashes, minus signs, invisible marks."""
    return (
        character.isspace()
        or character in "\u2212_ー"  # minus sign
        or unicodedata.category(character) in {"Pd", "Zs", "Cf"}
    )
