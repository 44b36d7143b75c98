"""Which rule is in force on a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import NotFound
from lms.regulations.rules import in_force, is_in_force, marking_rule, pass_line
from lms.regulations.types import RuleText


def rule(key, starts, ends=None, *, kind="pass_line", **body):
    return RuleText(0, key, kind, "", "", starts, ends, "", "settled", body)


OLD = rule("old", date(2022, 1, 1), date(2025, 12, 31))
NEW = rule("new", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("on", "key"),
    [
        (date(2022, 1, 1), "old"),  # the first day
        (date(2025, 12, 31), "old"),  # the last day
        (date(2026, 1, 1), "new"),
        (date(2199, 1, 1), "new"),  # no end
    ],
)
def test_a_rule_is_in_force_from_its_first_day_to_its_last(on, key):
    assert in_force([OLD, NEW], on).key == key
    assert in_force([NEW, OLD], on).key == key


def test_of_several_the_one_that_took_effect_last_holds():
    late = rule("late", date(2023, 1, 1), date(2023, 12, 31))
    assert in_force([OLD, late], date(2023, 6, 1)).key == "late"
    assert in_force([OLD, late], date(2024, 1, 1)).key == "old"


def test_of_two_of_one_day_it_is_always_the_same():
    twin = rule("zwei", date(2022, 1, 1))
    assert in_force([OLD, twin], date(2023, 1, 1)) is in_force([twin, OLD], date(2023, 1, 1))


@pytest.mark.parametrize("rules", [[], [OLD], [NEW]])
def test_where_no_rule_holds_that_is_said(rules):
    day = date(2021, 12, 31)
    with pytest.raises(NotFound) as refusal:
        in_force(rules, day)
    assert refusal.value.code == "no_rule"
    assert "2021-12-31" in str(refusal.value)


DAYS = st.dates(date(2020, 1, 1), date(2020, 2, 15))


@given(st.lists(st.tuples(DAYS, st.none() | st.integers(0, 20)), max_size=5), DAYS)
def test_the_rule_in_force_is_one_that_holds_and_none_began_later(spans, on):
    rules = [
        rule(f"r{n}", starts, None if days is None else starts + timedelta(days=days))
        for n, (starts, days) in enumerate(spans)
    ]
    holding = [r for r in rules if r.effective_from <= on and (r.effective_to or date.max) >= on]
    assert [r for r in rules if is_in_force(r, on)] == holding
    if holding:
        found = in_force(rules, on)
        assert found in holding
        assert found.effective_from == max(r.effective_from for r in holding)
    else:
        with pytest.raises(NotFound):
            in_force(rules, on)


NATIONAL = rule("national", date(2022, 1, 1), level="junior", area="national")
SEPARATE = rule(
    "separate", date(2025, 1, 1), date(2025, 12, 31), level="junior", area="key_counties"
)
OTHERS = [
    rule("intermediate", date(2025, 1, 1), level="intermediate", area="national"),
    rule("marking", date(2025, 1, 1), kind="marking"),
]


@pytest.mark.parametrize(
    ("on", "in_key_county", "key"),
    [
        (date(2025, 6, 1), False, "national"),  # the separate line is not for everybody
        (date(2025, 1, 1), True, "separate"),  # its first day
        (date(2025, 12, 31), True, "separate"),  # its last day
        (date(2024, 12, 31), True, "national"),  # not published yet
        (date(2026, 1, 1), True, "national"),  # no longer
    ],
)
def test_the_separate_line_holds_in_its_counties_on_its_days(on, in_key_county, key):
    rules = [SEPARATE, NATIONAL, *OTHERS]
    assert pass_line(rules, level="junior", on=on, in_key_county=in_key_county).key == key


@pytest.mark.parametrize(("level", "on"), [("senior", date(2025, 6, 1)), ("junior", date(2021, 12, 31))])  # fmt: skip
def test_a_level_without_a_line_has_none(level, on):
    with pytest.raises(NotFound):
        pass_line([NATIONAL, *OTHERS], level=level, on=on)


def test_a_separate_line_alone_is_no_line_for_the_country():
    with pytest.raises(NotFound):
        pass_line([SEPARATE], level="junior", on=date(2025, 6, 1))


OFFICIAL = rule("official", date(2008, 1, 1), kind="marking")
NEWER = rule("newer", date(2027, 1, 1), kind="marking")
PRACTICE = rule("practice", date(2026, 6, 1), date(2026, 12, 31), kind="practice_marking")
MARKINGS = [PRACTICE, OFFICIAL, NEWER, OLD]


@pytest.mark.parametrize(
    ("on", "key", "found"),
    [
        (date(2026, 7, 1), "", "official"),  # never the rule for practice, though it is newer
        (date(2027, 1, 1), "", "newer"),
        (date(2026, 6, 1), "practice", "practice"),
        (date(2027, 1, 1), "official", "official"),  # named: even after a newer one
        (date(2026, 5, 31), "practice", None),
        (date(2027, 1, 1), "practice", None),
        (date(2026, 7, 1), "old", None),  # a rule of another kind
        (date(2026, 7, 1), "nobodys", None),
        (date(2007, 12, 31), "", None),
    ],
)
def test_a_paper_is_marked_by_the_rule_it_names_or_the_official_one(on, key, found):
    if found is None:
        with pytest.raises(NotFound) as refusal:
            marking_rule(MARKINGS, on=on, key=key)
        assert refusal.value.code == "no_rule"
    else:
        assert marking_rule(MARKINGS, on=on, key=key).key == found
