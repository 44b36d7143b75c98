"""What people mark, as authors write it: essays, cases and plans with their scoring points.

Model answers and scoring points are bare text: words are looked for in what was answered.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from lms.interop.formats import _text
from lms.interop.formats._markdown import markdown_of
from lms.interop.formats._own import Fields, Table, bare, list_of_strings, markdown
from lms.interop.formats._own_choice import choice, multiple_from, single_from
from lms.interop.types import (
    NO_TEXT,
    Answer,
    Item,
    Kind,
    ScoringPoint,
    is_true,
    true_false,
)
from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

HALVES = 2
"""Half points in a point: marks are whole half points."""
WRITTEN = ("model", "points", "most", "most_chars")
USUAL: Mapping[Kind, int] = {
    Kind.SINGLE_CHOICE: 2,
    Kind.MULTIPLE_CHOICE: 4,
    Kind.TRUE_FALSE: 2,
}
"""Kinds of choices inside a case -> half points where an item says none: what the official rule
gives such a question alone."""
_CHOICE = ("options", "answer", "weights")
_KEYS = {Kind.SINGLE_CHOICE: _CHOICE, Kind.MULTIPLE_CHOICE: _CHOICE, Kind.TRUE_FALSE: ("answer",)}


def truth(item: Item) -> Table:
    """Return whether a statement is right."""
    return {"answer": is_true(item)}


def truth_from(raw: Raw) -> Fields:
    """Undo :func:`truth`."""
    return true_false(truth=reading.flag(raw, "answer"))


def essay(item: Item) -> Table:
    """Return a written answer and how long it has to be."""
    made = _written(item)
    return made | ({} if item.least_chars is None else {"least_chars": item.least_chars})


def essay_from(raw: Raw) -> Fields:
    """Undo :func:`essay`."""
    made = _written_from(raw)
    if "least_chars" in raw:
        made["least_chars"] = reading.whole(raw, "least_chars", low=0, high=100_000)
    return made


def halves(points: Decimal) -> int:
    """Return half points, whole ones, at least one."""
    return max(1, int(points * HALVES))


def _written(item: Item) -> Table:
    """The keys that every written answer may have: a model and scoring points."""
    models = [_text.plain(one.text) for one in item.answers if one.text]
    made: Table = {"model": "\n\n".join(models)} if models else {}
    if item.scoring_points:
        made["points"] = list(map(_point, item.scoring_points))
    if item.most_points is not None:
        made["most"] = halves(item.most_points)
    return made | ({} if item.most_chars is None else {"most_chars": item.most_chars})


def _point(one: ScoringPoint) -> Table:
    made: Table = {"text": _text.plain(one.text), "marks": halves(one.points)}
    ways = [way if isinstance(way, str) else list(way) for way in one.synonyms]
    return made | ({"synonyms": ways} if ways else {})


def _written_from(raw: Raw) -> Fields:
    model = reading.text(raw, "model", default="")
    points = []
    for at, one in enumerate(reading.tables(raw, "points")):
        with reading.within("points", at):
            points.append(_point_from(one))
    made: Fields = {
        "answers": (Answer(bare(model)),) if model.strip() else (),
        "scoring_points": tuple(points),
    }
    if "most" in raw:
        made["most_points"] = Decimal(reading.whole(raw, "most", low=1, high=60_000)) / HALVES
    if "most_chars" in raw:
        made["most_chars"] = reading.whole(raw, "most_chars", low=0, high=100_000)
    return made


def _point_from(one: Raw) -> ScoringPoint:
    reading.only(one, ("text", "marks", "synonyms"))
    marks = reading.whole(one, "marks", low=1, high=2000)
    return ScoringPoint(
        bare(reading.text(one, "text")), Decimal(marks) / HALVES, _ways(one.get("synonyms", []))
    )


def _ways(listed: Any) -> tuple[str | tuple[str, ...], ...]:
    """Read other ways to say a point: a word, or words that belong together."""
    if not isinstance(listed, list | tuple):
        raise Invalid("not_texts", N_("必须是文字的列表"), where="synonyms")
    _text.too_many(listed, "synonyms")
    with reading.within("synonyms"):
        return tuple(
            way if isinstance(way, str) else tuple(list_of_strings(way, str(at)))
            for at, way in enumerate(listed)
        )


def case(item: Item) -> Table:
    """Return the parts of a case: written ones have no kind, choices have their marks."""
    if not item.parts:
        raise Invalid("no_parts", N_("没有小题"), where="parts")
    parts = []
    for at, part in enumerate(item.parts):
        with reading.within("parts", at):
            parts.append(_part(part))
    return {"parts": parts}


def _part(part: Item) -> Table:
    ask = {"ask": markdown_of(part.stem)}
    if part.kind is Kind.ESSAY:
        return ask | _written(part)
    if part.kind not in USUAL:
        message = N_("小题只能是写文字作答、单项选择、多项选择或判断")
        raise Invalid("part_kind", message, where="kind")
    key = truth(part) if part.kind is Kind.TRUE_FALSE else choice(part)
    return {**ask, "kind": str(part.kind), "marks": marks_of(part), **key}


def marks_of(part: Item) -> int:
    """Return the half points of a choice inside a case; the usual ones where it says none."""
    return USUAL[part.kind] if part.score is None else halves(part.score)


def case_from(raw: Raw) -> Fields:
    """Undo :func:`case`."""
    parts = []
    for at, part in enumerate(reading.tables(raw, "parts", at_least=1)):
        with reading.within("parts", at):
            parts.append(_part_from(part))
    return {"parts": tuple(parts)}


def _part_from(part: Raw) -> Item:
    ask = markdown(reading.text(part, "ask"))
    if "kind" not in part:
        reading.only(part, ("ask", *WRITTEN))
        return Item(Kind.ESSAY, ask, **_written_from(part))
    kind = Kind(reading.choice(part, "kind", tuple(sorted(USUAL))))
    reading.only(part, ("ask", "kind", "marks", *_KEYS[kind]))
    score = Decimal(reading.whole(part, "marks", low=1, high=2000)) / HALVES
    return Item(kind, ask, score=score, **_CHOICES_FROM[kind](part))


def plan(item: Item) -> Table:
    """Every part is a section; a plan without parts is one section, headed by its number."""
    sections = item.parts or (replace(item, stem=NO_TEXT),)
    made = []
    for at, one in enumerate(sections, start=1):
        section: Table = {"title": one.name or f"第 {at} 部分"}
        hint = markdown_of(one.stem)
        made.append(section | ({"hint": hint} if hint else {}) | _written(one))
    return {"sections": made}


def plan_from(raw: Raw) -> Fields:
    """Undo :func:`plan`."""
    parts = []
    for at, one in enumerate(reading.tables(raw, "sections", at_least=1)):
        with reading.within("sections", at):
            reading.only(one, ("title", "hint", *WRITTEN))
            title, hint = reading.text(one, "title"), reading.text(one, "hint", default="")
            parts.append(Item(Kind.ESSAY, markdown(hint), name=title, **_written_from(one)))
    return {"parts": tuple(parts)}


_CHOICES_FROM = {
    Kind.SINGLE_CHOICE: single_from,
    Kind.MULTIPLE_CHOICE: multiple_from,
    Kind.TRUE_FALSE: truth_from,
}
