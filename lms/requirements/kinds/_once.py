"""What kinds have in common that ask for one fact about one subject, done once and for ever."""

from dataclasses import dataclass

from lms.kernel import reading
from lms.kernel.reading import Raw
from lms.records.types import RecordKind
from lms.requirements.types import Context, Named, State, Titles, Verdict


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
