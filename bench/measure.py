"""Turns and pairs: what an operation takes on a running server."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench import cpu, generator
from bench.figures import Turn
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
        """How many turns ours and its like take together, the warming ones included."""
        return 2 * self.pairs + 3


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


def rounds(contenders: Sequence[Contender], pace: Pace) -> list[tuple[Turn, ...]]:
    """Warm all, then let them take turns; the order of one round is turned round in the next.

    :return: the turns of each round, in the order of the contenders.
    """
    for contender in contenders:
        turn(contender, connections=MANY, seconds=pace.seconds / 3)
    found: list[tuple[Turn, ...]] = []
    for number in range(pace.pairs):
        order = contenders if number % 2 == 0 else contenders[::-1]
        turns = {id(each): turn(each, connections=MANY, seconds=pace.seconds) for each in order}
        found.append(tuple(turns[id(each)] for each in contenders))
    return found
