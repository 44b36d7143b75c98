"""Working texts of questions: drafts, how far they are, what becomes of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from lms.kernel.reading import Raw


class Authored(Protocol):
    """Everything an author writes of a question, apart from its key."""

    @property
    def subject(self) -> str: ...
    @property
    def chapter_key(self) -> str: ...
    @property
    def point_key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def stem(self) -> str: ...
    @property
    def spec(self) -> Raw: ...
    @property
    def explanation(self) -> str: ...
    @property
    def difficulty(self) -> int: ...
    @property
    def source(self) -> Mapping[str, Any]: ...
    @property
    def valid_on(self) -> date | None: ...
    @property
    def tags(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A working text: a question as its author would have it. It need not be finished."""

    key: str
    """The question's key, or of a question to be: see ``rules.new_key``."""
    subject: str
    chapter_key: str
    """Empty while nobody has said where it belongs; so is what follows."""
    point_key: str
    kind: str
    stem: str
    """Markdown."""
    spec: Raw
    """The kind's own table, perhaps not whole yet."""
    explanation: str
    difficulty: int
    source: Mapping[str, Any]
    valid_on: date | None
    tags: tuple[str, ...]


class DraftState(StrEnum):
    """How far a working text is. Stored by value: never change one."""

    DRAFT = "draft"
    """Its author works on it."""
    IN_REVIEW = "in_review"
    """It waits for somebody else to read it."""
    RETURNED = "returned"
    """A reviewer gave it back, with a reason."""


class Kept(StrEnum):
    """What became of a working text that was to be kept."""

    NEW = "new"
    CHANGED = "changed"
    """A change of a published question or of one's own draft."""
    SAME = "same"
    """The bank says just this already; nothing was written."""
    TAKEN = "taken"
    """Somebody else works on it, or it waits for a reviewer; nothing was written."""


class Deed(StrEnum):
    """What can be done with a working text."""

    WRITE = "write"
    SUBMIT = "submit"
    TAKE_BACK = "take_back"
    RETURN = "return"
    APPROVE = "approve"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class WorkingText:
    """A draft as it is stored, with everything its page shows."""

    id: int
    draft: Draft
    digest: str
    question_id: int | None
    base_number: int | None
    current_number: int | None
    """The newest version of its question; none if it was never published."""
    state: DraftState
    origin: str
    batch: str
    note: str
    answer: str
    author_id: int
    author: str
    authors: tuple[int, ...]
    reviewer: str | None
    revision: int
    changed_at: datetime
    submitted_at: datetime | None

    @property
    def is_behind(self) -> bool:
        """Say whether its question got a newer version since it was begun."""
        return self.base_number != self.current_number


@dataclass(frozen=True, slots=True)
class DraftFilters:
    """Which working texts somebody looks for. Empty means: does not matter."""

    state: str = ""
    author_id: int = 0
    batch: str = ""
    node: str = ""
    subject: str = ""
    kind: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One working text of a list."""

    id: int
    key: str
    revision: int
    kind: str
    stem: str
    chapter_key: str
    difficulty: int
    state: str
    origin: str
    batch: str
    author_id: int
    author: str
    is_new: bool
    """Whether the question was never published."""
    changed_at: datetime
