"""What was measured, as a table for people and as values for programs. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.budgets import Budget, verdict
from bench.figures import Pair, Spread, Turn, percentile, spread_of

UNKNOWN = "-"

COLUMNS = (
    "operation", "SQL", "wire B", "plain B", "CPU ms", "like ms", "x like", "goal", "x page",
    "req/s", "x req/s", "p50 ms", "p95 ms", "1: req/s", "16/1", "1: p50", "budget",
)  # fmt: skip
"""``x like``: CPU of ours to that of its like on the floor, median (lowest-highest of the pairs);
``goal``: for this ratio, and whether it is reached. ``x page``: to the floor's smallest page or
insert. ``1:``: over one connection; ``16/1``: how many times its answers a second 16 give."""

GROWTH_COLUMNS = ("operation", "CPU ms", "small ms", "x CPU", "x req/s", "")


@dataclass(frozen=True, slots=True)
class Line:
    """One operation on one database."""

    database: str
    name: str
    smallest: str
    """Which page or insert of the floor ``least`` is about."""
    budget: Budget
    statements: int | None = None
    wire_bytes: int | None = None
    plain_bytes: int | None = None
    pairs: tuple[Pair, ...] = ()
    """With its like on the floor."""
    least: tuple[Pair, ...] = ()
    """With the smallest page or insert on the floor."""
    alone: Turn | None = None
    """The turn with one connection."""
    note: str = ""
    """Why there are no figures, or what was answered that should not have been."""

    @property
    def verdict(self) -> str:
        """The budget column."""
        if self.note:
            return self.note
        return verdict(self.budget, statements=self.statements, wire_bytes=self.wire_bytes)

    def cpu_ratio(self) -> Spread | None:
        """How many times the CPU of its like on the floor."""
        return spread_of([pair.cpu_ratio for pair in self.pairs])

    def least_ratio(self) -> Spread | None:
        """How many times the CPU of the floor's smallest page or insert."""
        return spread_of([pair.cpu_ratio for pair in self.least])

    def is_met(self) -> bool | None:
        """Say whether the goal for processor time is reached; none: no goal, or not known."""
        ratio = self.cpu_ratio()
        return self.budget.is_met(ratio.middle if ratio else None)

    def gain(self) -> float | None:
        """How many times the answers a second of one connection many give."""
        many = _middle([pair.ours.rate for pair in self.pairs])
        return many / self.alone.rate if many and self.alone and self.alone.rate else None

    def rate_ratio(self) -> Spread | None:
        """How many times the floor's answers a second."""
        return spread_of([pair.rate_ratio for pair in self.pairs])

    def latencies(self) -> list[float]:
        """Return the seconds of every answer of the compared turns."""
        return [seconds for pair in self.pairs for seconds in pair.ours.latencies]

    def cells(self) -> tuple[str, ...]:
        """Return the line as the table shows it."""
        waits, alone = self.latencies(), self.alone
        return (
            self.name,
            _number(self.statements, 0),
            _number(self.wire_bytes, 0),
            _number(self.plain_bytes, 0),
            _number(_middle([pair.ours.cpu_ms for pair in self.pairs]), 2),
            _number(_middle([pair.other.cpu_ms for pair in self.pairs]), 2),
            _spread(self.cpu_ratio()),
            self._goal(),
            _spread(self.least_ratio()),
            _number(_middle([pair.ours.rate for pair in self.pairs]), 0),
            _spread(self.rate_ratio()),
            _ms(percentile(waits, 50)),
            _ms(percentile(waits, 95)),
            _number(alone.rate if alone else None, 0),
            _number(self.gain(), 1),
            _ms(percentile(alone.latencies, 50) if alone else None),
            self.verdict,
        )

    def _goal(self) -> str:
        if self.budget.times is None:
            return UNKNOWN
        met = {None: "", True: " met", False: " MISSED"}[self.is_met()]
        return f"<= {self.budget.times:.1f}{met}"

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it, without the single latencies."""
        return {
            "database": self.database,
            "operation": self.name,
            "smallest": self.smallest,
            "budget": asdict(self.budget),
            "verdict": self.verdict,
            "statements": self.statements,
            "wire_bytes": self.wire_bytes,
            "plain_bytes": self.plain_bytes,
            "like_cpu_ratio": _plain_spread(self.cpu_ratio()),
            "like_is_met": self.is_met(),
            "smallest_cpu_ratio": _plain_spread(self.least_ratio()),
            "rate_ratio": _plain_spread(self.rate_ratio()),
            "like_pairs": _plain_pairs(self.pairs),
            "smallest_pairs": _plain_pairs(self.least),
            "one_connection": _plain_turn(self.alone) if self.alone else None,
            "many_to_one": self.gain(),
        }


@dataclass(frozen=True, slots=True)
class Growth:
    """One operation on a larger and on a smaller database, turn by turn."""

    name: str
    pairs: tuple[Pair, ...]
    """The larger one is ``ours``."""

    def cells(self) -> tuple[str, ...]:
        """Return the line as the table shows it."""
        return (
            self.name,
            _number(_middle([pair.ours.cpu_ms for pair in self.pairs]), 2),
            _number(_middle([pair.other.cpu_ms for pair in self.pairs]), 2),
            _spread(spread_of([pair.cpu_ratio for pair in self.pairs])),
            _spread(spread_of([pair.rate_ratio for pair in self.pairs])),
            "",
        )

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "operation": self.name,
            "cpu_ratio": _plain_spread(spread_of([pair.cpu_ratio for pair in self.pairs])),
            "rate_ratio": _plain_spread(spread_of([pair.rate_ratio for pair in self.pairs])),
        }


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return columns that stand under each other: words to the left, numbers to the right.

    The first and the last column are words. A Chinese character is two columns wide.
    """
    widths = [max(map(_width, column)) for column in zip(head, *rows, strict=True)]
    last = len(head) - 1
    lines = []
    for row in (head, ["-" * width for width in widths], *rows):
        cells = [
            cell + _gap(cell, width) if at in {0, last} else _gap(cell, width) + cell
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _gap(text: str, width: int) -> str:
    return " " * (width - _width(text))


def _number(value: float | None, digits: int) -> str:
    return UNKNOWN if value is None else f"{value:,.{digits}f}"


def _ms(seconds: float | None) -> str:
    return _number(None if seconds is None else 1000 * seconds, 1)


def _spread(value: Spread | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value.middle:.2f} ({value.low:.2f}-{value.high:.2f})"


def _middle(values: Sequence[float | None]) -> float | None:
    found = spread_of(values)
    return found.middle if found else None


def _plain_spread(value: Spread | None) -> dict[str, float] | None:
    return asdict(value) if value else None


def _plain_pairs(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    return [{"ours": _plain_turn(pair.ours), "floor": _plain_turn(pair.other)} for pair in pairs]


def _plain_turn(turn: Turn) -> dict[str, Any]:
    return {
        "count": turn.count,
        "seconds": turn.seconds,
        "rate": turn.rate,
        "cpu_ms": turn.cpu_ms,
        "p50_ms": _in_ms(percentile(turn.latencies, 50)),
        "p95_ms": _in_ms(percentile(turn.latencies, 95)),
        "refused": turn.refused,
    }


def _in_ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds
