from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.rules import explain, key, kind_named, mark, shown, taken, view
from lms.question_bank.types import Marking

KIND = kind_named("matching")
# lettered by code point: A 接案, B 督导, C 结案, D 预估
SPEC = {
    "pairs": [
        ["建立关系", "接案"],
        ["收集资料", "预估"],
        ["巩固改变", "结案"],
        ["处理离别", "结案"],
    ],
    "extra": ["督导"],
}


def rule(full):
    return Marking.read({"matching": {"full": full}})


def earned(*parts, full=4):
    return mark("matching", SPEC, taken("matching", SPEC, parts), rule(full)).earned


@pytest.mark.parametrize(
    ("parts", "full", "marks"),
    [
        (["A", "D", "C", "C"], 4, 4),  # one on the right may serve two on the left
        (["A", "D", "C", "B"], 4, 3),
        (["A", "D", "C", ""], 4, 3),
        (["A", "D", "C"], 4, 3),  # what was not sent is blank
        (["A", "D", "C", "B"], 2, 1),  # three quarters of 2, rounded down
        (["A", "D", "C", "B"], 1, 0),  # nothing but everything earns everything
        (["A", "D", "C", "C"], 1, 1),
        (["B", "B", "B", "B"], 4, 0),
        (["D", "A", "A", "A"], 4, 0),
        (["", " ", "", ""], 4, 0),
        ([" A ", "", "", ""], 4, 1),
    ],
)
def test_marks(parts, full, marks):
    assert earned(*parts, full=full) == marks


@pytest.mark.parametrize("part", ["E", "a", "AB", "1", "-", "接案", "é", "\x00"])
def test_a_letter_that_was_not_shown_is_refused(part):
    with pytest.raises(Invalid) as refusal:
        taken("matching", SPEC, [part, "", "", ""])
    assert refusal.value.code == "foreign_option"


def test_more_parts_than_there_are_texts_are_refused():
    with pytest.raises(Invalid) as refusal:
        taken("matching", SPEC, ["A"] * 5)
    assert refusal.value.code == "too_many_parts"


def test_the_authors_order_gives_nothing_away():
    fields = view("matching", SPEC).fields
    assert [field.label for field in fields] == [left for left, _right in SPEC["pairs"]]
    words = [words for _letter, words in fields[0].choices]
    assert words == sorted(["接案", "督导", "结案", "预估"])
    assert all(field.choices == fields[0].choices for field in fields)


def test_says_the_words_and_not_their_letters():
    stored = taken("matching", SPEC, ["A", "C", "", "C"])
    told = explain("matching", SPEC, stored, rule(4), order=[3, 1, 0, 2])
    assert [(one.label, one.given, one.right) for one in told] == [
        ("建立关系", "接案", "接案"),
        ("收集资料", "结案", "预估"),
        ("巩固改变", "", "结案"),
        ("处理离别", "结案", "结案"),
    ]


@pytest.mark.parametrize(
    ("spoilt", "where"),
    [
        ({"pairs": []}, "pairs"),
        ({"pairs": [["甲", "乙"]]}, "pairs"),  # one pair asks nothing
        ({"pairs": [["甲", "乙"], ["丙"]]}, "pairs"),
        ({"pairs": [["甲", "乙"], ["丙", " "]]}, "pairs"),
        ({"pairs": [["甲", "乙"], ["丙", 1]]}, "pairs"),
        ({"pairs": [["甲", "乙"], ["甲 ", "丁"]]}, "pairs"),  # one text on the left twice
        ({"pairs": [["甲", "乙"], ["丙", "乙"]]}, "pairs"),  # only one answer
        ({"pairs": [[str(n), f"右{n}"] for n in range(13)]}, "pairs"),
        ({"pairs": "甲乙"}, "pairs"),
        ({"extra": ["接案"]}, "extra"),  # it is an answer
        ({"extra": ["督导", "督导"]}, "extra"),
        ({"extra": [f"多{n}" for n in range(9)]}, "extra"),
        ({"extra": "督导"}, "extra"),
    ],
)
def test_a_faulty_spec_names_its_key(spoilt, where):
    with pytest.raises(Invalid) as refusal:
        KIND.read_spec({**SPEC, **spoilt})
    assert refusal.value.where == where


@st.composite
def questions(draw):
    """A question, an answer as positions among its texts, an order, full marks."""
    rights = [f"右{n}" for n in range(draw(st.integers(2, 12)))]
    lefts = draw(st.integers(2, 12))
    key_ = draw(st.lists(st.sampled_from(rights), min_size=lefts, max_size=lefts))
    if len(set(key_)) < 2:
        key_[:2] = rights[:2]
    extra = [text for text in rights if text not in key_][:8]
    spec = {"pairs": [[f"左{n}", right] for n, right in enumerate(key_)], "extra": extra}
    known = sorted({*key_, *extra})
    given_ = draw(st.lists(st.sampled_from(["", *known]), min_size=lefts, max_size=lefts))
    return spec, key_, known, given_, draw(st.integers(1, 40)), draw(st.integers())


@given(questions())
def test_marks_as_an_oracle_does_in_whatever_order_it_is_shown(case):
    spec, key_, known, words, full, seed = case
    order = list(range(len(known)))
    Random(seed).shuffle(order)
    letters = {words_: letter for letter, words_ in view("matching", spec, order).fields[0].choices}
    assert set(letters) == set(known)
    stored = taken("matching", spec, [letters.get(word, "") for word in words], order)
    right = sum(word == wanted for word, wanted in zip(words, key_, strict=True))
    found = mark("matching", spec, stored, rule(full))
    assert (found.earned, found.out_of) == (full * right // len(key_), full)
    assert found.is_full == (right == len(key_))
    back = shown("matching", spec, stored, order)
    assert [known[order["ABCDEFGHIJKL".index(part)]] if part else "" for part in back] == (
        words if stored else []
    )


def test_what_is_stored_means_the_same_in_every_order():
    orders = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]]
    seen = set()
    for order in orders:
        letters = {w: letter for letter, w in view("matching", SPEC, order).fields[0].choices}
        parts = [letters[right] for _left, right in SPEC["pairs"]]
        seen.add(taken("matching", SPEC, parts, order))
    assert seen == {key("matching", SPEC)} == {"ADCC"}
