"""What an instructor does: sees how learners do, and the keys, and leaves no trace as a learner."""

import re

import pytest

from tests.journeys.conftest import DESK, main_of

pytestmark = pytest.mark.browser


def test_an_instructor_sees_where_learners_are_stuck(enter):
    page = enter("instructor", window=DESK)
    page.goto("/")
    page.wait_for_url("**/teaching")
    page.get_by_role("link", name="驻站社工专业基础").click()
    page.wait_for_url("**/teaching/courses/frontline-practice")

    told = main_of(page)
    began = [
        int(number) for number in re.findall(r"开始 (\d+) 人 · 学完 \d+ 人 · 停在这里 \d+ 人", told)
    ]
    assert len(began) > 3
    assert began[0] > began[-1] > 0  # some have left on the way
    assert "卡住的人最多" in told and "自测题首次答对" in told and "首次发布" in told


def test_an_instructor_reads_a_lesson_with_its_keys_and_cannot_answer(enter, answer_key):
    page = enter("instructor", window=DESK)
    page.goto("/teaching/courses/frontline-practice")
    page.get_by_role("link", name="看学员看到的页面").click()
    page.locator("ol.bx-list a").first.click()
    page.wait_for_url("**/lessons/**")
    assert answer_key(page.url)
    for learners_only in ("提交", "完成这一课"):
        assert page.get_by_role("button", name=learners_only).count() == 0


@pytest.mark.parametrize("path", ["/team", "/hr/check", "/audit", "/exams"])
def test_an_instructor_has_no_business_elsewhere(enter, path):
    page = enter("instructor", window=DESK)
    assert page.goto(path).status == 403
    assert page.locator("h1").count() == 1  # a page of ours, not a bare refusal
