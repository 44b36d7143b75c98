"""What a method of marking promises. Pure.

Everything is counted in whole units of the rule: see ``Marking`` in ``marks``.
A method never sees a blank answer: that earns nothing under every rule.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

from lms.kernel.reading import Raw
from lms.question_bank.methods.marks import Family, Sentence

NumbersT = TypeVar("NumbersT")


class Picked(NamedTuple):
    """What could be picked of a question and what was."""

    right: frozenset[str]
    wrong: frozenset[str]
    """The other options."""
    chosen: frozenset[str]
    """Never empty."""
    weights: Mapping[str, Fraction] | None = None
    """The share of the full mark that each option is worth, where its author says so."""


class Method(ABC, Generic[NumbersT]):
    """How answers of one family of kinds are counted."""

    name: str
    """Stands in rule files: never change it."""
    takes_away: bool = False
    """Whether an answer may earn less than nothing."""

    @abstractmethod
    def keys(self, family: Family) -> tuple[str, ...]:
        """Return the keys of a rule's table that the method reads besides ``method``, ``full``."""

    @abstractmethod
    def read(self, raw: Raw, family: Family, *, full: int) -> NumbersT:
        """Check and return the numbers of a rule's table.

        :param full: the full mark of a question.
        :raises Invalid: naming the faulty key.
        """

    @abstractmethod
    def say(self, numbers: NumbersT, family: Family, *, unit: int) -> Iterable[Sentence]:
        """Say to learners how marks are counted."""


class ChoiceMethod(Method[NumbersT]):
    """Counts what was picked among options."""

    @abstractmethod
    def earned(self, numbers: NumbersT, picked: Picked) -> int:
        """Return what an answer earns, from the full mark down to as much below 0.

        The whole key and nothing else earns the full mark.
        """

    def comes_out(self, numbers: NumbersT, picked: Picked) -> bool:
        """Say whether whatever may be picked earns whole units, or the rule says how to round."""
        return True


class PartsMethod(Method[NumbersT]):
    """Counts the parts of a question that are right."""

    @abstractmethod
    def earned(self, numbers: NumbersT, *, right: int, of: int) -> int:
        """Return what so many right parts of so many earn: the full mark only if all are."""
