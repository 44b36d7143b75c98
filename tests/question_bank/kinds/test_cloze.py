import pytest

from lms.kernel.errors import Invalid
from lms.question_bank.rules import kind_named, taken, view
from lms.question_bank.types import Input
from tests.question_bank.kinds.marked import earned, told

KIND = kind_named("cloze")
PICK = {"options": ["接案", "预估", "结案"], "answer": "B"}
WORDS = {"answers": ["通用过程模式", "通用过程"]}
NUMBER = {"number": "30", "tolerance": "0.5", "unit": "天", "units": ["日"]}
SPEC = {"gaps": [PICK, WORDS, NUMBER]}


@pytest.mark.parametrize(
    ("parts", "marks"),
    [
        (["B", "通用过程模式", "30"], 10),
        (["B", "通用过程。", "30.5日"], 10),
        (["B"], 3),  # a third of 10, rounded down
        (["", "通用过程"], 3),
        (["", "", "29.5 天"], 3),
        (["A", "通用过程", "29.49"], 3),
        (["C", "过程模式", "31"], 0),
        (["", " ", ""], 0),
        ([], 0),
    ],
)
def test_marks(parts, marks):
    assert earned("cloze", SPEC, *parts, full=10) == marks


def test_says_the_option_and_not_its_letter():
    assert told("cloze", SPEC, "C", "通用过程", full=10) == [
        ("第 1 空", "结案", "预估", False),
        ("第 2 空", "通用过程", "通用过程模式", True),
        ("第 3 空", "", "30 ± 0.5 天", False),
    ]


def test_each_gap_has_its_own_sort_of_field():
    shown = view("cloze", SPEC)
    assert shown.is_inline
    assert [field.input for field in shown.fields] == [Input.PICK, Input.TEXT, Input.NUMBER]
    assert shown.fields[0].choices == (("A", "接案"), ("B", "预估"), ("C", "结案"))
    assert shown.fields[2].unit == "天"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (["D"], "foreign_option"),
        (["AB"], "foreign_option"),
        (["b"], "foreign_option"),
        (["", "长" * 201], "too_long"),
        (["", "", "三十"], "not_a_number"),
        (["", "", "", ""], "too_many_parts"),
    ],
)
def test_refuses_an_answer(parts, code):
    with pytest.raises(Invalid) as refusal:
        taken("cloze", SPEC, parts)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("gaps", "code", "where"),
    [
        (None, "not_tables", "gaps"),
        ([], "too_few", "gaps"),
        (["甲"], "not_tables", "gaps"),
        ([WORDS] * 11, "wrong_count", "gaps"),
        ([WORDS, {}], "no_gap", "gaps.1"),
        ([{"options": ["甲"], "answer": "A"}], "wrong_count", "gaps.0.options"),
        ([{"options": ["甲", "甲"], "answer": "A"}], "alike", "gaps.0.options"),
        ([{"options": list("一二三四五六七八九"), "answer": "A"}], "wrong_count", "gaps.0.options"),
        ([{"options": ["甲", "乙"], "answer": "C"}], "not_allowed", "gaps.0.answer"),
        ([{"options": ["甲", "乙"], "answer": "AB"}], "not_allowed", "gaps.0.answer"),
        ([{"options": ["甲", "乙"]}], "missing", "gaps.0.answer"),
        ([PICK | {"answers": ["甲"]}], "unknown_key", "gaps.0.answers"),
        ([WORDS | {"number": "1"}], "unknown_key", "gaps.0.number"),
        ([{"answers": ["甲", "甲。"]}], "alike", "gaps.0.answers"),
        ([WORDS, NUMBER | {"tolerance": "-1"}], "negative", "gaps.1.tolerance"),
        ([{"number": 30}], "not_decimal", "gaps.0.number"),
    ],
)
def test_refuses_a_spec(gaps, code, where):
    with pytest.raises(Invalid) as refusal:
        KIND.read_spec({"gaps": gaps})
    assert (refusal.value.code, refusal.value.where) == (code, where)


@pytest.mark.parametrize(
    ("stem", "code"),
    [
        ("先[[1]]，按[[2]]，共[[3]]。", None),
        ("先**[[1]]**，按[[2]]（注），共[[3]]。", None),
        ("先[[1]]，按[[2]]。", "other_gaps"),  # a gap without its hole
        ("先[[1]]，按[[2]]，共[[3]]，末[[4]]。", "other_gaps"),  # a hole without its gap
        ("先[[2]]，按[[1]]，共[[3]]。", "other_gaps"),
        ("先[[1]]，按[[1]]，共[[3]]。", "other_gaps"),
        ("没有空。", "other_gaps"),
        ("先[[1]]，按[[2]]，共[[3]]天。", "unit_twice"),  # the field shows its unit
        ("先[[1]]天，按[[2]]天，共[[3]]，一天。", None),
        ("先[[1]](甲)，按[[2]]，共[[3]]。", "no_link"),
        ("先[[1]]：[[2]]:，共[[3]]。", "no_link"),
    ],
)
def test_the_stem_names_every_gap_once_and_in_order(stem, code):
    spec = KIND.read_spec(SPEC)
    if code is None:
        KIND.check_stem(spec, stem)
        return
    with pytest.raises(Invalid) as refusal:
        KIND.check_stem(spec, stem)
    assert (refusal.value.code, refusal.value.where) == (code, "stem")
