"""A wrong answer costs marks, no answer costs none (倒扣分).

Any wrong option: ``penalty`` is taken away, once, however many wrong options there are. The whole
key: the full mark. A part of the key: ``each`` for every option picked. A question may so be worth
less than nothing; whether a whole paper may, says the rule (``floor``).

Source: formula scoring, which takes k/(n-1) for a wrong one of n options so that blind guessing
earns nothing on average (L. L. Thurstone 1919; Frary, "Formula scoring of multiple-choice tests",
Educational Measurement: Issues and Practice 7, 1988); the numbers of a rule are its author's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.points import points
from lms.kernel.reading import Raw
from lms.question_bank.methods.base import ChoiceMethod, Picked
from lms.question_bank.methods.marks import Family, Sentence


@dataclass(frozen=True, slots=True)
class Numbers:
    full: int
    penalty: int
    each: int


class Negative(ChoiceMethod[Numbers]):
    name = "negative"
    takes_away = True

    def keys(self, family: Family) -> tuple[str, ...]:
        return ("penalty", "each") if family is Family.MANY else ("penalty",)

    def read(self, raw: Raw, family: Family, *, full: int) -> Numbers:
        penalty = reading.whole(raw, "penalty", low=1, high=full)
        many = family is Family.MANY
        return Numbers(full, penalty, reading.whole(raw, "each", low=0, high=full) if many else 0)

    def earned(self, numbers: Numbers, picked: Picked) -> int:
        if picked.chosen & picked.wrong:
            return -numbers.penalty
        if picked.chosen == picked.right:
            return numbers.full
        return min(numbers.each * len(picked.chosen), numbers.full)

    def say(self, numbers: Numbers, family: Family, *, unit: int) -> Iterable[Sentence]:
        penalty = {"penalty": points(numbers.penalty, unit)}
        if family is Family.ONE:
            yield Sentence(N_("选对得 %(full)s 分"), {"full": points(numbers.full, unit)})
            yield Sentence(N_("选错倒扣 %(penalty)s 分"), penalty)
        else:
            yield Sentence(N_("全部选对得 %(full)s 分"), {"full": points(numbers.full, unit)})
            yield Sentence(N_("有错选倒扣 %(penalty)s 分"), penalty)
            if numbers.each:
                each = {"each": points(numbers.each, unit)}
                yield Sentence(N_("少选，每选对一项得 %(each)s 分"), each)
            else:
                yield Sentence(N_("少选不得分"))
        yield Sentence(N_("不选不得分，也不扣分"))


METHOD = Negative()
