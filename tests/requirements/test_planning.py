"""Plans against an oracle that tries every set of deeds, and what more records would change."""

from datetime import date
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.requirements.rules import evaluate, plan, plan_words, read_requirement, spoken, what_if
from lms.requirements.types import Sitting, State
from tests.requirements.builders import START, all_of, any_of, course, days, hours, leaf, passed
from tests.requirements.test_trees import SHAPES

BY = START + days(300)
SITTINGS = [
    Sitting(year, date(year, 5, 22), date(year, 5, 23), year < 2027) for year in range(2024, 2031)
]
INTERMEDIATE = {
    "kind": "subjects_passed",
    "subjects": ["M-COMP", "M-PRAC", "M-LAW"],
    "consecutive_years": 2,
}


def planned(raw, *facts, on=START, by=BY, **more):
    return plan(read_requirement(raw), facts, on=on, by=by, started_on=START, **more)


def deeds(found):
    return [step.deed for step in found.steps]


@st.composite
def trees(draw):
    """Trees whose leaves may ask for the same course in several places."""

    def with_courses(shape):
        if shape == "leaf":
            return leaf(draw(st.sampled_from("abcdef")))
        kind, *needed, of = shape
        raw = {"kind": kind, "of": [with_courses(part) for part in of]}
        if kind == "all" and draw(st.booleans()):
            worth = draw(st.lists(st.integers(1, 4), min_size=len(of), max_size=len(of)))
            parts = [part | {"points": n} for part, n in zip(raw["of"], worth, strict=True)]
            return {"kind": "points", "needed": draw(st.integers(1, sum(worth))), "of": parts}
        return raw | ({"needed": needed[0]} if needed else {})

    raw = with_courses(draw(SHAPES))
    done = draw(st.sets(st.sampled_from("abcdef")))
    costs = {f"course_completed:course:{key}": draw(st.integers(1, 5)) for key in "abcdef"}
    return raw, done, costs


@given(trees())
def test_no_set_of_deeds_is_cheaper(tree):
    raw, done, costs = tree
    requirement = read_requirement(raw)
    facts = [course(key) for key in sorted(done)]
    found = planned(raw, *facts, costs=costs)

    def met(keys):
        more = [course(key) for key in keys]
        return evaluate(requirement, [*facts, *more], on=BY, started_on=START).satisfied

    every_set = chain.from_iterable(combinations("abcdef", n) for n in range(7))
    cheapest = min(
        sum(costs[f"course_completed:course:{key}"] for key in keys)
        for keys in every_set
        if met(keys)
    )
    assert found.possible
    assert found.exact
    assert found.effort == cheapest
    assert met([deed.rpartition(":")[2] for deed in deeds(found)])


def test_a_deed_that_serves_twice_is_done_once():
    # a is dearer than b or c alone, and cheaper than both
    tree = all_of(any_of(leaf("a"), leaf("b")), any_of(leaf("a"), leaf("c")))
    assert deeds(planned(tree)) == ["course_completed:course:a"]


def test_steps_are_due_when_their_nodes_are():
    tree = all_of(leaf("a", due_days=20), leaf("b"), leaf("c", due_days=10))
    assert [step.by for step in planned(tree).steps] == [START + days(10), START + days(20), BY]


def test_what_time_alone_brings_needs_no_step():
    work = {"kind": "years_of_work", "field": "social_work", "years": 1}
    begun = {"kind": "worked", "subject": "work:social_work", "on": START - days(100)}
    fact = course("a")._replace(**begun)
    assert planned(work, fact).steps == ()
    assert planned(work, fact).possible
    assert not planned(work, fact, by=START + days(200)).possible


def test_a_plan_for_a_day_that_has_passed_is_no_plan():
    with pytest.raises(ValueError, match="before"):
        planned(leaf("a"), by=START - days(1))


@pytest.mark.parametrize(
    ("years", "on", "by", "wanted"),
    [
        # two passes of 2026 lapse after 2027: the third in May 2027
        ((2026, 2026), date(2026, 11, 24), date(2027, 12, 31), ["subject:M-LAW@2027"]),
        # that of 2025 is lost already
        (
            (2025, 2026),
            date(2026, 11, 24),
            date(2027, 12, 31),
            ["subject:M-COMP@2027", "subject:M-LAW@2027"],
        ),
        ((), date(2026, 11, 24), date(2027, 5, 22), None),  # the exam ends on the 23rd
        ((2026, 2026), date(2027, 5, 22), date(2027, 12, 31), None),  # it has begun
        # in 2028 nothing is left of 2026
        ((2026, 2026), date(2027, 5, 24), date(2028, 12, 31), 3),
    ],
)
def test_the_papers_to_sit(years, on, by, wanted):
    facts = [passed(c, y) for c, y in zip(INTERMEDIATE["subjects"], years, strict=False)]
    found = planned(INTERMEDIATE, *facts, on=on, by=by, sittings=SITTINGS)
    assert found.possible is (wanted is not None)
    assert wanted in (None, len(found.steps), deeds(found))


def test_says_what_is_lost_without_a_step():
    facts = [passed("M-COMP", 2026), passed("M-LAW", 2026)]
    found = planned(
        INTERMEDIATE, *facts, on=date(2026, 11, 24), by=date(2027, 6, 1), sittings=SITTINGS
    )
    assert [spoken(line) for line in plan_words(found)][1].endswith(
        "否则 M-COMP、M-LAW 的合格成绩作废"
    )
    assert found.steps[0].likely


def sets_of_passes(known, years):
    """Every set of (subject, year) that might be sat in coming years."""
    sat = [(code, year) for code in "ABC" for year in years]
    for n in range(4):
        for some in combinations(sat, n):
            yield [*known, *some]


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(2022, 2026)), max_size=4, unique=True),
    st.integers(1, 3),
    st.integers(2027, 2029),
)
def test_no_fewer_papers_would_do(known, window, last):
    raw = {"kind": "subjects_passed", "subjects": list("ABC"), "consecutive_years": window}
    found = planned(
        raw,
        *(passed(code, year) for code, year in known),
        on=date(2026, 12, 1),
        by=date(last, 12, 31),
        sittings=SITTINGS,
    )

    def complete(passes):
        return any(
            {code for code, year in passes if start <= year < start + window} == set("ABC")
            for start in range(2018, 2031)
        )

    fewest = min(
        len(passes) - len(known)
        for passes in sets_of_passes(known, range(2027, last + 1))
        if complete(passes)
    )
    assert found.possible
    assert len(found.steps) == fewest


@given(
    st.integers(0, 6), st.integers(0, 6), st.integers(1, 9), st.booleans(), st.sampled_from([0, 2])
)
def test_the_hours_to_learn_are_just_enough(professional, general, minimum, share, cap):
    raw = {"kind": "hours", "unit": "credit_hour", "minimum": minimum, "window": "ever"}
    raw |= {"share": {"professional": [2, 3]}} if share else {}
    raw |= {"caps": {"online": cap}} if cap else {}
    facts = [hours(professional * 45), hours(general * 45, category="general")]
    found = planned(raw, *facts)
    assert found.possible
    short = evaluate(read_requirement(raw), facts, on=BY, started_on=START)
    learnt = sum(fact.quantity for step in found.steps for fact in step.facts)
    inside = min(professional * 45 + (0 if share else general * 45), minimum * 45)
    outside = min(general * 45, minimum * 45 - -(-minimum * 45 * 2 // 3)) if share else 0
    assert learnt == max(0, minimum * 45 - min(minimum * 45, inside + outside))
    assert short.satisfied is (learnt == 0)


def test_what_more_records_would_win_and_lose():
    school = {"kind": "class_attended", "class": "c", "leave_at_most": [1, 7]}
    attended = course("x")._replace(kind="class_attended", subject="class:c")
    left = attended._replace(number=0, kind="leave_taken", quantity=400, detail={"total": 1575})
    tree = read_requirement(all_of(school, leaf("a")))
    found = what_if(tree, [attended], [left, course("a")], on=START, started_on=START)
    assert [one.kind for one in found.won] == ["course_completed"]
    assert [one.state for one in found.lost] == [State.IMPOSSIBLE]
    assert found.after.state == State.IMPOSSIBLE
    later = what_if(tree, [attended], [course("a", START + days(1))], on=START, started_on=START)
    assert later.before == later.after
