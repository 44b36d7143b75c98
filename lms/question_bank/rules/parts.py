"""What a question asks and what would be right, in words, whatever its kind. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lms.kernel.reading import Raw
from lms.question_bank.rules.marking import all_kinds
from lms.question_bank.types import Field, Input, Marking, QuestionKind


class Part(NamedTuple):
    """One field of a question with its key."""

    field: Field
    right: str
    """As people say it: the words of what is to be picked, never its letter."""
    value: str
    """As a page sends it."""


def is_lettered(kind_name: str) -> bool:
    """Say whether a kind has options with letters: their own rules know more about them."""
    return kind_name in all_kinds() and "options" in all_kinds()[kind_name].spec_keys


def parts_of(kind_name: str, spec: Raw) -> tuple[Part, ...]:
    """Return what is asked, field by field, in the author's order; nothing of an unknown kind.

    :raises Invalid: the spec is faulty.
    """
    if kind_name not in all_kinds():
        return ()
    kind: QuestionKind[Any, Any] = all_kinds()[kind_name]
    parsed = kind.read_spec(spec)
    order = range(kind.places(parsed))
    right = kind.specimens(parsed).right
    fields = kind.view(parsed, order).fields
    told = kind.explain(parsed, right, order, Marking.whole())
    values = kind.to_parts(parsed, right, order)
    return tuple(
        Part(field, _in_words(field, outcome.right), value)
        for field, outcome, value in zip(fields, told, values, strict=True)
    )


def texts_in(value: object) -> Iterator[str]:
    """Find every text inside a kind's table, in order; letters of a key are no words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name != "answer":
                yield from texts_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_in(part)


def _in_words(field: Field, right: str) -> str:
    if field.input not in {Input.ONE, Input.MANY}:
        return right
    return "、".join(words for value, words in field.choices if value in right)
