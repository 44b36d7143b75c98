"""Attend a class."""

from collections.abc import Iterable
from datetime import date

from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._once import Subject, done_once, read_subject
from lms.requirements.types import (
    Context,
    Example,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
)


class ClassAttended(RequirementKind[Subject]):
    name = "class_attended"
    keys = frozenset({"class"})

    def read(self, raw: Raw, read_child: ReadChild) -> Subject:
        return read_subject(raw, "class")

    def evaluate(self, spec: Subject, context: Context) -> Verdict:
        return done_once(context, RecordKind.CLASS_ATTENDED, spec)

    def describe(self, spec: Subject, titles: Titles) -> Sentence:
        title = spec.title(titles)
        if title is None:
            return Sentence(N_("参加这个培训班"))
        return Sentence(N_("参加培训班“%(title)s”"), {"title": title})

    def references(self, spec: Subject) -> tuple[str, ...]:
        return (spec.reference,)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)
        attended = Fact(1, RecordKind.CLASS_ATTENDED, "class:2026-06", on)
        yield Example({"class": "2026-06"}, (attended,), on, State.MET, 100)
        yield Example({"class": "2026-09"}, (attended,), on, State.NOT_STARTED, 0)


KIND = ClassAttended()
