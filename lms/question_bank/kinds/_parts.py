"""What kinds with several parts share: marks for each part, answers stored as one text. Pure."""

import json
from collections.abc import Sequence
from typing import cast

from lms.question_bank.methods import tables
from lms.question_bank.types import Mark, Marking


def part_marks(kind: str, hits: Sequence[bool], marking: Marking) -> tuple[Mark, ...]:
    """Mark the parts of a question, by the method of the rule; together they are worth the whole.

    What does not divide evenly goes to the first parts, one unit of the rule each.
    """
    return tables.mark_parts(marking, kind, hits)


def whole(marks: Sequence[Mark]) -> Mark:
    """Return the mark of a question from those of its parts."""
    return Mark(sum(m.earned for m in marks), out_of=sum(m.out_of for m in marks))


def encode_parts(parts: Sequence[str]) -> str:
    """Return the texts of several parts as one text."""
    return json.dumps(list(parts), ensure_ascii=False, separators=(",", ":"))


def decode_parts(stored: str) -> tuple[str, ...]:
    """Undo :func:`encode_parts`."""
    return tuple(cast(list[str], json.loads(stored)))
