"""What only the HTTP layer does: who gets in, which status, which page."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.courses import queries
from lms.courses.models import Enrollment, LessonProgress
from lms.people.types import PostKind, Role
from lms.records import queries as records
from tests.builders import NOON, learner, with_role
from tests.courses.builders import (
    BODY,
    OUTLINE,
    RIGHT,
    answer,
    complete,
    complete_all,
    course,
    fresh,
    lesson,
    load,
    module,
    published,
)

COURSE = "/courses/basics"
LESSON = f"{COURSE}/lessons/who"
DAY = timedelta(days=1)


@pytest.fixture
def ana(session, sign_in, tmp_path):
    published(session, tmp_path)
    person = learner(session)
    sign_in(person)
    return person


def send(client, letters, *, check="c1", url=LESSON, **more):
    """Answer a check as its form does."""
    page = client.get(url)
    version = re.search(rf'name="{check}-version"[^>]*value="(\d+)"', page.text)
    data = {f"{check}-choice": list(letters), f"{check}-version": version[1] if version else ""}
    return client.post(f"{url}/checks/{check}", data={**data, **more})


def card(page, check):
    """The part of a lesson's page that belongs to a check."""
    return re.search(
        rf'<section class="bx-card" id="check-{check}".*?</section>', page.text, re.DOTALL
    )[0]


def answer_all(client, url=LESSON):
    for check, letters in RIGHT.items():
        assert send(client, letters, check=check, url=url).status_code == 303


def count(session, table):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


# ---- reading ----


def test_the_catalogue_lists_ones_own_courses_first(client, session, ana, tmp_path):
    files = {"10-m/module.toml": module(), "10-m/10-only.md": lesson("only")}
    for key, audience in (("early", "cadre"), ("fitting", "station_worker")):
        course(
            tmp_path / "more",
            key,
            id=f'"{key}"',
            title=f'"课程{key}"',
            audience=f'["{audience}"]',
            files=files,
        )
    load(session, course(tmp_path / "more"))
    complete(session, ana)
    page = client.get("/courses")
    assert page.status_code == 200
    heads = ["我的课程", "低保入门", "还没学的课程", "课程fitting", "课程early"]
    assert sorted(heads, key=page.text.index) == heads
    assert "学完 1 课，共 3 课" in page.text
    assert page.text.count("适合您的岗位") == 1
    client.set_cookie("lang", "en")
    assert "Dibao basics" in client.get("/courses").text


def test_a_catalogue_without_courses_says_so(client, session, sign_in):
    sign_in(learner(session))
    assert "现在还没有课程" in client.get("/courses").text


def test_a_course_shows_its_outline_and_what_comes_next(client, session, ana):
    page = client.get(COURSE)
    assert page.status_code == 200
    for words in (
        "低保入门",
        "写给新来的社工。",
        "2 学时",
        "专业科目",
        "社工站社工",
        "3 课，约 60 分钟",
        "模块：first",
        "模块：second",
        "课：who",
        "《社会救助法》（2026年）",
        "2026年1月1日",
        "开始学习",
    ):
        assert words in page.text, words
    complete(session, ana)
    answer(session, ana, "after")
    page = client.get(COURSE)
    assert "开始学习" not in page.text
    assert "下一课：课：how" in page.text
    assert f'href="{COURSE}/lessons/how"' in page.text
    states = re.findall(r"bx-state-(\w+)", page.text)
    assert states == ["met", "not_started", "in_progress"]


def test_a_completed_course_says_so(client, session, ana):
    complete_all(session, ana)
    page = client.get(COURSE)
    assert "已学完，2 学时已记入学习档案" in page.text
    assert "接着学" not in page.text


def test_a_newer_version_is_mentioned_to_who_began_the_old_one(client, session, ana, tmp_path):
    complete(session, ana)
    files = {**OUTLINE, "20-second/20-more.md": lesson("more")}
    load(session, course(fresh(tmp_path), files=files))
    page = client.get(COURSE)
    assert "这门课程后来有过更新" in page.text
    assert "课：more" not in page.text
    assert client.get(f"{COURSE}/lessons/more").status_code == 404
    load(session)
    assert "这门课程已经停开" in client.get(COURSE).text


def test_a_lesson_shows_its_text_and_its_checks(client, ana):
    page = client.get(LESSON)
    assert page.status_code == 200
    for words in (
        '<h2 id="先看一个人">',
        "张孃七十一岁",
        "第 1 课，共 3 课",
        "约 20 分钟",
        "由谁受理",
        "单项选择题",
        "多项选择题",
        "下一课：课：how",
    ):
        assert words in page.text, words
    assert "乡镇人民政府受理" not in page.text  # not before an answer
    assert "上一课" not in page.text.replace("上一课和下一课", "")
    assert "课文目前只有中文" not in page.text
    client.set_cookie("lang", "en")
    page = client.get(LESSON)
    assert "Lesson who" in page.text and 'class="bx-prose" lang="zh-CN"' in page.text


def test_the_way_leads_back_and_on(client, ana):
    page = client.get(f"{COURSE}/lessons/how")
    assert f'rel="prev" href="{LESSON}"' in page.text
    assert f'rel="next" href="{COURSE}/lessons/after"' in page.text
    page = client.get(f"{COURSE}/lessons/after")
    assert 'rel="next"' not in page.text and "回到课程目录" in page.text
    assert page.text.count('aria-current="page"') >= 1


@pytest.mark.parametrize(
    "url",
    [
        "/courses/nothing",
        "/courses/nothing/lessons/who",
        f"{COURSE}/lessons/nothing",
        "/courses/%00",
    ],
)
def test_what_is_not_there_is_404(client, ana, url):
    assert client.get(url).status_code == 404


def test_every_id_on_a_lesson_page_is_unique(client, session, ana):
    answer(session, ana, chosen="A")
    ids = re.findall(r'\sid="([^"]+)"', client.get(LESSON).text)
    assert len(ids) == len(set(ids)), sorted(ids)


# ---- learning ----


def test_beginning_a_course_opens_its_first_lesson(client, session, ana):
    for _ in range(2):
        sent = client.post(f"{COURSE}/enroll")
        assert (sent.status_code, sent.location) == (303, LESSON)
    assert count(session, Enrollment) == 1
    complete_all(session, ana)
    assert client.post(f"{COURSE}/enroll").location == COURSE


def test_a_wrong_answer_is_explained_and_may_be_put_right(client, session, ana):
    sent = send(client, "A")
    assert (sent.status_code, sent.location) == (303, f"{LESSON}#check-c1")
    page = client.get(LESSON)
    assert "不对，看看解析再答一次" in card(page, "c1")
    assert "乡镇人民政府受理" in card(page, "c1")
    assert "再答一次</button>" in card(page, "c1")
    assert "三样都要看" not in page.text

    send(client, "B")
    found = card(client.get(LESSON), "c1")
    assert "答对了" in found and "第 2 次" in found
    assert "disabled" in found and "<button" not in found
    assert re.search(r'value="B" checked', found)


def test_several_letters_may_be_picked(client, session, ana):
    send(client, "ABE", check="c2")
    assert "答对了" in card(client.get(LESSON), "c2")


def test_the_lesson_is_completed_when_all_is_right(client, session, ana):
    assert "完成这一课</button>" not in client.get(LESSON).text
    answer_all(client)
    page = client.get(LESSON)
    assert "自测题都答对了" in page.text
    for _ in range(2):  # a phone sends twice
        sent = client.post(f"{LESSON}/complete")
        assert (sent.status_code, sent.location) == (303, f"{COURSE}/lessons/how")
    assert "这一课学完了" in client.get(sent.location).text
    page = client.get(LESSON)
    assert "这一课学完于" in page.text and "完成这一课</button>" not in page.text
    assert len(records.facts_of(session, ana.id)) == 1


def test_the_last_lesson_completes_the_course(client, session, ana):
    complete(session, ana, "who")
    complete(session, ana, "how")
    url = f"{COURSE}/lessons/after"
    answer_all(client, url)
    for _ in range(2):
        sent = client.post(f"{url}/complete")
        assert (sent.status_code, sent.location) == (303, COURSE)
    page = client.get(COURSE)
    assert "学时已经记入您的学习档案" in page.text
    assert [fact.kind for fact in records.facts_of(session, ana.id)][-2:] == [
        "course_completed",
        "hours_credited",
    ]


def test_completing_too_early_is_409_and_names_what_is_open(client, session, ana):
    send(client, "A")
    send(client, "ABE", check="c2")
    page = client.post(f"{LESSON}/complete")
    assert page.status_code == 409
    assert 'role="alert"' in page.text and "第 1 题" in page.text
    assert 'href="#check-c1"' in page.text and 'href="#check-c2"' not in page.text
    assert records.facts_of(session, ana.id) == []


@pytest.mark.parametrize(
    ("letters", "words"), [("E", "答案不在选项之中"), ("AB", "只能选一项"), ("", "请先作答")]
)
def test_an_answer_that_was_not_offered_is_422_beside_its_question(
    client, session, ana, letters, words
):
    page = send(client, letters)
    assert page.status_code == 422
    assert words in card(page, "c1")
    assert 'role="alert"' not in card(page, "c2")
    assert count(session, LessonProgress) == count(session, Enrollment) == 0


def test_an_answer_without_the_page_is_taken_at_its_word(client, session, ana):
    sent = client.post(f"{LESSON}/checks/c1", data={"c1-choice": "B"})
    assert sent.status_code == 303
    page = client.post(f"{LESSON}/checks/c1", data={"c1-choice": "B", "c1-version": "x"})
    assert page.status_code == 422


def test_a_page_older_than_the_text_is_409(client, session, ana, tmp_path):
    data = {"c1-choice": "B", "c1-version": "999999"}
    page = client.post(f"{LESSON}/checks/c1", data=data)
    assert page.status_code == 409
    assert "课文刚刚更新过" in card(page, "c1")


@pytest.mark.parametrize(
    "url",
    [
        f"{LESSON}/checks/c9",
        f"{COURSE}/lessons/nothing/checks/c1",
        f"{COURSE}/lessons/nothing/complete",
        "/courses/nothing/enroll",
        "/courses/nothing/lessons/who/complete",
    ],
)
def test_a_deed_on_what_is_not_there_is_404(client, session, ana, url):
    assert client.post(url, data={"c1-choice": "B", "c9-choice": "B"}).status_code == 404
    assert count(session, Enrollment) == 0


def test_somebody_elses_answers_are_not_shown(client, session, ana):
    answer(session, learner(session), chosen="A")
    page = client.get(LESSON)
    assert "解析" not in page.text
    assert "checked" not in page.text


# ---- instructors and strangers ----


@pytest.fixture
def ines(session, sign_in, tmp_path):
    published(session, tmp_path)
    person = with_role(session, Role.INSTRUCTOR)
    sign_in(person)
    return person


def test_an_instructor_reads_with_the_key_and_cannot_answer(client, ines):
    page = client.get(LESSON)
    assert page.status_code == 200
    found = card(page, "c1")
    assert "正确答案：B" in found and "乡镇人民政府受理" in found
    assert "<form" not in found and "disabled" in found
    assert "完成这一课" not in page.text
    assert "开始学习" not in client.get(COURSE).text
    assert client.get("/courses").status_code == 200
    for url in (f"{LESSON}/checks/c1", f"{LESSON}/complete", f"{COURSE}/enroll"):
        assert client.post(url, data={"c1-choice": "B"}).status_code == 403


def test_staff_read_without_the_key(client, session, sign_in, tmp_path):
    published(session, tmp_path)
    sign_in(with_role(session, Role.COUNTY_MANAGER))
    page = client.get(LESSON)
    assert page.status_code == 200
    assert "正确答案：" not in page.text and "乡镇人民政府受理" not in page.text


@pytest.mark.parametrize(
    "url", ["/courses", COURSE, LESSON, "/teaching", "/teaching/courses/basics"]
)
def test_strangers_stay_out(client, session, tmp_path, url):
    published(session, tmp_path)
    page = client.get(url)
    assert page.status_code == 401 or "/sign-in" in page.location
    sent = client.post(f"{LESSON}/complete")
    assert sent.status_code == 401 or "/sign-in" in sent.location


@pytest.mark.parametrize("url", ["/teaching", "/teaching/courses/basics"])
def test_learners_do_not_see_the_instructors_pages(client, ana, url):
    assert client.get(url).status_code == 403


def test_the_instructors_list_counts_learners(client, session, ines):
    complete_all(session, learner(session))
    answer(session, learner(session))
    page = client.get("/teaching")
    assert page.status_code == 200
    for words in ("低保入门", "当前第 1 版", "学员 2 人，学完 1 人", "lms content check"):
        assert words in page.text, words
    load(session)
    assert "已停开" in client.get("/teaching").text


def test_the_instructors_list_may_be_empty(client, session, sign_in):
    sign_in(with_role(session, Role.INSTRUCTOR))
    assert "还没有发布过课程" in client.get("/teaching").text


def test_an_instructor_sees_where_learners_stall_and_what_changed(client, session, ines, tmp_path):
    person = learner(session)
    complete(session, person, now=NOON - 60 * DAY)
    answer(session, person, "how", chosen="A", now=NOON - 60 * DAY)
    files = {name: text for name, text in OUTLINE.items() if name != "20-second/10-after.md"}
    files["10-first/10-who.md"] = lesson("who", body=BODY + "\n\n再看一次。")
    files["20-second/20-more.md"] = lesson("more")
    load(session, course(fresh(tmp_path), files=files, credit_hours="3"), now=NOON + DAY)
    page = client.get("/teaching/courses/basics")
    assert page.status_code == 200
    for words in (
        "首次发布，3 课。",
        "第 2 版",
        "新增：“课：more”",
        "删去：“课：after”",
        "修改：“课：who”",
        "改了课程说明",
        "lms content load",
    ):
        assert words in page.text, words
    assert "先后次序" not in page.text
    found = re.search(r'<ol class="bx-list">(.*?)<h2>', page.text, re.DOTALL)[1]
    rows = found.split("<h3")[1:]
    for words in ("开始 1 人", "学完 1 人", "停在这里 0 人", "1 人答过，1 人一次答对（100%）"):
        assert words in rows[0], words  # the checks of the changed lesson are the same
    for words in (
        "学完 0 人",
        "停在这里 1 人（其中 1 人已有 14 天没有动过）",
        "（0%）",
        "还没有人答",
    ):
        assert words in rows[1], words
    assert ["卡住的人最多" in row for row in rows] == [False, True, False]
    assert client.get("/teaching/courses/nothing").status_code == 404


# ---- cost ----


def test_reading_writes_nothing(client, session, ana, count_statements):
    complete(session, ana)
    with count_statements() as seen:
        for url in ("/courses", COURSE, LESSON, f"{COURSE}/lessons/how"):
            assert client.get(url).status_code == 200
    assert not [s for s in seen if s.startswith(("INSERT", "UPDATE", "DELETE"))]


def many(session, tmp_path):
    """More of everything: courses, lessons, versions, learners."""
    for number in range(8):
        course(tmp_path / "many", f"c{number}", id=f'"c{number}"')
    files = {**OUTLINE, "20-second/20-more.md": lesson("more")}
    load(session, course(tmp_path / "many", files=files, credit_hours="9"))
    for _ in range(5):
        complete_all(session, learner(session, post=PostKind.CADRE))


def spent(client, count_statements, urls):
    found = {}
    for url in urls:
        with count_statements() as seen:
            assert client.get(url).status_code == 200
        found[url] = len(seen)
    return found


def test_learners_pages_cost_the_same_however_much_there_is(
    client, session, ana, tmp_path, count_statements
):
    urls = ("/courses", COURSE, LESSON)
    few = spent(client, count_statements, urls)
    answer(session, ana)
    many(session, tmp_path)
    assert spent(client, count_statements, urls) == few
    # one of them is the person
    assert few["/courses"] <= 3 and few[COURSE] <= 3 and few[LESSON] <= 4, few


def test_instructors_pages_cost_the_same_however_much_there_is(
    client, session, ines, tmp_path, count_statements
):
    urls = ("/teaching", "/teaching/courses/basics")
    few = spent(client, count_statements, urls)
    many(session, tmp_path)
    assert spent(client, count_statements, urls) == few
    assert max(few.values()) <= 8, few


def test_an_answer_costs_the_same_however_much_there_is(
    client, session, ana, tmp_path, count_statements
):
    answer(session, ana, check_key="c2")

    def cost(letters):
        with count_statements() as seen:
            sent = client.post(f"{LESSON}/checks/c1", data={"c1-choice": letters})
        assert sent.status_code == 303
        return len(seen)

    first = cost("A")
    many(session, tmp_path)
    assert cost("C") <= first <= 9


def test_a_learner_goes_all_the_way(client, session, ana):
    """From the catalogue to the credited hours, by the page's own links and forms."""
    url = client.post(f"{COURSE}/enroll").location
    while "/lessons/" in url:
        answer_all(client, url)
        url = client.post(f"{url}/complete").location
    assert url == COURSE
    assert queries.course(session, ana.id, "basics").completed_at is not None
    assert len(records.facts_of(session, ana.id)) == 5
