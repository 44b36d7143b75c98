"""Numbers of identity documents and telephones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.people.rules import (
    check_document_number,
    mask_document,
    mask_phone,
    read_phone,
    read_resident_id,
)
from lms.people.rules.identity import check_character
from lms.people.types import DocumentKind

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("number", "born_on", "is_male"),
    [
        # the two worked examples of GB 11643-1999, annex A
        ("11010519491231002X", date(1949, 12, 31), False),
        ("440524188001010014", None, True),
        ("110105 19491231 002x", date(1949, 12, 31), False),
        ("\uff11\uff11010519491231002\uff38", date(1949, 12, 31), False),  # wide
    ],
)
def test_a_resident_number_tells_birth_and_sex(number, born_on, is_male):
    if born_on is None:  # born 1880: right by its check character, impossible today
        with pytest.raises(Invalid):
            read_resident_id(number, on=TODAY)
        assert check_character(number[:17]) == number[17]
        return
    found = read_resident_id(number, on=TODAY)
    assert (found.born_on, found.is_male) == (born_on, is_male)
    assert found.number == "11010519491231002X"


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(110000, 829999))
def test_one_wrong_digit_or_two_swapped_are_always_found(born, order, region):
    first = f"{region}{born:%Y%m%d}{order:03}"
    number = first + check_character(first)
    assert read_resident_id(number, on=TODAY).born_on == born
    for place in range(17):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        with pytest.raises(Invalid):
            read_resident_id(wrong, on=TODAY)
    for place in range(16):
        if number[place] != number[place + 1]:
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            with pytest.raises(Invalid):
                read_resident_id(swapped, on=TODAY)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "110105194912310",  # 15 digits, of before 1999
        "110105194912310021",
        "11010519491331002X",
        "11010520991231002X",
        "1101051949123100AX",
        "110105194912310022X",
    ],
)
def test_a_wrong_resident_number_is_refused(number):
    with pytest.raises(Invalid) as refused:
        read_resident_id(number, on=TODAY)
    assert refused.value.code == "bad_identity_number"


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        (DocumentKind.RESIDENT_ID, "11010519491231002x", "11010519491231002X"),
        (DocumentKind.HK_MACAO_PERMIT, "h12345678", "H12345678"),
        (DocumentKind.TAIWAN_PERMIT, "12345678", "12345678"),
        (DocumentKind.PASSPORT, "e 1234 5678", "E12345678"),
        (DocumentKind.OFFICER, "军字第1234567号", "军字第1234567号"),
    ],
)
def test_other_documents_have_their_forms(kind, typed, stored):
    assert check_document_number(kind, typed, on=TODAY) == stored


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (DocumentKind.HK_MACAO_PERMIT, "12345678"),
        (DocumentKind.PASSPORT, "E-"),
        (DocumentKind.OFFICER, ""),
        (DocumentKind.RESIDENCE_PERMIT, "11010519491231002X"),
    ],
)
def test_a_number_of_another_form_is_refused(kind, typed):
    with pytest.raises(Invalid) as refused:
        check_document_number(kind, typed, on=TODAY)
    assert refused.value.code == "bad_identity_number"


@pytest.mark.parametrize(
    "typed",
    ["13800138000", "138 0013 8000", "+86 138-0013-8000", "0086 13800138000", "8613800138000"],
)
def test_a_phone_has_one_spelling(typed):
    assert read_phone(typed) == "13800138000"


@pytest.mark.parametrize("typed", ["", "1380013800", "23800138000", "0851-8888888", "138001380001"])
def test_what_is_no_mobile_number_is_refused(typed):
    with pytest.raises(Invalid) as refused:
        read_phone(typed)
    assert refused.value.code == "bad_phone"


def test_masks_show_little():
    assert mask_phone("13800138000") == "138****8000"
    assert mask_document("11010519491231002X") == "1101**********002X"
    assert mask_document("H12345678") == "*******78"
    assert mask_document("E1") == "****E1"
