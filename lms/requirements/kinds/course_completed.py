"""Complete a course."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._once import (
    KEY_SCHEMA,
    Subject,
    by_doing,
    done_once,
    read_subject,
)
from lms.requirements.types import (
    Context,
    Example,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
    Way,
)


class CourseCompleted(RequirementKind[Subject]):
    name = "course_completed"
    keys = frozenset({"course"})
    required = keys

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {"course": KEY_SCHEMA}

    def read(self, raw: Raw, read_child: ReadChild) -> Subject:
        return read_subject(raw, "course")

    def evaluate(self, spec: Subject, context: Context) -> Verdict:
        verdict = done_once(context, RecordKind.COURSE_COMPLETED, spec)
        if verdict.state == State.MET:
            return verdict
        start = f"lesson:{spec.key}/"
        lessons = {
            fact.subject: fact
            for fact in context.evidence.all_of(RecordKind.LESSON_COMPLETED)
            if fact.subject.startswith(start)
        }
        if not lessons:
            return verdict
        total = max(int(fact.detail.get("lessons", 0)) for fact in lessons.values())
        return Verdict(
            State.IN_PROGRESS,
            min(99, 100 * len(lessons) // total) if total else 0,
            says=(Sentence(N_("已学完 %(n)s 节"), {"n": len(lessons)}),),
        )

    def describe(self, spec: Subject, titles: Titles) -> Sentence:
        title = spec.title(titles)
        if title is None:
            return Sentence(N_("学完这门课程"))
        return Sentence(N_("学完课程“%(title)s”"), {"title": title})

    def ways(self, spec: Subject, context: Context) -> tuple[Way, ...]:
        says = self.describe(spec, context.titles)
        return by_doing(context, RecordKind.COURSE_COMPLETED, spec.reference, says)

    def references(self, spec: Subject) -> tuple[str, ...]:
        return (spec.reference,)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)
        basics = {"course": "basics"}
        lesson = Fact(
            1, RecordKind.LESSON_COMPLETED, "lesson:basics/one", on, detail={"lessons": 8}
        )
        done = Fact(2, RecordKind.COURSE_COMPLETED, "course:basics", on)
        yield Example(basics, (lesson, done), on, State.MET, 100)
        yield Example(basics, (lesson,), on, State.IN_PROGRESS, 12)
        yield Example(basics, (done,), date(2026, 5, 31), State.NOT_STARTED, 0)
        other = Fact(1, RecordKind.LESSON_COMPLETED, "lesson:basics-two/one", on)
        yield Example(basics, (other,), on, State.NOT_STARTED, 0)


KIND = CourseCompleted()
