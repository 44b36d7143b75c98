import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
from flask.cli import AppGroup
from tqdm import tqdm

from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.requirements import operations, queries
from lms.requirements.content import read_facts_file, read_requirement_file
from lms.requirements.rules import evaluate, explain, frozen, spoken

group = AppGroup("progress", help="Progress, which is derived from the records.")
tools = click.Group("requirements", help="Requirements, on files: no database is needed.")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def rebuild_everybody(done: Callable[[int], object] = lambda _learners: None) -> int:
    """Judge everybody anew, a transaction for each batch, and return how many rows changed."""
    now, changed, last = utc_now(), 0, 0
    while True:
        with writing() as session:
            batch = queries.learners(session, after=last, limit=operations.BATCH)
            changed += operations.rebuild(session, now=now, learner_ids=batch, done=done)
        if not batch:
            return changed
        last = batch[-1]


@group.command("rebuild")
def rebuild() -> None:
    """Judge everybody's progress anew from their records, 500 learners to a transaction.

    Says how many rows changed: none, unless time has passed or something was wrong.
    """
    with tqdm(total=queries.number_of_learners(reading()), unit="learner", leave=False) as bar:
        changed = rebuild_everybody(done=bar.update)
    click.echo(f"{changed} rows changed")


@tools.command("evaluate")
@click.option("--requirement", "requirement_file", type=_FILE, required=True, help="TOML.")
@click.option("--records", "records_file", type=_FILE, required=True, help="JSON: list of facts.")
@click.option("--on", type=date.fromisoformat, help="The day that is asked about; today.")
@click.option(
    "--started-on", type=date.fromisoformat, help="The day it was begun; the day asked about."
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of words.")
def evaluate_files(
    requirement_file: Path,
    records_file: Path,
    on: date | None,
    started_on: date | None,
    *,
    as_json: bool,
) -> None:
    """Judge a requirement on records, and say what is met, what is missing and what comes next.

    Exit status 1 if a file cannot be understood.
    """
    asked_on = on or day_of(utc_now())
    progress = evaluate(
        read_requirement_file(requirement_file),
        read_facts_file(records_file),
        on=asked_on,
        started_on=started_on or asked_on,
    )
    explanation = explain(progress)
    if as_json:
        answer = frozen(progress) | {
            "on": asked_on.isoformat(),
            "missing": [frozen(leaf) for leaf in explanation.missing],
            "next_step": frozen(explanation.next_step) if explanation.next_step else None,
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    click.echo(f"{spoken(progress.name)}: {progress.state}, {progress.percent}%")
    for leaf in explanation.met:
        click.echo(f"  [x] {spoken(leaf.name)}")
    for leaf in explanation.missing:
        due = f" ({leaf.due_on})" if leaf.due_on else ""
        click.echo(f"  [ ] {spoken(leaf.name)}{due}")
