"""A learner writes on a phone, and marks what they wrote beside the scoring points."""

import re

import pytest
import sqlalchemy as sa

from lms.practice.models import DrillSelfMark
from tests.journeys.conftest import main_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDTH = 390
ESSAY, CASE = "/practice/S-PRAC/08", "/practice/M-PRAC/09"
WRITTEN = "督导有行政功能、教育功能和支持功能。\n我会先倾听小陈的苦恼，再帮她合理分工。"


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= WIDTH


@pytest.mark.parametrize("scripts", [True, False])
def test_an_essay_is_written_and_marked_by_its_learner(enter, site, scripts):
    page = enter("learner3" if scripts else "cadre", scripts=scripts)
    page.goto(ESSAY)
    assert fits(page)
    page.get_by_label("不少于 200 字").fill(WRITTEN)
    page.get_by_role("button", name="提交答案").click()
    page.wait_for_url("**/practice/answers/*")
    assert fits(page)
    found = page.locator(".bx-written mark").all_inner_texts()
    assert found == ["行政功能", "教育功能", "支持功能", "倾听", "合理分工"]
    boxes = page.get_by_role("checkbox")
    assert [box.is_checked() for box in boxes.all()] == [True] * 5 + [False] * 2
    assert "15 / 20" in main_of(page)

    stale = page.context.new_page()  # the same page in a second tab
    stale.goto(page.url)
    page.get_by_label(re.compile("建立关系")).check()
    page.get_by_label(re.compile("减少表格和加班")).uncheck()
    page.get_by_role("button", name="自评得分").click()
    page.get_by_role("heading", name="自评得分：15 / 20").wait_for()
    assert fits(page)
    assert page.get_by_role("button", name="自评得分").count() == 0
    assert all(box.is_disabled() for box in page.get_by_role("checkbox").all())
    with site.database.connect() as connection:
        ticks = sa.select(DrillSelfMark.ticks).order_by(DrillSelfMark.marked_at.desc()).limit(1)
        assert connection.scalar(ticks) == "1111010"

    for box in stale.get_by_role("checkbox").all():
        box.check()
    stale.get_by_role("button", name="自评得分").click()
    stale.get_by_role("heading", name="自评得分：15 / 20").wait_for()  # marked once


def test_a_case_is_answered_with_letters_and_words(enter):
    page = enter("learner3")
    page.goto(CASE)
    assert fits(page)
    first = page.get_by_role("group", name=re.compile("最先要做的是哪一项"))
    first.get_by_label(re.compile("评估小敏自伤的危险")).check()
    page.get_by_label(re.compile("用生态系统理论分析")).fill("家庭是隔代照顾；同学都在旁观")
    page.get_by_role("button", name="提交答案").click()
    page.wait_for_url("**/practice/answers/*")
    assert fits(page)
    told = main_of(page)
    assert "选对" in told and "得分：2 / 2" in told and "没有作答" in told
    assert page.locator(".bx-written mark").all_inner_texts() == ["隔代", "旁观"]
    page.get_by_role("link", name="下一题").click()
    page.wait_for_url(f"**{CASE}")
