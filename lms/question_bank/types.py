"""Values that travel between authors' files, kinds, papers and drills. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

SOURCES = ("law", "policy", "concept")
"""What a question may rest on."""

SpecT = TypeVar("SpecT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Mark:
    """The result of marking one answer, in whole *half points*.

    The national exam gives half a point for a part of a multiple-choice key. Counting half
    points keeps every sum and every comparison with a pass line exact.
    """

    earned: int
    out_of: int

    def __post_init__(self) -> None:
        if not 0 <= self.earned <= self.out_of:
            raise ValueError(f"mark {self.earned}/{self.out_of} is out of range")

    @property
    def is_full(self) -> bool:
        """Say whether the answer was wholly right. A part of the key is not."""
        return self.earned == self.out_of


@dataclass(frozen=True, slots=True)
class Marking:
    """The numbers of one marking rule (评分规则), kind by kind."""

    tables: Mapping[str, Raw]

    @classmethod
    def read(cls, body: Raw) -> "Marking":
        """Read the body of a rule of the kind ``marking``.

        :raises Invalid: a kind's entry is not a table.
        """
        return cls({kind: reading.table(body, kind) for kind in body})

    @classmethod
    def whole(cls) -> "Marking":
        """Return a rule that asks only whether an answer is wholly right, of whatever kind."""
        return _Whole({})

    def number(self, kind: str, key: str) -> int:
        """Return one number of a kind, in half points.

        :raises Invalid: ``no_marking``: the rule says nothing about the kind.
        """
        if kind not in self.tables:
            raise Invalid(
                "no_marking", N_("评分规则没有说明题型 %(kind)s 怎样计分"), where=kind, kind=kind
            )
        with reading.within(kind):
            return reading.whole(self.tables[kind], key, low=0, high=2000)


class _Whole(Marking):
    """Values what is wholly right, and no part of it."""

    def number(self, kind: str, key: str) -> int:
        return 5040 if key == "full" else 0  # divides evenly among up to ten parts


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
    """None where the parts are not marked one by one."""
    label: str = ""
    """Which part, Markdown; empty where there is only one."""
    points: tuple[PointHit, ...] = ()


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
class LawEdition:
    """One text of a law or policy as it was or is in force."""

    name: str
    """As questions name it: ``2023修正``."""
    effective_from: date
    effective_to: date | None
    """The last day; none while it is in force and no later edition is known."""
    replaced_by: str
    """The edition or the law that takes its place; empty if there is none."""


@dataclass(frozen=True, slots=True)
class Law:
    """A law or policy that questions rest on, with its editions, the oldest first."""

    title: str
    editions: tuple[LawEdition, ...]
    certainty: str
    source: str
