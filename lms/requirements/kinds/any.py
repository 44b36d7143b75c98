"""One of those below."""

from collections.abc import Iterable
from datetime import date

from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._group import Group, GroupKind, read_children
from lms.requirements.types import Example, ReadChild, Sentence, State, Titles


class AnyOf(GroupKind):
    name = "any"

    def read(self, raw: Raw, read_child: ReadChild) -> Group:
        return Group(1, read_children(raw, read_child))

    def describe(self, spec: Group, titles: Titles) -> Sentence:
        return Sentence(N_("%(n)s 项中任选 1 项完成"), {"n": len(spec.of)})

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)
        either = {
            "of": [
                {"kind": "course_completed", "course": "a"},
                {"kind": "paper_passed", "paper": "p", "minimum": 100},
            ]
        }
        sat = Fact(1, RecordKind.PAPER_SAT, "paper:p", on, quantity=60)
        passed = Fact(2, RecordKind.PAPER_SAT, "paper:p", on, quantity=100)
        yield Example(either, (sat, passed), on, State.MET, 100)
        yield Example(either, (sat,), on, State.IN_PROGRESS, 60)
        yield Example(either, (), on, State.NOT_STARTED, 0)


KIND = AnyOf()
