"""What only the HTTP layer does: who gets in, which status, which page."""

import html
import re
from datetime import date

import pytest
import sqlalchemy as sa

from lms.kernel import keeping
from lms.people.types import Role
from lms.practice.models import DrillAnswer, ReviewCard
from lms.syllabus.models import Edition, Node
from tests.builders import NOON, added, learner, with_role
from tests.practice.builders import answer
from tests.question_bank.builders import FIVE, FOUR, marking_rule, question

CHAPTER = "/practice/J-COMP/06"


@pytest.fixture
def ana(session, sign_in):
    marking_rule(session)
    person = learner(session)
    sign_in(person)
    return person


def fields(page):
    """The hidden values of the page's form, and the letter under which each option is shown."""
    found = dict(re.findall(r'<input[^>]*name="(token|version)"[^>]*value="([^"]+)"', page.text))
    options = re.findall(
        r'name="choice" value="([A-Z])".*?<span class="bx-option-letter">.*?<span>(.*?)</span>',
        page.text,
        re.DOTALL,
    )
    return found, {html.unescape(words): letter for letter, words in options}


def send(client, url, *words):
    """Open a page, pick options by their words, and send the form."""
    values, letters = fields(client.get(url))
    return client.post(url, data={**values, "choice": [letters[word] for word in words]})


def count(session, table):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def test_a_question_is_asked_answered_and_explained(client, session, ana):
    question(session)
    page = client.get(CHAPTER)
    assert page.status_code == 200
    assert "因为如此" not in page.text  # not before the answer

    sent = send(client, CHAPTER, FOUR[1])
    assert (sent.status_code, sent.location) == (303, "/practice/answers/1")
    page = client.get(sent.location)
    assert page.status_code == 200
    for words in (
        "答对了",
        "因为如此",
        "《中华人民共和国慈善法》",
        "2023修正",
        "第二条",
        "2026年1月1日",
    ):
        assert words in page.text
    assert f'href="{CHAPTER}"' in page.text  # the next question


def test_a_wrong_answer_shows_the_right_one_and_goes_into_the_book(client, session, ana):
    question(session)
    sent = send(client, CHAPTER, FOUR[0])
    page = client.get(sent.location)
    right, wrong = (
        re.search(rf'<li class="bx-option {mark}">(.*?)</li>', page.text, re.DOTALL)[1]
        for mark in ("is-right", "is-wrong")
    )
    assert FOUR[1] in right and "正确答案" in right
    assert FOUR[0] in wrong and "选错" in wrong
    assert "再连续答对 2 次就移出" in page.text
    assert session.get(
        ReviewCard, (ana.id, session.scalar(sa.select(DrillAnswer.question_id)))
    ).in_wrong_book


def test_several_options_may_be_picked(client, session, ana):
    question(session, kind="multiple_choice")
    sent = send(client, CHAPTER, FIVE[0], FIVE[1])
    page = client.get(sent.location)
    assert "答对一部分" in page.text
    assert "得分：1 / 2" in page.text  # two right options of three: half a point each
    assert session.scalar(sa.select(DrillAnswer.chosen)) == "AB"


def test_the_options_stand_as_they_stood_when_the_page_was_asked(client, session, ana):
    question(session)
    for _ in range(6):
        page = client.get(CHAPTER)
        values, letters = fields(page)
        sent = client.post(CHAPTER, data={**values, "choice": letters[FOUR[2]]})
        shown = re.findall(
            r'bx-option-letter">([A-Z])</span>\s*<span[^>]*>(.*?)</span>',
            client.get(sent.location).text,
        )
        assert {words: letter for letter, words in shown} == letters
    assert set(session.scalars(sa.select(DrillAnswer.chosen))) == {"C"}


def test_the_same_page_sent_twice_is_one_answer(client, session, ana):
    question(session)
    values, letters = fields(client.get(CHAPTER))
    first, second = (
        client.post(CHAPTER, data={**values, "choice": letters[word]}) for word in FOUR[:2]
    )
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert count(session, DrillAnswer) == 1


def test_reloading_asks_the_same_question(client, session, ana):
    for _ in range(20):
        question(session)
    versions = {fields(client.get(CHAPTER))[0]["version"] for _ in range(5)}
    assert len(versions) == 1


def test_a_blank_answer_shows_the_same_question_again(client, session, ana):
    question(session)
    values, letters = fields(client.get(CHAPTER))
    page = client.post(CHAPTER, data=values)
    assert page.status_code == 422
    assert "请先作答" in page.text and 'role="alert"' in page.text
    assert fields(page) == (values, letters)
    assert count(session, DrillAnswer) == 0


@pytest.mark.parametrize("choice", [["E"], ["Z"], ["b"], ["A", "B"], ["<b>"]])
def test_an_answer_that_was_not_offered_is_422(client, session, ana, choice):
    question(session)
    values, _letters = fields(client.get(CHAPTER))
    page = client.post(CHAPTER, data={**values, "choice": choice})
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert count(session, DrillAnswer) == 0


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"token": "x"},
        {"token": "", "version": "1"},
        {"token": "x", "version": "one"},
        {"token": "x", "version": "0"},
        {"token": "x", "version": str(2**70)},
        {"token": "x\x00", "version": "1"},
        {"token": "x" * 65, "version": "1"},
    ],
)
def test_a_broken_page_is_422(client, session, ana, broken):
    question(session)
    assert client.post(CHAPTER, data={**broken, "choice": "A"}).status_code == 422
    assert count(session, DrillAnswer) == 0


def test_a_question_that_does_not_exist_is_404(client, session, ana):
    question(session)
    data = {"token": "x", "version": "999999", "choice": "A"}
    assert client.post(CHAPTER, data=data).status_code == 404


def test_the_wrong_book_is_worked_off(client, session, ana):
    version = question(session)
    question(session)
    answer(session, ana, version, "A")
    for turn in range(2):
        page = client.get("/practice/wrong")
        assert version.stem in page.text, turn
        sent = send(client, "/practice/wrong", FOUR[1])
        assert sent.location == f"/practice/answers/{turn + 2}?mode=book"
        assert 'href="/practice/wrong"' in client.get(sent.location).text
    page = client.get("/practice/wrong")
    assert page.status_code == 200
    assert "错题本是空的" in page.text


def test_the_wrong_answers_of_one_chapter_are_drilled_alone(client, session, ana):
    here, elsewhere = question(session), question(session, chapter_key="2025/J-COMP/07")
    fresh = question(session)
    for version in (here, elsewhere):
        answer(session, ana, version, "A")
    url = f"{CHAPTER}?mode=wrong"
    page = client.get(url)
    assert here.stem in page.text
    assert fresh.stem not in page.text
    sent = send(client, url, FOUR[1])
    assert sent.location == "/practice/answers/3?mode=wrong"
    assert f'href="{url}"' in client.get(sent.location).text
    send(client, url, FOUR[1])
    page = client.get(url)
    assert "这里的错题都练完了" in page.text


def test_what_was_never_seen_comes_first(client, session, ana):
    seen, fresh = question(session), question(session)
    answer(session, ana, seen, "A")
    assert fresh.stem in client.get(CHAPTER).text


def test_the_overview_names_subjects_and_chapters(client, session, ana):
    edition = added(
        session, Edition(key="2025", number=1, digest="", title="大纲", published_at=NOON)
    )
    for position, (key, level, title) in enumerate(
        [
            ("2025/J-COMP", "subject", "社会工作综合能力"),
            ("2025/J-COMP/06", "chapter", "个案社会工作服务"),
        ]
    ):
        added(
            session,
            Node(
                edition_id=edition.id,
                key=key,
                parent_key=None,
                level=level,
                subject="J-COMP",
                position=position,
                title=title,
                title_en=f"EN {title}",
                certainty="H",
                source="",
            ),
        )
    versions = [question(session) for _ in range(3)]
    answer(session, ana, versions[0], "A")
    answer(session, ana, versions[1], "B")
    answer(session, ana, versions[1], "B")
    page = client.get("/practice")
    assert page.status_code == 200
    for words in (
        "社会工作综合能力",
        "第 6 章 个案社会工作服务",
        "共 3 题，练过 2 题",
        "作答 3 次，正确率 66%",
        "错题 1 道",
    ):
        assert words in page.text
    assert f'href="{CHAPTER}"' in page.text
    assert f'href="{CHAPTER}?mode=wrong"' in page.text
    client.set_cookie("lang", "en")
    assert "EN 个案社会工作服务" in client.get("/practice").text


def test_an_older_outline_is_not_offered_beside_a_newer(client, session, ana):
    old = question(session, chapter_key="2018/J-COMP/06")
    new = question(session)
    page = client.get("/practice")
    assert page.text.count("做题</a>") == 1
    assert "共 1 题" in page.text
    page = client.get(CHAPTER)
    assert new.stem in page.text
    assert old.stem not in page.text


def test_the_overview_of_an_empty_bank_says_so(client, ana):
    page = client.get("/practice")
    assert page.status_code == 200
    assert "题库里还没有试题" in page.text


def test_a_chapter_without_questions_is_404(client, ana):
    assert client.get("/practice/J-COMP/99").status_code == 404


def test_somebody_elses_answer_is_404(client, session, ana):
    ben = learner(session)
    number = answer(session, ben, question(session), "A")
    assert client.get(f"/practice/answers/{number}").status_code == 404
    assert client.get("/practice/answers/99999999999999999999").status_code == 404


@pytest.mark.parametrize("url", ["/practice", CHAPTER, "/practice/wrong", "/practice/answers/1"])
def test_strangers_and_other_roles_stay_out(client, session, sign_in, url):
    question(session)
    page = client.get(url)
    assert page.status_code in {302, 303, 401}
    assert page.status_code == 401 or "/sign-in" in page.location
    sign_in(with_role(session, Role.AUDITOR))
    assert client.get(url).status_code == 403


def test_opening_pages_writes_nothing(client, session, ana, count_statements):
    version = question(session)
    answer(session, ana, version, "A")
    with count_statements() as seen:
        for url in (
            "/practice",
            CHAPTER,
            f"{CHAPTER}?mode=wrong",
            "/practice/wrong",
            "/practice/answers/1",
        ):
            assert client.get(url).status_code == 200
    assert not [s for s in seen if s.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_pages_cost_the_same_however_much_there_is(client, session, ana, count_statements):
    def costs():
        spent = {}
        for url in (
            "/practice",
            CHAPTER,
            f"{CHAPTER}?mode=wrong",
            "/practice/wrong",
            "/practice/answers/1",
        ):
            keeping.forget_all()  # whatever was asked before
            with count_statements() as seen:
                assert client.get(url).status_code == 200
            spent[url] = len(seen)
        values, letters = fields(client.get(CHAPTER))
        word = next(iter(letters))
        keeping.forget_all()
        with count_statements() as seen:
            assert client.post(CHAPTER, data={**values, "choice": letters[word]}).status_code == 303
        return spent | {"POST": len(seen)}

    answer(session, ana, question(session), "A")
    few = costs()
    for number in range(30):
        answer(session, ana, question(session, chapter_key=f"2025/J-COMP/{number % 9:02}"), "A")
    # one of them is the person; the limits are those of the house
    assert costs() == few
    assert few.pop("POST") <= 8
    assert max(few.values()) <= 6, few


def test_an_answer_is_told_in_points_whatever_the_unit(client, session, ana):
    body = {
        "unit": 6,
        "single_choice": {"method": "negative", "full": 6, "penalty": 2},
        "multiple_choice": {"method": "weights", "wrong": "none", "full": 12},
    }
    marking_rule(session, effective_from=date(2026, 1, 1), body=body)
    question(session, kind="multiple_choice")
    page = client.get(send(client, CHAPTER, FIVE[0], FIVE[1]).location).text
    assert "答对一部分" in page and "得分：1 1/3 / 2" in page


def test_an_answer_that_cost_marks_is_wrong(client, session, ana):
    body = {"unit": 3, "single_choice": {"method": "negative", "full": 3, "penalty": 1}}
    marking_rule(session, effective_from=date(2026, 1, 1), body=body)
    question(session)
    page = client.get(send(client, CHAPTER, FOUR[0]).location).text
    assert "答错了" in page and "答对一部分" not in page and "得分：-1/3 / 1" in page
