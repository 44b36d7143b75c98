"""Write a word or a short phrase (简答题，短答案): one of the accepted texts, all or nothing.

What counts as the same text says :mod:`lms.question_bank.kinds._text`; nothing is taken for nearly
right. The national exam has no such questions: ours to practise with. What is to be judged by a
person is an essay.
"""

from collections.abc import Iterable, Sequence

from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _text
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


class ShortAnswer(QuestionKind[tuple[str, ...], str]):
    name = "short_answer"
    label = N_("简答题（短答案）")
    spec_keys = ("answers",)
    part_names = {"answers": N_("可接受的答案")}

    def read_spec(self, raw: Raw) -> tuple[str, ...]:
        return _text.read_accepted(raw, "answers")

    def read_stored(self, raw: Raw) -> tuple[str, ...]:
        return tuple(map(_text.tidy, raw["answers"]))

    def view(self, spec: tuple[str, ...], order: Sequence[int]) -> View:
        return View((Field(Input.TEXT, longest=_text.LONGEST),))

    def read_answer(
        self, spec: tuple[str, ...], parts: Sequence[str], order: Sequence[int]
    ) -> str | None:
        return _text.read_written("".join(parts[:1])) or None

    def encode(self, answer: str) -> str:
        return answer

    def decode(self, spec: tuple[str, ...], stored: str) -> str:
        return stored

    def to_parts(self, spec: tuple[str, ...], answer: str, order: Sequence[int]) -> tuple[str, ...]:
        return (answer,)

    def specimens(self, spec: tuple[str, ...]) -> Specimens[str]:
        return Specimens(right=spec[0], wrong=_text.not_among(spec))

    def out_of(self, spec: tuple[str, ...], marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: tuple[str, ...], answer: str, marking: Marking) -> Mark:
        full = self.out_of(spec, marking)
        return Mark(full if _text.is_accepted(answer, spec) else 0, out_of=full)

    def explain(
        self,
        spec: tuple[str, ...],
        answer: str | None,
        order: Sequence[int],
        marking: Marking,
    ) -> tuple[Outcome, ...]:
        full = self.out_of(spec, marking)
        mark = Mark(0, out_of=full) if answer is None else self.mark(spec, answer, marking)
        return (Outcome(answer or "", spec[0], mark),)

    def twins(self) -> tuple[Raw, Raw]:
        return {"answers": ["助人自助"]}, {"answers": ["个别化", "个别化原则"]}

    def examples(self) -> Iterable[Example]:
        spec = {"answers": ["“三留守”人员", "农村“三留守”人员"]}
        yield Example(spec, ["“三留守”人员"], earned=4)
        yield Example(spec, [' "三留守"人员。'], earned=4)
        yield Example(spec, ["农村「三留守」人员"], earned=4)
        yield Example(spec, ["三留守人员"], earned=0)  # marks inside a text count
        yield Example(spec, ["“三留首”人员"], earned=0)
        yield Example(spec, ["。"], earned=0)
        yield Example(spec, [], earned=0)
        yield Example(spec, ["  "], earned=0)
        yield Example(spec, ["长" * (_text.LONGEST + 1)], earned=None)
        yield Example({"answers": ["SMART"]}, ["\uff33mＡrt"], earned=4)


KIND = ShortAnswer()
