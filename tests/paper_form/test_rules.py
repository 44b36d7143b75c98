"""Cells, lists and lay-out, by tables and against what a person would do by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.paper_form import rules
from lms.paper_form.rules.rich import line, paragraphs, words
from lms.paper_form.rules.sheets import width
from lms.paper_form.types import CardSlot, Letters, Run
from lms.question_bank.types import Marking

SINGLE, MULTIPLE = CardSlot("single_choice", "ABCD"), CardSlot("multiple_choice", "ABCDE")
TRUTH = CardSlot("true_false", "TF")
HEAD = ["姓名", "1", "2", "3"]


@pytest.mark.parametrize(
    ("cell", "slot", "said"),
    [
        ("B", SINGLE, Letters("B")),
        (" \uff42 ", SINGLE, Letters("B")),  # full width, lower case, spaces
        ("", SINGLE, Letters("")),
        ("-", MULTIPLE, Letters("")),
        ("未答", SINGLE, Letters("")),
        ("DBA", MULTIPLE, Letters("ABD")),
        ("A、B，D", MULTIPLE, Letters("ABD")),
        ("A", MULTIPLE, Letters("A")),
        ("AC", SINGLE, Letters("", spoilt="AC")),  # two marks on a real card earn nothing
        ("√", TRUTH, Letters("T")),
        ("×", TRUTH, Letters("F")),
        ("错", TRUTH, Letters("F")),
    ],
)
def test_a_cell_says(cell, slot, said):
    assert rules.read_cell(cell, slot) == said


@pytest.mark.parametrize(
    ("cell", "slot", "code"),
    [
        ("E", SINGLE, "foreign_letter"),  # not printed
        ("F", MULTIPLE, "foreign_letter"),
        ("AX", MULTIPLE, "foreign_letter"),
        ("甲", SINGLE, "foreign_letter"),
        ("AA", MULTIPLE, "repeated_letter"),
        ("?", TRUTH, "foreign_letter"),
    ],
)
def test_a_cell_is_refused(cell, slot, code):
    with pytest.raises(Invalid) as refused:
        rules.read_cell(cell, slot)
    assert refused.value.code == code


@given(st.text(max_size=12))
def test_whatever_stands_in_a_cell_is_read_or_refused_by_name(cell):
    for slot in (SINGLE, MULTIPLE, TRUTH):
        try:
            said = rules.read_cell(cell, slot)
        except Invalid as refused:
            assert refused.code in {"foreign_letter", "repeated_letter"}
        else:
            assert set(said.letters) <= set(slot.letters)
            assert set(said.spoilt) <= set(slot.letters)


@given(st.permutations(["姓名", "用户名", "第1题", "2", "题3"]))
def test_columns_stand_in_any_order(head):
    cells = {"姓名": "杨梅", "用户名": "YangMei", "第1题": "A", "2": "B", "题3": "ABD"}
    (row,) = rules.read_rows([["成绩表"], head, [cells[name] for name in head]], 3)
    assert (row.line, row.user_name, row.name) == (3, "yangmei", "杨梅")
    assert row.answers == {1: "A", 2: "B", 3: "ABD"}


def test_all_answers_may_stand_in_one_column():
    (row,) = rules.read_rows([["姓名", "答案"], ["杨梅", "A - ABD"]], 3)
    assert row.answers == {1: "A", 2: "-", 3: "ABD"}


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ([["甲", "乙"], ["1", "2"]], "no_header"),
        ([HEAD[:-1], ["杨梅", "A", "B"]], "missing_columns"),
        ([[*HEAD, "4"], ["杨梅", "A", "B", "C", "D"]], "foreign_slot"),
        ([[*HEAD, "第3题"], ["杨梅", "A", "B", "C", "D"]], "same_heading_twice"),
        ([HEAD], "no_rows"),
        ([HEAD, *([["杨梅", "A", "B", "C"]] * (rules.MOST_ROWS + 1))], "too_many_rows"),
        ([["姓名", "答案"], ["杨梅", "A B"]], "wrong_count"),
    ],
)
def test_a_list_is_refused(table, code):
    with pytest.raises(Invalid) as refused:
        rules.read_rows(table, 3)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("widths", "columns"),
    [
        ([4, 4, 4, 4], 4),  # 甲乙: all on one line
        ([14, 14, 14, 14], 4),  # 4 * 19 = 76
        ([15, 14, 14, 14], 2),  # 4 * 20 = 80 is more than 78
        ([34, 30, 30, 30], 2),  # 2 * 39 = 78
        ([35, 30, 30, 30], 1),
        ([10, 10, 10, 10, 10], 5),
        ([], 1),
    ],
)
def test_short_options_share_a_line(widths, columns):
    assert rules.columns_for(widths) == columns


def said(kinds, **tables):
    return "。".join(rules.marking_words(kinds, Marking.read(tables)))


def test_rules_in_words():
    body = {"single_choice": {"full": 2}, "multiple_choice": {"full": 4, "each": 1}}
    assert "只有 1 个最符合题意。选对得 1 分，选错、不选不得分" in said(["single_choice"], **body)
    assert "每选对一项得 0.5 分" in said(["multiple_choice"], **body)
    nothing = {"multiple_choice": {"full": 4, "each": 0}}
    assert "选错、少选都不得分" in said(["multiple_choice"], **nothing)


def test_a_section_of_two_kinds_says_which_rule_is_whose():
    words = said(["single_choice", "true_false"], single_choice={"full": 2}, true_false={"full": 2})
    assert "单项选择题：选对得 1 分" in words
    assert "判断题：" in words


def test_a_rule_in_thirds_that_takes_away_says_so():
    table = {"method": "negative", "full": 3, "penalty": 1}
    words = said(["single_choice"], unit=3, single_choice=table)
    assert "选对得 1 分" in words
    assert "选错倒扣 1/3 分" in words
    assert "全卷总分低于 0 分的按 0 分计" in words


def test_markdown_becomes_paragraphs_of_runs():
    assert line("甲**乙**") == (Run("甲"), Run("乙", frozenset("b")))
    text = "第一段\n\n- 甲\n- 乙\n\nH~2~O"
    assert [words(block) for block in paragraphs(text)][:3] == ["第一段", "· 甲", "· 乙"]


@pytest.mark.parametrize(("text", "wide"), [("甲", 2), ("a", 1), ("甲a（", 5), ("", 0)])
def test_widths(text, wide):
    assert width(text) == wide
