"""An instructor makes a practice paper that the bank cannot fill at first; a learner sits it."""

import pytest

from tests.journeys.conftest import DESK, PHONE, main_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOME = "/teaching/papers/practice"


@pytest.mark.parametrize(("window", "title"), [(PHONE, "手机上出的小测"), (DESK, "电脑上出的小测")])
def test_from_impossible_to_sat(enter, window, title):
    page = enter("instructor", window=window)
    page.goto("/teaching/papers")
    page.get_by_role("link", name="练习卷", exact=True).click()
    page.get_by_label("出哪一科的卷").select_option("J-COMP")
    page.get_by_role("button", name="出一份练习卷").click()
    page.get_by_label("卷名").fill(title)
    page.get_by_label("第3章").check()
    page.get_by_label("多项选择题").fill("9")
    told = page.get_by_role("status")
    told.get_by_text("第3章 多项选择题：需要 9 题，现有 4 题").wait_for()  # while it is typed
    page.get_by_role("button", name="发布").click()
    page.get_by_text("组不出这份卷").wait_for()
    assert page.get_by_label("卷名").input_value() == title
    page.get_by_label("多项选择题").fill("2")
    told.get_by_text("可以组卷：共 2 题，满分 4 分").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= window["width"]
    page.get_by_role("button", name="发布").click()
    page.wait_for_url(f"**{HOME}")
    assert title in main_of(page)

    learner = enter("learner3", window=window)
    learner.goto("/exams")
    learner.get_by_role("button", name=f"开始考试：{title}").click()
    learner.wait_for_url("**/attempts/*")
    assert title in learner.title() or title in main_of(learner, "body")
    assert learner.locator("fieldset").count() == 2
    learner.goto(f"{learner.url.split('?')[0]}/hand-in")
    learner.get_by_role("button", name="交卷").click()
    learner.wait_for_url("**/result")
    assert "2" in main_of(learner)


def test_without_script_a_button_says_it(enter):
    page = enter("instructor", window=DESK, scripts=False)
    page.goto(f"{HOME}/new?subject=J-COMP")
    page.get_by_label("卷名").fill("没有脚本")
    page.get_by_label("单项选择题").fill("150")
    page.get_by_role("button", name="看看题库够不够").click()
    assert "组不出这份卷" in main_of(page)
    assert page.get_by_label("单项选择题").input_value() == "150"


def test_a_learner_sits_only_some_chapters(enter):
    page = enter("learner1")
    page.goto("/exams")
    mock = page.get_by_role("region", name="社会工作综合能力（初级）模拟卷")
    mock.get_by_text("只考一部分").click()
    mock.get_by_label("题型").select_option("1")
    mock.get_by_label("从哪一章").select_option(label="第 3 章")
    mock.get_by_label("到哪一章").select_option(label="第 5 章")
    mock.get_by_role("button", name="开始考这一部分").click()
    page.wait_for_url("**/attempts/*")
    assert page.locator("fieldset").count() == 5
