"""What is done with a question of any kind: shown, answered, marked, explained. Pure."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from lms.kernel.discovery import discover
from lms.kernel.errors import N_, Invalid
from lms.kernel.points import HALF
from lms.kernel.points import points as in_points
from lms.kernel.reading import Raw
from lms.question_bank import kinds
from lms.question_bank.methods.tables import table_of
from lms.question_bank.types import (
    Given,
    Input,
    JudgedKind,
    Mark,
    Marking,
    Outcome,
    QuestionKind,
    ScoringPoint,
    Sentence,
    Ticks,
    View,
)

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


def check_stem(kind_name: str, spec: Raw, stem: str) -> None:
    """Look at an author's stem beside what is asked; the spec is one that was checked.

    :raises Invalid: naming ``stem``.
    """
    kind = kind_named(kind_name)
    kind.check_stem(kind.read_stored(spec), stem)


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


def is_judged(kind_name: str) -> bool:
    """Say whether people mark questions of a kind; what :func:`mark` gives is a suggestion."""
    return kind_named(kind_name).is_judged


def points(kind_name: str, spec: Raw) -> tuple[tuple[ScoringPoint, ...], ...]:
    """Return for each field of a question the scoring points that people tick.

    :raises Invalid: ``not_judged``: the kind is marked by itself.
    """
    kind = _judged(kind_name)
    return kind.points(kind.read_stored(spec))


def mark_judged(kind_name: str, spec: Raw, stored: str, ticks: Ticks, marking: Marking) -> Mark:
    """Mark an answer as it is stored by what a person ticked.

    :param ticks: as long as :func:`points`, and so is each of its parts.
    :raises Invalid: ``not_judged``.
    """
    kind = _judged(kind_name)
    parsed = kind.read_stored(spec)
    answer = kind.decode(parsed, stored) if stored else None
    return kind.mark_judged(parsed, answer, ticks, marking)


def mark_given(kind_name: str, spec: Raw, stored: str, given: Given, marking: Marking) -> Mark:
    """Mark an answer as it is stored by the half points that a person gave its scoring points.

    Fields that mark themselves earn what they earn.

    :param given: as long as :func:`points`, and so is each of its parts.
    :raises Invalid: ``not_judged``, ``foreign_point``, or ``too_much``: more than a point is worth.
    """
    kind = _judged(kind_name)
    parsed = kind.read_stored(spec)
    asked = kind.points(parsed)
    if [len(own) for own in asked] != [len(row) for row in given]:
        raise Invalid("foreign_point", N_("没有这个采分点"), where="given")
    for own, row in zip(asked, given, strict=True):
        for point, half_points in zip(own, row, strict=True):
            if not 0 <= half_points <= point.worth:
                words = N_("“%(point)s”最多给 %(most)s 分")
                most = in_points(point.worth, HALF)
                raise Invalid("too_much", words, where="given", point=point.text, most=most)
    answer = kind.decode(parsed, stored) if stored else None
    return kind.mark_given(parsed, answer, given, marking)


def _judged(kind_name: str) -> JudgedKind[Any, Any]:
    kind = kind_named(kind_name)
    if not isinstance(kind, JudgedKind):
        raise Invalid("not_judged", N_("这种题由系统判分，不用人评"), where="kind")
    return kind


def comes_out(kind_name: str, spec: Raw, marking: Marking) -> bool:
    """Say whether every answer earns whole units of a rule, or the rule says how to round.

    :raises Invalid: the marking rule says nothing about the kind.
    """
    kind = kind_named(kind_name)
    return kind.comes_out(kind.read_stored(spec), marking)


def say_marking(marking: Marking, kind_names: Iterable[str]) -> list[tuple[str, list[Sentence]]]:
    """Say how a rule marks some kinds: what each is called, and its sentences.

    A kind of which the rule says nothing is left out, and so is one that people mark. What is said
    of the paper as a whole comes last, under no name.
    """
    said: list[tuple[str, list[Sentence]]] = []
    takes_away = False
    for name in kind_names:
        kind = kind_named(name)
        if kind.is_judged or name not in marking.tables:
            continue
        full, method, numbers = table_of(marking, name, kind.family)
        if method is None:
            words = N_("答对得 %(full)s 分，答错、不答不得分")
            sentences = [Sentence(words, {"full": in_points(full, marking.unit)})]
        else:
            sentences = list(method.say(numbers, kind.family, unit=marking.unit))
            takes_away = takes_away or method.takes_away
        said.append((kind.label, sentences))
    if takes_away:
        floor, no_floor = N_("全卷总分低于 0 分的按 0 分计"), N_("全卷总分可以低于 0 分")
        said.append(("", [Sentence(floor if marking.floor else no_floor)]))
    return said


def options_of(kind_name: str, spec: Raw) -> tuple[tuple[str, str], ...]:
    """Return letters and options of a question that is answered with letters; else nothing."""
    fields = view(kind_name, spec).fields
    is_choice = len(fields) == 1 and fields[0].input in {Input.ONE, Input.MANY}
    return fields[0].choices if is_choice else ()


def _order(kind: QuestionKind[Any, Any], parsed: Any, order: Sequence[int] | None) -> Sequence[int]:
    return range(kind.places(parsed)) if order is None else order
