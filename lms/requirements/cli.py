import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from tqdm import tqdm

from lms.http.unit_of_work import reading, writing
from lms.kernel.authoring import Faults
from lms.kernel.catalogue import LANGUAGES, translator
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import Invalid
from lms.kernel.places import shipped
from lms.records.rules import facts_schema
from lms.records.types import Fact
from lms.regulations.content import read_all as read_all_rules
from lms.requirements import operations, queries
from lms.requirements.content import read_facts_file, read_requirement_file
from lms.requirements.rules import (
    accounts,
    answer_schema,
    evaluate,
    explain,
    frozen,
    frozen_account,
    frozen_plan,
    plan,
    plan_words,
    requirement_schema,
    sittings,
    spoken,
    told,
    what_if,
)
from lms.requirements.types import Progress, Requirement, Words

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


_DAY = date.fromisoformat
_OPTIONS = (
    click.option("--requirement", "requirement_file", type=_FILE, required=True, help="TOML."),
    click.option("--records", "records_file", type=_FILE, required=True, help="JSON: facts."),
    click.option("--on", type=_DAY, help="The day that is asked about; today."),
    click.option("--started-on", type=_DAY, help="The day it was begun; the day asked about."),
    click.option("--json", "as_json", is_flag=True, help="Write JSON instead of words."),
    click.option("--language", type=click.Choice(LANGUAGES), default="zh", help="Of the words."),
)


def _asking(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all share, and the files read: one keyword ``asked``."""

    @wraps(command)
    def with_files(
        requirement_file: Path,
        records_file: Path,
        on: date | None,
        started_on: date | None,
        language: str,
        **more: object,
    ) -> None:
        asked_on = on or day_of(utc_now())
        try:
            asked = _Asked(
                read_requirement_file(requirement_file),
                read_facts_file(records_file),
                asked_on,
                started_on or asked_on,
                partial(spoken, translate=translator(language), language=language),
            )
            command(asked=asked, **more)
        except Invalid as fault:
            click.echo(str(fault), err=True)
            sys.exit(1)

    found: Callable[..., None] = with_files
    for option in reversed(_OPTIONS):
        found = option(found)
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a command is asked: the files, read."""

    requirement: Requirement
    facts: list[Fact]
    on: date
    started_on: date
    tell: Callable[[Words], str]

    def judged(self) -> Progress:
        """Judge it as it stands."""
        return evaluate(self.requirement, self.facts, on=self.on, started_on=self.started_on)


def _write_json(answer: Mapping[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _frozen_answer(progress: Progress, on: date) -> dict[str, Any]:
    explanation = explain(progress)
    return frozen(progress) | {
        "on": on.isoformat(),
        "missing": [frozen(leaf) for leaf in explanation.missing],
        "next_step": frozen(explanation.next_step) if explanation.next_step else None,
    }


@tools.command("evaluate")
@_asking
def evaluate_files(asked: _Asked, *, as_json: bool) -> None:
    """Judge a requirement on records, and say what is met, what is missing and what comes next.

    Exit status 1 if a file cannot be understood, 2 for a wrong use.
    """
    progress = asked.judged()
    if as_json:
        _write_json(_frozen_answer(progress, asked.on))
        return
    explanation = explain(progress)
    click.echo(f"{asked.tell(progress.name)}: {progress.state}, {progress.percent}%")
    for leaf in explanation.met:
        click.echo(f"  [x] {asked.tell(leaf.name)}")
    for leaf in explanation.missing:
        due = f" ({leaf.due_on})" if leaf.due_on else ""
        click.echo(f"  [ ] {asked.tell(leaf.name)}{due}")


@tools.command("explain")
@_asking
def explain_files(asked: _Asked, *, as_json: bool) -> None:
    """Say why not yet, in sentences: what is missing at the least, and the next dated step.

    With --json: the answer of `evaluate`, the sentences in Chinese and English, and how every
    hour feeds each quota. Exit status 1 if a file cannot be understood, 2 for a wrong use.
    """
    progress = asked.judged()
    sentences = told(progress, on=asked.on)
    if not as_json:
        for sentence in sentences:
            click.echo(asked.tell(sentence))
        return
    found = accounts(asked.requirement, asked.facts, on=asked.on, started_on=asked.started_on)
    _write_json(
        _frozen_answer(progress, asked.on)
        | {
            "sentences": {language: _in(language, sentences) for language in LANGUAGES},
            "hours": [frozen_account(account) for account in found],
        }
    )


@tools.command("plan")
@_asking
@click.option("--by", type=_DAY, required=True, help="The day on which all shall be met.")
def plan_files(asked: _Asked, by: date, *, as_json: bool) -> None:
    """Say the cheapest way to be met by a day. Exam days come from the rules that were shipped.

    Exit status 1 if a file cannot be understood or no way is known, 2 for a wrong use.
    """
    if by < asked.on:
        raise click.BadParameter(f"{by} is before {asked.on}", param_hint="--by")
    rules = [file.rule for file in read_all_rules(shipped("question_bank"), Faults())]
    found = plan(
        asked.requirement,
        asked.facts,
        on=asked.on,
        by=by,
        started_on=asked.started_on,
        sittings=sittings(rules),
    )
    if as_json:
        _write_json(frozen_plan(found))
    else:
        for line in plan_words(found):
            click.echo(asked.tell(line))
    if not found.possible:
        sys.exit(1)


@tools.command("what-if")
@_asking
@click.option("--add", "more_file", type=_FILE, required=True, help="JSON: hypothetical facts.")
def what_if_files(asked: _Asked, more_file: Path, *, as_json: bool) -> None:
    """Say what hypothetical records would change.

    Exit status 1 if a file cannot be understood, 2 for a wrong use.
    """
    known = {fact.number for fact in asked.facts}
    more = [fact._replace(number=0) for fact in read_facts_file(more_file, known=known)]
    found = what_if(asked.requirement, asked.facts, more, on=asked.on, started_on=asked.started_on)
    if as_json:
        _write_json(
            {
                "on": asked.on.isoformat(),
                "before": frozen(found.before),
                "after": frozen(found.after),
                "won": [frozen(leaf) for leaf in found.won],
                "lost": [frozen(leaf) for leaf in found.lost],
            }
        )
        return
    for progress in (found.before, found.after):
        click.echo(f"{asked.tell(progress.name)}: {progress.state}, {progress.percent}%")
    for mark, leaves in (("+", found.won), ("-", found.lost)):
        for leaf in leaves:
            click.echo(f"  {mark} {asked.tell(leaf.name)}")


@tools.command("schema")
@click.argument("which", type=click.Choice(["requirement", "records", "answer"]))
def schema(which: str) -> None:
    """Write the JSON Schema of a requirement, of a file of records, or of an answer."""
    schemas = {
        "requirement": requirement_schema,
        "records": facts_schema,
        "answer": answer_schema,
    }
    _write_json(schemas[which]())


def _in(language: str, sentences: Iterable[Words]) -> list[str]:
    tell = partial(spoken, translate=translator(language), language=language)
    return [tell(sentence) for sentence in sentences]
