"""What a password must be. Pure.

NIST SP 800-63B asks for length and for a list of what everybody chooses; 等级保护 assessors ask
for length, kinds of characters and a history. Both are kept here, as data.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from lms.accounts.types import PasswordRule
from lms.kernel.errors import N_, Invalid

LEARNER_RULE = PasswordRule(shortest=8, classes=3, passphrase=16)
STAFF_RULE = PasswordRule(shortest=12, classes=3, passphrase=20)

KEPT = 5
"""How many passwords, the present one included, may not be used again."""

LONGEST = 256

_COMMON = Path(__file__).resolve().parent.parent / "data" / "common_passwords.txt"
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
)
"""What fingers do by themselves, forwards and backwards."""
_LOOKS_LIKE = str.maketrans("@$!013457", "asioleast")
_FEWEST_DIFFERENT = 4


def rule_of(*, staff: bool) -> PasswordRule:
    """Return the rule for staff or for learners."""
    return STAFF_RULE if staff else LEARNER_RULE


def check_password(password: str, *, rule: PasswordRule, personal: Iterable[str] = ()) -> None:
    """Refuse a password that is too easily found.

    :param personal: what others know of the person: user name, name, numbers.
    :raises Invalid: ``weak_password``, with what exactly is wrong.
    """
    if len(password) > LONGEST:
        raise _weak(N_("密码最多 %(n)s 个字"), n=LONGEST)
    if length(password) < rule.shortest:
        raise _weak(N_("密码至少要 %(n)s 位（一个汉字算两位）"), n=rule.shortest)
    if _classes(password) < rule.classes and length(password) < rule.passphrase:
        raise _weak(
            N_(
                "密码要有大写字母、小写字母、数字、其他字符中的至少 %(classes)s 种；"
                "或者用一句 %(n)s 位以上的话"
            ),
            classes=rule.classes,
            n=rule.passphrase,
        )
    if is_common(password):
        raise _weak(N_("这个密码太常见，容易被猜中，请换一个"))
    if _tells(password, personal):
        raise _weak(N_("密码里不能有您的用户名、姓名、手机号或证件号"))


def length(password: str) -> int:
    """Return the length of a password; a wide character (汉字) counts as two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in password)


def is_common(password: str) -> bool:
    """Say whether many people would choose it: listed, a run of keys, or hardly anything."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(set(plain)) < _FEWEST_DIFFERENT:
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    for candidate in {plain, core, plain.translate(_LOOKS_LIKE), core.translate(_LOOKS_LIKE)}:
        if candidate in _common() or _is_run(candidate):
            return True
    if any(character.isalpha() for character in plain):
        return False
    digits = re.sub(r"\D", "", plain)
    return digits in _common() or _is_run(digits)


def _is_run(text: str) -> bool:
    """Say whether a text is one row of keys, repeated or not: qwertyuiop, 87654321, abcabcabc."""
    if len(text) < _FEWEST_DIFFERENT:
        return False
    for size in range(1, len(text) // 2 + 1):
        part = text[:size]
        if len(text) % size == 0 and part * (len(text) // size) == text:
            return True
    return any(text in row or text[::-1] in row for row in (r + r for r in _ROWS))


def _tells(password: str, personal: Iterable[str]) -> bool:
    plain = unicodedata.normalize("NFKC", password).casefold()
    known = (unicodedata.normalize("NFKC", text).casefold() for text in personal)
    return any(length(text) >= _FEWEST_DIFFERENT and text in plain for text in known)


def is_aged(changed_at: datetime | None, *, now: datetime, days: int) -> bool:
    """Say whether a password is older than it may get. 0 days: it may get as old as it likes."""
    return bool(days) and changed_at is not None and now - changed_at > timedelta(days=days)


def _classes(password: str) -> int:
    return len({_class_of(character) for character in password})


def _class_of(character: str) -> str:
    if character.isascii() and character.isalpha():
        return "upper" if character.isupper() else "lower"
    return "digit" if character.isdigit() else "other"


@cache
def _common() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _weak(message: str, **params: object) -> Invalid:
    return Invalid("weak_password", message, where="password", **params)
