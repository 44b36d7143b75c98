"""What of an item a format can carry, and what would be lost. One table for both questions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from lms.interop.formats import _text
from lms.interop.types import (
    FIELDS,
    FULL,
    KINDS,
    NO_TEXT,
    NOTHING,
    Answer,
    Format,
    Item,
    Kind,
    Note,
    Option,
    Source,
    Text,
    each_text,
    note,
    right_answers,
    with_texts,
)
from lms.kernel.errors import N_

_CHOICES = frozenset({Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE})
"""The parts of a case whose points are said of the case."""
_MODEL = frozenset({Kind.ESSAY, Kind.PLAN_DESIGN, Kind.CASE_ANALYSIS})
_MEDIA = "media/"


@dataclass(frozen=True, slots=True)
class _Field:
    """How to see whether an item says something, and how it would be without it."""

    says: Callable[[Item], bool]
    without: Callable[[Item], Item]


def losses(item: Item, target: Format) -> Iterator[Note]:
    """Yield what would be lost if the item were written in a format."""
    if item.kind not in target.kinds:
        yield _lost("kind", KINDS[item.kind], target, item)
        return
    for name, label in FIELDS.items():
        if name not in target.carries and _FIELDS[name].says(item):
            yield _lost(name, label, target, item)
    for part in _parts(item, target):
        yield from losses(part, target)


def _parts(item: Item, target: Format) -> tuple[Item, ...]:
    """Return the parts that are told; where sections are, their names are titles and told too."""
    if item.kind is Kind.CASE_ANALYSIS:
        return tuple(map(_without_score, item.parts))
    if item.kind is not Kind.PLAN_DESIGN:
        return item.parts
    if "sections" not in target.carries:
        return ()
    return tuple(replace(part, name="") for part in item.parts)


def restricted(item: Item, target: Format) -> Item:
    """Return an item without what a format cannot carry; its kind must be one that it can."""
    for name in FIELDS:
        if name not in target.carries:
            item = _FIELDS[name].without(item)
    parts = tuple(restricted(part, target) for part in item.parts)
    if item.kind is Kind.CASE_ANALYSIS:
        both = zip(parts, item.parts, strict=True)
        parts = tuple(
            replace(one, score=part.score) if part.kind in _CHOICES else one for one, part in both
        )
    if item.kind is Kind.PLAN_DESIGN:
        titles = (part.name for part in item.parts)
        parts = tuple(replace(one, name=name) for one, name in zip(parts, titles, strict=True))
    return replace(item, parts=parts)


def _without_score(part: Item) -> Item:
    return replace(part, score=None) if part.kind in _CHOICES else part


def _says_scores(item: Item) -> bool:
    return item.kind is Kind.CASE_ANALYSIS and any(
        part.score is not None for part in item.parts if part.kind in _CHOICES
    )


def _without_scores(item: Item) -> Item:
    if item.kind is not Kind.CASE_ANALYSIS:
        return item
    return replace(item, parts=tuple(map(_without_score, item.parts)))


def _lost(name: str, label: str, target: Format, item: Item) -> Note:
    return note(
        f"lost_{name.replace('.', '_')}",
        N_("%(format)s 写不下：%(what)s"),
        line=item.line,
        format=target.label,
        what=label,
    )


def _plain(key: str, empty: Any) -> _Field:
    return _Field(
        lambda item: bool(getattr(item, key) != empty), lambda item: replace(item, **{key: empty})
    )


def _options(key: str, says: Callable[[Option], bool], empty: Any) -> _Field:
    def without(item: Item) -> Item:
        made = tuple(replace(each, **{key: empty}) if says(each) else each for each in item.options)
        return replace(item, options=made)

    return _Field(lambda item: any(map(says, item.options)), without)


def _answers(key: str, says: Callable[[Answer], bool], empty: Any) -> _Field:
    def without(item: Item) -> Item:
        made = tuple(replace(each, **{key: empty}) for each in item.answers)
        return replace(item, answers=made)

    return _Field(lambda item: any(map(says, item.answers)), without)


def _weighted(item: Item) -> bool:
    """Say whether weights tell more than which options are right."""
    single = item.kind in {Kind.SINGLE_CHOICE, Kind.TRUE_FALSE}
    usual = {True: FULL, False: NOTHING}
    return any(
        each.weight is not None and not (single and each.weight == usual[each.correct])
        for each in item.options
    )


def _unweighted(item: Item) -> Item:
    if item.kind in {Kind.SINGLE_CHOICE, Kind.TRUE_FALSE}:
        usual = {True: FULL, False: NOTHING}
        made = tuple(replace(each, weight=usual[each.correct]) for each in item.options)
    else:
        made = tuple(replace(each, weight=None) for each in item.options)
    return replace(item, options=made)


def _bare(text: Text) -> Text:
    return Text(_text.plain(text)) if text else NO_TEXT


def _one_line(text: Text) -> Text:
    return Text(" ".join(text.source.split()), text.markup) if "\n" in text.source else text


def _without_details(item: Item) -> Item:
    return replace(item, source=Source(title=item.source.title))


_FIELDS: dict[str, _Field] = {
    **{name: _plain(name, "") for name in ("name", "id", "category", "chapter", "point")},
    **{name: _plain(name, ()) for name in ("tags", "units", "scoring_points")},
    **{name: _plain(name, None) for name in ("difficulty", "score", "valid_on", "most_points")},
    "units.hidden": _Field(
        lambda item: not all(unit.shown for unit in item.units),
        lambda item: replace(item, units=tuple(replace(unit, shown=True) for unit in item.units)),
    ),
    "parts.score": _Field(_says_scores, _without_scores),
    "sections": _Field(
        lambda item: item.kind is Kind.PLAN_DESIGN and bool(item.parts),
        lambda item: replace(item, parts=()) if item.kind is Kind.PLAN_DESIGN else item,
    ),
    "source": _plain("source", Source()),
    "source.details": _Field(
        lambda item: any((item.source.kind, item.source.edition, item.source.article)),
        _without_details,
    ),
    "general_feedback": _plain("general_feedback", NO_TEXT),
    "options.weight": _Field(_weighted, _unweighted),
    "options.feedback": _options("feedback", lambda each: bool(each.feedback), NO_TEXT),
    "answers.weight": _Field(
        lambda item: any(each.weight != FULL for each in item.answers),
        lambda item: replace(
            item, answers=tuple(replace(each, weight=FULL) for each in right_answers(item))
        ),
    ),
    "answers.feedback": _answers("feedback", lambda each: bool(each.feedback), NO_TEXT),
    "answers.blank": _answers("blank", lambda each: each.blank != 1, 1),
    "answers.model": _Field(
        lambda item: item.kind in _MODEL and bool(item.answers),
        lambda item: replace(item, answers=()) if item.kind in _MODEL else item,
    ),
    "pairs.distractors": _Field(
        lambda item: any(not pair.left for pair in item.pairs),
        lambda item: replace(item, pairs=tuple(pair for pair in item.pairs if pair.left)),
    ),
    "case_sensitive": _plain("case_sensitive", empty=False),
    "any_order": _plain("any_order", empty=False),
    "length": _Field(
        lambda item: item.least_chars is not None or item.most_chars is not None,
        lambda item: replace(item, least_chars=None, most_chars=None),
    ),
    "shuffle": _plain("shuffle", empty=True),
    "media": _Field(
        lambda item: any(_MEDIA in text.source for text in each_text(item)), lambda item: item
    ),
    "markup": _Field(
        lambda item: not all(map(_text.is_plain, each_text(item))),
        lambda item: with_texts(item, _bare),
    ),
    "newlines": _Field(
        lambda item: any("\n" in text.source for text in each_text(item)),
        lambda item: with_texts(item, _one_line),
    ),
}
