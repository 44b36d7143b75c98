"""Questions as authors write them: for each kind, its own keys in a table and what they say.

The keys are those that the kinds of the question bank read (``lms.question_bank.kinds``). One pair
of functions for each kind, in one table, serves our TOML files and the bank itself.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lms.interop.formats import _own_number, _text
from lms.interop.formats._markdown import markdown_of
from lms.interop.formats._own import (
    Fields,
    Table,
    bare,
    list_of_strings,
    markdown,
    once,
    strings,
)
from lms.interop.formats._own_choice import choice, multiple_from, single_from
from lms.interop.formats._own_judged import (
    WRITTEN,
    case,
    case_from,
    essay,
    essay_from,
    plan,
    plan_from,
    truth,
    truth_from,
)
from lms.interop.formats._own_number import number, number_from
from lms.interop.types import (
    BLANK,
    NO_TEXT,
    Answer,
    Item,
    Kind,
    Markup,
    Option,
    Pair,
    Text,
    right_answers,
)
from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

_PLACE = re.compile(r"\{#([0-9]{1,3})\}")
_OWN_PLACE = re.compile(r"\[\[([0-9]{1,3})\]\]")
_HOLE = re.compile(r"[（(](?:\s|&nbsp;|&#160;)*[）)]|_{2,}")
"""Where a stem leaves room for an answer, in any markup but Markdown."""
_KEPT_PLACE = re.compile("\ue001([0-9]{1,3})\ue002")


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
    """Return an item's stem in Markdown, its gaps as authors write them: no mark of Markdown."""
    if item.kind is Kind.CLOZE:
        kept = Text(_PLACE.sub("\ue001\\1\ue002", item.stem.source), item.stem.markup)
        return _KEPT_PLACE.sub(r"[[\1]]", markdown_of(kept))
    if item.kind is not Kind.FILL_BLANK or item.stem.markup is Markup.MARKDOWN:
        return markdown_of(item.stem)
    holes = [_hole(found.group()) for found in _HOLE.finditer(item.stem.source)][:999]
    numbers = iter(range(len(holes)))
    kept = Text(
        _HOLE.sub(
            lambda _found: f"\ue001{next(numbers)}\ue002", item.stem.source, len(holes) or -1
        ),
        item.stem.markup,
    )
    return _KEPT_PLACE.sub(lambda found: holes[int(found.group(1))], markdown_of(kept))


def _hole(found: str) -> str:
    return BLANK if found[0] == "_" else f"{found[0]} {found[-1]}"


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


def _of(kind: Kind) -> Authored:
    if kind not in KINDS:
        raise Invalid("no_question", N_("不是能导入的试题"), where="kind")
    return KINDS[kind]


def _blanks(item: Item) -> Table:
    found: dict[int, list[str]] = {}
    for one in right_answers(item):
        found.setdefault(one.blank, []).append(_text.plain(one.text))
    if not found:
        raise Invalid("no_right_answer", N_("没有答案"), where="blanks")
    if sorted(found) != list(range(1, len(found) + 1)):
        raise Invalid("no_right_answer", N_("有的空没有答案"), where="blanks")
    made: Table = {"blanks": [once(found[at]) for at in sorted(found)]}
    return made | ({"any_order": True} if item.any_order else {})


def _blanks_from(raw: Raw) -> Fields:
    listed = raw.get("blanks")
    if not isinstance(listed, list | tuple) or not listed:
        raise Invalid("not_texts", N_("必须是文字的列表"), where="blanks")
    answers = []
    for at, texts in enumerate(listed):
        with reading.within("blanks"):
            texts = list_of_strings(texts, str(at))  # noqa: PLW2901 - checked, the same
            answers += [Answer(bare(text), blank=at + 1) for text in texts]
    return {
        "answers": tuple(answers),
        "any_order": reading.flag(raw, "any_order", default=False),
    }


def _short(item: Item) -> Table:
    texts = once([_text.plain(one.text) for one in right_answers(item)])
    if not texts:
        raise Invalid("no_right_answer", N_("没有答案"), where="answers")
    return {"answers": texts}


def _short_from(raw: Raw) -> Fields:
    return {"answers": tuple(Answer(bare(text)) for text in strings(raw, "answers"))}


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
        return {key: value for key, value in choice(part).items() if key != "weights"}
    if part.kind is Kind.NUMERIC:
        return number(part, "number")
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
        reading.only(gap, ("options", "answer"))
        return Item(Kind.SINGLE_CHOICE, NO_TEXT, **single_from(gap))
    if "number" in gap:
        reading.only(gap, ("number", *_own_number.KEYS))
        return Item(Kind.NUMERIC, NO_TEXT, **number_from(gap, "number"))
    reading.only(gap, ("answers",))
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
            sides = list_of_strings(pair, str(at))
            if len(sides) != 2:
                raise Invalid("not_pairs", N_("必须是 [左, 右] 的列表"), where=str(at))
            made.append(Pair(markdown(sides[0]), markdown(sides[1])))
    extra = strings(raw, "extra") if "extra" in raw else []
    return {"pairs": (*made, *(Pair(NO_TEXT, markdown(text)) for text in extra))}


def _order(item: Item) -> Table:
    if len(item.options) < 2:
        raise Invalid("few_options", N_("选项不到两个"), where="items")
    return {"items": [markdown_of(one.text) for one in item.options]}


def _order_from(raw: Raw) -> Fields:
    return {"options": tuple(Option(markdown(text)) for text in strings(raw, "items"))}


KINDS: Mapping[Kind, Authored] = {
    Kind.SINGLE_CHOICE: Authored(("options", "answer", "weights"), choice, single_from),
    Kind.MULTIPLE_CHOICE: Authored(("options", "answer", "weights"), choice, multiple_from),
    Kind.TRUE_FALSE: Authored(("answer",), truth, truth_from),
    Kind.FILL_BLANK: Authored(("blanks", "any_order"), _blanks, _blanks_from),
    Kind.SHORT_ANSWER: Authored(("answers",), _short, _short_from),
    Kind.NUMERIC: Authored(("answer", *_own_number.KEYS), number, number_from),
    Kind.CLOZE: Authored(("gaps",), _cloze, _cloze_from),
    Kind.MATCHING: Authored(("pairs", "extra"), _pairs, _pairs_from),
    Kind.ORDERING: Authored(("items",), _order, _order_from),
    Kind.ESSAY: Authored((*WRITTEN, "least_chars"), essay, essay_from),
    Kind.CASE_ANALYSIS: Authored(("parts",), case, case_from),
    Kind.PLAN_DESIGN: Authored(("sections",), plan, plan_from),
}
"""One line for each kind. A kind is added here and nowhere else in this room."""
