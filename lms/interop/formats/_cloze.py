"""Embedded answers as Moodle writes them: ``{1:MULTICHOICE:~wrong#feedback~=right}``.

https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type. Inside the item the place of
the first sub-question is ``{#1}``.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html import unescape

from lms.interop.formats import _text
from lms.interop.types import (
    FULL,
    NOTHING,
    Answer,
    Item,
    Kind,
    Markup,
    Note,
    Option,
    Text,
    note,
)
from lms.kernel.errors import N_

_BLOCK = re.compile(r"(?<!\\)\{([0-9]*):([A-Z_]+):((?:\\.|[^\\}])*)\}", re.DOTALL)
_PIECE = re.compile(r"(?<!\\)~")
_FEEDBACK = re.compile(r"(?<!\\)#")
_LEAD = re.compile(r"\s*(=|%(-?[0-9]+(?:\.[0-9]+)?)%)?")
_ESCAPED = re.compile(r"\\([}#~/\"\\])")
_SPECIAL = re.compile(r"([\\}#~])")
_PLACE = re.compile(r"\{#([0-9]+)\}")
_SHORT = {"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"}
_NUMBER = {"NUMERICAL", "NM"}
_SINGLE = {
    "MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH", "MULTICHOICE_S", "MCS",
    "MULTICHOICE_VS", "MCVS", "MULTICHOICE_HS", "MCHS",
}  # fmt: skip
_MULTIPLE = {
    "MULTIRESPONSE", "MR", "MULTIRESPONSE_H", "MRH", "MULTIRESPONSE_S", "MRS",
    "MULTIRESPONSE_HS", "MRHS",
}  # fmt: skip


def read(source: str, *, line: int | None) -> tuple[str, tuple[Item, ...], list[Note]]:
    """Return the text with places, the sub-questions, and what was not understood."""
    parts: list[Item] = []
    notes: list[Note] = []

    def place(found: re.Match[str]) -> str:
        part = _part(found, line, notes)
        if part is None:
            notes.append(
                note("unknown_type", N_("不认识的小题：%(text)s"), line=line, text=found.group())
            )
            return found.group()
        parts.append(part)
        return f"{{#{len(parts)}}}"

    text = _BLOCK.sub(place, source)
    if not parts:
        notes.append(note("no_parts", N_("没有小题"), line=line))
    _text.too_many(parts, "{}", line=line)
    return text, tuple(parts), notes


def written(item: Item) -> Text:
    """Return the stem of a cloze with its sub-questions inside."""

    def block(found: re.Match[str]) -> str:
        number = int(found.group(1))
        return _block(item.parts[number - 1]) if 0 < number <= len(item.parts) else found.group()

    return Text(_PLACE.sub(block, item.stem.source), item.stem.markup)


def _part(found: re.Match[str], line: int | None, notes: list[Note]) -> Item | None:
    score, kind, body = found.groups()
    _text.check_marks(body, "~", line=line)
    pieces = list(_pieces(body))
    _text.too_many(pieces, "~", line=line)
    if kind in _SHORT | _NUMBER:
        answers = []
        for weight, text, feedback in pieces:
            bare = _text.plain(text)
            value, tolerance = _number(bare, line, notes) if kind in _NUMBER else (bare, None)
            answers.append(Answer(_text.bare(value), weight, feedback, tolerance))
        made = Item(
            Kind.NUMERIC if kind in _NUMBER else Kind.SHORT_ANSWER,
            Text(""),
            answers=tuple(answers),
            case_sensitive=kind in {"SHORTANSWER_C", "SAC", "MWC"},
        )
    elif kind in _SINGLE | _MULTIPLE:
        single = kind in _SINGLE
        made = Item(
            Kind.SINGLE_CHOICE if single else Kind.MULTIPLE_CHOICE,
            Text(""),
            options=tuple(
                Option(text, weight == FULL if single else weight > 0, weight, feedback)
                for weight, text, feedback in pieces
            ),
            shuffle=kind.endswith("S"),
        )
    else:
        return None
    return replace(made, score=Decimal(score[:6]) if score else None)


def _number(text: str, line: int | None, notes: list[Note]) -> tuple[str, Decimal | None]:
    value, colon, margin = text.partition(":")
    first, second = _text.number(value), _text.number(margin or "0")
    if text.strip() != "*" and (first is None or second is None):
        notes.append(note("not_a_number", N_("不是数：%(text)s"), line=line, text=text))
        return text, None
    return value.strip(), second if colon else None


def _pieces(body: str) -> Iterator[tuple[Decimal, Text, Text]]:
    for piece in _PIECE.split(body):
        if not piece.strip():
            continue
        lead = _LEAD.match(piece)
        mark = lead.group(1) if lead else None
        said, *feedback = _FEEDBACK.split(piece[lead.end() if lead else 0 :], maxsplit=1)
        weight = NOTHING
        if mark == "=":
            weight = FULL
        elif mark and lead:
            weight = _text.number(lead.group(2)) or NOTHING
        yield weight, _said(said), _said(feedback[0] if feedback else "")


def _said(piece: str) -> Text:
    """A text that stands inside HTML: with tags it is HTML, without them plain."""
    text = _ESCAPED.sub(r"\1", piece).strip()
    return Text(text, Markup.HTML) if "<" in text else _text.bare(unescape(text))


def _block(part: Item) -> str:
    kinds = {
        Kind.NUMERIC: "NUMERICAL",
        Kind.SINGLE_CHOICE: "MULTICHOICE_S" if part.shuffle else "MULTICHOICE",
        Kind.MULTIPLE_CHOICE: "MULTIRESPONSE_S" if part.shuffle else "MULTIRESPONSE",
    }
    short = "SHORTANSWER_C" if part.case_sensitive else "SHORTANSWER"
    score = "" if part.score is None else _text.digits(part.score)
    said: list[tuple[Decimal, Text, Decimal | None, Text]]
    if part.options:
        right = sum(option.correct for option in part.options)
        said = [
            (_weight(option, right, part.kind), option.text, None, option.feedback)
            for option in part.options
        ]
    else:
        said = [
            (FULL if one.weight is None else one.weight, one.text, one.tolerance, one.feedback)
            for one in part.answers
        ]
    body = "~".join(_piece(*one) for one in said)
    return f"{{{score}:{kinds.get(part.kind, short)}:{body}}}"


def _weight(option: Option, right: int, kind: Kind) -> Decimal:
    if option.weight is not None:
        return option.weight
    if kind is Kind.SINGLE_CHOICE:
        return FULL if option.correct else NOTHING
    return (FULL / right).quantize(Decimal("0.00001")) if option.correct else -FULL


def _piece(weight: Decimal, text: Text, tolerance: Decimal | None, feedback: Text) -> str:
    mark = "=" if weight == FULL else "" if weight == NOTHING else f"%{_text.digits(weight)}%"
    margin = "" if tolerance is None else f":{_text.digits(tolerance)}"
    hint = f"#{_escaped(feedback)}" if feedback else ""
    return f"{mark}{_escaped(text)}{margin}{hint}"


def _escaped(text: Text) -> str:
    return _SPECIAL.sub(r"\\\1", text.html)
