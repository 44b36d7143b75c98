"""What a learner does: from the door to the certificate."""

import re

import pytest

from tests.journeys.conftest import DESK, main_of

pytestmark = pytest.mark.browser

COURSE = "/courses/frontline-practice"
ONE_PAGE = re.compile(rb"/Type\s*/Page\b")


def test_the_door_opens_for_the_right_password_only(enter, site):
    page = enter()
    page.goto("/required")
    assert "/sign-in" in page.url  # whoever is not signed in is asked first

    page.get_by_label("用户名、手机号或证件号").fill("learner1")
    page.get_by_label("密码").fill("not-this-one")
    page.get_by_role("button", name="登录").click()
    page.get_by_text("账号或密码不对").wait_for()
    assert page.get_by_label("用户名、手机号或证件号").input_value() == "learner1"

    page.get_by_label("密码").fill(site.password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/required")  # and is led to where they wanted to go

    page.locator(".bx-menu summary").click()
    page.get_by_role("button", name="退出登录", exact=True).click()
    page.wait_for_url("**/sign-in")
    page.goto("/required")
    assert "/sign-in" in page.url


def test_home_says_what_is_due_what_comes_next_and_how_many_days_are_left(enter):
    page = enter("learner1")
    page.goto("/")
    told = main_of(page)
    assert "潘玉兰，您好" in told
    assert re.search(r"最早的一项：.*\d+年\d+月\d+日", told)
    assert re.search(r"距 20\d\d 年度考试还有 \d+ 天", told)

    next_step = page.locator(".bx-hero a.btn-primary")
    leads_to = next_step.get_attribute("href")
    next_step.click()
    page.wait_for_url(f"**{leads_to}")
    assert page.locator("h1").count() == 1


def test_the_required_list_says_until_when(enter):
    page = enter("learner1")
    page.goto("/")
    page.locator(".bx-tabs").get_by_role("link", name="必学").click()
    page.wait_for_url("**/required")
    due = page.locator("ol[aria-labelledby=due] > li").all_inner_texts()
    assert due
    assert all("截止" in entry or "没有规定期限" in entry for entry in due)

    page.get_by_role("link", name="社工站必学清单").click()
    page.wait_for_url("**/required/station-2026")
    told = main_of(page)
    assert re.search(r"共 \d+ 项，已完成 \d+ 项", told)
    assert "已完成" in told and "进行中" in told


def test_a_lesson_is_read_its_checks_answered_and_completed(enter, answer_key):
    page = enter("learner3")
    page.goto(COURSE)
    page.get_by_role("button", name="开始学习").click()
    page.wait_for_url("**/lessons/**")
    assert len(main_of(page, ".bx-prose")) > 500
    assert page.get_by_role("button", name="完成这一课").count() == 0  # not before the checks

    for check, letters in answer_key(page.url).items():
        card = page.locator(f"#{check}")
        wrong = next(letter for letter in "ABCDE" if letter not in letters)
        card.locator(f"input[value={wrong}]").check()
        card.get_by_role("button", name="提交").click()
        card.get_by_text("不对，看看解析再答一次").wait_for()
        assert card.locator(".bx-explanation").inner_text().count("\n") >= 1

        for chosen in card.locator("input[type=checkbox]:checked").all():
            chosen.uncheck()
        for letter in letters:
            card.locator(f"input[value={letter}]").check()
        card.get_by_role("button", name="再答一次").click()
        card.get_by_text("✓ 答对了").wait_for()

    first = page.url
    page.get_by_role("button", name="完成这一课").click()
    page.wait_for_url(lambda url: "/lessons/" in url and url.split("#")[0] != first.split("#")[0])
    assert "这一课学完了" in main_of(page)
    page.goto(COURSE)
    assert "学完 1 课" in main_of(page)


def test_a_chapter_is_drilled_with_an_explanation_each_time(enter):
    page = enter("learner1")
    page.goto("/practice")
    page.get_by_role("link", name="做题").first.click()
    page.wait_for_url("**/practice/**")
    for _time in range(2):
        page.get_by_role("button", name="提交答案").click()
        page.get_by_role("alert").wait_for()  # nothing chosen: said, and nothing lost

        answer(page)
        page.get_by_role("button", name="提交答案").click()
        page.wait_for_url("**/practice/answers/**")
        told = main_of(page)
        assert re.search("^答(对了|对一部分|错了)$", told, re.MULTILINE)
        assert (
            ("正确答案：" in told or "✓ 对" in told) and "解析" in told and "核对有效日期" in told
        )
        page.get_by_role("link", name="下一题").click()
        page.get_by_role("button", name="提交答案").wait_for()


def answer(page):
    """Answer a question somehow, whatever its kind."""
    for field in page.locator(".bx-question").locator("input, select, textarea").all():
        sort = field.get_attribute("type") or ""
        if sort in {"radio", "checkbox"}:
            field.check()
            return
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(index=1)
        else:
            field.fill("7")  # words and numbers alike


def test_questions_that_are_written_are_answered_on_a_phone(enter):
    page = enter("learner3")
    chapter = "/practice/J-COMP/12"
    wanted = {"单项选择题", "多项选择题", "判断题", "填空题", "简答题", "数值题", "综合填空题"}
    seen = {}
    for _question in range(60):  # those never seen come first
        page.goto(chapter)
        kind = page.locator(".bx-question legend").inner_text().split("，")[0]
        if kind not in seen and "数值" in kind:
            page.get_by_label("您的答案").fill("七")
            page.get_by_role("button", name="提交答案").click()
            assert "“七”不是数" in page.get_by_role("alert").inner_text()
            assert page.get_by_label("您的答案").input_value() == "七", "nothing is lost"
        answer(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        page.get_by_role("button", name="提交答案").click()
        page.wait_for_url("**/practice/answers/**")
        seen.setdefault(kind, main_of(page))
        if wanted <= seen.keys():
            break
    assert wanted <= seen.keys()
    assert "您的答案：7 ✗ 不对" in " ".join(seen["简答题"].split())
    assert "[[" not in seen["综合填空题"]


def saved(page):
    page.locator("#save-state", has_text="已保存").wait_for()


def test_a_mock_exam_from_the_start_to_the_explanations(enter):
    page = enter("learner3")
    page.goto("/exams")
    page.get_by_role("button", name="开始考试").first.click()
    page.wait_for_url("**/attempts/1")

    page.check("#a1-B")
    page.check("#a2-A")
    page.check("#a2-C")  # another thought
    page.check("#f4")
    saved(page)
    page.reload()
    assert page.is_checked("#a1-B") and page.is_checked("#a2-C") and page.is_checked("#f4")
    assert not page.is_checked("#a2-A")

    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url("**page=2")
    page.check("#a21-D")
    saved(page)
    page.get_by_role("button", name="保存，上一页").click()
    page.wait_for_url("**page=1")
    assert page.is_checked("#a1-B")
    assert "已答 3 题，共 80 题" in main_of(page, "#sheet")

    page.get_by_role("button", name="交卷").click()
    page.wait_for_url("**/hand-in")
    told = main_of(page)
    assert "没有作答的 77 题" in told and "有标记的 1 题" in told

    page.get_by_role("button", name="确定交卷").dblclick()  # an impatient finger
    page.wait_for_url("**/attempts/1/result")
    told = main_of(page)
    assert re.search(r"^\d+(\.5)? / \d+ 分$", told, re.MULTILINE)
    assert "全国合格线" in told and "未作答 77 题" in told and "未合格" in told
    assert page.locator("section[aria-labelledby=by-chapter] li").count() > 3

    page.get_by_role("link", name="看错题和解析").click()
    page.wait_for_url("**/review?only=wrong")
    shown = page.locator("article").all_inner_texts()
    assert len(shown) > 30
    assert all("正确答案：" in text and "解析" in text for text in shown)

    page.goto("/exams")
    assert page.locator("section[aria-labelledby=own] li").count() == 1
    page.goto("/attempts/1")
    assert page.url.endswith("/attempts/1/result")  # what is handed in stays handed in


def test_a_program_says_what_is_missing(enter):
    page = enter("learner1")
    page.goto("/programs")
    page.get_by_role("link", name="社工人才知识更新").click()
    page.wait_for_url("**/programs/station-talent-2026")
    heading = page.get_by_role("heading", name=re.compile("还差 [1-9] 项"))
    missing = heading.locator("xpath=following-sibling::ul[1]/li").all_inner_texts()
    assert heading.inner_text() == f"还差 {len(missing)} 项"
    assert any("模拟考试合格（考过" in what for what in missing)
    assert page.get_by_role("button", name="领取证书").count() == 0


def test_a_certificate_is_claimed_printed_and_verified_by_a_stranger(enter):
    page = enter("learner2", window=DESK)
    page.goto("/credentials")
    page.get_by_role("button", name="领取证书").click()
    page.wait_for_url("**/credentials/BX-*")
    assert "韦明霞" in main_of(page, ".bx-certificate")
    assert page.locator(".bx-certificate-check img").evaluate(
        "img => img.decode().then(() => img.naturalWidth > 0)"
    )
    address = page.locator("#use ~ p a.bx-code").inner_text()

    page.emulate_media(media="print")
    assert page.locator(".bx-certificate").is_visible()
    for elsewhere in (".bx-header", ".bx-tabs", ".bx-footer", ".bx-no-print >> nth=0"):
        assert not page.locator(elsewhere).is_visible()
    assert len(ONE_PAGE.findall(page.pdf(prefer_css_page_size=True))) == 1

    stranger = enter()
    stranger.goto(address)
    told = main_of(stranger)
    assert "证书有效" in told and "韦" in told and "韦明霞" not in told
    for name, answer in (("韦小霞", "姓名不符"), ("韦明霞", "姓名相符")):
        stranger.get_by_label("持证人姓名").fill(name)
        stranger.get_by_role("button", name="核对").click()
        stranger.get_by_text(answer).wait_for()
