"""Read papers from ``question_bank/papers/``. Reads files; knows no database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lms.exams import rules
from lms.exams.types import Blueprint, Bound, Drawable, Section, Shortage
from lms.kernel import reading
from lms.kernel.authoring import Document, Faults, digest_of, plain, read_folder
from lms.kernel.points import HALF, points
from lms.kernel.reading import Raw
from lms.kernel.toml_lines import Place
from lms.question_bank.content import QuestionFile
from lms.question_bank.rules import all_kinds, comes_out, is_judged, mark, twin_groups, twin_text
from lms.question_bank.types import Candidate, Marking

BLUEPRINT_KEYS = (
    "level", "marking", "note", "note_en", "chapters", "section", "cell", "release", "closes_on",
    "late", "pause", "marking_plan",
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
    named: Mapping[str, Marking] | None = None,
) -> None:
    """Report papers that cannot be drawn or marked, and chapters that no outline has.

    :param questions: the whole bank.
    :param points: every key of every edition of the outline; none: not checked.
    :param marking: the official marking rule in force; none: not checked.
    :param named: every marking rule in force by its key; none: not checked.
    """
    questions = list(questions)
    candidates = candidates_of(questions)
    for file in files:
        own = _marking(file, marking, named, faults)
        for number, bound in enumerate(file.blueprint.bounds if points is not None else ()):
            _check_bound(file, ("cell", number), bound, points or (), faults)
        for index, section in enumerate(file.blueprint.sections):
            _check_chapters(file, index, section, points, faults)
            if file.sittable:
                _check_marks(file, index, section, own, faults)
        if file.sittable:
            _check_judged(file, own, questions, faults)
            _check_shares(file, own, questions, faults)
            _check_supply(file, candidates.get(file.subject, []), faults)


def check_overlaps(
    files: Iterable[PaperFile], *, questions: Iterable[QuestionFile], faults: Faults
) -> None:
    """Report papers that cannot be drawn although no cell by chapter and kind is short by itself.

    :param questions: the whole bank.
    """
    candidates = candidates_of(questions)
    for file in files:
        cards = candidates.get(file.subject, [])
        short = rules.shortages(file.blueprint, cards) if file.sittable else []
        if any(one.limits or one.missing for one in short):
            _check_supply(file, cards, faults)


def candidates_of(files: Iterable[QuestionFile]) -> dict[str, list[Candidate]]:
    """Return what may be drawn, by subject, straight from authors' files.

    The order is the authors' ids', as in the database; a version's number is its place in it.
    """
    found: dict[str, list[Candidate]] = {}
    texts: dict[str, list[str]] = {}
    for number, file in enumerate(sorted(files, key=lambda file: file.key), start=1):
        candidate = Candidate(
            number,
            number,
            file.kind,
            file.chapter_key,
            file.difficulty,
            point_key=file.point_key,
            tags=file.tags,
            key=file.key,
        )
        found.setdefault(file.subject, []).append(candidate)
        texts.setdefault(file.subject, []).append(twin_text(file.stem, file.spec))
    return {
        subject: [
            card._replace(twin_group=group)
            for card, group in zip(cards, twin_groups(texts[subject]), strict=True)
        ]
        for subject, cards in found.items()
    }


def _check_chapters(
    file: PaperFile, index: int, section: Section, points: Collection[str] | None, faults: Faults
) -> None:
    if points is None:
        return
    for key in section.chapters:
        if key not in points:
            faults.note(file.document, ("section", index, "chapter"), f"大纲里没有 {key}")
    for number, bound in enumerate(section.bounds):
        _check_bound(file, ("section", index, "cell", number), bound, points, faults)


def _check_bound(
    file: PaperFile, place: Place, bound: Bound, points: Collection[str], faults: Faults
) -> None:
    named = [("chapters", key) for key in bound.chapters]
    named += [("point", bound.point)] if bound.point else []
    for name, key in named:
        if key not in points:
            faults.note(file.document, (*place, name), f"大纲里没有 {key}")
    for kind in bound.kinds:
        if all(kind not in section.kinds for section in file.blueprint.sections):
            faults.note(file.document, (*place, "kinds"), f"这份卷没有题型 {kind}")


def _check_marks(
    file: PaperFile, index: int, section: Section, marking: Marking | None, faults: Faults
) -> None:
    for kind in section.kinds:
        if kind not in all_kinds():
            faults.note(file.document, ("section", index, "kind"), f"没有题型 {kind}")
        elif marking is not None and not is_judged(kind):
            _check_full(file, index, kind, marking, faults)


def _check_full(file: PaperFile, index: int, kind: str, marking: Marking, faults: Faults) -> None:
    section = file.blueprint.sections[index]
    with faults.guard(file.document, "section", index):
        full = marking.number(kind, "full")
        if full * HALF != (section.points_half or 0) * marking.unit:
            given = f"{full} 个半分" if marking.unit == HALF else f"{points(full, marking.unit)} 分"
            what = f"评分规则给的满分是 {given}"
            faults.note(file.document, ("section", index, "points_half"), what)


def _check_shares(
    file: PaperFile, marking: Marking | None, questions: Iterable[QuestionFile], faults: Faults
) -> None:
    """Report questions whose shares are no whole units, unless the rule says how to round."""
    sections = {kind: section for section in file.blueprint.sections for kind in section.kinds}
    if marking is None:
        return
    odd: list[str] = []
    with faults.guard(file.document, "marking"):  # a rule with a fault: told once
        for one in questions:
            section = sections.get(one.kind)
            if section is None or one.subject != file.subject or one.kind not in marking.tables:
                continue
            if _may_take(section, one):
                odd += [] if comes_out(one.kind, one.spec, marking) else [one.key]
    if odd:
        unit = points(1, marking.unit)
        what = f"{odd[0]} 等 {len(odd)} 题的选项分值不是 {unit} 分的整数倍"
        advice = '，请把评分规则的 unit 改细，或写明 round = "down"'
        faults.note(file.document, ("marking",), what + advice)


def _check_judged(
    file: PaperFile, marking: Marking | None, questions: Iterable[QuestionFile], faults: Faults
) -> None:
    """Report questions marked by people that are worth something else than their section says.

    Their marks stand in the question itself, not in the rule.
    """
    if marking is None:
        return
    for index, section in enumerate(file.blueprint.sections):
        judged = [kind for kind in section.kinds if kind in all_kinds() and is_judged(kind)]
        full = marking.in_units(section.points_half or 0)
        odd = [
            one.key
            for one in questions
            if one.kind in judged
            and one.subject == file.subject
            and _may_take(section, one)
            and mark(one.kind, one.spec, "", marking).out_of != full
        ]
        if odd:
            what = f"{odd[0]} 等 {len(odd)} 题的满分与这里写的不同"
            faults.note(file.document, ("section", index, "points_half"), what)


def _may_take(section: Section, question: QuestionFile) -> bool:
    """Say whether a section may have a question, as far as its chapters or its list go."""
    if section.questions:
        return question.key in section.questions
    return not section.chapters or question.chapter_key in section.chapters


def _marking(
    file: PaperFile,
    official: Marking | None,
    named: Mapping[str, Marking] | None,
    faults: Faults,
) -> Marking | None:
    """Return the rule under which a paper is marked; none where it is not to be checked."""
    key = file.blueprint.marking
    if not key or named is None:
        return None if key else official
    if key not in named:
        faults.note(file.document, ("marking",), f"没有现行的评分规则 {key}")
    return named.get(key)


def _check_supply(file: PaperFile, candidates: Sequence[Drawable], faults: Faults) -> None:
    for shortage in rules.shortages(file.blueprint, candidates):
        what = f"{file.subject} {rules.cell_words(shortage)}"
        faults.note(file.document, _place(file.blueprint, shortage), what)
    by_key = {card.key: card for card in candidates}
    for index, section in enumerate(file.blueprint.sections):
        seen: dict[int, str] = {}
        for key in section.questions:
            group = by_key[key].twin_group if key in by_key else 0
            if group and group in seen:
                what = f"{seen[group]} 与 {key} 说的几乎一样，不能同卷"
                faults.note(file.document, ("section", index, "questions"), what)
            seen[group] = key


def _place(blueprint: Blueprint, shortage: Shortage) -> Place:
    """Return where in the author's table the first of the short cells stands."""
    if shortage.missing:
        return ("section", shortage.section or 0, "questions")
    if not shortage.limits:
        kinds = [section.kind for section in blueprint.sections]
        return ("section", kinds.index(shortage.kind), "count")
    demand = next(limit.demand for limit in shortage.limits if limit.is_least)
    if demand.section is None:
        return ("cell", 0)
    return ("section", demand.section, demand.place)


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
