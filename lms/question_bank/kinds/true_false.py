"""Say whether a statement is right (判断题): right or wrong, all or nothing.

The national exam has no such questions; county and unit tests do. Ours to practise with, worth as
much as a single-choice question. Some papers take marks off for a wrong tick; here it earns nothing.
"""

from collections.abc import Iterable, Sequence

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
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

CHOICES = (("T", "正确"), ("F", "错误"))


class TrueFalse(QuestionKind[bool, bool]):
    name = "true_false"
    label = N_("判断题")
    spec_keys = ("answer",)

    def read_spec(self, raw: Raw) -> bool:
        return reading.flag(raw, "answer")

    def view(self, spec: bool, order: Sequence[int]) -> View:
        return View((Field(Input.ONE, CHOICES),))

    def read_answer(self, spec: bool, parts: Sequence[str], order: Sequence[int]) -> bool | None:
        sent = {part.strip() for part in parts} - {""}
        if not sent <= dict(CHOICES).keys():
            raise Invalid("foreign_option", N_("答案不在选项之中"), where="choice")
        if len(sent) > 1:
            raise Invalid("too_many", N_("判断题只能选一项"), where="choice")
        return sent == {"T"} if sent else None

    def encode(self, answer: bool) -> str:
        return "T" if answer else "F"

    def decode(self, spec: bool, stored: str) -> bool:
        return stored == "T"

    def to_parts(self, spec: bool, answer: bool, order: Sequence[int]) -> tuple[str, ...]:
        return (self.encode(answer),)

    def specimens(self, spec: bool) -> Specimens[bool]:
        return Specimens(right=spec, wrong=not spec)

    def out_of(self, spec: bool, marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: bool, answer: bool, marking: Marking) -> Mark:
        full = self.out_of(spec, marking)
        return Mark(full if answer == spec else 0, out_of=full)

    def explain(
        self, spec: bool, answer: bool | None, order: Sequence[int], marking: Marking
    ) -> tuple[Outcome, ...]:
        words = dict(CHOICES)
        given = "" if answer is None else words[self.encode(answer)]
        return (Outcome(given, words[self.encode(spec)], None),)

    def twins(self) -> tuple[Raw, Raw]:
        return {"answer": True}, {"answer": False}

    def examples(self) -> Iterable[Example]:
        yield Example({"answer": True}, ["T"], earned=2)
        yield Example({"answer": True}, ["F"], earned=0)
        yield Example({"answer": False}, ["F"], earned=2)
        yield Example({"answer": False}, ["T"], earned=0)
        yield Example({"answer": True}, [], earned=0)
        yield Example({"answer": False}, [""], earned=0)
        yield Example({"answer": True}, ["正确"], earned=None)
        yield Example({"answer": True}, ["TF"], earned=None)


KIND = TrueFalse()
