"""The bank's page: who may see it, the outline with counts, searching, paging."""

import pytest

from lms.people.types import Role
from lms.question_bank import operations, queries
from lms.syllabus import operations as syllabus
from lms.syllabus.content import EditionFile
from lms.syllabus.types import NodeText
from tests import builders
from tests.builders import NOON
from tests.question_bank.builders import question


def node(key, title, title_en=""):
    depth = key.count("/")
    return NodeText(
        key, key.rpartition("/")[0] if depth > 1 else None, ("subject", "chapter", "section")[depth - 1],
        "J-COMP", 1, title, title_en, "H", "",
    )  # fmt: skip


@pytest.fixture
def outlined(session, tmp_path):
    nodes = (
        node("2025/J-COMP", "综合能力", "Comprehensive"),
        node("2025/J-COMP/06", "个案工作", "Casework"),
        node("2025/J-COMP/06/1", "主要模式"),
        node("2025/J-COMP/07", "小组工作"),
    )
    syllabus.load(session, [EditionFile(tmp_path, "2025", "d", "大纲", nodes)], now=NOON)
    question(session, key="b1", stem="毕节的社工（ ）。")
    question(session, key="b2", stem="遵义的社工（ ）。", difficulty=3)
    question(session, key="b3", stem="<b>都匀</b>的社工（ ）。", chapter_key="2025/J-COMP/07", point_key="2025/J-COMP/07")  # fmt: skip
    question(session, key="b4", stem="凯里的社工（ ）。", state="retired")
    operations.reindex(session)
    session.flush()
    return session


@pytest.fixture
def instructor(session, sign_in):
    made = builders.with_role(session, Role.INSTRUCTOR)
    sign_in(made)
    return made


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.REVIEWER, Role.ADMINISTRATOR])
def test_teachers_see_the_bank(client, session, sign_in, role):
    sign_in(builders.with_role(session, role))
    assert client.get("/teaching/bank").status_code == 200


@pytest.mark.parametrize("role", [Role.LEARNER, Role.HR_CHECKER, Role.COUNTY_MANAGER, Role.AUDITOR])
def test_others_do_not(client, session, sign_in, role):
    sign_in(builders.with_role(session, role))
    assert client.get("/teaching/bank").status_code == 403


def test_strangers_sign_in_first(client):
    assert client.get("/teaching/bank").status_code == 303


def test_the_outline_counts_what_may_be_drawn(client, instructor, outlined):
    page = client.get("/teaching/bank").text
    assert "可用的试题共 3 道" in page and "2025/J-COMP · 3 道" in page
    page = client.get("/teaching/bank?node=2025/J-COMP/06").text
    assert '<h1><span lang="zh-CN">个案工作</span></h1>' in page
    assert "2025/J-COMP/06/1 · 2 道" in page
    assert "毕节" in page and "遵义" in page and "都匀" not in page
    assert "找到 3 道" in page, "the retired one is listed, and marked"
    assert client.get("/teaching/bank?node=2025/J-COMP/99").status_code == 404


def test_the_outline_speaks_english(client, instructor, outlined):
    client.set_cookie("lang", "en")
    page = client.get("/teaching/bank").text
    assert "Comprehensive" in page and "3 questions are ready for use" in page


def test_searching_with_filters(client, instructor, outlined):
    page = client.get("/teaching/bank?q=毕节").text
    assert "找到 1 道" in page and "b1 ·" in page and "b2 ·" not in page
    page = client.get("/teaching/bank?q=社工&difficulty=3").text
    assert "找到 1 道" in page and "b2" in page and "已选 1 个" in page
    page = client.get("/teaching/bank?state=retired").text
    assert "凯里" in page and "不再使用" in page
    assert "没有这样的试题" in client.get("/teaching/bank?q=不存在").text
    assert "没有这样的试题" in client.get("/teaching/bank?q=--").text


def test_what_an_author_writes_is_text(client, instructor, outlined):
    page = client.get("/teaching/bank?q=都匀").text
    assert "<b>都匀" not in page and "都匀" in page


@pytest.mark.parametrize(
    "query", ["difficulty=9", "difficulty=x", "after=x", "after=99999999999999999999", "kind=none", "state=%00", "law=%25"]
)  # fmt: skip
def test_nonsense_in_the_address_is_no_failure(client, instructor, outlined, query):
    assert client.get(f"/teaching/bank?{query}").status_code in {200, 400}


def test_a_query_that_is_too_long_is_refused_beside_the_field(client, instructor, outlined):
    page = client.get(f"/teaching/bank?q={'字' * 201}")
    assert page.status_code == 422 and "搜索的文字最多 200 个字" in page.text


def test_pages_lead_on_with_what_was_asked(client, session, instructor, outlined, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    page = client.get("/teaching/bank?q=社工").text
    assert "找到 4 道" in page and "q=%E7%A4%BE%E5%B7%A5" in page and "after=" in page
    links = (part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:])
    link = next(link for link in links if "after=" in link)
    second = client.get(link).text
    assert "b3 ·" in second and "b1 ·" not in second and "下一页" not in second


def test_the_page_costs_the_same_however_large_the_bank(
    client, session, instructor, outlined, count_statements
):
    with count_statements() as few:
        client.get("/teaching/bank?q=社工&node=2025/J-COMP/06")
    for _ in range(20):
        question(session)
    operations.reindex(session)
    with count_statements() as many:
        client.get("/teaching/bank?q=社工&node=2025/J-COMP/06")
    assert len(few) == len(many) == 7  # who, outline, counts, page, total, laws, what waits
