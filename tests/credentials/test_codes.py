"""Numbers: what may be given, and every mistake that must be noticed."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.credentials.rules import ALPHABET, CODE_BYTES, check_character, new_code, read_code

codes = st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES).map(new_code)

PARTS = new_code(bytes(range(32)))
SHOWN = PARTS.shown


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("G123489654321", "Y"),  # the example of ISBT 128, which uses MOD 37-2
        ("A999914123456", "N"),
        ("0", "1"),
        ("Z", "5"),  # 2 x 35 + 5 = 75 = 2 x 37 + 1
        ("*", "3"),  # 2 x 36 + 3 = 75: the 37th value
    ],
)
def test_check_characters_are_those_of_iso_7064(body, expected):
    assert check_character(body) == expected


@given(codes)
def test_a_code_is_made_of_characters_that_cannot_be_confused(parts):
    assert len(parts.body) == 12 and len(parts.check) == 1
    assert set(parts.body + parts.check) <= set(ALPHABET)
    assert not set("ILOU*") & set(parts.code)


@given(codes)
def test_a_code_reads_back_as_it_was_made(parts):
    assert read_code(parts.code) == read_code(parts.shown) == parts


@given(codes)
def test_every_single_wrong_character_is_noticed(parts):
    right = parts.body + parts.check
    for at, character in enumerate(right):
        for other in set(ALPHABET) - {character}:
            assert read_code(right[:at] + other + right[at + 1 :]) is None


@given(codes)
def test_every_transposition_is_noticed_adjacent_or_not(parts):
    right = parts.body + parts.check
    for one, two in combinations(range(len(right)), 2):
        swapped = list(right)
        swapped[one], swapped[two] = right[two], right[one]
        if swapped != list(right):
            assert read_code("".join(swapped)) is None


@given(codes)
def test_a_missing_or_doubled_character_is_noticed(parts):
    for at in range(len(parts.code)):
        assert read_code(parts.code[:at] + parts.code[at + 1 :]) is None
        assert read_code(parts.code[:at] + parts.code[at] + parts.code[at:]) is None


@given(codes, st.text(max_size=3), st.text(max_size=3))
def test_reading_never_fails_and_never_guesses(parts, before, after):
    found = read_code(before + parts.code + after)
    assert found in {None, parts}


@given(st.text(max_size=400))
def test_whatever_is_typed_is_read_or_not(typed):
    found = read_code(typed)
    assert found is None or read_code(found.shown) == found


def test_the_same_bytes_give_the_same_code_and_others_another():
    assert new_code(bytes(32)) == new_code(bytes(32))
    assert len({new_code(number.to_bytes(32)).code for number in range(2000)}) == 2000


def test_too_few_bytes_are_refused():
    with pytest.raises(ValueError, match="7 bytes"):
        new_code(bytes(7))  # 56 bits for a body of 60
    assert new_code(bytes(8))


def test_a_code_is_shown_in_groups():
    assert [len(group) for group in SHOWN.split("-")] == [2, 4, 4, 4, 1]
    assert SHOWN.startswith("BX-")
    assert SHOWN.replace("-", "") == PARTS.code


def wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@pytest.mark.parametrize(
    "typed",
    [
        SHOWN.lower(),
        f"  {SHOWN}\n",
        wide(SHOWN),
        wide(SHOWN.lower()),
        SHOWN.replace("-", " "),
        SHOWN.replace("-", "\u3000"),  # the wide space of Chinese keyboards
        SHOWN.replace("-", "—"),
        SHOWN.replace("-", "–"),
        SHOWN.replace("-", "\uff0d"),  # a wide hyphen
        SHOWN.replace("-", "\u2212"),  # a minus sign
        SHOWN.replace("-", "\u200b-\ufeff"),  # what copying out of chats leaves behind
        PARTS.code,
        PARTS.body + PARTS.check,  # without the prefix
        PARTS.code.replace("0", "O").replace("1", "I"),
        PARTS.code.replace("0", "o").replace("1", "l"),
        f"证书编号：{SHOWN}",
        f"编号: {SHOWN.lower()}",
        f"https://bixue.example/verify/{SHOWN}",
        f"https://bixue.example:8443/verify/{SHOWN.lower()}?lang=en#top",
        f"https://bixue.example/verify?code={SHOWN}&from=qr",
        f"http://127.0.0.1:8000/verify/{PARTS.code}/qr.svg",
        f"bixue.example/credentials/{SHOWN}",
    ],
)
def test_what_people_type_and_paste_is_understood(typed):
    assert read_code(typed) == PARTS


def test_look_alikes_are_read_as_the_digits_they_look_like():
    code = next(
        parts
        for parts in (new_code(number.to_bytes(32)) for number in range(1000))
        if "0" in parts.body and "1" in parts.body
    )
    assert read_code(code.code.replace("0", "O").replace("1", "L")) == code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "BX",
        "hello",
        PARTS.code[:-1],
        PARTS.code + "0",
        "BY" + PARTS.code[2:],  # a wrong prefix
        "8X" + PARTS.code[2:],
        PARTS.code[:-1] + "U",  # U is never given
        PARTS.code + "\0",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        f"{SHOWN} {SHOWN}",
        "0" * 400 + SHOWN,  # nobody types so much
    ],
)
def test_anything_else_is_mistyped(typed):
    assert read_code(typed) is None
