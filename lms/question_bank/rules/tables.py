"""A kind's own table as text that people edit (TOML), there and back. Pure."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from lms.kernel.authoring import plain
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

_BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDE = 60
"""Characters of a list from which on every part stands on a line of its own."""


def to_toml(table: Raw) -> str:
    """Return a table as TOML that :func:`from_toml` reads back to the same values."""
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in table.items())


def from_toml(text: str) -> dict[str, Any]:
    """Read a table out of what somebody typed.

    :raises Invalid: ``not_toml``; the message says where.
    """
    try:
        return dict(plain(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as fault:
        raise Invalid(
            "not_toml", N_("看不懂这张表：%(why)s"), where="spec", why=str(fault)
        ) from fault


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


def _string(text: str) -> str:
    # JSON's strings are TOML's, but for one character that TOML wants escaped
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {_value(part)}" for name, part in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        parts = [_value(part) for part in value]
        line = f"[{', '.join(parts)}]"
        if len(line) <= WIDE:
            return line
        return "[\n" + "".join(f"  {part},\n" for part in parts) + "]"
    return _string(value) if isinstance(value, str) else str(value)
