"""Numbers out of numbers. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn gave."""

    count: int
    seconds: float
    latencies: tuple[float, ...]
    """Seconds, one for each answer."""
    cpu_seconds: float | None
    """Of the server's workers and the database's backends; none where it cannot be read."""
    refused: int = 0
    """Answers with another status than the expected one."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.seconds if self.seconds > 0 else 0.0

    @property
    def cpu_ms(self) -> float | None:
        """CPU milliseconds for one answer."""
        if self.cpu_seconds is None or not self.count:
            return None
        return 1000 * self.cpu_seconds / self.count


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of a few values, with the lowest and the highest."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread | None":
        """Return the spread of values, or none if there are none."""
        return cls(median(values), min(values), max(values)) if values else None


@dataclass(frozen=True, slots=True)
class Pair:
    """A turn of ours and a turn of what it is compared with, back to back."""

    ours: Turn
    other: Turn

    @property
    def cpu_ratio(self) -> float | None:
        """How many times the other's CPU ours takes for one answer."""
        ours, other = self.ours.cpu_ms, self.other.cpu_ms
        return ours / other if ours is not None and other else None

    @property
    def rate_ratio(self) -> float | None:
        """How many times the other's answers a second ours gives."""
        return self.ours.rate / self.other.rate if self.other.rate else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the smallest value that at least ``percent`` of the values do not exceed.

    The nearest rank: always one of the values. None if there are none.
    """
    if not values:
        return None
    return sorted(values)[max(math.ceil(len(values) * percent / 100), 1) - 1]


def spread_of(values: Sequence[float | None]) -> Spread | None:
    """Return the spread of the values that are known."""
    return Spread.of([value for value in values if value is not None])
