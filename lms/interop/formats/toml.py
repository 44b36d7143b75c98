"""Our own content files: the shape of ``question_bank/questions/*.toml``; see docs/content.md.

A file holds one chapter. Nothing is invented on writing: a question that has no explanation,
source, difficulty or day of checking is written without, and ``lms questions check`` says so.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from string import ascii_uppercase
from typing import Any

from lms.interop.formats import _text
from lms.interop.types import (
    FIELDS,
    FULL,
    NO_TEXT,
    NOTHING,
    Format,
    Item,
    Kind,
    Markup,
    Media,
    Note,
    Option,
    Read,
    Source,
    Text,
    note,
    note_of,
)
from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.kernel.toml_lines import Place, locate

_BIGGEST = 16 * 1024 * 1024
_CHOICES = frozenset({Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE})
_KEYS = frozenset(
    [
        "id",
        "kind",
        "stem",
        "options",
        "answer",
        "explanation",
        "point",
        "difficulty",
        "valid_on",
        "source",
        "tags",
    ]
)
_FILE = frozenset({"subject", "chapter", "question"})


class Toml(Format):
    name = "toml"
    label = N_("必学题库 TOML")
    suffix = ".toml"
    kinds = _CHOICES
    carries = frozenset(FIELDS) - {
        "name", "category", "score", "options.weight", "options.feedback", "answers.weight",
        "answers.feedback", "answers.blank", "answers.model", "pairs.distractors", "units",
        "scoring_points", "case_sensitive", "shuffle", "media",
    }  # fmt: skip
    markups = frozenset({Markup.MARKDOWN})
    remarks = (N_("一个文件只有一章，用第一题的章节"),)

    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        text, taken, notes = _text.decode(data, encoding)
        if len(data) > _BIGGEST:
            raise Invalid("too_big", N_("文件太大，最大 %(n)s MB"), n=_BIGGEST // 1024 // 1024)
        table, lines = _parsed(text)
        chapter = table.get("chapter", "")
        chapter = chapter if isinstance(chapter, str) else ""
        for key in table:
            if key not in _FILE:
                notes.append(_unknown(key, lines.get((key,), 1)))
        questions = table.get("question", [])
        if not isinstance(questions, list):
            raise Invalid("not_tables", N_("必须是表的列表，如 [[%(key)s]]"), key="question")
        _text.check_count(len(questions))
        items = tuple(_item(raw, at, chapter, lines) for at, raw in enumerate(questions))
        return Read(items, tuple(notes), encoding=taken)

    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        return "\n".join(_written(items)).encode()


FORMAT = Toml()


def _parsed(text: str) -> tuple[Mapping[str, Any], Mapping[Place, int]]:
    try:
        return tomllib.loads(text), locate(text)
    except tomllib.TOMLDecodeError as fault:
        raise Invalid("bad_toml", N_("不是 TOML：%(why)s"), why=str(fault)[:120]) from fault
    except (RecursionError, ValueError) as fault:
        raise Invalid("bad_toml", N_("不是 TOML：%(why)s"), why=str(fault)[:120]) from fault


def _unknown(key: str, line: int, path: str = "") -> Note:
    return note("unknown_key", N_("不认识这个键"), line=line, path=f"{path}{key}"[:80])


def _item(raw: Any, at: int, chapter: str, lines: Mapping[Place, int]) -> Item:
    line = lines.get(("question", at), 1)
    try:
        if not isinstance(raw, Mapping):
            raise Invalid("not_table", N_("必须是一个表"))
        return _checked(raw, at, chapter, lines)
    except Invalid as fault:
        key = fault.where.split(".", 1)[0]
        found = note_of(fault, line=lines.get(("question", at, key), line), path=fault.where)
        shown = json.dumps(raw, ensure_ascii=False, default=str)[:4000]
        return Item(Kind.UNSUPPORTED, Text(shown), raw=shown, notes=(found,), line=line)


def _checked(raw: Raw, at: int, chapter: str, lines: Mapping[Place, int]) -> Item:
    kind = Kind(reading.choice(raw, "kind", tuple(sorted(_CHOICES))))
    options = raw.get("options", [])
    if not isinstance(options, list) or not all(isinstance(one, str) for one in options):
        raise Invalid("not_texts", N_("必须是文字的列表"), where="options")
    _text.too_many(options, "options")
    letters = ascii_uppercase[: len(options)]
    answer = reading.text(raw, "answer")
    notes = [
        _unknown(key, lines.get(("question", at, key), 1), f"question.{at}.")
        for key in raw
        if key not in _KEYS
    ]
    if not set(answer) <= set(letters) or (kind is Kind.SINGLE_CHOICE and len(answer) != 1):
        raise Invalid(
            "foreign_answer", N_("答案 %(key)s 不是一个选项"), where="answer", key=answer[:20]
        )
    single = kind is Kind.SINGLE_CHOICE
    made = tuple(
        Option(_markdown(text), letter in answer, _weight(letter in answer, single=single))
        for letter, text in zip(letters, options, strict=False)
    )
    return Item(
        kind,
        _markdown(reading.text(raw, "stem")),
        options=made,
        general_feedback=_markdown(reading.text(raw, "explanation", default="")),
        id=reading.text(raw, "id", default=""),
        tags=reading.texts(raw, "tags"),
        chapter=chapter,
        point=reading.text(raw, "point", default=""),
        difficulty=_difficulty(raw),
        source=_source(raw),
        valid_on=_day(raw),
        notes=tuple(notes),
        line=lines.get(("question", at), 1),
    )


def _weight(correct: bool, *, single: bool) -> Any:  # noqa: FBT001 - one of a pair, named beside it
    if not single:
        return None
    return FULL if correct else NOTHING


def _difficulty(raw: Raw) -> int | None:
    return reading.whole(raw, "difficulty", low=1, high=3) if "difficulty" in raw else None


def _day(raw: Raw) -> date | None:
    return reading.optional_day(raw, "valid_on")


def _source(raw: Raw) -> Source:
    if "source" not in raw:
        return Source()
    table = reading.table(raw, "source")
    with reading.within("source"):
        keys = ("title", "kind", "edition", "article")
        reading.only(table, keys)
        return Source(**{key: reading.text(table, key, default="") for key in keys})


def _markdown(text: str) -> Text:
    text = _text.without_controls(text)
    return Text(text, Markup.MARKDOWN) if text.strip() else NO_TEXT


def _written(items: Sequence[Item]) -> Iterator[str]:
    chapter = next((item.chapter for item in items if item.chapter), "")
    parts = chapter.split("/")
    yield f"subject = {_string(parts[1] if len(parts) > 1 else '')}"
    yield f"chapter = {_string(chapter)}"
    for item in items:
        yield ""
        if item.kind in _CHOICES:
            yield from _question(item)
        else:
            shown = item.raw or _text.plain(item.stem)
            yield from (f"# {_text.without_controls(line)}" for line in shown.split("\n"))
    yield ""


def _question(item: Item) -> Iterator[str]:
    letters = zip(ascii_uppercase, item.options, strict=False)
    yield "[[question]]"
    if item.id:
        yield f"id = {_string(item.id)}"
    yield f'kind = "{item.kind}"'
    yield f"stem = {_said(item.stem)}"
    yield "options = ["
    yield from (f"    {_said(option.text)}," for option in item.options)
    yield "]"
    yield f"answer = {_string(''.join(letter for letter, one in letters if one.correct))}"
    if item.general_feedback:
        yield f"explanation = {_said(item.general_feedback)}"
    if item.point:
        yield f"point = {_string(item.point)}"
    if item.difficulty is not None:
        yield f"difficulty = {item.difficulty}"
    if item.valid_on:
        yield f"valid_on = {item.valid_on.isoformat()}"
    if item.source:
        told = {"kind": item.source.kind, "title": item.source.title,
                "edition": item.source.edition, "article": item.source.article}  # fmt: skip
        inner = ", ".join(f"{key} = {_string(value)}" for key, value in told.items() if value)
        yield f"source = {{ {inner} }}"
    yield f"tags = [{', '.join(_string(tag) for tag in item.tags)}]"


def _said(text: Text) -> str:
    return _string(_text.fit(text, FORMAT.markups).source)


def _string(text: str) -> str:
    """A basic string of TOML: JSON's escapes are all among its own."""
    return json.dumps(_text.without_controls(text), ensure_ascii=False)
