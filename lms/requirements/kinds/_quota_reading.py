"""A quota of hours as its author writes it: read, checked, told as JSON Schema."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import FORMS
from lms.requirements.kinds._fractions import FRACTION_SCHEMA, read_fraction
from lms.requirements.kinds._levels import LEVELS
from lms.requirements.kinds._quota import (
    CATEGORIES,
    MINUTES,
    MINUTES_A_DAY,
    Quota,
    Share,
    in_unit,
)

WINDOWS = ("calendar_year", "rolling_years", "between", "registration", "since_start", "ever")
CAPPED = ("form", "category")
KEYS = frozenset(
    {
        "unit", "minimum", "window", "years", "category", "scheme", "share", "first", "last",
        "levels", "forms", "caps", "once", "conversion",
    }
)  # fmt: skip


def hours_schema() -> dict[str, Mapping[str, Any]]:
    day = {"type": "string", "format": "date"}
    amount = {"type": "integer", "minimum": 0, "maximum": 10_000}
    form = {"type": "array", "items": {"enum": list(FORMS)}, "uniqueItems": True}
    return {
        "unit": {"enum": list(MINUTES)},
        "minimum": {"type": "integer", "minimum": 1, "maximum": 10_000},
        "window": {"enum": list(WINDOWS)},
        "years": {"type": "integer", "minimum": 1, "maximum": 20},
        "category": {"enum": list(CATEGORIES)},
        "scheme": {"type": "string"},
        "share": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": dict.fromkeys(CATEGORIES, FRACTION_SCHEMA),
        },
        "first": day,
        "last": day,
        "levels": {"type": "array", "items": {"enum": list(LEVELS)}, "uniqueItems": True},
        "forms": form,
        "once": form,
        "caps": {
            "type": "object",
            "additionalProperties": False,
            "properties": dict.fromkeys((*FORMS, *CATEGORIES), amount),
        },
        "conversion": {
            "type": "object",
            "additionalProperties": False,
            "properties": dict.fromkeys(("day", "month"), FRACTION_SCHEMA),
        },
    }


def read_quota(raw: Raw) -> Quota:
    """Read a quota.

    :raises Invalid: a key is at fault; ``impossible_total``: nobody could ever reach it.
    """
    quota = _with_limits(raw, _read_window(raw))
    if "category" in raw and "share" in raw:  # of another category it could never be met
        raise Invalid("one_share", N_("只能写一个类别"), where="share")
    _check_total(quota)
    return quota


def _read_window(raw: Raw) -> Quota:
    window = reading.choice(raw, "window", WINDOWS)
    belongs = {"rolling_years": {"years"}, "between": {"first", "last"}}
    belongs["registration"] = {"levels", "years"}
    for key in ("years", "first", "last", "levels"):
        if key in raw and key not in belongs.get(window, ()):
            raise Invalid("unknown_key", N_("这种计算期不写这一项"), where=key)
    between = window == "between"
    first, last = (reading.day(raw, key) if between else None for key in ("first", "last"))
    if first and last and last < first:
        raise Invalid("ends_first", N_("结束日期早于开始日期"), where="last")
    levels: tuple[str, ...] = ()
    if window == "registration":
        levels = reading.texts(raw, "levels", at_least=1, at_most=3)
        for level in levels:
            reading.choice({"levels": level}, "levels", LEVELS)
    with_years = window == "rolling_years" or "years" in raw
    return Quota(
        unit=reading.choice(raw, "unit", MINUTES),
        minimum=reading.whole(raw, "minimum", low=1, high=10_000),
        window=window,
        years=reading.whole(raw, "years", low=1, high=20) if with_years else 0,
        category=reading.choice(raw, "category", CATEGORIES) if "category" in raw else "",
        scheme=reading.text(raw, "scheme", default=""),
        share=_read_share(raw),
        first=first,
        last=last,
        levels=levels,
    )


def _with_limits(raw: Raw, quota: Quota) -> Quota:
    """Read which forms count, how much of each, and what days and months are worth."""
    worth = _read_conversion(raw, quota.unit)
    parts = lcm(*(amount.denominator for amount in worth.values()))
    caps, capped_by = _read_caps(raw)
    return replace(
        quota,
        forms=_read_forms(raw, "forms"),
        once=_read_forms(raw, "once"),
        parts=parts,
        half_day=int(worth.get("day", Fraction()) * parts),
        month=int(worth.get("month", Fraction()) * parts),
        caps={key: hours * MINUTES[quota.unit] * parts for key, hours in caps.items()},
        capped_by=capped_by,
    )


def _read_forms(raw: Raw, key: str) -> tuple[str, ...]:
    forms = reading.texts(raw, key)
    for form in forms:
        reading.choice({key: form}, key, FORMS)
    return forms


def _read_conversion(raw: Raw, unit: str) -> dict[str, Fraction]:
    """Return what a half day and a month are worth in minutes."""
    if "conversion" not in raw:
        return {}
    table = reading.table(raw, "conversion")
    with reading.within("conversion"):
        reading.only(table, ("day", "month"))
        found = {
            key: Fraction(*read_fraction(table, key, at_most_one=False)) * MINUTES[unit]
            for key in table
        }
    if "day" in found:
        found["day"] /= 2
    return found


def _read_caps(raw: Raw) -> tuple[dict[str, int], str]:
    if "caps" not in raw:
        return {}, ""
    table = reading.table(raw, "caps")
    with reading.within("caps"):
        reading.only(table, (*FORMS, *CATEGORIES))
        caps = {key: reading.whole(table, key, low=0, high=10_000) for key in table}
        if caps and len({key in FORMS for key in caps}) > 1:
            raise Invalid("caps_mixed", N_("上限只能都按形式写，或都按类别写"))
    by_form = any(key in FORMS for key in caps)
    return caps, "" if not caps else CAPPED[0 if by_form else 1]


def _read_share(raw: Raw) -> Share | None:
    if "share" not in raw:
        return None
    table = reading.table(raw, "share")
    with reading.within("share"):
        reading.only(table, CATEGORIES)
        if len(table) != 1:
            raise Invalid("one_share", N_("只能写一个类别"))
        ((category, _parts),) = table.items()
        return Share(category, *read_fraction(table, category))


def _check_total(quota: Quota) -> None:
    """Refuse what nobody could ever reach: by the caps, or in the days that there are."""
    caps = quota.caps or {}
    if quota.capped_by == "category" and quota.share:
        most = caps.get(quota.share.category)
        if most is not None and most < quota.needed_share:
            _impossible("caps", in_unit(most, quota), in_unit(quota.needed_share, quota))
    can_count = set(quota.forms or FORMS) if quota.capped_by == "form" else set(CATEGORIES)
    if quota.category and quota.capped_by == "category":
        can_count = {quota.category}
    if (
        quota.capped_by
        and can_count <= caps.keys()
        and (quota.forms or quota.capped_by == "category")
    ):
        most = sum(caps[key] for key in can_count)
        if most < quota.needed:
            _impossible("caps", in_unit(most, quota), str(quota.minimum))
    days = None
    if quota.window == "between" and quota.first and quota.last:
        days = (quota.last - quota.first).days + 1
    elif quota.window == "calendar_year":
        days = 366
    elif quota.years:
        days = 366 * quota.years
    if days is not None and days * MINUTES_A_DAY * quota.parts < quota.needed:
        most = days * MINUTES_A_DAY * quota.parts
        _impossible("minimum", in_unit(most, quota), str(quota.minimum))


def _impossible(where: str, most: str, needed: str) -> None:
    raise Invalid(
        "impossible_total",
        N_("最多只能达到 %(most)s，达不到 %(needed)s"),
        where=where,
        most=most,
        needed=needed,
    )
