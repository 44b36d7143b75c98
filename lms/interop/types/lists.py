"""Values of exchange: tables as they were read, what is to become of their rows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MOST_ROWS, MOST_COLUMNS, MOST_CELLS, LONGEST_CELL = 200_000, 100, 4_000_000, 10_000
"""What a table may have: rows, columns, rows times columns; characters in a cell."""


class Trouble(StrEnum):
    """Why a cell cannot be believed."""

    DIGITS_LOST = "digits_lost"
    """A number of more than 15 digits stored as a number: the last digits are gone."""
    TOO_LONG = "too_long"
    FORMULA_FAULT = "formula_fault"
    """A formula that gave a fault: #N/A, #REF!"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as rows of texts, whatever file it came from."""

    rows: Sequence[Sequence[str]]
    """All of the file, titles and header included; rows may be shorter than others."""
    source: str
    """``csv`` or ``xlsx``."""
    encoding: str = ""
    """Of a text file: how it was read."""
    delimiter: str = ""
    sheet: str = ""
    """Of a workbook: the name of the sheet that was read."""
    other_sheets: tuple[str, ...] = ()
    """Of a workbook: sheets with something on them that were not read."""
    troubles: Mapping[tuple[int, int], Trouble] = field(default_factory=dict)
    """(row, column), from 0 -> why the cell is not to be believed."""


class Mode(StrEnum):
    """What an import may do. Stored by value: never change one."""

    ADD = "add"
    """Only add who is not there."""
    UPDATE = "update"
    """Only change who is there."""
    BOTH = "both"
    FILL = "fill"
    """Add who is not there; of others fill in only what is missing."""


class Verdict(StrEnum):
    """What is to become of a row. Stored by value: never change one."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REPEATED = "repeated"
    """The same one stands in the file before."""
    POSSIBLE = "possible"
    """Perhaps somebody who is there: a person has to say."""
    SKIPPED = "skipped"
    """Not what the chosen mode does."""
    REFUSED = "refused"


ACTS = (Verdict.NEW, Verdict.CHANGED)
"""Verdicts on which something is written."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a message with its values."""

    message: str
    """A message id."""
    values: Mapping[str, Any] = field(default_factory=dict)
    column: int | None = None
    """The column of the cell that is meant, from 0."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that becomes another. Numbers are masked."""

    field: str
    """The name of a field of the import."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Column:
    """One field that a list can have, and what people call it."""

    name: str
    label: str
    """A message id; also what stands above it in the template."""
    synonyms: tuple[str, ...]
    """Other headings, Chinese and English."""
    example: str = ""
    note: str = ""
    """A message id: what may stand there."""
    is_required: bool = False
    """Without such a column the file is refused."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields of a list stand in a table."""

    header: int
    """The row of the headings, from 0."""
    places: Mapping[str, int]
    """Field -> column, from 0."""
    unknown: tuple[str, ...]
    """Headings that say nothing to us."""

    def cell(self, row: Sequence[str], name: str) -> str:
        """Return what a row has for a field, without spaces around it; empty if nothing."""
        place = self.places.get(name)
        if place is None or place >= len(row):
            return ""
        return row[place].strip()


@dataclass(frozen=True, slots=True)
class Judged:
    """One row of the preview, as it is kept: small, and without a number in clear."""

    row: int
    """The row of the file as people count it, from 1."""
    name: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    changes: tuple[Change, ...] = ()
    subject_id: int | None = None
    """Who or what of ours it is, or may be."""
    revision: int | None = None
    """Of the subject when this was judged."""
    number: str = ""
    """What tells two of a name apart: a masked number, a code."""

    def plain(self) -> list[Any]:
        """Return it as JSON keeps it."""
        return [
            self.row,
            self.name,
            self.verdict,
            [[r.message, dict(r.values), r.column] for r in self.reasons],
            [[c.field, c.before, c.after] for c in self.changes],
            self.subject_id,
            self.revision,
            self.number,
        ]

    @classmethod
    def read(cls, kept: Sequence[Any]) -> "Judged":
        """Return what :meth:`plain` kept."""
        row, name, verdict, reasons, changes, subject_id, revision, number = kept
        return cls(
            row,
            name,
            Verdict(verdict),
            tuple(Reason(*reason) for reason in reasons),
            tuple(Change(*change) for change in changes),
            subject_id,
            revision,
            number,
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and the deed it stands for."""

    judged: Judged
    add: Any = None
    """What the room that the list is about adds, in its own words."""
    change: Any = None
    """What it changes."""
    also: Any = None
    """What is written besides: of a person, a former name."""
    numbers_changed: tuple[str, ...] = ()
    """Fields whose value before is sealed, and still to be filled in masked."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about a whole file that is asked once more before it is believed."""

    message: str
    values: Mapping[str, Any]
