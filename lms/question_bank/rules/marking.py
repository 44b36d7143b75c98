"""Marking, for any kind, and the letters under which options are shown. Pure."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from lms.kernel.discovery import discover
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank import kinds
from lms.question_bank.types import Mark, Marking, QuestionKind

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


def mark(kind_name: str, spec: Raw, chosen: Sequence[str], marking: Marking) -> Mark:
    """Mark chosen letters. A blank answer earns nothing.

    :raises Invalid: the letters or the marking rule cannot be read.
    """
    kind = kind_named(kind_name)
    parsed = kind.read_stored(spec)
    answer = kind.read_answer(parsed, chosen)
    if answer is None:
        return Mark(0, out_of=kind.out_of(parsed, marking))
    return kind.mark(parsed, answer, marking)


def stored_letters(kind_name: str, spec: Raw, chosen: Sequence[str]) -> str:
    """Check chosen letters and return them as they are stored; empty if left blank.

    :raises Invalid: ``foreign_option`` or ``too_many``.
    """
    kind = kind_named(kind_name)
    answer = kind.read_answer(kind.read_stored(spec), chosen)
    return "" if answer is None else kind.encode(answer)


def right_letters(kind_name: str, spec: Raw) -> str:
    """Return the letters of the key, in the author's order."""
    kind = kind_named(kind_name)
    return kind.right_answer(kind.read_stored(spec))


def options_shown(
    kind_name: str, spec: Raw, order: Sequence[int] | None = None
) -> list[tuple[str, str]]:
    """Return the options with the letters under which they are shown: A, B, C … from the top.

    :param order: the author's positions from the top, for example ``[2, 0, 1]``; none for the
        author's own order.
    """
    kind = kind_named(kind_name)
    options: Sequence[str] = kind.public_view(kind.read_stored(spec)).get("options", ())
    order = range(len(options)) if order is None else order
    return [(LETTERS[shown], options[authored]) for shown, authored in enumerate(order)]


def to_authored(shown: Sequence[str], order: Sequence[int]) -> str:
    """Translate shown letters into the author's, in the author's order.

    ``order[0]`` is the author's position of the option that is shown as A.

    :raises Invalid: ``foreign_option``.
    """
    positions = {LETTERS[place]: authored for place, authored in enumerate(order)}
    letters = "".join(shown).replace(" ", "")
    if not set(letters) <= positions.keys():
        raise Invalid("foreign_option", N_("答案不在选项之中"), where="choice")
    return "".join(sorted({LETTERS[positions[letter]] for letter in letters}))


def to_shown(authored: Sequence[str], order: Sequence[int]) -> str:
    """Translate the author's letters into the shown ones, from the top: undoes ``to_authored``."""
    places = {LETTERS[position]: place for place, position in enumerate(order)}
    return "".join(sorted(LETTERS[places[letter]] for letter in set(authored)))
