"""What kinds with several parts share: marks for each part, answers stored as one text. Pure."""

import json
from collections.abc import Sequence
from typing import cast

from lms.question_bank.types import Mark, Marking


def part_marks(kind: str, hits: Sequence[bool], marking: Marking) -> tuple[Mark, ...]:
    """Mark the parts of a question one by one; together they are worth the whole.

    What does not divide evenly goes to the first parts, one unit of the rule each.
    """
    each, over = divmod(marking.number(kind, "full"), len(hits))
    worth = [each + (place < over) for place in range(len(hits))]
    return tuple(Mark(w if hit else 0, out_of=w) for w, hit in zip(worth, hits, strict=True))


def whole(marks: Sequence[Mark]) -> Mark:
    """Return the mark of a question from those of its parts."""
    return Mark(sum(m.earned for m in marks), out_of=sum(m.out_of for m in marks))


def encode_parts(parts: Sequence[str]) -> str:
    """Return the texts of several parts as one text."""
    return json.dumps(list(parts), ensure_ascii=False, separators=(",", ":"))


def decode_parts(stored: str) -> tuple[str, ...]:
    """Undo :func:`encode_parts`."""
    return tuple(cast(list[str], json.loads(stored)))
