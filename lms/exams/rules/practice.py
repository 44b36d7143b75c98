"""A practice paper that an instructor makes on a page, as it is stored. Pure."""

from collections.abc import Sequence
from typing import Any

from lms.exams.rules.blueprints import LEVELS, read_blueprint
from lms.exams.types import SPREAD, Blueprint, Draft, LatePolicy
from lms.kernel.errors import N_, Invalid
from lms.kernel.points import HALF
from lms.question_bank.rules import all_kinds, kind_named
from lms.question_bank.types import Marking

_MOST = 200
"""Questions on a practice paper."""


def practice_table(draft: Draft, marking: Marking, chapters: Sequence[str]) -> dict[str, Any]:
    """Return how a practice paper is made up. A question is worth what the marking rule says.

    :param chapters: all the chapters of its subject.
    :raises Invalid: ``no_questions``, ``too_many_questions``, ``unknown_kind``, ``judged_kind``,
        ``unknown_chapter``, ``bad_shares``, ``odd_points``, ``no_marking``, ``half_a_pause``, or
        as a blueprint is refused.
    """
    counts = {kind: number for kind, number in draft.counts.items() if number}
    if not counts:
        raise Invalid("no_questions", N_("至少要有一种题型填了题数"), where="counts")
    if sum(counts.values()) > _MOST:
        raise Invalid("too_many_questions", N_("一份练习卷最多 %(n)s 题"), where="counts", n=_MOST)
    if not set(draft.chapters) <= set(chapters):
        raise Invalid("unknown_chapter", N_("这个科目没有这一章"), where="chapters")
    if draft.shares and (len(draft.shares) != len(LEVELS) or sum(draft.shares) != 100):
        raise Invalid("bad_shares", N_("易、中、难的比例要写满三格，合计 100"), where="shares")
    taken = [key for key in chapters if key in draft.chapters] or list(chapters)
    table: dict[str, Any] = {
        "level": draft.level,
        "chapters": taken,
        "section": [_section(draft, kind, n, marking, taken) for kind, n in counts.items()],
    }
    if draft.late_minutes:
        table["late"] = {"policy": LatePolicy.COUNT.value, "minutes": draft.late_minutes}
    if bool(draft.pauses) != bool(draft.pause_minutes):
        words = N_("暂停几次、每次最长几分钟，两格都填或都不填")
        raise Invalid("half_a_pause", words, where="pauses")
    if draft.pauses:
        table["pause"] = {"times": draft.pauses, "minutes": draft.pause_minutes}
    if draft.marking:
        table["marking"] = draft.marking
    read_blueprint(table, sittable=True)
    return table


def _section(
    draft: Draft, kind: str, count: int, marking: Marking, taken: Sequence[str]
) -> dict[str, Any]:
    if kind not in all_kinds():
        raise Invalid("unknown_kind", N_("没有题型 %(kind)s"), where="counts", kind=kind)
    if kind_named(kind).is_judged:
        raise Invalid("judged_kind", N_("要人来评的题型还不能进练习卷"), where="counts")
    points_half, rest = divmod(marking.number(kind, "full") * HALF, marking.unit)
    if rest:
        raise Invalid(
            "odd_points", N_("这条评分规则下，一题的满分不是半分的整数倍"), where="marking"
        )
    section: dict[str, Any] = {
        "kind": kind,
        "title": kind_named(kind).label,
        "title_en": kind.replace("_", " ").capitalize(),
        "count": count,
        "points_half": points_half,
    }
    if draft.is_even:
        section["chapter"] = SPREAD
    elif draft.chapters:
        section["cell"] = [{"count": count, "chapters": list(taken)}]
    if draft.shares:
        section["difficulty"] = "/".join(map(str, draft.shares))
    return section


def draft_of(
    blueprint: Blueprint,
    shares: Sequence[str],
    *,
    title: str,
    subject: str,
    minutes: int,
    attempts_allowed: int | None,
    chapters: Sequence[str],
) -> Draft:
    """Return what an instructor had written, to be changed.

    :param shares: of each section, as it is stored: ``30/50/20``, or empty.
    :param chapters: those the paper was made from.
    """
    first = next(iter(shares), "")
    return Draft(
        title=title,
        subject=subject,
        level=blueprint.level,
        minutes=minutes,
        counts={section.kind: section.count or 0 for section in blueprint.sections},
        chapters=tuple(chapters),
        is_even=all(section.spread for section in blueprint.sections),
        shares=tuple(int(share) for share in first.split("/")) if first else (),
        marking=blueprint.marking,
        attempts_allowed=attempts_allowed,
        late_minutes=blueprint.late.minutes,
        pauses=blueprint.pause.times if blueprint.pause else 0,
        pause_minutes=blueprint.pause.minutes if blueprint.pause else 0,
    )
