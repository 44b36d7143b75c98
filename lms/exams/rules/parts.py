"""A part of a drawn paper: some of its sections or chapters, with time in proportion. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lms.exams.rules.blueprints import apportion, read_blueprint
from lms.exams.types import SPREAD, Blueprint
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.reading import Raw

PART = "~"
"""Between the id of a paper and what of it is taken; no author's id has it."""

_PART_KEY = re.compile(
    rf"(?P<paper>.+){PART}(?=[sc])(s(?P<section>[0-9]{{1,3}}))?"
    r"(c(?P<first>[0-9]{1,3})-(?P<last>[0-9]{1,3}))?"
)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a paper is taken. Empty: all of it."""

    sections: tuple[int, ...] = ()
    """From 0."""
    chapters: tuple[str, ...] = ()


def chapters_of(blueprint: Blueprint) -> tuple[str, ...]:
    """Return the chapters that a paper names, in order; a part can be asked for by them."""
    found = dict.fromkeys(key for section in blueprint.sections for key in section.chapters)
    return tuple(sorted(found))


def read_part(
    blueprint: Blueprint, *, section: int | None, first: str = "", last: str = ""
) -> Part:
    """Return the part that somebody asks for: one section or all, chapters from one to another.

    :raises Invalid: ``no_such_part``: the paper has no such section or chapter.
    """
    chapters = chapters_of(blueprint)
    bounds = [chapters.index(key) for key in (first, last) if key in chapters]
    known = sum(bool(key) for key in (first, last))
    outside = section is not None and not 0 <= section < len(blueprint.sections)
    if outside or len(bounds) != known:
        raise Invalid("no_such_part", N_("这份卷没有这一部分"), where="part")
    low = chapters.index(first) if first else 0
    high = chapters.index(last) if last else len(chapters) - 1
    low, high = min(low, high), max(low, high)
    taken = chapters[low : high + 1]
    return Part(
        sections=() if section is None or len(blueprint.sections) == 1 else (section,),
        chapters=() if taken == chapters else taken,
    )


def part_key(key: str, part: Part, blueprint: Blueprint) -> str:
    """Return the key under which a part is kept: ``j-comp-mock~s2c3-5``; the paper's own of all."""
    if not part.sections and not part.chapters:
        return key
    sections = "".join(f"s{at + 1}" for at in part.sections)
    whole = chapters_of(blueprint)
    places = [whole.index(chapter) + 1 for chapter in part.chapters]
    chapters = f"c{places[0]}-{places[-1]}" if places else ""
    return f"{key}{PART}{sections}{chapters}"


def split_key(key: str) -> tuple[str, str]:
    """Return the key of a paper, and what of it is taken as :func:`part_key` writes it, or empty.

    >>> split_key("j-comp-mock~s2c3-5")
    ('j-comp-mock', 's2c3-5')
    """
    found = _PART_KEY.fullmatch(key)
    return (found["paper"], key.removeprefix(found["paper"] + PART)) if found else (key, "")


def part_at(blueprint: Blueprint, written: str) -> Part:
    """Return the part that a key names.

    :raises Invalid: ``no_such_part``.
    """
    found = _PART_KEY.fullmatch(f"x{PART}{written}")
    chapters = chapters_of(blueprint)
    places = [int(found[name] or 0) for name in ("first", "last")] if found else []
    if found is None or max(places) > len(chapters):
        raise Invalid("no_such_part", N_("这份卷没有这一部分"), where="part")
    first, last = (chapters[place - 1] if place else "" for place in places)
    section = int(found["section"]) - 1 if found["section"] else None
    return read_part(blueprint, section=section, first=first, last=last)


def part_table(raw: Raw, part: Part, *, minutes: int) -> tuple[dict[str, Any], int]:
    """Return how a part of a paper is made up, and its minutes.

    Numbers by chapter stay; what is spread over all chapters, and numbers of difficulty and tags,
    are taken in proportion. What is asked of the whole paper is asked of the whole paper only.
    Time goes by marks, or by the sections' own minutes if all of them have any; a begun minute
    counts.

    :param raw: how the whole paper is made up, as it is stored.
    :raises Conflict: ``fixed_section`` or ``empty_part``.
    """
    whole = read_blueprint(raw, sittable=True)
    table = {key: value for key, value in raw.items() if key not in {"cell", "section"}}
    if part.chapters:
        table["chapters"] = list(part.chapters)
    numbers = part.sections or tuple(range(len(whole.sections)))
    tables = [_section(raw, number, part.chapters, whole) for number in numbers]
    table["section"] = [one for one in tables if one is not None]
    if not table["section"]:
        raise Conflict("empty_part", N_("这几章在这份卷里没有题"))
    taken = read_blueprint(table, sittable=True)
    own = [section.minutes for section in taken.sections]
    if not part.chapters and all(own):
        return table, sum(own_minutes or 0 for own_minutes in own)
    return table, max(-(-minutes * taken.out_of // whole.out_of), 1)


def _section(
    raw: Raw, number: int, chapters: Sequence[str], whole: Blueprint
) -> dict[str, Any] | None:
    table = dict(raw["section"][number])
    section = whole.sections[number]
    if not chapters:
        return table
    if section.questions:
        raise Conflict("fixed_section", N_("指定了题目的部分不能按章拆开"))
    count = section.count or 0
    if section.cells:
        cells = [cell for cell in table["chapter"] if cell["key"] in chapters]
        fewer = sum(cell["count"] for cell in cells)
        table["chapter"] = cells
    else:
        of = len(section.spread) or len(chapters_of(whole))
        fewer = max((2 * count * len(chapters) + of) // (2 * of), 1)  # the nearest, a half is more
        table["chapter"] = SPREAD
    if not fewer:
        return None
    table["count"] = fewer
    if isinstance(table.get("difficulty"), list):
        table["difficulty"] = list(apportion(fewer, tuple(table["difficulty"])))
    table["cell"] = [
        cell
        for cell in (_cell(one, chapters, fewer, count) for one in table.get("cell", []))
        if cell
    ]
    table.pop("minutes", None)
    return table


def _cell(raw: Raw, chapters: Sequence[str], fewer: int, count: int) -> dict[str, Any] | None:
    table = dict(raw)
    if table.get("chapters"):
        table["chapters"] = [key for key in table["chapters"] if key in chapters]
        if not table["chapters"]:
            return None
    exact = table.pop("count", None)
    least, most = table.get("at_least", exact), table.get("at_most", exact)
    for key, value in (
        ("at_least", None if least is None else least * fewer // count),
        ("at_most", None if most is None else -(-most * fewer // count)),
    ):
        table.pop(key, None)
        if value or (value is not None and key == "at_most"):
            table[key] = value
    return table if "at_least" in table or "at_most" in table else None
