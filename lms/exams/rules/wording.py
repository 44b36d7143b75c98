"""Cells of a paper, and what is short, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms.exams.types import Bound, Limit, Shortage
from lms.kernel.errors import N_, Phrase, Say, in_chinese
from lms.question_bank.rules import all_kinds, kind_named

_DIFFICULTIES = {1: N_("易"), 2: N_("中"), 3: N_("难")}
_FEW = 4
"""So many chapters are told one by one."""


@dataclass(frozen=True, slots=True)
class CellName(Phrase):
    """The name of what is short, in whatever language it is read."""

    shortage: Shortage

    def said(self, say: Say) -> str:
        return cell_name(self.shortage, say)


@dataclass(frozen=True, slots=True)
class CellWords(Phrase):
    """All that is short, in whatever language it is read."""

    shortages: tuple[Shortage, ...]

    def said(self, say: Say) -> str:
        return say(N_("；")).join(cell_words(shortage, say) for shortage in self.shortages)


def cell_words(shortage: Shortage, say: Say = in_chinese) -> str:
    """Name what cannot be filled: ``第3章 多项选择题 难：需要 4 题，现有 2 题``.

    Of a set: ``第3章 … 与 第4章 … 合计：需要 7 题，现有 5 题``, and what keeps it from more.
    """
    if shortage.missing:
        listed = say(N_("、")).join(shortage.missing)
        return say(N_("指定的题不在题库里或已停用：%(listed)s"), listed=listed)
    values = {"need": shortage.need, "have": shortage.have}
    cell = cell_name(shortage, say)
    tops = [limit for limit in shortage.limits if not limit.is_least]
    if not tops:
        return say(N_("%(cell)s：需要 %(need)s 题，现有 %(have)s 题"), cell=cell, **values)
    listed = say(N_("，")).join(limit_words(top, say) for top in tops)
    message = N_("%(cell)s：需要 %(need)s 题，现有 %(have)s 题（因为%(listed)s）")
    return say(message, cell=cell, listed=listed, **values)


def cell_name(shortage: Shortage, say: Say = in_chinese) -> str:
    """Name a cell, or the cells of a set: ``第3章 多项选择题``."""
    least = [limit.demand.bound for limit in shortage.limits if limit.is_least]
    if not least:
        chapters = (shortage.chapter_key,) if shortage.chapter_key else ()
        least = [Bound(kinds=(shortage.kind,), chapters=chapters)]
    names = [bound_name(bound, say) for bound in least]
    if len(names) == 1:
        return names[0]
    return say(N_("%(listed)s 合计"), listed=say(N_(" 与 ")).join(names))


def limit_words(limit: Limit, say: Say = in_chinese) -> str:
    """Name one side of a demand: ``第3章 多项选择题至少 4 题``."""
    message = N_("%(cell)s至少 %(n)s 题") if limit.is_least else N_("%(cell)s最多 %(n)s 题")
    return say(message, cell=bound_name(limit.demand.bound, say), n=limit.number)


def bound_name(bound: Bound, say: Say = in_chinese) -> str:
    """Name what a bound counts: ``第3章 多项选择题 难 标签“志愿服务”``."""
    parts = [_chapters(bound.chapters, say), bound.point, _kinds(bound.kinds, say)]
    parts.append("/".join(say(_DIFFICULTIES[number]) for number in bound.difficulties))
    for tags, message in (
        (bound.any_tags, N_("有标签之一：%(tags)s")),
        (bound.all_tags, N_("标签全有：%(tags)s")),
        (bound.no_tags, N_("没有标签：%(tags)s")),
    ):
        parts.append(say(message, tags=say(N_("、")).join(tags)) if tags else "")
    return " ".join(filter(None, parts)) or say(N_("全卷"))


def _chapters(keys: Sequence[str], say: Say) -> str:
    names = [_chapter(key, say) for key in keys]
    if len(names) < _FEW:
        return say(N_("、")).join(names)
    return say(N_("%(first)s等 %(n)s 章"), first=names[0], n=len(names))


def _chapter(key: str, say: Say) -> str:
    last = key.rpartition("/")[2]
    return say(N_("第%(n)s章"), n=int(last)) if last.isdecimal() else key


def _kinds(kinds: Sequence[str], say: Say) -> str:
    return "/".join(say(kind_named(kind).label) if kind in all_kinds() else kind for kind in kinds)
