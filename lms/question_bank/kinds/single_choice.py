"""Pick exactly one option (单项选择题). The national exam gives four options.

Nothing or two marks on the answer card earn nothing there; here two letters are refused when
they are submitted, because the page lets nobody pick two. Source: fact book, 1.3 and 1.4.
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


class SingleChoice(QuestionKind[ChoiceSpec, str]):
    name = "single_choice"
    label = N_("单项选择题")
    spec_keys = ("options", "answer")

    def read_spec(self, raw: Raw) -> ChoiceSpec:
        spec = _choice.read_spec(raw, options=(2, 6))
        if len(spec.answer) != 1:
            raise Invalid("bad_key", N_("单项选择题只有一个答案"), where="answer")
        return spec

    def read_stored(self, raw: Raw) -> ChoiceSpec:
        return _choice.read_stored(raw)

    def places(self, spec: ChoiceSpec) -> int:
        return len(spec.options)

    def view(self, spec: ChoiceSpec, order: Sequence[int]) -> View:
        return View((Field(Input.ONE, _choice.choices(spec, order)),))

    def read_answer(
        self, spec: ChoiceSpec, parts: Sequence[str], order: Sequence[int]
    ) -> str | None:
        letters = _choice.read_letters(spec, parts, order)
        if len(letters) > 1:
            raise Invalid("too_many", N_("单项选择题只能选一项"), where="choice")
        return next(iter(letters), None)

    def encode(self, answer: str) -> str:
        return answer

    def decode(self, spec: ChoiceSpec, stored: str) -> str:
        return stored

    def to_parts(self, spec: ChoiceSpec, answer: str, order: Sequence[int]) -> tuple[str, ...]:
        return (_choice.shown_letters(answer, order),)

    def specimens(self, spec: ChoiceSpec) -> Specimens[str]:
        right = _choice.encode(spec.answer)
        return Specimens(right, next(letter for letter in spec.letters if letter != right))

    def out_of(self, spec: ChoiceSpec, marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: ChoiceSpec, answer: str, marking: Marking) -> Mark:
        full = self.out_of(spec, marking)
        return Mark(full if answer in spec.answer else 0, out_of=full)

    def explain(
        self, spec: ChoiceSpec, answer: str | None, order: Sequence[int], marking: Marking
    ) -> tuple[Outcome, ...]:
        given = _choice.shown_letters(answer or "", order)
        return (Outcome(given, _choice.shown_letters(spec.answer, order), None),)

    def twins(self) -> tuple[Raw, Raw]:
        options = ["低保", "特困供养", "临时救助", "医疗救助"]
        return {"options": options, "answer": "C"}, {"options": options, "answer": "A"}

    def examples(self) -> Iterable[Example]:
        spec = {"options": ["低保", "特困供养", "临时救助", "医疗救助"], "answer": "C"}
        yield Example(spec, ["C"], earned=2)
        yield Example(spec, ["A"], earned=0)
        yield Example(spec, [], earned=0)
        yield Example(spec, ["AC"], earned=None)
        yield Example(spec, ["E"], earned=None)


KIND = SingleChoice()
