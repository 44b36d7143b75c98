"""A question's page and what papers say about it."""

import pytest
import sqlalchemy as sa

from lms.courses.models import Course, CourseVersion, Lesson, LessonVersion, Part
from lms.exams.models import Attempt
from lms.exams.types import Blueprint, PaperText, Section
from lms.kernel.errors import NotFound
from lms.people.types import Role
from lms.practice.models import DrillAnswer
from lms.question_bank import operations
from lms.question_bank import rules as questions
from lms.question_bank.models import Question, QuestionVersion
from lms.reports import rules
from lms.reports.queries import papers as queries
from tests import builders
from tests.builders import NOON, added
from tests.question_bank.builders import question
from tests.reports.builders import guessed, paper, sat


@pytest.fixture
def instructor(session, sign_in):
    made = builders.with_role(session, Role.INSTRUCTOR)
    sign_in(made)
    return made


@pytest.fixture
def sat_paper(session):
    """A paper of ten questions that forty learners have handed in."""
    version = paper(session, key="p1")
    asked = [question(session, key=f"s{at}") for at in range(8)]
    asked += [question(session, key=f"m{at}", kind="multiple_choice") for at in range(2)]
    sat(session, version, guessed(asked, 40))
    operations.reindex(session)
    return version, asked


def rewritten(session, first, **values):
    """A second version of a question, in use from now on."""
    same = {
        c.key: getattr(first, c.key) for c in QuestionVersion.__table__.columns if c.key != "id"
    }
    made = added(session, QuestionVersion(**same | {"number": 2} | values))
    session.get(Question, first.question_id).current_number = 2
    session.flush()
    return made


PAGES = (
    "/teaching/bank/questions/s0",
    "/teaching/papers",
    "/teaching/papers/p1/analysis",
    "/teaching/papers/p1/questions/s0",
)


@pytest.mark.parametrize("path", PAGES)
def test_who_may_see_it(client, session, sign_in, sat_paper, path):
    assert client.get(path).status_code == 303
    for role, status in ((Role.INSTRUCTOR, 200), (Role.REVIEWER, 200), (Role.ADMINISTRATOR, 200),
                         (Role.LEARNER, 403), (Role.PROVINCE_MANAGER, 403), (Role.AUDITOR, 403)):  # fmt: skip
        sign_in(builders.with_role(session, role))
        assert client.get(path).status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/teaching/bank/questions/nobody",
        "/teaching/papers/nobody/analysis",
        "/teaching/papers/p1/analysis?version=9",
        "/teaching/papers/nobody/questions/s0",
        "/teaching/papers/p1/questions/nobody",
        "/teaching/papers/p1/questions/never",
        "/teaching/papers/p1/questions/s0?version=9",
    ],
)
def test_what_is_not_there(client, session, instructor, sat_paper, path):
    question(session, key="never")
    assert client.get(path).status_code == 404


# ---- the question's page ----


def test_a_question_is_shown_as_learners_see_it_with_its_key(client, session, instructor):
    question(session, key="x1", stem="**优先**走访（ ）。<script>alert(1)</script>", tags=["冬季"])
    page = client.get("/teaching/bank/questions/x1").text
    assert "<strong>优先</strong>" in page and "<script>alert" not in page
    assert page.count('type="radio"') == 4 and "checked" not in page
    assert "正确答案：B" in page and "因为如此。" in page and "冬季" in page
    assert "还没有人答过" in page and "首次发布。" in page and "没有试卷会抽到它" in page


@pytest.mark.parametrize(
    ("kind", "stem", "spec", "right", "spec_after", "change"),
    [
        ("true_false", "接案是第一步。", {"answer": True}, "正确", {"answer": False}, "答案由“正确”改为“错误”"),
        ("fill_blank", "先（ ）后（ ）。", {"blanks": [["接案"], ["预估"]]}, "接案；预估",
         {"blanks": [["接案"], ["计划"]]}, "第 2 个空的答案由“预估”改为“计划”"),
        ("short_answer", "先做什么？", {"answers": ["接案"]}, "接案",
         {"answers": ["接案", "建立关系"]}, "改了“可接受的答案”"),
        ("numeric", "几天？", {"answer": "30", "unit": "天"}, "30 天",
         {"answer": "60", "unit": "天"}, "答案由“30 天”改为“60 天”"),
        ("cloze", "先[[1]]。", {"gaps": [{"options": ["接案", "结案"], "answer": "A"}]}, "接案",
         {"gaps": [{"options": ["接案", "结案"], "answer": "B"}]}, "答案由“接案”改为“结案”"),
    ],
)  # fmt: skip
def test_a_question_without_letters_is_shown_and_compared_in_words(
    client, session, instructor, kind, stem, spec, right, spec_after, change
):
    first = question(session, key="x1", kind=kind, stem=stem, spec=spec)
    page = client.get("/teaching/bank/questions/x1").text
    assert f"正确答案：{right}</strong>" in page
    assert "选项的次序会打乱" not in page
    rewritten(session, first, spec=spec_after)
    assert change in client.get("/teaching/bank/questions/x1").text
    client.set_cookie("lang", "en")
    english = client.get("/teaching/bank/questions/x1").text
    assert "Changed the answer" in english or "Accepted answers" in english


def test_versions_say_what_changed(client, session, instructor):
    first = question(session, key="x1", stem="先走访谁（ ）。", difficulty=1)
    rewritten(session, first, stem="优先走访谁（ ）。", difficulty=3, spec={"options": list(first.spec["options"]), "answer": "C"})  # fmt: skip
    page = client.get("/teaching/bank/questions/x1").text
    assert "改了题干" in page and "<ins>优</ins>先走访谁" in page
    assert "答案由 B 改为 C" in page and "难度由“易”改为“难”" in page
    old = client.get("/teaching/bank/questions/x1?version=1").text
    assert "这是旧版，现在用的是第 2 版。" in old and "正确答案：B" in old
    client.set_cookie("lang", "en")
    page = client.get("/teaching/bank/questions/x1").text
    assert "Key changed from B to C" in page and "Difficulty changed from “easy” to “hard”" in page


def test_what_is_suspicious_is_told(client, session, instructor):
    source = {"kind": "law", "title": "中华人民共和国慈善法", "edition": "2016", "article": ""}
    question(session, key="x1", stem="没有问什么", source=source)
    page = client.get("/teaching/bank/questions/x1").text
    assert "题干里没有空位" in page
    assert "《中华人民共和国慈善法》2016 已于 2024-09-05 被 2023修正 取代" in page


def test_where_a_question_is_used_and_how_it_was_answered(client, session, instructor, sat_paper):
    _version, asked = sat_paper
    first = asked[0]
    learner = builders.learner(session)
    drill = {"learner_id": learner.id, "question_id": first.question_id, "question_version_id": first.id, "answered_at": NOON}  # fmt: skip
    for number, earned in ((1, 2), (2, 0), (3, 0)):
        added(session, DrillAnswer(number=number, token=str(number), chosen="B", earned=earned, out_of=2, **drill))  # fmt: skip
    course = added(session, Course(key="c", state="ready", current_number=1))
    version = added(session, CourseVersion(course_id=course.id, number=1, digest="", title="入户课", title_en="", summary="", summary_en="", audience=[], credit_hours=1, category="professional", valid_on=NOON.date(), sources=[], published_at=NOON))  # fmt: skip
    for place, (key, point) in enumerate((("near", "2025/J-COMP/06"), ("far", "2025/J-COMP/060"))):
        lesson = added(session, Lesson(course_id=course.id, key=key))
        text = added(session, LessonVersion(lesson_id=lesson.id, number=1, digest="", title=f"{key}课", title_en="", minutes=1, source="", html="", checks=[], points=[point], published_at=NOON))  # fmt: skip
        added(session, Part(course_version_id=version.id, position=place, lesson_version_id=text.id, module_key="m", module_title="", module_title_en=""))  # fmt: skip
    page = client.get(f"/teaching/bank/questions/{'s0'}").text
    assert "40 人次作答" in page and "试卷 p1" in page
    assert "章节练习" in page and "3 人次作答" in page and "得分率 33%" in page
    assert "near课" in page and "far课" not in page
    counts = queries.answer_counts(session, first.question_id)
    assert [(c.paper_key, c.n) for c in counts] == [("p1", 40), ("", 3)]


def paper_text(**values):
    values = {"kind": "single_choice", "title": "", "title_en": "", "count": 1, "points_half": 2, "certainty": "settled"} | values  # fmt: skip
    section = Section(**values)
    return PaperText(1, 1, "p", "卷", "Paper", "J-COMP", 1, True, "settled", "", Blueprint("junior", (section,)))  # fmt: skip


@pytest.mark.parametrize(
    ("values", "is_drawn"),
    [
        ({}, True),  # from anywhere
        ({"spread": ("2025/J-COMP/06",)}, True),
        ({"spread": ("2025/J-COMP/07",)}, False),
        ({"kind": "multiple_choice"}, False),
    ],
)
def test_which_papers_may_draw_a_question(session, values, is_drawn):
    made = question(session)
    text = questions_text(session, made)
    found = rules.drawn_by([paper_text(**values)], text, subject="J-COMP")
    assert [use.key for use in found] == (["p"] if is_drawn else [])
    assert rules.drawn_by([paper_text(**values)], text, subject="J-PRAC") == []


def questions_text(session, version):
    from lms.question_bank import queries as bank

    return bank.versions(session, [version.id])[version.id]


def test_the_question_costs_the_same_whatever_it_went_through(
    client, session, instructor, sat_paper, count_statements
):
    question(session, key="new")
    with count_statements() as few:
        client.get("/teaching/bank/questions/new")
    with count_statements() as many:
        client.get("/teaching/bank/questions/s0")
    assert (
        len(few) == len(many) == 8
    )  # who, history, standing, papers, lessons, answers (2), titles


# ---- papers ----


def test_sittings_are_what_was_handed_in(session, sat_paper):
    version, asked = sat_paper
    papers = queries.sittings(session, version.id)
    assert len(papers) == 40 and {len(one) for one in papers} == {10}
    assert [answer.version_id for answer in papers[0]] == [one.id for one in asked]
    totals = session.scalars(sa.select(Attempt.earned).order_by(Attempt.learner_id)).all()
    assert [sum(answer.earned for answer in one) for one in papers] == list(totals)


def test_only_the_newest_papers_are_looked_at_and_no_open_one(session, sat_paper):
    version, _asked = sat_paper
    newest = session.scalars(sa.select(Attempt.learner_id).order_by(Attempt.submitted_at.desc()).limit(5)).all()  # fmt: skip
    assert len(queries.sittings(session, version.id, at_most=5)) == 5
    session.execute(sa.update(Attempt).where(Attempt.learner_id == newest[0]).values(state="open"))
    assert len(queries.sittings(session, version.id)) == 39
    assert queries.papers_sat(session, "p1")[0].sat == 39


def test_answers_on_a_paper_come_with_their_totals(session, sat_paper):
    version, asked = sat_paper
    rows = queries.answers_on_paper(session, version_ids=[asked[3].id], paper_key="p1")
    papers = queries.sittings(session, version.id)
    expected = sorted((one[3].chosen, sum(a.earned for a in one)) for one in papers)
    assert sorted((answer.chosen, total) for answer, total in rows) == expected
    assert len(queries.answers_on_paper(session, version_ids=[asked[3].id], paper_key="p1", at_most=7)) == 7  # fmt: skip
    assert queries.answers_on_paper(session, version_ids=[asked[3].id], paper_key="other") == []


def test_a_paper_nobody_handed_in_has_no_analysis(session):
    paper(session, key="empty")
    assert queries.papers_sat(session, "empty") == []
    with pytest.raises(NotFound):
        queries.paper_sat(session, "empty")


def test_the_analysis_shows_its_figures(client, session, instructor, sat_paper):
    version, asked = sat_paper
    page = client.get("/teaching/papers/p1/analysis").text
    found = questions.analyse_sittings(queries.sittings(session, version.id))
    assert f"{found.test.mean:.1f} / 12" in page
    for item, one in zip(found.items, asked, strict=True):
        key = session.get(Question, one.question_id).key
        row = page.split(f">{key}</a></th>")[1].split("</tr>")[0]
        assert f"<td>{item.facility:.0f}%</td>" in row
        assert f"<td>{item.discrimination_index / 100:.2f}</td>" in row
    assert page.count("<circle") + page.count('<path class="bx-chart-bad"') == 10
    assert 'role="img"' in page and " style=" not in page
    assert "交卷 40 份" in client.get("/teaching/papers").text


def test_too_few_papers_conclude_nothing(client, session, instructor):
    version = paper(session, key="p2")
    sat(session, version, guessed([question(session, key=f"f{at}") for at in range(3)], 5))
    page = client.get("/teaching/papers/p2/analysis").text
    assert "只有 5 份答卷，不到 30 份，先不下结论" in page
    page = client.get("/teaching/papers/p2/questions/f0").text
    assert "先不下结论" in page


def test_a_question_that_the_weak_answer_better_is_told(client, session, instructor):
    version = paper(session, key="p3")
    asked = [question(session, key=f"w{at}") for at in range(4)]
    good = [[(one, "B") for one in asked[:3]] + [(asked[3], "C")]] * 20
    bad = [[(one, "A") for one in asked[:3]] + [(asked[3], "B")]] * 20
    sat(session, version, [*good, *bad])
    page = client.get("/teaching/papers/p3/analysis").text
    assert "区分度是负的" in page and page.index("w3") < page.index("w0")
    page = client.get("/teaching/papers/p3/questions/w3").text
    assert "强者更多选了 C 而不是正确选项" in page and "正确选项 B 反而是总分低的人选得多" in page
    row = page.split('<th scope="row">C</th>')[1].split("</tr>")[0]
    assert "<td>20（50%）</td><td>11</td><td>0</td><td>1.00</td>" in row
    client.set_cookie("lang", "en")
    page = client.get("/teaching/papers/p3/questions/w3").text
    assert "Negative discrimination" in page and "The strong chose C more often" in page


def test_each_version_of_a_question_is_counted_by_itself(client, session, instructor):
    version = paper(session, key="p4")
    first = question(session, key="v1")
    sat(session, version, [[(first, "B")]] * 3)
    second = rewritten(session, first, stem="新的（ ）。")
    assert "答卷 3 份" in client.get("/teaching/papers/p4/questions/v1").text
    other = paper(session, key="p5")
    sat(session, other, [[(second, "B")]] * 2)
    assert "新的" in client.get("/teaching/papers/p5/questions/v1").text
    assert "新的" not in client.get("/teaching/papers/p4/questions/v1").text


def test_the_pages_cost_the_same_however_many_sat(client, session, instructor, sat_paper, count_statements):  # fmt: skip
    few = paper(session, key="p6")
    sat(session, few, guessed([question(session, key="few")], 3))
    for path, most in (("analysis", 6), ("questions/{}", 8)):
        counts = []
        for key, asked in (("p1", "s0"), ("p6", "few")):
            with count_statements() as sent:
                assert client.get(f"/teaching/papers/{key}/{path.format(asked)}").status_code == 200
            counts.append(len(sent))
        assert counts[0] == counts[1] <= most
