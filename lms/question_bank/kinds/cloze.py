"""Fill the gaps of a text (综合填空): pick from a list, write words, or write a number.

The stem says where the gaps are: ``[[1]]``, ``[[2]]`` …, each once and in this order. Every gap is
marked by itself. Options of a gap stay in the author's order: a list that opens is short, and
often has an order of its own (days, amounts). The national exam has no such questions: ours to
practise with.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _number, _parts, _text
from lms.question_bank.kinds._choice import LETTERS
from lms.question_bank.kinds._number import NumberSpec
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

MOST = 10
"""Gaps; each is worth half a point at least."""

_HOLE = re.compile(r"\[\[([0-9]+)\]\]([(:\[]?)")


@dataclass(frozen=True, slots=True)
class PickGap:
    options: tuple[str, ...]
    answer: str
    """The right letter."""


@dataclass(frozen=True, slots=True)
class TextGap:
    answers: tuple[str, ...]


Gap = PickGap | TextGap | NumberSpec


class Cloze(QuestionKind[tuple[Gap, ...], tuple[str, ...]]):
    name = "cloze"
    label = N_("综合填空题")
    spec_keys = ("gaps",)
    family = Family.PARTS
    part_names = {"gaps": N_("各空")}

    def read_spec(self, raw: Raw) -> tuple[Gap, ...]:
        gaps = reading.tables(raw, "gaps", at_least=1)
        if len(gaps) > MOST:
            raise Invalid("wrong_count", N_("最多 %(n)s 个空"), where="gaps", n=MOST)
        found = []
        for at, gap in enumerate(gaps):
            with reading.within("gaps", at):
                found.append(_read_gap(gap))
        return tuple(found)

    def check_stem(self, spec: tuple[Gap, ...], stem: str) -> None:
        holes = _HOLE.findall(stem)
        expected = [str(n) for n in range(1, len(spec) + 1)]
        if [number for number, _after in holes] != expected:
            raise Invalid(
                "other_gaps",
                N_("题干里要依次写出 %(holes)s，每个一次"),
                where="stem",
                holes="、".join(f"[[{n}]]" for n in expected),
            )
        if any(after for _number, after in holes):
            raise Invalid("no_link", N_("[[1]] 后面不能紧跟 ( : 或 [，会变成链接"), where="stem")
        after = re.split(r"\[\[[0-9]+\]\]", stem)[1:]
        for gap, words in zip(spec, after, strict=True):
            if isinstance(gap, NumberSpec) and gap.unit and words.strip().startswith(gap.unit):
                raise Invalid(
                    "unit_twice",
                    N_("空的后面会显示单位“%(unit)s”，题干里不要再写"),
                    where="stem",
                    unit=gap.unit,
                )

    def view(self, spec: tuple[Gap, ...], order: Sequence[int]) -> View:
        labels = _parts.blank_labels(len(spec))
        return View(tuple(map(_field, spec, labels)), is_inline=True)

    def read_answer(
        self, spec: tuple[Gap, ...], parts: Sequence[str], order: Sequence[int]
    ) -> tuple[str, ...] | None:
        given = [*parts[: len(spec)], *[""] * (len(spec) - len(parts))]
        answer = tuple(map(_read_given, spec, given))
        return answer if any(answer) else None

    def encode(self, answer: tuple[str, ...]) -> str:
        return _parts.encode_parts(answer)

    def decode(self, spec: tuple[Gap, ...], stored: str) -> tuple[str, ...]:
        return _parts.decode_parts(stored)

    def to_parts(
        self, spec: tuple[Gap, ...], answer: tuple[str, ...], order: Sequence[int]
    ) -> tuple[str, ...]:
        return answer

    def specimens(self, spec: tuple[Gap, ...]) -> Specimens[tuple[str, ...]]:
        pairs = [_specimen(gap) for gap in spec]
        return Specimens(right=tuple(r for r, _w in pairs), wrong=tuple(w for _r, w in pairs))

    def out_of(self, spec: tuple[Gap, ...], marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: tuple[Gap, ...], answer: tuple[str, ...], marking: Marking) -> Mark:
        return _parts.mark_parts(self.name, list(map(_is_right, spec, answer)), marking)

    def explain(
        self,
        spec: tuple[Gap, ...],
        answer: tuple[str, ...] | None,
        order: Sequence[int],
        marking: Marking,
    ) -> tuple[Outcome, ...]:
        given = answer or ("",) * len(spec)
        told = zip(spec, given, _parts.blank_labels(len(spec)), strict=True)
        return tuple(
            Outcome(_shown(gap, mine), _right(gap), None, name, is_right=_is_right(gap, mine))
            for gap, mine, name in told
        )

    def twins(self) -> tuple[Raw, Raw]:
        options = ["接案", "预估", "结案"]
        return (
            {"gaps": [_pick(options, "A"), {"answers": ["甲"]}, {"number": "3", "unit": "天"}]},
            {"gaps": [_pick(options, "C"), {"answers": ["乙"]}, {"number": "5", "unit": "天"}]},
        )

    def examples(self) -> Iterable[Example]:
        spec = {
            "gaps": [
                _pick(["接案", "预估", "结案"], "B"),
                {"answers": ["通用过程模式", "通用过程"]},
                {"number": "30", "tolerance": "0.5", "unit": "天"},
            ]
        }
        yield Example(spec, ["B", "通用过程模式", "30"], earned=10)
        yield Example(spec, ["B", "通用过程。", "30.5 天"], earned=10)
        yield Example(spec, ["B"], earned=3)  # a third of ten half points, rounded down
        yield Example(spec, ["", "", "29.5"], earned=3)
        yield Example(spec, ["A", "过程", "31"], earned=0)
        yield Example(spec, [], earned=0)
        yield Example(spec, ["", " ", ""], earned=0)
        yield Example(spec, ["D"], earned=None)
        yield Example(spec, ["BC"], earned=None)
        yield Example(spec, ["B", "通用过程模式", "三十"], earned=None)
        yield Example(spec, ["B", "通用过程模式", "30", "30"], earned=None)


def _pick(options: Sequence[str], answer: str) -> Raw:
    return {"options": list(options), "answer": answer}


def _read_gap(raw: Raw) -> Gap:
    if "options" in raw:
        reading.only(raw, ("options", "answer"))
        options = reading.texts(raw, "options", at_least=2, at_most=len(LETTERS))
        letters = LETTERS[: len(options)]
        return PickGap(options, reading.choice(raw, "answer", tuple(letters)))
    if "answers" in raw:
        reading.only(raw, ("answers",))
        return TextGap(_text.read_accepted(raw, "answers"))
    if "number" in raw:
        reading.only(raw, ("number", *_number.KEYS))
        return _number.read_number_spec(raw, "number")
    raise Invalid("no_gap", N_("每个空要写 options 和 answer，或者 answers，或者 number"), where="")


def _field(gap: Gap, label: str) -> Field:
    if isinstance(gap, PickGap):
        return Field(Input.PICK, tuple(zip(LETTERS, gap.options, strict=False)), label)
    if isinstance(gap, TextGap):
        return Field(Input.TEXT, label=label, longest=_text.LONGEST)
    return Field(Input.NUMBER, label=label, unit=gap.unit, longest=_number.LONGEST)


def _read_given(gap: Gap, given: str) -> str:
    if isinstance(gap, TextGap):
        return _text.read_written(given)
    if isinstance(gap, NumberSpec):
        return _number.read_written(gap, given)
    letter = given.strip()
    if letter and letter not in tuple(LETTERS[: len(gap.options)]):
        raise Invalid("foreign_option", N_("答案不在选项之中"), where="choice")
    return letter


def _is_right(gap: Gap, given: str) -> bool:
    if isinstance(gap, PickGap):
        return given == gap.answer
    if isinstance(gap, TextGap):
        return _text.is_accepted(given, gap.answers)
    return _number.is_right(gap, given)


def _shown(gap: Gap, given: str) -> str:
    """Return what was answered, in words: of a list the option, not its letter."""
    if isinstance(gap, PickGap) and given:
        return gap.options[LETTERS.index(given)]
    return given


def _right(gap: Gap) -> str:
    if isinstance(gap, TextGap):
        return gap.answers[0]
    return _shown(gap, gap.answer) if isinstance(gap, PickGap) else gap.shown


def _specimen(gap: Gap) -> tuple[str, str]:
    """Return a right and a wrong answer for one gap."""
    if isinstance(gap, PickGap):
        letters = LETTERS[: len(gap.options)]
        return gap.answer, next(letter for letter in letters if letter != gap.answer)
    if isinstance(gap, TextGap):
        return gap.answers[0], _text.not_among(gap.answers)
    return _number.right(gap), _number.wrong(gap)


KIND = Cloze()
