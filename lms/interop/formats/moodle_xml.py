"""Moodle XML: https://docs.moodle.org/en/Moodle_XML_format.

Files inside a question come as base64 and are pointed at as ``@@PLUGINFILE@@/name``; here they
are ``media/name``. A cloze question keeps its answers inside the text; see ``_cloze``.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

from lms.interop.formats import _cloze, _media, _text, _xml
from lms.interop.formats._moodle_writing import write
from lms.interop.formats._xml import Element
from lms.interop.types import (
    FIELDS,
    FULL,
    NO_TEXT,
    NOTHING,
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
    Text,
    Unit,
    note,
    note_of,
    true_false,
)
from lms.kernel.errors import N_, Invalid

_MARKUPS = {
    "html": Markup.HTML,
    "moodle_auto_format": Markup.MOODLE,
    "plain_text": Markup.PLAIN,
    "markdown": Markup.MARKDOWN,
}
_POINTER = "@@PLUGINFILE@@/"
_COMMON = frozenset(
    [
        "name",
        "questiontext",
        "generalfeedback",
        "defaultgrade",
        "penalty",
        "hidden",
        "idnumber",
        "tags",
        "file",
        "shuffleanswers",
        "answernumbering",
        "single",
        "answer",
        "usecase",
        "units",
        "unitgradingtype",
        "unitpenalty",
        "showunits",
        "unitsleft",
        "subquestion",
        "graderinfo",
        "showstandardinstruction",
        "responseformat",
        "responserequired",
        "responsefieldlines",
        "attachments",
        "attachmentsrequired",
        "responsetemplate",
        "minwordlimit",
        "maxwordlimit",
        "maxbytes",
        "filetypeslist",
        "shownumcorrect",
        "category",
        "info",
        "syntax",
    ]
)
"""What is read, or says only how Moodle lays the question out."""


class MoodleXml(Format):
    name = "moodle_xml"
    label = N_("Moodle XML")
    suffix = ".xml"
    kinds = frozenset(
        {
            Kind.SINGLE_CHOICE,
            Kind.MULTIPLE_CHOICE,
            Kind.TRUE_FALSE,
            Kind.SHORT_ANSWER,
            Kind.FILL_BLANK,
            Kind.NUMERIC,
            Kind.MATCHING,
            Kind.ORDERING,
            Kind.CLOZE,
            Kind.ESSAY,
            Kind.DESCRIPTION,
        }
    )
    carries = frozenset(FIELDS) - {
        "chapter", "point", "difficulty", "source", "source.details", "valid_on", "answers.blank",
        "scoring_points", "most_points", "parts.score", "units.hidden", "any_order", "length",
    }  # fmt: skip
    markups = frozenset(Markup)
    remarks = (
        N_("没有权重的多项选择题：写成答案均分，选错扣到零分"),
        N_("权重写到小数点后五位"),
        N_("配对题右边和短答案的样式"),
        N_("综合填空题里各空的解析、编号和标签"),
        N_("没有读懂的题写成说明文字"),
    )

    def recognizes(self, data: bytes, name: str) -> bool:
        return b"<quiz" in data[:2000] or "<quiz".encode("utf-16-le") in data[:4000]

    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        root, taken = _xml.parse(data, encoding)
        if _xml.local(root) != "quiz":
            raise Invalid("not_moodle", N_("不是 Moodle XML：最外层应是 <quiz>"))
        media, items, category = _media.Bin(), [], ""
        for element in _xml.children(root, "question"):
            if element.get("type") == "category":
                category = _xml.content(_xml.child(element, "category")).strip()
                continue
            items.append(replace(_Reader(element, media).item(), category=category))
            _text.check_count(len(items))
        return Read(tuple(items), tuple(_strays(root)), media.all(), taken)

    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        return write(items, media)


FORMAT = MoodleXml()


def _strays(root: Element) -> list[Note]:
    return [
        note("unknown_element", N_("不认识 <%(name)s>"), line=one.sourceline, name=_xml.local(one))
        for one in _xml.children(root)
        if _xml.local(one) != "question"
    ]


@dataclass(slots=True)
class _Reader:
    """One ``<question>`` while it is being read."""

    element: Element
    media: _media.Bin
    notes: list[Note] = field(default_factory=list)

    def item(self) -> Item:
        if len(self.element) > 2 * _text.MOST_OPTIONS:
            return self._crowded()
        kind = self.element.get("type") or ""
        read = _READERS.get(kind)
        stem = self._text(_xml.child(self.element, "questiontext"))
        try:
            item = read(self, stem) if read else self._unread(stem, kind)
        except Invalid as fault:
            self.notes.append(note_of(fault, line=self.element.sourceline))
            item = Item(Kind.UNSUPPORTED, stem, raw=self._raw())
        self._report()
        return replace(
            item,
            name=self._value("name").strip(),
            general_feedback=self._text(_xml.child(self.element, "generalfeedback")),
            score=_text.number(self._value("defaultgrade")),
            id=self._value("idnumber").strip(),
            tags=self._tags(),
            shuffle=self._value("shuffleanswers").strip() not in {"0", "false"},
            notes=tuple(self.notes),
            line=self.element.sourceline,
        )

    def _crowded(self) -> Item:
        stem = self._text(_xml.child(self.element, "questiontext"))
        text = N_("题里的标签太多，没有读入")
        found = note("too_many", text, line=self.element.sourceline)
        return Item(
            Kind.UNSUPPORTED, stem, notes=(*self.notes, found), line=self.element.sourceline
        )

    def choice(self, stem: Text) -> Item:
        single = self._value("single").strip() not in {"false", "0"}
        options = []
        for answer in self._answers():
            weight = self._weight(answer)
            correct = weight == FULL if single else weight > 0
            options.append(Option(self._text(answer), correct, weight, self._feedback(answer)))
        if not any(option.correct for option in options):
            self.note("no_right_answer", N_("没有一个选项是对的"))
        kind = Kind.SINGLE_CHOICE if single else Kind.MULTIPLE_CHOICE
        return Item(kind, stem, options=tuple(options))

    def true_false(self, stem: Text) -> Item:
        weights, feedback = {}, {}
        for answer in self._answers():
            word = self._value_of(answer).strip().lower()
            weights[word], feedback[word] = self._weight(answer), self._feedback(answer)
        if set(weights) != {"true", "false"}:
            raise Invalid("bad_true_false", N_("判断题要有 true 和 false 两个答案"))
        key = true_false(
            truth=weights["true"] > weights["false"],
            if_true=feedback["true"],
            if_false=feedback["false"],
        )
        return Item(Kind.TRUE_FALSE, stem, **key)

    def short(self, stem: Text) -> Item:
        answers = []
        for answer in self._answers():
            value = self._value_of(answer)
            if "*" in value:
                self.note("wildcard", N_("答案里的 * 在 Moodle 中代表任意文字，这里按原样保留"))
            feedback = self._feedback(answer)
            answers.append(Answer(_text.bare(value.strip()), self._weight(answer), feedback))
        kind = Kind.FILL_BLANK if "_____" in stem.source else Kind.SHORT_ANSWER
        sensitive = self._value("usecase").strip() in {"1", "true"}
        return Item(kind, stem, answers=tuple(answers), case_sensitive=sensitive)

    def numeric(self, stem: Text) -> Item:
        answers = []
        for answer in self._answers():
            value = self._value_of(answer).strip()
            if value != "*" and _text.number(value) is None:
                self.note("not_a_number", N_("不是数：%(text)s"), text=value)
            margin = _text.number(_xml.content(_xml.child(answer, "tolerance")))
            weight, feedback = self._weight(answer), self._feedback(answer)
            answers.append(Answer(Text(value), weight, feedback, margin))
        units = []
        for one in _xml.children(_xml.child(self.element, "units"), "unit"):
            times = _text.number(_xml.content(_xml.child(one, "multiplier")))
            name = _xml.content(_xml.child(one, "unit_name")).strip()
            units.append(Unit(name, Decimal(1) / times if times else Decimal(1)))
        return Item(Kind.NUMERIC, stem, answers=tuple(answers), units=tuple(units))

    def matching(self, stem: Text) -> Item:
        found = _xml.children(self.element, "subquestion")
        _text.too_many(found, "subquestion", line=self.element.sourceline)
        pairs = tuple(
            Pair(self._text(one), _text.bare(self._value_of(_xml.child(one, "answer")).strip()))
            for one in found
        )
        return Item(Kind.MATCHING, stem, pairs=pairs)

    def ordering(self, stem: Text) -> Item:
        options = tuple(Option(self._text(answer)) for answer in self._answers())
        return Item(Kind.ORDERING, stem, options=options)

    def essay(self, stem: Text) -> Item:
        model = self._text(_xml.child(self.element, "graderinfo"))
        answers = (Answer(model),) if model else ()
        template = self._text(_xml.child(self.element, "responsetemplate"))
        if template:
            self.note("template", N_("答题模板没有读入：%(text)s"), text=_text.plain(template))
        return Item(Kind.ESSAY, stem, answers=answers)

    def cloze(self, stem: Text) -> Item:
        source, parts, notes = _cloze.read(stem.source, line=self.element.sourceline)
        self.notes.extend(notes)
        return Item(Kind.CLOZE, Text(source, stem.markup), parts=parts)

    def description(self, stem: Text) -> Item:
        return Item(Kind.DESCRIPTION, stem)

    def note(self, code: str, message: str, **params: Any) -> None:
        self.notes.append(note(code, message, line=self.element.sourceline, **params))

    def _unread(self, stem: Text, kind: str) -> Item:
        self.note("unknown_type", N_("不认识题型 %(kind)s，原样保留"), kind=kind or "-")
        return Item(Kind.UNSUPPORTED, stem, raw=self._raw())

    def _raw(self) -> str:
        return _xml.serialized(self.element).decode()[:4000]

    def _report(self) -> None:
        """Say what of the question nobody reads, if it says anything."""
        for one in _xml.children(self.element):
            name = _xml.local(one)
            if name not in _COMMON and _xml.content(one).strip():
                said = _xml.content(one).strip()
                self.notes.append(
                    note("not_read", N_("<%(name)s> 没有读入：%(text)s"), line=one.sourceline,
                         name=name, text=said)
                )  # fmt: skip

    def _answers(self) -> list[Element]:
        found = _xml.children(self.element, "answer")
        _text.too_many(found, "answer", line=self.element.sourceline)
        return found

    def _weight(self, answer: Element) -> Decimal:
        weight = _text.number(answer.get("fraction") or "0")
        if weight is None:
            self.note("bad_weight", N_("权重写错了：%(text)s"), text=answer.get("fraction"))
        return NOTHING if weight is None else weight

    def _feedback(self, answer: Element) -> Text:
        return self._text(_xml.child(answer, "feedback"))

    def _value(self, name: str) -> str:
        return self._value_of(_xml.child(self.element, name))

    def _value_of(self, element: Element | None) -> str:
        if element is None:
            return ""
        inner = _xml.child(element, "text")
        return (element.text or "") if inner is None else _xml.content(inner)

    def _text(self, element: Element | None) -> Text:
        """Return the ``<text>`` inside an element, its files kept and pointed at."""
        if element is None:
            return NO_TEXT
        source = self._value_of(element).strip()
        for file in _xml.children(element, "file"):
            source = self._kept(file, source)
        source = source.replace(_POINTER, _media.FOLDER)
        if not source:
            return NO_TEXT
        markup = _MARKUPS.get(element.get("format") or self._usual(element))
        if markup is None:
            self.note("unknown_markup", N_("不认识的文字格式 %(name)s"), name=element.get("format"))
        return Text(source, markup or Markup.HTML)

    def _usual(self, element: Element) -> str:
        """An answer without a format has its question's."""
        stem = _xml.child(self.element, "questiontext")
        given = None if stem is None or stem is element else stem.get("format")
        return given or "html"

    def _kept(self, file: Element, source: str) -> str:
        name = file.get("name") or "file"
        try:
            data = base64.b64decode((file.text or "").encode(), validate=False)
        except (binascii.Error, ValueError):
            self.note("bad_base64", N_("%(name)s 的内容损坏"), name=name)
            return source
        stored = self.media.add(name, data, self.notes, line=file.sourceline)
        if not stored:
            return source
        for spelled in {name, quote(name), unquote(name)}:
            source = source.replace(f"{_POINTER}{spelled}", f"{_media.FOLDER}{stored}")
        return source

    def _tags(self) -> tuple[str, ...]:
        tags = _xml.children(_xml.child(self.element, "tags"), "tag")
        said = (self._value_of(tag).strip() for tag in tags)
        return tuple(dict.fromkeys(tag for tag in said if tag))


_READERS = {
    "multichoice": _Reader.choice,
    "truefalse": _Reader.true_false,
    "shortanswer": _Reader.short,
    "numerical": _Reader.numeric,
    "matching": _Reader.matching,
    "match": _Reader.matching,
    "ordering": _Reader.ordering,
    "essay": _Reader.essay,
    "cloze": _Reader.cloze,
    "multianswer": _Reader.cloze,
    "description": _Reader.description,
}
