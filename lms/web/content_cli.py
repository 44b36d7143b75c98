"""``lms content check`` and ``lms content load``."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from lms.http.unit_of_work import writing
from lms.kernel.clock import day_of, utc_now
from lms.web import loading, settings

group = AppGroup("content", help="Courses, questions, papers, lists, programs, rules as files.")

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_courses = click.option("--courses", type=_FOLDER, help="Folder of courses, lists and programs.")
_bank = click.option("--bank", type=_FOLDER, help="Folder of questions, papers, outline, rules.")


@group.command("check")
@_courses
@_bank
def check(courses: Path | None, bank: Path | None) -> None:
    """Read every file and report every fault as ``path:line: key: what is wrong``.

    Exit status 0 if all is well, 1 if there are faults.
    """
    _read(courses, bank)


@group.command("load")
@_courses
@_bank
def load(courses: Path | None, bank: Path | None) -> None:
    """Publish what is new or changed as immutable versions. Loads nothing if a file is faulty.

    A question that was changed in the bank is not overwritten; its key is told, see
    ``lms questions hand-back``.

    Exit status 0 if it was loaded, 1 if there are faults.
    """
    found = _read(courses, bank)
    with writing() as session:
        tallies = loading.load(session, found, now=utc_now())
    for name, tally in tallies.items():
        click.echo(
            f"{name}: {tally.new} new, {tally.changed} changed, {tally.same} unchanged, "
            f"{tally.retired} retired"
        )
        for key in tally.left:
            click.echo(
                f"提醒 {key}: 题库里改过，没有用文件里的；"
                f"要用文件里的：lms questions hand-back {key}"
            )


def _read(courses: Path | None, bank: Path | None) -> loading.Content:
    found = loading.read(
        courses or settings.content_root("courses"),
        bank or settings.content_root("question_bank"),
        on=day_of(utc_now()),
    )
    for fault in found.faults.found:
        click.echo(str(fault), err=True)
    if found.faults.found:
        click.echo(f"{len(found.faults.found)} faults", err=True)
        sys.exit(1)
    click.echo(
        f"{len(found.questions)} questions, {len(found.papers)} papers, "
        f"{len(found.courses)} courses, {len(found.lists)} required lists, "
        f"{len(found.programs)} programs, {len(found.rules)} rules, "
        f"{len(found.syllabus)} outlines, {len(found.texts)} privacy texts: no faults"
    )
    return found
