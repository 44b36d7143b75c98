"""Questions that are answered in writing, on an open paper in a real browser."""

import pytest
from sqlalchemy.orm import Session

from lms.exams import operations, queries
from lms.exams.models import Paper, PaperVersion
from lms.kernel.clock import utc_now
from lms.kernel.transaction import transaction
from tests import builders
from tests.builders import NOON
from tests.exams.sites import says, sign_in

pytestmark = [
    pytest.mark.browser,
    # Flask-Compress reads our static files to their end but leaves closing them to the collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]
KINDS = ("true_false", "fill_blank", "numeric", "cloze", "short_answer")


@pytest.fixture
def page(site, context):
    """An open practice paper of one question of each written kind, from the shipped bank."""
    with Session(site.engine) as session, transaction(session):
        paper = builders.added(session, Paper(key="written", state="ready", current_number=1))
        section = [
            {"kind": kind, "title": kind, "title_en": kind, "count": 1, "points_half": 2}
            for kind in KINDS
        ]
        builders.added(
            session,
            PaperVersion(
                paper_id=paper.id, number=1, digest="written", title="填写题", title_en="Written",
                subject="J-COMP", minutes=60, sittable=True, certainty="settled", source="测试",
                blueprint={"level": "junior", "section": section}, published_at=NOON,
            ),
        )  # fmt: skip
        operations.start(
            session, learner_id=site.learner_id, paper_key="written", seed=3, now=utc_now()
        )
    opened = sign_in(site, context)
    opened.goto(f"{site.url}/attempts/1")
    opened.wait_for_selector("#paper[data-ready]")
    return opened


def held(site, slot):
    with Session(site.engine) as session:
        found = queries.sitting(session, learner_id=site.learner_id, number=1)
        return found.answer(slot).chosen


def field(page, slot):
    """The first field of a question that is written into."""
    return page.locator(f"#q{slot} input[type=text], #q{slot} textarea").first


def test_what_is_written_is_saved_while_typing_and_shown_again(site, page):
    page.check("#a1-T")
    field(page, 2).press_sequentially("平等")  # and no leaving of the field
    says(page, "已保存")
    page.wait_for_function("() => document.querySelector('#q2').dataset.counter > 0")
    assert "平等" in held(site, 2)
    assert field(page, 2).evaluate("input => input === document.activeElement")

    with page.expect_response("**/answers"):
        field(page, 3).fill("12")
        field(page, 3).blur()  # at once
    field(page, 5).fill("社会工作者应当尊重服务对象。第二句。")
    page.wait_for_function("() => document.querySelector('#q5').dataset.counter > 0")
    says(page, "已保存")
    page.reload()
    page.wait_for_selector("#paper[data-ready]")

    assert page.is_checked("#a1-T")
    assert field(page, 2).input_value() == "平等"
    assert field(page, 3).input_value() == "12"
    assert field(page, 5).input_value() == "社会工作者应当尊重服务对象。第二句。"
    assert "已答 4 题" in page.text_content("#sheet-count")


def test_what_is_half_written_is_not_lost_by_leaving(site, page, context):
    field(page, 2).press_sequentially("自")
    page.goto(f"{site.url}/exams")  # within the pause in which nothing is sent yet
    page.goto(f"{site.url}/attempts/1")
    page.wait_for_selector("#paper[data-ready]")
    assert field(page, 2).input_value() == "自"


def test_an_answer_of_the_server_does_not_disturb_who_is_writing(site, page):
    field(page, 2).press_sequentially(" 平等")
    says(page, "已保存")
    field(page, 2).press_sequentially(" 的")
    page.wait_for_timeout(1500)
    assert field(page, 2).input_value() == " 平等 的"


def test_keys_are_letters_where_somebody_writes(site, page):
    field(page, 5).press_sequentially("nmab12")
    assert field(page, 5).input_value() == "nmab12"
    assert not page.is_checked("#f5")
    says(page, "已保存")
    assert held(site, 1) == ""


def test_a_gap_in_a_sentence_is_picked_and_saved_without_a_network(site, page, context):
    context.set_offline(True)
    gap = page.locator("#q4 select, #q4 input[type=text]").first
    if gap.evaluate("each => each.tagName") == "SELECT":
        gap.select_option(index=1)
    else:
        gap.fill("三")
    says(page, "待上传 1 题")
    context.set_offline(False)
    says(page, "已保存")
    assert held(site, 4)


def test_a_whole_essay_is_written_without_a_network_and_waits_to_be_marked(site, context):
    """Counted while it is written, kept through a reload, sent when the network is back."""
    with Session(site.engine) as session, transaction(session):
        operations.start(
            session, learner_id=site.learner_id, paper_key="s-prac-practice", seed=3, now=utc_now()
        )
    page = sign_in(site, context)
    page.goto(f"{site.url}/attempts/1")
    page.wait_for_selector("#paper[data-ready]")
    essay = "社会工作者首先要与服务对象建立信任。\n" * 100
    context.set_offline(True)
    field(page, 1).fill(essay)
    field(page, 1).blur()
    assert "已写 1800 字，最多 3000 字" in page.text_content("#q1")
    says(page, "待上传 1 题")
    assert held(site, 1) == ""
    assert page.evaluate("() => document.body.scrollWidth") <= 390
    context.set_offline(False)
    says(page, "已保存")
    assert held(site, 1) == essay.strip()
    page.click("#sheet button[value=confirm]")
    page.click("#hand-in button[type=submit], #hand-in button:not([type])")
    page.wait_for_url("**/result")
    assert "已交卷，待阅卷" in page.text_content("h1")
    assert "1 题待阅卷" in page.text_content("main")
