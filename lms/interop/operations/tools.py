from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from lms.interop.types import Column, Decision, Judged, Layout, Mode, Table
from lms.kernel.files import Store
from lms.kernel.vault import Vault


@dataclass(frozen=True, slots=True)
class Tools:
    """What imports need of the installation."""

    vault: Vault
    store: Store
    changed_percent: int
    """How much of a scope may change before it is asked once more."""
    refused_percent: int
    """How many rows of a file may be refused before it is asked once more."""
    upload_limit: int
    """Bytes of an uploaded file."""
    days: int
    """How long uploaded and made files are kept."""


@dataclass(frozen=True, slots=True)
class Course:
    """One run over a file: for whom, how, when."""

    mode: Mode
    on: date
    scope: frozenset[int] | None
    """The organizations over whose subtrees whoever asked may import; none: over everything."""
    actor_id: int | None


class Kind(Protocol):
    """A kind of list: of people, of organizations."""

    name: str
    columns: Sequence[Column]
    size: int
    """Rows in one portion: one transaction."""

    def labels(self) -> Mapping[str, str]:
        """Return what people call the fields of a change."""

    def judge(
        self, session: Session, course: Course, tools: Tools, table: Table, layout: Layout
    ) -> "Judge":
        """Return what decides about the rows of a file; reads what all of them need."""

    def in_scope(self, session: Session, course: Course) -> int:
        """Return how many there are that a file could change."""


class Judge(Protocol):
    """Decides about rows of one file, in their order."""

    def decide(
        self, session: Session, numbers: Sequence[int], choices: Mapping[int, str]
    ) -> Sequence[Decision]:
        """Decide about some rows, by their numbers from 0; remembers what they claim."""

    def remember(self, judged: Sequence[Judged]) -> None:
        """Take note of what this import has written so far."""

    def forget(self) -> None:
        """Forget what earlier rows have claimed."""

    def apply(
        self, session: Session, decided: Sequence[Decision], *, now: datetime
    ) -> list[Judged]:
        """Do what was decided, and say what became of each row."""


def portions(numbers: Sequence[int], size: int) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield the rows in portions, each with its number."""
    for number, start in enumerate(range(0, len(numbers), size)):
        yield number, numbers[start : start + size]
