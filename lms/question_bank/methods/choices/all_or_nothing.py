"""The whole key and nothing else earns the full mark; anything less earns nothing (全对才得分).

Source: the usual reading of “多选、少选、错选均不得分” on Chinese papers; Moodle ships it as the
question type "All-or-Nothing Multiple Choice" (qtype_multichoiceset): a question "is only
considered correct if all correct choices and no incorrect ones are selected".
"""

from collections.abc import Iterable

from lms.kernel.errors import N_
from lms.kernel.points import points
from lms.kernel.reading import Raw
from lms.question_bank.methods.base import ChoiceMethod, Picked
from lms.question_bank.methods.marks import Family, Sentence


class AllOrNothing(ChoiceMethod[int]):
    """Its only number is the full mark."""

    name = "all_or_nothing"

    def keys(self, family: Family) -> tuple[str, ...]:
        return ()

    def read(self, raw: Raw, family: Family, *, full: int) -> int:
        return full

    def earned(self, numbers: int, picked: Picked) -> int:
        return numbers if picked.chosen == picked.right else 0

    def say(self, numbers: int, family: Family, *, unit: int) -> Iterable[Sentence]:
        full = {"full": points(numbers, unit)}
        if family is Family.ONE:
            yield Sentence(N_("选对得 %(full)s 分，选错、不选不得分"), full)
        else:
            yield Sentence(N_("全部选对得 %(full)s 分，选错、少选都不得分"), full)


METHOD = AllOrNothing()
