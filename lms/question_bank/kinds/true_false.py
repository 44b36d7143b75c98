"""Say whether a statement is right (判断题): right or wrong, all or nothing.

The national exam has no such questions; county and unit tests do. Ours to practise with, worth as
much as a single choice. Some papers take marks off for a wrong tick: see the methods of
marking; in the rule that ships it earns nothing.
"""

from collections.abc import Iterable, Sequence

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.methods import tables
from lms.question_bank.methods.base import Picked
from lms.question_bank.types import (
    Example,
    Family,
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


class TrueFalse(QuestionKind[str, str]):
    """Spec and answer are ``T`` or ``F``."""

    name = "true_false"
    label = N_("判断题")
    spec_keys = ("answer",)
    part_names = {"answer": N_("答案")}
    family = Family.ONE
    is_statement = True

    def read_spec(self, raw: Raw) -> str:
        return "T" if reading.flag(raw, "answer") else "F"

    def view(self, spec: str, order: Sequence[int]) -> View:
        return View((Field(Input.ONE, CHOICES),))

    def read_answer(self, spec: str, parts: Sequence[str], order: Sequence[int]) -> str | None:
        sent = {part.strip() for part in parts} - {""}
        if not sent <= dict(CHOICES).keys():
            raise Invalid("foreign_option", N_("答案不在选项之中"), where="choice")
        if len(sent) > 1:
            raise Invalid("too_many", N_("判断题只能选一项"), where="choice")
        return next(iter(sent), None)

    def encode(self, answer: str) -> str:
        return answer

    def decode(self, spec: str, stored: str) -> str:
        return stored

    def to_parts(self, spec: str, answer: str, order: Sequence[int]) -> tuple[str, ...]:
        return (answer,)

    def specimens(self, spec: str) -> Specimens[str]:
        return Specimens(right=spec, wrong="F" if spec == "T" else "T")

    def out_of(self, spec: str, marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: str, answer: str, marking: Marking) -> Mark:
        right = frozenset(spec)
        picked = Picked(right, frozenset(dict(CHOICES)) - right, frozenset(answer))
        return tables.mark_picked(marking, self.name, self.family, picked)

    def explain(
        self, spec: str, answer: str | None, order: Sequence[int], marking: Marking
    ) -> tuple[Outcome, ...]:
        return (Outcome(answer or "", spec, None),)

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
