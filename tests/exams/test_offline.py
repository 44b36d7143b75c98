"""A real browser on a network that comes and goes: nothing is lost, and the page says what is so."""

import pytest
from sqlalchemy.orm import Session

from lms.exams import operations, queries
from lms.kernel.clock import utc_now
from lms.kernel.transaction import transaction
from tests.exams.sites import says, sign_in, start, stored

pytestmark = [
    pytest.mark.browser,
    # Flask-Compress reads our static files to their end but leaves closing them to the collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]
READY = "#paper[data-ready]"
NO_DATABASE = "Object.defineProperty(window, 'indexedDB', {get() { throw new Error('none'); }})"
NO_SHELF = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('none'); }})"


def result_of(site):
    with Session(site.engine) as session:
        return queries.sitting(session, learner_id=site.learner_id, number=1).result


def open_paper(site, context, query=""):
    page = context.new_page()
    page.goto(f"{site.url}/attempts/1{query}")
    page.wait_for_selector(READY)
    return page


def test_the_network_is_cut_the_tab_killed_and_nothing_lost(site, page, context):
    page.check("#a1-A")
    says(page, "已保存")
    context.set_offline(True)
    page.check("#a2-B")
    page.check("#a3-C")
    page.check("#f3")
    says(page, "待上传 2 题，已存在本机")
    page.close(run_before_unload=False)  # nobody asks a page whose tab is killed
    assert (stored(site, 1), stored(site, 2)) == ("A", "")

    context.set_offline(False)
    again = open_paper(site, context)
    says(again, "已保存")
    assert [stored(site, slot) for slot in (1, 2, 3)] == ["A", "B", "C"]
    assert again.is_checked("#a2-B") and again.is_checked("#f3")

    again.click("button[value='confirm']")
    again.wait_for_url("**/hand-in")
    assert "没有作答的 77 题" in again.text_content("main")
    again.click("#hand-in button")
    again.wait_for_url("**/result")
    assert result_of(site) is not None


def test_handing_in_without_a_network_is_remembered_and_done(site, page, context):
    context.set_offline(True)
    page.check("#a1-D")
    says(page, "待上传 1 题")
    page.click("button[value='confirm']")
    page.wait_for_selector("#offline-hand-in[open]")
    assert "还有 79 题没有作答" in page.text_content("#offline-hand-in")

    page.click("[data-go-on]")  # not yet
    assert page.is_enabled("#a1-D")
    page.click("button[value='confirm']")
    page.wait_for_selector("#offline-hand-in[open]")
    page.click("[data-hand-in]")
    page.wait_for_selector("#hand-in-waits:not([hidden])")
    says(page, "已记下交卷")
    assert not page.is_enabled("#a2-A")
    assert result_of(site) is None

    context.set_offline(False)
    page.wait_for_url("**/result")
    assert stored(site, 1) == "D"
    assert result_of(site) is not None


def test_a_hand_in_that_was_not_sent_can_be_taken_back(site, page, context):
    context.set_offline(True)
    page.click("button[value='confirm']")
    page.click("[data-hand-in]")
    says(page, "已记下交卷")
    page.click("#hand-in-waits button")
    page.check("#a1-B")
    context.set_offline(False)
    says(page, "已保存")
    assert stored(site, 1) == "B"
    assert result_of(site) is None


def test_a_hand_in_that_waits_outlives_the_tab(site, page, context):
    page.route("**/submit", lambda route: route.abort())
    page.route("**/answers", lambda route: route.abort())
    page.check("#a1-C")
    says(page, "待上传")
    page.click("button[value='confirm']")
    page.click("[data-hand-in]")
    says(page, "已记下交卷")
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(f"{site.url}/attempts/1")
    again.wait_for_url("**/result")
    assert stored(site, 1) == "C"


def test_the_last_question_is_asked_without_a_network_too(site, page, context):
    page.check("#a1-C")
    says(page, "已保存")
    page.goto(f"{site.url}/attempts/1/hand-in")
    page.wait_for_selector("#hand-in[data-ready]")
    context.set_offline(True)
    page.click("#hand-in button")
    page.wait_for_function(
        "() => document.querySelector('#still-here').textContent.includes('连不上网')"
    )
    assert result_of(site) is None
    context.set_offline(False)
    page.wait_for_url("**/result")
    assert result_of(site) is not None


def test_one_tab_sends_what_another_could_not(site, page, context):
    page.route("**/answers", lambda route: route.abort())
    page.check("#a1-C")
    says(page, "待上传 1 题")
    other = open_paper(site, context, "?page=2")
    with other.expect_response(lambda answer: "/answers" in answer.url and answer.ok):
        other.check("#a21-A")
    page.close()
    assert (stored(site, 1), stored(site, 21)) == ("C", "A")


def test_a_stale_tab_is_told_and_does_not_overwrite(site, page, another):
    page.route("**/answers", lambda route: route.abort())
    page.check("#a1-C")
    page.check("#a2-C")
    says(page, "待上传 2 题")
    other = sign_in(site, another)
    other.goto(f"{site.url}/attempts/1")
    other.check("#a1-A")
    says(other, "已保存")
    page.unroute("**/answers")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_function(
        "() => document.querySelector('#exam-news').textContent.includes('第 1 题在别处改过')"
    )
    assert page.is_checked("#a1-A")
    assert (stored(site, 1), stored(site, 2)) == ("A", "C")  # answer by answer


@pytest.mark.parametrize(
    ("without", "words"),
    [(NO_DATABASE, "已存在本机"), (NO_DATABASE + ";" + NO_SHELF, "请不要关闭页面")],
    ids=["localStorage", "memory"],
)
def test_the_page_says_where_answers_wait(site, another, without, words):
    start(site)
    another.add_init_script(without)
    page = sign_in(site, another)
    page.goto(f"{site.url}/attempts/1")
    page.wait_for_selector(READY)
    another.set_offline(True)
    page.check("#a1-C")
    says(page, "待上传 1 题")
    says(page, words)
    another.set_offline(False)
    says(page, "已保存")
    assert stored(site, 1) == "C"


def test_a_device_whose_clock_is_ahead_is_stamped_anew(site, page):
    page.wait_for_selector(READY)
    page.evaluate("const real = Date.now.bind(Date); Date.now = () => real() + 3600e3")
    page.route("**/clock", lambda route: route.abort())  # it does not hear of it by itself
    page.check("#a1-C")
    page.wait_for_timeout(500)
    assert stored(site, 1) == ""
    page.unroute("**/clock")
    page.evaluate("dispatchEvent(new Event('online'))")
    says(page, "已保存")
    assert stored(site, 1) == "C"
    page.check("#a1-D")
    page.wait_for_function("() => document.querySelector('#q1').dataset.counter < 3600000")
    says(page, "已保存")


def test_coming_back_asks_the_server_for_its_time(site, page):
    page.wait_for_selector(READY)
    with page.expect_response("**/clock") as asked:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert asked.value.json()["open"] is True
    with Session(site.engine) as session, transaction(session):
        operations.submit(session, learner_id=site.learner_id, number=1, now=utc_now())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_url("**/result")  # handed in elsewhere


# --- keys and letters ---


def test_keys_pick_mark_and_go(site, page):
    page.wait_for_selector(READY)
    page.keyboard.press("b")
    assert page.is_checked("#a1-B")
    page.keyboard.press("3")
    assert page.is_checked("#a1-C")
    page.keyboard.press("m")
    assert page.is_checked("#f1")
    page.keyboard.press("n")
    page.keyboard.press("a")
    assert page.is_checked("#a2-A")
    page.keyboard.press("p")
    page.keyboard.press("d")
    assert page.is_checked("#a1-D")
    page.keyboard.press("Control+a")
    assert page.is_checked("#a1-D")
    says(page, "已保存")
    assert (stored(site, 1), stored(site, 2)) == ("D", "A")


def test_letters_grow_and_stay_so(site, page):
    page.wait_for_selector(READY)
    size = "document.querySelector('#paper').getBoundingClientRect().height"
    before = page.evaluate(size)
    page.click("[data-letters='1']")
    page.click("[data-letters='1']")
    grown = page.evaluate(size)
    assert grown > before
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.reload()
    page.wait_for_selector(READY)
    assert page.evaluate(size) == grown
    page.click("[data-letters='-1']")
    assert before < page.evaluate(size) < grown


def test_an_open_page_learns_that_there_is_more_time(site, context):
    start(site, minutes_left=1.9)
    page = sign_in(site, context)
    page.goto(f"{site.url}/attempts/1")
    page.wait_for_selector(READY)
    assert page.text_content("#time-left").startswith("0:01:")
    with Session(site.engine) as session, transaction(session):
        operations.extend(
            session,
            paper_key="j-comp-mock",
            minutes=30,
            reason="停电",
            actor_id=None,
            now=utc_now(),
        )
    page.check("#a1-A")
    page.wait_for_function(
        "() => document.querySelector('#time-left').textContent.startsWith('0:31:')"
    )
    assert "考试时间有变" in page.text_content("#exam-news")


def kept(page):
    """The addresses of the papers that this device keeps."""
    return page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            if (!name.startsWith("bixue-papers.")) continue;
            for (const each of await (await caches.open(name)).keys()) found.push(new URL(each.url).pathname);
          }
          return found;
        }"""
    )


def wait_until_kept(page, *, nothing=False):
    page.wait_for_function(
        """async (nothing) => {
          let pages = 0;
          for (const name of await caches.keys()) {
            if (name.startsWith("bixue-papers.")) pages += (await (await caches.open(name)).keys()).length;
          }
          return nothing ? pages === 0 : pages > 0;
        }""",
        arg=nothing,
    )


def test_a_paper_that_was_opened_once_opens_again_without_a_network(site, page, context):
    wait_until_kept(page)
    page.check("#a1-A")
    says(page, "已保存")
    context.set_offline(True)
    page.check("#a2-B")
    says(page, "待上传 1 题")
    page.close(run_before_unload=False)

    again = open_paper(site, context)  # the telephone was started anew, still without a network
    assert again.get_attribute("#paper", "data-kept")
    assert again.is_checked("#a1-A")  # acknowledged after the page was kept
    assert again.is_checked("#a2-B")  # and this one the server has never seen
    again.reload()
    again.wait_for_selector(READY)
    again.check("#a3-C")
    says(again, "待上传 2 题")

    context.set_offline(False)
    says(again, "已保存")
    assert [stored(site, slot) for slot in (1, 2, 3)] == ["A", "B", "C"]
    again.click("button[value='confirm']")
    again.wait_for_selector("#hand-in[data-ready]")
    again.click("#hand-in button")
    again.wait_for_url("**/result")
    assert result_of(site) is not None
    wait_until_kept(again, nothing=True)  # nothing of it stays on the device


def test_signing_out_forgets_what_was_kept(site, page, context):
    wait_until_kept(page)
    page.goto(f"{site.url}/exams")
    page.click(".bx-menu summary")
    page.click(".bx-menu-out button >> nth=0")
    page.wait_for_url("**/sign-in*")
    page.wait_for_function(
        "async () => !(await caches.keys()).some((name) => name.startsWith('bixue-papers.'))"
    )


def test_only_open_papers_are_kept(site, page):
    wait_until_kept(page)
    page.goto(f"{site.url}/attempts/1/hand-in")
    page.goto(f"{site.url}/exams")
    page.goto(f"{site.url}/attempts/1")
    page.wait_for_selector(READY)
    assert set(kept(page)) <= {"/attempts/1", "/attempts/1/seen"}
