import pytest

from lms.kernel.errors import Invalid
from lms.question_bank.rules import kind_named, shown, taken
from tests.question_bank.kinds.marked import earned, told

SPEC = {"answers": ["“三留守”人员", "SMART 原则"]}


@pytest.mark.parametrize(
    ("part", "marks"),
    [
        ("“三留守”人员", 4),
        ("'三留守'人员 。", 4),
        ("smart原则", 4),
        ("\uff33\uff2dＡ\uff32\uff34　原则", 4),
        ("三留守人员", 0),
        ("“三留首”人员", 0),
        ("SMART", 0),
        ("“三留守”人员 SMART 原则", 0),  # both at once is neither
        ("", 0),
        ("\u200b", 0),
    ],
)
def test_marks(part, marks):
    assert earned("short_answer", SPEC, part) == marks


def test_is_stored_as_it_was_typed():
    stored = taken("short_answer", SPEC, ["  \uff33\uff2dＡ\uff32\uff34  原则。\n"])
    assert stored == "\uff33\uff2dＡ\uff32\uff34  原则。"
    assert shown("short_answer", SPEC, stored) == (stored,)


def test_the_first_accepted_text_is_shown_as_right():
    assert told("short_answer", SPEC, "没想好") == [("", "没想好", "“三留守”人员", False)]
    assert told("short_answer", SPEC) == [("", "", "“三留守”人员", False)]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({}, "wrong_count"),
        ({"answers": []}, "wrong_count"),
        ({"answers": ["。"]}, "blank"),
        ({"answers": ["SMART", "\uff53\uff4d\uff41\uff52\uff54"]}, "alike"),
    ],
)
def test_refuses_a_spec(raw, code):
    with pytest.raises(Invalid) as refusal:
        kind_named("short_answer").read_spec(raw)
    assert (refusal.value.code, refusal.value.where) == (code, "answers")
