"""Write a number (数值题): right within a tolerance, both ends included, all or nothing.

How a number may be written says :mod:`lms.question_bank.kinds._number`. The national exam has no
such questions: ours to practise with.
"""

from collections.abc import Iterable, Sequence

from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _number
from lms.question_bank.kinds._number import NumberSpec
from lms.question_bank.types import (
    Example,
    Field,
    Input,
    Mark,
    Marking,
    Outcome,
    QuestionKind,
    Specimens,
    View,
)


class Numeric(QuestionKind[NumberSpec, str]):
    name = "numeric"
    label = N_("数值题")
    spec_keys = ("answer", *_number.KEYS)
    part_names = {
        "answer": N_("答案"),
        "tolerance": N_("误差"),
        "unit": N_("单位"),
        "units": N_("可用的其他单位"),
    }

    def read_spec(self, raw: Raw) -> NumberSpec:
        return _number.read_number_spec(raw, "answer")

    def view(self, spec: NumberSpec, order: Sequence[int]) -> View:
        return View((Field(Input.NUMBER, unit=spec.unit, longest=_number.LONGEST),))

    def read_answer(
        self, spec: NumberSpec, parts: Sequence[str], order: Sequence[int]
    ) -> str | None:
        return _number.read_written(spec, "".join(parts[:1])) or None

    def encode(self, answer: str) -> str:
        return answer

    def decode(self, spec: NumberSpec, stored: str) -> str:
        return stored

    def to_parts(self, spec: NumberSpec, answer: str, order: Sequence[int]) -> tuple[str, ...]:
        return (answer,)

    def specimens(self, spec: NumberSpec) -> Specimens[str]:
        return Specimens(right=_number.right(spec), wrong=_number.wrong(spec))

    def out_of(self, spec: NumberSpec, marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: NumberSpec, answer: str, marking: Marking) -> Mark:
        full = self.out_of(spec, marking)
        return Mark(full if _number.is_right(spec, answer) else 0, out_of=full)

    def explain(
        self, spec: NumberSpec, answer: str | None, order: Sequence[int], marking: Marking
    ) -> tuple[Outcome, ...]:
        full = self.out_of(spec, marking)
        mark = Mark(0, out_of=full) if answer is None else self.mark(spec, answer, marking)
        return (Outcome(answer or "", spec.shown, mark),)

    def twins(self) -> tuple[Raw, Raw]:
        return (
            {"answer": "30", "unit": "天"},
            {"answer": "60", "tolerance": "0.5", "unit": "天", "units": ["日"]},
        )

    def examples(self) -> Iterable[Example]:
        money = {"answer": "1200", "unit": "元", "units": [["万元", "10000"], "块"]}
        yield Example(money, ["1200"], earned=4)
        yield Example(money, ["\uff11，\uff12\uff10\uff10 元"], earned=4)
        yield Example(money, ["0.12万元"], earned=4)
        yield Example(money, ["1200万元"], earned=0)
        yield Example(money, ["1200美元"], earned=0)  # nobody said what a dollar is worth
        yield Example(money, ["1201"], earned=0)
        yield Example(money, [], earned=0)
        yield Example(money, ["  "], earned=0)
        yield Example(money, ["一千二百"], earned=None)
        yield Example(money, ["约1200"], earned=None)
        yield Example(money, ["1,20"], earned=None)
        yield Example(money, ["1" * (_number.LONGEST + 1)], earned=None)
        share = {"answer": "33.3", "tolerance": "0.1", "unit": "%"}
        yield Example(share, ["33.4\uff05"], earned=4)  # the end of the tolerance is within
        yield Example(share, ["33.2"], earned=4)
        yield Example(share, ["33.41"], earned=0)
        yield Example(share, ["0.333"], earned=0)
        yield Example({"answer": "-2.5"}, ["\u22122.50"], earned=4)


KIND = Numeric()
