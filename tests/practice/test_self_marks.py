"""Answers in words: suggested by their words, marked by whoever wrote them."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace

import html5lib
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lms.kernel import keeping
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.transaction import transaction
from lms.people.types import Role
from lms.practice import operations, queries, rules
from lms.practice.models import DrillAnswer, DrillSelfMark, ReviewCard
from lms.practice.types import Tried
from lms.question_bank.types import Mark
from tests.builders import NOON, learner, with_role
from tests.practice.builders import answer
from tests.question_bank.builders import OFFICIAL, marking_rule, question

CHAPTER = "/practice/M-PRAC/02"
ESSAY = {
    "points": [
        {"text": "建立专业关系", "marks": 8, "synonyms": ["建立关系"]},
        {"text": "收集资料", "marks": 6},
        {"text": "界定问题", "marks": 6},
    ],
    "model": "先建立专业关系，再收集资料、界定问题。",
}
CASE = {
    "parts": [
        {"ask": "有哪些需要？", "points": [{"text": "经济需要", "marks": 6}]},
        {
            "ask": "处于哪个阶段？",
            "kind": "single_choice",
            "options": ["接案", "预估", "介入"],
            "answer": "B",
            "marks": 4,
        },
    ]
}


def words(session, **values):
    """An essay in its first version, out of ten points."""
    values = {"kind": "essay", "spec": ESSAY, "subject": "M-PRAC"} | values
    return question(session, chapter_key="2025/M-PRAC/02", point_key="2025/M-PRAC/02/1", **values)


@pytest.fixture
def ana(session):
    marking_rule(session)
    return learner(session)


def mark_self(session, person, number, *ticked, now=NOON):
    operations.self_mark(session, learner_id=person.id, number=number, ticked=ticked, now=now)


def card(session, person, version):
    session.expire_all()
    found = session.get(ReviewCard, (person.id, version.question_id))
    return (found.tries, found.wrong, found.right_streak, found.in_wrong_book)


def rows(session, table):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


# ---- rules


@pytest.mark.parametrize(
    ("kind", "earned", "out_of", "is_right"),
    [
        ("essay", 24, 40, True),  # 60 of a hundred
        ("essay", 23, 40, False),  # 57.5
        ("essay", 40, 40, True),
        ("essay", 0, 40, False),
        ("plan_design", 3, 5, True),
        ("case_analysis", 2, 5, False),
        ("matching", 3, 4, False),  # what a machine marks is right or it is not
        ("matching", 4, 4, True),
        ("multiple_choice", 3, 4, False),
    ],
)
def test_most_of_an_answer_in_words_is_enough(kind, earned, out_of, is_right):
    assert rules.is_right(kind, Mark(earned, out_of=out_of)) is is_right


POINTS = [["甲", "乙"], [], ["丙"]]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ([], "00//0"),
        (["0-1"], "01//0"),
        (["2-0", "0-0", "0-1"], "11//1"),
        (["0-0", "0-0"], "10//0"),
    ],
)
def test_ticks_are_kept_field_by_field(sent, stored):
    ticks = rules.read_ticks(sent, POINTS)
    assert rules.encode_ticks(ticks) == stored
    assert rules.decode_ticks(stored) == ticks


@pytest.mark.parametrize("name", ["", "0", "0-2", "1-0", "3-0", "-1-0", "0-1-0", "a-b", "0-01"])
def test_a_point_that_is_not_there_cannot_be_ticked(name):
    with pytest.raises(Invalid) as refusal:
        rules.read_ticks([name], POINTS)
    assert refusal.value.code == "foreign_point"


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(10, 20)), min_size=1, max_size=12))
def test_all_answers_together_are_one_after_the_other(listed):
    tried = [
        Tried("essay", earned, out_of, NOON + timedelta(minutes=number))
        for number, (earned, out_of) in enumerate(listed)
    ]
    standing = None
    for one in tried:
        right = 10 * one.earned >= 6 * one.out_of
        standing = rules.after_answer(standing, is_right=right, at=one.at)
    assert rules.after_answers(tried) == standing
    assert rules.after_answers([]) is None


# ---- operations


def test_an_answer_is_kept_with_what_is_suggested(session, ana):
    version = words(session)
    number = answer(session, ana, version, "先建立关系。")
    kept = session.get(DrillAnswer, (ana.id, number))
    assert (kept.chosen, kept.earned, kept.out_of) == ("先建立关系。", 8, 20)
    assert card(session, ana, version) == (1, 1, 0, True)  # 40 of a hundred


def test_the_book_follows_the_learners_own_mark(session, ana):
    version = words(session)
    number = answer(session, ana, version, "说法都不一样")
    assert card(session, ana, version) == (1, 1, 0, True)
    mark_self(session, ana, number, "0-0", "0-1", now=NOON + timedelta(minutes=5))
    kept = session.get(DrillSelfMark, (ana.id, number))
    assert (kept.ticks, kept.earned, kept.out_of) == ("110", 14, 20)
    assert kept.marked_at == NOON + timedelta(minutes=5)
    assert card(session, ana, version) == (1, 0, 1, False)
    # what was suggested stays a fact
    assert session.get(DrillAnswer, (ana.id, number)).earned == 0


def test_whoever_is_strict_with_themselves_goes_into_the_book(session, ana):
    version = words(session)
    number = answer(session, ana, version, ESSAY["model"])
    assert card(session, ana, version) == (1, 0, 1, False)
    mark_self(session, ana, number)
    assert card(session, ana, version) == (1, 1, 0, True)
    assert session.get(DrillSelfMark, (ana.id, number)).earned == 0


def test_an_earlier_answer_may_be_marked_after_later_ones(session, ana):
    version = words(session)
    numbers = [
        answer(session, ana, version, text, now=NOON + timedelta(minutes=n))
        for n, text in enumerate(["不会", ESSAY["model"], ESSAY["model"]])
    ]
    assert card(session, ana, version) == (3, 1, 2, False)
    mark_self(session, ana, numbers[2])  # the last was not good
    assert card(session, ana, version) == (3, 2, 0, True)
    mark_self(session, ana, numbers[0], "0-0", "0-1", "0-2")  # the first was
    assert card(session, ana, version) == (3, 1, 0, True)
    assert session.get(ReviewCard, (ana.id, version.question_id)).last_at == NOON + timedelta(
        minutes=2
    )


def test_marking_twice_is_marking_once(session, ana):
    version = words(session)
    number = answer(session, ana, version, "先建立关系。")
    mark_self(session, ana, number, "0-0", "0-1")
    before = card(session, ana, version)
    mark_self(session, ana, number)
    mark_self(session, ana, number, "9-9")  # even if what comes the second time is nonsense
    assert rows(session, DrillSelfMark) == 1
    assert session.get(DrillSelfMark, (ana.id, number)).earned == 14
    assert card(session, ana, version) == before


def test_other_questions_and_other_learners_are_left_alone(session, ana):
    version, other, ben = words(session), words(session), learner(session)
    first = answer(session, ana, version, "不会")
    answer(session, ana, other, "不会")
    answer(session, ben, version, "不会")
    mark_self(session, ana, first, "0-0", "0-1", "0-2")
    assert card(session, ana, version) == (1, 0, 1, False)
    assert card(session, ana, other) == card(session, ben, version) == (1, 1, 0, True)


def test_choices_of_a_case_are_not_for_ticking(session, ana):
    version = words(session, kind="case_analysis", spec=CASE)
    number = answer(session, ana, version, '["说不好","B"]')
    assert session.get(DrillAnswer, (ana.id, number)).earned == 4
    mark_self(session, ana, number, "0-0")
    kept = session.get(DrillSelfMark, (ana.id, number))
    assert (kept.ticks, kept.earned, kept.out_of) == ("1/", 10, 10)


def test_is_marked_under_the_rule_of_the_day_it_was_answered(session):
    marking_rule(session, effective_to=(NOON + timedelta(days=1)).date())
    later = OFFICIAL | {"single_choice": {"full": 6}}
    marking_rule(session, body=later, effective_from=(NOON + timedelta(days=2)).date())
    ana = learner(session)
    version = words(session, kind="case_analysis", spec=CASE)
    number = answer(session, ana, version, '["","B"]')
    mark_self(session, ana, number, now=NOON + timedelta(days=3))
    assert session.get(DrillSelfMark, (ana.id, number)).earned == 4


def test_what_a_machine_marks_is_not_for_learners_to_mark(session, ana):
    version = question(session)
    number = answer(session, ana, version)
    with pytest.raises(Invalid) as refusal:
        mark_self(session, ana, number)
    assert refusal.value.code == "not_judged"
    assert rows(session, DrillSelfMark) == 0


def test_somebody_elses_answer_does_not_exist(session, ana):
    number = answer(session, ana, words(session), "不会")
    with pytest.raises(NotFound) as refusal:
        mark_self(session, learner(session), number, "0-0")
    assert refusal.value.code == "no_answer"


def test_an_impatient_phone_marks_once(own_engine):
    with Session(own_engine) as session, transaction(session):
        marking_rule(session)
        person, version = learner(session), words(session)
        person_id, version_id = person.id, version.id
        answer(session, person, SimpleNamespace(id=version_id), "不会")
    start = Barrier(4)

    def send(point):
        start.wait()
        with Session(own_engine) as session, transaction(session):
            mark_self(session, SimpleNamespace(id=person_id), 1, point)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, ["0-0", "0-1", "0-2", "0-0"]))
    with Session(own_engine) as session:
        (kept,) = session.scalars(sa.select(DrillSelfMark))
        assert kept.ticks in {"100", "010", "001"}
        assert session.scalars(sa.select(ReviewCard.tries)).all() == [1]


# ---- pages


@pytest.fixture
def page_of(client, session, ana, sign_in):
    sign_in(ana)

    def page_of(url, **values):
        page = client.get(url, **values)
        assert page.status_code == 200
        html5lib.HTMLParser(strict=True).parse(page.text)
        return page.text

    return page_of


def send(client, text_of_page, url, *parts):
    values = dict(re.findall(r'name="(token|version)"[^>]*value="([^"]+)"', text_of_page))
    names = ["choice"] if len(parts) == 1 else [f"choice-{n}" for n in range(1, len(parts) + 1)]
    return client.post(url, data={**values, **dict(zip(names, parts, strict=True))})


def ticks(page):
    """The boxes of a page, and whether each is ticked."""
    found = re.findall(r'<input type="checkbox"[^>]*name="tick" value="([\d-]+)"( checked)?', page)
    return {value: bool(checked) for value, checked in found}


def test_an_essay_is_written_looked_at_and_marked(client, session, page_of):
    words(session)
    asked = page_of(CHAPTER)
    assert "<textarea" in asked and "因为如此" not in asked and "建立专业关系" not in asked
    sent = send(client, asked, CHAPTER, "先<建立关系>，\r\n再界定问题。")
    assert (sent.status_code, sent.location) == (303, "/practice/answers/1")

    page = page_of(sent.location)
    assert "先&lt;<mark>建立关系</mark>&gt;，\n再<mark>界定问题</mark>。" in page
    assert ticks(page) == {"0-0": True, "0-1": False, "0-2": True}
    assert "7 / 10" in page and ESSAY["model"] in page and "因为如此" in page
    assert [f'for="tick-0-{n}"' in page for n in range(3)] == [True] * 3

    marked = client.post("/practice/answers/1/self-mark", data={"tick": ["0-0", "0-1"]})
    assert (marked.status_code, marked.location) == (303, "/practice/answers/1")
    page = page_of(marked.location)
    assert "自评得分：7 / 10" in page
    assert ticks(page) == {"0-0": True, "0-1": True, "0-2": False}
    assert re.search(r'<fieldset class="bx-points" disabled>', page)
    assert "自评得分</button>" not in page


def test_marking_again_from_a_stale_page_changes_nothing(client, session, page_of):
    words(session)
    send(client, page_of(CHAPTER), CHAPTER, "不会")
    url = "/practice/answers/1/self-mark"
    for points in (["0-0"], ["0-0", "0-1", "0-2"], []):
        assert client.post(url, data={"tick": points}).status_code == 303
    assert "自评得分：4 / 10" in page_of("/practice/answers/1")


def test_a_case_shows_its_choices_and_their_marks(client, session, page_of):
    words(session, kind="case_analysis", spec=CASE, stem="老王的故事")
    sent = send(client, page_of(CHAPTER), CHAPTER, "经济需要", "A")
    page = page_of(sent.location)
    assert "<mark>经济需要</mark>" in page
    assert ticks(page) == {"0-0": True}
    wrong = re.search(r'<li class="bx-option is-wrong">(.*?)</li>', page, re.DOTALL)[1]
    assert "接案" in wrong and "选错" in wrong
    assert "得分：0 / 2" in page


def test_a_blank_part_says_so_and_a_capped_one_says_how_much(client, session, page_of):
    spec = {
        "sections": [
            {"title": "目标", "points": [{"text": "缓解孤独", "marks": 4}]},
            {
                "title": "步骤",
                "points": [{"text": f"要点{n}", "marks": 4} for n in range(3)],
                "most": 8,
            },
        ]
    }
    words(session, kind="plan_design", spec=spec)
    sent = send(client, page_of(CHAPTER), CHAPTER, "", "要点0")
    page = page_of(sent.location)
    assert "没有作答" in page
    assert page.count("最多得") == 1 and "这一问最多得 4 分。" in page


def test_the_way_back_leads_to_the_book(client, session, ana, page_of):
    version = words(session)
    answer(session, ana, version, "不会")
    sent = send(client, page_of("/practice/wrong"), "/practice/wrong", "不会")
    assert sent.location == "/practice/answers/2?mode=book"
    page = page_of(sent.location)
    assert 'action="/practice/answers/2/self-mark?mode=book"' in page
    marked = client.post("/practice/answers/2/self-mark?mode=book", data={"tick": "0-0"})
    assert marked.location == "/practice/answers/2?mode=book"
    stray = client.post("/practice/answers/2/self-mark?mode=//evil.example")
    assert stray.location == "/practice/answers/2"


def test_a_point_that_is_not_there_is_422(client, session, page_of):
    words(session)
    send(client, page_of(CHAPTER), CHAPTER, "不会")
    assert client.post("/practice/answers/1/self-mark", data={"tick": "0-7"}).status_code == 422
    assert rows(session, DrillSelfMark) == 0


def test_a_choice_question_and_a_missing_answer_are_refused(client, session, ana, page_of):
    number = answer(session, ana, question(session))
    assert client.post(f"/practice/answers/{number}/self-mark").status_code == 422
    assert client.post("/practice/answers/99/self-mark").status_code == 404


def test_strangers_and_other_roles_stay_out(client, session, ana, sign_in):
    answer(session, ana, words(session), "不会")
    url = "/practice/answers/1/self-mark"
    assert client.post(url).status_code in {302, 303, 401}
    sign_in(with_role(session, Role.AUDITOR))
    assert client.post(url).status_code == 403
    sign_in(learner(session))
    assert client.post(url, data={"tick": "0-0"}).status_code == 404
    assert rows(session, DrillSelfMark) == 0


def test_pages_cost_the_same_however_many_answers(client, session, ana, page_of, count_statements):
    version = words(session)

    def costs(number):
        url = f"/practice/answers/{number}"
        keeping.forget_all()  # whatever was asked before
        with count_statements() as looked:
            page_of(url)
        keeping.forget_all()
        with count_statements() as marked:
            assert client.post(f"{url}/self-mark", data={"tick": "0-0"}).status_code == 303
        return len(looked), len(marked)

    first = costs(answer(session, ana, version, "不会"))
    for _ in range(20):
        number = answer(session, ana, version, "不会")
    assert costs(number) == first
    assert max(first) <= 10, first
    assert len(queries.tried(session, ana.id, version.question_id)) == 21
