"""Write an answer of some paragraphs (论述题, 简答题), marked by scoring points (采分点).

Whoever marks gives each point its worth where the answer says it, and never more than the whole
is worth: an author may ask for "any three of these" with ``most``. What :meth:`Essay.mark` gives
is a suggestion by the words it finds. Source: the senior national paper asks 论述题 and marks
them by points (fact book, 1.3); the worth of each point is the author's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _points
from lms.question_bank.kinds._points import Written
from lms.question_bank.types import (
    Example,
    Given,
    JudgedKind,
    Mark,
    Marking,
    Outcome,
    ScoringPoint,
    Specimens,
    View,
)


@dataclass(frozen=True, slots=True)
class EssaySpec:
    written: Written
    least_chars: int
    """What the author asks for; a shorter answer is taken all the same. 0: nothing is said."""


class Essay(JudgedKind[EssaySpec, str]):
    name = "essay"
    label = N_("论述题")
    spec_keys = (*_points.WRITTEN_KEYS, "least_chars")
    is_statement = True
    part_names = {
        "points": N_("采分点"),
        "most": N_("最高分（半分）"),
        "model": N_("参考答案"),
        "most_chars": N_("字数上限"),
        "least_chars": N_("字数下限"),
    }

    def read_spec(self, raw: Raw) -> EssaySpec:
        written = _points.read_written(raw)
        least = reading.whole(raw, "least_chars", low=0, high=_points.MOST_CHARS, default=0)
        if least > written.longest:
            raise Invalid("out_of_order", N_("字数下限不能超过上限"), where="least_chars")
        return EssaySpec(written, least)

    def view(self, spec: EssaySpec, order: Sequence[int]) -> View:
        asked = f"不少于 {spec.least_chars} 字" if spec.least_chars else ""
        return View((_points.field_of(spec.written, asked),))

    def read_answer(
        self, spec: EssaySpec, parts: Sequence[str], order: Sequence[int]
    ) -> str | None:
        return _points.read_text(spec.written, next(iter(parts), "")) or None

    def encode(self, answer: str) -> str:
        return answer

    def decode(self, spec: EssaySpec, stored: str) -> str:
        return stored

    def to_parts(self, spec: EssaySpec, answer: str, order: Sequence[int]) -> tuple[str, ...]:
        return (answer,)

    def specimens(self, spec: EssaySpec) -> Specimens[str]:
        return Specimens(_points.perfect(spec.written), _points.NOTHING_SAID)

    def out_of(self, spec: EssaySpec, marking: Marking) -> int:
        return marking.in_units(spec.written.most)

    def mark(self, spec: EssaySpec, answer: str, marking: Marking) -> Mark:
        return _points.suggested(spec.written, answer, marking)

    def points(self, spec: EssaySpec) -> tuple[tuple[ScoringPoint, ...], ...]:
        return (spec.written.points,)

    def mark_given(
        self, spec: EssaySpec, answer: str | None, given: Given, marking: Marking
    ) -> Mark:
        (own,) = given
        return _points.mark_of_given(spec.written, own, marking)

    def explain(
        self, spec: EssaySpec, answer: str | None, order: Sequence[int], marking: Marking
    ) -> tuple[Outcome, ...]:
        return (_points.outcome(spec.written, answer or "", marking),)

    def twins(self) -> tuple[Raw, Raw]:
        return (
            {"points": [{"text": "尊重和接纳", "marks": 4}]},
            {"points": [{"text": "个别化", "marks": 4}], "model": "坚持个别化原则。"},
        )

    def examples(self) -> Iterable[Example]:
        spec = {
            "points": [
                {"text": "建立专业关系", "marks": 4, "synonyms": ["建立关系", ["信任", "关系"]]},
                {"text": "收集资料", "marks": 2},
                {"text": "初步评估需要", "marks": 2, "synonyms": ["界定问题"]},
            ],
            "most": 6,
            "most_chars": 100,
        }
        yield Example(spec, ["先建立关系，再收集资料，并界定问题。"], earned=6)
        yield Example(spec, ["取得信任，形成稳定的关系"], earned=4)
        yield Example(spec, ["收集 资料；收集资料"], earned=2)
        yield Example(spec, ["直接给钱"], earned=0)
        yield Example(spec, [" \n "], earned=0)
        yield Example(spec, [], earned=0)
        yield Example(spec, ["长" * 101], earned=None)


KIND = Essay()
