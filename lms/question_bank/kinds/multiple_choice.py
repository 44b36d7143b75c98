"""Pick every right option (多项选择题), marked as the national exam marks it.

Any wrong option: nothing. The whole key: full marks. A part of the key: so much for each option
picked. The national exam gives five options, two to four of them right. Source: fact book, 1.3
and 1.4, with its cases, which are the examples below.
"""

from collections.abc import Iterable, Sequence

from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _choice
from lms.question_bank.kinds._choice import ChoiceSpec
from lms.question_bank.types import Example, Mark, Marking, QuestionKind


class MultipleChoice(QuestionKind[ChoiceSpec, frozenset[str]]):
    name = "multiple_choice"
    label = N_("多项选择题")
    spec_keys = ("options", "answer")

    def read_spec(self, raw: Raw) -> ChoiceSpec:
        spec = _choice.read_spec(raw, options=(3, 8))
        if not 2 <= len(spec.answer) < len(spec.options):
            raise Invalid(
                "bad_key", N_("多项选择题至少两个答案，并且至少有一个错误选项"), where="answer"
            )
        return spec

    def read_stored(self, raw: Raw) -> ChoiceSpec:
        return _choice.read_stored(raw)

    def public_view(self, spec: ChoiceSpec) -> Raw:
        return {"options": list(spec.options)}

    def read_answer(self, spec: ChoiceSpec, submitted: Sequence[str]) -> frozenset[str] | None:
        return _choice.read_letters(spec, submitted) or None

    def encode(self, answer: frozenset[str]) -> str:
        return _choice.encode(answer)

    def right_answer(self, spec: ChoiceSpec) -> str:
        return _choice.encode(spec.answer)

    def out_of(self, spec: ChoiceSpec, marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: ChoiceSpec, answer: frozenset[str], marking: Marking) -> Mark:
        full = self.out_of(spec, marking)
        if answer - spec.answer:
            return Mark(0, out_of=full)
        if answer == spec.answer:
            return Mark(full, out_of=full)
        # A rule may value parts so highly that they add up to more than the whole.
        return Mark(min(marking.number(self.name, "each") * len(answer), full), out_of=full)

    def examples(self) -> Iterable[Example]:
        abd = {"options": ["接案", "预估", "募捐", "评估", "执法"], "answer": "ABD"}
        yield Example(abd, ["A"], earned=1)
        yield Example(abd, ["A", "B"], earned=2)
        yield Example(abd, ["A", "B", "D"], earned=4)
        yield Example(abd, ["A", "C"], earned=0)
        yield Example(abd, [], earned=0)
        yield Example({**abd, "answer": "ABCD"}, ["A", "B", "C"], earned=3)
        yield Example({**abd, "answer": "AB"}, ["A"], earned=1)
        yield Example(abd, ["A", "F"], earned=None)


KIND = MultipleChoice()
