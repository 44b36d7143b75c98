from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.rules import explain, kind_named, mark, mark_judged, shown, taken, view
from lms.question_bank.types import Input, Marking
from tests.question_bank.builders import MARKING

KIND = kind_named("case_analysis")
RULE = Marking({**MARKING.tables, "true_false": {"full": 2}})
NEEDS = {
    "ask": "有哪些需要？",
    "points": [{"text": "经济需要", "marks": 4}, {"text": "照顾需要", "marks": 2}],
}
ONE = {
    "ask": "处于哪个阶段？",
    "kind": "single_choice",
    "options": ["接案", "预估", "介入"],
    "answer": "B",
    "marks": 4,
}
MANY = {
    "ask": "可以动员谁？",
    "kind": "multiple_choice",
    "options": ["邻居", "居委会", "女儿", "超市"],
    "answer": "ABC",
    "marks": 4,
}
JUDGE = {"ask": "这样做对吗？", "kind": "true_false", "answer": False, "marks": 2}
SPEC = {"parts": [NEEDS, ONE, MANY, JUDGE]}


def marked(spec, *parts, rule=RULE):
    return mark("case_analysis", spec, taken("case_analysis", spec, parts), rule)


@pytest.mark.parametrize(
    ("parts", "marks"),
    [
        (["经济需要、照顾需要", "B", "ABC", "F"], 16),
        (["经济需要", "", "", ""], 4),
        (["", "B"], 4),
        (["", "A"], 0),
        (["", "", "A"], 1),
        (["", "", "AB"], 2),
        (["", "", "AD"], 0),  # any wrong option
        (["", "", "", "T"], 0),
        (["", "", "", ""], 0),
    ],
)
def test_marks_part_by_part(parts, marks):
    found = marked(SPEC, *parts)
    assert (found.earned, found.out_of) == (marks, 16)


@pytest.mark.parametrize(
    ("worth", "letters", "marks"),
    [
        (4, "AB", 2),  # as in the objective papers: half a point each
        (8, "AB", 4),
        (2, "AB", 1),
        (2, "A", 0),  # a quarter of a point is none
        (3, "AB", 1),  # one and a half, rounded down
        (1, "AB", 0),
        (1, "ABC", 1),
    ],
)
def test_a_choice_earns_its_share_of_what_it_is_worth_rounded_down(worth, letters, marks):
    spec = {"parts": [NEEDS, {**MANY, "marks": worth}]}
    assert marked(spec, "", letters).earned == marks


@given(st.integers(1, 20), st.integers(1, 12), st.integers(0, 4))
def test_a_choice_never_earns_more_for_less_and_everything_for_the_key_alone(worth, full, each):
    each = min(each, full)  # a rule may not value a part higher than the whole
    rule = Marking.read({"multiple_choice": {"full": full, "each": each}})
    spec = {"parts": [NEEDS, {**MANY, "marks": worth}]}
    sets = chain.from_iterable(combinations("ABC", n) for n in range(4))
    by_size = {n: set() for n in range(4)}
    for letters in sets:
        alone = min(full, each * len(letters)) if len(letters) < 3 else full
        found = marked(spec, "", "".join(letters), rule=rule).earned
        assert found == worth * alone // full
        by_size[len(letters)].add(found)
    assert all(len(found) == 1 for found in by_size.values())
    listed = [found.pop() for found in by_size.values()]
    assert listed == sorted(listed)
    assert listed[-1] == worth


def test_fields_are_those_of_their_parts_in_the_authors_order():
    fields = view("case_analysis", SPEC).fields
    assert [f.input for f in fields] == [Input.LONG, Input.ONE, Input.MANY, Input.ONE]
    assert [f.label for f in fields] == [part["ask"] for part in SPEC["parts"]]
    assert fields[1].choices == (("A", "接案"), ("B", "预估"), ("C", "介入"))
    assert KIND.places(KIND.read_spec(SPEC)) == 0


def test_says_part_by_part_how_it_was():
    stored = taken("case_analysis", SPEC, ["经济需要", "C", "AB", ""])
    told = explain("case_analysis", SPEC, stored, RULE)
    assert [(one.mark.earned, one.mark.out_of) for one in told] == [(4, 6), (0, 4), (2, 4), (0, 2)]
    assert [one.given for one in told[:3]] == ["经济需要", "C", "AB"]
    assert [len(one.points) for one in told] == [2, 0, 0, 0]
    assert shown("case_analysis", SPEC, stored) == ("经济需要", "C", "AB", "")


def test_a_persons_ticks_leave_choices_to_their_key():
    stored = taken("case_analysis", SPEC, ["随便写写", "B", "", ""])
    ticks = [[True, False], [], [], []]
    assert mark_judged("case_analysis", SPEC, stored, ticks, RULE).earned == 8
    assert mark_judged("case_analysis", SPEC, "", ticks, RULE).earned == 4


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (["", "D"], "foreign_option"),
        (["", "AB"], "too_many"),
        (["", "", "E"], "foreign_option"),
        (["长" * 3001], "too_long"),
        ([""] * 5, "too_many_parts"),
    ],
)
def test_refuses_an_answer(parts, code):
    with pytest.raises(Invalid) as refusal:
        taken("case_analysis", SPEC, parts)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("parts", "where"),
    [
        ([], "parts"),
        ([ONE, MANY], "parts"),  # nobody would be needed
        ([NEEDS] * 11, "parts"),
        ("问", "parts"),
        ([{**NEEDS, "most_chars": 10_000}] * 5, "parts"),  # together more than one page sends
        ([{**NEEDS, "ask": " "}], "parts.0.ask"),
        ([{**NEEDS, "points": []}], "parts.0.points"),
        ([{**NEEDS, "marks": 6}], "parts.0.marks"),  # its points are worth something, not it
        ([NEEDS, {**ONE, "answer": "D"}], "parts.1.answer"),
        ([NEEDS, {**ONE, "marks": 0}], "parts.1.marks"),
        ([NEEDS, {**ONE, "points": []}], "parts.1.points"),
        ([NEEDS, {**ONE, "kind": "essay"}], "parts.1.kind"),
        ([NEEDS, {**ONE, "kind": ["single_choice"]}], "parts.1.kind"),
        ([NEEDS, {k: v for k, v in ONE.items() if k != "marks"}], "parts.1.marks"),
    ],
)
def test_a_faulty_spec_names_its_key(parts, where):
    with pytest.raises(Invalid) as refusal:
        KIND.read_spec({"parts": parts})
    assert refusal.value.where == where


def test_a_rule_that_says_nothing_about_a_part_is_refused():
    with pytest.raises(Invalid) as refusal:
        marked(SPEC, "", "B", rule=Marking.read({}))
    assert refusal.value.code == "no_marking"
