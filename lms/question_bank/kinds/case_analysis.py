"""Analyse a case (案例分析题): the stem tells it, and several questions are asked about it.

Each part is written and marked by scoring points (采分点), or it is a choice, marked by itself. A
choice is worth what the author says and earns the share of it that the marking rule gives the
like question alone, rounded down to a unit: worth 2 points with one right option of two picked,
it earns 0.5 as in the objective papers; worth 1 point, it earns nothing for that, and full marks
for the whole key. Options stand in the author's order: parts refer to each other.

Source: the intermediate and the senior national paper ask such cases (fact book, 1.3), with
written parts only; choices among the parts are our addition for practice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.kinds import (
    _parts,
    _points,
    multiple_choice,
    single_choice,
    true_false,
)
from lms.question_bank.kinds._points import Written
from lms.question_bank.types import (
    Example,
    Field,
    Given,
    JudgedKind,
    Mark,
    Marking,
    Outcome,
    QuestionKind,
    ScoringPoint,
    Specimens,
    View,
)

MOST_PARTS = 10
CHOICES: dict[str, QuestionKind[Any, Any]] = {
    module.KIND.name: module.KIND for module in (single_choice, multiple_choice, true_false)
}
"""The kinds that may be parts: those with one field and nothing to judge."""


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """A part that is answered in words and marked by points."""

    ask: str
    written: Written

    @property
    def points(self) -> tuple[ScoringPoint, ...]:
        return self.written.points

    @property
    def field(self) -> Field:
        return _points.field_of(self.written, self.ask)

    def read(self, sent: str) -> str:
        return _points.read_text(self.written, sent)

    def right(self) -> str:
        return _points.perfect(self.written)

    def wrong(self) -> str:
        return _points.NOTHING_SAID

    def shown(self, stored: str) -> str:
        return stored

    def out_of(self, marking: Marking) -> int:
        return marking.in_units(self.written.most)

    def suggested(self, stored: str, marking: Marking) -> Mark:
        return _points.suggested(self.written, stored, marking)

    def judged(self, stored: str, given: Sequence[int], marking: Marking) -> Mark:
        return _points.mark_of_given(self.written, given, marking)

    def outcome(self, stored: str, marking: Marking) -> Outcome:
        return _points.outcome(self.written, stored, marking, self.ask)


@dataclass(frozen=True, slots=True)
class ChoicePart:
    """A part that is answered with letters and marks itself."""

    ask: str
    kind: QuestionKind[Any, Any]
    spec: Any
    worth: int
    """Half points."""

    points: tuple[ScoringPoint, ...] = ()
    """Nothing is ticked."""

    @property
    def order(self) -> range:
        return range(self.kind.places(self.spec))

    @property
    def field(self) -> Field:
        (only,) = self.kind.view(self.spec, self.order).fields
        return only._replace(label=self.ask)

    def read(self, sent: str) -> str:
        answer = self.kind.read_answer(self.spec, [sent], self.order)
        return "" if answer is None else self.kind.encode(answer)

    def right(self) -> str:
        return self.kind.encode(self.kind.specimens(self.spec).right)

    def wrong(self) -> str:
        return self.kind.encode(self.kind.specimens(self.spec).wrong)

    def shown(self, stored: str) -> str:
        if not stored:
            return ""
        return self.kind.to_parts(self.spec, self.kind.decode(self.spec, stored), self.order)[0]

    def out_of(self, marking: Marking) -> int:
        return marking.in_units(self.worth)

    def suggested(self, stored: str, marking: Marking) -> Mark:
        full = self.out_of(marking)
        if not stored:
            return Mark(0, out_of=full)
        alone = self.kind.mark(self.spec, self.kind.decode(self.spec, stored), marking)
        # a rule may take marks away; inside a case nothing is taken from the other parts
        earned = _parts.proportion(full, right=max(alone.earned, 0), of=alone.out_of)
        return Mark(earned, out_of=full)

    def judged(self, stored: str, given: Sequence[int], marking: Marking) -> Mark:
        return self.suggested(stored, marking)

    def outcome(self, stored: str, marking: Marking) -> Outcome:
        answer = self.kind.decode(self.spec, stored) if stored else None
        (told,) = self.kind.explain(self.spec, answer, self.order, marking)
        return told._replace(mark=self.suggested(stored, marking), label=self.ask)


Parts = tuple[WrittenPart | ChoicePart, ...]


class CaseAnalysis(JudgedKind[Parts, tuple[str, ...]]):
    name = "case_analysis"
    label = N_("案例分析题")
    spec_keys = ("parts",)
    is_statement = True
    part_names = {"parts": N_("各问和采分点")}

    def read_spec(self, raw: Raw) -> Parts:
        parts = tuple(
            _part(table, place)
            for place, table in enumerate(reading.tables(raw, "parts", at_least=1))
        )
        if len(parts) > MOST_PARTS:
            raise Invalid("too_many", N_("最多 %(n)s 个小题"), where="parts", n=MOST_PARTS)
        if not any(isinstance(part, WrittenPart) for part in parts):
            raise Invalid("nothing_to_judge", N_("至少要有一个写文字作答的小题"), where="parts")
        _points.check_together(
            (part.written for part in parts if isinstance(part, WrittenPart)), "parts"
        )
        return parts

    def view(self, spec: Parts, order: Sequence[int]) -> View:
        return View(tuple(part.field for part in spec))

    def read_answer(
        self, spec: Parts, parts: Sequence[str], order: Sequence[int]
    ) -> tuple[str, ...] | None:
        sent = _parts.padded(parts, len(spec))
        texts = tuple(part.read(text) for part, text in zip(spec, sent, strict=True))
        return texts if any(texts) else None

    def encode(self, answer: tuple[str, ...]) -> str:
        return _parts.encode_parts(answer)

    def decode(self, spec: Parts, stored: str) -> tuple[str, ...]:
        return _parts.decode_parts(stored)

    def to_parts(
        self, spec: Parts, answer: tuple[str, ...], order: Sequence[int]
    ) -> tuple[str, ...]:
        return tuple(part.shown(text) for part, text in zip(spec, answer, strict=True))

    def specimens(self, spec: Parts) -> Specimens[tuple[str, ...]]:
        return Specimens(tuple(part.right() for part in spec), tuple(part.wrong() for part in spec))

    def out_of(self, spec: Parts, marking: Marking) -> int:
        return sum(part.out_of(marking) for part in spec)

    def mark(self, spec: Parts, answer: tuple[str, ...], marking: Marking) -> Mark:
        marks = [p.suggested(text, marking) for p, text in zip(spec, answer, strict=True)]
        return _parts.whole(marks)

    def points(self, spec: Parts) -> tuple[tuple[ScoringPoint, ...], ...]:
        return tuple(part.points for part in spec)

    def mark_given(
        self, spec: Parts, answer: tuple[str, ...] | None, given: Given, marking: Marking
    ) -> Mark:
        texts = answer or ("",) * len(spec)
        return _parts.whole(
            [
                part.judged(text, own, marking)
                for part, text, own in zip(spec, texts, given, strict=True)
            ]
        )

    def explain(
        self,
        spec: Parts,
        answer: tuple[str, ...] | None,
        order: Sequence[int],
        marking: Marking,
    ) -> tuple[Outcome, ...]:
        texts = answer or ("",) * len(spec)
        return tuple(part.outcome(text, marking) for part, text in zip(spec, texts, strict=True))

    def twins(self) -> tuple[Raw, Raw]:
        def case(point: str, answer: str) -> Raw:
            choice = {"options": ["预估", "介入", "评估"], "answer": answer, "marks": 2}
            return {
                "parts": [
                    {"ask": "老王有哪些需要？", "points": [{"text": point, "marks": 4}]},
                    {"ask": "现在处于哪个阶段？", "kind": "single_choice", **choice},
                ]
            }

        return case("经济需要", "A"), case("照顾需要", "B")

    def examples(self) -> Iterable[Example]:
        needs = [
            {"text": "经济需要", "marks": 2, "synonyms": ["生活困难"]},
            {"text": "照顾需要", "marks": 2, "synonyms": [["护理", "老人"]]},
        ]
        systems = {"options": ["居委会", "女儿", "邻居", "超市"], "answer": "ABC"}
        spec = {
            "parts": [
                {"ask": "老王有哪些需要？", "points": needs, "most_chars": 100},
                {
                    "ask": "哪些是可以动员的资源？",
                    "kind": "multiple_choice",
                    "marks": 4,
                    **systems,
                },
            ]
        }
        yield Example(spec, ["经济需要和照顾需要", "ABC"], earned=8)
        yield Example(spec, ["生活困难", "AB"], earned=4)  # 1 point, and half a point each
        yield Example(spec, ["老人没有人护理", "AD"], earned=2)  # a wrong option: nothing
        yield Example(spec, ["", "A"], earned=1)
        yield Example(spec, ["爱", "D"], earned=0)
        yield Example(spec, ["", ""], earned=0)
        yield Example(spec, ["经济需要", "E"], earned=None)
        yield Example(spec, ["长" * 101, "A"], earned=None)


def _part(raw: Raw, place: int) -> WrittenPart | ChoicePart:
    with reading.within("parts", place):
        ask = reading.text(raw, "ask", at_most=2000)
        if "kind" not in raw:
            reading.only(raw, ("ask", *_points.WRITTEN_KEYS))
            return WrittenPart(ask, _points.read_written(raw))
        kind = CHOICES[reading.choice(raw, "kind", CHOICES)]
        reading.only(raw, ("ask", "kind", "marks", *kind.spec_keys))
        worth = reading.whole(raw, "marks", low=1, high=_points.MOST_MARKS)
        return ChoicePart(ask, kind, kind.read_spec(raw), worth)


KIND = CaseAnalysis()
