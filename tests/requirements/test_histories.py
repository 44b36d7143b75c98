"""Random trees of many kinds, judged over random histories, day by day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lms.requirements.rules import (
    answer_schema,
    evaluate,
    explain,
    frozen,
    missing,
    read_requirement,
    told,
)
from lms.requirements.types import State
from tests.requirements.builders import START, fact, hours, leaf, passed

SCHEMA = answer_schema()
PROGRESS = Draft202012Validator(
    {"$ref": "#/$defs/progress", "$defs": SCHEMA["$defs"], "$schema": SCHEMA["$schema"]}
)
DAY = timedelta(days=1)
DAYS = st.one_of(
    st.dates(date(2023, 1, 1), date(2028, 12, 31)),
    # where calendars bite
    st.sampled_from(
        [date(2024, 2, 29), date(2028, 2, 29), date(2025, 12, 31), date(2026, 1, 1)]
    ),
)  # fmt: skip
LEAVES = [
    leaf("a"),
    {"kind": "courses_completed", "courses": ["a", "b", "c"], "needed": 2},
    {"kind": "hours", "unit": "credit_hour", "minimum": 4, "window": "rolling_years", "years": 1},
    {"kind": "hours", "unit": "clock_hour", "minimum": 3, "window": "calendar_year"},
    {
        "kind": "hours", "unit": "credit_hour", "minimum": 4, "window": "registration",
        "levels": ["junior"], "years": 3,
    },
    {"kind": "subjects_passed", "subjects": ["A", "B"], "consecutive_years": 2},
    {"kind": "qualification_held", "level": "junior"},
    {"kind": "registration_in_force", "level": "junior", "years": 3},
    {"kind": "paper_passed", "paper": "p", "minimum": 100, "tries": 2},
    {"kind": "class_attended", "class": "c", "leave_at_most": [1, 7]},
]  # fmt: skip


FACTS = st.one_of(
    st.builds(
        lambda on, key: fact("course_completed", f"course:{key}", on), DAYS, st.sampled_from("abc")
    ),
    st.builds(lambda on, minutes: hours(minutes, on), DAYS, st.integers(0, 300)),
    st.builds(lambda on, code: passed(code, on.year, on), DAYS, st.sampled_from("AB")),
    st.builds(
        lambda on, last: fact(
            "qualification_held",
            "qualification:junior",
            on,
            detail={"expires_on": last.isoformat()} if last else {},
        ),
        DAYS,
        st.one_of(st.none(), DAYS),
    ),
    st.builds(lambda on: fact("registered", "registration:junior", on), DAYS),
    st.builds(
        lambda on, marks: fact("paper_sat", "paper:p", on, quantity=marks),
        DAYS,
        st.integers(80, 120),
    ),
    st.builds(lambda on: fact("class_attended", "class:c", on, detail={"total": 700}), DAYS),
    st.builds(
        lambda on: fact("leave_taken", "class:c", on, quantity=60, detail={"total": 700}), DAYS
    ),
)


def group(children):
    return st.builds(
        lambda kind, of: {"kind": kind, "of": of} | ({"needed": 1} if kind == "n_of" else {}),
        st.sampled_from(["all", "any", "n_of"]),
        st.lists(children, min_size=1, max_size=3),
    )


TREES = st.recursive(st.sampled_from(LEAVES), group, max_leaves=6)
HISTORIES = st.lists(FACTS, max_size=14)


def judged(raw, history, on):
    return evaluate(read_requirement(raw), history, on=on, started_on=START)


@given(TREES, HISTORIES, DAYS)
def test_nothing_of_a_later_day_is_seen(raw, history, on):
    known = [one for one in history if one.on <= on]
    assert judged(raw, history, on) == judged(raw, known, on)


@given(TREES, HISTORIES, DAYS)
def test_it_holds_until_its_last_day_and_no_longer(raw, history, on):
    known = [one for one in history if one.on <= on]
    progress = judged(raw, known, on)
    if not progress.satisfied:
        return
    last = progress.expires_on
    if last is None:
        assert judged(raw, known, date(2060, 1, 1)).satisfied
        return
    assert last >= on
    assert judged(raw, known, last).satisfied
    assert not judged(raw, known, last + DAY).satisfied


@given(TREES, HISTORIES, DAYS)
def test_a_verdict_can_be_kept_explained_and_told(raw, history, on):
    progress = judged(raw, history, on)
    PROGRESS.validate(frozen(progress))
    assert told(progress, on=on)
    leaves = missing(progress)
    assert bool(leaves) is not progress.satisfied
    assert (explain(progress).next_step is None) is progress.satisfied
    if progress.state == State.IMPOSSIBLE:
        assert any(one.state == State.IMPOSSIBLE for one in leaves)


@given(TREES, HISTORIES, DAYS)
def test_the_impossible_stays_so_whatever_is_learnt(raw, history, on):
    """Only time, an exemption or a correction may change it; more courses and hours do not."""
    if judged(raw, history, on).state != State.IMPOSSIBLE:
        return
    more = [fact("course_completed", f"course:{key}", on) for key in "abc"]
    more += [hours(60, on) for _ in range(20)]
    more += [fact("paper_sat", "paper:p", on + DAY, quantity=120)]
    assert not judged(raw, [*history, *more], on).satisfied
