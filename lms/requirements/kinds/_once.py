"""What kinds have in common that ask for one fact about one subject, done once and for ever."""

from dataclasses import dataclass
from typing import Any

from lms.kernel import reading
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.types import (
    Context,
    Named,
    Sentence,
    State,
    Step,
    Titles,
    Verdict,
    Way,
)

KEY_SCHEMA = {"type": "string", "pattern": f"^{reading.IDENTIFIER.pattern}$"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What the fact must be about."""

    noun: str
    key: str

    @property
    def reference(self) -> str:
        """The subject as records have it."""
        return f"{self.noun}:{self.key}"

    def title(self, titles: Titles) -> Named | None:
        """Return its title, if anybody knows it."""
        return titles.get(self.reference)


def read_subject(raw: Raw, noun: str) -> Subject:
    """Read the key of what the fact must be about, from the key named after its noun."""
    return Subject(noun, reading.identifier(raw, noun))


def done_once(context: Context, kind: RecordKind, subject: Subject) -> Verdict:
    """Judge by the first fact of a kind about a subject."""
    for fact in context.evidence.about(kind, subject.reference):
        return Verdict(State.MET, 100, met_on=fact.on)
    return Verdict(State.NOT_STARTED, 0)


def by_doing(
    context: Context, kind: RecordKind, subject: str, says: Sentence, **values: Any
) -> tuple[Way, ...]:
    """Return the one way of meeting a leaf: one record about a subject."""
    fact = Fact(0, kind, subject, context.on, **values)
    return ((Step(deed=f"{kind}:{subject}", says=says, by=context.on, facts=(fact,)),),)
