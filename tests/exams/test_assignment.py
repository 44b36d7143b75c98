"""Cells that overlap: against trying every set of questions; and what is preferred, and words."""

import random
import subprocess
import sys
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lms.exams import rules
from lms.exams.rules.solving import Row, Solution, Unsolved, solve
from lms.exams.types import Bound, Cell, Shortage
from lms.kernel.errors import Conflict
from lms.question_bank.types import Candidate
from tests.exams.builders import CHAPTERS, MULTIPLE, SINGLE, blueprint, candidates, section

TAGS = ("a", "b")


def made(*rows, **values):
    """Questions from rows of kind, chapter, difficulty, group, tags."""
    return [
        Candidate(
            n, 100 + n, kind, CHAPTERS[chapter], difficulty, group, values.get("used", 0),
            f"{CHAPTERS[chapter]}/1", tuple(tags), f"q{n}",
        )
        for n, (kind, chapter, difficulty, group, tags) in enumerate(rows, start=1)
    ]  # fmt: skip


banks = st.lists(
    st.tuples(
        st.sampled_from([SINGLE, SINGLE, MULTIPLE]),
        st.integers(0, 2),
        st.integers(1, 3),
        st.sampled_from([0, 0, 0, 1, 2]),
        st.sets(st.sampled_from(TAGS)),
    ),
    max_size=8,
)


@st.composite
def bounds(draw, count):
    least = draw(st.integers(0, count))
    most = draw(st.one_of(st.none(), st.integers(least, count)))
    assume(least or most is not None)
    return Bound(
        least=least,
        most=most,
        chapters=tuple(draw(st.lists(st.sampled_from(CHAPTERS), unique=True, max_size=2))),
        difficulties=tuple(draw(st.lists(st.integers(1, 3), unique=True, max_size=2))),
        any_tags=tuple(draw(st.lists(st.sampled_from(TAGS), unique=True, max_size=2))),
        all_tags=tuple(draw(st.lists(st.sampled_from(TAGS), unique=True, max_size=1))),
        no_tags=tuple(draw(st.lists(st.sampled_from(TAGS), unique=True, max_size=1))),
    )


@st.composite
def plans(draw):
    sections = []
    for kind, count in ((SINGLE, draw(st.integers(1, 4))), (MULTIPLE, draw(st.integers(0, 2)))):
        if not count:
            continue
        values = {"kind": kind, "count": count, "bounds": tuple(draw(st.lists(bounds(count), max_size=2)))}  # fmt: skip
        shape = draw(st.sampled_from(["any", "spread", "cells"]))
        if shape == "spread":
            values["spread"] = CHAPTERS
        elif shape == "cells":
            first = draw(st.integers(0, count))
            parts = zip(CHAPTERS, (first, count - first), strict=False)
            values["cells"] = tuple(Cell(key, n) for key, n in parts if n)
        if draw(st.booleans()):
            cut = sorted(draw(st.lists(st.integers(0, count), min_size=2, max_size=2)))
            values["difficulty"] = (cut[0], cut[1] - cut[0], count - cut[1])
        sections.append(section(**values))
    whole = sum(one.count for one in sections)
    plan = blueprint(*sections)
    return type(plan)(plan.level, plan.sections, bounds=tuple(draw(st.lists(bounds(whole), max_size=1))))  # fmt: skip


def is_apart(cards):
    groups = [card.twin_group for card in cards if card.twin_group]
    return len(set(groups)) == len(groups)


def counts(plan, demand, cards):
    kinds = plan.sections[demand.section].kinds if demand.section is not None else None
    return sum(demand.bound.fits(card) for card in cards if kinds is None or card.kind in kinds)


def keeps(plan, limit, cards):
    number = counts(plan, limit.demand, cards)
    return number >= limit.number if limit.is_least else number <= limit.number


def pool_of(plan, supply):
    return [card for _section, card in rules.problem(plan, supply).pool]


def sets_of(plan, supply):
    pool = pool_of(plan, supply)
    for size in range(len(pool) + 1):
        for cards in combinations(pool, size):
            if is_apart(cards):
                yield cards


def can_be(plan, supply, limits):
    return any(all(keeps(plan, x, cards) for x in limits) for cards in sets_of(plan, supply))


@settings(max_examples=60, deadline=None)
@given(plans(), banks, st.integers(0, 2**62))
def test_a_paper_is_drawn_exactly_if_trying_everything_finds_one(plan, rows, seed):
    supply = made(*rows)
    limits = rules.problem(plan, supply).limits
    feasible = can_be(plan, supply, limits)
    found = rules.shortages(plan, supply)
    assert (found == []) is feasible
    if not feasible:
        with pytest.raises(Conflict) as refusal:
            rules.draw(plan, supply, seed=seed)
        assert refusal.value.code == "not_enough_questions"
        return
    picks = rules.draw(plan, supply, seed=seed)
    assert picks == rules.draw(plan, supply, seed=seed)
    by_id = {card.version_id: card for card in supply}
    cards = [by_id[pick.version_id] for pick in picks]
    assert len(set(cards)) == len(cards) == plan.count
    assert is_apart(cards)
    assert all(keeps(plan, limit, cards) for limit in limits)
    assert all(by_id[p.version_id].kind in plan.sections[p.section].kinds for p in picks)


@settings(max_examples=60, deadline=None)
@given(plans(), banks)
def test_what_is_named_cannot_be_filled_and_no_part_of_it_is_to_blame_alone(plan, rows):
    supply = made(*rows)
    for shortage in rules.binding(rules.problem(plan, supply)):
        core = list(shortage.limits)
        assert not can_be(plan, supply, core)
        for limit in core:
            assert can_be(plan, supply, [other for other in core if other is not limit])
        tops = [limit for limit in core if not limit.is_least]
        least = [limit for limit in core if limit.is_least]
        best = max(
            sum(min(counts(plan, x.demand, cards), x.number) for x in least)
            for cards in sets_of(plan, supply)
            if all(keeps(plan, top, cards) for top in tops)
        )
        assert (shortage.need, shortage.have) == (sum(x.number for x in least), best)
        assert shortage.have < shortage.need


@settings(max_examples=40, deadline=None)
@given(plans(), banks, st.lists(st.integers(0, 3), min_size=8, max_size=8), st.integers(0, 99))
def test_nothing_met_more_often_is_taken_where_something_else_can_stand_in(plan, rows, often, seed):
    supply = made(*rows)
    limits = rules.problem(plan, supply).limits
    if plan.is_simple or rules.shortages(plan, supply):
        return
    met = {card.question_id: n for card, n in zip(supply, often, strict=False)}
    drawn = {pick.version_id for pick in rules.draw(plan, supply, seed=seed, met=met)}
    taken = [card for card in supply if card.version_id in drawn]
    for out in taken:
        for better in pool_of(plan, supply):
            if better in taken or met[better.question_id] >= met[out.question_id]:
                continue
            instead = [card for card in taken if card is not out] + [better]
            assert not (is_apart(instead) and all(keeps(plan, x, instead) for x in limits))


def test_a_cell_of_chapter_kind_and_difficulty_is_named():
    hard = Bound(least=4, chapters=(CHAPTERS[2],), difficulties=(3,))
    plan = blueprint(section(kind=MULTIPLE, count=6, bounds=(hard,)))
    rows = [(MULTIPLE, 2, 3, 0, ())] * 2 + [(MULTIPLE, 0, 1, 0, ())] * 9
    [shortage] = rules.shortages(plan, made(*rows))
    assert rules.cell_words(shortage) == "第3章 多项选择题 难：需要 4 题，现有 2 题"
    with pytest.raises(Conflict, match="第3章 多项选择题 难 需要 4 题，现有 2 题"):
        rules.draw(plan, made(*rows), seed=1)


def test_a_set_of_cells_is_named_together():
    """Each can be filled for itself, both cannot: they want the same questions."""
    tagged = (Bound(least=2, any_tags=("a",)), Bound(least=2, chapters=(CHAPTERS[0],)))
    near = made((SINGLE, 0, 1, 7, "a"), (SINGLE, 0, 1, 7, ""), (SINGLE, 0, 1, 8, ""), (SINGLE, 1, 1, 8, "a"), (SINGLE, 2, 1, 0, ""))  # fmt: skip
    plan = blueprint(section(count=2, bounds=tagged))
    [shortage] = rules.shortages(plan, near)
    assert len([x for x in shortage.limits if x.is_least]) == 2
    assert rules.cell_words(shortage).startswith(
        "单项选择题 有标签之一：a 与 第1章 单项选择题 合计：需要 4 题，现有 3 题"
    )


def test_what_keeps_a_cell_small_is_told():
    tight = (Bound(least=3, any_tags=("a",)), Bound(most=1, chapters=(CHAPTERS[0],)))
    supply = made(*[(SINGLE, 0, 1, 0, "a")] * 5, *[(SINGLE, 1, 1, 0, "")] * 5)
    [shortage] = rules.shortages(blueprint(section(count=4, bounds=tight)), supply)
    assert rules.cell_words(shortage) == (
        "单项选择题 有标签之一：a：需要 3 题，现有 1 题（因为第1章 单项选择题最多 1 题）"
    )


def test_near_duplicates_never_meet_even_if_the_paper_fails_for_it():
    plan = blueprint(section(count=2))
    twins = made((SINGLE, 0, 1, 5, ""), (SINGLE, 1, 1, 5, ""))
    [shortage] = rules.shortages(plan, twins)
    assert (shortage.need, shortage.have) == (2, 1)
    other = [*twins, *made(*[(SINGLE, 2, 1, 0, "")] * 3)[2:]]
    for seed in range(20):
        assert 3 in {pick.version_id for pick in rules.draw(plan, other, seed=seed)}


def test_the_quick_way_does_not_say_that_nothing_works():
    """Taking the wrong one of two near-duplicates first leaves the other cell empty."""
    plan = blueprint(section(count=1, cells=(Cell(CHAPTERS[0], 1),)), section(kind=MULTIPLE, count=1, cells=(Cell(CHAPTERS[0], 1),)))  # fmt: skip
    supply = made((SINGLE, 0, 1, 5, ""), (SINGLE, 0, 1, 0, ""), (MULTIPLE, 0, 1, 5, ""))
    for seed in range(20):
        assert [pick.version_id for pick in rules.draw(plan, supply, seed=seed)] == [2, 3]


def test_a_fixed_section_keeps_its_order_and_its_near_duplicates_away():
    fixed = section(kind=SINGLE, count=2, questions=("q3", "q1"))
    plan = blueprint(fixed, section(kind=MULTIPLE, count=1))
    supply = made(*[(SINGLE, 0, 1, 0, "")] * 2, (SINGLE, 0, 1, 4, ""), (MULTIPLE, 0, 1, 4, ""), (MULTIPLE, 0, 1, 0, ""))  # fmt: skip
    for seed in range(10):
        assert [pick.version_id for pick in rules.draw(plan, supply, seed=seed)] == [3, 1, 5]
    [shortage] = rules.shortages(plan, supply[1:])
    assert shortage == Shortage(SINGLE, "", 2, 1, missing=("q1",), section=0)
    with pytest.raises(Conflict) as refusal:
        rules.draw(plan, supply[1:], seed=1)
    assert refusal.value.code == "questions_gone"


def test_fixed_questions_count_for_the_whole_paper():
    plan = blueprint(
        section(kind=SINGLE, count=1, questions=("q1",)), section(kind=MULTIPLE, count=1)
    )
    plan = type(plan)(plan.level, plan.sections, bounds=(Bound(least=1, most=1, all_tags=("a",)),))
    supply = made((SINGLE, 0, 1, 0, "a"), (MULTIPLE, 0, 1, 0, "a"), (MULTIPLE, 0, 1, 0, ""))
    assert [pick.version_id for pick in rules.draw(plan, supply, seed=3)] == [1, 3]


def test_what_fewer_papers_used_comes_first():
    plan = blueprint(section(count=3))
    fresh = candidates((SINGLE, CHAPTERS[0], 3))
    worn = [
        card._replace(version_id=card.version_id + 10, question_id=card.question_id + 10, times_used=40)
        for card in fresh
    ]  # fmt: skip
    for overlapping in (
        plan,
        blueprint(section(count=3, bounds=(Bound(least=1, chapters=(CHAPTERS[0],)),))),
    ):
        for seed in range(10):
            picks = rules.draw(overlapping, [*worn, *fresh], seed=seed)
            assert {pick.version_id for pick in picks} == {1, 2, 3}
        met = {card.question_id: 1 for card in fresh}  # one's own memory outweighs everybody's use
        picks = rules.draw(overlapping, [*worn, *fresh], seed=1, met=met)
        assert {pick.version_id for pick in picks} == {11, 12, 13}


def test_seeds_spread_over_what_counts_alike():
    plan = blueprint(section(count=3, bounds=(Bound(least=1, difficulties=(3,)),)))
    supply = made(*[(SINGLE, n % 3, 1 + n % 3, 0, "") for n in range(12)])
    drawn = [frozenset(p.version_id for p in rules.draw(plan, supply, seed=s)) for s in range(150)]
    assert len(set(drawn)) > 60
    assert set().union(*drawn) == {card.version_id for card in supply}


SCRIPT = """
from tests.exams.test_assignment import made, SINGLE, Bound, blueprint, section
from lms.exams import rules
supply = made(*[(SINGLE, n % 3, 1 + n % 3, n % 5, "ab"[n % 2]) for n in range(40)])
plan = blueprint(section(count=4, bounds=(Bound(least=2, any_tags=("a",)), Bound(least=1, difficulties=(3,)))))
print([p.version_id for p in rules.draw(plan, supply, seed=11)])
hard = blueprint(section(count=6, bounds=(Bound(least=5, any_tags=("a",)), Bound(least=4, no_tags=("a",)))))
print([rules.cell_words(one) for one in rules.shortages(hard, supply)])
"""


def test_the_order_of_hashes_has_no_say():
    said = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            check=True,
            text=True,
            env={"PYTHONHASHSEED": str(number), "PATH": ""},
        ).stdout
        for number in (0, 1, 4711)
    }
    assert len(said) == 1
    assert "需要" in said.pop()


def test_a_simple_paper_is_drawn_without_the_solver():
    script = (
        "import sys; from tests.exams.builders import *; from lms.exams import rules;"
        "supply = candidates((SINGLE, CHAPTERS[0], 9));"
        "assert rules.draw(blueprint(section()), supply, seed=1);"
        "assert not rules.shortages(blueprint(section()), supply);"
        "assert 'highspy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


# --- the solver ---


def test_nothing_to_choose_from():
    assert solve([], []) == Solution((), is_best=True)
    assert solve([], [Row(1, 1, {})]) is None
    assert solve([1], [Row(0, 1, {0: 1})], costs=[-1.0]) == Solution((1,), is_best=True)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=4),
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 3), st.sets(st.integers(0, 3))), max_size=4
    ),
    st.lists(st.integers(-3, 3), min_size=4, max_size=4),
)
def test_the_solver_finds_the_cheapest_or_proves_that_there_is_none(highest, asked, costs):
    rows = [
        Row(low, low + more, {at: 1 for at in ats if at < len(highest)})
        for low, more, ats in asked
    ]  # fmt: skip
    tried = [()]
    for most in highest:
        tried = [(*values, n) for values in tried for n in range(most + 1)]
    good = [
        sum(c * v for c, v in zip(costs, values, strict=False))
        for values in tried
        if all(r.least <= sum(values[at] for at in r.weights) <= r.most for r in rows)
    ]
    found = solve(highest, rows, costs=[float(c) for c in costs[: len(highest)]])
    assert (found is None) is (not good)
    if found:
        assert sum(c * v for c, v in zip(costs, found.values, strict=False)) == min(good)


def test_when_the_time_is_up_nothing_is_claimed():
    dice = random.Random(1)
    size = 60
    rows = [Row(1000, 1000, {at: dice.randrange(1, 99) for at in range(size)}) for _ in range(12)]
    with pytest.raises(Unsolved):
        solve([1] * size, rows, seconds=0.05)
