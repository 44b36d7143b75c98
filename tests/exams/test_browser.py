"""The sitting page in a real browser: what the script promises when the network does not."""

import pytest
from sqlalchemy.orm import Session

from lms.exams import operations, queries
from lms.kernel.clock import utc_now
from lms.kernel.transaction import transaction
from tests.exams.builders import sending
from tests.exams.sites import PHONE, says, sign_in, start, stored

pytestmark = [
    pytest.mark.browser,
    # Flask-Compress reads our static files to their end but leaves closing them to the collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]


def test_an_answer_is_saved_at_once_and_shown_after_a_reload(site, page):
    page.check("#a3-B")
    says(page, "已保存")
    assert stored(site, 3) == "B"

    page.check("#f4")
    says(page, "已保存")
    page.reload()

    # what was on its way when the page was left comes back from the device, a moment later
    page.wait_for_selector("#a3-B:checked")
    page.wait_for_selector("#f4:checked")
    assert "is-answered" in page.get_attribute("#sheet-grid [data-slot='3']", "class")
    assert "已答 1 题" in page.text_content("#sheet-count")


def test_what_the_network_swallows_waits_and_is_sent_when_it_is_back(site, page, context):
    context.set_offline(True)
    page.check("#a1-C")
    page.check("#a2-A")
    says(page, "待上传 2 题")
    assert stored(site, 1) == ""
    page.check("#a1-D")

    context.set_offline(False)

    says(page, "已保存")
    assert (stored(site, 1), stored(site, 2)) == ("D", "A")


def test_what_waits_outlives_the_page(site, page, context):
    page.route("**/answers", lambda route: route.abort())
    page.check("#a1-C")
    says(page, "待上传 1 题")
    page.close()

    again = context.new_page()
    again.goto(f"{site.url}/attempts/1")
    says(again, "已保存")
    assert again.is_checked("#a1-C")
    assert stored(site, 1) == "C"


def test_a_page_that_fell_behind_shows_the_newer_answer(site, page, context):
    page.route("**/answers", lambda route: route.abort())
    page.check("#a1-C")
    says(page, "待上传")
    other = site.learner_id
    counter = 500_000  # another device, later
    with Session(site.engine) as session, transaction(session):
        operations.save_answers(
            session,
            learner_id=other,
            number=1,
            answers=[sending(1, "A", counter)],
            now=utc_now(),
        )
    page.unroute("**/answers")
    page.evaluate("dispatchEvent(new Event('online'))")
    says(page, "第 1 题在别处改过")
    assert page.is_checked("#a1-A")

    page.check("#a1-B")  # and the learner may change it again
    says(page, "已保存")
    assert stored(site, 1) == "B"


def test_one_refused_answer_does_not_hold_up_the_others(site, page):
    key = f"bixue.exam.{site.learner_id}.1"
    page.evaluate(
        "key => localStorage.setItem(key, JSON.stringify({"
        "1: {parts: ['Z'], flagged: false, counter: 5}, 2: {parts: ['B'], flagged: false, counter: 6}}))",
        key,
    )
    page.reload()
    page.wait_for_selector("#paper[data-ready]")
    assert (stored(site, 1), stored(site, 2)) == ("", "B")
    assert page.evaluate("key => localStorage.getItem(key)", key) is None


def test_pages_are_left_with_everything_sent(site, page):
    page.check("#a20-A")
    page.click("button[value='2']")
    page.wait_for_selector("#q21")
    assert stored(site, 20) == "A"
    page.click("button[value='confirm']")
    page.wait_for_url("**/hand-in")
    assert "没有作答的 79 题" in page.text_content("main")
    page.click("#hand-in button")
    page.wait_for_url("**/result")
    assert "按题型" in page.text_content("main")


def test_when_the_time_is_up_the_paper_is_handed_in(site, context):
    start(site, minutes_left=5 / 60)
    page = sign_in(site, context)
    page.goto(f"{site.url}/attempts/1")
    page.check("#a1-C")
    page.wait_for_url("**/result", timeout=20_000)
    assert stored(site, 1) == "C"
    with Session(site.engine) as session:
        assert queries.sitting(session, learner_id=site.learner_id, number=1).result is not None


def test_the_phone_needs_no_sideways_scrolling(site, page):
    for path in ("/exams", "/attempts/1", "/attempts/1/hand-in"):
        page.goto(site.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_page_passes_the_accessibility_check(site, page):
    from axe_playwright_python.sync_playwright import Axe

    def check(path):
        page.goto(site.url + path)
        found = Axe().run(page).response["violations"]
        assert [(path, each["id"], each["nodes"][0]["html"]) for each in found] == []

    page.check("#f1")
    says(page, "已保存")
    for path in ("/exams", "/attempts/1", "/attempts/1/hand-in"):
        check(path)
    page.click("#hand-in button")
    page.wait_for_url("**/result")
    for path in ("/attempts/1/result", "/attempts/1/review"):
        check(path)


def test_without_script_the_paper_is_a_form(site, browser):
    start(site)
    context = browser.new_context(java_script_enabled=False, **PHONE)
    page = sign_in(site, context)
    page.goto(f"{site.url}/attempts/1")
    page.check("#a1-B")
    page.click("button[value='2']")
    assert page.url.endswith("?page=2")
    page.check("#a21-C")
    page.click("button[value='confirm']")
    assert (stored(site, 1), stored(site, 21)) == ("B", "C")
    page.click("#hand-in button")
    assert page.url.endswith("/result")
    context.close()


def test_how_long_a_question_is_in_view_is_measured_and_arrives(site, page):
    page.wait_for_selector("#paper[data-ready]")
    page.wait_for_timeout(1500)  # it looks once a second
    with page.expect_request("**/answers") as sent:
        page.check("#a1-B")
    says(page, "已保存")
    told = sent.value.post_data_json["watched"]
    assert told["seconds"]["1"] >= 1
    with Session(site.engine) as session:
        attempt = session.get(queries.attempts.Attempt, (site.learner_id, 1))
        assert attempt.watched
    page.goto(f"{site.url}/attempts/1/hand-in")
    page.get_by_role("button", name="交卷").first.click()
    page.wait_for_url("**/result")
    assert "第 1 题" in page.locator("section[aria-labelledby=slowest]").inner_text()
