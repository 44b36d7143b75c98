"""Drawing a paper from a seed. Pure: no hidden chance."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from lms.exams.rules.assignment import assign, binding, problem
from lms.exams.rules.wording import CellName
from lms.exams.types import Blueprint, Drawable, Pick, Section, Shortage, Slot
from lms.kernel.errors import N_, Conflict

T = TypeVar("T")


def shortages(blueprint: Blueprint, candidates: Iterable[Drawable]) -> list[Shortage]:
    """Return the cells of a blueprint that cannot be filled; none means it can be drawn.

    Of an even spread every chapter gives the same number, or one more. The chapters that cannot
    give the one more are named only if there are too many of them. Where cells overlap, or
    near-duplicates stand in the way, the sets of cells that cannot be filled at once are named.
    """
    candidates = list(candidates)
    if blueprint.is_simple:
        found = _short_cells(blueprint, candidates)
        if found or _picks(blueprint, candidates, random.Random("shortages"), {}) is not None:
            return found
    return binding(problem(blueprint, candidates))


def _short_cells(blueprint: Blueprint, candidates: Iterable[Drawable]) -> list[Shortage]:
    """Count cell by cell, for cells that do not overlap."""
    pools = _pools(candidates)
    found: list[Shortage] = []
    for section in blueprint.sections:
        sizes = {key: len(pools.get((section.kind, key), ())) for key in section.chapters}
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

    Sections keep their order; within one the questions are shuffled, but a fixed section keeps
    its author's order. No question comes twice, and never two of a group of near-duplicates.
    Cells that do not overlap are filled one after the other; only if that does not work out, or
    if they overlap, the solver is asked. Our own shuffle: Python keeps ``Random.random()`` stable
    between releases, but not ``sample()`` or ``shuffle()`` (documentation of ``random``, "Notes on
    Reproducibility").

    :param met: how often the learner has met a question (by question id); those met least
        often are taken first, and of equal ones those that fewer papers have used.
    :raises Conflict: ``not_enough_questions``, or ``questions_gone`` of a fixed section.
    """
    candidates = list(candidates)
    if blueprint.is_simple:
        picks = _picks(blueprint, candidates, random.Random(f"draw:{seed}"), met or {})
        if picks is not None:
            return picks
    if missing := shortages(blueprint, candidates):
        raise refusal(missing[0])
    asked = problem(blueprint, candidates)
    dice = random.Random(f"assign:{seed}")
    found = assign(asked, dice=dice, worth=_worth(candidates, met or {}))
    if found is None:  # shortages() has just proved that there is one
        raise RuntimeError("a paper that can be filled was not filled")
    picks = []
    for number, _section in enumerate(blueprint.sections):
        fixed = asked.fixed.get(number)
        drawn = [card for section, card in found if section == number]
        cards = shuffled(drawn, dice) if fixed is None else list(fixed)
        picks += [Pick(card.version_id, number) for card in cards]
    return picks


def refusal(first: Shortage) -> Conflict:
    """Return what is said to somebody who wants a paper that cannot be drawn."""
    if first.missing:
        return Conflict(
            "questions_gone",
            N_("这份卷指定的题有 %(n)s 道已停用，请告诉出卷老师：%(listed)s"),
            n=len(first.missing),
            listed="、".join(first.missing),
        )
    return Conflict(
        "not_enough_questions",
        N_("题库里的题不够组这份卷：%(cell)s 需要 %(need)s 题，现有 %(have)s 题"),
        cell=CellName(first),
        need=first.need,
        have=first.have,
    )


def _picks(
    blueprint: Blueprint,
    candidates: Sequence[Drawable],
    dice: random.Random,
    met: Mapping[int, int],
) -> list[Pick] | None:
    """Fill cell by cell; none if that does not work out, which does not mean that nothing does."""
    pools = _pools(candidates)
    twins: set[int] = set()
    picks: list[Pick] = []
    for number, section in enumerate(blueprint.sections):
        taken: list[Drawable] = []
        for key, count in _quotas(section, pools, dice).items():
            cards = shuffled(_pool(pools, section.kind, key), dice)
            cards.sort(key=lambda c: (met.get(c.question_id, 0), c.times_used.bit_length()))
            first = _apart(cards, count, twins)
            if len(first) < count:
                return None
            taken += first
        if len(taken) < (section.count or 0):  # no chapter has the one more of an even spread
            return None
        picks += [Pick(card.version_id, number) for card in shuffled(taken, dice)]
    return picks


def _apart(cards: Sequence[Drawable], count: int, twins: set[int]) -> list[Drawable]:
    """Take the first cards of which no two are near-duplicates; ``twins`` keeps their groups."""
    taken: list[Drawable] = []
    for card in cards:
        if len(taken) == count:
            break
        group = card.twin_group
        if not group:
            taken.append(card)
        elif group not in twins:
            twins.add(group)
            taken.append(card)
    return taken


def _worth(candidates: Sequence[Drawable], met: Mapping[int, int]) -> dict[int, int]:
    """Put questions in order of preference: met less often first, then used less often.

    Uses count in steps that double, so that between two counts of them not everybody is given
    the same few questions.
    """
    ranks = {
        card.question_id: (met.get(card.question_id, 0), card.times_used.bit_length())
        for card in candidates
    }
    order = {rank: place for place, rank in enumerate(sorted(set(ranks.values())))}
    return {id_: order[rank] for id_, rank in ranks.items()}


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
    extra = frozenset(shuffled(roomy, dice)[:over])
    return {key: each + (key in extra) for key in section.spread}


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
        Slot(p.version_id, p.section, tuple(shuffled(range(option_counts[p.version_id]), dice)))
        for p in picks
    ]


def shuffled(items: Iterable[T], dice: random.Random) -> list[T]:
    """Return items in an order that only the dice decide."""
    cards = list(items)
    for place in range(len(cards) - 1):
        pick = place + int(dice.random() * (len(cards) - place))
        cards[place], cards[pick] = cards[pick], cards[place]
    return cards
