"""Every part is marked by itself (分项计分). The method of a rule that names none.

The right parts earn their share of the full mark together, rounded down to a unit, so that only
wholly right is full. A rule may fix what a part earns as long as not all are right: ``each``, no
more than that share; all parts right earn the full mark, as with the key of the national multiple
choice. Ours: no national paper asks such questions. Moodle's embedded answers (Cloze) give each
gap a share by weight; here gaps weigh the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.points import points
from lms.kernel.reading import Raw
from lms.question_bank.methods.base import PartsMethod
from lms.question_bank.methods.marks import Family, Sentence


@dataclass(frozen=True, slots=True)
class Numbers:
    full: int
    each: int | None
    """None: its share of the full mark."""


class PerPart(PartsMethod[Numbers]):
    name = "per_part"

    def keys(self, family: Family) -> tuple[str, ...]:
        return ("each",)

    def read(self, raw: Raw, family: Family, *, full: int) -> Numbers:
        each = reading.whole(raw, "each", low=0, high=full) if "each" in raw else None
        return Numbers(full, each)

    def earned(self, numbers: Numbers, *, right: int, of: int) -> int:
        share = numbers.full * right // of
        if numbers.each is None or right == of:
            return share
        return min(numbers.each * right, share)

    def say(self, numbers: Numbers, family: Family, *, unit: int) -> Iterable[Sentence]:
        full = {"full": points(numbers.full, unit)}
        if numbers.each is None:
            yield Sentence(N_("全对得 %(full)s 分，各处分别计分"), full)
        else:
            yield Sentence(N_("全对得 %(full)s 分"), full)
            each = {"each": points(numbers.each, unit)}
            yield Sentence(N_("没有全对的，每答对一处得 %(each)s 分"), each)


METHOD = PerPart()
