from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.rules import (
    is_right,
    key,
    kind_named,
    mark,
    options_of,
    shown,
    taken,
    view,
)
from lms.question_bank.types import Mark, Marking
from tests.question_bank.builders import FIVE, FOUR, MARKING


def marked(kind, spec, letters, rule):
    """The mark of letters as a page sends them."""
    return mark(kind, spec, taken(kind, spec, [letters]), rule)


def multiple(answer, options=FIVE):
    return {"options": list(options), "answer": answer}


@pytest.mark.parametrize(
    ("key", "chosen", "earned"),
    [
        ("ABD", "A", 1),  # half a point for a part
        ("ABD", "AB", 2),
        ("ABD", "ABD", 4),
        ("ABD", "AC", 0),  # any wrong option
        ("ABD", "ABCD", 0),  # the whole key and one wrong
        ("ABD", "ABCDE", 0),
        ("ABD", "", 0),
        ("ABCD", "ABC", 3),  # 1.5 points
        ("AB", "A", 1),
        ("AB", "AB", 4),
    ],
)
def test_multiple_choice_is_marked_as_the_national_exam_does(key, chosen, earned):
    assert marked("multiple_choice", multiple(key), chosen, MARKING) == Mark(earned, out_of=4)


@pytest.mark.parametrize(("chosen", "earned"), [("B", 2), ("A", 0), ("", 0)])
def test_single_choice_is_marked_as_the_national_exam_does(chosen, earned):
    spec = {"options": list(FOUR), "answer": "B"}
    assert marked("single_choice", spec, chosen, MARKING) == Mark(earned, out_of=2)


@pytest.mark.parametrize(
    ("kind", "chosen", "code"),
    [
        ("single_choice", "AB", "too_many"),
        ("single_choice", "E", "foreign_option"),
        ("single_choice", "BE", "foreign_option"),
        ("multiple_choice", "AE", "foreign_option"),
        ("multiple_choice", "a", "foreign_option"),
        ("multiple_choice", "A1", "foreign_option"),
        ("hologram", "A", "no_kind"),
    ],
)
def test_what_is_no_answer_is_refused(kind, chosen, code):
    spec = {"options": list(FOUR), "answer": "B" if kind == "single_choice" else "AB"}
    with pytest.raises(Invalid) as refusal:
        marked(kind, spec, chosen, MARKING)
    assert refusal.value.code == code


def test_the_numbers_come_from_the_rule():
    rule = Marking.read({"single_choice": {"full": 3}, "multiple_choice": {"full": 10, "each": 2}})
    assert marked("single_choice", {"options": list(FOUR), "answer": "B"}, "B", rule).earned == 3
    assert marked("multiple_choice", multiple("ABD"), "AB", rule) == Mark(4, out_of=10)


def test_parts_never_earn_more_than_the_whole():
    rule = Marking.read({"multiple_choice": {"full": 4, "each": 3}})
    assert marked("multiple_choice", multiple("ABD"), "AB", rule) == Mark(4, out_of=4)


def test_all_or_nothing_is_a_rule_too():
    rule = Marking.read({"multiple_choice": {"full": 4, "each": 0}})
    assert marked("multiple_choice", multiple("ABD"), "AB", rule) == Mark(0, out_of=4)


@pytest.mark.parametrize(
    "body",
    [
        {"multiple_choice": {"full": 4}},
        {"multiple_choice": {"full": 4, "each": "1"}},
        {"multiple_choice": {"full": 4, "each": -1}},
        {"multiple_choice": {"full": 4, "each": True}},
    ],
)
def test_a_broken_rule_is_refused_with_its_key(body):
    with pytest.raises(Invalid) as refusal:
        marked("multiple_choice", multiple("ABD"), "A", Marking.read(body))
    assert refusal.value.where == "multiple_choice.each"


def test_a_rule_whose_entry_is_no_table_is_refused():
    with pytest.raises(Invalid):
        Marking.read({"single_choice": 2})


@st.composite
def keys_and_rules(draw):
    size = draw(st.integers(3, 8))
    letters = "ABCDEFGH"[:size]
    key = draw(st.sets(st.sampled_from(letters), min_size=2, max_size=size - 1))
    full = draw(st.integers(1, 20))
    return letters, "".join(sorted(key)), full, draw(st.integers(0, full))


@given(keys_and_rules())
def test_every_subset_is_marked_as_an_oracle_marks_it(case):
    letters, key, full, each = case
    spec = multiple(key, [f"选项{letter}" for letter in letters])
    rule = Marking.read({"multiple_choice": {"full": full, "each": each}})
    subsets = [c for n in range(len(letters) + 1) for c in combinations(letters, n)]
    for chosen in subsets:
        # told letter by letter, without sets
        wrong = sum(1 for letter in chosen if letter not in key)
        hits = sum(1 for letter in chosen if letter in key)
        if wrong or not chosen:
            expected = 0
        elif hits == len(key):
            expected = full
        else:
            expected = min(full, each * hits)
        found = marked("multiple_choice", spec, "".join(chosen), rule)
        assert found == Mark(expected, out_of=full)


@given(keys_and_rules(), st.randoms(use_true_random=False))
def test_the_order_of_the_letters_does_not_matter(case, random):
    letters, key, full, each = case
    spec = multiple(key, [f"选项{letter}" for letter in letters])
    rule = Marking.read({"multiple_choice": {"full": full, "each": each}})
    chosen = random.sample(letters, random.randint(0, len(letters)))
    assert marked("multiple_choice", spec, "".join(chosen), rule) == marked(
        "multiple_choice", spec, "".join(sorted(chosen)), rule
    )


def test_letters_are_stored_in_the_authors_order():
    assert taken("multiple_choice", multiple("ABD"), ["DAA"]) == "AD"
    assert taken("multiple_choice", multiple("ABD"), []) == ""
    assert taken("multiple_choice", multiple("ABD"), [" "]) == ""
    assert taken("multiple_choice", multiple("ABD"), ["BA"]) == "AB"
    assert key("multiple_choice", multiple("ABD")) == "ABD"


def test_more_parts_than_the_question_has_are_refused():
    with pytest.raises(Invalid) as refusal:
        taken("multiple_choice", multiple("ABD"), ["A", "B"])
    assert refusal.value.code == "too_many_parts"


def test_only_what_is_wholly_right_is_right():
    assert is_right("multiple_choice", multiple("ABD"), "ABD")
    assert not is_right("multiple_choice", multiple("ABD"), "AB")
    assert not is_right("multiple_choice", multiple("ABD"), "")
    assert is_right("single_choice", {"options": list(FOUR), "answer": "B"}, "B")


def test_options_are_lettered_from_the_top_in_whatever_order():
    spec = {"options": ["甲", "乙", "丙"], "answer": "A"}
    assert options_of("single_choice", spec) == (("A", "甲"), ("B", "乙"), ("C", "丙"))
    assert view("single_choice", spec, [2, 0, 1]).fields[0].choices == (
        ("A", "丙"),
        ("B", "甲"),
        ("C", "乙"),
    )


THREE = {"options": ["甲", "乙", "丙"], "answer": "AB"}
ORDER = [2, 0, 1]  # shown: A is the author's C, B is A, C is B


def test_shown_letters_become_the_authors():
    for sent, stored in [("A", "C"), ("CA", "BC"), ("", "")]:
        assert taken("multiple_choice", THREE, [sent], ORDER) == stored
    for stored, there in [("C", ("A",)), ("BC", ("AC",)), ("", ())]:
        assert shown("multiple_choice", THREE, stored, ORDER) == there


@pytest.mark.parametrize("foreign", ["D", "a", "1", "é", "AD"])
def test_a_letter_that_was_not_shown_is_refused(foreign):
    with pytest.raises(Invalid) as refusal:
        taken("multiple_choice", THREE, [foreign], ORDER)
    assert refusal.value.code == "foreign_option"


@given(st.integers(3, 8), st.integers(), st.data())
def test_letters_come_back_whatever_the_order(size, seed, data):
    spec = {"options": [f"选项{n}" for n in range(size)], "answer": "AB"}
    order = list(range(size))
    Random(seed).shuffle(order)
    letters = st.sets(st.sampled_from("ABCDEFGH"[:size]), min_size=1)
    chosen = "".join(sorted(data.draw(letters)))
    there = shown("multiple_choice", spec, chosen, order)
    assert taken("multiple_choice", spec, there, order) == chosen
    authored = taken("multiple_choice", spec, [chosen], order)
    assert shown("multiple_choice", spec, authored, order) == (chosen,)


@given(st.integers(2, 6), st.integers())
def test_the_shown_key_stands_beside_the_right_words(size, seed):
    options = [f"选项{n}" for n in range(size)]
    spec = {"options": options, "answer": "B"}
    order = list(range(size))
    Random(seed).shuffle(order)
    there = dict(view("single_choice", spec, order).fields[0].choices)
    assert there[shown("single_choice", spec, "B", order)[0]] == options[1]


@pytest.mark.parametrize("earned", [-1, 3])
def test_a_mark_out_of_range_cannot_exist(earned):
    with pytest.raises(ValueError, match="out of range"):
        Mark(earned, out_of=2)


@pytest.mark.parametrize(
    ("kind", "options", "answer", "where"),
    [
        ("single_choice", "甲", "A", "options"),  # one option is no choice
        ("single_choice", "甲乙丙丁戊己庚", "A", "options"),  # seven
        ("single_choice", "甲乙丙丁", "AB", "answer"),
        ("multiple_choice", "甲乙", "AB", "options"),
        ("multiple_choice", "甲乙丙丁戊", "A", "answer"),  # one right: not multiple
        ("multiple_choice", "甲乙丙", "ABC", "answer"),  # nothing wrong to pick
        ("multiple_choice", "甲乙丙丁戊", "BA", "answer"),
        ("multiple_choice", "甲乙丙丁戊", "AAB", "answer"),
        ("multiple_choice", "甲乙丙丁戊", "A,B", "answer"),
        ("multiple_choice", "甲乙丙丁戊", "ab", "answer"),
        ("multiple_choice", "甲乙丙丁戊", "ABF", "answer"),
    ],
)
def test_an_impossible_question_is_refused(kind, options, answer, where):
    with pytest.raises(Invalid) as refusal:
        kind_named(kind).read_spec({"options": list(options), "answer": answer})
    assert refusal.value.where == where


@pytest.mark.parametrize(
    "edge",
    [("single_choice", 2), ("single_choice", 6), ("multiple_choice", 3), ("multiple_choice", 8)],
)
def test_the_fewest_and_the_most_options_are_fine(edge):
    kind, size = edge
    answer = "A" if kind == "single_choice" else "AB"
    spec = kind_named(kind).read_spec(
        {"options": [f"选{n}" for n in range(size)], "answer": answer}
    )
    assert len(spec.options) == size


@pytest.mark.parametrize(
    "words",
    [
        "以上都是",
        "以上皆是",
        "都不是",
        "以上都不对",
        "以上选项都正确",
        "上述各项均是",
        "以上说法都不正确。",
        "以上全是",
        "全部正确",
    ],
)
def test_options_about_the_other_options_are_refused(words):
    with pytest.raises(Invalid) as refusal:
        kind_named("single_choice").read_spec({"options": ["甲", "乙", "丙", words], "answer": "A"})
    assert refusal.value.code == "about_others"


@pytest.mark.parametrize(
    "words", ["都是家庭成员", "以上级意见为准", "以上门探访为主", "全是服务对象自己决定", "均等化"]
)
def test_options_that_only_sound_alike_are_fine(words):
    spec = {"options": ["甲", "乙", "丙", words], "answer": "A"}
    assert kind_named("single_choice").read_spec(spec).options[3] == words
