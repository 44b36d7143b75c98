"""Write Moodle XML."""

import base64
import re
from collections.abc import Sequence
from decimal import Context, Decimal
from urllib.parse import quote

from lxml import etree

from lms.interop.formats import _cloze, _media, _text, _xml
from lms.interop.formats._xml import Element
from lms.interop.types import (
    FULL,
    NO_TEXT,
    NOTHING,
    Item,
    Kind,
    Markup,
    Media,
    Option,
    Text,
    Unit,
    truth_options,
)

_FORMATS = {
    Markup.HTML: "html",
    Markup.MOODLE: "moodle_auto_format",
    Markup.PLAIN: "plain_text",
    Markup.MARKDOWN: "markdown",
}
_TYPES = {
    Kind.SINGLE_CHOICE: "multichoice",
    Kind.MULTIPLE_CHOICE: "multichoice",
    Kind.TRUE_FALSE: "truefalse",
    Kind.SHORT_ANSWER: "shortanswer",
    Kind.FILL_BLANK: "shortanswer",
    Kind.NUMERIC: "numerical",
    Kind.MATCHING: "matching",
    Kind.ORDERING: "ordering",
    Kind.CLOZE: "cloze",
    Kind.ESSAY: "essay",
}
_POINTED = re.compile(r"media/([\w.-]+)")


def write(items: Sequence[Item], media: Sequence[Media]) -> bytes:
    """Return a file of Moodle questions, the files they point at inside."""
    root = etree.Element("quiz")
    kept = {one.name: one for one in media}
    category = ""
    for item in items:
        if item.category != category:
            category = item.category
            made = _xml.add(root, "question", type="category")
            _xml.add(_xml.add(made, "category"), "text", category)
        _Writer(root, item, kept).write()
    return _xml.serialized(root)


class _Writer:
    """One item on its way into ``<question>``."""

    def __init__(self, root: Element, item: Item, media: dict[str, Media]) -> None:
        self._item = item
        self._media = media
        self._made = _xml.add(root, "question", type=_TYPES.get(item.kind, "description"))

    def write(self) -> None:
        item = self._item
        _xml.add(_xml.add(self._made, "name"), "text", item.name)
        stem = _cloze.written(item) if item.kind is Kind.CLOZE else item.stem
        self._said("questiontext", stem)
        self._said("generalfeedback", item.general_feedback)
        if item.score is not None:
            _xml.add(self._made, "defaultgrade", _text.digits(item.score))
        if item.id:
            _xml.add(self._made, "idnumber", item.id)
        if not item.shuffle:
            _xml.add(self._made, "shuffleanswers", "0")
        write = _WRITERS.get(item.kind)
        if write:
            write(self)
        if item.tags:
            tags = _xml.add(self._made, "tags")
            for tag in item.tags:
                _xml.add(_xml.add(tags, "tag"), "text", tag)

    def choice(self) -> None:
        single = self._item.kind is Kind.SINGLE_CHOICE
        _xml.add(self._made, "single", "true" if single else "false")
        right = sum(option.correct for option in self._item.options)
        for option in self._item.options:
            self._answer(option.text, _weight(option, right, single=single), option.feedback)

    def true_false(self) -> None:
        for word, option in zip(("true", "false"), truth_options(self._item), strict=True):
            made = _xml.add(self._made, "answer", fraction="100" if option.correct else "0")
            _xml.add(made, "text", word)
            self._said("feedback", option.feedback, made)

    def answers(self) -> None:
        if self._item.kind is not Kind.NUMERIC:
            _xml.add(self._made, "usecase", "1" if self._item.case_sensitive else "0")
        for answer in self._item.answers:
            weight = FULL if answer.weight is None else answer.weight
            made = _xml.add(self._made, "answer", fraction=_text.percent(weight))
            _xml.add(made, "text", _text.plain(answer.text))
            self._said("feedback", answer.feedback, made)
            if answer.tolerance is not None:
                _xml.add(made, "tolerance", _text.digits(answer.tolerance))
        if self._item.units:
            units = _xml.add(self._made, "units")
            for unit in self._item.units:
                made = _xml.add(units, "unit")
                _xml.add(made, "multiplier", _text.digits(_multiplier(unit)))
                _xml.add(made, "unit_name", unit.name)

    def matching(self) -> None:
        for pair in self._item.pairs:
            made = self._said("subquestion", pair.left)
            _xml.add(_xml.add(made, "answer"), "text", _text.plain(pair.right))

    def ordering(self) -> None:
        for position, option in enumerate(self._item.options, start=1):
            self._answer(option.text, Decimal(position), NO_TEXT)

    def essay(self) -> None:
        for answer in self._item.answers[:1]:
            self._said("graderinfo", answer.text)

    def _answer(self, text: Text, weight: Decimal, feedback: Text) -> None:
        made = self._said("answer", text)
        made.set("fraction", _text.percent(weight))
        self._said("feedback", feedback, made)

    def _said(self, tag: str, text: Text, parent: Element = None) -> Element:
        made = _xml.add(self._made if parent is None else parent, tag, format=_FORMATS[text.markup])
        pointed = dict.fromkeys(name for name in _POINTED.findall(text.source))
        named = [name for name in pointed if name in self._media]
        source = text.source
        for name in named:
            source = source.replace(f"{_media.FOLDER}{name}", f"@@PLUGINFILE@@/{quote(name)}")
        _xml.add(made, "text", source)
        for name in named:
            data = base64.b64encode(self._media[name].data).decode()
            _xml.add(made, "file", data, name=name, path="/", encoding="base64")
        return made


def _multiplier(unit: Unit) -> Decimal:
    """Return what Moodle multiplies the key with, where we multiply what was written."""
    if not unit.factor:
        return Decimal(1)
    return Context(prec=15).divide(Decimal(1), unit.factor).normalize()


def _weight(option: Option, right: int, *, single: bool) -> Decimal:
    if option.weight is not None:
        return option.weight
    if single:
        return FULL if option.correct else NOTHING
    return (FULL / right).quantize(Decimal("0.00001")) if option.correct else -FULL


_WRITERS = {
    Kind.SINGLE_CHOICE: _Writer.choice,
    Kind.MULTIPLE_CHOICE: _Writer.choice,
    Kind.TRUE_FALSE: _Writer.true_false,
    Kind.SHORT_ANSWER: _Writer.answers,
    Kind.FILL_BLANK: _Writer.answers,
    Kind.NUMERIC: _Writer.answers,
    Kind.MATCHING: _Writer.matching,
    Kind.ORDERING: _Writer.ordering,
    Kind.ESSAY: _Writer.essay,
}
