"""Cells of a paper, and what is short, in words. Pure."""

from collections.abc import Sequence

from lms.exams.types import Bound, Limit, Shortage
from lms.question_bank.rules import all_kinds, kind_named

_DIFFICULTIES = {1: "易", 2: "中", 3: "难"}
_FEW = 4
"""So many chapters are told one by one."""


def cell_words(shortage: Shortage) -> str:
    """Name what cannot be filled: ``第3章 多项选择题 难：需要 4 题，现有 2 题``.

    Of a set: ``第3章 … 与 第4章 … 合计：需要 7 题，现有 5 题``, and what keeps it from more.
    """
    if shortage.missing:
        return f"指定的题不在题库里或已停用：{'、'.join(shortage.missing)}"
    words = f"{cell_name(shortage)}：需要 {shortage.need} 题，现有 {shortage.have} 题"
    tops = [limit for limit in shortage.limits if not limit.is_least]
    if not tops:
        return words
    listed = "，".join(f"{bound_name(top.demand.bound)}最多 {top.number} 题" for top in tops)
    return f"{words}（因为{listed}）"


def cell_name(shortage: Shortage) -> str:
    """Name a cell, or the cells of a set: ``第3章 多项选择题``."""
    least = [limit.demand.bound for limit in shortage.limits if limit.is_least]
    if least:
        names = [bound_name(bound) for bound in least]
        return names[0] if len(names) == 1 else f"{' 与 '.join(names)} 合计"
    chapters = (shortage.chapter_key,) if shortage.chapter_key else ()
    return bound_name(Bound(kinds=(shortage.kind,), chapters=chapters))


def limit_words(limit: Limit) -> str:
    """Name one side of a demand: ``第3章 多项选择题 至少 4 题``."""
    how = "至少" if limit.is_least else "最多"
    return f"{bound_name(limit.demand.bound)} {how} {limit.number} 题"


def bound_name(bound: Bound) -> str:
    """Name what a bound counts: ``第3章 多项选择题 难 标签“志愿服务”``."""
    parts = [_chapters(bound.chapters), bound.point, _kinds(bound.kinds)]
    parts += ["/".join(_DIFFICULTIES[number] for number in bound.difficulties)]
    for tags, how in ((bound.any_tags, "或"), (bound.all_tags, "且"), (bound.no_tags, "或")):
        listed = how.join(f"“{tag}”" for tag in tags)
        parts.append(f"{'不带' if tags is bound.no_tags else ''}标签{listed}" if tags else "")
    return " ".join(filter(None, parts)) or "全卷"


def _chapters(keys: Sequence[str]) -> str:
    names = [_chapter(key) for key in keys]
    return "、".join(names) if len(names) < _FEW else f"{names[0]}等 {len(names)} 章"


def _chapter(key: str) -> str:
    last = key.rpartition("/")[2]
    return f"第{int(last)}章" if last.isdecimal() else key


def _kinds(kinds: Sequence[str]) -> str:
    return "/".join(kind_named(kind).label if kind in all_kinds() else kind for kind in kinds)
