"""Names: cleaned, masked, compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.people.rules import clean_name, mask_name, name_key, same_name


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("王小明", "王小明"),
        (" 王 小 明\u3000", "王小明"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽 . 买买提", "阿依古丽·买买提"),
        ("阿依古丽··买买提·", "阿依古丽·买买提"),
        ("John  Smith", "John Smith"),
        ("Anne-Marie O'Brien", "Anne-Marie O'Brien"),
        ("李𠮷祥", "李𠮷祥"),  # beyond the 16-bit plane
        ("㵲阳", "㵲阳"),
        ("王\u200b小明", "王小明"),  # a space of no width, as chat programs leave it
        ("葛󠄀城", "葛󠄀城"),  # the glyph that somebody chose is kept
    ],
)
def test_a_name_is_stored_in_one_spelling(typed, stored):
    assert clean_name(typed) == stored
    assert clean_name(stored) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "·", "123", "王3", "王*明", "=1+1", "<b>", "王，李", "王" * 61, "王\x00"[1:]],
)
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(Invalid) as refused:
        clean_name(typed)
    assert refused.value.code == "bad_name"


@given(st.text(max_size=20))
def test_a_clean_name_is_the_name_that_was_typed(typed):
    try:
        stored = clean_name(typed)
    except Invalid:
        return
    assert name_key(stored) == name_key(typed)
    assert clean_name(stored) == stored


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张三", "张*"),
        ("王小明", "王*明"),
        ("欧阳小华", "欧**华"),
        ("𠮷田", "𠮷*"),  # beyond the 16-bit plane, yet one character
        ("王𠮷明", "王*明"),
        ("王小𬱖", "王*𬱖"),
        ("㛃", "*"),
        ("葛󠄀城明", "葛󠄀*明"),  # a variation selector stays with its character
        ("阿依古丽·买买提", "阿**·**"),
        ("阿依古丽•买买提", "阿**·**"),  # the dot of another keyboard
        ("阿·买·提", "阿**·**·**"),
        ("John Smith", "J**·**"),
        ("  王小明 ", "王*明"),
        ("", "*"),
        (" · ", "*"),
    ],
)
def test_mask_name(name, expected):
    assert mask_name(name) == expected


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=30))
def test_a_mask_never_tells_the_name(name):
    masked = mask_name(name)
    assert name not in masked
    assert len(masked.replace("*", "")) <= 2


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("王小明", "王小明", True),
        ("王小明", "王 小 明", True),
        ("王小明", "　王小明\n", True),
        ("王小明", "王小名", False),
        ("王小明", "王小", False),
        ("王小明", "王*明", False),  # the mask does not open the lock
        ("王小明", "", False),
        ("", "", False),
        ("阿依古丽·买买提", "阿依古丽•买买提", True),
        ("阿依古丽·买买提", "阿依古丽．买买提", True),
        ("阿依古丽·买买提", "阿依古丽买买提", True),  # the dot left out
        ("John Smith", "\uff2a\uff2f\uff28\uff2e\u3000smith", True),  # wide letters
        ("葛󠄀城", "葛城", True),  # the same character with another glyph
        ("𠮷田", "吉田", False),  # another character
    ],
)
def test_same_name(one, other, expected):
    assert same_name(one, other) is expected
    assert same_name(other, one) is expected
