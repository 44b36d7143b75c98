"""The pages on which instructors make practice papers: who gets in, what they say, what is kept."""

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import queries
from lms.exams.models import Paper, PaperVersion
from lms.kernel.transaction import transaction
from lms.people.types import Role
from lms.question_bank.models import Question
from tests import builders
from tests.exams import builders as exams

HOME = "/teaching/papers/practice"
NEW = f"{HOME}/new?subject=J-COMP"
KEY = "~00112233aa"


@pytest.fixture(scope="session")
def engine(engine, databases, tmp_path_factory):
    """A database with the bank that ships, loaded once for these tests."""
    folder = tmp_path_factory.mktemp("bank")
    with databases.own(engine.dialect.name, folder, migrated=True) as own:
        with Session(own) as session, transaction(session):
            exams.shipped_bank(session)
        yield own


@pytest.fixture
def instructor(session, sign_in):
    made = builders.with_role(session, role=Role.INSTRUCTOR)
    sign_in(made)
    return made


def filled(**values):
    return {
        "subject": "J-COMP",
        "key": KEY,
        "title": "第三章小测",
        "level": "junior",
        "minutes": "20",
        "count_single_choice": "4",
        "is_even": "y",
        "then": "publish",
    } | values


def told(client, wish):
    """What the script is told: the verdict, and the cells that bind."""
    answer = client.get(f"{HOME}/check", query_string=wish)
    assert answer.status_code == 200
    return answer.json["words"], answer.json["short"]


def papers(session):
    session.expire_all()
    return session.scalars(sa.select(Paper).where(Paper.origin == "page")).all()


@pytest.mark.parametrize("role", [None, Role.AUDITOR, Role.INSTRUCTOR, Role.REVIEWER])
def test_who_gets_in(client, session, sign_in, role):
    made = builders.with_role(session, role=role) if role else builders.learner(session)
    sign_in(made)
    allowed = role in {Role.INSTRUCTOR, Role.REVIEWER}
    for path in (HOME, NEW, f"{HOME}/check?subject=J-COMP"):
        assert client.get(path).status_code == (200 if allowed else 403)
    assert client.post(NEW, data=filled()).status_code == (303 if allowed else 403)
    assert len(papers(session)) == allowed


def test_the_form_says_what_the_bank_has(client, instructor):
    page = client.get(NEW).text
    assert re.search(r"题库现有 132 题：易 \d+，中 \d+，难 \d+", page)
    assert "第1章 社会工作服务的内涵" in page
    assert re.search(r'name="key"[^>]*value="~[0-9a-f]{10}"', page)
    assert client.get(f"{HOME}/new?subject=nothing").status_code == 404
    assert client.get(f"{HOME}/new").status_code == 404
    assert "还没有题" in client.get(f"{HOME}/new?subject=M-LAW").text


def test_the_cells_that_bind_are_named_before_saving(client, session, instructor):
    wish = filled(chapters="2025/J-COMP/03", count_single_choice="0", count_multiple_choice="9")
    words = "第3章 多项选择题：需要 9 题，现有 4 题"
    assert told(client, wish) == ("题库不够，组不出这份卷：", [words])
    page = client.post(NEW, data=wish | {"then": "check"})
    assert (page.status_code, words in page.text) == (200, True)
    page = client.post(NEW, data=wish)
    assert (page.status_code, words in page.text) == (409, True)
    assert "第三章小测" in page.text  # what was typed is still there
    assert papers(session) == []
    fits = wish | {"count_multiple_choice": "2"}
    assert told(client, fits) == ("可以组卷：共 2 题，满分 4 分。", [])
    assert client.post(NEW, data=fits).status_code == 303
    assert len(papers(session)) == 1


def test_the_check_speaks_english(client, instructor):
    client.set_cookie("lang", "en")
    wish = filled(chapters="2025/J-COMP/03", count_single_choice="0", count_multiple_choice="9")
    [cell] = told(client, wish)[1]
    assert cell == "Chapter 3 Multiple-choice questions: 9 needed, 4 available"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count_single_choice": ""}, "至少要有一种题型填了题数"),
        ({"easy": "50", "middle": "30"}, "合计 100"),
        ({"minutes": "0"}, "时间（分钟）"),
        ({"count_single_choice": "x"}, "单项选择题"),
        ({"chapters": "elsewhere"}, "章"),
    ],
)
def test_what_is_not_yet_right_is_told(client, session, instructor, change, words):
    assert words in told(client, filled(**change))[0]
    page = client.post(NEW, data=filled(**change))
    assert (page.status_code, words in page.text) == (422, True)
    assert papers(session) == []


def test_the_same_form_twice_is_one_paper(client, session, instructor):
    assert [client.post(NEW, data=filled()).status_code for _ in range(2)] == [303, 303]
    [made] = papers(session)
    assert (made.key, made.current_number) == (KEY, 1)
    assert client.post(NEW, data=filled(key="j-comp-mock")).status_code == 404


def test_a_paper_is_changed_retired_and_brought_back(client, session, instructor):
    client.post(NEW, data=filled(easy="25", middle="50", hard="25", attempts="2"))
    page = client.get(f"{HOME}/{KEY}").text
    for value in ("第三章小测", 'value="50"', 'value="2"'):
        assert value in page
    assert client.post(f"{HOME}/{KEY}", data=filled(minutes="45")).status_code == 303
    [made] = papers(session)
    versions = session.scalars(
        sa.select(PaperVersion).where(PaperVersion.paper_id == made.id)
    ).all()
    assert sorted(v.minutes for v in versions) == [20, 45]
    for _twice in range(2):
        assert client.post(f"{HOME}/{KEY}/retire").status_code == 303
    assert papers(session)[0].state == "retired"
    assert "已停用" in client.get(HOME).text
    assert "重新启用" in client.get(f"{HOME}/{KEY}").text
    client.post(f"{HOME}/{KEY}", data=filled(minutes="45"))
    assert papers(session)[0].state == "ready"


def test_papers_of_files_are_not_touched(client, session, instructor):
    assert client.get(f"{HOME}/j-comp-mock").status_code == 409
    assert client.post(f"{HOME}/j-comp-mock/retire").status_code == 409
    assert client.get(f"{HOME}/~ffffffffff").status_code == 404
    assert queries.paper(session, "j-comp-mock").origin == "file"


def test_learners_find_it_in_a_group_of_its_own(client, session, instructor, sign_in):
    client.post(NEW, data=filled(attempts="1"))
    sign_in(builders.learner(session))
    page = client.get("/exams").text
    group = page[page.index("老师出的练习卷") : page.index("我的考试")]
    assert "第三章小测" in group and "最多考 1 次" in group
    assert client.post(f"/exams/{KEY}/start").headers["Location"] == "/attempts/1"
    assert "继续作答" in client.get("/exams").text
    client.post("/attempts/1/submit")
    assert client.get("/attempts/1/result").status_code == 200
    assert client.post(f"/exams/{KEY}/start").status_code == 409


def test_a_learner_sits_a_part(client, session, instructor, sign_in):
    sign_in(builders.learner(session))
    wish = {"section": "1", "first": "2025/J-COMP/03", "last": "2025/J-COMP/05"}
    assert client.post("/exams/j-comp-mock/part", data=wish).headers["Location"] == "/attempts/1"
    page = client.get("/attempts/1").text
    assert "多项选择题 第3-5章" in page
    client.post("/attempts/1/submit")
    assert client.get("/attempts/1/result").status_code == 200
    for wrong in ({"section": "7"}, {"first": "x"}):
        assert client.post("/exams/j-comp-mock/part", data=wrong).status_code == 422
    assert client.post("/exams/m-law/part").status_code == 409
    again = client.post("/exams/j-comp-mock~s2c3-5/start")  # the button under its result
    assert again.headers["Location"] == "/attempts/2"
    assert client.post("/exams/j-comp-mock~s7/start").status_code == 422


def test_pages_cost_a_fixed_number_of_statements(client, session, instructor, count_statements):
    client.post(NEW, data=filled())
    client.get(HOME)

    def cost(path):
        with count_statements() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    before = [cost(path) for path in (HOME, NEW, f"{HOME}/{KEY}")]
    for n in range(3):
        client.post(NEW, data=filled(key=f"~0000000{n}00"))
    assert [cost(path) for path in (HOME, NEW, f"{HOME}/{KEY}")] == before


def test_the_rule_for_practice_is_chosen_told_and_kept(client, session, instructor):
    page = client.get(NEW).text
    assert "选错倒扣（练习用）" in page
    assert "现行国家考试评分规则" in page
    assert client.post(NEW, data=filled(marking="marking-negative")).status_code == 303
    (paper,) = papers(session)
    blueprint = queries.paper(session, paper.key).blueprint
    assert (blueprint.marking, blueprint.sections[0].points_half) == ("marking-negative", 2)
    again = client.get(f"{HOME}/{KEY}").text
    assert re.search(r'<option selected value="marking-negative"', again)
    assert client.post(NEW, data=filled(marking="marking-forged")).status_code == 422
    assert client.post(f"{HOME}/{KEY}", data=filled(marking="")).status_code == 303
    session.expire_all()
    assert queries.paper(session, paper.key).blueprint.marking == ""


def test_a_learner_reads_in_their_language_why_a_paper_cannot_be_drawn(client, session, sign_in):
    exams.rules(session)
    key = exams.paper(session)
    session.execute(sa.update(Question).values(state="retired"))
    sign_in(builders.learner(session))
    client.set_cookie("lang", "en")
    said = client.post(f"/exams/{key}/start")
    assert said.status_code == 409
    assert "Chapter 1 Single-choice questions" in said.text
    assert "第1章" not in said.text
    client.set_cookie("lang", "zh")
    assert "第1章 单项选择题" in client.post(f"/exams/{key}/start").text
