"""Pick exactly one option (单项选择题). The national exam gives four options.

Nothing or two marks on the answer card earn nothing there; here two letters are refused when
they are submitted, because the page lets nobody pick two. Source: fact book, 1.3 and 1.4.
"""

from collections.abc import Iterable, Sequence

from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _choice
from lms.question_bank.kinds._choice import ChoiceSpec
from lms.question_bank.types import Example, Mark, Marking, QuestionKind


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

    def public_view(self, spec: ChoiceSpec) -> Raw:
        return {"options": list(spec.options)}

    def read_answer(self, spec: ChoiceSpec, submitted: Sequence[str]) -> str | None:
        letters = _choice.read_letters(spec, submitted)
        if len(letters) > 1:
            raise Invalid("too_many", N_("单项选择题只能选一项"), where="choice")
        return next(iter(letters), None)

    def encode(self, answer: str) -> str:
        return answer

    def right_answer(self, spec: ChoiceSpec) -> str:
        return _choice.encode(spec.answer)

    def out_of(self, spec: ChoiceSpec, marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: ChoiceSpec, answer: str, marking: Marking) -> Mark:
        full = self.out_of(spec, marking)
        return Mark(full if answer in spec.answer else 0, out_of=full)

    def examples(self) -> Iterable[Example]:
        spec = {"options": ["低保", "特困供养", "临时救助", "医疗救助"], "answer": "C"}
        yield Example(spec, ["C"], earned=2)
        yield Example(spec, ["A"], earned=0)
        yield Example(spec, [], earned=0)
        yield Example(spec, ["A", "C"], earned=None)
        yield Example(spec, ["E"], earned=None)


KIND = SingleChoice()
