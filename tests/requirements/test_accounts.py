"""Caps, occasions and schemes side by side, against an oracle that tries every selection."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.authoring import Faults
from lms.kernel.errors import Invalid
from lms.kernel.places import shipped
from lms.regulations.content import read_all
from lms.requirements.rules import (
    accounts,
    evaluate,
    hours_requirement,
    read_requirement,
    schemes_in_force,
    side_by_side,
    sittings,
    spoken,
    window_requirement,
)
from lms.requirements.types import State
from tests.requirements.builders import START, days, exempted, fact, hours, passed

ON = date(2026, 11, 24)
RULES = {file.rule.key: file.rule for file in read_all(shipped("question_bank"), Faults())}


def quota(minimum, window="ever", **values):
    return {"kind": "hours", "unit": "credit_hour", "minimum": minimum, "window": window} | values


def judged(raw, *facts, on=ON):
    requirement = read_requirement(raw) if isinstance(raw, dict) else raw
    return evaluate(requirement, facts, on=on, started_on=START)


def account_of(raw, *facts, on=ON):
    requirement = read_requirement(raw) if isinstance(raw, dict) else raw
    (found,) = accounts(requirement, facts, on=on, started_on=START)
    return found


def credit(n, form="", category="professional", **values):
    detail = ({"form": form} if form else {}) | values.pop("detail", {})
    return hours(n * 45, values.pop("on", START), category, detail=detail, **values)


CREDITS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.sampled_from(["online", "classroom", ""]),
        st.sampled_from(["professional", "general"]),
    ),
    max_size=6,
)


@given(CREDITS, st.integers(1, 12), st.integers(0, 5), st.booleans())
def test_caps_and_share_leave_as_much_as_can_be(credits_, minimum, cap, share):
    raw = quota(minimum, caps={"online": cap})
    raw |= {"share": {"professional": [2, 3]}} if share else {}
    facts = [credit(n, form, category) for n, form, category in credits_]
    progress, account = judged(raw, *facts), account_of(raw, *facts)
    online = {"professional": 0, "general": 0}
    free = dict(online)
    for n, form, category in credits_:
        (online if form == "online" else free)[category] += n
    # the oracle tries every amount of online hours of either category
    best = max(
        min(
            Fraction(minimum),
            inside + min(Fraction(outside), minimum - Fraction(2, 3) * minimum if share else 0)
            if share
            else Fraction(inside + outside),
        )
        for p in range(min(cap, online["professional"]) + 1)
        for g in range(min(cap - p, online["general"]) + 1)
        for inside, outside in [(free["professional"] + p, free["general"] + g)]
    )
    assert progress.satisfied == (best >= minimum)
    assert account.counted == best * 45
    assert all(0 <= use.counted <= use.amount for use in account.uses)
    assert sum(use.amount for use in account.uses) == sum(45 * n for n, *_ in credits_)
    assert all((use.why is not None) == (use.cut > 0) for use in account.uses)


def test_says_what_a_cap_cut():
    account = account_of(quota(9, caps={"online": 4}), credit(3, "online"), credit(3, "online"))
    assert [(use.counted, use.cut) for use in account.uses] == [(135, 0), (45, 90)]
    assert spoken(account.uses[1].why) == "网络培训最多算 4 学时"


@pytest.mark.parametrize(
    ("facts", "counted"),
    [
        # one session, credited under a scheme and under none
        ([credit(6), credit(4, scheme="PT-CE")], 6),
        ([credit(4), credit(6, scheme="PT-CE")], 6),
        # two sessions of the same course on one day
        ([credit(3), credit(3)], 6),
        # one event told on two days
        ([credit(3, detail={"event": "e"}), credit(4, on=START + days(1), detail={"event": "e"})], 4),
        # under several schemes at once, each with its own amount
        ([credit(6, detail={"schemes": {"PT-CE": 90, "CADRE-B": 270}})], 2),
        ([credit(6, detail={"schemes": {"CADRE-B": 270}})], 0),
    ],
)  # fmt: skip
def test_inside_a_scheme_an_occasion_counts_once(facts, counted):
    assert account_of(quota(90, scheme="PT-CE"), *facts).counted == counted * 45


def test_the_first_degree_counts_and_no_other():
    raw = quota(9, once=["degree"])
    first, second = credit(4, "degree"), credit(9, "degree", on=START + days(9))
    assert account_of(raw, second, first).counted == 4 * 45


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (quota(90, forms=["online"], caps={"online": 89}), "caps"),
        (quota(90, caps={"professional": 40, "general": 49}), "caps"),
        (quota(90, caps={"professional": 59}, share={"professional": [2, 3]}), "caps"),
        (quota(90, "between", first="2026-01-01", last="2026-01-02"), "minimum"),
        (quota(10_000, "rolling_years", years=1) | {"unit": "clock_hour"}, "minimum"),
    ],
)
def test_a_quota_nobody_could_reach_is_refused(raw, where):
    with pytest.raises(Invalid) as fault:
        read_requirement(raw)
    assert (fault.value.code, fault.value.where) == ("impossible_total", where)


def test_a_window_that_has_closed_cannot_be_met_any_more():
    raw = quota(4, "between", first="2026-01-01", last="2026-03-31")
    assert judged(raw, credit(3), on=date(2026, 3, 31)).state == State.IN_PROGRESS
    assert judged(raw, credit(3), on=date(2026, 4, 1)).state == State.IMPOSSIBLE
    assert judged(raw, credit(4), on=date(2030, 1, 1)).state == State.MET
    year = quota(90, "calendar_year")  # a day has no 90 credit hours
    assert judged(year, on=date(2026, 12, 31)).state == State.IMPOSSIBLE
    assert judged(year, on=date(2027, 1, 1)).state == State.NOT_STARTED


# the schemes and windows that are shipped


def registered(level, on, **detail):
    return fact("registered", f"registration:{level}", on, detail=detail)


def test_schemes_run_side_by_side():
    schemes = schemes_in_force(RULES.values(), ON)
    assert set(schemes) == {"CADRE-A", "CADRE-B", "CADRE-NET", "PT-CE", "SW-CE-J", "SW-CE-M"}
    facts = [
        registered("junior", date(2025, 3, 1)),
        credit(40, "online", on=date(2026, 3, 1)),
        credit(60, "classroom", on=date(2026, 4, 1)),
        credit(30, "classroom", "general", on=date(2025, 4, 1)),
    ]
    ledger = side_by_side(schemes, facts, on=ON, started_on=START)
    counted = {scheme: account.counted / 45 for scheme, account in ledger.accounts.items()}
    assert counted == {
        "PT-CE": 90,  # of the year, as much as is asked
        "CADRE-A": 90,  # in classes, of five years
        "CADRE-B": 60,  # in classes, of the year
        "CADRE-NET": 40,  # online
        "SW-CE-J": 96,  # 72 clock hours since the registration
        "SW-CE-M": 0,  # not registered as such
    }
    feeds = [{feed.scheme for feed in line.feeds if feed.counted} for line in ledger.lines]
    assert feeds == [
        {"CADRE-A", "SW-CE-J"},
        {"PT-CE", "CADRE-NET", "SW-CE-J"},
        {"PT-CE", "CADRE-A", "CADRE-B", "SW-CE-J"},
    ]
    late = next(feed for feed in ledger.lines[0].feeds if feed.scheme == "CADRE-B")
    assert spoken(late.why) == "不在计算期内"


def test_twelve_days_are_ninety_hours_and_three_months_are_550():
    township = hours_requirement(RULES["hours-cadre-township"])
    class_ = {"form": "classroom"}
    twelve = hours(24, ON, unit="half_day", detail=class_)
    assert judged(township, twelve).state == State.MET
    assert judged(township, twelve._replace(quantity=23)).percent == 95
    county = hours_requirement(RULES["hours-cadre-county"])
    months = hours(3, ON, unit="month", detail=class_)
    assert judged(county, months).state == State.MET
    assert judged(county, hours(2, ON, unit="month", detail=class_)).percent == 66


def test_a_registration_begins_a_new_cycle():
    scheme = hours_requirement(RULES["hours-registration-junior"])
    facts = [registered("junior", date(2023, 3, 1)), credit(96, on=date(2024, 5, 1))]
    kept = judged(scheme, *facts, on=date(2026, 2, 28))
    assert (kept.state, kept.expires_on) == (State.MET, date(2026, 2, 28))
    assert judged(scheme, *facts, on=date(2026, 3, 1)).state == State.LAPSED
    again = [*facts, registered("junior", date(2026, 3, 1))]
    assert judged(scheme, *again, on=date(2026, 3, 1)).state == State.NOT_STARTED


def test_the_senior_paper_then_the_review():
    senior = window_requirement(RULES["window-senior"])
    exam = passed("S-PRAC", 2024, date(2024, 8, 20))
    progress = judged(senior, exam)
    assert (progress.state, progress.next_on or progress.children[1].next_on) == (
        State.IN_PROGRESS,
        date(2027, 8, 19),
    )
    review = fact("review_passed", "review:senior", date(2026, 10, 1))
    assert judged(senior, exam, review).state == State.MET


def test_a_certificate_of_the_separate_line_is_valid_in_its_area():
    junior = window_requirement(RULES["window-junior"])
    local = [passed("J-COMP", 2025, basis="local_line"), passed("J-PRAC", 2025)]
    assert (judged(junior, *local).state, judged(junior, *local).area) == (
        State.MET,
        "key_counties",
    )
    later = [passed(code, 2026) for code in ("J-COMP", "J-PRAC")]
    assert judged(junior, *local, *later).area == ""
    line = RULES["pass-line-junior-key-counties-2025"].body
    assert line["valid_in"] == line["area"]


def test_the_exam_days_come_from_the_calendars():
    found = sittings(RULES.values())
    assert [sitting.year for sitting in found] == [2025, 2026, 2027]
    assert [sitting.announced for sitting in found] == [True, True, False]


# passes kept longer in a region


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"), st.integers(2018, 2026), st.sampled_from(["522301", "440100"])
        ),
        max_size=7,
    ),
    st.integers(1, 3),
    st.integers(2018, 2026),
    st.integers(1, 2),
)
def test_extensions_agree_with_trying_every_exam_year(passes, years, extended, more):
    raw = {
        "kind": "subjects_passed",
        "subjects": list("ABC"),
        "consecutive_years": years,
        "extensions": [{"area": "52", "year": extended, "years": more}],
    }
    progress = judged(raw, *(passed(code, year, area=area) for code, year, area in passes))

    def kept(year, area, exam):
        longer = more if year == extended and area.startswith("52") else 0
        return year <= exam < year + years + longer

    assert progress.satisfied == any(
        {code for code, year, area in passes if kept(year, area, exam)} == set("ABC")
        for exam in range(2018, 2027)
    )


def test_a_course_that_need_not_be_done_counts_as_done():
    raw = {"kind": "courses_completed", "courses": ["a", "b"], "needed": 1}
    assert judged(raw, exempted("course:b")).state == State.MET
