import sys
from collections.abc import Mapping
from pathlib import Path

import click
from flask.cli import AppGroup

from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.question_bank import content
from lms.question_bank.rules import kind_named
from lms.syllabus import content as outlines

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
