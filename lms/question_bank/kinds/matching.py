"""Match each text on the left with one on the right (匹配题).

The texts on the right are lettered; several on the left may have the same, and some may have
none. So many of so many right: that share of full marks, rounded down to a unit of the rule, so
that full marks mean that everything is right. This is our rule for practice: no national paper
asks such questions.

On the right the author's order would give the key away, first to first: the letters of a stored
answer follow the texts sorted, whatever order the author wrote them in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _parts
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

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLANK = "-"
MOST_PAIRS = 12
MOST_EXTRA = 8


@dataclass(frozen=True, slots=True)
class MatchingSpec:
    lefts: tuple[str, ...]
    rights: tuple[str, ...]
    """Sorted, no two alike."""
    key: str
    """For each left the letter of its right."""

    @property
    def letters(self) -> str:
        """The letters of the rights."""
        return LETTERS[: len(self.rights)]


class Matching(QuestionKind[MatchingSpec, str]):
    name = "matching"
    label = N_("匹配题")
    spec_keys = ("pairs", "extra")
    family = Family.PARTS
    is_statement = True
    part_names = {"pairs": N_("对应的内容"), "extra": N_("多余的选项")}

    def read_spec(self, raw: Raw) -> MatchingSpec:
        pairs = _pairs(raw)
        extra = [t.strip() for t in reading.texts(raw, "extra", at_most=MOST_EXTRA)]
        lefts, matched = tuple(left for left, _right in pairs), {right for _left, right in pairs}
        if len(set(lefts)) < len(lefts):
            raise Invalid("alike", N_("左边有两项相同"), where="pairs")
        if matched & set(extra):
            raise Invalid("alike", N_("多余的选项里有一项是答案"), where="extra")
        if len(matched) < 2:
            raise Invalid("one_right", N_("右边至少要有两项不同的答案"), where="pairs")
        rights = tuple(sorted(matched | set(extra)))
        return MatchingSpec(lefts, rights, "".join(LETTERS[rights.index(r)] for _l, r in pairs))

    def places(self, spec: MatchingSpec) -> int:
        return len(spec.rights)

    def view(self, spec: MatchingSpec, order: Sequence[int]) -> View:
        choices = tuple((LETTERS[place], spec.rights[at]) for place, at in enumerate(order))
        return View(tuple(Field(Input.PICK, choices, left) for left in spec.lefts))

    def read_answer(
        self, spec: MatchingSpec, parts: Sequence[str], order: Sequence[int]
    ) -> str | None:
        sent = [part.strip() for part in _parts.padded(parts, len(spec.lefts))]
        if not all(part == "" or (len(part) == 1 and part in spec.letters) for part in sent):
            raise Invalid("foreign_option", N_("答案不在选项之中"), where="choice")
        answer = "".join(LETTERS[order[LETTERS.index(part)]] if part else BLANK for part in sent)
        return answer if any(sent) else None

    def encode(self, answer: str) -> str:
        return answer

    def decode(self, spec: MatchingSpec, stored: str) -> str:
        return stored

    def to_parts(self, spec: MatchingSpec, answer: str, order: Sequence[int]) -> tuple[str, ...]:
        shown = {LETTERS[at]: LETTERS[place] for place, at in enumerate(order)}
        return tuple(shown.get(letter, "") for letter in answer)

    def specimens(self, spec: MatchingSpec) -> Specimens[str]:
        others = {letter: spec.letters[at - 1] for at, letter in enumerate(spec.letters)}
        return Specimens(spec.key, "".join(others[letter] for letter in spec.key))

    def out_of(self, spec: MatchingSpec, marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: MatchingSpec, answer: str, marking: Marking) -> Mark:
        hits = [given == key for given, key in zip(answer, spec.key, strict=True)]
        return _parts.mark_parts(self.name, hits, marking)

    def explain(
        self, spec: MatchingSpec, answer: str | None, order: Sequence[int], marking: Marking
    ) -> tuple[Outcome, ...]:
        words = dict(zip(spec.letters, spec.rights, strict=True)) | {BLANK: ""}
        told = zip(answer or BLANK * len(spec.lefts), spec.key, spec.lefts, strict=True)
        return tuple(
            Outcome(words[mine], words[key], None, left, is_right=mine == key)
            for mine, key, left in told
        )

    def twins(self) -> tuple[Raw, Raw]:
        return (
            {"pairs": [["建立关系", "接案"], ["结束关系", "结案"]], "extra": ["预估"]},
            {"pairs": [["建立关系", "结案"], ["结束关系", "预估"]], "extra": ["接案"]},
        )

    def examples(self) -> Iterable[Example]:
        # lettered by code point: A 接案, B 结案, C 预估
        pairs = [["建立专业关系", "接案"], ["收集和分析资料", "预估"], ["巩固改变", "结案"]]
        spec: Raw = {"pairs": pairs}
        yield Example(spec, ["A", "C", "B"], earned=4)
        yield Example(spec, ["A", "C", ""], earned=2)  # two of three, rounded down
        yield Example(spec, ["A", "A", "A"], earned=1)
        yield Example(spec, ["C", "B", "A"], earned=0)
        yield Example(spec, ["", ""], earned=0)
        yield Example(spec, ["D"], earned=None)
        yield Example(spec, ["AC", "", ""], earned=None)
        yield Example({**spec, "extra": ["督导"]}, ["A", "D"], earned=2)  # B 督导 comes between


def _pairs(raw: Raw) -> list[tuple[str, str]]:
    listed: Any = raw.get("pairs", [])
    is_listed = isinstance(listed, list | tuple) and 2 <= len(listed) <= MOST_PAIRS
    if not is_listed or not all(_is_pair(pair) for pair in listed):
        raise Invalid(
            "bad_pairs",
            N_('要写成 2 到 %(n)s 对文字，如 [["左", "右"], …]，不能有空的'),
            where="pairs",
            n=MOST_PAIRS,
        )
    return [(left.strip(), right.strip()) for left, right in listed]


def _is_pair(pair: Any) -> bool:
    return (
        isinstance(pair, list | tuple)
        and len(pair) == 2
        and all(isinstance(text, str) and text.strip() for text in pair)
    )


KIND = Matching()
