"""Values of requirements, and the protocol that one kind of node fulfils. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar, Generic, TypeVar

from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind, in_force, last_day


class State(StrEnum):
    """How somebody stands with a requirement. Stored by value: never change one."""

    MET = "met"
    IN_PROGRESS = "in_progress"
    NOT_STARTED = "not_started"
    LAPSED = "lapsed"
    """What was achieved has run out and no longer counts."""
    EXEMPT = "exempt"
    """It need not be done."""
    IMPOSSIBLE = "impossible"
    """As things stand nothing that the learner can still do meets it: no try is left, the window
    has closed, too much leave was taken. An exemption or a correction may change that."""

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
    params: Mapping[str, "Value"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """Several words, told one after the other as the reader's language does."""

    items: tuple["Named | Sentence", ...]


Words = Named | Sentence
Value = str | int | date | Named | Sentence | Listed
Params = dict[str, Value]
"""What a sentence says besides its words."""
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
    optional: bool = False
    """A child that ALL and POINTS judge and show, and do not ask for."""
    name: str = ""
    """Its long name, unique over all requirements: :func:`node_name`."""
    spared_by: tuple[str, ...] = ()
    """The subjects of an exemption from the node itself."""

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
    left: tuple[Sentence, ...] = ()
    """What is still to be done, exactly; empty if the node's own words say it all."""
    next_on: date | None = None
    """The next day on which something happens by itself: the last day before a pass is lost or a
    window closes, or the day on which enough time will have passed."""
    area: str = ""
    """Where alone what was achieved is valid (``key_counties``); empty: everywhere."""

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
    left: tuple[Sentence, ...] = ()
    next_on: date | None = None
    area: str = ""
    optional: bool = False
    node: str = ""
    """The long name of the node."""

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
    next_on: date | None = None
    """The nearest day that matters among what is missing: a deadline, the eve of a loss."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One learner's facts that count on a day, arranged for looking things up."""

    on: date
    by_kind: Mapping[str, tuple[Fact, ...]]
    """Oldest day first."""
    by_subject: Mapping[tuple[str, str], tuple[Fact, ...]]
    """Kind and subject -> facts, oldest day first."""

    @classmethod
    def of(cls, facts: Iterable[Fact], *, on: date) -> "Evidence":
        """Arrange facts; leave out corrected ones and those that have not happened by the day."""
        by_kind: dict[str, list[Fact]] = {}
        by_subject: dict[tuple[str, str], list[Fact]] = {}
        for fact in sorted(in_force(facts, on), key=lambda fact: (fact.on, fact.number)):
            by_kind.setdefault(fact.kind, []).append(fact)
            by_subject.setdefault((fact.kind, fact.subject), []).append(fact)
        return cls(
            on,
            {kind: tuple(found) for kind, found in by_kind.items()},
            {key: tuple(found) for key, found in by_subject.items()},
        )

    def about(self, kind: RecordKind, subject: str) -> tuple[Fact, ...]:
        """Return the facts of a kind about a subject, oldest day first."""
        return self.by_subject.get((kind, subject), ())

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


def node_name(requirement: str, path: str) -> str:
    """Return the long name of a node: ``program:station-talent-2026#courses/frontline``.

    Ids repeat from list to list; a long name does not. Exemptions name nodes by it.

    :param requirement: the goal's kind and key; empty for a requirement out of a file.
    :param path: the ids from the root's children down, ``@2`` for the second child if it has
        none; empty for the root, which is called as the requirement is.
    """
    return f"{requirement}#{path}" if path else requirement


@dataclass(frozen=True, slots=True)
class Context:
    """What a kind may look at when it judges a node."""

    evidence: Evidence
    started_on: date
    titles: Titles
    judge: Callable[[Requirement], Progress]
    """Judges a child."""
    sittings: tuple["Sitting", ...] = ()
    """The days of the national exam that are known or projected, oldest first; for plans."""
    today: date | None = None
    """For plans, which judge by a later day: the day on which the plan is made."""

    @property
    def on(self) -> date:
        """The day on which is asked."""
        return self.evidence.on


@dataclass(frozen=True, slots=True)
class Sitting:
    """One year's days of the national exam."""

    year: int
    first: date
    last: date
    announced: bool
    """False: projected from past years."""


@dataclass(frozen=True, slots=True)
class Step:
    """One deed of a plan."""

    deed: str
    """Equal deeds are one deed, done once: ``course:basics``."""
    says: Sentence
    by: date
    """The last day for it."""
    facts: tuple[Fact, ...]
    """What the records would say then; number 0: hypothetical."""
    effort: int = 1
    """What it costs, in whatever the asker counts; see :func:`lms.requirements.rules.plan`."""
    node: str = ""
    """The long name of the leaf it serves."""
    or_else: Sentence | None = None
    """What is lost without it."""
    likely: bool = False
    """Its day is projected, not announced."""


Way = tuple[Step, ...]
"""Steps that, done together, meet a node; none if time alone does."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The cheapest way to be met on a day."""

    by: date
    steps: Way
    """In the order of their last days; none if no way is known, or if nothing is left to do."""
    exact: bool
    """Whether every way was weighed; false in a tree with too many, where one was chosen well."""
    progress: Progress
    """How the learner stands on the day if the steps are done."""

    @property
    def possible(self) -> bool:
        """Say whether a way is known."""
        return self.progress.satisfied

    @property
    def effort(self) -> int:
        """What all steps cost together."""
        return sum(step.effort for step in self.steps)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What hypothetical records would change."""

    before: Progress
    after: Progress
    won: tuple[Progress, ...]
    """Leaves that would be satisfied and are not, as they would stand."""
    lost: tuple[Progress, ...]
    """Leaves that are satisfied and would not be any more, as they would stand."""


@dataclass(frozen=True, slots=True)
class Use:
    """What one credit of hours gives to one quota. Amounts in minutes, exact."""

    fact: Fact
    amount: Fraction
    """What the record is worth to the quota before anything is cut."""
    counted: Fraction
    why: Sentence | None
    """Why less than the amount counts; none if nothing was cut."""

    @property
    def cut(self) -> Fraction:
        """What does not count."""
        return self.amount - self.counted


@dataclass(frozen=True, slots=True)
class Account:
    """How every hour feeds one quota. Amounts in minutes, exact."""

    node: str
    """The long name of the leaf."""
    scheme: str
    unit: str
    """``credit_hour`` or ``clock_hour``: in what people are told."""
    needed: Fraction
    counted: Fraction
    """Towards what is needed, never more than that."""
    first: date | None
    """The window's first day; none: open."""
    last: date | None
    uses: tuple[Use, ...]
    """Oldest first: what falls under the quota, with what was cut and why."""


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
    required: ClassVar[frozenset[str]] = frozenset()
    """Those of them that must be there."""

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

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the JSON Schema of each of its :attr:`keys`; of another's kind: anything."""
        return {key: {} for key in self.keys}

    def ways(self, spec: Spec, context: Context) -> tuple[Way, ...]:
        """Return the ways to meet a leaf on the context's day, which is to come.

        Asked only if what is known today does not meet it on that day. None if no deed of the
        learner is known to do it.
        """
        return ()

    def weights(self, spec: Spec) -> tuple[int, tuple[int, ...]]:
        """Return how much a group asks for and what each child gives; 0 for what is optional."""
        worth = tuple(int(not child.optional) for child in self.children(spec))
        return sum(worth), worth

    def account(self, spec: Spec, context: Context, node: str) -> Account | None:
        """Say how every hour feeds it, if it is a quota of hours."""
        return None

    def references(self, spec: Spec) -> tuple[str, ...]:
        """Return what the node looks for, as subjects of records: ``course:basics``."""
        return ()

    def children(self, spec: Spec) -> tuple[Requirement, ...]:
        """Return the nodes below, in order; none for a leaf."""
        return ()

    @abstractmethod
    def examples(self) -> Iterable[Example]:
        """Give specimens: at least one that is met and one that is not."""
