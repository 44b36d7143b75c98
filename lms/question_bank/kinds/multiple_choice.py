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

    def places(self, spec: ChoiceSpec) -> int:
        return len(spec.options)

    def view(self, spec: ChoiceSpec, order: Sequence[int]) -> View:
        return View((Field(Input.MANY, _choice.choices(spec, order)),))

    def read_answer(
        self, spec: ChoiceSpec, parts: Sequence[str], order: Sequence[int]
    ) -> frozenset[str] | None:
        return _choice.read_letters(spec, parts, order) or None

    def encode(self, answer: frozenset[str]) -> str:
        return _choice.encode(answer)

    def decode(self, spec: ChoiceSpec, stored: str) -> frozenset[str]:
        return frozenset(stored)

    def to_parts(
        self, spec: ChoiceSpec, answer: frozenset[str], order: Sequence[int]
    ) -> tuple[str, ...]:
        return (_choice.shown_letters(answer, order),)

    def specimens(self, spec: ChoiceSpec) -> Specimens[frozenset[str]]:
        return Specimens(spec.answer, frozenset(spec.letters) - spec.answer)

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

    def explain(
        self,
        spec: ChoiceSpec,
        answer: frozenset[str] | None,
        order: Sequence[int],
        marking: Marking,
    ) -> tuple[Outcome, ...]:
        given = _choice.shown_letters(answer or (), order)
        return (Outcome(given, _choice.shown_letters(spec.answer, order), None),)

    def twins(self) -> tuple[Raw, Raw]:
        options = ["接案", "预估", "募捐", "评估", "执法"]
        return {"options": options, "answer": "ABD"}, {"options": options, "answer": "CE"}

    def examples(self) -> Iterable[Example]:
        abd = {"options": ["接案", "预估", "募捐", "评估", "执法"], "answer": "ABD"}
        yield Example(abd, ["A"], earned=1)
        yield Example(abd, ["AB"], earned=2)
        yield Example(abd, ["ABD"], earned=4)
        yield Example(abd, ["AC"], earned=0)
        yield Example(abd, [], earned=0)
        yield Example({**abd, "answer": "ABCD"}, ["ABC"], earned=3)
        yield Example({**abd, "answer": "AB"}, ["A"], earned=1)
        yield Example(abd, ["AF"], earned=None)


KIND = MultipleChoice()
