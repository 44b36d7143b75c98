"""A teacher brings an old GIFT file in: looks, ticks, confirms; drafts are there, and once only."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.interop.rules import format_named, item_of
from lms.question_bank import queries as bank
from lms.question_bank.models import QuestionDraft
from lms.question_bank.types import Draft, Filters
from tests.journeys.conftest import main_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def known(site):
    """A question of the bank, as it travels."""
    with Session(site.database) as session:
        found = bank.found(session, Filters(kind="single_choice"))[0]
        _state, (newest, *_older) = bank.history(session, found.key)
    text = newest.text
    draft = Draft(found.key, newest.subject, text.chapter_key, text.point_key, text.kind, text.stem,
                  text.spec, "", text.difficulty, {}, None, ())  # fmt: skip
    return item_of("elsewhere-1", draft)


@pytest.fixture
def drafts(site):
    """Count the drafts; those of this test are taken away afterwards."""

    def count():
        with site.database.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(QuestionDraft))

    yield count
    with site.database.begin() as connection:
        connection.execute(sa.delete(QuestionDraft).where(QuestionDraft.origin == "import:gift"))


def send(page, data):
    page.goto("/teaching/bank")
    page.get_by_role("link", name="导入试题").click()
    file = {"name": "期末.gift", "mimeType": "application/octet-stream", "buffer": data}
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url("**/teaching/bank/import/*")
    assert "已勾选" in waited(page, "已勾选")


def waited(page, words):
    """The page's text once it says something; without script somebody has to look again."""
    for _ in range(60):
        told = " ".join(main_of(page).split())
        if words in told:
            break
        page.wait_for_timeout(500)
        page.reload()
    return told


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_of_an_office_becomes_drafts(enter, known, drafts, scripts):
    asked = "社工第一次上门前要先做哪三件事" + "甲乙"[scripts]
    text = f"{asked}？{{=查资料 ~买礼物#不必 ~发通知}}\n\n保密原则{{ 没有括完\n\n另一道{asked}呢？{{=甲 ~乙}}\n\n"
    data = (text + format_named("gift").write([known]).decode()).encode("gb18030")
    before = drafts()
    page = enter("instructor", scripts=scripts)
    send(page, data)
    told = waited(page, "已勾选")
    assert "gift · gb18030" in told
    assert "重复 1" in told and "没有读懂 1" in told and "花括号没有成对" in told
    assert "选项 B 的反馈：不必" in told
    assert "已勾选 2 道" in told
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert drafts() == before

    page.locator("main details summary", has_text="学员看到的样子").first.click()
    assert page.get_by_text("查资料").first.is_visible()
    page.get_by_role("checkbox", name=f"另一道{asked}呢？").uncheck()
    page.get_by_role("button", name="确认，导入勾选的题").click()
    page.wait_for_url("**/import/outcome/*")
    assert "1 道题成为草稿" in waited(page, "道题成为草稿")
    assert drafts() == before + 1
    page.go_back()
    page.reload()
    assert page.get_by_role("button", name="确认，导入勾选的题").count() == 0
