"""Everything below."""

from collections.abc import Iterable
from datetime import date

from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._group import Group, GroupKind, read_children
from lms.requirements.types import Example, ReadChild, Sentence, State, Titles


class All(GroupKind):
    name = "all"

    def read(self, raw: Raw, read_child: ReadChild) -> Group:
        of = read_children(raw, read_child)
        asked = sum(not child.optional for child in of)
        if not asked:
            raise Invalid("all_optional", N_("至少要有一项不是选修"), where="of")
        return Group(asked, of)

    def describe(self, spec: Group, titles: Titles) -> Sentence:
        return Sentence(N_("完成全部 %(n)s 项"), {"n": spec.needed})

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)
        both = {"of": [{"kind": "course_completed", "course": key} for key in ("a", "b")]}
        a, b = (
            Fact(number, RecordKind.COURSE_COMPLETED, f"course:{key}", on)
            for number, key in enumerate("ab", start=1)
        )
        yield Example(both, (a, b), on, State.MET, 100)
        yield Example(both, (b,), on, State.IN_PROGRESS, 50)
        yield Example(both, (), on, State.NOT_STARTED, 0)
        either_way = {"of": [both["of"][0], {**both["of"][1], "optional": True}]}
        yield Example(either_way, (a,), on, State.MET, 100)
        yield Example(either_way, (b,), on, State.NOT_STARTED, 0)  # what is extra is no beginning
        spared = Fact(3, RecordKind.EXEMPTED, "course:a", on)
        yield Example(both, (spared, b), on, State.MET, 100)


KIND = All()
