import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.question_bank import content, rules
from lms.question_bank.rules import kind_named
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

group = AppGroup("questions", help="The question bank.")


@group.command("check")
@click.argument(
    "root", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
def check(root: Path | None) -> None:
    """Read every question file, report every fault, count what there is.

    Exit status 0 if all is well, 1 if a file is faulty.
    """
    root = root or shipped("question_bank")
    faults = Faults()
    nodes = outlines.keys(outlines.read_all(root, faults))
    files = content.read_all(root, faults)
    content.check_references(files, nodes=nodes, faults=faults)
    for fault in faults.found:
        click.echo(str(fault), err=True)
    _show(content.statistics(files))
    click.echo(f"共 {len(files)} 道试题，{len(faults.found)} 处问题")
    sys.exit(1 if faults.found else 0)


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
