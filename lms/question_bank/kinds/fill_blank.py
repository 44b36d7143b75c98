"""Fill in the blanks (填空题): each blank by itself, with one of its accepted texts.

Where blanks may be filled ``any_order`` (“写出任意两项”), what was written is given to blanks so
that it earns as much as it can: as many texts as possible each have a blank of their own
(augmenting paths: Kuhn, Naval Research Logistics Quarterly 2, 1955). The same text twice counts
once. What counts as the same text says :mod:`lms.question_bank.kinds._text`. The national exam
has no such questions: ours to practise with.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.kinds import _parts, _text
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

MOST = 4
"""Blanks; each is worth half a point at least. Longer texts with gaps are a cloze."""

_HOLE = re.compile(r"[（(][\s\u3000]*[）)]|_{2,}|\uff3f{2,}")


@dataclass(frozen=True, slots=True)
class BlanksSpec:
    blanks: tuple[tuple[str, ...], ...]
    """For each blank its accepted texts; the first is shown as right."""
    any_order: bool


class FillBlank(QuestionKind[BlanksSpec, tuple[str, ...]]):
    name = "fill_blank"
    label = N_("填空题")
    spec_keys = ("blanks", "any_order")
    family = Family.PARTS
    part_names = {"blanks": N_("各空可接受的答案"), "any_order": N_("次序不限")}

    def read_spec(self, raw: Raw) -> BlanksSpec:
        blanks = _read_blanks(raw)
        spec = BlanksSpec(blanks, reading.flag(raw, "any_order", default=False))
        if spec.any_order:
            _check_any_order(blanks)
        return spec

    def read_stored(self, raw: Raw) -> BlanksSpec:
        blanks = tuple(tuple(map(_text.tidy, blank)) for blank in raw["blanks"])
        return BlanksSpec(blanks, raw.get("any_order", False))

    def check_stem(self, spec: BlanksSpec, stem: str) -> None:
        holes = len(_HOLE.findall(stem))
        if holes and holes != len(spec.blanks):
            raise Invalid(
                "other_blanks",
                N_("题干里有 %(holes)s 处空位，答案却有 %(n)s 个空"),
                where="stem",
                holes=holes,
                n=len(spec.blanks),
            )

    def view(self, spec: BlanksSpec, order: Sequence[int]) -> View:
        labels = _parts.blank_labels(len(spec.blanks))
        return View(tuple(Field(Input.TEXT, label=x, longest=_text.LONGEST) for x in labels))

    def read_answer(
        self, spec: BlanksSpec, parts: Sequence[str], order: Sequence[int]
    ) -> tuple[str, ...] | None:
        written = list(map(_text.read_written, parts[: len(spec.blanks)]))
        if not any(written):
            return None
        return (*written, *[""] * (len(spec.blanks) - len(written)))

    def encode(self, answer: tuple[str, ...]) -> str:
        return _parts.encode_parts(answer)

    def decode(self, spec: BlanksSpec, stored: str) -> tuple[str, ...]:
        return _parts.decode_parts(stored)

    def to_parts(
        self, spec: BlanksSpec, answer: tuple[str, ...], order: Sequence[int]
    ) -> tuple[str, ...]:
        return answer

    def specimens(self, spec: BlanksSpec) -> Specimens[tuple[str, ...]]:
        wrong = _text.not_among(text for blank in spec.blanks for text in blank)
        right = tuple(blank[0] for blank in spec.blanks)
        return Specimens(right=right, wrong=(wrong,) * len(spec.blanks))

    def out_of(self, spec: BlanksSpec, marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: BlanksSpec, answer: tuple[str, ...], marking: Marking) -> Mark:
        return _parts.mark_parts(self.name, _hits(filled(spec, answer)), marking)

    def explain(
        self,
        spec: BlanksSpec,
        answer: tuple[str, ...] | None,
        order: Sequence[int],
        marking: Marking,
    ) -> tuple[Outcome, ...]:
        given = answer or ("",) * len(spec.blanks)
        found = filled(spec, given)
        labels = _parts.blank_labels(len(spec.blanks))
        told = zip(given, _rights(spec, found), labels, _hits(found), strict=True)
        return tuple(Outcome(mine, key, None, name, is_right=hit) for mine, key, name, hit in told)

    def twins(self) -> tuple[Raw, Raw]:
        return {"blanks": [["接案"], ["预估"]]}, {"blanks": [["计划", "制订计划"], ["结案"]]}

    def examples(self) -> Iterable[Example]:
        spec = {"blanks": [["接案"], ["预估", "需要评估"], ["计划", "制订计划"]]}
        yield Example(spec, ["接案", "预估", "计划"], earned=4)
        yield Example(spec, ["接案。", " 需要 评估", "制订计划"], earned=4)
        yield Example(spec, ["接案"], earned=1)  # a third of four half points, rounded down
        yield Example(spec, ["", "预估", ""], earned=1)
        yield Example(spec, ["预估", "接案", "计画"], earned=0)
        yield Example(spec, [], earned=0)
        yield Example(spec, [" ", "", ""], earned=0)
        yield Example(spec, ["接案", "预估", "计划", "介入"], earned=None)
        yield Example(spec, ["接案", "长" * (_text.LONGEST + 1)], earned=None)
        free = {"blanks": [["个案工作", "个案"], ["小组工作"]], "any_order": True}
        yield Example(free, ["小组工作", "个案"], earned=4)
        yield Example(free, ["个案", "个案工作"], earned=2)  # two names of one thing
        yield Example(free, ["小组工作", "小组工作"], earned=2)
        crossed = {"blanks": [["甲", "乙"], ["乙", "丙"]], "any_order": True}
        yield Example(crossed, ["乙", "甲"], earned=4)
        yield Example(crossed, ["乙", "丙"], earned=4)
        yield Example(crossed, ["乙", "乙"], earned=2)


def filled(spec: BlanksSpec, given: Sequence[str]) -> list[int | None]:
    """Return for each text the blank that it fills rightly; none if it fills none.

    The earlier texts are worth no less than the later ones, and a text that has found a blank keeps
    one: so the most marks are earned that any assignment could earn.
    """
    accepted = [frozenset(map(_text.normal, blank)) for blank in spec.blanks]
    texts = list(map(_text.normal, given))
    if not spec.any_order:
        return [at if text in accepted[at] else None for at, text in enumerate(texts)]
    holder: dict[int, int] = {}
    """Blank -> text."""
    for at, text in enumerate(texts):
        if text not in texts[:at]:
            _find_blank(at, texts, accepted, holder, set())
    place = {at: blank for blank, at in holder.items()}
    return [place.get(at) for at in range(len(texts))]


def _find_blank(
    at: int,
    texts: Sequence[str],
    accepted: Sequence[frozenset[str]],
    holder: dict[int, int],
    tried: set[int],
) -> bool:
    """Give a text a blank, moving others to other blanks if need be; say whether it has one."""
    for blank, ways in enumerate(accepted):
        if blank in tried or texts[at] not in ways:
            continue
        tried.add(blank)
        if blank not in holder or _find_blank(holder[blank], texts, accepted, holder, tried):
            holder[blank] = at
            return True
    return False


def _rights(spec: BlanksSpec, found: Sequence[int | None]) -> Iterator[str]:
    """Say for each text what would have been right: of its own blank, else of one still open."""
    if not spec.any_order:
        yield from (blank[0] for blank in spec.blanks)
        return
    still_open = iter([b[0] for at, b in enumerate(spec.blanks) if at not in found])
    for blank in found:
        yield next(still_open) if blank is None else spec.blanks[blank][0]


def _read_blanks(raw: Raw) -> tuple[tuple[str, ...], ...]:
    value = raw.get("blanks")
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST:
        raise Invalid(
            "wrong_count",
            N_("要有 1 到 %(n)s 个空，每个空写一列可以接受的答案"),
            where="blanks",
            n=MOST,
        )
    found = []
    for at, blank in enumerate(value):
        with reading.within("blanks"):
            found.append(_text.read_accepted({str(at): blank}, str(at)))
    return tuple(found)


def _check_any_order(blanks: Sequence[Sequence[str]]) -> None:
    if len(blanks) < 2:
        raise Invalid("one_blank", N_("只有一个空，谈不上次序"), where="any_order")
    sets = [frozenset(map(_text.normal, blank)) for blank in blanks]
    firsts = [_text.normal(blank[0]) for blank in blanks]
    for at in range(1, len(blanks)):
        if sets[at] in sets[:at] or firsts[at] in firsts[:at]:
            raise Invalid(
                "alike",
                N_("次序不限时，两个空的答案不能一样，第一个答案也不能一样"),
                where=f"blanks.{at}",
            )


def _hits(found: Sequence[int | None]) -> list[bool]:
    return [blank is not None for blank in found]


KIND = FillBlank()
