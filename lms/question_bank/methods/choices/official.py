"""As the national exam marks its objective papers (官方评分规则).

The method of a rule that names none.

Any wrong option: nothing. The whole key: the full mark. A part of the key: ``each`` for every
option picked, no more than the full mark together. Source: see ``marking-official.toml``, the
instructions on past papers (“多选、错选不得分；少选，所选的每个选项得 0.5 分”).
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
    each: int
    """For every option of a part of the key."""


class Official(ChoiceMethod[Numbers]):
    name = "official"

    def keys(self, family: Family) -> tuple[str, ...]:
        return ("each",) if family is Family.MANY else ()

    def read(self, raw: Raw, family: Family, *, full: int) -> Numbers:
        many = family is Family.MANY
        return Numbers(full, reading.whole(raw, "each", low=0, high=full) if many else 0)

    def earned(self, numbers: Numbers, picked: Picked) -> int:
        if picked.chosen & picked.wrong:
            return 0
        if picked.chosen == picked.right:
            return numbers.full
        # A rule may value parts so highly that they add up to more than the whole.
        return min(numbers.each * len(picked.chosen), numbers.full)

    def say(self, numbers: Numbers, family: Family, *, unit: int) -> Iterable[Sentence]:
        full = points(numbers.full, unit)
        if family is Family.ONE:
            yield Sentence(N_("选对得 %(full)s 分，选错、不选不得分"), {"full": full})
        elif numbers.each:
            yield Sentence(N_("全部选对得 %(full)s 分"), {"full": full})
            yield Sentence(N_("选错不得分"))
            each = points(numbers.each, unit)
            yield Sentence(N_("少选，每选对一项得 %(each)s 分"), {"each": each})
        else:
            yield Sentence(N_("全部选对得 %(full)s 分，选错、少选都不得分"), {"full": full})


METHOD = Official()
