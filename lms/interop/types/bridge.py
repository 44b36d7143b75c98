"""Values between a file of questions and the bank. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

from lms.interop.types.items import Item, Note
from lms.question_bank.types import Draft


class Standing(StrEnum):
    """How a question of a file stands to the bank. Stored by value: never change one."""

    NEW = "new"
    CHANGED = "changed"
    """The bank has it, by its number or by what it asks, and says something else of it."""
    IDENTICAL = "identical"
    """The bank says all that already: importing it changes nothing."""
    DUPLICATE = "duplicate"
    """The bank, or the file above, asks just this under another number."""
    ALIKE = "alike"
    """The bank has a question whose stem reads much the same: a person has to say."""
    TAKEN = "taken"
    """Somebody else works on it, or it waits for a reviewer."""
    REFUSED = "refused"


TAKES = frozenset({Standing.NEW, Standing.CHANGED})
"""What is imported unless somebody says otherwise."""
OFFERS = frozenset({Standing.DUPLICATE, Standing.ALIKE})
"""What is imported if somebody says so."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What is said of questions whose file does not say it."""

    subject: str = ""
    chapter: str = ""
    point: str = ""
    difficulty: int = 2
    source: Mapping[str, str] = field(default_factory=dict)
    valid_on: date | None = None
    tags: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        return {
            "subject": self.subject,
            "chapter": self.chapter,
            "point": self.point,
            "difficulty": self.difficulty,
            "source": dict(self.source),
            "valid_on": self.valid_on.isoformat() if self.valid_on else None,
            "tags": list(self.tags),
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Defaults":
        """Return what :meth:`plain` kept."""
        day = kept["valid_on"]
        return cls(
            **{
                **kept,
                "valid_on": date.fromisoformat(day) if day else None,
                "tags": tuple(kept["tags"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Core:
    """What a question asks and what is right: the part that makes it this question."""

    kind: str
    stem: str
    """Markdown."""
    spec: Mapping[str, Any]
    digest: str
    """Equal for questions that ask the same, however they are marked up."""


@dataclass(frozen=True, slots=True)
class Bank:
    """What the bank has, as far as a file asks about it."""

    texts: Mapping[str, Draft]
    """Key -> what the bank says: of every question that the file names or asks again."""
    key_of: Mapping[str, str]
    """Digest of a core -> the key of the question that asks it."""
    taken: frozenset[str] = frozenset()
    """Keys of questions that somebody else works on."""
    nodes: frozenset[str] = frozenset()
    """The places of the outline."""
    alike: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Number of a question in the file -> keys of those whose stems read much the same."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is to become of one question of a file."""

    number: int
    """Its place in the file, from 1."""
    item: Item
    standing: Standing
    draft: Draft | None = None
    """What the bank would keep; none if it is refused."""
    of: str = ""
    """The key of the question of the bank that it is; ``#3`` for the third of the file."""
    alike: tuple[str, ...] = ()
    """Keys of questions of the bank that read much the same."""
    before: Draft | None = None
    """What the bank says of it now."""
    notes: tuple[Note, ...] = ()
    """What was not understood, and what the bank cannot hold."""
    reasons: tuple[Note, ...] = ()
    """Why it is refused."""


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """One question of a preview or an outcome, as the job keeps it."""

    number: int
    standing: Standing
    name: str
    """The beginning of its stem."""
    line: int | None
    of: str
    alike: tuple[str, ...]
    notes: tuple[Note, ...]
    reasons: tuple[Note, ...]
    changes: tuple[Mapping[str, Any], ...]
    """What would change: ``message``, ``params``, ``translated``, ``pieces``."""
    draft: Draft | None
    digest: str
    """``text_digest`` of the draft."""

    def plain(self) -> list[Any]:
        """Return it as JSON keeps it."""
        return [
            self.number,
            self.standing,
            self.name,
            self.line,
            self.of,
            list(self.alike),
            list(map(_note_kept, self.notes)),
            list(map(_note_kept, self.reasons)),
            list(self.changes),
            _draft_kept(self.draft),
            self.digest,
        ]

    @classmethod
    def read(cls, kept: Sequence[Any]) -> "JudgedQuestion":
        """Return what :meth:`plain` kept."""
        number, standing, name, line, of, alike, notes, reasons, changes, draft, digest = kept
        return cls(
            number,
            Standing(standing),
            name,
            line,
            of,
            tuple(alike),
            tuple(map(_note_read, notes)),
            tuple(map(_note_read, reasons)),
            tuple(changes),
            _draft_read(draft),
            digest,
        )


_DRAFT = tuple(entry.name for entry in fields(Draft))


def _note_kept(found: Note) -> list[Any]:
    return [found.code, found.message, found.line, found.path, list(map(list, found.params))]


def _note_read(kept: Sequence[Any]) -> Note:
    code, message, line, path, params = kept
    return Note(code, message, line, path, tuple((key, value) for key, value in params))


def _draft_kept(draft: Draft | None) -> dict[str, Any] | None:
    if draft is None:
        return None
    day = draft.valid_on
    said = {name: getattr(draft, name) for name in _DRAFT}
    return {**said, "tags": list(draft.tags), "valid_on": day.isoformat() if day else None}


def _draft_read(kept: Mapping[str, Any] | None) -> Draft | None:
    if kept is None:
        return None
    day = kept["valid_on"]
    return Draft(
        **{
            **kept,
            "tags": tuple(kept["tags"]),
            "valid_on": date.fromisoformat(day) if day else None,
        }
    )
