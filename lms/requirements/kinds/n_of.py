"""So many of those below."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._group import Group, GroupKind, read_children
from lms.requirements.types import Example, ReadChild, Sentence, State, Titles


class NOf(GroupKind):
    name = "n_of"
    keys = GroupKind.keys | {"needed"}
    required = keys

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {**super().properties(), "needed": {"type": "integer", "minimum": 1}}

    def read(self, raw: Raw, read_child: ReadChild) -> Group:
        of = read_children(raw, read_child)
        return Group(reading.whole(raw, "needed", low=1, high=len(of)), of)

    def describe(self, spec: Group, titles: Titles) -> Sentence:
        params = {"n": len(spec.of), "needed": spec.needed}
        return Sentence(N_("%(n)s 项中任选 %(needed)s 项完成"), params)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)
        two = {
            "needed": 2,
            "of": [{"kind": "course_completed", "course": key} for key in ("a", "b", "c")],
        }
        a, c = (
            Fact(number, RecordKind.COURSE_COMPLETED, f"course:{key}", on)
            for number, key in enumerate("ac", start=1)
        )
        yield Example(two, (a, c), on, State.MET, 100)
        yield Example(two, (c,), on, State.IN_PROGRESS, 50)
        yield Example(two, (), on, State.NOT_STARTED, 0)


KIND = NOf()
