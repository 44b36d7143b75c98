"""Random trees against an oracle that knows nothing but truth values."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from lms.requirements.rules import evaluate, explain, missing, read_requirement
from lms.requirements.types import State
from tests.requirements.builders import START, course, days

LEAVES = st.just("leaf")


def groups(children):
    parts = st.lists(children, min_size=1, max_size=4)
    return st.one_of(
        st.tuples(st.just("all"), parts),
        st.tuples(st.just("any"), parts),
        parts.flatmap(lambda of: st.tuples(st.just("n_of"), st.integers(1, len(of)), st.just(of))),
    )


SHAPES = st.recursive(LEAVES, groups, max_leaves=9)


def numbered(shape, numbers):
    """Give every leaf of a shape its own course."""
    if shape == "leaf":
        return {"kind": "course_completed", "course": f"c{next(numbers)}"}
    kind, *needed, of = shape
    raw = {"kind": kind, "of": [numbered(part, numbers) for part in of]}
    return raw | ({"needed": needed[0]} if needed else {})


@st.composite
def trees(draw):
    numbers = iter(range(1000))
    raw = numbered(draw(SHAPES), numbers)
    courses = [f"c{n}" for n in range(next(numbers))]
    done = draw(st.sets(st.sampled_from(courses)))
    return raw, courses, done


def is_met(raw, done):
    """The oracle."""
    if raw["kind"] == "course_completed":
        return raw["course"] in done
    met = sum(is_met(part, done) for part in raw["of"])
    return met >= {"all": len(raw["of"]), "any": 1}.get(raw["kind"], raw.get("needed"))


def judged(raw, done, on=START):
    facts = [course(key, START) for key in sorted(done)]
    return evaluate(read_requirement(raw), facts, on=on, started_on=START)


def keys(leaves):
    return {reference.removeprefix("course:") for leaf in leaves for reference in leaf.references}


@given(trees())
def test_met_exactly_when_the_oracle_says_so(tree):
    raw, _courses, done = tree
    progress = judged(raw, done)
    assert (progress.state == State.MET) == is_met(raw, done)
    assert (progress.percent == 100) == is_met(raw, done)
    assert 0 <= progress.percent <= 100


@given(trees())
def test_what_is_missing_suffices_and_nothing_of_it_can_be_left_out(tree):
    raw, _courses, done = tree
    needed = keys(missing(judged(raw, done)))
    assert not needed & done
    assert is_met(raw, done | needed)
    for some in combinations(needed, max(0, len(needed) - 1)):
        assert not needed or not is_met(raw, done | set(some))


@given(trees())
def test_more_facts_never_take_anything_back(tree):
    raw, courses, done = tree
    before = judged(raw, done)
    for key in courses:
        after = judged(raw, done | {key})
        assert after.percent >= before.percent
        assert after.satisfied >= before.satisfied


@given(trees())
def test_met_on_is_the_first_day_on_which_it_was_met(tree):
    raw, courses, _done = tree
    facts = [course(key, START + days(n)) for n, key in enumerate(courses)]
    requirement = read_requirement(raw)
    last = START + days(len(courses))
    met_on = evaluate(requirement, facts, on=last, started_on=START).met_on
    first = next(
        START + days(n)
        for n in range(len(courses))
        if evaluate(requirement, facts, on=START + days(n), started_on=START).satisfied
    )
    assert met_on == first


@given(trees())
def test_every_leaf_is_told_as_met_or_not(tree):
    raw, courses, done = tree
    explanation = explain(judged(raw, done))
    assert keys(explanation.met) == done & set(courses)
    assert (explanation.next_step is None) == is_met(raw, done)
