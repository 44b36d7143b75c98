"""The question as it travels between programs, and what a format promises. Pure values.

An :class:`Item` holds what any of the formats can say of a question. Every text keeps the markup
that its author wrote; its HTML is made from that, cleaned, whenever it is asked for. What a reader
did not understand is a :class:`Note` on the item and never dropped silently.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from html import escape
from typing import Any, ClassVar

import nh3

from lms.http import markdown
from lms.kernel.errors import N_, Invalid

FULL = Decimal(100)
"""The weight, in percent, of what is wholly right."""
NOTHING = Decimal(0)
_KEPT_UP_TO = 2_000
"""Longer texts are not kept as HTML in memory."""
_LONGEST, _MOST_LINKS = 20_000, 200
"""Of a text in Markdown: beyond, it is shown as it was written."""
BLANK = "_____"
"""Where a stem leaves a gap for the answer."""
_TAGS = nh3.ALLOWED_TAGS | {"audio", "video", "source", "section"}
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "img": {"src", "alt", "width", "height", "title"},
    "audio": {"src", "controls"},
    "video": {"src", "controls", "width", "height"},
    "source": {"src", "type"},
}


class Kind(StrEnum):
    """What sort of question an item is. The last two are no questions."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    FILL_BLANK = "fill_blank"
    SHORT_ANSWER = "short_answer"
    NUMERIC = "numeric"
    MATCHING = "matching"
    ORDERING = "ordering"
    CLOZE = "cloze"
    ESSAY = "essay"
    CASE_ANALYSIS = "case_analysis"
    PLAN_DESIGN = "plan_design"
    DESCRIPTION = "description"
    UNSUPPORTED = "unsupported"


class Markup(StrEnum):
    """How a source text is to be understood."""

    MOODLE = "moodle"
    MARKDOWN = "markdown"
    PLAIN = "plain"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Text:
    """What an author wrote, as it was, and in which markup."""

    source: str
    markup: Markup = Markup.PLAIN

    @property
    def html(self) -> str:
        """Return clean HTML: no script, no event handlers, no foreign frames."""
        if len(self.source) > _KEPT_UP_TO:
            return _made(self.source, self.markup)
        return _html(self.source, self.markup)

    def __bool__(self) -> bool:
        return bool(self.source.strip())


NO_TEXT = Text("")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose or to put in order. In an ordering, the options stand rightly."""

    text: Text
    correct: bool = False
    weight: Decimal | None = None
    """Percent; none where the marking rule decides."""
    feedback: Text = NO_TEXT


@dataclass(frozen=True, slots=True)
class Answer:
    """One text that is accepted, or one foreseen wrong one (weight 0)."""

    text: Text
    weight: Decimal | None = FULL
    feedback: Text = NO_TEXT
    tolerance: Decimal | None = None
    """Of a numeric answer: how far off is still right."""
    blank: int = 1
    """Which gap of the stem it fills, from 1."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A left side and what belongs to it; without a left side the right one only misleads."""

    left: Text
    right: Text


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a numeric answer, and what a number in it is multiplied with."""

    name: str
    factor: Decimal = Decimal(1)
    shown: bool = True
    """Whether it may stand beside the field: the first such unit of factor 1 does."""


@dataclass(frozen=True, slots=True)
class ScoringPoint:
    """采分点: what an open answer has to say, in which words, and what that earns."""

    text: Text
    points: Decimal = Decimal(1)
    synonyms: tuple[str | tuple[str, ...], ...] = ()
    """Other ways to say it: a word, or words that belong together."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the question comes from."""

    title: str = ""
    kind: str = ""
    edition: str = ""
    article: str = ""

    def __bool__(self) -> bool:
        return any((self.title, self.kind, self.edition, self.article))


@dataclass(frozen=True, slots=True)
class Note:
    """What was not understood or not carried, where, and why."""

    code: str
    """For programs; it never changes."""
    message: str
    """A message id; parameters go in by name."""
    line: int | None = None
    path: str = ""
    """A place inside the file or the item, where a line says too little."""
    params: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """Return what is wrong, in Chinese, without the place."""
        return self.message % dict(self.params) if self.params else self.message

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


def note(
    code: str, message: str, *, line: int | None = None, path: str = "", **params: Any
) -> Note:
    """Make a note; its parameters are cut to a readable length."""
    cut = tuple((key, str(value)[:80]) for key, value in params.items())
    return Note(code, message, line, path, cut)


def note_of(fault: Invalid, *, line: int | None = None, path: str = "") -> Note:
    """Make a note of a refusal."""
    cut = tuple((key, str(value)[:80]) for key, value in fault.params.items())
    return Note(fault.code, fault.message, line, path, cut)


@dataclass(frozen=True, slots=True)
class Item:
    """One question on its way from one program to another."""

    kind: Kind
    stem: Text
    name: str = ""
    options: tuple[Option, ...] = ()
    answers: tuple[Answer, ...] = ()
    """The key where it is a text: of a true/false question ``true`` or ``false``; of an essay
    the model answer."""
    pairs: tuple[Pair, ...] = ()
    parts: tuple["Item", ...] = ()
    """Sub-questions. In a cloze, ``{#1}`` in the stem is the place of the first."""
    general_feedback: Text = NO_TEXT
    """The explanation (解析): what is shown once the question was answered."""
    units: tuple[Unit, ...] = ()
    scoring_points: tuple[ScoringPoint, ...] = ()
    most_points: Decimal | None = None
    """What the scoring points earn together at most; none: what they add up to."""
    tags: tuple[str, ...] = ()
    id: str = ""
    category: str = ""
    """A path in the bank of the program it comes from, parted by ``/``."""
    chapter: str = ""
    point: str = ""
    """A knowledge point of the outline."""
    difficulty: int | None = None
    """1 easy, 2 medium, 3 hard."""
    score: Decimal | None = None
    source: Source = Source()
    valid_on: date | None = None
    case_sensitive: bool = False
    any_order: bool = False
    """Of several gaps: each answer fits any of them."""
    least_chars: int | None = None
    most_chars: int | None = None
    """How long an open answer has to be, and may be."""
    shuffle: bool = True
    raw: str = ""
    """Of an unsupported item: the passage as it stood in the file."""
    notes: tuple[Note, ...] = field(default=(), compare=False)
    line: int | None = field(default=None, compare=False)

    @property
    def tolerance(self) -> Decimal | None:
        """Return the tolerance of the first answer that has one."""
        return next((a.tolerance for a in self.answers if a.tolerance is not None), None)


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a recording that texts point at as ``media/<name>``."""

    name: str
    data: bytes = field(repr=False)
    type: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds."""

    items: tuple[Item, ...]
    notes: tuple[Note, ...] = ()
    """About the file; notes about one item are on the item."""
    media: tuple[Media, ...] = ()
    encoding: str = ""

    def all_notes(self) -> Iterator[tuple[int | None, Note]]:
        """Yield the notes of the file, then of each item with its number, from 1."""
        yield from ((None, found) for found in self.notes)
        for number, item in enumerate(self.items, start=1):
            for inner in (item, *item.parts):
                yield from ((number, found) for found in inner.notes)


FIELDS: dict[str, str] = {
    "name": N_("题目名称"),
    "id": N_("编号"),
    "tags": N_("标签"),
    "category": N_("分类"),
    "chapter": N_("章节"),
    "point": N_("知识点"),
    "difficulty": N_("难度"),
    "score": N_("分值"),
    "source": N_("来源"),
    "source.details": N_("来源的版本和条文"),
    "valid_on": N_("核对日期"),
    "general_feedback": N_("解析"),
    "options.weight": N_("选项的权重"),
    "options.feedback": N_("选项的反馈"),
    "answers.weight": N_("答案的权重"),
    "answers.feedback": N_("答案的反馈"),
    "answers.blank": N_("一题多空"),
    "answers.model": N_("参考答案"),
    "pairs.distractors": N_("多余的配对项"),
    "units": N_("计量单位"),
    "units.hidden": N_("不显示的计量单位"),
    "scoring_points": N_("采分点"),
    "most_points": N_("采分点合计的最高分"),
    "parts.score": N_("案例分析题里选择小题的分值"),
    "sections": N_("方案设计题的各部分"),
    "case_sensitive": N_("区分大小写"),
    "any_order": N_("各空答案不分先后"),
    "length": N_("字数要求"),
    "shuffle": N_("选项不打乱"),
    "media": N_("图片和音频"),
    "markup": N_("文字的样式（加粗、列表、表格等）"),
    "newlines": N_("文字里的换行"),
}
"""What an item may say beyond its stem and key -> what people call it."""
KINDS: dict[Kind, str] = {
    Kind.SINGLE_CHOICE: N_("单项选择题"),
    Kind.MULTIPLE_CHOICE: N_("多项选择题"),
    Kind.TRUE_FALSE: N_("判断题"),
    Kind.FILL_BLANK: N_("填空题"),
    Kind.SHORT_ANSWER: N_("简答题（短答案）"),
    Kind.NUMERIC: N_("数值题"),
    Kind.MATCHING: N_("配对题"),
    Kind.ORDERING: N_("排序题"),
    Kind.CLOZE: N_("综合填空题"),
    Kind.ESSAY: N_("论述题"),
    Kind.CASE_ANALYSIS: N_("案例分析题"),
    Kind.PLAN_DESIGN: N_("方案设计题"),
    Kind.DESCRIPTION: N_("说明文字"),
    Kind.UNSUPPORTED: N_("没有读懂的题"),
}


class Format(ABC):
    """How one kind of file is read and written. Holds no state; files come and go as bytes."""

    name: ClassVar[str]
    """What the command line calls it: never change it."""
    label: ClassVar[str]
    """What people call it; a message id."""
    suffix: ClassVar[str]
    """What names of its files end with, dot included."""
    kinds: ClassVar[Collection[Kind]]
    """What it can carry; the rest becomes a visible remark in the file where that is possible."""
    carries: ClassVar[Collection[str]]
    """Which of :data:`FIELDS` it can carry."""
    markups: ClassVar[Collection[Markup]]
    """In which markups it can say a text."""
    remarks: ClassVar[Sequence[str]] = ()
    """What else it cannot carry; message ids."""

    @property
    def cannot_carry(self) -> tuple[str, ...]:
        """Return what is lost in this format, in words: message ids."""
        kinds = (label for kind, label in KINDS.items() if kind not in self.kinds)
        named = (label for name, label in FIELDS.items() if name not in self.carries)
        return (*kinds, *named, *self.remarks)

    def recognizes(self, data: bytes, name: str) -> bool:
        """Say whether a file looks like this format; at most one format should say so."""
        return name.lower().endswith(self.suffix)

    @abstractmethod
    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        """Read a file.

        :param name: the file's name, for messages.
        :param encoding: of a text file; detected if empty.
        :raises Invalid: the file as a whole is refused.
        """

    @abstractmethod
    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        """Return a file of these items. What it cannot carry is left out or left as a remark."""


def true_false(*, truth: bool, if_true: Text = NO_TEXT, if_false: Text = NO_TEXT) -> dict[str, Any]:
    """Return the options and the key of a true/false question.

    :param if_true: what somebody is told who said "true".
    """
    return {
        "options": (
            Option(Text("对"), truth, FULL if truth else NOTHING, if_true),
            Option(Text("错"), not truth, NOTHING if truth else FULL, if_false),
        ),
        "answers": (Answer(Text("true" if truth else "false")),),
    }


def is_true(item: Item) -> bool:
    """Say what the key of a true/false question is."""
    return truth_options(item)[0].correct


def truth_options(item: Item) -> tuple[Option, Option]:
    """Return what "true" and "false" are worth and tell; a key without options is made of words."""
    if len(item.options) == 2:
        return item.options[0], item.options[1]
    said = any(answer.text.source.strip().lower() == "true" for answer in item.answers)
    true, false = true_false(truth=said)["options"]
    return true, false


def each_text(item: Item) -> Iterator[Text]:
    """Yield every text of an item and of its parts."""
    yield from (item.stem, item.general_feedback)
    for option in item.options:
        yield from (option.text, option.feedback)
    for answer in item.answers:
        yield from (answer.text, answer.feedback)
    for pair in item.pairs:
        yield from (pair.left, pair.right)
    yield from (point.text for point in item.scoring_points)
    for part in item.parts:
        yield from each_text(part)


def right_answers(item: Item) -> tuple[Answer, ...]:
    """Return the answers that are wholly right: all that a format without weights may say."""
    return tuple(answer for answer in item.answers if answer.weight in {None, FULL})


def with_texts(item: Item, change: Callable[[Text], Text]) -> Item:
    """Return an item with every text of its own changed; those of its parts stay."""
    return replace(
        item,
        stem=change(item.stem),
        general_feedback=change(item.general_feedback),
        options=tuple(
            replace(each, text=change(each.text), feedback=change(each.feedback))
            for each in item.options
        ),
        answers=tuple(
            replace(each, text=change(each.text), feedback=change(each.feedback))
            for each in item.answers
        ),
        pairs=tuple(
            replace(each, left=change(each.left), right=change(each.right)) for each in item.pairs
        ),
        scoring_points=tuple(replace(each, text=change(each.text)) for each in item.scoring_points),
    )


def with_notes(item: Item, found: Sequence[Note]) -> Item:
    """Return an item with further notes."""
    return replace(item, notes=(*item.notes, *found)) if found else item


def names_of(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of a dataclass's fields, in order."""
    return tuple(entry.name for entry in fields(kind))


def clean(html: str) -> str:
    """Return HTML without script, event handlers, style and foreign frames."""
    if "<" not in html and "&" not in html:
        return html
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES)


@lru_cache(maxsize=4096)
def _html(source: str, markup: Markup) -> str:
    return _made(source, markup)


def _made(source: str, markup: Markup) -> str:
    if markup is Markup.MARKDOWN and (len(source) > _LONGEST or source.count("[") > _MOST_LINKS):
        markup = Markup.PLAIN  # a page must not wait for a text made to be slow
    if markup is Markup.PLAIN:
        return escape(source, quote=False).replace("\n", "<br>\n")
    if markup is Markup.MOODLE:
        return clean(source.replace("\n", "<br>\n"))
    if markup is Markup.MARKDOWN:
        return clean(markdown.render(source))
    return clean(source)
