"""How far a bank fills the papers that are to be drawn from it: chapter, kind, difficulty. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from lms.kernel.errors import N_
from lms.question_bank.rules.marking import all_kinds
from lms.question_bank.types import Cell, Checkable, Finding, Need, Severity

ENOUGH_TIMES = 2
"""A cell with fewer times what a paper takes repeats itself from paper to paper."""
DIFFICULTIES = (1, 2, 3)


def cover(needs: Iterable[Need], questions: Iterable[tuple[str, Checkable]]) -> list[Cell]:
    """Return how far each need is filled.

    :param questions: each with its subject.
    """
    counts: Counter[tuple[str, str, str, int]] = Counter()
    for subject, question in questions:
        for chapter in ("", question.chapter_key):
            counts[(subject, question.kind, chapter, question.difficulty)] += 1
    return [
        Cell(
            need,
            by_difficulty=(
                counts[(need.subject, need.kind, need.chapter_key, 1)],
                counts[(need.subject, need.kind, need.chapter_key, 2)],
                counts[(need.subject, need.kind, need.chapter_key, 3)],
            ),
        )
        for need in needs
    ]


def check_coverage(cells: Iterable[Cell], titles: Mapping[str, str]) -> list[Finding]:
    """Return the cells that cannot be filled, are thin, or lack a difficulty.

    :param titles: of chapters, by key.
    """
    return [finding for cell in cells for finding in _check(cell, titles)]


def _check(cell: Cell, titles: Mapping[str, str]) -> Iterator[Finding]:
    need = cell.need
    params: dict[str, object] = {
        "paper": need.paper,
        "kind": all_kinds()[need.kind].label if need.kind in all_kinds() else need.kind,
        "chapter": " ".join(
            filter(None, (need.chapter_key or need.subject, titles.get(need.chapter_key, "")))
        ),
        "need": need.most,
        "have": cell.have,
    }
    if cell.have < need.most:
        cannot = cell.have < need.least and need.is_drawn
        severity = Severity.FAULT if cannot else Severity.WARNING
        message = N_("%(paper)s：%(chapter)s %(kind)s 要 %(need)s 题，题库只有 %(have)s 题")
        yield Finding("short_cell", severity, "", message, params)
        return
    if not need.is_drawn:
        return
    if cell.have < ENOUGH_TIMES * need.most:
        message = N_(
            "%(paper)s：%(chapter)s %(kind)s 太薄，每卷要 %(need)s 题，题库只有 %(have)s 题，"
            "前后两卷会重题"
        )
        yield Finding("thin_cell", Severity.WARNING, "", message, params)
    missing = [
        str(difficulty)
        for difficulty, number in zip(DIFFICULTIES, cell.by_difficulty, strict=True)
        if not number
    ]
    if missing:
        message = N_("%(paper)s：%(chapter)s %(kind)s 没有难度 %(missing)s 的题")
        params = {**params, "missing": "、".join(missing)}
        yield Finding("no_difficulty", Severity.WARNING, "", message, params)
