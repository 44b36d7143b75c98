"""A phone whose browser runs no script: learning and sitting a paper are plain forms."""

import pytest

from tests.journeys.conftest import main_of

pytestmark = pytest.mark.browser

LESSON = "/courses/social-work-for-cadres/lessons/five-party-linkage"


def test_a_lesson_without_script(enter, answer_key):
    page = enter("cadre", scripts=False)
    page.goto(LESSON)
    for check, letters in answer_key(LESSON).items():
        card = page.locator(f"#{check}")
        for letter in letters:
            card.locator(f"input[value={letter}]").check()
        card.get_by_role("button", name="提交").click()
        card.get_by_text("✓ 答对了").wait_for()
    page.get_by_role("button", name="完成这一课").click()
    page.get_by_text("这一课学完了").wait_for()


def test_a_paper_without_script(enter):
    page = enter("cadre", scripts=False)
    page.goto("/exams")
    page.get_by_role("button", name="开始考试", exact=True).first.click()
    assert "您的浏览器没有运行脚本" in main_of(page, "noscript")
    paper = page.url
    page.check("#a1-B")
    page.check("#f2")
    page.get_by_role("button", name="保存并继续").click()
    page.check("#a21-C")
    page.get_by_role("button", name="保存，上一页").click()
    assert page.is_checked("#a1-B") and page.is_checked("#f2")

    page.get_by_role("button", name="交卷").click()
    told = main_of(page)
    assert "没有作答的 78 题" in told and "有标记的 1 题" in told
    page.get_by_role("link", name="继续作答").click()
    page.get_by_role("button", name="交卷").click()
    page.get_by_role("button", name="确定交卷").click()
    assert page.url == f"{paper}/result"
    assert "未作答 78 题" in main_of(page)


def test_language_size_and_theme_without_script(enter):
    page = enter(scripts=False)
    page.goto("/verify")
    for name, value in (("lang", "en"), ("size", "large"), ("theme", "dark")):
        page.locator(".bx-menu summary").click()
        page.locator(f"button[name={name}][value={value}]").click()
    assert page.url.endswith("/verify")
    html = page.locator("html")
    told = [html.get_attribute(name) for name in ("lang", "data-size", "data-bs-theme")]
    assert told == ["en", "large", "dark"]
