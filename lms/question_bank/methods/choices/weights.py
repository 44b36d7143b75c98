"""Every option is worth a share of the full mark, as in Moodle (选项分值).

Of ``r`` right options each is worth 1/r. A wrong one takes nothing (``wrong = "none"``) or, of
``w`` wrong options, 1/w (``wrong = "deduct"``): ticking everything earns nothing. An author may
give every option of a question a share of its own (``weights``). What was picked is added up as
fractions; a sum below 0 counts as 0, and the full mark times the sum is rounded down to a unit,
once, at the end: the whole key always earns everything.

Source: Moodle documentation, "Multiple Choice question type", on the grade of each choice (a
percentage, in multiple-answer questions negative for wrong ones, the positive ones adding up to
100 %), and ``qtype_multichoice_multi_question::grade_response``, which keeps the sum between 0 and
1. Moodle lets a single choice fall below 0; here that is what the method ``negative`` is for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.points import points
from lms.kernel.reading import Raw
from lms.question_bank.methods.base import ChoiceMethod, Picked
from lms.question_bank.methods.marks import Family, Sentence

NONE, DEDUCT = "none", "deduct"
REFUSE, DOWN = "refuse", "down"


@dataclass(frozen=True, slots=True)
class Numbers:
    full: int
    deducts: bool
    """Whether wrong options take away."""
    rounds: bool
    """Whether the rule says that what is less than a unit is dropped."""


class Weights(ChoiceMethod[Numbers]):
    name = "weights"

    def keys(self, family: Family) -> tuple[str, ...]:
        return ("wrong", "round")

    def read(self, raw: Raw, family: Family, *, full: int) -> Numbers:
        wrong = reading.choice(raw, "wrong", (NONE, DEDUCT))
        rounding = reading.choice(raw, "round", (REFUSE, DOWN), default=REFUSE)
        return Numbers(full, wrong == DEDUCT, rounding == DOWN)

    def earned(self, numbers: Numbers, picked: Picked) -> int:
        weights = _weights(numbers, picked)
        share = sum((weights[option] for option in picked.chosen), Fraction(0))
        return max(0, floor(numbers.full * share))

    def comes_out(self, numbers: Numbers, picked: Picked) -> bool:
        shares = _weights(numbers, picked).values()
        return numbers.rounds or all((numbers.full * w).denominator == 1 for w in shares)

    def say(self, numbers: Numbers, family: Family, *, unit: int) -> Iterable[Sentence]:
        full = {"full": points(numbers.full, unit)}
        if family is Family.ONE:
            yield Sentence(N_("选对得 %(full)s 分，选错、不选不得分"), full)
        else:
            yield Sentence(N_("%(full)s 分由正确选项平分，选对一项得一份"), full)
            if numbers.deducts:
                message = N_("选错一项，扣去 %(full)s 分由错误选项平分的一份，扣完为止")
                yield Sentence(message, full)
            else:
                yield Sentence(N_("选错不扣分"))
        yield Sentence(N_("题目另给各选项分值的，按题目计"))
        if numbers.rounds:
            yield Sentence(N_("不足 %(least)s 分的舍去"), {"least": points(1, unit)})


def _weights(numbers: Numbers, picked: Picked) -> Mapping[str, Fraction]:
    if picked.weights is not None:
        return picked.weights
    found = dict.fromkeys(picked.right, Fraction(1, len(picked.right)))
    taken = Fraction(-1, len(picked.wrong)) if numbers.deducts and picked.wrong else Fraction(0)
    return found | dict.fromkeys(picked.wrong, taken)


METHOD = Weights()
