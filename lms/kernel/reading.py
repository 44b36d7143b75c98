"""Read values out of parsed tables (TOML, JSON): a checked value, or which key is at fault.

Every function raises :class:`~lms.kernel.errors.Invalid` with ``where`` set to the key, so that
:mod:`lms.kernel.authoring` can point at the line. Unknown keys are faults too: a mistyped key
must not be silently ignored (:func:`only`).
"""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Literal

from lms.kernel.errors import N_, Invalid

Raw = Mapping[str, Any]
"""A parsed TOML or JSON table, not yet checked."""

_MISSING: Any = object()
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def text(raw: Raw, key: str, *, default: str = _MISSING, at_most: int = 20_000) -> str:
    """Return a text that is not blank (unless that is the default)."""
    value = _get(raw, key, default)
    if not isinstance(value, str):
        raise Invalid("not_text", N_("必须是文字，要加引号"), where=key)
    if not value.strip() and value != default:
        raise Invalid("blank", N_("不能为空"), where=key)
    if len(value) > at_most:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where=key, n=at_most)
    return value


def identifier(raw: Raw, key: str = "id") -> str:
    """Return an author's id: letters, digits, ``.``, ``_``, ``-``; at most 64."""
    value = text(raw, key)
    if not IDENTIFIER.fullmatch(value):
        raise Invalid("bad_id", N_("只能用字母、数字、点、下划线和连字符，最多 64 个"), where=key)
    return value


def whole(raw: Raw, key: str, *, low: int, high: int, default: int = _MISSING) -> int:
    """Return a whole number from ``low`` to ``high``, both included."""
    value = _get(raw, key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Invalid(
            "not_whole", N_("必须是 %(low)s 到 %(high)s 的整数"), where=key, low=low, high=high
        )
    return value


def flag(raw: Raw, key: str, *, default: bool = _MISSING) -> bool:
    """Return true or false."""
    value = _get(raw, key, default)
    if not isinstance(value, bool):
        raise Invalid("not_flag", N_("必须是 true 或 false"), where=key)
    return value


def day(raw: Raw, key: str) -> date:
    """Return a date (TOML date, or ISO text as JSON carries it)."""
    value = _get(raw, key, _MISSING)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Invalid("not_date", N_("必须是日期，如 2026-11-01"), where=key)
    return value


def optional_day(raw: Raw, key: str) -> date | None:
    """Return a date, or none if the key is absent or null."""
    return None if raw.get(key) is None else day(raw, key)


def choice(raw: Raw, key: str, allowed: Collection[str], *, default: str = _MISSING) -> str:
    """Return one of the allowed words."""
    value = _get(raw, key, default)
    if not isinstance(value, str) or value not in allowed:
        listed = "、".join(sorted(allowed))
        raise Invalid("not_allowed", N_("只能是：%(listed)s"), where=key, listed=listed)
    return value


def texts(raw: Raw, key: str, *, at_least: int = 0, at_most: int = 1000) -> tuple[str, ...]:
    """Return a list of texts that are not blank, no two alike. Absent means empty."""
    value = raw.get(key, [])
    if not isinstance(value, list | tuple) or not all(isinstance(t, str) for t in value):
        raise Invalid("not_texts", N_("必须是文字的列表"), where=key)
    if not at_least <= len(value) <= at_most:
        raise Invalid(
            "wrong_count",
            N_("要有 %(low)s 到 %(high)s 项，现有 %(n)s 项"),
            where=key,
            low=at_least,
            high=at_most,
            n=len(value),
        )
    if not all(t.strip() for t in value):
        raise Invalid("blank", N_("有一项是空的"), where=key)
    if len({t.strip() for t in value}) < len(value):
        raise Invalid("alike", N_("有两项相同"), where=key)
    return tuple(value)


def tables(raw: Raw, key: str, *, at_least: int = 0) -> tuple[Raw, ...]:
    """Return a list of tables. Absent means empty."""
    value = raw.get(key, [])
    if not isinstance(value, list | tuple) or not all(isinstance(t, Mapping) for t in value):
        raise Invalid("not_tables", N_("必须是表的列表，如 [[%(key)s]]"), where=key, key=key)
    if len(value) < at_least:
        raise Invalid("too_few", N_("至少要有 %(n)s 项"), where=key, n=at_least)
    return tuple(value)


def table(raw: Raw, key: str) -> Raw:
    """Return a table."""
    value = _get(raw, key, _MISSING)
    if not isinstance(value, Mapping):
        raise Invalid("not_table", N_("必须是一个表"), where=key)
    return value


def only(raw: Raw, allowed: Collection[str]) -> None:
    """Refuse keys that nobody reads.

    :raises Invalid: ``unknown_key``.
    """
    for key in raw:
        if key not in allowed:
            listed = "、".join(sorted(allowed))
            raise Invalid(
                "unknown_key", N_("不认识这个键；可用：%(listed)s"), where=key, listed=listed
            )


class within:  # noqa: N801 - reads as what it does
    """Put outer keys before the ``where`` of a fault found inside the block.

    Not a generator: it is entered for every answer of a paper.
    """

    __slots__ = ("_keys",)

    def __init__(self, *keys: str | int) -> None:
        self._keys = keys

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: object, fault: BaseException | None, _traceback: object
    ) -> Literal[False]:
        if isinstance(fault, Invalid):
            where = ".".join([*map(str, self._keys), *([fault.where] if fault.where else [])])
            raise Invalid(fault.code, fault.message, where=where, **fault.params) from fault
        return False


def _get(raw: Raw, key: str, default: Any) -> Any:
    value = raw.get(key, default)
    if value is _MISSING:
        raise Invalid("missing", N_("缺少这一项"), where=key)
    return value
