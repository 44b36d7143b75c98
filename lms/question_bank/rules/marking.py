"""What is done with a question of any kind: shown, answered, marked, explained. Pure."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from lms.kernel.discovery import discover
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank import kinds
from lms.question_bank.types import Input, Mark, Marking, Outcome, QuestionKind, View

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@cache
def all_kinds() -> dict[str, QuestionKind[Any, Any]]:
    """Return every kind of question by its name."""
    return discover(kinds, "KIND")


def kind_named(name: str) -> QuestionKind[Any, Any]:
    """Return a kind.

    :raises Invalid: ``no_kind``.
    """
    try:
        return all_kinds()[name]
    except KeyError:
        known = "、".join(sorted(all_kinds()))
        raise Invalid(
            "no_kind", N_("没有这种题型；可用：%(known)s"), where="kind", known=known
        ) from None


def mark(kind_name: str, spec: Raw, stored: str, marking: Marking) -> Mark:
    """Mark an answer as it is stored. A blank answer earns nothing.

    :raises Invalid: the marking rule says nothing about the kind.
    """
    kind = kind_named(kind_name)
    parsed = kind.read_stored(spec)
    if not stored:
        return Mark(0, out_of=kind.out_of(parsed, marking))
    return kind.mark(parsed, kind.decode(parsed, stored), marking)


def places(kind_name: str, spec: Raw) -> int:
    """Return how many things of a question are shown in a drawn order: options, items."""
    kind = kind_named(kind_name)
    return kind.places(kind.read_stored(spec))


def view(kind_name: str, spec: Raw, order: Sequence[int] | None = None) -> View:
    """Return what may be shown of a question before it is answered.

    :param order: the author's positions from the top, for example ``[2, 0, 1]``; none for the
        author's own order.
    """
    kind = kind_named(kind_name)
    parsed = kind.read_stored(spec)
    return kind.view(parsed, _order(kind, parsed, order))


def taken(
    kind_name: str, spec: Raw, parts: Sequence[str], order: Sequence[int] | None = None
) -> str:
    """Check what a page sent and return it as it is stored; empty if left blank.

    :raises Invalid: ``foreign_option``, ``too_many``, ``too_many_parts``, ``too_long`` or
        ``not_a_number``.
    """
    kind = kind_named(kind_name)
    parsed = kind.read_stored(spec)
    shown = _order(kind, parsed, order)
    if len(parts) > 1 and len(parts) > len(kind.view(parsed, shown).fields):
        raise Invalid("too_many_parts", N_("答案比题目的空还多"), where="choice")
    answer = kind.read_answer(parsed, parts, shown)
    return "" if answer is None else kind.encode(answer)


def shown(
    kind_name: str, spec: Raw, stored: str, order: Sequence[int] | None = None
) -> tuple[str, ...]:
    """Return a stored answer as a page shows it, a text for each field; empty if left blank."""
    if not stored:
        return ()
    kind = kind_named(kind_name)
    parsed = kind.read_stored(spec)
    return kind.to_parts(parsed, kind.decode(parsed, stored), _order(kind, parsed, order))


def key(kind_name: str, spec: Raw) -> str:
    """Return the right answer as it is stored."""
    kind = kind_named(kind_name)
    return kind.encode(kind.specimens(kind.read_stored(spec)).right)


def wrong(kind_name: str, spec: Raw) -> str:
    """Return a wrong answer as it is stored."""
    kind = kind_named(kind_name)
    return kind.encode(kind.specimens(kind.read_stored(spec)).wrong)


def explain(
    kind_name: str,
    spec: Raw,
    stored: str,
    marking: Marking,
    order: Sequence[int] | None = None,
) -> tuple[Outcome, ...]:
    """Say for each field of a question how a stored answer turned out."""
    kind = kind_named(kind_name)
    parsed = kind.read_stored(spec)
    answer = kind.decode(parsed, stored) if stored else None
    return kind.explain(parsed, answer, _order(kind, parsed, order), marking)


def is_right(kind_name: str, spec: Raw, stored: str) -> bool:
    """Say whether an answer is wholly right, whatever that may earn."""
    return mark(kind_name, spec, stored, Marking.whole()).is_full


def options_of(kind_name: str, spec: Raw) -> tuple[tuple[str, str], ...]:
    """Return letters and options of a question that is answered with letters; else nothing."""
    fields = view(kind_name, spec).fields
    is_choice = len(fields) == 1 and fields[0].input in {Input.ONE, Input.MANY}
    return fields[0].choices if is_choice else ()


def _order(kind: QuestionKind[Any, Any], parsed: Any, order: Sequence[int] | None) -> Sequence[int]:
    return range(kind.places(parsed)) if order is None else order
