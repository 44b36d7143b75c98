"""What a regrade sets in motion beyond the exams: programs, lists, certificates. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lms.exams.rules import told_anew
from lms.exams.types import Standings
from lms.records.types import Fact
from lms.requirements.rules import judge
from lms.requirements.types import Evidence, Requirement, State


@dataclass(frozen=True, slots=True)
class Move:
    """What an attempt counted as, and what it counts as after a regrade."""

    learner_id: int
    number: int
    paper_key: str
    before: Standings
    after: Standings

    @property
    def sitting(self) -> tuple[int, str]:
        """By what its record is found: :func:`lms.exams.rules.sitting_of`."""
        return self.learner_id, f"paper_sat:{self.paper_key}:{self.number}"

    @property
    def is_change(self) -> bool:
        """Say whether the result moves."""
        return not self.before.is_same(self.after)

    @property
    def rank(self) -> tuple[bool, bool, int, int]:
        """Who no longer passes comes first, then who passes now, then whoever else moves."""
        lost = self.before.passed and not self.after.passed
        flipped = self.before.passed != self.after.passed
        return not lost, not flipped, self.learner_id, self.number


@dataclass(frozen=True, slots=True)
class Pursued:
    """A goal that somebody pursues."""

    learner_id: int
    goal_id: int
    kind: str
    title: str
    title_en: str
    requirement: Requirement
    started_on: date


@dataclass(frozen=True, slots=True)
class Effect:
    """How somebody stands with a goal before and after."""

    learner_id: int
    goal_id: int
    kind: str
    title: str
    title_en: str
    before: State
    before_percent: int
    after: State
    after_percent: int
    code: str | None = None
    """The certificate that they hold for it, if it is in force."""

    @property
    def is_lost(self) -> bool:
        """Say whether something that was met is no longer."""
        return self.before.satisfied and not self.after.satisfied


def as_if(
    facts: Iterable[Fact],
    deeds: Mapping[int, tuple[int, str]],
    marks: Mapping[tuple[int, str], Standings],
) -> list[Fact]:
    """Return facts with the marks of some sittings in the place of those that they tell.

    :param deeds: number of a record -> whose sitting it tells of.
    """
    return [
        _marked(fact, marks[deeds[fact.number]])
        if fact.number in deeds and deeds[fact.number] in marks
        else fact
        for fact in facts
    ]


def _marked(fact: Fact, marks: Standings) -> Fact:
    return fact._replace(quantity=marks.earned, detail=told_anew(fact.detail, marks))


def effects(
    pursued: Iterable[Pursued], before: Mapping[int, Evidence], after: Mapping[int, Evidence]
) -> list[Effect]:
    """Judge goals on the evidence of both sides and return those that differ, the worst first."""
    found = []
    for one in pursued:
        was = judge(one.requirement, before[one.learner_id], started_on=one.started_on)
        will = judge(one.requirement, after[one.learner_id], started_on=one.started_on)
        if (was.state, was.percent) != (will.state, will.percent):
            found.append(
                Effect(
                    one.learner_id,
                    one.goal_id,
                    one.kind,
                    one.title,
                    one.title_en,
                    was.state,
                    was.percent,
                    will.state,
                    will.percent,
                )
            )
    return sorted(found, key=lambda e: (not e.is_lost, e.learner_id, e.goal_id))
