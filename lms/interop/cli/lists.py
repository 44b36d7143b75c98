"""``lms people import`` and ``lms organizations import``: ``web`` hangs it into their groups."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import gettext

from lms.http.services import service
from lms.http.unit_of_work import reading, writing
from lms.interop import operations
from lms.interop.cli.working import ended_badly, work
from lms.interop.content.texts import ENCODINGS
from lms.interop.operations.asking import expected
from lms.interop.rules.words import WORDS, reason_words
from lms.interop.types import Judged, Mode, Verdict
from lms.jobs import queries as jobs
from lms.jobs.types import JobRow
from lms.kernel.clock import utc_now
from lms.kernel.errors import DomainError
from lms.people import queries as people

FEW = 20
"""Rows that are told in words; ``--json`` tells all."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.BOTH.value,
    show_default=True,
    help="Only add, only update, both, or add and fill in what is missing.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would become of each row.")
@click.option("--json", "as_json", is_flag=True, help="For programs; see docs/formats.md.")
@click.option("--by", "user_name", help="Whose import it is: their scope holds. Else everything.")
@click.option("--encoding", type=click.Choice(ENCODINGS), default=None, help="Of a CSV file.")
@click.option("--expect", type=int, help="How many rows will be written, if the list is doubted.")
@click.pass_context
@with_appcontext
def import_(
    ctx: click.Context,
    *,
    file: Path,
    mode: str,
    dry_run: bool,
    as_json: bool,
    user_name: str | None,
    encoding: str | None,
    expect: int | None,
) -> None:
    """Import a list from a CSV or XLSX FILE; a row that is wrong stops no other.

    Exit status 0 if every row was fine, 1 if some were refused or wait for somebody to decide,
    2 if the file was refused as a whole, or is doubted and --expect does not say how many.
    """
    kind = str(ctx.parent.info_name if ctx.parent else "")
    owner_id = people.person_by_user_name(reading(), user_name).id if user_name else None
    tools = service(operations.Tools)
    with file.open("rb") as source, writing() as session:
        preview_id = operations.ask_preview(
            session,
            tools,
            source,
            kind=kind,
            name=file.name,
            mode=Mode(mode),
            encoding=encoding or "",
            owner_id=owner_id,
            now=utc_now(),
            put=None,
        )
    found = work(preview_id, gettext("核对"), quiet=as_json)
    _end_if_failed(found, as_json=as_json)
    if not dry_run and expected(found):
        try:
            with writing() as session:
                import_id = operations.ask_import(
                    session, found, owner_id=owner_id, now=utc_now(), put=None, typed=expect
                )
        except DomainError as refusal:
            _tell(kind, found, found, as_json=as_json)
            click.echo(f"lms: {refusal}", err=True)
            sys.exit(2)
        done = work(import_id, gettext("导入"), quiet=as_json)
        _end_if_failed(done, as_json=as_json)
        _tell(kind, found, done, as_json=as_json)
        sys.exit(_status(done))
    _tell(kind, found, found, as_json=as_json)
    sys.exit(_status(found))


def _end_if_failed(job: JobRow, *, as_json: bool) -> None:
    words = ended_badly(job)
    if not words:
        return
    if as_json:
        click.echo(json.dumps({"job": job.id, "refused": words}, ensure_ascii=False))
    click.echo(f"lms: {job.arguments['name']}: {words}", err=True)
    sys.exit(2)


def _status(job: JobRow) -> int:
    counts = (job.result or {})["counts"]
    return int(bool(counts.get(Verdict.REFUSED) or counts.get(Verdict.POSSIBLE)))


def _rows(job: JobRow) -> list[Judged]:
    return [Judged.read(one) for some in jobs.outcomes(reading(), job.id) for one in some]


def _tell(kind: str, preview: JobRow, job: JobRow, *, as_json: bool) -> None:
    result, told = job.result or {}, preview.result or {}
    if as_json:
        found = {
            "job": job.id,
            "list": kind,
            "file": preview.arguments["name"],
            "mode": preview.arguments["mode"],
            "dry_run": job.id == preview.id,
            **{name: told[name] for name in ("encoding", "sheet", "unknown")},
            "doubts": [gettext(words, **values) for words, values in told["doubts"]],
            "counts": result["counts"],
            "rows": [_plain(row) for row in _rows(job)],
        }
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    where = told["sheet"] or told["encoding"]
    click.echo(f"{preview.arguments['name']}（{where}）：{told['rows']} 行")
    for verdict, number in result["counts"].items():
        click.echo(f"  {gettext(WORDS[Verdict(verdict)])} {number}")
    if told["unknown"]:
        click.echo(f"  不认识的列：{'、'.join(told['unknown'])}")
    for words, values in told["doubts"]:
        click.echo(f"  ！{gettext(words, **values)}")
    told_rows = 0
    for row in _rows(job):
        if row.verdict in {Verdict.REFUSED, Verdict.POSSIBLE} and told_rows < FEW:
            told_rows += 1
            why = "；".join(reason_words(reason, row.row, gettext) for reason in row.reasons)
            click.echo(f"  第 {row.row} 行 {row.name}：{why}")


def _plain(row: Judged) -> dict[str, Any]:
    return {
        "row": row.row,
        "name": row.name,
        "number": row.number,
        "verdict": row.verdict,
        "reasons": [reason_words(reason, row.row, gettext) for reason in row.reasons],
        "changes": [
            {"field": one.field, "from": one.before, "to": one.after} for one in row.changes
        ],
        "id": row.subject_id,
    }
