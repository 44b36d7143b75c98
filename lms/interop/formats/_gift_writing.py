"""Write GIFT. Every text is on one line; what the grammar gives a meaning is escaped."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from lms.interop.formats import _text
from lms.interop.types import (
    FULL,
    NO_TEXT,
    NOTHING,
    Answer,
    Item,
    Kind,
    Markup,
    Option,
    Text,
    is_true,
    truth_options,
)

_SPECIAL = re.compile(r"([\\:#={}~])")
_MARKED = re.compile(r"\[(?:html|markdown|moodle|plain)\]")
_PERCENT = re.compile(r"\s*%")


def write(items: Sequence[Item]) -> str:
    """Return the items as GIFT, each followed by a blank line."""
    return "".join(_lines(items))


def _lines(items: Sequence[Item]) -> Iterator[str]:
    category = ""
    for item in items:
        if item.category != category:
            category = item.category
            yield f"$CATEGORY: {_one_line(category)}\n\n"
        comment = _comment(item)
        yield f"// {comment}\n" if comment else ""
        writer = _BLOCKS.get(item.kind)
        if writer is None:
            shown = item.raw or _text.plain(item.stem)
            yield "".join(f"// {line}\n" for line in shown.split("\n")) + "\n"
        else:
            yield f"{_head(item)}{writer(item)}\n\n"


def _comment(item: Item) -> str:
    identity = [f"[id:{_named(item.id)}]"] if item.id else []
    return " ".join([*identity, *(f"[tag:{_named(tag)}]" for tag in item.tags)])


def _named(text: str) -> str:
    """An id or a tag: one line, and no bracket that would end it."""
    return _one_line(text).replace("]", "）")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _head(item: Item) -> str:
    name = f"::{_escaped(item.name)}::" if item.name else ""
    stem = item.stem.source.strip()
    # without a mark a stem could be taken for a comment or a category; HTML keeps its breaks
    bare = item.stem.markup is Markup.MOODLE and not stem.startswith(("/", "$", "[", "::"))
    mark = "" if bare and stem else f"[{item.stem.markup}]"
    return f"{name}{mark}{_escaped(stem)}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.strip()).replace("\n", r"\n")


def _said(text: Text, stem: Text) -> str:
    """A text inside the block; its mark is left out where it is the stem's."""
    source = text.source.strip()
    same = text.markup is stem.markup and not _MARKED.match(source)
    return _escaped(source) if same else f"[{text.markup}]{_escaped(source)}"


def _hashed(text: Text, stem: Text, mark: str = "#") -> str:
    return f"{mark}{_said(text, stem)}" if text else ""


def _general(item: Item) -> str:
    return _hashed(item.general_feedback, item.stem, "####")


def _description(_item: Item) -> str:
    return ""


def _essay(item: Item) -> str:
    return f"{{{_general(item)}}}"


def _true_false(item: Item) -> str:
    truth = is_true(item)
    feedback = [option.feedback for option in truth_options(item)]
    wrong, right = feedback[::-1] if truth else feedback
    said = _hashed(wrong, item.stem) or ("#" if right else "")
    return f"{{{'TRUE' if truth else 'FALSE'}{said}{_hashed(right, item.stem)}{_general(item)}}}"


def _choice(item: Item) -> str:
    single = item.kind is Kind.SINGLE_CHOICE
    weights = [*_weights(item)]
    lines = []
    for option, weight in zip(item.options, weights, strict=True):
        mark = "=" if single and option.correct else "~"
        usual = FULL if mark == "=" else NOTHING
        percent = "" if weight == usual and not _PERCENT.match(option.text.source) else _pc(weight)
        feedback = _hashed(option.feedback, item.stem)
        lines.append(f"\n\t{mark}{percent}{_said(option.text, item.stem)}{feedback}")
    return _block(lines, item)


def _weights(item: Item) -> Iterator[Decimal]:
    """Weights of options that have none: shares of the key; a wrong option costs all of it."""
    right = sum(option.correct for option in item.options)
    for option in item.options:
        yield option.weight if option.weight is not None else _share(option, right, item.kind)


def _share(option: Option, right: int, kind: Kind) -> Decimal:
    if kind is Kind.SINGLE_CHOICE:
        return FULL if option.correct else NOTHING
    return (FULL / right).quantize(Decimal("0.00001")) if option.correct else -FULL


def _pc(weight: Decimal) -> str:
    return f"%{_text.percent(weight)}%"


def _answers(item: Item) -> str:
    lines = []
    for answer in item.answers:
        text = Text(answer.text.source.replace("->", "→"), answer.text.markup)
        protect = bool(_PERCENT.match(text.source))
        feedback = _hashed(answer.feedback, item.stem)
        lines.append(f"\n\t={_percent(answer, protect=protect)}{_said(text, item.stem)}{feedback}")
    return _block(lines, item)


def _percent(answer: Answer, *, protect: bool = False) -> str:
    weight = FULL if answer.weight is None else answer.weight
    return "" if weight == FULL and not protect else _pc(weight)


def _numeric(item: Item) -> str:
    lines = []
    for answer in item.answers:
        value = _text.plain(answer.text).strip()
        margin = "" if answer.tolerance is None else f":{_text.digits(answer.tolerance)}"
        feedback = _hashed(answer.feedback, item.stem)
        if value == "*":
            lines.append(f"\n\t~{feedback}")
        else:
            lines.append(f"\n\t={_percent(answer)}{value}{margin}{feedback}")
    return _block(lines, item, "#")


def _matching(item: Item) -> str:
    lines = []
    for pair in item.pairs:
        left = Text(pair.left.source.replace("->", "→"), pair.left.markup)
        said = f"{_said(left, item.stem)} " if left else ""
        lines.append(f"\n\t={said}-> {_escaped(_text.plain(pair.right))}")
    return _block(lines, item)


def _block(lines: Sequence[str], item: Item, mark: str = "") -> str:
    general = f"\n\t{_general(item)}" if item.general_feedback is not NO_TEXT else ""
    return f"{{{mark}{''.join(lines)}{general}\n}}"


_BLOCKS = {
    Kind.DESCRIPTION: _description,
    Kind.ESSAY: _essay,
    Kind.TRUE_FALSE: _true_false,
    Kind.SINGLE_CHOICE: _choice,
    Kind.MULTIPLE_CHOICE: _choice,
    Kind.FILL_BLANK: _answers,
    Kind.SHORT_ANSWER: _answers,
    Kind.NUMERIC: _numeric,
    Kind.MATCHING: _matching,
}
