"""``lms questions import`` and ``lms questions export``: files into the bank and out of it."""

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import gettext

from lms.http.services import service
from lms.http.unit_of_work import reading, writing
from lms.interop import operations, queries
from lms.interop.cli.working import ended_badly, work
from lms.interop.operations import bank, bank_asking
from lms.interop.rules import format_named
from lms.interop.rules.differences import WORDS, change_words, note_words
from lms.interop.types.bridge import OFFERS, TAKES, Defaults, JudgedQuestion, Standing
from lms.jobs import queries as jobs
from lms.jobs.types import JobRow
from lms.kernel.clock import utc_now
from lms.kernel.errors import DomainError
from lms.people import queries as people
from lms.question_bank.types import Filters

FEW = 50
"""Questions that are told in words; ``--json`` tells all."""
_REFUSED = 2


@click.command("import")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--by", "user_name", required=True, help="Whose drafts they will be: a user name.")
@click.option("--from", "source", default="", help="The format; recognized if not given.")
@click.option("--encoding", default="", help="Of a text file; detected if not given.")
@click.option("--subject", default="", help="Of questions whose file does not say it.")
@click.option("--chapter", default="", help="The same: a place of the outline, 2025/J-COMP/06.")
@click.option("--point", default="", help="The same: a knowledge point inside the chapter.")
@click.option("--difficulty", type=click.IntRange(1, 3), default=2, show_default=True)
@click.option("--source", "resting_on", default="", help="The same: the law or concept.")
@click.option(
    "--valid-on", type=date.fromisoformat, default=None, help="The same: day of checking."
)
@click.option("--tag", "tags", multiple=True, help="A further tag for all; may come again.")
@click.option(
    "--also", multiple=True, type=click.Choice(sorted(map(str, OFFERS))), help="Import these too."
)
@click.option("--dry-run", is_flag=True, help="Only say what would become of each question.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option("--json", "as_json", is_flag=True, help="For programs; see docs/formats.md.")
@with_appcontext
def import_questions(*, files: tuple[Path, ...], **said: Any) -> None:
    """Bring questions from FILE... into the bank as drafts, each file in one transaction.

    Says first what is new, changed, identical, a duplicate, and what was not understood and why.
    Nothing is written before that is confirmed; with --json only if --yes is given.

    Exit status 0 if everything came in or was there already; 1 if something was not understood,
    or left out as a duplicate, or is being worked on by somebody else; 2 if a file was refused,
    and then nothing of it is written.
    """
    status = 0
    for path in files:
        status = max(status, _import_one(path, **said))
    sys.exit(status)


def _import_one(path: Path, *, as_json: bool, dry_run: bool, yes: bool, **said: Any) -> int:
    """Bring one file in and return the exit status."""
    try:
        owner_id = people.person_by_user_name(reading(), said["user_name"]).id
        preview = work(_asked(path, owner_id, said), gettext("核对"), quiet=as_json)
    except DomainError as refusal:
        return _refused(path.name, str(refusal), as_json=as_json)
    refused = ended_badly(preview)
    if refused:
        return _refused(path.name, refused, as_json=as_json)
    _tick(preview, said["also"], owner_id)
    number = bank_asking.ticked(preview, queries.choices(reading(), preview.id))
    done = preview
    if not as_json:
        _tell(preview)
    question = gettext("导入 %(n)s 道题为草稿？", n=number)
    if number and not dry_run and (yes or (not as_json and click.confirm(question))):
        with writing() as session:
            job_id = bank_asking.ask_import(
                session, preview, owner_id=owner_id, now=utc_now(), put=None
            )
        done = work(job_id, gettext("导入"), quiet=as_json)
        refused = ended_badly(done)
        if refused:
            return _refused(path.name, refused, as_json=as_json)
    _told(preview, done, as_json=as_json)
    return _status(done)


def _asked(path: Path, owner_id: int, said: Mapping[str, Any]) -> int:
    """Store a file and ask for its preview; return the number of the job."""
    point = said["point"]
    chapter = said["chapter"] or "/".join(point.split("/")[:3])
    defaults = Defaults(
        subject=said["subject"] or (chapter.split("/")[1] if chapter.count("/") else ""),
        chapter=chapter,
        point=point,
        difficulty=said["difficulty"],
        source=bank.source_said(said["resting_on"]),
        valid_on=said["valid_on"],
        tags=tuple(said["tags"]),
    )
    with path.open("rb") as source, writing() as session:
        return bank_asking.ask_check(
            session,
            service(operations.Tools),
            source,
            name=path.name,
            source_format=said["source"],
            defaults=defaults,
            owner_id=owner_id,
            now=utc_now(),
            put=None,
            encoding=said["encoding"],
        )


def _tick(preview: JobRow, also: tuple[str, ...], owner_id: int) -> None:
    for name in also:
        with writing() as session:
            bank_asking.tick_all(
                session, preview, Standing(name), wanted=True, actor_id=owner_id, now=utc_now()
            )


def _refused(name: str, why: str, *, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps({"file": name, "refused": why}, ensure_ascii=False))
    click.echo(f"lms: {name}: {why}", err=True)
    return _REFUSED


def _status(job: JobRow) -> int:
    counts = (job.result or {})["counts"]
    left = [Standing.REFUSED, Standing.TAKEN]
    if "kept" not in (job.result or {}):  # a preview: what would be left out
        left += sorted(OFFERS)
    return int(any(counts.get(standing) for standing in left) or _left_out(job))


def _left_out(job: JobRow) -> bool:
    return any(row.standing in OFFERS and row.draft is None for row in _rows(job))


def _rows(job: JobRow) -> list[JudgedQuestion]:
    parts = jobs.outcomes(reading(), job.id)
    return [JudgedQuestion.read(kept) for some in parts for kept in some]


def _tell(preview: JobRow) -> None:
    result = preview.result or {}
    encoding = f"，{result['encoding']}" if result["encoding"] else ""
    click.echo(
        f"{preview.arguments['name']}（{result['format']}{encoding}）：{result['rows']} 道题"
    )
    for standing, number in result["counts"].items():
        click.echo(f"  {gettext(WORDS[Standing(standing)])} {number}")
    for message, params, line in result["notes"]:
        place = f"第 {line} 行：" if line else ""
        click.echo(f"  {place}{gettext(message, **params) if params else message}")
    told = 0
    for row in _rows(preview):
        words = list(_words(row))
        if not words:
            continue
        told += 1
        if told <= FEW:
            click.echo(f"  第 {row.number} 题 {row.name}：{'；'.join(words)}")
    if told > FEW:
        click.echo(f"  还有 {told - FEW} 道题有话要说，全部看 --json")


def _words(row: JudgedQuestion) -> list[str]:
    """Return what is worth telling of a question, in words."""
    standing = gettext(WORDS[row.standing])
    found = [] if row.standing in TAKES else [standing]
    if row.standing is Standing.IDENTICAL:
        return []
    if row.of and row.standing is not Standing.NEW:
        found.append(f"{standing}：{row.of}" if row.standing in TAKES else row.of)
    found += row.alike
    found += [note_words(one, gettext) for one in (*row.reasons, *row.notes)]
    return found + [change_words(one, gettext) for one in row.changes]


def _told(preview: JobRow, done: JobRow, *, as_json: bool) -> None:
    result = preview.result or {}
    imported = done.id != preview.id
    if not as_json:
        if imported:
            click.echo(gettext("已导入 %(n)s 道题为草稿", n=(done.result or {})["kept"]))
        return
    told = {
        "job": done.id,
        "file": preview.arguments["name"],
        "format": result["format"],
        "encoding": result["encoding"],
        "imported": imported,
        "kept": (done.result or {}).get("kept", 0),
        "counts": (done.result or {})["counts"],
        "notes": [
            {"message": gettext(words, **params) if params else words, "line": line}
            for words, params, line in result["notes"]
        ],
        "questions": [_plain(row, imported=imported) for row in _rows(done)],
    }
    click.echo(json.dumps(told, ensure_ascii=False))


def _plain(row: JudgedQuestion, *, imported: bool) -> dict[str, Any]:
    return {
        "number": row.number,
        "line": row.line,
        "stem": row.name,
        "verdict": row.standing,
        "of": row.of,
        "alike": list(row.alike),
        "key": row.draft.key if row.draft else "",
        "kept": imported and row.draft is not None,
        "reasons": [note_words(one, gettext) for one in row.reasons],
        "notes": [note_words(one, gettext) for one in row.notes],
        "changes": [change_words(one, gettext) for one in row.changes],
    }


@click.command("export")
@click.option("--to", "target", required=True, help="The format; see lms questions formats.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--q", "words", default="", help="Words that must all be there.")
@click.option("--node", default="", help="A place of the outline, with everything below it.")
@click.option("--subject", default="")
@click.option("--kind", default="")
@click.option("--difficulty", type=click.IntRange(1, 3), default=None)
@click.option("--law", default="", help="The law or policy it rests on.")
@click.option("--state", default="", help="ready or retired; both if not given.")
@with_appcontext
def export_questions(*, target: str, out: Path, difficulty: int | None, **filters: str) -> None:
    """Write the published questions that match to a file; what it cannot carry is said.

    Exit status 0; 2 if there is no such format or no such question, and nothing is written.
    """
    asked = Filters(difficulty=difficulty or 0, **filters)
    tools = service(operations.Tools)
    try:
        writer = format_named(target)
        drafts = queries.of_bank(reading(), asked)
        if not drafts:
            click.echo("lms: 没有这样的试题", err=True)
            sys.exit(_REFUSED)
        data, lost = bank.exported(reading(), tools, drafts, writer)
    except DomainError as refusal:
        click.echo(f"lms: {refusal}", err=True)
        sys.exit(_REFUSED)
    with writing() as session:
        bank.note_export(
            session, target=writer, filters=asked, number=len(drafts), actor_id=None, now=utc_now()
        )
    out.write_bytes(data)
    for found, number in lost.items():
        click.echo(f"{found}（{number} 道题）", err=True)
    click.echo(f"{out}：{writer.name}，{len(drafts)} 道题", err=True)
