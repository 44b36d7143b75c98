"""One database measured from end to end."""

import gzip
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it has no types
from flask import Flask

from bench import databases, floor, generator, measure, memory, processes
from bench.budgets import Budget
from bench.figures import Pair
from bench.measure import MANY, Contender, Pace
from bench.operations import SMALLEST, Operation, Supply
from bench.processes import Server
from bench.report import Growth, Line
from bench.wire import Answer
from bench.world import World
from lms.http.unit_of_work import writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.databases import make_engine
from lms.migrations.runner import upgrade
from lms.web import create_app, demo, loading, settings

SEED = 1

SAMPLES = 3
"""Requests whose statements and bytes are counted; the highest count is told."""

Say = Callable[[str], None]
"""Where progress goes."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A filled database with a server on it."""

    database: str
    url: str
    secret: str
    """Signs the cookies of ours and of the floor."""
    world: World
    server: Server
    backends: Callable[[], list[int]]

    def contender(self, supply: Supply, pace: Pace) -> Contender:
        """Return an operation on this ground."""
        return Contender(self.server, supply.requests, self.backends, supply.share(pace.turns))


@contextmanager
def ground(database: str, *, learners: int, folder: Path, say: Say) -> Iterator[Ground]:
    """Make a database, fill it with the demonstration and serve it.

    :raises Missing: this database cannot be had here.
    """
    secret = f"bench-{secrets.token_hex(32)}"
    with databases.temporary(database, folder) as url:
        engine = make_engine(url)
        try:
            upgrade(engine)
            app = create_app(
                {"DATABASE_URL": url, "SECRET_KEY": secret, "RATELIMIT_ENABLED": False}
            )
            say(f"{database}: building a demonstration of {learners:,} learners")
            _fill(app, learners)
            with processes.running(
                "ours",
                ready="/healthz",
                environment={
                    "LMS_DATABASE_URL": url,
                    "LMS_SECRET_KEY": secret,
                    "LMS_RATELIMIT_ENABLED": "false",  # all come from one address here
                    "LMS_HASHING_BURST": "1000000",  # and nobody is told to come again later
                    "LMS_HOME": str(folder),
                },
                log=folder / f"ours-{database}-{learners}.log",
            ) as server:
                bare = floor.create_app(engine)
                bare.secret_key = secret
                world = World(app, engine, bare)
                yield Ground(
                    database, url, secret, world, server, lambda: databases.backends(engine)
                )
        finally:
            engine.dispose()


def _fill(app: Flask, learners: int) -> None:
    content = loading.read(
        settings.content_root("courses"),
        settings.content_root("question_bank"),
        on=day_of(utc_now()),
    )
    loading.refuse_faults(content)
    with app.app_context():
        with writing() as session:
            loading.load(session, content, now=utc_now())
        with writing() as session:
            demo.build(session, learners=learners, seed=SEED, now=utc_now())


@contextmanager
def the_floor(place: Ground, folder: Path) -> Iterator[Server]:
    """Serve the floor on the same database."""
    floor.fill(place.world.engine)
    with processes.running(
        "floor",
        ready="/hello",
        environment={floor.DATABASE: place.url, floor.KEY: place.secret},
        log=folder / f"floor-{place.database}.log",
    ) as server:
        yield server


def lines(
    place: Ground, bare: Server, chosen: Sequence[Operation], pace: Pace, say: Say
) -> Iterator[Line]:
    """Measure operation after operation; one that cannot be measured is a line that says why."""
    for operation in chosen:
        say(f"{place.database}: {operation.name}")
        yield line(place, bare, operation, pace)


def line(place: Ground, bare: Server, operation: Operation, pace: Pace) -> Line:
    """Measure one operation against its like and the smallest on the floor.

    Ours and its like draw from one supply, so that what can be sent once is sent to one of them.
    """

    def without_figures(why: str) -> Line:
        return Line(place.database, operation.name, operation.smallest, operation.budget, note=why)

    if operation.endpoint not in place.world.app.view_functions:
        return without_figures("no such page")
    supply = operation.supply(place.world)
    if supply.left == 0:
        return without_figures("nothing in the demonstration to ask for")
    ours = place.contender(supply, pace)
    like = Contender(
        bare, map(place.world.of_the_floor, supply.requests), place.backends, ours.share
    )
    smallest = Contender(bare, SMALLEST[operation.smallest](), place.backends)
    rounds = measure.rounds((ours, like, smallest), pace)
    alone = measure.turn(ours, connections=1, seconds=pace.seconds)
    place.world.ask(next(supply.requests))  # so that what is read once is read
    statements = [place.world.count_statements(next(supply.requests)) for _ in range(SAMPLES)]
    answers = [generator.ask(next(supply.requests), port=place.server.port) for _ in range(SAMPLES)]
    return Line(
        database=place.database,
        name=operation.name,
        smallest=operation.smallest,
        budget=operation.budget,
        statements=max(statements),
        wire_bytes=max(len(answer.body) for answer in answers),
        plain_bytes=max(len(unpacked(answer)) for answer in answers),
        pairs=tuple(Pair(own, other) for own, other, _least in rounds),
        least=tuple(Pair(own, least) for own, _other, least in rounds),
        alone=alone,
        note=_complaints(ours, like),
    )


def _complaints(ours: Contender, like: Contender) -> str:
    if ours.complaint:
        return f"REFUSED {ours.complaint}"
    return f"REFUSED by the floor: {like.complaint}" if like.complaint else ""


def floor_lines(place: Ground, bare: Server, pace: Pace) -> Iterator[Line]:
    """Measure the floor alone: what its pages and acts take."""
    for name, requests in SMALLEST.items():
        contender = Contender(bare, requests(), place.backends)
        measure.turn(contender, connections=MANY, seconds=pace.seconds / 3)
        many = measure.turn(contender, connections=MANY, seconds=pace.seconds)
        alone = measure.turn(contender, connections=1, seconds=pace.seconds)
        answer = generator.ask(next(contender.requests), port=bare.port)
        size = len(answer.body)
        yield Line(
            place.database,
            f"floor {name}",
            name,
            Budget(),
            wire_bytes=size,
            plain_bytes=size,
            pairs=(Pair(many, many),),
            alone=alone,
            note=f"REFUSED {contender.complaint}" if contender.complaint else "",
        )


def growth(small: Ground, large: Ground, operation: Operation, pace: Pace) -> Growth:
    """Compare one operation on the larger database with the same on the smaller."""
    contenders = [place.contender(operation.supply(place.world), pace) for place in (large, small)]
    rounds = measure.rounds(contenders, pace)
    return Growth(operation.name, tuple(Pair(*turns) for turns in rounds))


def memory_after(place: Ground, chosen: Sequence[Operation]) -> tuple[int, float | None]:
    """Send many requests for all kinds of pages; return how many, and a worker's megabytes then."""
    supplies = [operation.supply(place.world) for operation in chosen]
    pages = [supply.requests for supply in supplies if supply.left is None]
    load = generator.send(
        islice(chain.from_iterable(zip(*pages, strict=False)), memory.REQUESTS),
        port=place.server.port,
        connections=MANY,
        seconds=600,
        at_most=memory.REQUESTS,
    )
    return len(load.latencies), memory.highest(place.server.workers)


def unpacked(answer: Answer) -> bytes:
    """Return the body of an answer as the browser reads it."""
    match answer.headers.get("content-encoding", ""):
        case "br":
            return bytes(brotli.decompress(answer.body))
        case "gzip":
            return gzip.decompress(answer.body)
        case _:
            return answer.body
