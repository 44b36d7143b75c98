"""What kinds with several parts share: marks for each part, answers stored as one text. Pure."""

import json
from collections.abc import Sequence
from typing import cast

from lms.question_bank.methods import tables
from lms.question_bank.types import Mark, Marking


def mark_parts(kind: str, hits: Sequence[bool], marking: Marking) -> Mark:
    """Mark a question of several parts, each right or wrong, by the method of the rule."""
    return tables.mark_parts(marking, kind, right=sum(hits), of=len(hits))


def whole(marks: Sequence[Mark]) -> Mark:
    """Return the mark of a question from those of its parts."""
    return Mark(sum(m.earned for m in marks), out_of=sum(m.out_of for m in marks))


def encode_parts(parts: Sequence[str]) -> str:
    """Return the texts of several parts as one text."""
    return json.dumps(list(parts), ensure_ascii=False, separators=(",", ":"))


def decode_parts(stored: str) -> tuple[str, ...]:
    """Undo :func:`encode_parts`."""
    return tuple(cast(list[str], json.loads(stored)))


def padded(parts: Sequence[str], fields: int) -> tuple[str, ...]:
    """Return a text for each field; what was not sent is blank."""
    return (*parts, *[""] * (fields - len(parts)))[:fields]


def proportion(full: int, *, right: int, of: int) -> int:
    """Return the share of full marks for so many right of so many, rounded down to a unit.

    Everything right earns everything, and nothing less does.
    """
    return full * right // of


def blank_labels(count: int) -> tuple[str, ...]:
    """Return what the blanks of a question are called; a single one needs no name."""
    return tuple(f"第 {n} 空" for n in range(1, count + 1)) if count > 1 else ("",)
