"""The command line: ``python -m bench``."""

import json
import os
import platform
import signal
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from bench import accounts, operations, run, subtrees
from bench.databases import Missing
from bench.measure import MANY, Pace
from bench.memory import LIMIT_MB, REQUESTS
from bench.operations import Operation
from bench.report import COLUMNS, GROWTH_COLUMNS, table
from lms.kernel.clock import day_of, utc_now
from lms.web import settings
from lms.web.demo.building import FEWEST, MOST

DATABASES = ("sqlite", "postgresql")
OPERATIONS = (*operations.OPERATIONS, *accounts.OPERATIONS)
GROWING = ("home", "save")
TIMES = 10
"""How many times the learners the larger database has, under ``--growth``."""


@click.command()
@click.option("--quick", is_flag=True, help="Shorter turns, fewer pairs.")
@click.option("--only", default="", help="Operations, with commas: home,verify.")
@click.option("--database", type=click.Choice([*DATABASES, "both"]), default="both")
@click.option("--learners", type=click.IntRange(FEWEST, MOST), default=1000, show_default=True)
@click.option("--seconds", type=click.FloatRange(0.05, 60), help="Of one turn; usually 0.5.")
@click.option("--growth", is_flag=True, help=f"Also home and save with {TIMES} times the learners.")
@click.option("--memory", is_flag=True, help=f"Also a worker's, after {REQUESTS:,} requests.")
@click.option("--json", "target", type=click.Path(path_type=Path), help="Where the values go.")
def main(
    *,
    quick: bool,
    only: str,
    database: str,
    learners: int,
    seconds: float | None,
    growth: bool,
    memory: bool,
    target: Path | None,
) -> None:
    """Measure every page and act against a bare floor. Exit status 0, whatever was measured."""
    signal.signal(signal.SIGTERM, leave)
    chosen = _chosen(only)
    if growth and TIMES * learners > MOST:
        raise click.UsageError(f"--growth goes with at most {MOST // TIMES} learners")
    pace = Pace(seconds or (0.25 if quick else 0.5), pairs=2 if quick else 3)
    began = perf_counter()

    def say(words: str) -> None:
        click.echo(f"[{perf_counter() - began:4.0f} s] {words}", err=True)

    measured: list[dict[str, Any]] = []
    more: dict[str, list[dict[str, Any]]] = {"growth": [], "memory": []}
    for name in DATABASES if database == "both" else (database,):
        try:
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                place = Place(name, learners, Path(folder), say)
                measured += _measure(place, chosen, pace, more, growth=growth, memory=memory)
        except Missing as why:
            click.echo(f"\n{name}: skipped: {why}")
    kept = _keep(
        target or settings.home() / f"bench-{day_of(utc_now())}.json",
        {
            **_surroundings(learners, pace),
            "lines": measured,
            **more,
        },
    )
    click.echo(f"\n{perf_counter() - began:.0f} s; {kept}")


@dataclass(frozen=True, slots=True)
class Place:
    """Which database, how large, and where its files are."""

    database: str
    learners: int
    folder: Path
    say: run.Say


def _measure(
    place: Place,
    chosen: Sequence[Operation],
    pace: Pace,
    more: dict[str, list[dict[str, Any]]],
    *,
    growth: bool,
    memory: bool,
) -> list[dict[str, Any]]:
    load = os.getloadavg()[0]  # what others do here, before we begin
    with ExitStack() as stack:
        ground = stack.enter_context(_ground(place, times=1))
        bare = stack.enter_context(run.the_floor(ground, place.folder))
        bottom = list(run.floor_lines(ground, bare, pace))
        lines = list(run.lines(ground, bare, chosen, pace, place.say))
        click.echo(
            f"\n{place.database}, {place.learners:,} learners, {MANY} connections, load "
            f"{load:.1f} on {os.cpu_count()} cores; x like: CPU to that of the floor doing the "
            "same, x page: of its smallest page or insert, median of the pairs "
            "(lowest-highest); 1: one connection\n"
        )
        click.echo(table(COLUMNS, [line.cells() for line in (*bottom, *lines)]))
        if memory:
            count, megabytes = run.memory_after(ground, chosen)
            click.echo(f"\n{_held(megabytes)} after {count:,} requests")
            more["memory"].append(
                {"database": place.database, "requests": count, "worker_mb": megabytes}
            )
        if growth:
            large = stack.enter_context(_ground(place, times=TIMES))
            rows = [
                run.growth(ground, large, operation, pace)
                for operation in OPERATIONS
                if operation.name in GROWING
            ]
            click.echo(f"\n{TIMES} times the learners\n")
            click.echo(table(GROWTH_COLUMNS, [row.cells() for row in rows]))
            more["growth"] += [{"database": place.database, **row.plain()} for row in rows]
        tree = subtrees.tell(ground.world, place.database)
    return [*(line.plain() for line in (*bottom, *lines)), *tree]


def _held(megabytes: float | None) -> str:
    if megabytes is None:
        return "a worker holds nobody knows how much"
    met = "met" if megabytes <= LIMIT_MB else "MISSED"
    return f"a worker holds {megabytes:.0f} MB (<= {LIMIT_MB} {met})"


def _ground(place: Place, *, times: int) -> AbstractContextManager[run.Ground]:
    return run.ground(
        place.database, learners=times * place.learners, folder=place.folder, say=place.say
    )


def _chosen(only: str) -> list[Operation]:
    names = list(filter(None, only.split(",")))
    known = {operation.name for operation in OPERATIONS}
    if unknown := set(names) - known:
        raise click.BadParameter(
            f"{', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}",
            param_hint="--only",
        )
    return [operation for operation in OPERATIONS if not names or operation.name in names]


def _keep(path: Path, values: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _surroundings(learners: int, pace: Pace) -> dict[str, Any]:
    packages = ("flask", "sqlalchemy", "granian", "psycopg")
    return {
        "measured_at": utc_now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "learners": learners,
        "turn_seconds": pace.seconds,
        "pairs": pace.pairs,
        "connections": MANY,
        "versions": {name: version(name) for name in packages},
    }


def leave(*_: object) -> None:
    """Exit as ordinarily, so that servers are ended and folders removed on the way out."""
    raise SystemExit(143)
