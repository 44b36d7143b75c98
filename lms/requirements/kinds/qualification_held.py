"""Hold a professional qualification on the day that is asked about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.types import (
    Context,
    Example,
    Named,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
    last_day,
)

LEVELS = {
    "junior": Named("助理社会工作师", "Assistant Social Worker"),
    "intermediate": Named("社会工作师", "Social Worker"),
    "senior": Named("高级社会工作师", "Senior Social Worker"),
}
"""From low to high."""


@dataclass(frozen=True, slots=True)
class Qualification:
    """Which level, and whether a higher one does as well."""

    level: str
    or_higher: bool

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of records that do."""
        levels = list(LEVELS)
        from_here = levels[levels.index(self.level) :]
        return tuple(
            f"qualification:{level}" for level in from_here[: None if self.or_higher else 1]
        )


class QualificationHeld(RequirementKind[Qualification]):
    name = "qualification_held"
    keys = frozenset({"level", "or_higher"})

    def read(self, raw: Raw, read_child: ReadChild) -> Qualification:
        return Qualification(
            reading.choice(raw, "level", LEVELS), reading.flag(raw, "or_higher", default=True)
        )

    def evaluate(self, spec: Qualification, context: Context) -> Verdict:
        held = [
            fact
            for fact in context.evidence.all_of(RecordKind.QUALIFICATION_HELD)
            if fact.subject in spec.subjects
        ]
        if not held:
            return Verdict(State.NOT_STARTED, 0)
        # The one that lasts longest; of equals the one that was won first.
        best = max(held, key=lambda fact: last_day(fact) or date.max)
        expires_on = last_day(best)
        if expires_on is not None and expires_on < context.on:
            ended = Sentence(N_("有效期已于 %(day)s 结束"), {"day": expires_on})
            return Verdict(State.LAPSED, 0, says=(ended,))
        return Verdict(State.MET, 100, met_on=best.on, expires_on=expires_on)

    def describe(self, spec: Qualification, titles: Titles) -> Sentence:
        level = LEVELS[spec.level]
        if len(spec.subjects) == 1:
            return Sentence(N_("持有%(level)s证书"), {"level": level})
        return Sentence(N_("持有%(level)s或更高级别的证书"), {"level": level})

    def references(self, spec: Qualification) -> tuple[str, ...]:
        return (f"qualification:{spec.level}",)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)

        def held(level: str, until: str = "") -> tuple[Fact, ...]:
            detail = {"expires_on": until} if until else {}
            subject = f"qualification:{level}"
            since = date(2023, 6, 1)
            return (Fact(1, RecordKind.QUALIFICATION_HELD, subject, since, detail=detail),)

        junior = {"level": "junior"}
        yield Example(junior, held("junior"), on, State.MET)
        yield Example(junior, held("junior", "2026-06-01"), on, State.MET)  # its last day counts
        yield Example(junior, held("junior", "2026-05-31"), on, State.LAPSED)
        yield Example(junior, held("senior"), on, State.MET)
        yield Example(
            {"level": "junior", "or_higher": False}, held("senior"), on, State.NOT_STARTED
        )
        yield Example({"level": "senior"}, held("junior"), on, State.NOT_STARTED, 0)


KIND = QualificationHeld()
