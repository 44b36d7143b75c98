"""An exam session: planned on a phone, started by a code, seen on the monitor."""

import re
from datetime import timedelta

import pytest

from lms.kernel.clock import CHINA, utc_now
from tests.journeys.conftest import main_of

pytestmark = pytest.mark.browser


def test_from_the_plan_to_the_monitor(enter):
    teacher = enter("instructor")
    teacher.goto("/teaching/exam-sessions/new")
    teacher.get_by_label("场次名称").fill("第 1 期模拟考试")
    opens = utc_now().astimezone(CHINA) + timedelta(minutes=61)
    for name, minutes in (("opens_at", 0), ("last_start_at", 30), ("closes_at", 130)):
        at = f"{opens + timedelta(minutes=minutes):%Y-%m-%dT%H:%M}"
        teacher.locator(f"[name={name}]").fill(at)
    teacher.get_by_role("button", name="保存").click()
    teacher.wait_for_url(re.compile(r"/exam-sessions/\d+$"))
    planned = teacher.url
    teacher.get_by_label("粘贴名单").fill("learner1\n没有的人")
    teacher.get_by_role("button", name="核对名单").click()
    assert "没有这个学员" in main_of(teacher)
    teacher.get_by_role("button", name="加入 1 人").click()
    teacher.wait_for_url(planned)

    learner = enter("learner1")
    learner.goto("/exams")
    learner.get_by_role("link", name="第 1 期模拟考试").click()
    learner.wait_for_function(
        "() => document.querySelector('[data-opens]').textContent.includes('秒')"
    )
    assert "还有 1 小时 " in main_of(learner)

    teacher.get_by_role("link", name="看现场").click()
    teacher.wait_for_url(f"{planned}/monitor")
    assert "未开始" in main_of(teacher)
    assert teacher.evaluate("document.documentElement.scrollWidth <= innerWidth")
