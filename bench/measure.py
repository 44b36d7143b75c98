"""Turns and pairs: what an operation takes on a running server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench import cpu, generator
from bench.figures import Pair, Turn
from bench.processes import Server
from bench.wire import Prepared

MANY = 16
"""Connections of the turns that are compared."""
MOST = 1_000_000


@dataclass(slots=True)
class Contender:
    """One operation on one server."""

    server: Server
    requests: Iterator[Prepared]
    backends: Callable[[], list[int]]
    """The database's processes, asked for anew: pools grow."""
    share: int | None = None
    """The most requests in one turn, where each can be sent only once; none: as many as fit."""
    complaint: str = ""
    """The first answer that was not the expected one."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long everything takes."""

    seconds: float
    pairs: int

    @property
    def turns(self) -> int:
        """How many turns of ours one operation takes, the warming one included."""
        return self.pairs + 2


def turn(contender: Contender, *, connections: int, seconds: float) -> Turn:
    """Let the server do the operation for a moment."""
    workers = contender.server.workers
    before = cpu.seconds((*workers, *contender.backends()))
    load = generator.send(
        contender.requests,
        port=contender.server.port,
        connections=connections,
        seconds=seconds,
        at_most=contender.share or MOST,
    )
    after = cpu.seconds((*workers, *contender.backends()))
    contender.complaint = contender.complaint or load.first_refusal
    return Turn(
        count=len(load.latencies),
        seconds=load.seconds,
        latencies=tuple(load.latencies),
        cpu_seconds=cpu.spent(before, after) if workers else None,
        refused=load.refused,
    )


def pairs(ours: Contender, other: Contender, pace: Pace) -> list[Pair]:
    """Warm both, then let them take turns; who begins alternates."""
    for contender in (ours, other):
        turn(contender, connections=MANY, seconds=pace.seconds / 3)
    found: list[Pair] = []
    for number in range(pace.pairs):
        order = (ours, other) if number % 2 == 0 else (other, ours)
        turns = {id(each): turn(each, connections=MANY, seconds=pace.seconds) for each in order}
        found.append(Pair(turns[id(ours)], turns[id(other)]))
    return found
