"""Read papers from ``question_bank/papers/``. Reads files; knows no database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lms.exams import rules
from lms.exams.types import Blueprint, Drawable, Section
from lms.kernel import reading
from lms.kernel.authoring import Document, Faults, digest_of, plain, read_folder
from lms.kernel.reading import Raw
from lms.question_bank.content import QuestionFile
from lms.question_bank.rules import all_kinds, is_judged
from lms.question_bank.types import Candidate, Marking

BLUEPRINT_KEYS = (
    "level", "note", "note_en", "chapters", "section", "release", "closes_on",
)  # fmt: skip
"""The part of an author's table that says how the paper is made up; stored as it is."""

_KEYS = (
    "id", "title", "title_en", "subject", "minutes", "sittable", "certainty", "source",
    *BLUEPRINT_KEYS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaperFile:
    """One checked paper of an author."""

    document: Document = field(repr=False, compare=False)
    key: str
    digest: str
    title: str
    title_en: str
    subject: str
    minutes: int
    sittable: bool
    certainty: str
    source: str
    table: Mapping[str, Any]
    """The blueprint as it is stored."""
    blueprint: Blueprint


def read_all(root: Path, faults: Faults) -> list[PaperFile]:
    """Read every paper under ``root/papers``, in path order; faults are collected."""
    return read_folder(root / "papers", _read, faults, key=lambda file: file.key)


def check_references(
    files: Iterable[PaperFile],
    *,
    questions: Iterable[QuestionFile],
    faults: Faults,
    points: Collection[str] | None = None,
    marking: Marking | None = None,
) -> None:
    """Report papers that cannot be drawn or marked, and chapters that no outline has.

    :param questions: the whole bank.
    :param points: every key of every edition of the outline; none: not checked.
    :param marking: the marking rule in force; none: not checked.
    """
    candidates = candidates_of(questions)
    for file in files:
        for index, section in enumerate(file.blueprint.sections):
            _check_chapters(file, index, section, points, faults)
            if file.sittable:
                _check_marks(file, index, section, marking, faults)
        if file.sittable:
            _check_supply(file, candidates.get(file.subject, []), faults)


def candidates_of(files: Iterable[QuestionFile]) -> dict[str, list[Candidate]]:
    """Return what may be drawn, by subject, straight from authors' files.

    The order is the authors' ids', as in the database; a version's number is its place in it.
    """
    found: dict[str, list[Candidate]] = {}
    for number, file in enumerate(sorted(files, key=lambda file: file.key), start=1):
        candidate = Candidate(number, number, file.kind, file.chapter_key, file.difficulty)
        found.setdefault(file.subject, []).append(candidate)
    return found


def _check_chapters(
    file: PaperFile, index: int, section: Section, points: Collection[str] | None, faults: Faults
) -> None:
    named = (*section.spread, *(cell.chapter_key for cell in section.cells))
    for key in named if points is not None else ():
        if key not in (points or ()):
            faults.note(file.document, ("section", index, "chapter"), f"大纲里没有 {key}")


def _check_marks(
    file: PaperFile, index: int, section: Section, marking: Marking | None, faults: Faults
) -> None:
    if section.kind not in all_kinds():
        faults.note(file.document, ("section", index, "kind"), f"没有题型 {section.kind}")
        return
    if is_judged(section.kind):
        what = "这种题要人阅卷，模考暂不支持"
        faults.note(file.document, ("section", index, "kind"), what)
        return
    if marking is None:
        return
    with faults.guard(file.document, "section", index):
        full = marking.number(section.kind, "full")
        if full != section.points_half:
            what = f"评分规则给的满分是 {full} 个半分"
            faults.note(file.document, ("section", index, "points_half"), what)


def _check_supply(file: PaperFile, candidates: Sequence[Drawable], faults: Faults) -> None:
    kinds = [section.kind for section in file.blueprint.sections]
    for shortage in rules.shortages(file.blueprint, candidates):
        place = ("section", kinds.index(shortage.kind), "count")
        faults.note(file.document, place, f"{file.subject} {rules.cell_words(shortage)}")


def _read(document: Document) -> PaperFile:
    raw: Raw = document.table
    reading.only(raw, _KEYS)
    sittable = reading.flag(raw, "sittable")
    table = plain({key: raw[key] for key in BLUEPRINT_KEYS if key in raw})
    return PaperFile(
        document=document,
        key=reading.identifier(raw),
        digest=digest_of(plain(raw)),
        title=reading.text(raw, "title"),
        title_en=reading.text(raw, "title_en"),
        subject=reading.identifier(raw, "subject"),
        minutes=reading.whole(raw, "minutes", low=1, high=600),
        sittable=sittable,
        certainty=reading.choice(raw, "certainty", rules.CERTAINTIES),
        source=reading.text(raw, "source"),
        table=table,
        blueprint=rules.read_blueprint(raw, sittable=sittable),
    )
