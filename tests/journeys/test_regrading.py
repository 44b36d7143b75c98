"""A question is struck: proposed, approved by another, told to the learner, and taken back."""

import re

import pytest
import sqlalchemy as sa

from tests.journeys.conftest import DESK, PHONE, main_of

pytestmark = pytest.mark.browser


def hand_in_blank(page) -> str:
    """Begin the mock and hand it in without an answer; return the address of the result."""
    page.goto("/exams")
    page.get_by_role("button", name="开始考试").first.click()
    page.wait_for_url("**/attempts/*")
    page.goto(re.sub(r"\?.*", "", page.url) + "/hand-in")
    page.get_by_role("button", name="交卷").first.click()
    page.wait_for_url("**/result")
    return page.url


def first_question(site, result: str) -> str:
    """The key of the question in the first slot of the newest attempt of this number."""
    number = int(re.search(r"/attempts/(\d+)/", result)[1])
    with site.database.connect() as connection:
        return connection.execute(
            sa.text(
                "SELECT q.key FROM response r JOIN question_version v ON v.id = "
                "r.question_version_id JOIN question q ON q.id = v.question_id "
                "JOIN person p ON p.id = r.learner_id "
                "WHERE p.user_name = 'cadre' AND r.attempt_number = :number AND r.slot = 1"
            ),
            {"number": number},
        ).scalar_one()


def test_a_struck_question_from_trial_to_undoing(enter, site):
    learner = enter("cadre", window=PHONE)
    result = hand_in_blank(learner)
    key = first_question(site, result)

    instructor = enter("instructor", window=PHONE)
    instructor.goto(f"/teaching/bank/questions/{key}")
    instructor.get_by_role("link", name="改分").last.click()
    instructor.wait_for_url("**/teaching/regrades/new**")
    instructor.get_by_label("出了什么事").select_option("question_struck")
    assert instructor.get_by_label("试题编号").input_value() == key
    instructor.get_by_label("怎么处理").select_option("full_credit")
    instructor.get_by_label("理由（学员会看到）").fill("这道题的题干有歧义")
    instructor.get_by_role("button", name="试算").click()
    instructor.wait_for_url(re.compile(r"/teaching/regrades/\d+$"))
    assert "等人批准" in main_of(instructor)
    assert instructor.get_by_role("button", name="批准改分").count() == 0
    width = instructor.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    learner.reload()
    assert "这份卷改过分" not in main_of(learner)

    reviewer = enter("reviewer", window=DESK)
    reviewer.goto(instructor.url)
    reviewer.get_by_role("button", name="批准改分").click()
    reviewer.get_by_text("已改分").first.wait_for()

    learner.reload()
    told = main_of(learner)
    assert "这份卷改过分" in told and "这道题的题干有歧义" in told
    learner.get_by_role("link", name="看全部题目").click()
    learner.wait_for_url("**/review")
    assert "此题作废，人人给满分" in main_of(learner, "#q1")

    reviewer.get_by_text("申请撤销", exact=True).first.click()
    reviewer.get_by_label("为什么撤销（学员会看到）").fill("题干没有歧义")
    reviewer.get_by_role("button", name="申请撤销").click()
    reviewer.get_by_text("申请撤销，等人批准").first.wait_for()
    assert reviewer.get_by_role("button", name="批准撤销").count() == 0
    admin = enter("admin", window=DESK)
    admin.goto(instructor.url)
    admin.get_by_role("button", name="批准撤销").click()
    admin.get_by_text("改分已撤销").first.wait_for()

    learner.goto(result)
    assert "后来撤销了" in main_of(learner)
