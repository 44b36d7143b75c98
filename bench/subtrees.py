"""Questions to the tree of organizations, asked inside this process: today and on a past day.

``make bench`` asks them of its own database; ``python -m bench.subtrees --learners 70000`` makes a
larger one for them alone.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import run
from bench.databases import Missing
from bench.figures import percentile
from bench.report import table
from bench.world import World
from lms.kernel.clock import day_of, utc_now
from lms.kernel.transaction import transaction
from lms.organizations import operations, queries
from lms.organizations.types import GB_T_2260, Code, Deed
from lms.people.models import Post
from lms.reports.queries import team as reports
from lms.web.demo import places
from lms.web.demo.building import FEWEST, MOST

COLUMNS = ("question", "SQL", "rows", "p50 ms", "p95 ms", "")
PAST_DAYS = 200
"""How long ago the past day is: the demonstration's own changes lie on both sides of it."""
LEAST, MOST_SECONDS = 5, 1.0
"""Times that each question is asked, at least; seconds after which it is not asked again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question took."""

    database: str
    question: str
    statements: int
    rows: int
    seconds: tuple[float, ...]

    def cells(self) -> tuple[str, ...]:
        """Return it as the table shows it."""
        return (
            self.question,
            str(self.statements),
            f"{self.rows:,}",
            *(f"{1000 * (percentile(self.seconds, n) or 0):.2f}" for n in (50, 95)),
            "",
        )

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        middle = percentile(self.seconds, 50)
        return {
            "database": self.database,
            "operation": self.question,
            "statements": self.statements,
            "rows": self.rows,
            "p50_ms": 1000 * middle if middle is not None else None,
        }


Question = Callable[[Session], int]
"""Asks something and returns how many rows came, or what was counted."""


def questions(session: Session, *, today: date) -> dict[str, Question]:
    """Return what is asked, by name."""
    past = today - timedelta(days=PAST_DAYS)
    province = queries.by_code(session, places.PROVINCE).id
    county = queries.by_code(session, Code(GB_T_2260, places.SHOWN_COUNTY)).id
    station = queries.by_code(session, places.station(places.SHOWN_STATION)).id
    asked: dict[str, Question] = {}
    for name, top in (("county", county), ("province", province)):
        asked[f"subtree of the {name}, today"] = _subtree(top)
        asked[f"subtree of the {name}, past day"] = _subtree_on(top, past)
        asked[f"posts in the {name}, today"] = _posts(queries.ids_within([top]))
        asked[f"posts in the {name}, past day"] = _posts(queries.ids_within_on([top], on=past))
        asked[f"headcounts below the {name}"] = _headcounts(top, today)
    asked["may the province see this station"] = _within(station, province)
    asked["path of a station, past day"] = lambda one: len(
        queries.ancestors_on(one, station, on=past)
    )
    asked["search for two characters"] = lambda one: len(
        queries.search(one, "金街", scope=[province])
    )
    return asked


def _subtree(top: int) -> Question:
    return lambda session: len(queries.subtree(session, top))


def _subtree_on(top: int, on: date) -> Question:
    return lambda session: len(queries.subtree_on(session, top, on=on))


def _posts(ids: sa.Select[int]) -> Question:
    counted = sa.select(sa.func.count()).where(Post.organization_id.in_(ids))
    return lambda session: session.scalar(counted) or 0


def _headcounts(top: int, today: date) -> Question:
    def ask(session: Session) -> int:
        children = [unit.id for unit in queries.children(session, top)]
        return reports.headcounts(session, [top, *children], on=today)[top]

    return ask


def _within(station: int, top: int) -> Question:
    return lambda session: int(queries.is_within(session, station, scope=[top]))


def give_a_past(session: Session) -> None:
    """Let every second station move below its county's hub."""
    on = day_of(utc_now()) - timedelta(days=PAST_DAYS // 2)
    for county in queries.subtree(session, queries.by_code(session, places.PROVINCE).id):
        if county.kind != "county":
            continue
        hub = queries.by_code(session, places.hub(county.code)).id
        stations = [
            unit.id
            for unit in queries.children(session, county.id)
            if unit.kind == "township_station"
        ]
        for station in stations[1::2]:
            operations.move(session, station, hub, Deed(None, utc_now(), on=on))


def ask(world: World, database: str) -> list[Answer]:
    """Ask everything and return what it took."""
    with Session(world.engine) as session:
        asked = questions(session, today=day_of(utc_now()))
        return [_ask(session, world, database, name, one) for name, one in asked.items()]


def _ask(session: Session, world: World, database: str, name: str, question: Question) -> Answer:
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(world.engine, "before_cursor_execute", note)
    rows = question(session)
    sa.event.remove(world.engine, "before_cursor_execute", note)
    seconds: list[float] = []
    while len(seconds) < LEAST or (sum(seconds) < MOST_SECONDS and len(seconds) < 500):
        began = perf_counter()
        question(session)
        seconds.append(perf_counter() - began)
    statements = len([one for one in seen if not one.startswith("BEGIN")])
    return Answer(database, name, statements, rows, tuple(seconds))


def tell(world: World, database: str) -> list[dict[str, Any]]:
    """Ask everything, print the table and return the values."""
    answers = ask(world, database)
    click.echo(f"\n{database}: the tree of organizations, one question at a time\n")
    click.echo(table(COLUMNS, [answer.cells() for answer in answers]))
    return [answer.plain() for answer in answers]


@click.command()
@click.option("--learners", type=click.IntRange(FEWEST, MOST), default=MOST, show_default=True)
@click.option("--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both")
def main(*, learners: int, database: str) -> None:
    """Ask on databases of their own, where half of all stations have moved."""
    for name in ("sqlite", "postgresql") if database == "both" else (database,):
        try:
            with (
                tempfile.TemporaryDirectory(prefix="bench-") as folder,
                run.ground(name, learners=learners, folder=Path(folder), say=click.echo) as place,
            ):
                engine = place.world.engine
                with Session(engine) as session, transaction(session):
                    give_a_past(session)
                    session.flush()
                    session.execute(sa.text("ANALYZE"))
                tell(place.world, name)
        except Missing as why:
            click.echo(f"\n{name}: skipped: {why}")


if __name__ == "__main__":
    main()
