"""How a paper is made up, as its author wrote it. Pure."""

from datetime import date

from lms.exams.types import SPREAD, Blueprint, Cell, Release, Section
from lms.kernel import reading
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.reading import Raw

CERTAINTIES = ("settled", "likely", "unsure")
LEVELS = ("junior", "intermediate", "senior")

_SECTION_KEYS = ("kind", "title", "title_en", "count", "points_half", "certainty", "chapter")


def read_blueprint(raw: Raw, *, sittable: bool) -> Blueprint:
    """Read how a paper is made up, from an author's table or a stored one.

    :raises Invalid: naming the faulty key.
    """
    chapters = reading.texts(raw, "chapters")
    sections: list[Section] = []
    for index, table in enumerate(reading.tables(raw, "section", at_least=1)):
        with reading.within("section", index):
            section = _read_section(table, chapters, sittable=sittable)
            if section.kind in {known.kind for known in sections}:
                raise Invalid("kind_twice", N_("一种题型只能有一个部分"), where="kind")
        sections.append(section)
    release = Release(reading.choice(raw, "release", list(Release), default=Release.AT_ONCE))
    return Blueprint(
        level=reading.choice(raw, "level", LEVELS),
        sections=tuple(sections),
        note=reading.text(raw, "note", default=""),
        note_en=reading.text(raw, "note_en", default=""),
        release=release,
        closes_on=_closes_on(raw, release),
    )


ON_PAPER = frozenset({"single_choice", "multiple_choice", "true_false"})
"""Kinds that are answered with letters on an answer card."""


def check_for_paper(blueprint: Blueprint) -> None:
    """Refuse a paper that an answer card cannot take.

    :raises Conflict: ``not_for_paper``.
    """
    for section in blueprint.sections:
        if section.kind not in ON_PAPER:
            raise Conflict(
                "not_for_paper",
                N_("“%(title)s”不是填字母的题，答题卡上答不了，不能印成纸质卷"),
                title=section.title,
            )


def _closes_on(raw: Raw, release: Release) -> date | None:
    found = reading.optional_day(raw, "closes_on")
    if release is Release.AFTER_CLOSE and found is None:
        raise Invalid("no_closing_day", N_("考完才公布的试卷要写明哪天截止"), where="closes_on")
    return found


def _read_section(raw: Raw, chapters: tuple[str, ...], *, sittable: bool) -> Section:
    reading.only(raw, _SECTION_KEYS)
    count = _known(raw, "count", high=500, needed=sittable)
    spread = raw.get("chapter") == SPREAD
    cells = () if spread else _read_cells(raw, count)
    if spread and not chapters:
        raise Invalid("no_chapters", N_("平均分配要先在试卷里列出 chapters"), where="chapter")
    return Section(
        kind=reading.identifier(raw, "kind"),
        title=reading.text(raw, "title"),
        title_en=reading.text(raw, "title_en"),
        count=count,
        points_half=_known(raw, "points_half", high=2000, needed=sittable),
        certainty=reading.choice(raw, "certainty", CERTAINTIES, default="settled"),
        cells=cells,
        spread=chapters if spread else (),
    )


def _read_cells(raw: Raw, count: int | None) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for index, table in enumerate(reading.tables(raw, "chapter")):
        with reading.within("chapter", index):
            reading.only(table, ("key", "count"))
            cell = Cell(reading.text(table, "key"), reading.whole(table, "count", low=1, high=500))
            if cell.chapter_key in {known.chapter_key for known in cells}:
                raise Invalid("chapter_twice", N_("同一章写了两次"), where="key")
        cells.append(cell)
    total = sum(cell.count for cell in cells)
    if cells and total != count:
        raise Invalid(
            "wrong_sum",
            N_("各章合计 %(total)s 题，与 count 的 %(count)s 题不符"),
            where="count",
            total=total,
            count=count,
        )
    return tuple(cells)


def _known(raw: Raw, key: str, *, high: int, needed: bool) -> int | None:
    if key not in raw and not needed:
        return None
    return reading.whole(raw, key, low=1, high=high)
