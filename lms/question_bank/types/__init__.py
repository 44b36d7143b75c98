"""Values that travel between authors' files, kinds, papers and drills. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from lms.kernel.reading import Raw
from lms.question_bank.methods.marks import Family, Mark, Marking, Sentence
from lms.question_bank.types.laws import Law, LawEdition
from lms.question_bank.types.reported import (
    MISTAKES,
    EndedLaw,
    MistakeKind,
    MistakeOutcome,
    OwnReport,
    QueuedReport,
    Reported,
    Waiting,
)
from lms.question_bank.types.scoring import Given, ScoringPoint, Ticks
from lms.question_bank.types.working import (
    Authored,
    Deed,
    Draft,
    DraftFilters,
    DraftLine,
    DraftState,
    Kept,
    WorkingText,
)

__all__ = [
    "MISTAKES",
    "Authored",
    "Deed",
    "Draft",
    "DraftFilters",
    "DraftLine",
    "DraftState",
    "EndedLaw",
    "Family",
    "Given",
    "Kept",
    "Law",
    "LawEdition",
    "Mark",
    "Marking",
    "MistakeKind",
    "MistakeOutcome",
    "OwnReport",
    "QueuedReport",
    "Reported",
    "ScoringPoint",
    "Sentence",
    "Ticks",
    "Waiting",
    "WorkingText",
]

SOURCES = ("law", "policy", "concept")
"""What a question may rest on."""

SpecT = TypeVar("SpecT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Example:
    """A specimen that a kind gives: documentation, contract and fixture at once."""

    spec: Raw
    submitted: Sequence[str]
    earned: int | None
    """Half points under the official marking; none for an answer that is refused."""


class Candidate(NamedTuple):
    """A question that a new paper or drill may take, in its current version."""

    version_id: int
    question_id: int
    kind: str
    chapter_key: str
    difficulty: int
    twin_group: int = 0
    """Questions of one group say nearly the same and never meet on a paper; 0: of no group."""
    times_used: int = 0
    """On how many papers that were handed in it has been, as last counted."""
    point_key: str = ""
    """Like ``tags`` and ``key``: filled in only where a draw asks for it."""
    tags: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class QuestionText:
    """One version of a question with everything a page shows of it."""

    version_id: int
    question_id: int
    key: str
    kind: str
    stem: str
    """Markdown."""
    spec: Raw
    """The kind's own table; read it with ``QuestionKind.read_stored``."""
    explanation: str
    chapter_key: str
    point_key: str
    difficulty: int
    source: Mapping[str, Any]
    """``kind``, ``title``, ``edition``, ``article``."""
    valid_on: date


class Input(StrEnum):
    """How one part of a question is filled in."""

    ONE = "one"
    """Pick exactly one choice."""
    MANY = "many"
    """Tick every choice that is right."""
    PICK = "pick"
    """Pick one choice from a list that opens."""
    TEXT = "text"
    """Write some words."""
    NUMBER = "number"
    """Write a number."""
    LONG = "long"
    """Write some paragraphs."""


class Field(NamedTuple):
    """One part of a question that is filled in."""

    input: Input
    choices: tuple[tuple[str, str], ...] = ()
    """What is sent and what is read (Markdown), from the top."""
    label: str = ""
    """What this part asks, Markdown; empty where the stem says all."""
    unit: str = ""
    longest: int = 0
    """Characters; 0 where nothing is written."""


class View(NamedTuple):
    """What may be shown of a question before it is answered: never the key."""

    fields: tuple[Field, ...]
    is_inline: bool = False
    """Whether the fields stand in the stem, where it says ``[[1]]``, ``[[2]]`` …"""


class PointHit(NamedTuple):
    """A scoring point (采分点), and whether words of an answer seem to say it."""

    text: str
    worth: int
    """In units of the marking rule."""
    spans: tuple[tuple[int, int], ...]
    """Where in the answer: from, to. Empty: not found."""


class Outcome(NamedTuple):
    """How one part of an answer turned out."""

    given: str
    """As the page shows it: letters or words; empty if left blank."""
    right: str
    """What would have been right, or a model answer, as the page shows it."""
    mark: Mark | None
    """None where the parts are not marked one by one: see ``is_right``."""
    label: str = ""
    """Which part, Markdown; empty where there is only one."""
    points: tuple[PointHit, ...] = ()
    is_right: bool | None = None
    """Of a part that is right or wrong and has no mark of its own."""


@dataclass(frozen=True, slots=True)
class Specimens(Generic[AnswerT]):
    """Answers that a question makes of itself. A blank answer is always none."""

    right: AnswerT
    """Earns everything under every marking rule."""
    wrong: AnswerT
    """Earns nothing, or less than nothing, under every marking rule."""


class QuestionKind(ABC, Generic[SpecT, AnswerT]):
    """How one sort of question is read, answered and marked.

    A kind holds no state, does no I/O and reads neither clock nor random source. How much an
    answer is worth is the marking rule's business: a kind holds no such number.

    A question has one part or more, each filled in by a :class:`Field`. An answer goes three ways:
    as *parts* (one text for each field, as the page shows and sends it), as the kind's own value
    (``AnswerT``), and as the one text under which it is stored. Parts depend on the *order* in
    which a page shows what can be shuffled; the value and the stored text are told in the author's
    own order, so that they mean the same for ever.
    """

    name: str
    """Stored in files and in the database: never change it."""
    label: str
    """What people call it; a message id."""
    spec_keys: tuple[str, ...]
    """The keys of an author's table that belong to the kind and make the stored spec."""
    part_names: Mapping[str, str] = MappingProxyType({})
    """What people call the keys, where a change of one is told; message ids."""
    is_statement: bool = False
    """Whether a stem need not ask anything: it is a statement to be judged, a case, a request."""
    family: Family = Family.WHOLE
    """Which methods of a marking rule may count its answers."""
    is_judged: bool = False
    """Whether people mark it: what :meth:`mark` gives is a suggestion that somebody confirms."""

    @abstractmethod
    def read_spec(self, raw: Raw) -> SpecT:
        """Check an author's table or a stored spec. Other keys are not looked at.

        :raises Invalid: naming the faulty key.
        """

    def read_stored(self, raw: Raw) -> SpecT:
        """Take a spec that was checked when its question was published, without checking again."""
        return self.read_spec(raw)

    def check_stem(self, spec: SpecT, stem: str) -> None:
        """Look at an author's stem beside what is asked: that a gap stands where it says, say.

        :raises Invalid: naming ``stem``.
        """
        return

    def places(self, spec: SpecT) -> int:
        """Return how many things are shown in a drawn order: options, items; 0 for none."""
        return 0

    @abstractmethod
    def view(self, spec: SpecT, order: Sequence[int]) -> View:
        """Return what may be shown before the question is answered: never the key.

        :param order: the author's positions from the top, as long as :meth:`places`.
        """

    @abstractmethod
    def read_answer(
        self, spec: SpecT, parts: Sequence[str], order: Sequence[int]
    ) -> AnswerT | None:
        """Turn what a page sent into an answer; none if all of it is blank.

        :param parts: a text for each field, in the view's order. Fewer: the others are blank.
        :raises Invalid: ``foreign_option``, ``too_many``, ``too_long`` or ``not_a_number``.
        """

    @abstractmethod
    def encode(self, answer: AnswerT) -> str:
        """Return the text under which an answer is stored; never empty."""

    @abstractmethod
    def decode(self, spec: SpecT, stored: str) -> AnswerT:
        """Return the answer that was stored; undoes :meth:`encode`."""

    @abstractmethod
    def to_parts(self, spec: SpecT, answer: AnswerT, order: Sequence[int]) -> tuple[str, ...]:
        """Return an answer as a page shows it, a text for each field; undoes ``read_answer``."""

    @abstractmethod
    def specimens(self, spec: SpecT) -> Specimens[AnswerT]:
        """Return a right and a wrong answer. The right one is the key."""

    @abstractmethod
    def out_of(self, spec: SpecT, marking: Marking) -> int:
        """Return what a perfect answer earns, in units of the rule."""

    @abstractmethod
    def mark(self, spec: SpecT, answer: AnswerT, marking: Marking) -> Mark:
        """Mark an answer. Blank answers never get here; they earn nothing."""

    def comes_out(self, spec: SpecT, marking: Marking) -> bool:
        """Say whether every answer earns whole units of the rule, or the rule says how to round."""
        return True

    @abstractmethod
    def explain(
        self, spec: SpecT, answer: AnswerT | None, order: Sequence[int], marking: Marking
    ) -> tuple[Outcome, ...]:
        """Say for each field how it turned out."""

    @abstractmethod
    def twins(self) -> tuple[Raw, Raw]:
        """Give two specs that differ in their key alone: before an answer they look the same."""

    @abstractmethod
    def examples(self) -> Iterable[Example]:
        """Give specimens: at least one right, one wrong, one blank and one refused."""


class JudgedKind(QuestionKind[SpecT, AnswerT]):
    """A kind whose answers are words: people decide which scoring points an answer earns.

    Its marks stand in the question itself, in half points, and not in the marking rule.
    """

    is_judged = True

    @abstractmethod
    def points(self, spec: SpecT) -> tuple[tuple[ScoringPoint, ...], ...]:
        """Return for each field what people tick; nothing where the field marks itself."""

    @abstractmethod
    def mark_given(
        self, spec: SpecT, answer: AnswerT | None, given: Given, marking: Marking
    ) -> Mark:
        """Mark an answer by what a person gave each scoring point.

        :param given: as long as :meth:`points`, and so is each of its parts.
        """

    def mark_judged(
        self, spec: SpecT, answer: AnswerT | None, ticks: Ticks, marking: Marking
    ) -> Mark:
        """Mark an answer by what a person ticked: what is ticked earns all of its worth.

        :param ticks: as long as :meth:`points`, and so is each of its parts.
        """
        given = [
            [point.worth if tick else 0 for point, tick in zip(own, row, strict=True)]
            for own, row in zip(self.points(spec), ticks, strict=True)
        ]
        return self.mark_given(spec, answer, given, marking)


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody looks for in the bank. Empty means: does not matter."""

    words: str = ""
    """Parts between spaces must all be there; see :mod:`lms.kernel.searching`."""
    node: str = ""
    """A place of the outline, with everything below it."""
    subject: str = ""
    kind: str = ""
    difficulty: int = 0
    state: str = ""
    law: str = ""
    edition: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is asked for."""
        return self == Filters()


@dataclass(frozen=True, slots=True)
class FoundQuestion:
    """A question in a list, in its current version."""

    id: int
    key: str
    kind: str
    state: str
    stem: str
    chapter_key: str
    point_key: str
    difficulty: int
    law: str
    is_fresh: bool = True
    """Whether what it rests on is still in force."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a question stands apart from its text."""

    state: str
    origin: str
    """``file`` or ``bank``: who keeps its text."""
    is_fresh: bool
    reason: str
    """Why it was retired."""
    author: str | None
    reviewer: str | None
    reviewed_at: datetime | None
    open_reports: int
    """What learners say of it that nobody has answered."""
    draft_state: str | None
    """How far the change of it is that somebody works on; none if nobody does."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of a question with everything an author can change."""

    version_id: int
    number: int
    published_at: datetime
    subject: str
    text: QuestionText
    tags: tuple[str, ...]


class Severity(StrEnum):
    """How bad a finding is."""

    FAULT = "fault"
    """Learners would be misled or could not answer: not to be published."""
    WARNING = "warning"
    """Somebody should look; it may be meant."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about questions that their author should look at."""

    code: str
    """For programs and tests: never changes."""
    severity: Severity
    place: str
    """Where in the question: ``options.2``, ``stem``; empty: the question as a whole."""
    message: str
    """A message id, with the values of ``params``."""
    params: Mapping[str, object] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    """The questions it is about; empty: the bank as a whole."""

    @property
    def words(self) -> str:
        """The sentence in Chinese."""
        return self.message % self.params if self.params else self.message


class Checkable(Protocol):
    """What a check needs to know of a question."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def stem(self) -> str: ...
    @property
    def spec(self) -> Raw: ...
    @property
    def chapter_key(self) -> str: ...
    @property
    def difficulty(self) -> int: ...
    @property
    def source(self) -> Mapping[str, Any]: ...
    @property
    def valid_on(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Need:
    """What one part of a paper takes from the bank."""

    paper: str
    kind: str
    chapter_key: str
    """Empty: from anywhere in the subject."""
    subject: str
    least: int
    most: int
    """Of an even spread some chapters give one more."""
    is_drawn: bool
    """Whether learners can sit the paper here; a layout we only document is not drawn."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How far the bank fills one need."""

    need: Need
    by_difficulty: tuple[int, int, int]
    """Questions that are easy, middle, hard."""

    @property
    def have(self) -> int:
        """Questions in all."""
        return sum(self.by_difficulty)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a working text is checked against."""

    nodes: frozenset[str]
    """Every place of every edition of the outline."""
    laws: Mapping[str, Law]
    """By title, see ``rules.by_title``."""
    on: date
