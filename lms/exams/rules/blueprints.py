"""How a paper is made up, as its author wrote it. Pure."""

import re
from collections.abc import Mapping
from datetime import date

from lms.exams.rules.timing import read_late, read_pause
from lms.exams.types import (
    SPREAD,
    Blueprint,
    Bound,
    Cell,
    MarkingPlan,
    Release,
    Rounding,
    Section,
    ThirdRule,
)
from lms.kernel import reading
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.rules import all_kinds, is_judged

CERTAINTIES = ("settled", "likely", "unsure")
LEVELS = ("junior", "intermediate", "senior")

_SECTION_KEYS = (
    "kind", "title", "title_en", "count", "points_half", "certainty", "chapter", "difficulty",
    "minutes", "questions", "cell",
)  # fmt: skip
_CELL_KEYS = (
    "count", "at_least", "at_most", "kinds", "chapters", "point", "difficulty", "any_tags",
    "all_tags", "no_tags",
)  # fmt: skip
_DIFFICULTIES = (1, 2, 3)
_SHARES = re.compile(r"([0-9]{1,3})/([0-9]{1,3})/([0-9]{1,3})")


def read_blueprint(raw: Raw, *, sittable: bool) -> Blueprint:
    """Read how a paper is made up, from an author's table or a stored one.

    :raises Invalid: naming the faulty key.
    """
    chapters = reading.texts(raw, "chapters")
    sections: list[Section] = []
    for index, table in enumerate(reading.tables(raw, "section", at_least=1)):
        with reading.within("section", index):
            section = _read_section(table, chapters, sittable=sittable)
            if not {kind for known in sections for kind in known.kinds}.isdisjoint(section.kinds):
                raise Invalid("kind_twice", N_("一种题型只能有一个部分"), where="kind")
        sections.append(section)
    ids = [id_ for section in sections for id_ in section.questions]
    if len(set(ids)) < len(ids):
        raise Invalid("question_twice", N_("同一道题写了两次"), where="section")
    release = Release(reading.choice(raw, "release", list(Release), default=Release.AT_ONCE))
    return Blueprint(
        level=reading.choice(raw, "level", LEVELS),
        sections=tuple(sections),
        marking=reading.identifier(raw, "marking") if "marking" in raw else "",
        note=reading.text(raw, "note", default=""),
        note_en=reading.text(raw, "note_en", default=""),
        bounds=_read_bounds(raw, sum(section.count or 0 for section in sections)),
        release=release,
        closes_on=_closes_on(raw, release),
        late=read_late(raw),
        pause=read_pause(raw),
        plan=_read_plan(raw),
    )


def _read_plan(raw: Raw) -> MarkingPlan:
    table = raw.get("marking_plan", {})
    with reading.within("marking_plan"):
        if not isinstance(table, Mapping):
            raise Invalid("not_a_table", N_("要写成一个表"))
        reading.only(table, ("markers", "gap_percent", "gap_half", "third", "rounding"))
        if "gap_percent" in table and "gap_half" in table:
            raise Invalid("two_gaps", N_("gap_percent 与 gap_half 只能写一个"), where="gap_half")
        usual = MarkingPlan()
        return MarkingPlan(
            markers=reading.whole(table, "markers", low=1, high=2, default=usual.markers),
            gap_percent=reading.whole(
                table, "gap_percent", low=0, high=100, default=usual.gap_percent
            ),
            gap_half=reading.whole(table, "gap_half", low=0, high=2000)
            if "gap_half" in table
            else None,
            third=ThirdRule(reading.choice(table, "third", list(ThirdRule), default=usual.third)),
            rounding=Rounding(
                reading.choice(table, "rounding", list(Rounding), default=usual.rounding)
            ),
        )


def asks_people(blueprint: Blueprint) -> bool:
    """Say whether a paper has questions that people mark."""
    return any(kind in all_kinds() and is_judged(kind) for kind in blueprint.kinds)


ON_PAPER = frozenset({"single_choice", "multiple_choice", "true_false"})
"""Kinds that are answered with letters on an answer card."""


def check_for_paper(blueprint: Blueprint) -> None:
    """Refuse a paper that an answer card cannot take.

    :raises Conflict: ``not_for_paper``.
    """
    for section in blueprint.sections:
        if not ON_PAPER.issuperset(section.kinds):
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
    questions = reading.texts(raw, "questions", at_most=500)
    needed = sittable and not questions
    count = _known(raw, "count", high=500, needed=needed) or len(questions) or None
    if questions:
        _check_fixed(raw, count, len(questions))
    kind, *more = _read_kinds(raw)
    spread = raw.get("chapter") == SPREAD
    cells = () if spread else _read_cells(raw, count)
    if spread and not chapters:
        raise Invalid("no_chapters", N_("平均分配要先在试卷里列出 chapters"), where="chapter")
    return Section(
        kind=kind,
        title=reading.text(raw, "title"),
        title_en=reading.text(raw, "title_en"),
        count=count,
        points_half=_known(raw, "points_half", high=2000, needed=sittable),
        certainty=reading.choice(raw, "certainty", CERTAINTIES, default="settled"),
        cells=cells,
        spread=chapters if spread else (),
        more_kinds=tuple(more),
        difficulty=_read_difficulty(raw, count),
        bounds=_read_bounds(raw, count or 0),
        questions=questions,
        minutes=_known(raw, "minutes", high=600, needed=False),
    )


def _read_kinds(raw: Raw) -> tuple[str, ...]:
    if not isinstance(raw.get("kind"), list):
        return (reading.identifier(raw, "kind"),)
    kinds = reading.texts(raw, "kind", at_least=1)
    return tuple(reading.identifier({"kind": kind}, "kind") for kind in kinds)


def _check_fixed(raw: Raw, count: int | None, listed: int) -> None:
    for key in ("chapter", "difficulty", "cell"):
        if key in raw:
            raise Invalid("fixed_section", N_("列了 questions 的部分不再抽题"), where=key)
    if count != listed:
        raise Invalid(
            "wrong_sum",
            N_("列了 %(total)s 题，与 count 的 %(count)s 题不符"),
            where="count",
            total=listed,
            count=count,
        )


def _read_difficulty(raw: Raw, count: int | None) -> tuple[int, ...]:
    """Read how many are easy, middle, hard: numbers, or shares such as ``30/50/20``.

    Shares become the nearest whole numbers with the right sum (largest remainders; of equal ones
    the easier first).
    """
    value = raw.get("difficulty")
    if value is None or count is None:
        return ()
    if isinstance(value, str):
        return apportion(count, _shares(value))
    numbers = _whole_numbers(raw, "difficulty", high=500)
    if len(numbers) != len(_DIFFICULTIES) or sum(numbers) != count:
        raise Invalid(
            "wrong_sum",
            N_("难度要写三个数（易、中、难），合计 %(count)s 题"),
            where="difficulty",
            count=count,
        )
    return numbers


def _shares(value: str) -> tuple[int, ...]:
    found = _SHARES.fullmatch(value)
    shares = tuple(int(share) for share in found.groups()) if found else ()
    if sum(shares) != 100:
        raise Invalid(
            "bad_shares",
            N_("难度比例写成 30/50/20 这样，三个数合计 100"),
            where="difficulty",
        )
    return shares


def apportion(count: int, shares: tuple[int, ...]) -> tuple[int, ...]:
    """Share a number out by weights, in whole numbers: those with the largest remainders get more.

    :param shares: not all of them 0.
    """
    whole = sum(shares)
    numbers = [count * share // whole for share in shares]
    by_rest = sorted(range(len(shares)), key=lambda at: (-(count * shares[at] % whole), at))
    for at in by_rest[: count - sum(numbers)]:
        numbers[at] += 1
    return tuple(numbers)


def _read_bounds(raw: Raw, count: int) -> tuple[Bound, ...]:
    bounds: list[Bound] = []
    for index, table in enumerate(reading.tables(raw, "cell")):
        with reading.within("cell", index):
            bounds.append(_read_bound(table, count))
    return tuple(bounds)


def _read_bound(raw: Raw, count: int) -> Bound:
    reading.only(raw, _CELL_KEYS)
    exact = _known(raw, "count", high=500, needed=False)
    least = exact or _known(raw, "at_least", high=500, needed=False) or 0
    most = exact
    if "at_most" in raw:
        most = reading.whole(raw, "at_most", low=0, high=500)
    if exact is not None and ("at_least" in raw or "at_most" in raw):
        raise Invalid("two_counts", N_("count 不能与 at_least、at_most 同写"), where="count")
    if exact is None and "at_least" not in raw and most is None:
        raise Invalid("no_count", N_("要写 count、at_least 或 at_most"), where="count")
    if least > count or (most is not None and least > most):
        raise Invalid(
            "wrong_bounds", N_("最少的题数超过了最多的题数，或超过了总题数"), where="at_least"
        )
    difficulties = _whole_numbers(raw, "difficulty", high=3) if "difficulty" in raw else ()
    if not set(difficulties) <= set(_DIFFICULTIES):
        raise Invalid("bad_difficulty", N_("难度只有 1、2、3"), where="difficulty")
    return Bound(
        least=least,
        most=most,
        kinds=reading.texts(raw, "kinds"),
        chapters=reading.texts(raw, "chapters"),
        point=reading.text(raw, "point", default=""),
        difficulties=difficulties,
        any_tags=reading.texts(raw, "any_tags"),
        all_tags=reading.texts(raw, "all_tags"),
        no_tags=reading.texts(raw, "no_tags"),
    )


def _whole_numbers(raw: Raw, key: str, *, high: int) -> tuple[int, ...]:
    value = raw[key]
    if not isinstance(value, list | tuple):
        raise Invalid("not_numbers", N_("必须是数的列表，如 [18, 30, 12]"), where=key)
    return tuple(reading.whole({key: number}, key, low=0, high=high) for number in value)


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
