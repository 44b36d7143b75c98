"""What changed between two versions, in words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.question_bank import rules
from lms.question_bank.rules.changes import How
from lms.question_bank.types import QuestionText, Snapshot
from tests.builders import NOON

FOUR = ["独居老人", "高龄老人", "失能老人", "空巢老人"]


def version(number=1, *, tags=("模拟",), options=FOUR, answer="B", spec=None, **values):
    values = {
        "version_id": number,
        "question_id": 1,
        "key": "q1",
        "kind": "single_choice",
        "stem": "应当优先走访的是（ ）。",
        "spec": {"options": list(options), "answer": answer} if spec is None else spec,
        "explanation": "因为如此。",
        "chapter_key": "2025/J-COMP/06",
        "point_key": "2025/J-COMP/06/1",
        "difficulty": 1,
        "source": {"kind": "law", "title": "某法", "edition": "2016", "article": "第二条"},
        "valid_on": date(2026, 1, 1),
    } | values
    return Snapshot(number, number, NOON, "J-COMP", QuestionText(**values), tuple(tags))


def said(**values):
    found = rules.changes(version(), version(2, **values))
    return [(c.code, c.message % {n: str(v) for n, v in c.params.items()}) for c in found]


def test_the_same_says_nothing():
    assert said() == []


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"stem": "应当先走访的是（ ）。"}, "stem", "改了题干"),
        ({"explanation": "因为法律如此。"}, "explanation", "改了解析"),
        ({"kind": "multiple_choice"}, "kind", "题型由“单项选择题”改为“多项选择题”"),
        ({"answer": "C"}, "key", "答案由 B 改为 C"),
        ({"difficulty": 3}, "difficulty", "难度由“易”改为“难”"),
        ({"valid_on": date(2026, 2, 1)}, "valid_on", "核对日期由 2026-01-01 改为 2026-02-01"),
        ({"point_key": "2025/J-COMP/06/2"}, "point", "从大纲 2025/J-COMP/06/1 移到 2025/J-COMP/06/2"),
        (
            {"source": {"kind": "law", "title": "某法", "edition": "2023", "article": "第三条"}},
            "source",
            "依据由“某法（2016）第二条”改为“某法（2023）第三条”",
        ),
        ({"tags": ("模拟", "新")}, "tags", "新增标签：新"),
        ({"tags": ()}, "tags", "去掉标签：模拟"),
        ({"options": [*FOUR, "留守儿童"]}, "option_added", "新增选项 E：留守儿童"),
        ({"options": FOUR[:3]}, "option_removed", "删去选项 D：空巢老人"),
        ({"options": [*FOUR[:3], "空巢的老人"]}, "option_changed", "改了选项 D"),
    ],
)  # fmt: skip
def test_each_change_has_its_sentence(values, code, words):
    assert said(**values) == [(code, words)]


def test_a_key_that_moves_with_its_option_has_not_changed():
    turned = [FOUR[1], FOUR[0], FOUR[2], FOUR[3]]
    assert said(options=turned, answer="A") == [
        ("options_reordered", "选项换了先后次序"),
        ("key_letter", "答案的字母由 B 变为 A，内容没有变（选项换了位置）"),
    ]


def test_a_letter_that_stays_while_options_move_is_another_key():
    turned = [FOUR[1], FOUR[0], FOUR[2], FOUR[3]]
    assert said(options=turned)[-1] == (
        "key", "答案的字母仍是 B，但这个字母的选项换了内容：答案实际改了",
    )  # fmt: skip


def test_a_right_option_that_is_rewritten_stays_the_key():
    found = rules.changes(version(), version(2, options=[FOUR[0], "高龄的老人", *FOUR[2:]]))
    (change,) = found
    assert [(p.how, p.text) for p in change.pieces] == [
        (How.SAME, "高龄"), (How.ADDED, "的"), (How.SAME, "老人"),
    ]  # fmt: skip


def test_a_right_option_that_is_replaced_is_another_key():
    codes = [code for code, _words in said(options=[FOUR[0], "志愿者", *FOUR[2:]])]
    assert codes == ["option_removed", "option_added", "key"]


def test_parts_that_no_rule_knows_are_named():
    before = version(spec={"answers": ["甲", "乙"], "tolerance": 1})
    after = version(2, spec={"answers": ["甲", "丙"], "tolerance": 1})
    (change,) = rules.changes(before, after)
    assert change.code == "part" and change.params == {"name": "answers"}
    assert "".join(p.text for p in change.pieces if p.how is not How.REMOVED) == "甲、丙"


def test_chinese_is_compared_by_characters_and_the_rest_by_words():
    pieces = rules.compare_texts("满 60 岁 retire", "满 65 岁 retired")
    assert [(p.how, p.text) for p in pieces if p.how is not How.SAME] == [
        (How.REMOVED, "60"), (How.ADDED, "65"), (How.REMOVED, "retire"), (How.ADDED, "retired"),
    ]  # fmt: skip


@given(st.text(max_size=30), st.text(max_size=30))
def test_both_texts_can_be_read_off_the_pieces(before, after):
    pieces = rules.compare_texts(before, after)
    assert "".join(p.text for p in pieces if p.how is not How.ADDED) == before
    assert "".join(p.text for p in pieces if p.how is not How.REMOVED) == after


@given(
    st.lists(st.sampled_from(["甲一", "甲二", "乙", "丙丁"]), min_size=2, max_size=4, unique=True),
    st.lists(st.sampled_from(["甲一", "甲二", "乙", "丙丁"]), min_size=2, max_size=4, unique=True),
    st.sampled_from("AB"),
    st.sampled_from("AB"),
)
def test_a_key_is_said_to_change_whenever_another_text_is_right(old, new, a, b):
    found = rules.changes(version(options=old, answer=a), version(2, options=new, answer=b))
    right = old["AB".index(a)], new["AB".index(b)]
    codes = {change.code for change in found}
    if right[0] == right[1]:
        assert "key" not in codes
    elif right[0] in new or right[1] in old:
        assert "key" in codes, "an option that is still there is no longer right, or a wrong one is"


def written(kind, before, after, **stem):
    old = version(kind=kind, spec=before, **stem)
    new = version(2, kind=kind, spec=after, **stem)
    found = rules.changes(old, new)
    return [(c.code, c.message % {n: str(v) for n, v in c.params.items()}) for c in found]


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        (
            "true_false",
            {"answer": True},
            {"answer": False},
            [("key", "答案由“正确”改为“错误”")],
        ),
        (
            "short_answer",
            {"answers": ["预估"]},
            {"answers": ["需要评估"]},
            [("key", "答案由“预估”改为“需要评估”")],
        ),
        (
            "short_answer",  # another way to say it: what is shown as right stays
            {"answers": ["预估"]},
            {"answers": ["预估", "需要评估"]},
            [("part", "改了“可接受的答案”")],
        ),
        (
            "short_answer",
            {"answers": ["预估"]},
            {"answers": ["需要评估", "预估", "评定"]},
            [("key", "答案由“预估”改为“需要评估”"), ("part", "改了“可接受的答案”")],
        ),
        (
            "fill_blank",
            {"blanks": [["接案"], ["预估"]]},
            {"blanks": [["接案"], ["计划"]]},
            [("key", "第 2 个空的答案由“预估”改为“计划”")],
        ),
        (
            "fill_blank",
            {"blanks": [["接案"]]},
            {"blanks": [["接案"], ["计划"]]},
            [("part_added", "新增第 2 个空，答案是“计划”")],
        ),
        (
            "fill_blank",
            {"blanks": [["接案"], ["计划"]]},
            {"blanks": [["接案"]]},
            [("part_removed", "删去第 2 个空，答案是“计划”")],
        ),
        (
            "fill_blank",
            {"blanks": [["接案"], ["计划"]]},
            {"blanks": [["接案"], ["计划"]], "any_order": True},
            [("part", "改了“次序不限”")],
        ),
        (
            "numeric",
            {"answer": "30", "unit": "天"},
            {"answer": "60", "unit": "天"},
            [("key", "答案由“30 天”改为“60 天”")],
        ),
        (
            "numeric",
            {"answer": "30", "unit": "天"},
            {"answer": "30", "unit": "天", "units": ["日"]},
            [("part", "改了“可用的其他单位”")],
        ),
        (
            "numeric",
            {"answer": "30"},
            {"answer": "30", "tolerance": "0.5"},
            [("key", "答案由“30”改为“30 ± 0.5”")],
        ),
        (
            "cloze",
            {"gaps": [{"answers": ["接案"]}, {"number": "3"}]},
            {"gaps": [{"answers": ["接案"]}, {"number": "5"}]},
            [("key", "第 2 个空的答案由“3”改为“5”")],
        ),
        (
            "cloze",  # which option is right has no text of its own: the table is shown as well
            {"gaps": [{"options": ["甲", "乙"], "answer": "A"}]},
            {"gaps": [{"options": ["甲", "乙"], "answer": "B"}]},
            [("key", "答案由“甲”改为“乙”"), ("part", "改了“各空”")],
        ),
    ],
)
def test_what_is_right_now_is_said_in_words_whatever_the_kind(kind, before, after, expected):
    assert written(kind, before, after) == expected
    assert written(kind, before, before) == []


ACCEPTED = st.lists(
    st.text("甲乙丙丁", min_size=1, max_size=2), min_size=1, max_size=3, unique=True
)


@given(ACCEPTED, ACCEPTED)
def test_no_change_of_accepted_texts_goes_unsaid(before, after):
    found = written("short_answer", {"answers": before}, {"answers": after})
    assert bool(found) == (before != after)
    if before[0] != after[0]:
        assert ("key", f"答案由“{before[0]}”改为“{after[0]}”") in found
