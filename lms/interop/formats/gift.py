r"""GIFT, Moodle's text format: https://docs.moodle.org/en/GIFT_format.

A question is a passage without blank lines: ``::name::[markup]stem{answers}``. The block decides
what it is: empty an essay, ``#`` numeric, ``~`` a choice, ``= … -> …`` matching, T or F
true/false, else a short answer. A break inside a passage is a blank unless the markup is HTML or
Markdown; ``\n`` is a real one. Where Moodle and the grammar of ``gift-pegjs`` differ, we read
what either reads.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from lms.interop.formats import _text
from lms.interop.formats._gift_writing import write
from lms.interop.types import (
    BLANK,
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
    note,
    true_false,
)
from lms.kernel.errors import N_, Invalid

_MASKED = dict(zip("\\:#={}~n", "\x01\x02\x03\x04\x05\x06\x07\x08", strict=True))
_UNMASK = {ord(mask): "\n" if char == "n" else char for char, mask in _MASKED.items()}
_ESCAPE = re.compile(r"\\([\\:#={}~n])")
_NAME = re.compile(r"::(.*?)::", re.DOTALL)
_MARKUP = re.compile(r"\[(html|markdown|moodle|plain)\]")
_SPACES = re.compile(r"\s\s+")
_WEIGHT = re.compile(r"\s*%\s*(-?[0-9]+(?:\.[0-9]*)?|-?\.[0-9]+)\s*%")
_ID = re.compile(r"\[id:([^\x00-\x1f\x7f]+?)(?<!\\)\]")
_TAG = re.compile(r"\[tag:([^\x00-\x1f\x7f]+?)\]")
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_CHOICE_MARK = re.compile(r"(?=[=~])")


class Gift(Format):
    name = "gift"
    label = N_("Moodle GIFT 文本")
    suffix = ".gift"
    kinds = frozenset(
        {
            Kind.SINGLE_CHOICE,
            Kind.MULTIPLE_CHOICE,
            Kind.TRUE_FALSE,
            Kind.FILL_BLANK,
            Kind.SHORT_ANSWER,
            Kind.NUMERIC,
            Kind.MATCHING,
            Kind.ESSAY,
            Kind.DESCRIPTION,
        }
    )
    carries = frozenset(
        {
            "name",
            "id",
            "tags",
            "category",
            "general_feedback",
            "options.weight",
            "options.feedback",
            "answers.weight",
            "answers.feedback",
            "pairs.distractors",
            "markup",
            "newlines",
        }
    )
    markups = frozenset(Markup)
    remarks = (
        N_("配对题右边的样式"),
        N_("没有权重的多项选择题：写成答案均分，选错扣到零分"),
        N_("权重写到小数点后五位"),
        N_("连续的空格"),
        N_("没有读懂的题写成注释"),
    )

    def recognizes(self, data: bytes, name: str) -> bool:
        if name.lower().endswith((".gift", ".gift.txt")):
            return True
        return name.lower().endswith(".txt") and b"{" in data and b"}" in data

    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        text, taken, notes = _text.decode(data, encoding)
        items = []
        for passage in _passages(text):
            items.append(_item(passage))
            _text.check_count(len(items))
        return Read(tuple(items), tuple(notes), encoding=taken)

    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        return write(items).encode()


FORMAT = Gift()
assert FORMAT.carries <= FIELDS.keys()  # noqa: S101 - a mistyped field would lose data unseen


@dataclass(slots=True)
class _Passage:
    """The lines of one question and what the comments and categories above it said."""

    line: int
    text: str
    category: str = ""
    id: str = ""
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class _Block:
    """The inside of the braces while it is being read."""

    inner: str
    markup: Markup
    line: int
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, message: str, **params: Any) -> None:
        self.notes.append(note(code, message, line=self.line, **params))

    def text(self, masked: str) -> Text:
        return _read_text(masked, self.markup)


def _passages(text: str) -> Iterator[_Passage]:
    category = identity = ""
    tags: tuple[str, ...] = ()
    lines: list[str] = []
    first = 1
    for number, line in enumerate((*text.split("\n"), ""), start=1):
        stripped = line.strip()
        if stripped.startswith("//"):
            found = _ID.search(stripped)
            identity = found.group(1).strip().replace("\\]", "]") if found else identity
            tags += tuple(tag.strip() for tag in _TAG.findall(stripped))
        elif stripped.startswith("$CATEGORY:") and not lines:
            category = stripped.removeprefix("$CATEGORY:").strip()
        elif stripped:
            first = first if lines else number
            lines.append(line)
        elif lines:
            yield _Passage(first, "\n".join(lines), category, identity, tags)
            identity, tags, lines = "", (), []


def _item(passage: _Passage) -> Item:
    """Read one passage. What cannot be read is an unsupported item that still shows it."""
    masked = _ESCAPE.sub(lambda found: _MASKED[found.group(1)], passage.text).strip()
    name = _NAME.match(masked)
    masked = masked[name.end() :] if name else masked
    found = _opened(masked, passage)
    return replace(
        found,
        name=_plain(name.group(1)) if name else "",
        id=passage.id,
        tags=tuple(dict.fromkeys(passage.tags)),
        category=passage.category,
        line=passage.line,
    )


def _opened(masked: str, passage: _Passage) -> Item:
    opening, closing = masked.find("{"), masked.find("}")
    if opening < 0 and closing < 0:
        return Item(Kind.DESCRIPTION, _read_text(masked, Markup.MOODLE))
    if opening < 0 or closing < opening:
        return _unread(passage, "unpaired_brace", N_("花括号没有成对，或者括号里有空行"))
    before, inner, after = masked[:opening], masked[opening + 1 : closing], masked[closing + 1 :]
    stem = _read_text(before, Markup.MOODLE)
    rest = "" if after.strip().startswith("//") else after
    if rest.strip():
        shown = _read_text(rest, stem.markup)
        source = f"{stem.source} {BLANK} {shown.source}".lstrip()
        stem = Text(source, stem.markup if before.strip() else shown.markup)
    block = _Block(inner, stem.markup, passage.line)
    if "{" in inner or "{" in rest or "}" in rest:
        block.note("second_block", N_("一道题只能有一对花括号，其余的留在题干里"))
    try:
        item = _answered(block, stem)
    except Invalid as fault:
        return _unread(passage, fault.code, fault.message, **fault.params)
    return replace(item, notes=tuple(block.notes))


def _answered(block: _Block, stem: Text) -> Item:
    """Decide what the block is and read it."""
    _text.check_marks(block.inner, "=~#", line=block.line)
    inner, _mark, general = block.inner.partition("####")
    feedback = block.text(general)
    inner = inner.strip()
    if not inner:
        item = Item(Kind.ESSAY, stem)
    elif inner.startswith("#"):
        item = Item(Kind.NUMERIC, stem, answers=_numbers(inner[1:].strip(), block))
    elif "~" in inner:
        item = _choice(inner, block, stem)
    elif inner.startswith("=") and _has_arrow(inner):
        item = Item(Kind.MATCHING, stem, pairs=_pairs(inner, block))
    elif inner.split("#", 1)[0].strip() in _TRUTH:
        item = _true_false(inner, block, stem)
    else:
        item = _short(inner, block, stem)
    return replace(item, general_feedback=feedback)


def _has_arrow(inner: str) -> bool:
    """Say whether an answer is a pair; an arrow inside feedback makes none."""
    return any("->" in piece.partition("#")[0] for piece in inner.split("="))


def _choice(inner: str, block: _Block, stem: Text) -> Item:
    single = "=" in inner
    options = []
    for mark, stated, text, feedback in _pieces(inner, block):
        usual = FULL if mark == "=" else NOTHING
        weight = usual if stated is None else stated
        correct = mark == "=" if single else weight > 0
        options.append(Option(block.text(text), correct, weight, block.text(feedback)))
    if not any(option.correct for option in options):
        block.note("no_right_answer", N_("没有一个选项是对的"))
    kind = Kind.SINGLE_CHOICE if single else Kind.MULTIPLE_CHOICE
    return Item(kind, stem, options=tuple(options))


def _short(inner: str, block: _Block, stem: Text) -> Item:
    answers = []
    for _mark, weight, text, feedback in _pieces(inner, block, alone=True):
        percent = FULL if weight is None else weight
        answers.append(Answer(block.text(text), percent, block.text(feedback)))
        if "*" in text:
            block.note("wildcard", N_("答案里的 * 在 Moodle 中代表任意文字，这里按原样保留"))
    kind = Kind.FILL_BLANK if BLANK in stem.source else Kind.SHORT_ANSWER
    return Item(kind, stem, answers=tuple(answers))


def _pairs(inner: str, block: _Block) -> tuple[Pair, ...]:
    pairs = []
    for piece in inner.split("=")[1:]:
        left, arrow, right = piece.partition("->")
        if not arrow:
            block.note("no_arrow", N_("配对缺少 ->：%(text)s"), text=_plain(piece))
        right, mark, feedback = right.partition("#")
        if mark:
            block.note("pair_feedback", N_("配对不能有反馈：%(text)s"), text=_plain(feedback))
        pairs.append(Pair(block.text(left), Text(_folded(right))))
    _text.too_many(pairs, "->", line=block.line)
    return tuple(pairs)


def _true_false(inner: str, block: _Block, stem: Text) -> Item:
    word, *said = inner.split("#")
    truth = _TRUTH[word.strip()]
    wrong, right, *more = [*(block.text(text) for text in said), NO_TEXT, NO_TEXT]
    if any(more):
        block.note("third_feedback", N_("判断题最多两段反馈，多出的没有读入"))
    if_true, if_false = (right, wrong) if truth else (wrong, right)
    key = true_false(truth=truth, if_true=if_true, if_false=if_false)
    return Item(Kind.TRUE_FALSE, stem, **key)


def _numbers(inner: str, block: _Block) -> tuple[Answer, ...]:
    answers = []
    for _mark, weight, text, feedback in _pieces(inner, block, alone=True):
        value, tolerance = _number(text, block)
        percent = weight if weight is not None else FULL if _mark == "=" else NOTHING
        answers.append(Answer(Text(value), percent, block.text(feedback), tolerance))
    return tuple(answers)


def _number(text: str, block: _Block) -> tuple[str, Decimal | None]:
    """Return the middle and the tolerance of ``3``, ``3:0.1`` or ``2.9..3.1``."""
    shown = _plain(text)
    if shown in {"", "*"}:
        return "*", None
    low, dots, high = shown.partition("..")
    value, colon, margin = shown.partition(":")
    numbers = [_text.number(part) for part in ((low, high) if dots else (value, margin or "0"))]
    if None in numbers:
        block.note("not_a_number", N_("不是数：%(text)s"), text=shown)
        return shown, None
    first, second = (part for part in numbers if part is not None)
    if dots:
        return _text.digits((first + second) / 2), abs(second - first) / 2
    return _text.digits(first), second if colon else None


def _pieces(
    inner: str, block: _Block, *, alone: bool = False
) -> Iterator[tuple[str, Decimal | None, str, str]]:
    """Yield mark, weight, text and feedback of each answer.

    :param alone: whether one answer may stand without its mark.
    """
    pieces = [piece for piece in _CHOICE_MARK.split(inner) if piece.strip()]
    _text.too_many(pieces, "= ~", line=block.line)
    for position, piece in enumerate(pieces):
        mark = piece[0] if piece[0] in "=~" else ""
        if not mark and not (alone and len(pieces) == 1):
            block.note("stray_text", N_("答案前面缺少 = 或 ~：%(text)s"), text=_plain(piece))
        said, _hash, feedback = piece[len(mark) :].partition("#")
        weight = _WEIGHT.match(said)
        if weight:
            said = said[weight.end() :]
        elif said.lstrip().startswith("%"):
            block.note("bad_weight", N_("权重写错了：%(text)s"), text=_plain(said))
        value = _text.number(weight.group(1)) if weight else None
        yield mark or ("~" if position and not alone else "="), value, said, feedback


def _read_text(masked: str, markup: Markup) -> Text:
    stripped = masked.strip()
    found = _MARKUP.match(stripped)
    if found:
        markup = Markup(found.group(1))
        stripped = stripped[found.end() :].strip()
    if not stripped:
        return Text("", markup) if found else NO_TEXT
    if markup in {Markup.MOODLE, Markup.PLAIN}:
        stripped = _joined(stripped)
    return Text(stripped.translate(_UNMASK), markup)


def _joined(masked: str) -> str:
    return _SPACES.sub(" ", masked.replace("\n", " "))


def _folded(masked: str) -> str:
    return _joined(masked.strip()).translate(_UNMASK)


def _plain(masked: str) -> str:
    return masked.strip().translate(_UNMASK)


def _unread(passage: _Passage, code: str, message: str, **params: Any) -> Item:
    found = note(code, message, line=passage.line, **params)
    return Item(Kind.UNSUPPORTED, Text(passage.text), raw=passage.text, notes=(found,))
