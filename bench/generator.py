"""Send prepared requests over a few connections and note how long each answer takes."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter

from bench.wire import Answer, Prepared, Reader

HOST = "127.0.0.1"
LONGEST_ANSWER_SECONDS = 30


@dataclass(slots=True)
class Load:
    """What a turn of the generator saw."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    first_refusal: str = ""
    """The first answer with another status than the expected one, for the message."""


def send(
    requests: Iterator[Prepared], *, port: int, connections: int, seconds: float, at_most: int
) -> Load:
    """Send requests until the time or the number is up, or there are no more.

    What is under way at the end is waited for and counted.

    :raises OSError: nobody listens.
    :raises TimeoutError: an answer took too long.
    """
    return asyncio.run(_send(_first(requests, at_most), port, connections, seconds))


def _first(requests: Iterator[Prepared], at_most: int) -> Iterator[Prepared]:
    # not islice: it must not take one more than it gives
    for _ in range(at_most):
        request = next(requests, None)
        if request is None:
            return
        yield request


async def _send(requests: Iterator[Prepared], port: int, connections: int, seconds: float) -> Load:
    load = Load()
    started = perf_counter()
    talks = [_talk(requests, port, started + seconds, load) for _ in range(connections)]
    await asyncio.gather(*talks)
    load.seconds = perf_counter() - started
    return load


async def _talk(requests: Iterator[Prepared], port: int, until: float, load: Load) -> None:
    source, target = await asyncio.open_connection(HOST, port)
    reader = Reader()
    try:
        while perf_counter() < until and (request := next(requests, None)) is not None:
            begun = perf_counter()
            target.write(request.raw())
            async with asyncio.timeout(LONGEST_ANSWER_SECONDS):
                answer = await _answer(source, reader)
            load.latencies.append(perf_counter() - begun)
            _check(request, answer, load)
            if not answer.keeps_open:
                target.close()
                source, target = await asyncio.open_connection(HOST, port)
    finally:
        target.close()


def _check(request: Prepared, answer: Answer, load: Load) -> None:
    if answer.status != request.expected:
        load.refused += 1
        load.first_refusal = load.first_refusal or (
            f"{request.method} {request.path}: {answer.status}, not {request.expected}"
        )


async def _answer(source: asyncio.StreamReader, reader: Reader) -> Answer:
    while data := await source.read(1 << 18):
        answer = reader.feed(data)
        if answer is not None:
            return answer
    raise ConnectionError("the server hung up in the middle of an answer")


def ask(request: Prepared, *, port: int) -> Answer:
    """Send one request over a connection of its own and return its answer."""

    async def one() -> Answer:
        source, target = await asyncio.open_connection(HOST, port)
        try:
            target.write(request.raw())
            async with asyncio.timeout(LONGEST_ANSWER_SECONDS):
                return await _answer(source, Reader())
        finally:
            target.close()

    return asyncio.run(one())
