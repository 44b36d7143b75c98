"""What people tick or give marks to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScoringPoint:
    """What an answer should say (采分点), and in which words it may be said."""

    text: str
    worth: int
    """Half points."""
    ways: tuple[tuple[str, ...], ...]
    """Any of these says it; the words of one way must all be there."""


Ticks = Sequence[Sequence[bool]]
"""For each field, for each of its scoring points: whether the answer says it."""

Given = Sequence[Sequence[int]]
"""For each field, for each of its scoring points: the half points that somebody gave it."""
