"""What the question bank is told from above: the papers that draw from it, the laws on file."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lms.exams import content as exams
from lms.exams.types import Section
from lms.kernel.authoring import Faults
from lms.question_bank import content
from lms.question_bank.types import Law, Need
from lms.web import settings


def needs(root: Path, faults: Faults) -> list[Need]:
    """Return what every paper under a bank's folder takes from it; faults are collected.

    What single cells lack is told by whoever asks; sets of cells that bind are faults.
    """
    papers = exams.read_all(root, faults)
    exams.check_overlaps(papers, questions=content.read_all(root, Faults()), faults=faults)
    return [
        need
        for file in papers
        for section in file.blueprint.sections
        for need in _needs(file, section)
    ]


def _needs(file: exams.PaperFile, section: Section) -> Iterator[Need]:
    count = section.count or 0
    if section.questions or section.more_kinds:  # not drawn, or not to be told apart by kind
        return
    cells = [(cell.chapter_key, cell.count, cell.count) for cell in section.cells]
    if section.spread:
        each, over = divmod(count, len(section.spread))
        cells = [(key, each, each + bool(over)) for key in section.spread]
    for chapter_key, least, most in cells or [("", count, count)]:
        if most:
            yield Need(
                paper=file.key,
                kind=section.kind,
                chapter_key=chapter_key,
                subject=file.subject,
                least=least,
                most=most,
                is_drawn=file.sittable,
            )


def laws() -> tuple[Law, ...]:
    """Return the laws on file; a file that has changed is read again, a faulty entry left out."""
    path = settings.content_root("question_bank") / "laws.toml"
    changed = path.stat().st_mtime_ns if path.exists() else 0
    return _laws(path.parent, changed)


@cache
def _laws(root: Path, _changed: int) -> tuple[Law, ...]:
    return tuple(content.read_laws(root, Faults()))
