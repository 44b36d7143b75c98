"""Put items in their right order (排序题): each is given its position.

An item at its right position counts, any other does not, and neither do items that share a
position. So many of so many right: that share of full marks, rounded down to a unit of the rule.
Finer measures (how many neighbours, how long a right run) value a shifted answer more justly,
but no learner can check them in their head; this one everybody can. Our rule for practice: no
national paper asks such questions.

The items are shown in a drawn order, drawn from the items sorted, so that it says nothing of the
author's order, which is the key. Should the draw hit the right order, the first item goes last.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

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

FEWEST, MOST = 3, 12
BLANK = "-"

Items = tuple[str, ...]
"""In the right order."""

Positions = tuple[int, ...]
"""For each item, in the right order, the position it was given, from 1; 0 for none."""


class Ordering(QuestionKind[Items, Positions]):
    name = "ordering"
    label = N_("排序题")
    spec_keys = ("items",)
    family = Family.PARTS
    is_statement = True
    part_names = {"items": N_("各项的次序")}

    def read_spec(self, raw: Raw) -> Items:
        listed = reading.texts(raw, "items", at_least=FEWEST, at_most=MOST)
        return tuple(text.strip() for text in listed)

    def places(self, spec: Items) -> int:
        return len(spec)

    def view(self, spec: Items, order: Sequence[int]) -> View:
        choices = tuple((str(n), str(n)) for n in range(1, len(spec) + 1))
        return View(tuple(Field(Input.PICK, choices, spec[at]) for at in shown(spec, order)))

    def read_answer(
        self, spec: Items, parts: Sequence[str], order: Sequence[int]
    ) -> Positions | None:
        known = {str(n): n for n in range(1, len(spec) + 1)} | {"": 0}
        sent = [part.strip() for part in _parts.padded(parts, len(spec))]
        if not all(part in known for part in sent):
            raise Invalid("foreign_option", N_("答案不在选项之中"), where="choice")
        given = dict(zip(shown(spec, order), (known[part] for part in sent), strict=True))
        return tuple(given[at] for at in range(len(spec))) if any(sent) else None

    def encode(self, answer: Positions) -> str:
        return " ".join(str(n) if n else BLANK for n in answer)

    def decode(self, spec: Items, stored: str) -> Positions:
        return tuple(0 if word == BLANK else int(word) for word in stored.split())

    def to_parts(self, spec: Items, answer: Positions, order: Sequence[int]) -> tuple[str, ...]:
        return tuple(str(answer[at] or "") for at in shown(spec, order))

    def specimens(self, spec: Items) -> Specimens[Positions]:
        right = tuple(range(1, len(spec) + 1))
        return Specimens(right, (*right[1:], right[0]))

    def out_of(self, spec: Items, marking: Marking) -> int:
        return marking.number(self.name, "full")

    def mark(self, spec: Items, answer: Positions, marking: Marking) -> Mark:
        return _parts.mark_parts(self.name, _hits(answer), marking)

    def explain(
        self, spec: Items, answer: Positions | None, order: Sequence[int], marking: Marking
    ) -> tuple[Outcome, ...]:
        positions = answer or (0,) * len(spec)
        times = Counter(positions)
        given = [str(n or "") if times[n] == 1 or not n else f"{n}（序号重复）" for n in positions]
        hits = _hits(positions)
        return tuple(
            Outcome(given[at], str(at + 1), None, spec[at], is_right=hits[at])
            for at in shown(spec, order)
        )

    def twins(self) -> tuple[Raw, Raw]:
        # neither is the sorted order, so both are shown sorted
        return {"items": ["结案", "接案", "预估"]}, {"items": ["预估", "接案", "结案"]}

    def examples(self) -> Iterable[Example]:
        # shown sorted by code point: 介入, 接案, 结案, 预估
        spec = {"items": ["接案", "预估", "介入", "结案"]}
        yield Example(spec, ["3", "1", "4", "2"], earned=4)
        yield Example(spec, ["2", "1", "4", "3"], earned=2)  # two neighbours exchanged
        yield Example(spec, ["3", "1", "3", "2"], earned=2)  # both at 3 count as wrong
        yield Example(spec, ["2", "4", "3", "1"], earned=0)
        yield Example(spec, ["1", "2", "3", ""], earned=0)
        yield Example(spec, ["", ""], earned=0)
        yield Example(spec, ["5", "1", "4", "2"], earned=None)
        yield Example(spec, ["第一"], earned=None)


def _hits(answer: Positions) -> list[bool]:
    """Say of each item whether it was put where it belongs, and nothing else was."""
    times = Counter(answer)
    return [n == at and times[n] == 1 for at, n in enumerate(answer, start=1)]


def shown(spec: Items, order: Sequence[int]) -> list[int]:
    """Return which items a page shows, from the top: never in the right order.

    :param order: positions among the items sorted.
    """
    by_text = sorted(range(len(spec)), key=lambda at: spec[at])
    listed = [by_text[place] for place in order]
    return [*listed[1:], listed[0]] if listed == sorted(listed) else listed


KIND = Ordering()
