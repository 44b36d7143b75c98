"""A question's way: written, seen as learners will, approved by somebody else, drilled, doubted."""

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.practice.models import DrillAnswer, ReviewCard
from lms.question_bank.models import (
    MistakeReport,
    Question,
    QuestionDraft,
    QuestionSearch,
    QuestionVersion,
)
from tests.journeys.conftest import DESK, PHONE, main_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

STEM = "驿站社工走访时首先应当（ ）。"
DRAFT = re.compile(r"/teaching/bank/drafts/b-[a-z0-9]+$")
CHAPTER = "2025/M-COMP/02"
"""A chapter without questions: a drill of it asks ours."""


@pytest.fixture
def taken_away(site):
    """Whatever the journey writes is taken away afterwards."""
    yield
    with Session(site.database) as session:
        ours = list(
            # the keys that the bank gives: no file has such a one
            session.scalars(sa.select(Question.id).where(Question.key.startswith("b-")))
        )
        session.execute(sa.delete(QuestionDraft))
        for column in (
            MistakeReport.question_id,
            DrillAnswer.question_id,
            ReviewCard.question_id,
            QuestionSearch.question_id,
            QuestionVersion.question_id,
            Question.id,
        ):
            session.execute(sa.delete(column.class_).where(column.in_(ours)))
        session.commit()


def write(page, stem=STEM):
    """Write a single-choice question and keep it; return its address."""
    page.goto("/teaching/bank")
    page.get_by_role("link", name="写一道新题").click()
    page.get_by_role("link", name="单项选择题").click()
    page.get_by_label("题干").fill(stem)
    for letter, words in zip("ABCD", ("说明来意", "填写表格", "拍照留存", "清点物资"), strict=True):
        page.get_by_label(f"选项 {letter}").fill(words)
    page.get_by_label("A 是正确答案").check()
    page.get_by_label("解析").fill("走访先说明来意，取得同意。")
    page.get_by_label("考点").select_option(CHAPTER)
    page.get_by_label("依据的种类").select_option("concept")
    page.get_by_label("名称").fill("接触阶段")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_question_is_written_approved_drilled_doubted_and_answered(enter, scripts, taken_away):
    author = enter("instructor", window=DESK if scripts else PHONE, scripts=scripts)
    write(author)
    if scripts:
        author.locator("#preview .bx-explanation", has_text="走访先说明来意").wait_for()
    else:
        press(author, "预览")
    shown = main_of(author, "#preview")
    assert STEM in shown and "说明来意" in shown and "正确答案：A" in shown
    press(author, "保存草稿")
    author.wait_for_url(DRAFT)
    address = re.sub(r"^.*?(/teaching)", r"\1", author.url)
    press(author, "送审")
    assert "已送审" in main_of(author)
    assert author.get_by_role("button", name="审核通过并发布").count() == 0

    reviewer = enter("reviewer", scripts=scripts)
    reviewer.goto("/teaching/bank")
    reviewer.get_by_role("link", name="草稿和审核").click()
    reviewer.get_by_role("link", name="待审核 1").click()
    reviewer.get_by_role("link", name=STEM).click()
    press(reviewer, "审核通过并发布")
    reviewer.wait_for_url("**/teaching/bank/questions/b-*")
    assert "已发布" in main_of(reviewer) and "由题库管理" in main_of(reviewer)

    learner = enter("learner1", scripts=scripts)
    learner.goto("/practice/M-COMP/02")
    assert STEM in main_of(learner)
    learner.locator("label.bx-option").first.click()
    press(learner, "提交答案")
    learner.get_by_role("link", name="这道题有错").click()
    learner.get_by_label("答案不对").check()
    learner.get_by_label("说说错在哪里").fill("还要看证件")
    press(learner, "提交")
    assert "还没有答复" in main_of(learner)

    author.goto("/teaching/bank")
    author.get_by_role("link", name="学员纠错 1").click()
    author.get_by_role("link", name=STEM).click()
    told = main_of(author)
    assert "还要看证件" in told and "学员1" not in told
    author.get_by_label("题目没有错").check()
    author.get_by_label("给学员的答复").fill("题目问的是首先。")
    press(author, "答复")
    assert "已答复" in main_of(author)

    learner.goto("/")
    learner.get_by_role("link", name="您反映的题目有 1 条新答复").click()
    assert "题目问的是首先。" in main_of(learner)
    press(learner, "答复都看过了")
    learner.goto("/")
    assert "新答复" not in main_of(learner)
    assert author.goto(address).status == 404  # a draft no more


def test_two_who_write_at_once_lose_nothing(enter, taken_away):
    first, second = enter("instructor", window=DESK), enter("reviewer", window=DESK)
    write(first, stem="驿站两人同写（ ）。")
    press(first, "保存草稿")
    first.wait_for_url(DRAFT)
    second.goto(f"{first.url}/edit")
    first.get_by_role("link", name="接着改").click()
    first.get_by_label("题干").fill("驿站甲改过（ ）。")
    press(first, "保存草稿")
    first.wait_for_url(DRAFT)
    second.get_by_label("题干").fill("驿站乙改过（ ）。")
    press(second, "保存草稿")
    second.locator("#refusal").wait_for()
    assert "没有丢" in main_of(second, "#refusal")
    assert second.get_by_label("题干").input_value() == "驿站乙改过（ ）。"
    press(second, "保存草稿")
    second.wait_for_url(DRAFT)
    assert "驿站乙改过" in main_of(second)


def test_what_is_typed_is_shown_as_learners_will_see_it(enter, taken_away):
    page = enter("instructor")
    page.goto("/teaching/bank/new?kind=multiple_choice")
    page.get_by_label("题干").fill("驿站**边写边看**（ ）。")
    page.locator("#preview strong", has_text="还不能送审").wait_for()
    for letter in "ABCDE":
        page.get_by_label(f"选项 {letter}").fill(f"做法{letter}")
    page.locator("#preview input[type=checkbox]").first.wait_for()
    assert page.locator("#preview strong", has_text="边写边看").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
