"""Answers in words: a marker gives marks and hands one on, an organiser decides, the writer reads it."""

import re

import pytest

from tests.journeys.conftest import DESK, PHONE, main_of

pytestmark = pytest.mark.browser


def take(page):
    """Take the next answer to whichever question is first."""
    page.goto("/marking")
    page.locator("main form[action$=claim] button").first.click()
    page.wait_for_url(re.compile(r"/marking/shares/\d+$"))


def give_all(page, by_last):
    """Give every scoring point the last of its marks, or the first."""
    for select in page.locator("main select[name^=given-]").all():
        options = [one.get_attribute("value") for one in select.locator("option").all()]
        values = sorted((int(one) for one in options if one), reverse=by_last)
        select.select_option(str(values[0]))


def test_an_answer_is_written_marked_handed_on_and_decided(enter):
    learner = enter("learner3", window=PHONE)
    learner.goto("/exams")
    paper = learner.locator("article, .bx-card", has_text="论述题练习卷").first
    paper.get_by_role("button", name="开始考试").click()
    learner.wait_for_url("**/attempts/*")
    learner.locator("#q1 textarea").fill("要先建立专业关系，再收集资料，然后制定计划。")
    learner.wait_for_function("() => document.querySelector('#q1').dataset.counter > 0")
    result = learner.url.split("?")[0] + "/result"
    learner.goto(result.replace("/result", "/hand-in"))
    learner.get_by_role("button", name="交卷").first.click()
    learner.wait_for_url("**/result")
    waiting = main_of(learner)
    assert "阅卷" in waiting and "未合格" not in waiting

    marker = enter("instructor", window=PHONE)
    take(marker)
    marker.get_by_role("button", name="给分，评下一份").click()
    assert "还有采分点没有给分" in main_of(marker)
    assert marker.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    give_all(marker, by_last=True)
    marker.get_by_label("给学员的评语").fill("层次清楚")
    marker.get_by_role("button", name="给分，评下一份").click()
    marker.get_by_text("已给分", exact=False).first.wait_for()

    take(marker)
    marker.get_by_text("不能给分，转给阅卷组织者").click()
    marker.get_by_label("给学员的评语").fill("看不清楚写的是什么")
    marker.locator("details[open] button[name=then]").first.click()
    marker.get_by_text("已转给阅卷组织者处理").first.wait_for()

    organiser = enter("admin", window=DESK)
    organiser.goto("/marking/organise")
    organiser.locator("section[aria-labelledby=cases] a").last.click()
    organiser.wait_for_url("**/marking/organise/cases/*")
    assert "看不清楚写的是什么" in main_of(organiser)
    give_all(organiser, by_last=False)
    organiser.get_by_role("button", name="定分").click()
    organiser.get_by_text("已定分", exact=False).first.wait_for()
    organiser.wait_for_url("**/marking/organise")
