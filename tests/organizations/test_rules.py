"""What may stand where, what codes and names look like."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Conflict, Invalid
from lms.organizations import rules
from lms.organizations.types import (
    GB_32100,
    GB_T_2260,
    MCA,
    NBS,
    OURS,
    Code,
    OrganizationKind,
    Sector,
)

KIND = OrganizationKind


def test_the_rule_of_places_names_every_kind():
    assert set(rules.HOLDS) == set(OrganizationKind)


@pytest.mark.parametrize(
    ("parent", "kind", "fits"),
    [
        (KIND.PROVINCE, KIND.PREFECTURE, True),
        (KIND.PROVINCE, KIND.COUNTY, False),
        (KIND.PREFECTURE, KIND.PREFECTURE_CENTER, True),
        (KIND.COUNTY, KIND.TOWNSHIP_STATION, True),  # without a township between
        (KIND.COUNTY, KIND.PREFECTURE_CENTER, False),
        (KIND.PREFECTURE_CENTER, KIND.COUNTY_HUB, True),
        (KIND.COUNTY_HUB, KIND.TOWNSHIP_STATION, True),
        (KIND.TOWNSHIP_STATION, KIND.VILLAGE_ROOM, True),
        (KIND.TOWNSHIP_STATION, KIND.TOWNSHIP_STATION, False),
        (KIND.VILLAGE_ROOM, KIND.DEPARTMENT, False),
        (KIND.DEPARTMENT, KIND.AGENCY, True),
        (KIND.AGENCY, KIND.AGENCY, False),
    ],
)
def test_a_kind_has_its_places(parent, kind, fits):
    if fits:
        rules.check_holds(parent, kind)
        return
    with pytest.raises(Conflict) as refusal:
        rules.check_holds(parent, kind)
    assert refusal.value.code == "wrong_place"


def test_no_kind_stands_below_what_stands_below_it():
    for kind in (k for k in KIND if k is not KIND.DEPARTMENT):
        assert kind not in rules.HOLDS[kind]


def test_holders_are_the_other_side_of_the_rule():
    assert rules.holders_of(KIND.VILLAGE_ROOM) == {
        KIND.COUNTY,
        KIND.TOWNSHIP,
        KIND.TOWNSHIP_STATION,
    }
    assert rules.holders_of(KIND.PROVINCE) == set()


@pytest.mark.parametrize(
    ("kind", "successor", "fits"),
    [
        (KIND.TOWNSHIP_STATION, KIND.TOWNSHIP_STATION, True),
        (KIND.TOWNSHIP_STATION, KIND.COUNTY_HUB, True),
        (KIND.DEPARTMENT, KIND.AGENCY, True),
        (KIND.COUNTY, KIND.COUNTY, True),
        (KIND.COUNTY, KIND.PREFECTURE, False),
        (KIND.TOWNSHIP_STATION, KIND.DEPARTMENT, False),
    ],
)
def test_like_goes_into_like(kind, successor, fits):
    assert (successor in rules.mergeable_with(kind)) is fits


def test_only_departments_have_a_sector():
    rules.check_sector(KIND.DEPARTMENT, Sector.JUSTICE)
    rules.check_sector(KIND.AGENCY, None)
    with pytest.raises(Invalid):
        rules.check_sector(KIND.AGENCY, Sector.JUSTICE)


@pytest.mark.parametrize(
    ("system", "typed", "stored"),
    [
        (GB_T_2260, "522301", "522301"),
        (GB_T_2260, " \uff15\uff12\uff12301 ", "522301"),  # full width, spaces
        (MCA, "522301010", "522301010"),
        (NBS, "522301010", "522301010"),
        (NBS, "522301010001", "522301010001"),
        (GB_32100, "91350100M000100Y43", "91350100M000100Y43"),
        (GB_32100, "91110000 802100433b", "91110000802100433B"),
        (OURS, "station-522301010", "station-522301010"),
        ("someone else", "anything 1", "anything1"),
    ],
)
def test_a_code_is_stored_in_one_spelling(system, typed, stored):
    assert rules.clean_code(Code(system, typed)) == Code(system, stored)


@pytest.mark.parametrize(
    ("system", "typed"),
    [
        (GB_T_2260, "52230"),
        (GB_T_2260, "022301"),
        (GB_T_2260, "52230A"),
        (MCA, "522301"),
        (NBS, "5223010100"),
        (GB_32100, "91350100M000100Y44"),  # the check character
        (GB_32100, "91350100M000I00Y43"),  # no I in the alphabet
        (GB_32100, "91350100M000100Y4"),
        (OURS, "-station"),
        (OURS, "站"),
        (OURS, "x" * 41),
        (OURS, "  "),
    ],
)
def test_a_code_that_is_none_is_refused(system, typed):
    with pytest.raises(Invalid) as refusal:
        rules.clean_code(Code(system, typed))
    assert (refusal.value.code, refusal.value.where) == ("bad_code", system)


@given(
    first=st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17),
    at=st.integers(0, 16),
)
def test_a_mistyped_credit_code_is_told(first, at):
    code = first + rules.credit_check(first)
    assert rules.clean_code(Code(GB_32100, code)).code == code
    other = "1" if code[at] != "1" else "2"
    with pytest.raises(Invalid):
        rules.clean_code(Code(GB_32100, code[:at] + other + code[at + 1 :]))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  洒金街道  社工站 ", "洒金街道 社工站"),
        ("㵲阳镇社工站", "㵲阳镇社工站"),
        ("兴义市社会工作总站（筹）", "兴义市社会工作总站（筹）"),
    ],
)
def test_a_name_is_cleaned(typed, stored):
    assert rules.clean_name(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "  ", "123", "站" * 61, "站\x00", "<b>站</b>", "=站", "站\u202e"]
)
def test_a_name_that_is_none_is_refused(typed):
    with pytest.raises(Invalid) as refusal:
        rules.clean_name(typed)
    assert refusal.value.code == "bad_name"


def test_short_names_are_given_once_each():
    assert rules.clean_short_names(("洒金站", " 洒金站", "", "沙金站")) == ("洒金站", "沙金站")
    with pytest.raises(Invalid):
        rules.clean_short_names(tuple(f"站{n}" for n in range(11)))


def test_the_search_key_forgets_width_case_and_spaces():
    assert rules.search_key(" ＡＢ社 工站") == rules.search_key("ab社工站") == "ab社工站"


TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("on", "last", "refused"),
    [
        (TODAY, None, None),
        (TODAY, TODAY, None),  # twice on one day
        (TODAY - timedelta(days=400), None, None),
        (TODAY + timedelta(days=1), None, "future_day"),
        (TODAY - timedelta(days=1), TODAY, "before_last_change"),
    ],
)
def test_a_change_happened_by_today_and_after_the_last_one(on, last, refused):
    if refused is None:
        rules.check_day(on, today=TODAY, last=last)
        return
    with pytest.raises(Invalid) as refusal:
        rules.check_day(on, today=TODAY, last=last)
    assert refusal.value.code == refused
