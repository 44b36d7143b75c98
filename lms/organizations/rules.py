"""What may stand where, what codes and names look like, which days can be noted. Pure."""

import re
import unicodedata
from datetime import date

from lms.kernel.errors import N_, Conflict, Invalid
from lms.organizations.types import (
    GB_32100,
    GB_T_2260,
    MCA,
    NBS,
    OURS,
    Code,
    OrganizationKind,
    Sector,
)

_KIND = OrganizationKind
_OFFICES = frozenset({_KIND.DEPARTMENT, _KIND.PARTY_SCHOOL, _KIND.AGENCY})

HOLDS: dict[OrganizationKind, frozenset[OrganizationKind]] = {
    _KIND.PROVINCE: frozenset({_KIND.PREFECTURE}) | _OFFICES,
    _KIND.PREFECTURE: frozenset({_KIND.COUNTY, _KIND.PREFECTURE_CENTER}) | _OFFICES,
    _KIND.COUNTY: frozenset(
        {_KIND.TOWNSHIP, _KIND.COUNTY_HUB, _KIND.TOWNSHIP_STATION, _KIND.VILLAGE_ROOM}
    )
    | _OFFICES,
    _KIND.TOWNSHIP: frozenset({_KIND.TOWNSHIP_STATION, _KIND.VILLAGE_ROOM}) | _OFFICES,
    _KIND.PREFECTURE_CENTER: frozenset({_KIND.COUNTY_HUB}),
    _KIND.COUNTY_HUB: frozenset({_KIND.TOWNSHIP_STATION}),
    _KIND.TOWNSHIP_STATION: frozenset({_KIND.VILLAGE_ROOM}),
    _KIND.VILLAGE_ROOM: frozenset(),
    _KIND.DEPARTMENT: _OFFICES,
    _KIND.PARTY_SCHOOL: frozenset({_KIND.DEPARTMENT}),
    _KIND.AGENCY: frozenset(),
}
"""Kind -> the kinds that may stand directly below it. Stations stand in the region they serve, or
below the next higher station. What was merged stands below its successor, whatever its kind."""

_STATIONS = frozenset(
    {_KIND.PREFECTURE_CENTER, _KIND.COUNTY_HUB, _KIND.TOWNSHIP_STATION, _KIND.VILLAGE_ROOM}
)
FAMILIES = (
    _STATIONS,
    _OFFICES,
    *(frozenset({kind}) for kind in _KIND if kind not in _STATIONS | _OFFICES),
)
"""Kinds that can go into each other: a station into a station, an office into an office, a region
into one of its own kind."""

LONGEST_NAME = 60
"""Characters."""
LONGEST_CODE = 40
MOST_SHORT_NAMES = 10

SINCE_ALWAYS = date.min
"""The first day of what nobody knows the beginning of."""

_SHAPES: dict[str, tuple[re.Pattern[str], str]] = {
    GB_T_2260: (re.compile(r"[1-9][0-9]{5}"), N_("行政区划代码（GB/T 2260）应为 6 位数字")),
    MCA: (re.compile(r"[1-9][0-9]{8}"), N_("民政部代码应为 9 位数字")),
    NBS: (re.compile(r"[1-9][0-9]{8}([0-9]{3})?"), N_("统计局代码应为 12 位（或 9 位）数字")),
    GB_32100: (
        re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{18}"),
        N_("统一社会信用代码应为 18 位数字和大写字母，不含 I、O、S、V、Z"),
    ),
    OURS: (
        re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*"),
        N_("本平台编号只能用字母、数字、点、短横和下划线，以字母或数字开头"),
    ),
}
"""Code system -> what its codes look like, and what to say of one that does not."""

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def holders_of(kind: OrganizationKind) -> frozenset[OrganizationKind]:
    """Return the kinds below which an organization of a kind may stand."""
    return frozenset(above for above, below in HOLDS.items() if kind in below)


def check_holds(parent: OrganizationKind, kind: OrganizationKind) -> None:
    """Refuse a place that an organization of this kind has no business at.

    :raises Conflict: ``wrong_place``.
    """
    if kind not in HOLDS[parent]:
        raise Conflict("wrong_place", N_("这一类单位不能放在所选的上级单位下面"))


def mergeable_with(kind: OrganizationKind) -> frozenset[OrganizationKind]:
    """Return the kinds of organizations that one of a kind can go into."""
    return next(family for family in FAMILIES if kind in family)


def check_merges(kind: OrganizationKind, successor: OrganizationKind) -> None:
    """Refuse a merger of things too unlike.

    :raises Conflict: ``unlike``.
    """
    if successor not in mergeable_with(kind):
        raise Conflict("unlike", N_("这两类单位不能合并"))


def check_sector(kind: OrganizationKind, sector: Sector | None) -> None:
    """Refuse a sector for what is no department.

    :raises Invalid: ``no_sector``.
    """
    if sector is not None and kind is not OrganizationKind.DEPARTMENT:
        raise Invalid("no_sector", N_("只有部门才填条线"), where="sector")


def clean_code(code: Code) -> Code:
    """Return a checked code in its one spelling. A system that we do not know is not checked.

    :raises Invalid: ``bad_code``, with what exactly is wrong; ``where`` is the system.
    """
    text = "".join(unicodedata.normalize("NFKC", code.code).split())
    if code.system == GB_32100:
        text = text.upper().replace("-", "")
    if not text or len(text) > LONGEST_CODE:
        raise _bad(code.system, N_("代码不能为空，最多 %(n)s 位"), n=LONGEST_CODE)
    if code.system in _SHAPES:
        shape, words = _SHAPES[code.system]
        if not shape.fullmatch(text):
            raise _bad(code.system, words)
    if code.system == GB_32100 and text[17] != credit_check(text[:17]):
        raise _bad(code.system, N_("统一社会信用代码校验位不对，请核对每一位"))
    return Code(code.system, text)


def credit_check(first: str) -> str:
    """Return the check character of the first 17 of a unified social credit identifier.

    GB 32100-2015: weights are powers of 3 modulo 31.
    """
    total = sum(_USCC.index(each) * pow(3, at, 31) for at, each in enumerate(first))
    return _USCC[-total % 31]


def _bad(system: str, words: str, **params: object) -> Invalid:
    return Invalid("bad_code", words, where=system, **params)


def clean_name(text: str) -> str:
    """Return a name as it is stored: no spaces around it, none doubled.

    :raises Invalid: ``bad_name``: empty, too long, or with characters no name has.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > LONGEST_NAME or not any(c.isalpha() for c in name):
        raise Invalid(
            "bad_name", N_("单位名称不能为空，最多 %(n)s 个字"), where="name", n=LONGEST_NAME
        )
    if any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"} or c in "<>=@;" for c in name):
        raise Invalid("bad_name", N_("单位名称里有不该有的符号"), where="name")
    return name


def clean_short_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return short names, each once, in the order they were given.

    :raises Invalid: ``bad_name``, ``too_many_names``.
    """
    cleaned = tuple(dict.fromkeys(clean_name(name) for name in names if name.strip()))
    if len(cleaned) > MOST_SHORT_NAMES:
        raise Invalid(
            "too_many_names",
            N_("简称最多 %(n)s 个"),
            where="short_names",
            n=MOST_SHORT_NAMES,
        )
    return cleaned


def search_key(text: str) -> str:
    """Return what all spellings of a name have in common: width, case, spaces do not count."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", text).casefold()
        if not character.isspace() and unicodedata.category(character) not in {"Cf", "Cc"}
    )


def check_day(on: date, *, today: date, last: date | None) -> None:
    """Refuse a day on which a change cannot have happened.

    :param last: the day of the last change that it must follow, none if there was none.
    :raises Invalid: ``future_day``, ``before_last_change``.
    """
    if on > today:
        raise Invalid("future_day", N_("日期不能晚于今天"), where="on")
    if last is not None and on < last:
        raise Invalid(
            "before_last_change",
            N_("日期不能早于上一次变动（%(last)s）"),
            where="on",
            last=last.isoformat(),
        )
