"""Drawing a paper from a seed. Pure: no hidden chance."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from lms.exams.types import Blueprint, Drawable, Pick, Section, Shortage, Slot
from lms.kernel.errors import N_, Conflict
from lms.question_bank.rules import all_kinds, kind_named

T = TypeVar("T")


def shortages(blueprint: Blueprint, candidates: Iterable[Drawable]) -> list[Shortage]:
    """Return the cells of a blueprint that cannot be filled; none means it can be drawn.

    Of an even spread every chapter gives the same number, or one more. The chapters that cannot
    give the one more are named only if there are too many of them.
    """
    pools = _pools(candidates)
    found: list[Shortage] = []
    for section in blueprint.sections:
        sizes = {key: len(pools.get((section.kind, key), ())) for key in _chapters(section)}
        if not sizes:
            have = sum(len(pool) for (kind, _key), pool in pools.items() if kind == section.kind)
            sizes, needs = {"": have}, {"": section.count or 0}
        else:
            needs = _needs(section, sizes)
        found += [
            Shortage(section.kind, key, need, sizes[key])
            for key, need in needs.items()
            if sizes[key] < need
        ]
    return found


def cell_words(shortage: Shortage) -> str:
    """Name the cell that cannot be filled: ``第3章 多项选择题：需要 2 题，现有 1 题``."""
    last = shortage.chapter_key.rpartition("/")[2]
    chapter = f"第{int(last)}章" if last.isdecimal() else shortage.chapter_key
    kind = kind_named(shortage.kind).label if shortage.kind in all_kinds() else shortage.kind
    cell = " ".join(part for part in (chapter, kind) if part)
    return f"{cell}：需要 {shortage.need} 题，现有 {shortage.have} 题"


def _needs(section: Section, sizes: Mapping[str, int]) -> dict[str, int]:
    """Return what each chapter must be able to give."""
    if section.cells:
        return {cell.chapter_key: cell.count for cell in section.cells}
    each, over = divmod(section.count or 0, len(section.spread))
    can_give_more = sum(size > each for size in sizes.values())
    return dict.fromkeys(section.spread, each if can_give_more >= over else each + 1)


def draw(
    blueprint: Blueprint,
    candidates: Iterable[Drawable],
    *,
    seed: int,
    met: Mapping[int, int] | None = None,
) -> list[Pick]:
    """Draw a paper: the same one for the same candidates in the same order and the same seed.

    Sections keep their order; within one the questions are shuffled. No question comes twice.
    Our own shuffle: Python keeps ``Random.random()`` stable between releases, but not
    ``sample()`` or ``shuffle()`` (documentation of ``random``, "Notes on Reproducibility").

    :param met: how often the learner has met a question (by question id); those met least
        often are taken first.
    :raises Conflict: ``not_enough_questions``.
    """
    candidates = list(candidates)
    if missing := shortages(blueprint, candidates):
        first = missing[0]
        raise Conflict(
            "not_enough_questions",
            N_("题库里的题不够组这份卷：%(cell)s 需要 %(need)s 题，现有 %(have)s 题"),
            cell=f"{first.chapter_key} {first.kind}".strip(),
            need=first.need,
            have=first.have,
        )
    pools, dice = _pools(candidates), random.Random(f"draw:{seed}")
    picks: list[Pick] = []
    for number, section in enumerate(blueprint.sections):
        taken: list[Drawable] = []
        for key, count in _quotas(section, pools, dice).items():
            cards = _shuffled(_pool(pools, section.kind, key), dice)
            cards.sort(key=lambda card: (met or {}).get(card.question_id, 0))
            taken += cards[:count]
        picks += [Pick(card.version_id, number) for card in _shuffled(taken, dice)]
    return picks


def _quotas(
    section: Section, pools: Mapping[tuple[str, str], Sequence[Drawable]], dice: random.Random
) -> dict[str, int]:
    """Decide how many questions come from each chapter; ``""`` is anywhere."""
    if section.cells:
        return {cell.chapter_key: cell.count for cell in section.cells}
    if not section.spread:
        return {"": section.count or 0}
    each, over = divmod(section.count or 0, len(section.spread))
    roomy = [key for key in section.spread if len(pools.get((section.kind, key), ())) > each]
    extra = frozenset(_shuffled(roomy, dice)[:over])
    return {key: each + (key in extra) for key in section.spread}


def _chapters(section: Section) -> tuple[str, ...]:
    return section.spread or tuple(cell.chapter_key for cell in section.cells)


def _pools(candidates: Iterable[Drawable]) -> dict[tuple[str, str], list[Drawable]]:
    pools: dict[tuple[str, str], list[Drawable]] = {}
    for candidate in candidates:
        pools.setdefault((candidate.kind, candidate.chapter_key), []).append(candidate)
    return pools


def _pool(
    pools: Mapping[tuple[str, str], list[Drawable]], kind: str, chapter_key: str
) -> list[Drawable]:
    if chapter_key:
        return pools.get((kind, chapter_key), [])
    return [card for (of_kind, _key), pool in pools.items() if of_kind == kind for card in pool]


def order_options(
    picks: Iterable[Pick], option_counts: Mapping[int, int], *, seed: int
) -> list[Slot]:
    """Put the options of every drawn question in an order of this attempt's own.

    :param option_counts: how many options a question version has, by version id.
    """
    dice = random.Random(f"order:{seed}")
    return [
        Slot(p.version_id, p.section, tuple(_shuffled(range(option_counts[p.version_id]), dice)))
        for p in picks
    ]


def _shuffled(items: Iterable[T], dice: random.Random) -> list[T]:
    cards = list(items)
    for place in range(len(cards) - 1):
        pick = place + int(dice.random() * (len(cards) - place))
        cards[place], cards[pick] = cards[pick], cards[place]
    return cards
