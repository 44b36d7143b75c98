"""Questions as authors write them: for each kind, its own keys in a table and what they say.

The keys are those that the kinds of the question bank read (``lms.question_bank.kinds``). One pair
of functions for each kind, in one table, serves our TOML files and the bank itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from string import ascii_uppercase
from typing import Any

from lms.interop.formats import _text
from lms.interop.formats._markdown import markdown_of
from lms.interop.types import (
    FULL,
    NO_TEXT,
    NOTHING,
    Answer,
    Item,
    Kind,
    Markup,
    Option,
    Pair,
    ScoringPoint,
    Text,
    Unit,
    is_true,
    right_answers,
    true_false,
)
from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

Table = dict[str, Any]
Fields = dict[str, Any]

HALVES = 2
"""Half points in a point: marks of scoring points are whole half points."""
_PLACE = re.compile(r"\{#([0-9]{1,3})\}")
_OWN_PLACE = re.compile(r"\[\[([0-9]{1,3})\]\]")
_KEPT_PLACE = re.compile("\ue001([0-9]{1,3})\ue002")
_PARTS = frozenset(Kind) - {
    Kind.CASE_ANALYSIS,
    Kind.PLAN_DESIGN,
    Kind.DESCRIPTION,
    Kind.UNSUPPORTED,
}


@dataclass(frozen=True, slots=True)
class Authored:
    """How one kind stands in an author's table."""

    keys: tuple[str, ...]
    write: Callable[[Item], Table]
    """An item -> the kind's own keys. Raises :class:`Invalid` where there is no such table."""
    read: Callable[[Raw], Fields]
    """The kind's own keys -> fields of an item."""


def table_of(item: Item) -> Table:
    """Return the kind's own keys of an item's table.

    :raises Invalid: the item has no key, or is of no kind that authors write.
    """
    return _of(item.kind).write(item)


def stem_of(item: Item) -> str:
    """Return an item's stem in Markdown, with the places of a cloze as authors write them."""
    if item.kind is not Kind.CLOZE:
        return markdown_of(item.stem)
    kept = Text(_PLACE.sub("\ue001\\1\ue002", item.stem.source), item.stem.markup)
    return _KEPT_PLACE.sub(r"[[\1]]", markdown_of(kept))


def fields_of(kind: Kind, raw: Raw) -> Fields:
    """Return what a kind's own keys say of an item.

    :raises Invalid: naming the faulty key.
    """
    return _of(kind).read(raw)


def stem_from(kind: Kind, stem: str) -> Text:
    """Return the stem of an item whose author wrote this."""
    return markdown(_OWN_PLACE.sub(r"{#\1}", stem) if kind is Kind.CLOZE else stem)


def keys_of(kind: Kind) -> tuple[str, ...]:
    """Return the keys of a kind's own table."""
    return _of(kind).keys


def markdown(text: str) -> Text:
    """Return a text as authors write it."""
    text = _text.without_controls(text)
    return Text(text, Markup.MARKDOWN) if text.strip() else NO_TEXT


def _of(kind: Kind) -> Authored:
    if kind not in KINDS:
        raise Invalid("no_question", N_("不是能导入的试题"), where="kind")
    return KINDS[kind]


def _choice(item: Item) -> Table:
    right = [letter for letter, one in _lettered(item.options) if one.correct]
    if not right:
        raise Invalid("no_right_answer", N_("没有一个选项是对的"), where="answer")
    if item.kind is Kind.SINGLE_CHOICE and len(right) > 1:
        raise Invalid(
            "many_right", N_("单项选择题有 %(n)s 个对的选项"), where="answer", n=len(right)
        )
    return {"options": [markdown_of(one.text) for one in item.options], "answer": "".join(right)}


def _lettered(options: Sequence[Option]) -> list[tuple[str, Option]]:
    if len(options) > len(ascii_uppercase):
        raise Invalid("too_many", N_("选项太多，最多 %(n)s 个"), where="options", n=26)
    return list(zip(ascii_uppercase, options, strict=False))


def _single_from(raw: Raw) -> Fields:
    return _choice_from(raw, single=True)


def _multiple_from(raw: Raw) -> Fields:
    return _choice_from(raw, single=False)


def _choice_from(raw: Raw, *, single: bool) -> Fields:
    options = _strings(raw, "options")
    answer = reading.text(raw, "answer")
    letters = ascii_uppercase[: len(options)]
    if not set(answer) <= set(letters) or (single and len(answer) != 1):
        raise Invalid(
            "foreign_answer", N_("答案 %(key)s 不是一个选项"), where="answer", key=answer[:20]
        )
    weights = {True: FULL, False: NOTHING} if single else {True: None, False: None}
    made = tuple(
        Option(markdown(text), letter in answer, weights[letter in answer])
        for letter, text in zip(letters, options, strict=False)
    )
    return {"options": made}


def _truth(item: Item) -> Table:
    return {"answer": is_true(item)}


def _truth_from(raw: Raw) -> Fields:
    return true_false(truth=reading.flag(raw, "answer"))


def _blanks(item: Item) -> Table:
    found: dict[int, list[str]] = {}
    for one in right_answers(item):
        found.setdefault(one.blank, []).append(_text.plain(one.text))
    if not found:
        raise Invalid("no_right_answer", N_("没有答案"), where="blanks")
    if sorted(found) != list(range(1, len(found) + 1)):
        raise Invalid("no_right_answer", N_("有的空没有答案"), where="blanks")
    made: Table = {"blanks": [_once(found[at]) for at in sorted(found)]}
    return made | ({"any_order": True} if item.any_order else {})


def _blanks_from(raw: Raw) -> Fields:
    listed = raw.get("blanks")
    if not isinstance(listed, list | tuple) or not listed:
        raise Invalid("not_texts", N_("必须是文字的列表"), where="blanks")
    answers = []
    for at, texts in enumerate(listed):
        with reading.within("blanks"):
            texts = _list_of_strings(texts, str(at))  # noqa: PLW2901 - checked, the same
            answers += [Answer(_bare(text), blank=at + 1) for text in texts]
    return {
        "answers": tuple(answers),
        "any_order": reading.flag(raw, "any_order", default=False),
    }


def _short(item: Item) -> Table:
    texts = _once([_text.plain(one.text) for one in right_answers(item)])
    if not texts:
        raise Invalid("no_right_answer", N_("没有答案"), where="answers")
    return {"answers": texts}


def _short_from(raw: Raw) -> Fields:
    return {"answers": tuple(Answer(_bare(text)) for text in _strings(raw, "answers"))}


def _number(item: Item) -> Table:
    value, tolerance = _numeral(item)
    made: Table = {"answer": value, "tolerance": tolerance}
    names = [unit.name for unit in item.units if unit.factor == 1]
    if names:
        made["unit"] = names[0]
    if len(names) > 1:
        made["units"] = names[1:]
    return made


def _numeral(item: Item) -> tuple[str, str]:
    """Return the key of a numeric question and how far off is still right, as text."""
    answer = next(iter(right_answers(item)), None)
    value = _text.number(answer.text.source) if answer else None
    if answer is None or value is None:
        raise Invalid("no_right_answer", N_("没有数值答案"), where="answer")
    return _text.digits(value), _text.digits(answer.tolerance or NOTHING)


def _number_from(raw: Raw) -> Fields:
    unit = reading.text(raw, "unit", default="")
    names = [unit] if unit else []
    names += _strings(raw, "units") if "units" in raw else []
    return {
        "answers": (_number_answer(raw, "answer"),),
        "units": tuple(Unit(name) for name in names),
    }


def _number_answer(raw: Raw, key: str) -> Answer:
    value = _decimal(raw, key)
    tolerance = _decimal(raw, "tolerance") if "tolerance" in raw else NOTHING
    return Answer(Text(_text.digits(value)), tolerance=tolerance or None)


def _decimal(raw: Raw, key: str) -> Decimal:
    said = raw.get(key)
    value = _text.number(said) if isinstance(said, str) else None
    if value is None:
        raise Invalid("not_number", N_('必须是写成文字的数，如 "3.5"'), where=key)
    return value


def _cloze(item: Item) -> Table:
    if not item.parts:
        raise Invalid("no_parts", N_("没有小题"), where="gaps")
    gaps = []
    for at, part in enumerate(item.parts):
        with reading.within("gaps", at):
            gaps.append(_gap(part))
    return {"gaps": gaps}


def _gap(part: Item) -> Table:
    if part.kind is Kind.SINGLE_CHOICE:
        return _choice(part)
    if part.kind is Kind.NUMERIC:
        value, tolerance = _numeral(part)
        return {"number": value, **({"tolerance": tolerance} if tolerance != "0" else {})}
    if part.kind is Kind.SHORT_ANSWER:
        return _short(part)
    raise Invalid("gap_kind", N_("空里只能是单项选择、短答案或数值"))


def _cloze_from(raw: Raw) -> Fields:
    parts = []
    for at, gap in enumerate(reading.tables(raw, "gaps", at_least=1)):
        with reading.within("gaps", at):
            parts.append(_gap_from(gap))
    return {"parts": tuple(parts)}


def _gap_from(gap: Raw) -> Item:
    if "options" in gap:
        return Item(Kind.SINGLE_CHOICE, NO_TEXT, **_single_from(gap))
    if "number" in gap:
        return Item(Kind.NUMERIC, NO_TEXT, answers=(_number_answer(gap, "number"),))
    return Item(Kind.SHORT_ANSWER, NO_TEXT, **_short_from(gap))


def _pairs(item: Item) -> Table:
    pairs = [[markdown_of(one.left), markdown_of(one.right)] for one in item.pairs if one.left]
    extra = [markdown_of(one.right) for one in item.pairs if not one.left]
    if len(pairs) < 2:
        raise Invalid("few_pairs", N_("配对不到两对"), where="pairs")
    return {"pairs": pairs, **({"extra": extra} if extra else {})}


def _pairs_from(raw: Raw) -> Fields:
    listed = raw.get("pairs")
    if not isinstance(listed, list | tuple):
        raise Invalid("not_pairs", N_("必须是 [左, 右] 的列表"), where="pairs")
    _text.too_many(listed, "pairs")
    made = []
    for at, pair in enumerate(listed):
        with reading.within("pairs"):
            sides = _list_of_strings(pair, str(at))
            if len(sides) != 2:
                raise Invalid("not_pairs", N_("必须是 [左, 右] 的列表"), where=str(at))
            made.append(Pair(markdown(sides[0]), markdown(sides[1])))
    extra = _strings(raw, "extra") if "extra" in raw else []
    return {"pairs": (*made, *(Pair(NO_TEXT, markdown(text)) for text in extra))}


def _order(item: Item) -> Table:
    if len(item.options) < 2:
        raise Invalid("few_options", N_("选项不到两个"), where="items")
    return {"items": [markdown_of(one.text) for one in item.options]}


def _order_from(raw: Raw) -> Fields:
    return {"options": tuple(Option(markdown(text)) for text in _strings(raw, "items"))}


def _essay(item: Item) -> Table:
    made = _open(item)
    if item.least_chars is not None:
        made["least_chars"] = item.least_chars
    if item.most_chars is not None:
        made["most_chars"] = item.most_chars
    return made


def _open(item: Item) -> Table:
    """The keys that every written answer may have: a model and scoring points."""
    models = [markdown_of(one.text) for one in item.answers if one.text]
    made: Table = {"model": "\n\n".join(models)} if models else {}
    if item.scoring_points:
        made["points"] = [_point(one) for one in item.scoring_points]
    return made


def _point(one: ScoringPoint) -> Table:
    marks = max(1, int(one.points * HALVES))
    made: Table = {"text": markdown_of(one.text), "marks": marks}
    return made | ({"synonyms": list(one.synonyms)} if one.synonyms else {})


def _essay_from(raw: Raw) -> Fields:
    made = _open_from(raw)
    for key in ("least_chars", "most_chars"):
        if key in raw:
            made[key] = reading.whole(raw, key, low=0, high=100_000)
    return made


def _open_from(raw: Raw) -> Fields:
    model = reading.text(raw, "model", default="")
    points = []
    for at, one in enumerate(reading.tables(raw, "points")):
        with reading.within("points", at):
            points.append(_point_from(one))
    answers = (Answer(markdown(model)),) if model.strip() else ()
    return {"answers": answers, "scoring_points": tuple(points)}


def _point_from(one: Raw) -> ScoringPoint:
    reading.only(one, ("text", "marks", "synonyms"))
    marks = reading.whole(one, "marks", low=1, high=2000)
    synonyms = _strings(one, "synonyms") if "synonyms" in one else []
    text = markdown(reading.text(one, "text"))
    return ScoringPoint(text, Decimal(marks) / HALVES, tuple(synonyms))


def _case(item: Item) -> Table:
    if not item.parts:
        raise Invalid("no_parts", N_("没有小题"), where="parts")
    parts = []
    for at, part in enumerate(item.parts):
        with reading.within("parts", at):
            if part.kind not in _PARTS:
                raise Invalid("part_kind", N_("小题不能是这种题型"), where="kind")
            parts.append({"ask": stem_of(part), "kind": str(part.kind), **table_of(part)})
    return {"parts": parts}


def _case_from(raw: Raw) -> Fields:
    parts = []
    for at, part in enumerate(reading.tables(raw, "parts", at_least=1)):
        with reading.within("parts", at):
            kind = Kind(reading.choice(part, "kind", tuple(sorted(_PARTS))))
            reading.only(part, ("ask", "kind", *keys_of(kind)))
            stem = stem_from(kind, reading.text(part, "ask"))
            parts.append(Item(kind, stem, **fields_of(kind, part)))
    return {"parts": tuple(parts)}


def _plan(item: Item) -> Table:
    """Every part is a section; a plan without parts is one section, headed by its name."""
    sections = item.parts or (replace(item, stem=NO_TEXT),)
    made = []
    for at, one in enumerate(sections, start=1):
        section: Table = {"title": one.name or f"第 {at} 部分"}
        hint = markdown_of(one.stem)
        made.append(section | ({"hint": hint} if hint else {}) | _open(one))
    return {"sections": made}


def _plan_from(raw: Raw) -> Fields:
    parts = []
    for at, one in enumerate(reading.tables(raw, "sections", at_least=1)):
        with reading.within("sections", at):
            reading.only(one, ("title", "hint", "model", "points"))
            title, hint = reading.text(one, "title"), reading.text(one, "hint", default="")
            parts.append(Item(Kind.ESSAY, markdown(hint), name=title, **_open_from(one)))
    return {"parts": tuple(parts)}


def _once(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text.strip()))


def _bare(text: str) -> Text:
    return _text.bare(_text.without_controls(text))


def _strings(raw: Raw, key: str) -> list[str]:
    return _list_of_strings(raw.get(key), key)


def _list_of_strings(value: Any, where: str) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise Invalid("not_texts", N_("必须是文字的列表"), where=where)
    with reading.within(where):
        _text.too_many(value, where)
    return list(value)


KINDS: Mapping[Kind, Authored] = {
    Kind.SINGLE_CHOICE: Authored(("options", "answer"), _choice, _single_from),
    Kind.MULTIPLE_CHOICE: Authored(("options", "answer"), _choice, _multiple_from),
    Kind.TRUE_FALSE: Authored(("answer",), _truth, _truth_from),
    Kind.FILL_BLANK: Authored(("blanks", "any_order"), _blanks, _blanks_from),
    Kind.SHORT_ANSWER: Authored(("answers",), _short, _short_from),
    Kind.NUMERIC: Authored(("answer", "tolerance", "unit", "units"), _number, _number_from),
    Kind.CLOZE: Authored(("gaps",), _cloze, _cloze_from),
    Kind.MATCHING: Authored(("pairs", "extra"), _pairs, _pairs_from),
    Kind.ORDERING: Authored(("items",), _order, _order_from),
    Kind.ESSAY: Authored(("model", "points", "least_chars", "most_chars"), _essay, _essay_from),
    Kind.CASE_ANALYSIS: Authored(("parts",), _case, _case_from),
    Kind.PLAN_DESIGN: Authored(("sections",), _plan, _plan_from),
}
"""One line for each kind. A kind is added here and nowhere else in this room."""
