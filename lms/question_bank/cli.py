import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from lms.http.unit_of_work import reading, writing
from lms.kernel.authoring import Faults
from lms.kernel.clock import day_of, utc_now
from lms.kernel.places import shipped
from lms.question_bank import content, operations, queries, rules
from lms.question_bank.content import QuestionFile
from lms.question_bank.rules import kind_named
from lms.question_bank.types import Cell, Finding, Need, Severity
from lms.syllabus import content as outlines

_COLUMNS = {
    "answered": "answered",
    "facility": "facility",
    "sd": "sd",
    "intended_weight": "intended",
    "effective_weight": "effect",
    "discrimination_index": "discr",
    "discriminative_efficiency": "effic",
}
"""What the table of items shows, under which heads."""

NEEDS = "lms_question_needs"
"""The key in ``app.extensions`` of what reads the papers: :mod:`lms.web` hands it in."""

Needs = Callable[[Path, Faults], Sequence[Need]]

group = AppGroup("questions", help="The question bank.")

_root = click.argument(
    "root", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
_threshold = click.option(
    "--threshold",
    type=click.FloatRange(0.1, 1),
    default=rules.THRESHOLD,
    show_default=True,
    help="How alike stems must be to be told.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="As one JSON object.")


@group.command("check")
@_root
@click.option("--on", type=date.fromisoformat, help="The day laws should be in force; today.")
@_threshold
@click.option("--strict", is_flag=True, help="Warnings count as faults.")
@_as_json
def check(
    *, root: Path | None, on: date | None, threshold: float, strict: bool, as_json: bool
) -> None:
    """Read every question file; report faults and what somebody should look at; count.

    Faults mislead learners or cannot be answered: keys, options, superseded laws, papers that
    cannot be filled. Warnings may be meant: overlapping options, uneven letters and lengths,
    stems that ask nothing, near-duplicates, thin chapters. Codes: docs/instructor.md.

    Exit status 0 if all is well, 1 if something is faulty (with --strict: or suspicious).
    """
    root = root or shipped("question_bank")
    faults = Faults()
    editions = outlines.read_all(root, faults)
    files = content.read_all(root, faults)
    content.check_references(files, nodes=outlines.keys(editions), faults=faults)
    laws = content.read_laws(root, faults)
    needs: Needs = current_app.extensions.get(NEEDS, lambda _root, _faults: [])
    cells = rules.cover(needs(root, faults), ((file.subject, file) for file in files))
    day = on or day_of(utc_now())
    titles = {node.key: node.title for edition in editions for node in edition.nodes}
    findings = rules.check_bank(files, laws=laws, on=day, threshold=threshold)
    told = _Told(faults, files, [*findings, *rules.check_coverage(cells, titles)])
    if as_json:
        click.echo(json.dumps(told.as_table(cells), ensure_ascii=False, indent=2))
    else:
        told.show()
        _show(content.statistics(files))
        numbers = f"{len(told.faults)} 处问题，{len(told.warnings)} 处提醒"
        click.echo(f"共 {len(files)} 道试题，{numbers}")
    sys.exit(1 if told.faults or (strict and told.warnings) else 0)


@group.command("duplicates")
@_root
@_threshold
@_as_json
def duplicates(*, root: Path | None, threshold: float, as_json: bool) -> None:
    """List pairs of questions whose stems say nearly the same, the most alike first.

    Every pair from the threshold on is found, none is guessed. Exit status 0, or 1 if a file is
    faulty.
    """
    faults = Faults()
    files = content.read_all(root or shipped("question_bank"), faults)
    for fault in faults.found:
        click.echo(str(fault), err=True)
    alike = rules.near_duplicates([file.stem for file in files], threshold)
    pairs = sorted(alike.pairs, key=lambda pair: (-pair.similarity, pair.first, pair.second))
    if as_json:
        rows = [
            {
                "questions": [files[pair.first].key, files[pair.second].key],
                "similarity": round(100 * pair.similarity),
            }
            for pair in pairs
        ]
        told = {"pairs": rows, "is_complete": alike.is_complete}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for pair in pairs:
            click.echo(f"{100 * pair.similarity:.0f}%")
            for file in (files[pair.first], files[pair.second]):
                click.echo(f"  {_line(file, '')}: {file.key}: {file.stem}")
        more = "" if alike.is_complete else "（太多，没有列全）"
        click.echo(f"共 {len(files)} 道试题，{len(pairs)} 对相似{more}")
    sys.exit(1 if faults.found else 0)


@group.command("reindex")
def reindex() -> None:
    """Write the search words of every published question anew. Exit status 0."""
    with writing() as session:
        number = operations.reindex(session)
    click.echo(f"{number} 道试题")


@group.command("laws")
@_root
@click.option("--on", type=date.fromisoformat, help="The day laws should be in force; today.")
def laws(*, root: Path | None, on: date | None) -> None:
    """Take over laws.toml; say which questions go out because their law ended, or come back.

    Loading content and the daily housekeeping do the same. Exit status 0, or 1 if laws.toml is
    faulty: then nothing is changed.
    """
    faults = Faults()
    listed = content.read_laws(root or shipped("question_bank"), faults)
    for fault in faults.found:
        click.echo(str(fault), err=True)
    if faults.found:
        sys.exit(1)
    now = utc_now()
    day = on or day_of(now)
    with writing() as session:
        tally = operations.load_laws(session, listed, now=now, on=day)
    for edition in queries.ended_laws(reading(), on=day):
        title = f"《{edition.title}》{edition.name}"
        told = f"到 {edition.effective_to}，{edition.replaced_by or '没有新版'}"
        click.echo(f"{title}（{told}）: {edition.questions} 道试题不再抽用")
    click.echo(f"{tally.new} new, {tally.changed} changed, {tally.same} unchanged")


@group.command("hand-back")
@click.argument("keys", metavar="KEY…", nargs=-1, required=True)
def hand_back(*, keys: tuple[str, ...]) -> None:
    """Let the files keep questions again that were changed in the bank.

    The next ``lms content load`` publishes what the files say. Exit status 0, or 1 if there is no
    such question.
    """
    with writing() as session:
        changed = operations.hand_back(session, keys, actor_id=None, now=utc_now())
    for key in keys:
        click.echo(f"{key}: {'交回文件' if key in changed else '本来就由文件管理'}")


@group.command("twins")
def twins() -> None:
    """Find anew which published questions say nearly the same: no paper takes two of them.

    Publishing does this too. Exit status 0.
    """
    with writing() as session:
        number = operations.group_twins(session)
    click.echo(f"{number} 道试题与别的题相似，不会同卷")


@group.command("analyse")
@click.argument("path", metavar="MARKS.csv", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--max", "maxima", required=True, help="Full marks, question by question: 1,1,2")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def analyse(*, path: Path, maxima: str, as_json: bool) -> None:
    """Say how hard each question was and how well it told people apart.

    MARKS.csv has a header row of question names and a row of marks for each finished paper; an
    empty cell is a question left blank. Figures and their formulas: docs/formats.md.

    Exit status 0, or 1 if the file cannot be read, naming line and question.
    """
    names, rows = content.read_marks(path)
    found = rules.analyse(names, rows, content.read_maxima(maxima))
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
        return
    width = max(len(item.name) for item in found.items)
    click.echo("  ".join((" " * width, *(f"{label:>8}" for label in _COLUMNS.values()))))
    for item in found.items:
        figures = (_figure(getattr(item, name)) for name in _COLUMNS)
        click.echo("  ".join((item.name.ljust(width), *figures)))
    for name, value in asdict(found.test).items():
        click.echo(f"{name}  {_figure(value).strip()}")


def _figure(value: float | None) -> str:
    if value is None:
        return f"{'-':>8}"
    return f"{value:>8}" if isinstance(value, int) else f"{value:>8.2f}"


def _show(found: content.Statistics) -> None:
    for chapter, kinds in sorted(found.by_chapter.items()):
        click.echo(f"{chapter}  {_counted(kinds)}")
    for kind, letters in sorted(found.letters.items()):
        total = sum(letters.values())
        spread = "  ".join(
            f"{letter} {count} ({100 * count // total}%)"
            for letter, count in sorted(letters.items())
        )
        click.echo(f"{kind_named(kind).label}  {spread}")


def _counted(kinds: Mapping[str, int]) -> str:
    return "  ".join(f"{kind_named(kind).label} {kinds[kind]}" for kind in sorted(kinds))


class _Told:
    """Faults of reading and findings of the checks, as lines and as JSON."""

    def __init__(
        self, faults: Faults, files: Sequence[QuestionFile], findings: Sequence[Finding]
    ) -> None:
        self.files = {file.key: file for file in files}
        self.questions = len(files)
        read = [
            {
                "code": fault.code or "faulty",
                "place": fault.key,
                "questions": [],
                "where": f"{fault.path}:{fault.line}",
                "words": fault.what,
            }
            for fault in faults.found
        ]
        self.faults = read + self._of(Severity.FAULT, findings)
        self.warnings = self._of(Severity.WARNING, findings)

    def _of(self, severity: Severity, findings: Sequence[Finding]) -> list[dict[str, Any]]:
        return [
            {
                "code": finding.code,
                "place": finding.place,
                "questions": list(finding.keys),
                "where": _line(self.files[finding.keys[0]], finding.place) if finding.keys else "",
                "words": finding.words,
            }
            for finding in findings
            if finding.severity is severity
        ]

    def as_table(self, cells: Sequence[Cell]) -> dict[str, Any]:
        """Return everything, for programs."""
        coverage = [
            {**asdict(cell.need), "have": cell.have, "by_difficulty": cell.by_difficulty}
            for cell in cells
        ]
        return {
            "questions": self.questions,
            "faults": self.faults,
            "warnings": self.warnings,
            "coverage": coverage,
        }

    def show(self) -> None:
        """Write a line for each: faults to the error stream, warnings to the output."""
        for entry in self.faults:
            click.echo(self._as_line(entry), err=True)
        for entry in self.warnings:
            click.echo(f"提醒 {self._as_line(entry)}")

    def _as_line(self, entry: Mapping[str, Any]) -> str:
        where = [entry["where"]] if entry["where"] else []
        key = entry["questions"][0] if entry["questions"] else entry["place"]
        return ": ".join([*where, *([key] if key else []), f"{entry['words']} [{entry['code']}]"])


def _line(file: QuestionFile, place: str) -> str:
    """Return ``path:line`` of a place in a question."""
    inner = [int(part) if part.isdecimal() else part for part in place.split(".") if part]
    line = file.document.line_of(("question", file.index, *inner))
    return f"{file.document.path}:{line}"
