from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.kinds._parts import mark_parts
from lms.question_bank.rules import kind_named, mark, taken
from lms.question_bank.types import Marking
from tests.question_bank.kinds.marked import earned, told

KIND = kind_named("fill_blank")
THREE = {"blanks": [["接案"], ["预估", "需要评估"], ["计划"]]}
FREE = {"blanks": [["行政功能", "行政"], ["教育"], ["支持"]], "any_order": True}


@pytest.mark.parametrize(
    ("spec", "parts", "marks"),
    [
        (THREE, ["接案", "预估", "计划"], 4),
        (THREE, ["接案", "需要评估", "计划。"], 4),
        (THREE, ["接案", "", ""], 1),  # a third of 4, rounded down
        (THREE, ["", "预估"], 1),
        (THREE, ["", "", "计划"], 1),
        (THREE, ["预估", "接案", "计划"], 1),  # the order counts
        (THREE, ["接案", "接案", "接案"], 1),
        (FREE, ["支持", "行政", "教育"], 4),
        (FREE, ["支持", "支持。", "支持"], 1),  # one thing said three times
        (FREE, ["行政", "行政功能", "教育"], 2),  # two names of one thing
        (FREE, ["", "", "教育"], 1),
        (FREE, ["策划", "教育", "行政"], 2),
        ({"blanks": [["接案"]]}, ["接案"], 4),
    ],
)
def test_marks(spec, parts, marks):
    assert earned("fill_blank", spec, *parts) == marks


def test_says_what_was_right():
    assert told("fill_blank", THREE, "接案", "估计") == [
        ("第 1 空", "接案", "接案", True),
        ("第 2 空", "估计", "预估", False),
        ("第 3 空", "", "计划", False),
    ]
    assert told("fill_blank", {"blanks": [["接案"]]}, "") == [("", "", "接案", False)]


def test_says_what_is_still_missing_where_the_order_is_free():
    assert told("fill_blank", FREE, "策划", "行政", "支持") == [
        ("第 1 空", "策划", "教育", False),
        ("第 2 空", "行政", "行政功能", True),
        ("第 3 空", "支持", "支持", True),
    ]


TEXTS = st.sampled_from("甲乙丙丁戊")
BLANKS = st.lists(st.lists(TEXTS, min_size=1, max_size=3, unique=True), min_size=2, max_size=4)


def valid(blanks):
    try:
        KIND.read_spec({"blanks": blanks, "any_order": True})
    except Invalid:
        return False
    return True


def best_by_trying(blanks, given, full):
    """Try every way to give the texts to the blanks; the same text counts once."""
    best = 0
    for places in permutations(range(len(blanks))):
        seen, hits = set(), []
        for text, place in zip(given, places, strict=True):
            hits.append(text in blanks[place] and text not in seen)
            if hits[-1]:
                seen.add(text)
        found = mark_parts("fill_blank", hits, Marking.read({"fill_blank": {"full": full}}))
        best = max(best, found.earned)
    return best


@given(BLANKS.filter(valid), st.data(), st.integers(1, 9))
def test_no_assignment_earns_more(blanks, data, full):
    given_ = data.draw(
        st.lists(
            st.one_of(TEXTS, st.just(""), st.just("己")),
            min_size=len(blanks),
            max_size=len(blanks),
        )
    )
    spec = {"blanks": blanks, "any_order": True}
    marking = Marking.read({"fill_blank": {"full": full}})
    found = mark("fill_blank", spec, taken("fill_blank", spec, given_), marking)
    assert found.earned == best_by_trying(blanks, given_, full)


@given(BLANKS.filter(valid), st.randoms())
def test_a_free_order_does_not_care_for_the_order_of_a_right_answer(blanks, random):
    spec = {"blanks": blanks, "any_order": True}
    right = [blank[0] for blank in blanks]
    random.shuffle(right)
    assert earned("fill_blank", spec, *right) == 4


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        ({}, "wrong_count", "blanks"),
        ({"blanks": []}, "wrong_count", "blanks"),
        ({"blanks": "甲"}, "wrong_count", "blanks"),
        ({"blanks": [["甲"]] * 5}, "wrong_count", "blanks"),
        ({"blanks": [["甲"], []]}, "wrong_count", "blanks.1"),
        ({"blanks": [["甲"], ["。"]]}, "blank", "blanks.1"),
        ({"blanks": [["甲", "甲。"]]}, "alike", "blanks.0"),
        ({"blanks": ["甲", "乙"]}, "not_texts", "blanks.0"),
        ({"blanks": [["甲"]], "any_order": 1}, "not_flag", "any_order"),
        ({"blanks": [["甲"]], "any_order": True}, "one_blank", "any_order"),
        ({"blanks": [["甲"], ["甲。"]], "any_order": True}, "alike", "blanks.1"),
        ({"blanks": [["甲", "乙"], ["乙", "甲"]], "any_order": True}, "alike", "blanks.1"),
        ({"blanks": [["甲", "乙"], ["丙"], ["甲", "丁"]], "any_order": True}, "alike", "blanks.2"),
    ],
)
def test_refuses_a_spec(raw, code, where):
    with pytest.raises(Invalid) as refusal:
        KIND.read_spec(raw)
    assert (refusal.value.code, refusal.value.where) == (code, where)


def test_blanks_in_order_may_be_the_same():
    assert earned("fill_blank", {"blanks": [["甲"], ["甲"]]}, "甲", "甲") == 4


@pytest.mark.parametrize(
    ("stem", "is_good"),
    [
        ("先（ ），再（　），后(  )。", True),
        ("先____，再____，后＿＿。", True),
        ("写出三个阶段，次序不限。", True),  # no hole at all
        ("先（ ），再（ ）。", False),
        ("先（ ），再（ ），后（ ），末____。", False),
    ],
)
def test_holes_of_the_stem_are_counted(stem, is_good):
    spec = KIND.read_spec(THREE)
    if is_good:
        KIND.check_stem(spec, stem)
    else:
        with pytest.raises(Invalid) as refusal:
            KIND.check_stem(spec, stem)
        assert (refusal.value.code, refusal.value.where) == ("other_blanks", "stem")


@pytest.mark.parametrize(
    ("parts", "code"), [(["甲"] * 4, "too_many_parts"), (["", "长" * 201], "too_long")]
)
def test_refuses_an_answer(parts, code):
    with pytest.raises(Invalid) as refusal:
        taken("fill_blank", THREE, parts)
    assert refusal.value.code == code
