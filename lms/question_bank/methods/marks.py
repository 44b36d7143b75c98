"""Marks, and the rule under which they are given. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.points import HALF
from lms.kernel.reading import Raw

FINEST = 5040
"""The most parts of a point that a rule may count in. The number of parts divides it, so that marks
of different rules add up exactly, in 5040ths; it has every number up to ten as a divisor."""
MOST_POINTS = 1000
"""Of one question."""


class Family(StrEnum):
    """What the answers of a kind look like to a marking rule: which methods may count them."""

    ONE = "one"
    """One option of several is picked."""
    MANY = "many"
    """Several options are picked."""
    PARTS = "parts"
    """Several parts, each of them right or wrong."""
    WHOLE = "whole"
    """Right or wrong as a whole, or marked by what the question itself says."""


class Sentence(NamedTuple):
    """Words for people, still to be put into their language."""

    message: str
    """A message id, with the values of ``params``."""
    params: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Mark:
    """The result of marking one answer, in whole units of the marking rule: usually half points.

    The national exam gives half a point for a part of a multiple-choice key. Counting half
    points keeps every sum and every comparison with a pass line exact; a rule that gives thirds
    counts in a finer unit. A rule may take marks away: no more than the question is worth.
    """

    earned: int
    out_of: int

    def __post_init__(self) -> None:
        if not -self.out_of <= self.earned <= self.out_of:
            raise ValueError(f"mark {self.earned}/{self.out_of} is out of range")

    @property
    def is_full(self) -> bool:
        """Say whether the answer was wholly right. A part of the key is not."""
        return self.earned == self.out_of


@dataclass(frozen=True, slots=True)
class Marking:
    """One marking rule (评分规则), kind by kind: see :mod:`lms.question_bank.methods`."""

    tables: Mapping[str, Raw]
    unit: int = HALF
    """How many parts of a point its numbers are counted in."""
    floor: bool = True
    """Whether a paper earns 0 where its questions add up to less."""
    known: dict[tuple[str, Family], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Tables that were read, so that a paper of eighty questions reads each of them once."""

    @classmethod
    def read(cls, body: Raw) -> "Marking":
        """Read the body of a marking rule.

        :raises Invalid: ``unit`` or ``floor`` is none, or a kind's entry is not a table.
        """
        unit = reading.whole(body, "unit", low=1, high=FINEST, default=HALF)
        if FINEST % unit:
            raise Invalid(
                "odd_unit",
                N_("必须能整除 %(finest)s，如 2、3、4、6、12、60"),
                where="unit",
                finest=FINEST,
            )
        floor = reading.flag(body, "floor", default=True)
        kinds = (name for name in body if name not in {"unit", "floor"})
        return cls({kind: reading.table(body, kind) for kind in kinds}, unit, floor)

    @classmethod
    def whole(cls) -> "Marking":
        """Return a rule that asks only whether an answer is wholly right, of whatever kind."""
        return _Whole({}, unit=FINEST)

    def table(self, kind: str, family: Family) -> Raw:
        """Return what the rule says of a kind, not yet checked.

        :raises Invalid: ``no_marking``: the rule says nothing about the kind.
        """
        if kind not in self.tables:
            raise Invalid(
                "no_marking", N_("评分规则没有说明题型 %(kind)s 怎样计分"), where=kind, kind=kind
            )
        return self.tables[kind]

    def number(self, kind: str, key: str) -> int:
        """Return one number of a kind, in units of the rule.

        :raises Invalid: ``no_marking``: the rule says nothing about the kind.
        """
        table = self.table(kind, Family.WHOLE)
        with reading.within(kind):
            return reading.whole(table, key, low=0, high=MOST_POINTS * self.unit)

    def in_units(self, half_points: int) -> int:
        """Return half points in units of the rule, rounded down."""
        return half_points * self.unit // HALF


class _Whole(Marking):
    """Values what is wholly right, and no part of it."""

    def table(self, kind: str, family: Family) -> Raw:
        full = {"full": FINEST}  # divides evenly among up to ten parts
        picks = family in {Family.ONE, Family.MANY}
        return {"method": "all_or_nothing", **full} if picks else full

    def number(self, kind: str, key: str) -> int:
        return FINEST if key == "full" else 0
