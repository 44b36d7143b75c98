import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from lms.exams import content, operations, queries, rules
from lms.exams.types import Parallel, Pick, Shortage
from lms.http.unit_of_work import reading, writing
from lms.kernel.authoring import Faults
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, DomainError, Invalid, NotFound
from lms.kernel.places import shipped
from lms.kernel.points import HALF, points
from lms.kernel.reading import Raw
from lms.people import queries as people
from lms.question_bank import content as questions
from lms.question_bank.rules import LETTERS, kind_named, mark, places, taken, wrong
from lms.question_bank.types import Mark, Marking
from lms.regulations import content as regulations
from lms.regulations.rules import in_force
from lms.regulations.types import MARKING, PRACTICE_MARKING, RuleText

group = AppGroup("exams", help="Papers, attempts, marking.")

INFEASIBLE = 3
"""The exit status for a paper that the bank cannot fill."""

_BANK = click.option(
    "--bank",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of questions, papers and rules; the shipped one if not given.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@group.command("hand-in-expired")
def hand_in_expired() -> None:
    """Hand in every open attempt whose time is up, with what had been saved."""
    count = 0
    while True:
        with writing() as session:
            done = operations.hand_in_expired(session, now=utc_now())
        count += done
        if not done:
            break
    click.echo(_("交了 %(n)s 份到时间的卷子", n=count))


@group.command("stuck")
@_JSON
def stuck(*, as_json: bool) -> None:
    """List the attempts that are over and could not be marked. They are tried again every hour.

    Exit status 0; 1 if there are any.
    """
    found = queries.stuck(reading())
    if as_json:
        rows = [
            {
                "learner": one.learner_id,
                "attempt": one.number,
                "paper": one.title,
                "fault": one.fault,
                "tries": one.tries,
                "tried_at": one.tried_at.isoformat(),
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for one in found:
            click.echo(f"{one.learner_id}/{one.number}\t{one.title}\t{one.tries}\t{one.fault}")
    if found:
        sys.exit(1)


@group.command("extend")
@click.argument("paper")
@click.option("--minutes", type=int, required=True, help="How many minutes longer.")
@click.option("--reason", required=True, help="Why; it stays in the audit trail.")
@click.option("--learner", help="User name of the one learner who gets it; else everybody.")
def extend(*, paper: str, minutes: int, reason: str, learner: str | None) -> None:
    """Give whoever is sitting a paper more time.

    Exit status 0; 1 if there is no such paper or learner, or nobody is sitting the paper.
    """
    try:
        with writing() as session:
            person = people.person_by_user_name(session, learner) if learner else None
            count = operations.extend(
                session,
                paper_key=paper,
                minutes=minutes,
                reason=reason,
                learner_id=person.id if person else None,
                actor_id=None,
                now=utc_now(),
            )
    except DomainError as refusal:
        _fail(str(refusal))
    if not count:
        _fail(_("现在没有人在考这份卷"))
    click.echo(_("延长了 %(n)s 份正在考的卷子", n=count))


@group.command("mark", with_appcontext=False)
@click.option(
    "--rule",
    default="official",
    help="A marking rule: its id, or what follows marking- in it (official, negative …).",
)
@click.option("--key", required=True, help="Letters of the key: B, ABD.")
@click.option("--chosen", default="", help="Letters that were chosen; empty for none.")
@click.option("--kind", help="A question kind; from the key if not given.")
@click.option("--weights", help="The share of every option: 1/2,1/2,-1/3,-1/3,-1/3.")
@_BANK
@_JSON
def mark_(
    *,
    rule: str,
    key: str,
    chosen: str,
    kind: str | None,
    weights: str | None,
    bank: Path | None,
    as_json: bool,
) -> None:
    """Mark one answer under a rule, without a database.

    Exit status 0; 1 if the rule, the key or the answer cannot be understood.
    """
    try:
        marking = _marking(rule, bank)
        given = [text.strip() for text in weights.split(",")] if weights else None
        marked = _marked(marking, key.upper(), chosen.upper(), kind, given)
    except DomainError as refusal:
        _fail(str(refusal))
    if as_json:
        click.echo(json.dumps(_told(marked, marking.unit)))
    else:
        earned, out_of = points(marked.earned, marking.unit), points(marked.out_of, marking.unit)
        click.echo(f"{earned} / {out_of}")


def _told(marked: Mark, unit: int) -> dict[str, int]:
    """Return a mark as JSON tells it: half points, and where a rule is finer, its units."""
    if unit == HALF:
        return {"half_points": marked.earned, "out_of": marked.out_of}
    told = {"units": marked.earned, "unit": unit, "out_of": marked.out_of}
    half_points, over = divmod(HALF * marked.earned, unit)
    return told if over else {**told, "half_points": half_points}


@group.command("assemble", with_appcontext=False)
@click.argument("paper")
@click.option("--seed", type=int, required=True, help="The same seed draws the same paper.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 12),
    help="So many papers at once: as different and as equally hard as the bank allows.",
)
@_BANK
@_JSON
def assemble(
    *, paper: str, seed: int, parallel: int | None, bank: Path | None, as_json: bool
) -> None:
    """Draw a paper from the files, without a database. JSON: docs/content.md.

    Exit status 0; 1 if there is no such paper or it cannot be sat; 3 if the bank cannot fill it,
    naming the cells that bind.
    """
    root, faults = bank or shipped("question_bank"), Faults()
    papers = {file.key: file for file in content.read_all(root, faults)}
    files = sorted(questions.read_all(root, faults), key=lambda file: file.key)
    if faults.found:
        _fail("\n".join(str(fault) for fault in faults.found))
    if paper not in papers or not papers[paper].sittable:
        _fail(f"{paper}: 没有这份试卷，或只是卷面结构")
    asked = papers[paper]
    candidates = content.candidates_of(files).get(asked.subject, [])
    if missing := rules.shortages(asked.blueprint, candidates):
        _tell_short(asked.key, asked.subject, missing, as_json=as_json)
        sys.exit(INFEASIBLE)
    if parallel is None:
        picks = rules.draw(asked.blueprint, candidates, seed=seed)
        _tell_paper(asked, _rows(picks, files, seed), seed=seed, as_json=as_json)
        return
    try:
        found = rules.draw_parallel(asked.blueprint, candidates, seed=seed, papers=parallel)
    except Conflict as refusal:
        _fail(str(refusal))
    rows = [_rows(picks, files, seed + at) for at, picks in enumerate(found.papers)]
    _tell_parallel(asked, found, rows, seed=seed, as_json=as_json)


def _rows(
    picks: Sequence[Pick], files: Sequence[questions.QuestionFile], seed: int
) -> list[dict[str, object]]:
    drawn = {pick.version_id: files[pick.version_id - 1] for pick in picks}
    counts = {id_: places(f.kind, f.spec) for id_, f in drawn.items()}
    return [
        {
            "slot": number,
            "id": drawn[slot.version_id].key,
            "kind": drawn[slot.version_id].kind,
            "chapter": drawn[slot.version_id].chapter_key,
            "options": "".join(LETTERS[place] for place in slot.order),
        }
        for number, slot in enumerate(rules.order_options(picks, counts, seed=seed), start=1)
    ]


def _tell_paper(
    asked: content.PaperFile, rows: list[dict[str, object]], *, seed: int, as_json: bool
) -> None:
    if as_json:
        head = {"paper": asked.key, "seed": seed, "out_of": asked.blueprint.out_of}
        click.echo(json.dumps({**head, "questions": rows}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo("{slot}\t{id}\t{kind}\t{chapter}\t{options}".format(**row))


def _tell_parallel(
    asked: content.PaperFile,
    found: Parallel,
    papers: list[list[dict[str, object]]],
    *,
    seed: int,
    as_json: bool,
) -> None:
    if as_json:
        told = {
            "paper": asked.key,
            "seed": seed,
            "out_of": asked.blueprint.out_of,
            "shared": found.shared,
            "is_best": found.is_best,
            "papers": [
                {"number": number, "difficulty": difficulty, "questions": rows}
                for number, (difficulty, rows) in enumerate(
                    zip(found.difficulties, papers, strict=True), start=1
                )
            ],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for number, rows in enumerate(papers, start=1):
        for row in rows:
            click.echo("{0}\t{slot}\t{id}\t{kind}\t{chapter}\t{options}".format(number, **row))
    click.echo(_parallel_words(found), err=True)


def _parallel_words(found: Parallel) -> str:
    """Say how different and how equally hard papers are: ``重题 0 题；难度合计 144、145``."""
    shared = f"重题 {found.shared} 题" if found.shared else "没有重题"
    sums = "、".join(map(str, found.difficulties))
    proved = "已证明不能更好" if found.is_best else "时间有限，也许还能更好"
    return f"{shared}；难度合计 {sums}；{proved}"


def _tell_short(paper: str, subject: str, missing: list[Shortage], *, as_json: bool) -> None:
    if as_json:
        cells = [
            {
                "cell": f"{subject} {rules.cell_words(cell)}",
                "kind": cell.kind,
                "chapter": cell.chapter_key,
                "need": cell.need,
                "have": cell.have,
                "limits": [rules.limit_words(limit) for limit in cell.limits],
                "missing": list(cell.missing),
            }
            for cell in missing
        ]
        click.echo(json.dumps({"paper": paper, "shortages": cells}, ensure_ascii=False, indent=2))
        return
    for cell in missing:
        click.echo(f"{paper}: {subject} {rules.cell_words(cell)}", err=True)


def _marking(name: str, bank: Path | None) -> Marking:
    faults = Faults()
    files = regulations.read_all(bank or shipped("question_bank"), faults)
    known: list[RuleText] = [
        file.rule
        for file in files
        if file.rule.kind in {MARKING, PRACTICE_MARKING}
        and file.rule.key in {name, f"marking-{name}"}
    ]
    if not known:
        raise NotFound("no_rule", N_("没有评分规则 %(name)s"), name=name)
    return Marking.read(in_force(known, day_of(utc_now())).body)


def _marked(
    marking: Marking, key: str, chosen: str, kind: str | None, weights: list[str] | None
) -> Mark:
    name = kind or ("single_choice" if len(key) == 1 else "multiple_choice")
    usual = 4 if name == "single_choice" else 5
    highest = max((LETTERS.find(letter) + 1 for letter in key), default=0)
    options = list(LETTERS[: len(weights) if weights else max(usual, highest)])
    spec: Raw = {"options": options, "answer": "".join(sorted(key))}
    if weights:
        spec = {**spec, "weights": weights}
    kind_named(name).read_spec(spec)
    try:
        return mark(name, spec, taken(name, spec, [chosen]), marking)
    except Invalid as refusal:
        if refusal.code != "too_many":
            raise
        # two marks on the answer card are a wrong answer; a page here lets nobody make them
        return mark(name, spec, wrong(name, spec), marking)


def _fail(words: str) -> NoReturn:
    click.echo(words, err=True)
    sys.exit(1)
