"""From the question that travels to the bank's own and back. Decides, writes nothing.

What the bank cannot hold becomes a note with what it said, and never goes silently.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from html import unescape
from typing import Any

from lms.interop.formats import _authored, _text
from lms.interop.formats._markdown import markdown_of
from lms.interop.formats._own import markdown
from lms.interop.formats._own_choice import is_usual, weights_of
from lms.interop.formats._own_judged import HALVES, USUAL, marks_of
from lms.interop.formats._own_number import is_held
from lms.interop.rules.media import media_notes
from lms.interop.types import FULL, KINDS, Item, Kind, Markup, Note, Source, Text
from lms.interop.types.bridge import Core, Defaults
from lms.kernel.authoring import digest_of
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import IDENTIFIER
from lms.kernel.searching import normal
from lms.question_bank.rules import LETTERS, all_kinds, kind_named
from lms.question_bank.types import SOURCES, Authored, Draft

_LONGEST_NOTE = 2000
_MARKED = re.compile(r"[\\*`<&]|__")
_MARKS = re.compile(r"<[^<>]*>|[\\*`]")
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_HEAD, _SHOWN = 400, 60
"""Characters of a stem that are looked at, and that are shown."""
_GAP = re.compile(r"_{2,}")
_LAW = re.compile(r"(?:法|条例|法典)(?:》|$)")


def core_of(item: Item) -> Core:
    """Return what an item asks and what is right, as the bank keeps it.

    :raises Invalid: ``not_installed``, ``no_question``, ``no_stem``, or what the kind refuses.
    """
    kind = str(item.kind)
    if item.kind not in _authored.KINDS:
        raise Invalid("no_question", N_("不是能导入的试题"), where="kind")
    if kind not in all_kinds():
        label = KINDS[item.kind]
        raise Invalid("not_installed", N_("题型未安装：%(kind)s"), where="kind", kind=label)
    if not item.stem:
        raise Invalid("no_stem", N_("没有题干"), where="stem")
    stem, spec = _authored.stem_of(item), _authored.table_of(item)
    _check_kind(kind, stem, spec)
    return Core(kind, stem, spec, core_digest(kind, stem, spec))


def _check_kind(kind: str, stem: str, spec: Mapping[str, Any]) -> None:
    if kind == Kind.ESSAY and not spec.get("points"):
        raise Invalid("no_points", N_("没有采分点：这种题按采分点评分"), where="points")
    known = kind_named(kind)
    known.check_stem(known.read_spec({"stem": stem, **spec}), stem)


def core_digest(kind: str, stem: str, spec: Mapping[str, Any]) -> str:
    """Return a digest that is equal for questions that ask the same.

    Width, case, blanks and marks of style do not count; punctuation does.
    """
    return digest_of([kind, _folded(stem), _folded(spec)])


def said(text: str) -> str:
    """Return what a text in Markdown says, without how it looks: for comparing."""
    if _MARKED.search(text):
        text = _MARKS.sub("", unescape(text))
    return "".join(_GAP.sub("_", normal(text)).split())


def is_same_table(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two tables with weights differ in nothing but how their fractions are written."""
    if "weights" not in one or "weights" not in other:
        return False
    return all(
        list(map(Fraction, one[key])) == list(map(Fraction, other[key]))
        if key == "weights"
        else one.get(key) == other.get(key)
        for key in {*one, *other}
    )


def name_of(stem: Text) -> str:
    """Return the beginning of a stem, by which people know a question: roughly, and fast."""
    head = stem.source[:_HEAD]
    if stem.markup is not Markup.PLAIN:
        head = _MARKS.sub("", unescape(_PICTURE.sub(r"[\1]", head)))
    words = " ".join(head.split())
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"


def _folded(value: Any) -> Any:
    """What is empty and what is left out are the same."""
    if isinstance(value, str):
        return said(value)
    if isinstance(value, Mapping):
        folded = (
            (key, [str(Fraction(one)) for one in inner] if key == "weights" else _folded(inner))
            for key, inner in value.items()
        )
        return {key: inner for key, inner in folded if inner not in ("", [], False, None, "0")}
    if isinstance(value, list | tuple):
        return [_folded(inner) for inner in value]
    return value


def draft_of(item: Item, core: Core, key: str, defaults: Defaults, nodes: Collection[str]) -> Draft:
    """Return a new working text of an item; what it does not say comes from the defaults."""
    chapter, point = _place(item, defaults, nodes)
    subject = chapter.split("/")[1] if chapter.count("/") >= 1 else defaults.subject
    return Draft(
        key=key,
        subject=subject,
        chapter_key=chapter,
        point_key=point,
        kind=core.kind,
        stem=core.stem,
        spec=core.spec,
        explanation=markdown_of(item.general_feedback),
        difficulty=item.difficulty or defaults.difficulty,
        source=source_of(item.source) if item.source else dict(defaults.source),
        valid_on=item.valid_on or defaults.valid_on,
        tags=tuple(dict.fromkeys((*item.tags, *defaults.tags))),
    )


def _place(item: Item, defaults: Defaults, nodes: Collection[str]) -> tuple[str, str]:
    """Return chapter and point: as the item says if the outline has them, else the defaults."""
    chapter, point = item.chapter, item.point
    if point and not chapter:
        chapter = "/".join(point.split("/")[:3])
    if not chapter or (nodes and chapter not in nodes):
        return defaults.chapter, defaults.point or defaults.chapter
    inside = point == chapter or point.startswith(f"{chapter}/")
    if not point or not inside or (nodes and point not in nodes):
        point = chapter
    return chapter, point


def source_of(source: Source) -> dict[str, str]:
    """Return what a question rests on. A title alone says what sort it is of by its last word."""
    told = {"title": source.title, "edition": source.edition, "article": source.article}
    kind = source.kind
    if kind not in SOURCES:
        kind = (
            "law" if _LAW.search(source.title) else "policy" if "《" in source.title else "concept"
        )
    return {"kind": kind, **{key: value for key, value in told.items() if value}}


def item_of(key: str, text: Authored) -> Item:
    """Return a question of the bank as it travels."""
    kind = Kind(text.kind)
    return Item(
        kind,
        _authored.stem_from(kind, text.stem),
        **_authored.fields_of(kind, text.spec),
        id=key,
        general_feedback=markdown(text.explanation),
        tags=tuple(text.tags),
        chapter=text.chapter_key,
        point=text.point_key,
        difficulty=text.difficulty,
        source=Source(**{name: str(value) for name, value in text.source.items()}),
        valid_on=text.valid_on,
    )


def key_fault(item: Item) -> Note | None:
    """Report a number of the file that the bank cannot use."""
    if not item.id or IDENTIFIER.fullmatch(item.id):
        return None
    return _kept(item, "bad_id", N_("编号“%(text)s”题库里不能用，另编了号"), text=item.id)


def own_key(core: Core) -> str:
    """Return the key of a question that brings none: the same question gets the same."""
    return f"q-{core.digest[:12]}"


def not_held(item: Item, nodes: Collection[str], names: Collection[str]) -> tuple[Note, ...]:
    """Return what the bank cannot hold of an item, each with what it said.

    :param nodes: the places of the outline.
    :param names: the pictures that come with the file.
    """
    found = [*_of_whole(item), *_of_options(item), *_of_answers(item), *media_notes(item, names)]
    fault = key_fault(item)
    if fault:
        found.insert(0, fault)
    found += [
        _kept(item, "no_node", N_("大纲里没有“%(text)s”，没有收"), text=place)
        for place in dict.fromkeys((item.chapter, item.point))
        if place and nodes and place not in nodes
    ]
    for at, part in enumerate(item.parts, start=1):
        inner = _part_alone(item, part)
        found += [
            replace(one, path=f"#{at}", line=item.line)
            for one in (
                *_of_part(item, part),
                *_of_whole(inner),
                *_of_options(inner),
                *_of_answers(inner),
            )
        ]
    return tuple(found)


def _part_alone(item: Item, part: Item) -> Item:
    """Return a part without what the bank holds of it as a part."""
    if item.kind is Kind.PLAN_DESIGN:
        return replace(part, name="")
    if item.kind is Kind.CASE_ANALYSIS and part.kind in USUAL:
        return replace(part, score=None)
    return part


def _of_part(item: Item, part: Item) -> Iterator[Note]:
    if item.kind is Kind.CASE_ANALYSIS and part.kind in USUAL:
        marks = _text.digits(Decimal(marks_of(part)) / HALVES)
        if part.score is None:
            yield _kept(part, "no_marks", N_("小题没有写分值，按 %(points)s 分收"), points=marks)
        elif part.score * HALVES != marks_of(part):
            message = N_("小题的 %(text)s 分不是整半分，按 %(points)s 分收")
            told = _text.digits(part.score)
            yield _kept(part, "kept_score", message, text=told, points=marks)
    if item.kind in {Kind.CASE_ANALYSIS, Kind.PLAN_DESIGN} and part.least_chars:
        message = N_("字数下限 %(text)s：小题没有")
        yield _kept(part, "kept_length", message, text=str(part.least_chars))
    if item.kind is Kind.CLOZE and weights_of(part):
        yield _weights_note(part)


def _of_whole(item: Item) -> Iterator[Note]:
    if item.name:
        yield _kept(item, "kept_name", N_("题目名称：%(text)s"), text=item.name)
    if item.category:
        yield _kept(item, "kept_category", N_("原来的分类：%(text)s"), text=item.category)
    if item.score is not None:
        message = N_("原来的分值 %(text)s：题库里分值由试卷决定")
        yield _kept(item, "kept_score", message, text=_text.digits(item.score))
    if item.case_sensitive:
        yield _kept(item, "kept_case", N_("原来区分大小写：题库里不区分"))
    if not item.shuffle and item.options:
        yield _kept(item, "kept_order", N_("原来选项不打乱：题库里会打乱"))
    if item.scoring_points and item.kind not in {Kind.ESSAY, Kind.PLAN_DESIGN}:
        points = "；".join(_text.plain(one.text) for one in item.scoring_points)
        yield _kept(item, "kept_points", N_("采分点（这种题型没有）：%(text)s"), text=points)
    halved = [one for one in item.scoring_points if one.points * 2 != int(one.points * 2)]
    if item.most_points is not None and item.most_points * 2 != int(item.most_points * 2):
        most = _text.digits(item.most_points)
        yield _kept(item, "kept_points", N_("最高分 %(text)s 分不是整半分"), text=most)
    for one in halved:
        message = N_("采分点“%(text)s”的 %(points)s 分不是整半分")
        points = _text.digits(one.points)
        yield _kept(item, "kept_points", message, text=_text.plain(one.text), points=points)


def _of_options(item: Item) -> Iterator[Note]:
    for letter, option in zip(LETTERS, item.options, strict=False):
        if option.feedback:
            message = N_("选项 %(letter)s 的反馈：%(text)s")
            told = _text.plain(option.feedback)
            yield _kept(item, "kept_feedback", message, letter=letter, text=told)
    if item.options and not is_usual(item) and not weights_of(item):
        yield _weights_note(item)


def _weights_note(item: Item) -> Note:
    lettered = zip(LETTERS, item.options, strict=False)
    told = "，".join(f"{letter} {_percent(one.weight)}" for letter, one in lettered)
    message = N_("选项的权重（题库按评分规则计分）：%(text)s")
    return _kept(item, "kept_weights", message, text=told)


def _of_answers(item: Item) -> Iterator[Note]:
    if item.kind is Kind.TRUE_FALSE:
        return
    first = next((one for one in item.answers if one.weight in {None, FULL}), None)
    for answer in item.answers:
        told = _text.plain(answer.text)
        if answer.feedback:
            message = N_("答案“%(answer)s”的反馈：%(text)s")
            feedback = _text.plain(answer.feedback)
            yield _kept(item, "kept_feedback", message, answer=told, text=feedback)
        if answer.weight not in {None, FULL}:
            message = N_("不是全对的答案“%(text)s”（%(weight)s）没有收")
            yield _kept(item, "kept_answer", message, text=told, weight=_percent(answer.weight))
        elif item.kind is Kind.NUMERIC and answer is not first:
            yield _kept(item, "kept_answer", N_("另一个数值答案“%(text)s”没有收"), text=told)
    for unit in item.units:
        if not is_held(unit):
            message = N_("单位“%(text)s”的换算（× %(factor)s）没有收")
            factor = _text.digits(unit.factor)
            yield _kept(item, "kept_unit", message, text=unit.name, factor=factor)


def _percent(weight: Decimal | None) -> str:
    return "-" if weight is None else f"{_text.digits(weight)}%"


def _kept(item: Item, code: str, message: str, **params: str) -> Note:
    """A note with all of what was said: :func:`note` cuts, and this is all that is left of it."""
    told = tuple((key, value[:_LONGEST_NOTE]) for key, value in params.items())
    return Note(code, message, item.line, "", told)


def is_plain(item: Item) -> bool:
    """Say whether an item says its texts without any style."""
    texts = [item.stem, *(one.text for one in item.options), *(one.text for one in item.answers)]
    texts += [side for pair in item.pairs for side in (pair.left, pair.right)]
    return all(text.markup is Markup.PLAIN for text in texts if text)
