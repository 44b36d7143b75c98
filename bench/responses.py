"""What saving costs when many answers are stored: ``python -m bench.responses``.

Two demonstrations alike, but for the marked answers that are stored: those of a beginning, and
those of years. Papers that were handed in are copied in bulk until there are so many; then both
are asked in turn, through servers of their own, to save a page of answers and to mark a paper.
"""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import click
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bench import databases, facts, operations, run
from bench.cli import DATABASES, leave
from bench.figures import spread_of
from bench.floor.tables import attempt, response
from bench.measure import Pace
from bench.report import GROWTH_COLUMNS, Growth, table
from lms.kernel.clock import utc_now

FEW, MANY = 10_000, 10_000_000
LIMIT = 1.3
"""How many times the processor time a save may take with :data:`MANY` stored answers."""
NAMES = ("save", "hand-in")
FIRST = 10_000
"""The number of a learner's first copied attempt; what is really sat goes on above the last."""
PORTION = 50
"""Learners whose copies are one transaction."""

_template = attempt.alias("template")
_answers = response.alias("answers")


@dataclass(frozen=True, slots=True)
class Copied:
    """A paper that was handed in, and how often each learner gets it."""

    learner_id: int
    number: int
    times: int


@click.command()
@click.option("--database", type=click.Choice([*DATABASES, "both"]), default="both")
@click.option("--learners", type=click.IntRange(200, 70_000), default=200, show_default=True)
@click.option("--few", default=FEW, show_default=True)
@click.option("--many", default=MANY, show_default=True)
@click.option("--pairs", default=7, show_default=True)
@click.option("--seconds", default=1.0, show_default=True, help="Of one turn.")
def main(*, database: str, learners: int, few: int, many: int, pairs: int, seconds: float) -> None:
    """Compare saving with few and with many stored answers. Exit status 0, whatever was measured.

    Takes some minutes, and some 3 GB of disk at a time. A demonstration of 200 learners has more
    than 10,000 answers already: then those are the few.
    """
    signal.signal(signal.SIGTERM, leave)
    pace = Pace(seconds, pairs)
    for name in DATABASES if database == "both" else (database,):
        try:
            with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
                grounds = [
                    stack.enter_context(
                        run.ground(name, learners=learners, folder=Path(folder), say=click.echo)
                    )
                    for _ in range(2)
                ]
                for ground, most in zip(grounds, (few, many), strict=True):
                    began = perf_counter()
                    stored = fill(ground, most)
                    click.echo(f"{name}: {stored:,} answers, {perf_counter() - began:.0f} s")
                click.echo(told(list(compared(*grounds, pace))))
        except databases.Missing as why:
            click.echo(f"{name}: skipped: {why}")


def compared(small: run.Ground, large: run.Ground, pace: Pace) -> Iterator[Growth]:
    """Measure each operation on both, turn by turn."""
    for operation in operations.OPERATIONS:
        if operation.name in NAMES:
            yield run.growth(small, large, operation, pace)


def told(rows: list[Growth]) -> str:
    """Return the figures as a table, each with whether it is within the limit."""
    cells = []
    for row in rows:
        ratio = spread_of([pair.cpu_ratio for pair in row.pairs])
        met = "" if ratio is None else " met" if ratio.middle < LIMIT else " MISSED"
        cells.append((*row.cells()[:-1], f"< {LIMIT}{met}"))
    return table(GROWTH_COLUMNS, cells)


def fill(ground: run.Ground, most: int) -> int:
    """Copy papers until so many answers are stored, and return how many there are now."""
    engine, world = ground.world.engine, ground.world
    if not facts.attempts(world, is_open=False, now=utc_now()):
        for request in operations.hand_in(world).requests:
            world.ask(request)
    learners = facts.learners(world)
    with engine.connect() as connection:
        stored = connection.scalar(sa.select(sa.func.count()).select_from(response)) or 0
        longest = connection.execute(
            sa.select(response.c.learner_id, response.c.attempt_number, sa.func.count().label("n"))
            .group_by(response.c.learner_id, response.c.attempt_number)
            .order_by(sa.desc("n"))
            .limit(1)
        ).one()
    each = longest.n * len(learners)
    copied = Copied(longest[0], longest[1], max(-(-(most - stored) // each), 0))
    for first in range(0, len(learners) if copied.times else 0, PORTION):
        copy(engine, copied, learners[first : first + PORTION])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return stored + each * copied.times


def copy(engine: Engine, copied: Copied, learners: list[int]) -> None:
    """Give learners a paper so many times, with its answers."""
    names = [column.name for column in attempt.c if column.name not in {"learner_id", "number"}]
    numbers = sa.select(sa.literal(FIRST).label("n")).cte("numbers", recursive=True)
    last = FIRST + copied.times - 1
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < last))
    person = sa.table("person", sa.column("id"))
    papers = (
        sa.select(person.c.id, numbers.c.n, *(_template.c[name] for name in names))
        .select_from(person.join(numbers, sa.true()).join(_template, sa.true()))
        .where(
            person.c.id.in_(learners),
            _template.c.learner_id == copied.learner_id,
            _template.c.number == copied.number,
        )
    )
    rest = [column.name for column in response.c][2:]
    answers = (
        sa.select(attempt.c.learner_id, attempt.c.number, *(_answers.c[name] for name in rest))
        .select_from(attempt.join(_answers, sa.true()))
        .where(
            attempt.c.learner_id.in_(learners),
            attempt.c.number.between(FIRST, last),
            _answers.c.learner_id == copied.learner_id,
            _answers.c.attempt_number == copied.number,
        )
        .order_by(attempt.c.learner_id, attempt.c.number, _answers.c.slot)
    )
    with engine.begin() as connection:
        if _may_trust(connection):  # what rows point to is there: they are copies
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(sa.insert(attempt).from_select(["learner_id", "number", *names], papers))
        # else each answer would look for its paper in a table that is believed to be small
        connection.exec_driver_sql("ANALYZE attempt")
        connection.execute(
            sa.insert(response).from_select(["learner_id", "attempt_number", *rest], answers)
        )


def _may_trust(connection: sa.Connection) -> bool:
    """Say whether the database lets us leave out looking at foreign keys."""
    if connection.dialect.name != "postgresql":
        return False
    return bool(connection.scalar(sa.text("SELECT current_setting('is_superuser') = 'on'")))


if __name__ == "__main__":
    main()
