"""Design a plan of service (方案设计题): one written answer for each section of the plan.

The intermediate national paper asks for one such plan, marked by sections and points: needs,
goals, theory, steps, budget, risks, evaluation. Which sections a plan has and what they are worth
is the author's. What :meth:`PlanDesign.mark` gives is a suggestion by the words it finds.
Source: fact book, 1.3 (4 案例分析 and 1 方案设计, 20 points each).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _parts, _points
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

MOST_SECTIONS = 12


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    hint: str
    """What to write here; may be empty."""
    written: Written

    @property
    def label(self) -> str:
        """What the page says before the section, Markdown."""
        return f"**{self.title}** {self.hint}".strip()


Sections = tuple[Section, ...]


class PlanDesign(JudgedKind[Sections, tuple[str, ...]]):
    name = "plan_design"
    label = N_("方案设计题")
    spec_keys = ("sections",)
    is_statement = True
    part_names = {"sections": N_("各部分和采分点")}

    def read_spec(self, raw: Raw) -> Sections:
        sections = tuple(
            _section(table, place)
            for place, table in enumerate(reading.tables(raw, "sections", at_least=2))
        )
        if len(sections) > MOST_SECTIONS:
            raise Invalid("too_many", N_("最多 %(n)s 个部分"), where="sections", n=MOST_SECTIONS)
        if len({section.title for section in sections}) < len(sections):
            raise Invalid("alike", N_("有两项相同"), where="sections")
        _points.check_together((section.written for section in sections), "sections")
        return sections

    def view(self, spec: Sections, order: Sequence[int]) -> View:
        return View(tuple(_points.field_of(each.written, each.label) for each in spec))

    def read_answer(
        self, spec: Sections, parts: Sequence[str], order: Sequence[int]
    ) -> tuple[str, ...] | None:
        sent = _parts.padded(parts, len(spec))
        texts = tuple(
            _points.read_text(each.written, text) for each, text in zip(spec, sent, strict=True)
        )
        return texts if any(texts) else None

    def encode(self, answer: tuple[str, ...]) -> str:
        return _parts.encode_parts(answer)

    def decode(self, spec: Sections, stored: str) -> tuple[str, ...]:
        return _parts.decode_parts(stored)

    def to_parts(
        self, spec: Sections, answer: tuple[str, ...], order: Sequence[int]
    ) -> tuple[str, ...]:
        return answer

    def specimens(self, spec: Sections) -> Specimens[tuple[str, ...]]:
        return Specimens(
            tuple(_points.perfect(each.written) for each in spec),
            (_points.NOTHING_SAID,) * len(spec),
        )

    def out_of(self, spec: Sections, marking: Marking) -> int:
        return sum(marking.in_units(each.written.most) for each in spec)

    def mark(self, spec: Sections, answer: tuple[str, ...], marking: Marking) -> Mark:
        return _parts.whole(
            [
                _points.suggested(each.written, text, marking)
                for each, text in zip(spec, answer, strict=True)
            ]
        )

    def points(self, spec: Sections) -> tuple[tuple[ScoringPoint, ...], ...]:
        return tuple(each.written.points for each in spec)

    def mark_given(
        self, spec: Sections, answer: tuple[str, ...] | None, given: Given, marking: Marking
    ) -> Mark:
        return _parts.whole(
            [
                _points.mark_of_given(each.written, own, marking)
                for each, own in zip(spec, given, strict=True)
            ]
        )

    def explain(
        self,
        spec: Sections,
        answer: tuple[str, ...] | None,
        order: Sequence[int],
        marking: Marking,
    ) -> tuple[Outcome, ...]:
        texts = answer or ("",) * len(spec)
        return tuple(
            _points.outcome(each.written, text, marking, each.label)
            for each, text in zip(spec, texts, strict=True)
        )

    def twins(self) -> tuple[Raw, Raw]:
        def plan(goal: str, step: str) -> Raw:
            return {
                "sections": [
                    {"title": "目标", "points": [{"text": goal, "marks": 4}]},
                    {"title": "实施步骤", "points": [{"text": step, "marks": 6}]},
                ]
            }

        return plan("缓解孤独", "组建互助小组"), plan("增进亲子沟通", "开展亲子活动")

    def examples(self) -> Iterable[Example]:
        goal = {"text": "缓解孤独感", "marks": 4, "synonyms": ["减少孤独"]}
        steps = [
            {"text": "招募组员", "marks": 2},
            {"text": "组建互助小组", "marks": 4, "synonyms": [["小组", "互助"]]},
        ]
        spec = {
            "sections": [
                {"title": "目标", "hint": "写总目标", "points": [goal], "most_chars": 50},
                {"title": "实施步骤", "points": steps, "most": 4},
            ]
        }
        yield Example(spec, ["减少孤独", "招募组员，在小组里互助"], earned=8)
        yield Example(spec, ["", "招募组员"], earned=2)
        yield Example(spec, ["招募组员", "减少孤独"], earned=0)  # each in the other's place
        yield Example(spec, ["", ""], earned=0)
        yield Example(spec, ["长" * 51, ""], earned=None)


def _section(raw: Raw, place: int) -> Section:
    with reading.within("sections", place):
        reading.only(raw, ("title", "hint", *_points.WRITTEN_KEYS))
        return Section(
            reading.text(raw, "title", at_most=60).strip(),
            reading.text(raw, "hint", default="", at_most=500).strip(),
            _points.read_written(raw),
        )


KIND = PlanDesign()
