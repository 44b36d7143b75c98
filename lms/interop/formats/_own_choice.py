"""Options, their key and what each is worth, as authors write them."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from string import ascii_uppercase

from lms.interop.formats import _text
from lms.interop.formats._markdown import markdown_of
from lms.interop.formats._own import Fields, Table, markdown, strings
from lms.interop.types import FULL, NOTHING, Item, Kind, Option
from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

_FINEST = 9999
"""The largest denominator that an author may write."""
_PLACES = 6
"""The most places of a decimal that an author may write."""
_SIMPLE = 100
"""The largest denominator that a rounded percentage is taken for."""
_SAME, _ROUNDED = Fraction(1, 10**12), Fraction(1, 10**5)


def choice(item: Item) -> Table:
    """Return options, letters and, where they say more than the letters, what each is worth."""
    right = [letter for letter, one in _lettered(item.options) if one.correct]
    if not right:
        raise Invalid("no_right_answer", N_("没有一个选项是对的"), where="answer")
    if item.kind is Kind.SINGLE_CHOICE and len(right) > 1:
        raise Invalid(
            "many_right", N_("单项选择题有 %(n)s 个对的选项"), where="answer", n=len(right)
        )
    made: Table = {
        "options": [markdown_of(one.text) for one in item.options],
        "answer": "".join(right),
    }
    weights = weights_of(item)
    return made | ({"weights": weights} if weights else {})


def is_usual(item: Item) -> bool:
    """Say whether weights tell no more than which options are right.

    Of several right ones: equal shares, and a wrong one costs all or nothing at all, as programs
    write a question that has no weights.
    """
    weights = [one.weight for one in item.options]
    if all(weight is None for weight in weights):
        return True
    right = [one.weight for one in item.options if one.correct]
    wrong = {one.weight for one in item.options if not one.correct}
    if item.kind is not Kind.MULTIPLE_CHOICE:
        return {*right} <= {FULL, None} and wrong <= {NOTHING, None}
    share = FULL / (len(right) or 1)
    shared = all(one is not None and abs(one - share) < Decimal("0.001") for one in right)
    return wrong in ({-FULL}, set()) and (shared or {*right} == {FULL})


def weights_of(item: Item) -> list[str]:
    """Return what each option is worth as authors write it; empty if that is usual or not simple.

    The right ones are worth the whole together, the wrong ones nothing or less (of a single choice
    they may be worth less than the whole): whatever else a program knows, the bank does not.
    """
    weights = [one.weight for one in item.options]
    if is_usual(item) or None in weights:
        return []
    for near in (_exact, _rounded):
        found = [near(weight) for weight in weights if weight is not None]
        shares = [share for share in found if share is not None]
        if len(shares) == len(item.options) and _is_kept(item, shares):
            return list(map(_written, shares))
    return []


def _is_kept(item: Item, shares: Sequence[Fraction]) -> bool:
    both = list(zip(item.options, shares, strict=True))
    right = [share for one, share in both if one.correct]
    wrong = [share for one, share in both if not one.correct]
    if not right or sum(right) != 1 or min(right) <= 0:
        return False
    if not all(-1 <= share < 1 for share in wrong):
        return False
    return not wrong or (min(wrong) if len(right) == 1 else max(wrong)) <= 0


def _exact(weight: Decimal) -> Fraction | None:
    share = Fraction(weight) / 100
    if (share * 10**_PLACES).denominator == 1:
        return share
    near = share.limit_denominator(_FINEST)
    return near if abs(near - share) <= _SAME else None


def _written(share: Fraction) -> str:
    if share.denominator <= _FINEST:
        return str(share)
    return _text.digits(Decimal(share.numerator) / Decimal(share.denominator))


def _rounded(weight: Decimal) -> Fraction | None:
    share = Fraction(weight) / 100
    near = share.limit_denominator(_SIMPLE)
    return near if abs(near - share) <= _ROUNDED else None


def _lettered(options: Sequence[Option]) -> list[tuple[str, Option]]:
    if len(options) > len(ascii_uppercase):
        raise Invalid("too_many", N_("选项太多，最多 %(n)s 个"), where="options", n=26)
    return list(zip(ascii_uppercase, options, strict=False))


def single_from(raw: Raw) -> Fields:
    return _choice_from(raw, single=True)


def multiple_from(raw: Raw) -> Fields:
    return _choice_from(raw, single=False)


def _choice_from(raw: Raw, *, single: bool) -> Fields:
    options = strings(raw, "options")
    answer = reading.text(raw, "answer")
    letters = ascii_uppercase[: len(options)]
    if not set(answer) <= set(letters) or (single and len(answer) != 1):
        raise Invalid(
            "foreign_answer", N_("答案 %(key)s 不是一个选项"), where="answer", key=answer[:20]
        )
    weights = _weights_from(raw, len(options)) if "weights" in raw else []
    if not weights:
        usual = {True: FULL, False: NOTHING} if single else {True: None, False: None}
        weights = [usual[letter in answer] for letter in letters]
    made = tuple(
        Option(markdown(text), letter in answer, weight)
        for letter, text, weight in zip(letters, options, weights, strict=False)
    )
    return {"options": made}


def _weights_from(raw: Raw, count: int) -> list[Decimal | None]:
    listed = strings(raw, "weights")
    fault = Invalid(
        "not_weights", N_('每个选项要有一个分值，写成分数或小数的文字，如 "1/3"'), where="weights"
    )
    if len(listed) != count or max(map(len, listed), default=0) > 20:
        raise fault
    try:
        shares = list(map(Fraction, listed))
    except (ValueError, ZeroDivisionError) as why:
        raise fault from why
    return [FULL * share.numerator / share.denominator for share in shares]
