"""Values of requirements, and the protocol that one kind of node fulfils. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind, in_force


class State(StrEnum):
    """How somebody stands with a requirement. Stored by value: never change one."""

    MET = "met"
    IN_PROGRESS = "in_progress"
    NOT_STARTED = "not_started"
    LAPSED = "lapsed"
    """What was achieved has run out and no longer counts."""
    EXEMPT = "exempt"
    """It need not be done."""

    @property
    def satisfied(self) -> bool:
        """Say whether nothing is left to do."""
        return self in {State.MET, State.EXEMPT}


@dataclass(frozen=True, slots=True)
class Named:
    """A title as its author wrote it, in both languages; English may be empty."""

    zh: str
    en: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the message catalogue that is not yet translated: views do that."""

    msgid: str
    params: Mapping[str, "str | int | date | Named | Sentence"] = field(default_factory=dict)


Words = Named | Sentence
Titles = Mapping[str, Named]
"""Reference -> title of what is referred to."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One node of a tree, checked."""

    kind: str
    spec: Any
    """What its kind read; only the kind looks into it."""
    id: str = ""
    """Names the node within its tree; empty if its author gave none."""
    title: str = ""
    title_en: str = ""
    due_days: int | None = None
    """Days after the start; the deadline is the end of that day."""
    due_on: date | None = None
    references: tuple[str, ...] = ()
    """What the node itself looks for in the records: ``course:basics``, ``subject:J-COMP``."""
    children: tuple["Requirement", ...] = ()

    def deadline(self, started_on: date) -> date | None:
        """Return the last day for this node, for somebody who began on a day."""
        if self.due_days is not None:
            return started_on + timedelta(days=self.due_days)
        return self.due_on

    def walk(
        self, place: tuple[str | int, ...] = ()
    ) -> Iterator[tuple[tuple[str | int, ...], "Requirement"]]:
        """Yield every node with its place in the author's table, from the top down."""
        yield place, self
        for index, child in enumerate(self.children):
            yield from child.walk((*place, "of", index))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a kind finds about one node of it."""

    state: State
    percent: int
    """0..100, rounded down; 100 only when nothing is left to do."""
    met_on: date | None = None
    """The day on which what counts today was complete."""
    expires_on: date | None = None
    """The last day on which it stays met if nothing is added; none: for ever."""
    says: tuple[Sentence, ...] = ()
    """Why it stands so."""
    children: tuple["Progress", ...] = ()
    shortest: tuple[int, ...] = ()
    """Which children are the shortest way to meet it; empty for a leaf."""

    def __post_init__(self) -> None:
        """Refuse a verdict that contradicts itself."""
        if not 0 <= self.percent <= 100 or (self.percent == 100) != self.state.satisfied:
            raise ValueError(f"{self.state} at {self.percent} percent")


@dataclass(frozen=True, slots=True)
class Progress:
    """How somebody stands with one node and all below it."""

    kind: str
    id: str
    name: Words
    """The author's title, or else what the kind says of itself."""
    what: Sentence
    """What has to be done."""
    state: State
    percent: int
    """0..100, rounded down; 100 only when nothing is left to do."""
    met_on: date | None = None
    due_on: date | None = None
    """The last day: its own, or an earlier one from above."""
    expires_on: date | None = None
    says: tuple[Sentence, ...] = ()
    references: tuple[str, ...] = ()
    children: tuple["Progress", ...] = ()
    shortest: tuple[int, ...] = ()

    @property
    def satisfied(self) -> bool:
        """Say whether nothing is left to do."""
        return self.state.satisfied

    def leaves(self) -> Iterator["Progress"]:
        """Yield the nodes without children, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to "why not yet?" in leaves."""

    met: tuple[Progress, ...]
    missing: tuple[Progress, ...]
    """The shortest way: when these are done the whole is met, and none of them can be left out."""
    next_step: Progress | None
    """Of what is missing, what is due first; of equals, what comes first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One learner's facts that count on a day, arranged for looking things up."""

    on: date
    by_kind: Mapping[str, tuple[Fact, ...]]
    """Oldest day first."""

    @classmethod
    def of(cls, facts: Iterable[Fact], *, on: date) -> "Evidence":
        """Arrange facts; leave out corrected ones and those that have not happened by the day."""
        by_kind: dict[str, list[Fact]] = {}
        for fact in sorted(in_force(facts), key=lambda fact: (fact.on, fact.number)):
            if fact.on <= on:
                by_kind.setdefault(fact.kind, []).append(fact)
        return cls(on, {kind: tuple(found) for kind, found in by_kind.items()})

    def about(self, kind: RecordKind, subject: str) -> list[Fact]:
        """Return the facts of a kind about a subject, oldest day first."""
        return [fact for fact in self.by_kind.get(kind, ()) if fact.subject == subject]

    def all_of(self, kind: RecordKind) -> tuple[Fact, ...]:
        """Return the facts of a kind, oldest day first."""
        return self.by_kind.get(kind, ())

    def exemption(self, subject: str) -> Fact | None:
        """Return the fact that exempts from a subject on the day; its last day is included."""
        for fact in self.about(RecordKind.EXEMPTED, subject):
            last = last_day(fact)
            if last is None or self.on <= last:
                return fact
        return None


def last_day(fact: Fact) -> date | None:
    """Return the last day on which a fact counts (detail ``expires_on``); none: for ever."""
    text = fact.detail.get("expires_on")
    return date.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class Context:
    """What a kind may look at when it judges a node."""

    evidence: Evidence
    started_on: date
    titles: Titles
    judge: Callable[[Requirement], Progress]
    """Judges a child."""

    @property
    def on(self) -> date:
        """The day on which is asked."""
        return self.evidence.on


@dataclass(frozen=True, slots=True)
class Example:
    """A specimen: documentation, contract and fixture at once."""

    raw: Raw
    """The author's table without ``kind``."""
    facts: tuple[Fact, ...]
    on: date
    state: State
    percent: int | None = None
    """Checked if given."""
    started_on: date = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """How somebody stands with one child of a goal's root, as stored."""

    state: State
    percent: int
    due_on: date | None
    met_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """How a learner stands with a goal, as stored. ``rules.standing`` says what time changed."""

    goal_id: int
    cycle: int
    kind: str
    """``required_list`` or ``program``."""
    key: str
    number: int
    title: str
    title_en: str
    started_on: date
    state: State
    percent: int
    due_on: date | None
    next_due_on: date | None
    met_on: date | None
    expires_on: date | None
    parts: tuple[Part, ...]

    @property
    def satisfied(self) -> bool:
        """Say whether nothing was left to do."""
        return self.state.satisfied


Spec = TypeVar("Spec")
ReadChild = Callable[[Raw], Requirement]


class RequirementKind(ABC, Generic[Spec]):
    """One kind of node. Stateless; ``Spec`` is what it reads from an author's table."""

    name: ClassVar[str]
    """``kind`` in authors' files: never change it."""
    keys: ClassVar[frozenset[str]]
    """The keys it reads, besides those that every node may have."""

    @abstractmethod
    def read(self, raw: Raw, read_child: ReadChild) -> Spec:
        """Check an author's table. ``read_child`` reads a nested one.

        :raises Invalid: with ``where`` naming the faulty key.
        """

    @abstractmethod
    def evaluate(self, spec: Spec, context: Context) -> Verdict:
        """Judge the evidence."""

    @abstractmethod
    def describe(self, spec: Spec, titles: Titles) -> Sentence:
        """Say what has to be done, in a few words.

        What ``titles`` does not know is not named: its author's title stands beside the words.
        """

    def references(self, spec: Spec) -> tuple[str, ...]:
        """Return what the node looks for, as subjects of records: ``course:basics``."""
        return ()

    def children(self, spec: Spec) -> tuple[Requirement, ...]:
        """Return the nodes below, in order; none for a leaf."""
        return ()

    @abstractmethod
    def examples(self) -> Iterable[Example]:
        """Give specimens: at least one that is met and one that is not."""
