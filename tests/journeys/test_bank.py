"""What an instructor asks of the bank: is there a question about it, how is it, what is bad."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams.models import Attempt, Paper, PaperVersion, Response
from lms.people.models import Person
from lms.question_bank import queries as bank
from lms.question_bank.models import QuestionVersion
from tests.journeys.conftest import DESK, main_of
from tests.reports.builders import guessed, sat

pytestmark = pytest.mark.browser


@pytest.fixture
def handed_in(site):
    """Forty papers of eighty questions in the demonstration, taken away afterwards."""
    with Session(site.database) as session:
        version = session.execute(
            sa.select(PaperVersion).join(Paper).where(Paper.key == "j-comp-mock")
        ).scalar_one()
        letters = (
            sa.select(QuestionVersion)
            .where(QuestionVersion.kind.in_(("single_choice", "multiple_choice")))
            .order_by(QuestionVersion.id)
            .limit(80)
        )
        asked = session.scalars(letters).all()
        sat(session, version, guessed(asked, 40))
        session.commit()
        yield asked
        ours = sa.select(Person.id).where(Person.user_name.startswith(f"s{version.id}-"))
        for column in (Response.learner_id, Attempt.learner_id, Person.id):
            session.execute(sa.delete(column.class_).where(column.in_(ours)))
        session.commit()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_question_is_found_and_read_on_a_phone(enter, scripts):
    page = enter("reviewer", scripts=scripts)
    page.goto("/teaching/bank")
    page.get_by_label("搜索试题").fill("危机介入")
    page.get_by_role("button", name="搜索").click()
    assert "找到" in main_of(page)
    page.locator("ol.bx-list a").first.click()
    page.wait_for_url("**/teaching/bank/questions/**")
    told = main_of(page)
    assert "学员看到的样子" in told and "正确答案：" in told and "首次发布" in told
    page.locator("label.bx-option").first.click()  # can be tried
    assert page.locator("input:checked").count() == 1


def test_the_outline_leads_down_to_a_chapters_questions(enter, site):
    with Session(site.database) as session:
        inside = sa.select(sa.func.count()).where(QuestionVersion.chapter_key == "2025/J-COMP/06")
        count = session.scalar(inside)
    page = enter("instructor", window=DESK)
    page.goto("/teaching")
    page.get_by_role("link", name="题库").first.click()
    page.get_by_role("link", name="社会工作综合能力（初级）").click()
    page.get_by_role("link", name="个案社会工作服务方法").first.click()
    assert f"找到 {count} 道" in main_of(page)


def test_what_is_bad_is_told_and_shown(enter, site, handed_in):
    with Session(site.database) as session:
        key = bank.versions(session, [handed_in[0].id])[handed_in[0].id].key
    page = enter("instructor")
    page.goto("/teaching/papers")
    page.get_by_role("link", name="社会工作综合能力（初级）模拟卷").first.click()
    told = main_of(page)
    assert "内部一致性" in told and "需要看一看的题" in told
    assert page.get_by_role("img", name="每道题的得分率和区分度").count() == 1
    page.get_by_text("道题的全部数字").click()
    page.get_by_role("link", name=key, exact=True).click()
    page.wait_for_url(f"**/questions/{key}")
    assert "谁选了哪一项" in main_of(page)
    assert page.get_by_role("img", name="强者和弱者各选了哪一项").count() == 1
    needed, given = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert needed <= given
