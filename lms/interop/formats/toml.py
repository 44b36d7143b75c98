"""Our own content files: the shape of ``question_bank/questions/*.toml``; see docs/content.md.

A file holds one chapter. Nothing is invented on writing: a question that has no explanation,
source, difficulty or day of checking is written without, and ``lms questions check`` says so.
What a kind has of its own stands in :mod:`lms.interop.formats._authored`.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from lms.interop.formats import _authored, _text
from lms.interop.formats._markdown import markdown_of
from lms.interop.formats._own import markdown
from lms.interop.types import (
    FIELDS,
    Format,
    Item,
    Kind,
    Markup,
    Media,
    Note,
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
_KEYS = frozenset(
    ["id", "kind", "stem", "explanation", "point", "difficulty", "valid_on", "source", "tags"]
)
_FILE = frozenset({"subject", "chapter", "question"})


class Toml(Format):
    name = "toml"
    label = N_("必学题库 TOML")
    suffix = ".toml"
    kinds = frozenset(_authored.KINDS)
    carries = frozenset(FIELDS) - {
        "name", "category", "score", "options.feedback", "answers.weight",
        "answers.feedback", "case_sensitive", "shuffle", "media",
    }  # fmt: skip
    markups = frozenset({Markup.MARKDOWN})
    remarks = (
        N_("没有写知识点的题的章节：一个文件只写一章，用第一题的"),
        N_("同一道数值题的第二个答案"),
        N_("小数超过六位的单位换算"),
        N_("不是简单分数的选项权重；答案均分、选错扣到零分的多项选择题写成没有权重"),
        N_("参考答案和采分点里的样式"),
        N_("不是整半分的采分点，论述题、案例分析题和方案设计题以外的采分点"),
        N_("案例分析题里没有分值的选择小题：单项选择、判断写成 1 分，多项选择写成 2 分"),
        N_("没有标题的方案设计题：标题写成“第 1 部分”"),
        N_("案例分析题里除了写文字作答、单项选择、多项选择和判断以外的小题"),
    )

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
    kind = Kind(reading.choice(raw, "kind", tuple(sorted(_authored.KINDS))))
    own = _authored.keys_of(kind)
    notes = [
        _unknown(key, lines.get(("question", at, key), 1), f"question.{at}.")
        for key in raw
        if key not in _KEYS and key not in own
    ]
    point = reading.text(raw, "point", default="")
    return Item(
        kind,
        _authored.stem_from(kind, reading.text(raw, "stem")),
        **_authored.fields_of(kind, raw),
        general_feedback=markdown(reading.text(raw, "explanation", default="")),
        id=reading.text(raw, "id", default=""),
        tags=reading.texts(raw, "tags"),
        chapter=_chapter(point, chapter),
        point=point,
        difficulty=_difficulty(raw),
        source=_source(raw),
        valid_on=_day(raw),
        notes=tuple(notes),
        line=lines.get(("question", at), 1),
    )


def _chapter(point: str, chapter: str) -> str:
    """Return the chapter that a point lies in: that of the file, unless the point says another."""
    if not point or point == chapter or point.startswith(f"{chapter}/"):
        return chapter
    return "/".join(point.split("/")[:3])


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


def _written(items: Sequence[Item]) -> Iterator[str]:
    chapter = next((item.chapter for item in items if item.chapter), "")
    parts = chapter.split("/")
    yield f"subject = {_value(parts[1] if len(parts) > 1 else '')}"
    yield f"chapter = {_value(chapter)}"
    for item in items:
        yield ""
        if item.kind in FORMAT.kinds:
            yield from _question(item)
        else:
            shown = item.raw or _text.plain(item.stem)
            yield from _remark(shown)
    yield ""


def _remark(text: str) -> Iterator[str]:
    yield from (f"# {_text.without_controls(line)}" for line in text.split("\n"))


def _question(item: Item) -> Iterator[str]:
    try:
        own = _authored.table_of(item)
    except Invalid as fault:
        yield from _remark(f"{note_of(fault, path=fault.where)}\n{_text.plain(item.stem)}")
        return
    yield "[[question]]"
    if item.id:
        yield f"id = {_value(item.id)}"
    yield f'kind = "{item.kind}"'
    yield f"stem = {_value(_authored.stem_of(item))}"
    for key, value in own.items():
        yield from _entry(key, value)
    if item.general_feedback:
        yield f"explanation = {_value(markdown_of(item.general_feedback))}"
    if item.point:
        yield f"point = {_value(item.point)}"
    if item.difficulty is not None:
        yield f"difficulty = {item.difficulty}"
    if item.valid_on:
        yield f"valid_on = {item.valid_on.isoformat()}"
    if item.source:
        told = {"kind": item.source.kind, "title": item.source.title,
                "edition": item.source.edition, "article": item.source.article}  # fmt: skip
        yield f"source = {_value({key: value for key, value in told.items() if value})}"
    yield f"tags = {_value(list(item.tags))}"


def _entry(key: str, value: Any) -> Iterator[str]:
    """Write a key; a list a line for each."""
    if not isinstance(value, list):
        yield f"{key} = {_value(value)}"
        return
    yield f"{key} = ["
    yield from (f"    {_value(one)}," for one in value)
    yield "]"


def _value(value: Any) -> str:
    """Return a value on one line. Texts are basic strings: JSON's escapes are all among TOML's."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_value(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return json.dumps(_text.without_controls(value), ensure_ascii=False)
    return json.dumps(value)
