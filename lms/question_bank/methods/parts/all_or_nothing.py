"""All parts right earn the full mark, anything less earns nothing (全对才得分).

Source: “有一处错误不得分”, as some Chinese papers mark matching and ordering.
"""

from collections.abc import Iterable

from lms.kernel.errors import N_
from lms.kernel.points import points
from lms.kernel.reading import Raw
from lms.question_bank.methods.base import PartsMethod
from lms.question_bank.methods.marks import Family, Sentence


class AllOrNothing(PartsMethod[int]):
    """Its only number is the full mark."""

    name = "all_or_nothing"

    def keys(self, family: Family) -> tuple[str, ...]:
        return ()

    def read(self, raw: Raw, family: Family, *, full: int) -> int:
        return full

    def earned(self, numbers: int, *, right: int, of: int) -> int:
        return numbers if right == of else 0

    def say(self, numbers: int, family: Family, *, unit: int) -> Iterable[Sentence]:
        full = {"full": points(numbers, unit)}
        yield Sentence(N_("全对得 %(full)s 分，有一处不对就不得分"), full)


METHOD = AllOrNothing()
