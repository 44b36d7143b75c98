"""Our own JSON: an array of items in the shape that docs/formats.md describes. Carries everything
but the bytes of pictures and recordings.

A text is ``{"html", "source", "markup"}``. Reading takes ``source`` and ``markup``; ``html`` is
made anew, so that nobody can slip script past the cleaning. A bare string is plain text, and
``html`` alone is the source of a text in HTML.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from lms.interop.formats import _text
from lms.interop.types import (
    FIELDS,
    FULL,
    NO_TEXT,
    Answer,
    Format,
    Item,
    Kind,
    Markup,
    Media,
    Note,
    Option,
    Pair,
    Read,
    ScoringPoint,
    Source,
    Text,
    Unit,
    names_of,
    note,
    note_of,
)
from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

_DEEPEST = 3
_BIGGEST = 12
"""Digits before the point of any number in the file."""


class Json(Format):
    name = "json"
    label = N_("JSON")
    suffix = ".json"
    kinds = frozenset(Kind)
    carries = frozenset(FIELDS) - {"media"}
    markups = frozenset(Markup)
    remarks = (N_("图片和音频只有文件名"),)

    def recognizes(self, data: bytes, name: str) -> bool:
        return name.lower().endswith(".json") or data.lstrip()[:2] in {b"[{", b"[]"}

    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        text, taken, notes = _text.decode(data, encoding)
        try:
            found = json.loads(text, parse_float=Decimal, parse_constant=_constant)
        except json.JSONDecodeError as fault:
            raise Invalid(
                "bad_json", N_("不是 JSON：%(why)s"), where=str(fault.lineno), why=fault.msg
            ) from fault
        except (RecursionError, ValueError) as fault:
            raise Invalid("bad_json", N_("不是 JSON：%(why)s"), why=str(fault)[:80]) from fault
        if not isinstance(found, list):
            raise Invalid("not_array", N_("最外层要是题目的数组 [ … ]"))
        _text.check_count(len(found))
        items = tuple(_item(raw, str(at)) for at, raw in enumerate(found))
        return Read(items, tuple(notes), encoding=taken)

    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        raw = [to_raw(item) for item in items]
        return (json.dumps(raw, ensure_ascii=False, indent=2) + "\n").encode()


FORMAT = Json()


def to_raw(item: Item, *, texts: Callable[[Text], Any] | None = None) -> dict[str, Any]:
    """Return an item as JSON can hold it, every key present.

    :param texts: how a text is told; as HTML, source and markup unless given.
    """
    said = texts or _text_raw
    return {
        "kind": str(item.kind),
        "name": item.name,
        "stem": said(item.stem),
        "options": [_raw(option, said) for option in item.options],
        "answers": [_raw(answer, said) for answer in item.answers],
        "tolerance": _numeral(item.tolerance),
        "pairs": [_raw(pair, said) for pair in item.pairs],
        "parts": [to_raw(part, texts=texts) for part in item.parts],
        "general_feedback": said(item.general_feedback),
        "units": [_raw(unit, said) for unit in item.units],
        "scoring_points": [_raw(point, said) for point in item.scoring_points],
        "most_points": _numeral(item.most_points),
        "tags": list(item.tags),
        "id": item.id,
        "category": item.category,
        "chapter": item.chapter,
        "point": item.point,
        "difficulty": item.difficulty,
        "score": _numeral(item.score),
        "source": _raw(item.source, said),
        "valid_on": item.valid_on.isoformat() if item.valid_on else None,
        "case_sensitive": item.case_sensitive,
        "any_order": item.any_order,
        "least_chars": item.least_chars,
        "most_chars": item.most_chars,
        "shuffle": item.shuffle,
        "raw": item.raw,
        "notes": [_note_raw(found) for found in item.notes],
    }


def _raw(value: Any, said: Callable[[Text], Any]) -> dict[str, Any]:
    """A small value, field by field."""
    made: dict[str, Any] = {}
    for name in names_of(type(value)):
        inner = getattr(value, name)
        if isinstance(inner, Text):
            inner = said(inner)
        elif isinstance(inner, Decimal):
            inner = _numeral(inner)
        elif isinstance(inner, tuple):
            inner = [list(one) if isinstance(one, tuple) else one for one in inner]
        made[name] = inner
    return made


def _text_raw(text: Text) -> dict[str, str]:
    return {"html": text.html, "source": text.source, "markup": str(text.markup)}


def _note_raw(found: Note) -> dict[str, Any]:
    return {"code": found.code, "message": found.sentence, "line": found.line, "path": found.path}


def _numeral(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _constant(name: str) -> Any:
    raise ValueError(name)


def _item(raw: Any, where: str, depth: int = 1) -> Item:
    """Read one item; a fault makes it an unsupported one that still shows what was there.

    The place of a fault is the path of the array: ``3.options.1.text``.
    """
    try:
        if not isinstance(raw, Mapping):
            raise Invalid("not_table", N_("必须是一个对象"))
        if depth > _DEEPEST:
            raise Invalid("too_deep", N_("小题套得太深"))
        return _checked(raw, where, depth)
    except Invalid as fault:
        path = f"{where}.{fault.where}" if fault.where else where
        shown = json.dumps(raw, ensure_ascii=False, default=str)[:4000]
        found = note_of(fault, path=path)
        return Item(Kind.UNSUPPORTED, Text(shown), raw=shown, notes=(found,))


def _checked(raw: Raw, where: str, depth: int) -> Item:
    parts = tuple(
        _item(part, f"{where}.parts.{at}", depth + 1) for at, part in enumerate(_list(raw, "parts"))
    )
    answers = _each(raw, "answers", _answer)
    general = _decimal(raw, "tolerance")
    if general is not None and answers and all(a.tolerance is None for a in answers):
        answers = tuple(Answer(a.text, a.weight, a.feedback, general, a.blank) for a in answers)
    unknown = sorted(set(raw) - {*names_of(Item), "tolerance"})
    return Item(
        kind=Kind(reading.choice(raw, "kind", tuple(Kind))),
        stem=_said(raw, "stem"),
        name=_string(raw, "name"),
        options=_each(raw, "options", _option),
        answers=answers,
        pairs=_each(raw, "pairs", lambda one: Pair(_said(one, "left"), _said(one, "right"))),
        parts=parts,
        general_feedback=_said(raw, "general_feedback"),
        units=_each(raw, "units", _unit),
        scoring_points=_each(raw, "scoring_points", _point),
        most_points=_decimal(raw, "most_points"),
        tags=_strings(raw, "tags"),
        id=_string(raw, "id"),
        category=_string(raw, "category"),
        chapter=_string(raw, "chapter"),
        point=_string(raw, "point"),
        raw=_string(raw, "raw"),
        difficulty=_difficulty(raw),
        score=_decimal(raw, "score"),
        source=_source(raw),
        valid_on=_day(raw),
        case_sensitive=reading.flag(raw, "case_sensitive", default=False),
        any_order=reading.flag(raw, "any_order", default=False),
        least_chars=_characters(raw, "least_chars"),
        most_chars=_characters(raw, "most_chars"),
        shuffle=reading.flag(raw, "shuffle", default=True),
        notes=(*_notes(raw), *(_unknown(where, key) for key in unknown)),
    )


def _unknown(where: str, key: str) -> Note:
    return note("unknown_key", N_("不认识这个键"), path=f"{where}.{key}"[:80])


def _notes(raw: Raw) -> tuple[Note, ...]:
    """Notes of an earlier reading stay notes."""
    return tuple(
        Note(
            _string(one, "code"),
            _string(one, "message"),
            _line(one),
            _string(one, "path"),
        )
        for one in _list(raw, "notes")
        if isinstance(one, Mapping)
    )


def _line(raw: Raw) -> int | None:
    line = raw.get("line")
    return line if isinstance(line, int) and 0 < line < 10**9 else None


def _option(raw: Raw) -> Option:
    return Option(
        _said(raw, "text"),
        reading.flag(raw, "correct", default=False),
        _decimal(raw, "weight"),
        _said(raw, "feedback"),
    )


def _answer(raw: Raw) -> Answer:
    weight = _decimal(raw, "weight") if "weight" in raw else FULL
    blank = reading.whole(raw, "blank", low=1, high=500, default=1)
    return Answer(
        _said(raw, "text"), weight, _said(raw, "feedback"), _decimal(raw, "tolerance"), blank
    )


def _unit(raw: Raw) -> Unit:
    shown = reading.flag(raw, "shown", default=True)
    return Unit(_string(raw, "name"), _decimal(raw, "factor") or Decimal(1), shown)


def _point(raw: Raw) -> ScoringPoint:
    points = _decimal(raw, "points")
    with reading.within("synonyms"):
        synonyms = tuple(
            _shown(one, str(at)) if isinstance(one, str) else _strings({str(at): one}, str(at))
            for at, one in enumerate(_list(raw, "synonyms"))
        )
    return ScoringPoint(_said(raw, "text"), Decimal(1) if points is None else points, synonyms)


def _source(raw: Raw) -> Source:
    found = raw.get("source") or {}
    if isinstance(found, str):
        return Source(found)
    if not isinstance(found, Mapping):
        raise Invalid("not_table", N_("必须是一个对象"), where="source")
    with reading.within("source"):
        return Source(**{key: _string(found, key) for key in names_of(Source)})


def _difficulty(raw: Raw) -> int | None:
    if raw.get("difficulty") is None:
        return None
    return reading.whole(raw, "difficulty", low=1, high=3)


def _characters(raw: Raw, key: str) -> int | None:
    if raw.get(key) is None:
        return None
    return reading.whole(raw, key, low=0, high=100_000)


def _day(raw: Raw) -> date | None:
    return reading.optional_day(raw, "valid_on")


def _each(raw: Raw, key: str, read: Callable[[Raw], Any]) -> tuple[Any, ...]:
    made = []
    for at, one in enumerate(_list(raw, key)):
        with reading.within(key, at):
            if isinstance(one, str):
                one = {"text": one}  # noqa: PLW2901 - a bare string is a short way to say it
            if not isinstance(one, Mapping):
                raise Invalid("not_table", N_("必须是一个对象"))
            made.append(read(one))
    return tuple(made)


def _list(raw: Raw, key: str) -> list[Any]:
    value = raw.get(key) or []
    if not isinstance(value, list):
        raise Invalid("not_list", N_("必须是一个数组"), where=key)
    with reading.within(key):
        _text.too_many(value, key)
    return value


def _said(raw: Raw, key: str) -> Text:
    value = raw.get(key)
    if value is None or value == "":
        return NO_TEXT
    if isinstance(value, str):
        return Text(_shown(value, key))
    if not isinstance(value, Mapping):
        raise Invalid("not_text", N_("必须是文字"), where=key)
    with reading.within(key):
        if "source" not in value and "html" in value:
            return Text(_string(value, "html"), Markup.HTML)
        markup = reading.choice(value, "markup", tuple(Markup), default="plain")
        return Text(_string(value, "source"), Markup(markup))


def _string(raw: Raw, key: str) -> str:
    value = raw.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid("not_text", N_("必须是文字"), where=key)
    return _shown(value, key)


def _shown(value: str, key: str) -> str:
    if len(value) > _text.LONGEST_TEXT:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where=key, n=_text.LONGEST_TEXT)
    return _text.without_controls(value)


def _strings(raw: Raw, key: str) -> tuple[str, ...]:
    value = _list(raw, key)
    if not all(isinstance(one, str) for one in value):
        raise Invalid("not_texts", N_("必须是文字的列表"), where=key)
    return tuple(_shown(one, key) for one in value)


def _decimal(raw: Raw, key: str) -> Decimal | None:
    value = raw.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Invalid("not_number", N_("必须是数"), where=key)
    if not math.isfinite(value) or abs(value) >= 10**_BIGGEST or abs(_exponent(value)) > 30:
        raise Invalid("not_number", N_("必须是数"), where=key)
    return Decimal(value)


def _exponent(value: float | Decimal) -> int:
    return int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0
