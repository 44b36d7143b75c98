"""Read rule files from ``question_bank/rules/``. Reads files; knows no database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lms.kernel import reading
from lms.kernel.authoring import Document, Faults, digest_of, plain, read_folder
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import FORMS
from lms.regulations.types import CERTAINTIES, KINDS, RuleText

_KEYS = (
    "id", "kind", "title", "title_en", "effective_from", "effective_to", "source", "certainty",
    "note", "body",
)  # fmt: skip
_LEVELS = ("junior", "intermediate", "senior")
_UNITS = ("credit_hour", "clock_hour")
_SCHEME_KEYS = (
    "scheme", "who", "unit", "period", "years", "minimum", "share", "levels", "first", "last",
    "forms", "once", "conversion",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One checked author's file."""

    path: Path
    digest: str
    document: Document = field(repr=False, compare=False)
    rule: RuleText
    """Its ``version_id`` is 0: the database gives one when it is loaded."""


def read_all(root: Path, faults: Faults) -> list[RuleFile]:
    """Read every rule under ``root/rules``, in path order; faults are collected."""
    return read_folder(root / "rules", _read, faults, key=lambda file: file.rule.key)


def _read(document: Document) -> RuleFile:
    raw = document.table
    reading.only(raw, _KEYS)
    kind = reading.choice(raw, "kind", KINDS)
    body = plain(reading.table(raw, "body"))
    with reading.within("body"):
        _BODIES[kind](body)
    starts = reading.day(raw, "effective_from")
    ends = reading.optional_day(raw, "effective_to")
    if ends is not None and ends < starts:
        raise Invalid("ends_first", N_("不能早于 effective_from"), where="effective_to")
    rule = RuleText(
        version_id=0,
        key=reading.identifier(raw),
        kind=kind,
        title=reading.text(raw, "title"),
        title_en=reading.text(raw, "title_en"),
        effective_from=starts,
        effective_to=ends,
        source=reading.text(raw, "source"),
        certainty=reading.choice(raw, "certainty", CERTAINTIES),
        body=body,
    )
    return RuleFile(document.path, digest_of(plain(raw)), document, rule)


def _marking(body: Raw) -> None:
    """Check what is common to all tables; what a kind's method reads, the question bank knows."""
    _practice_marking(body)
    for kind in ("single_choice", "multiple_choice"):
        reading.table(body, kind)


def _practice_marking(body: Raw) -> None:
    unit = reading.whole(body, "unit", low=1, high=5040, default=2)
    reading.flag(body, "floor", default=True)
    for kind in body:
        if kind in {"unit", "floor"}:
            continue
        with reading.within(kind):
            table = reading.table(body, kind)
            for name, value in table.items():
                if isinstance(value, str):
                    reading.identifier(table, name)
                else:
                    reading.whole(table, name, low=int(name == "full"), high=1000 * unit)


def _pass_line(body: Raw) -> None:
    reading.only(body, ("level", "year", "area", "pass", "out_of", "valid_in"))
    reading.choice(body, "level", _LEVELS)
    area = reading.choice(body, "area", ("national", "key_counties"))
    if "valid_in" in body:  # a certificate won by the national line is valid everywhere
        reading.choice(body, "valid_in", () if area == "national" else (area,))
    out_of = reading.whole(body, "out_of", low=1, high=2000)
    reading.whole(body, "pass", low=1, high=out_of)
    if "year" in body:
        reading.whole(body, "year", low=2008, high=2100)


def _passing_window(body: Raw) -> None:
    reading.only(body, ("level", "subjects", "consecutive_years", "proof_years", "extensions"))
    reading.choice(body, "level", _LEVELS)
    reading.texts(body, "subjects", at_least=1)
    reading.whole(body, "consecutive_years", low=1, high=10)
    reading.whole(body, "proof_years", low=0, high=10, default=0)
    for index, extension in enumerate(reading.tables(body, "extensions")):
        with reading.within("extensions", index):
            reading.only(extension, ("area", "year", "years", "source", "certainty"))
            reading.text(extension, "area")
            reading.whole(extension, "year", low=2008, high=2100)
            reading.whole(extension, "years", low=1, high=5)
            reading.text(extension, "source")
            reading.choice(extension, "certainty", CERTAINTIES)


def _hours_scheme(body: Raw) -> None:
    reading.only(body, _SCHEME_KEYS)
    reading.identifier(body, "scheme")
    reading.text(body, "who")
    reading.choice(body, "unit", _UNITS)
    period = reading.choice(
        body, "period", ("calendar_year", "registration", "plan_period", "program")
    )
    reading.whole(body, "years", low=1, high=10)
    reading.whole(body, "minimum", low=0, high=2000)
    _window_of_hours(body, period)
    _fractions(body, "share", ("professional", "general"))
    _fractions(body, "conversion", ("day", "month"), at_most_one=False)
    for key in ("forms", "once"):
        for form in reading.texts(body, key):
            reading.choice({key: form}, key, FORMS)


def _window_of_hours(body: Raw, period: str) -> None:
    if period == "registration":
        for level in reading.texts(body, "levels", at_least=1):
            reading.choice({"levels": level}, "levels", _LEVELS)
    elif "levels" in body:
        raise Invalid("unknown_key", N_("这种计算期不写这一项"), where="levels")
    if {"first", "last"} & body.keys():
        if period != "plan_period":
            raise Invalid("unknown_key", N_("这种计算期不写这一项"), where="first")
        if reading.day(body, "last") < reading.day(body, "first"):
            raise Invalid("ends_first", N_("结束日期早于开始日期"), where="last")


def _fractions(body: Raw, key: str, names: tuple[str, ...], *, at_most_one: bool = True) -> None:
    table = reading.table(body, key) if key in body else {}
    with reading.within(key):
        reading.only(table, names)
        for name in table:
            _fraction(table, name, at_most_one=at_most_one)


def _fraction(raw: Raw, key: str, *, at_most_one: bool) -> None:
    value = raw[key]
    whole = isinstance(value, list) and all(type(n) is int for n in value)
    if not whole or len(value) != 2 or min(value) < 1 or (at_most_one and value[0] > value[1]):
        raise Invalid("not_fraction", N_("必须是不大于一的分数，如 [2, 3]"), where=key)


def _exam_calendar(body: Raw) -> None:
    reading.only(body, ("year", "days", "announced", "registration"))
    reading.whole(body, "year", low=2008, high=2100)
    reading.texts(body, "days", at_least=1, at_most=4)
    for index, _text in enumerate(body["days"]):
        reading.day({f"days.{i}": t for i, t in enumerate(body["days"])}, f"days.{index}")
    reading.flag(body, "announced")


_BODIES: Mapping[str, Callable[[Raw], None]] = {
    "marking": _marking,
    "practice_marking": _practice_marking,
    "pass_line": _pass_line,
    "passing_window": _passing_window,
    "hours_scheme": _hours_scheme,
    "exam_calendar": _exam_calendar,
}
