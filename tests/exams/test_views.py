"""What HTTP adds: who gets in, which status, which page, what it costs, what it must not say."""

import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from lms.exams import operations, queries
from lms.exams.models import Attempt
from lms.kernel.clock import utc_now
from lms.people.types import Role
from tests import builders
from tests.exams import builders as exams
from tests.exams.builders import sending, shown_letters

NUMBERED = "/attempts/1"
API = "/api/v1/exams/attempts/1"


@pytest.fixture
def learner(session, sign_in):
    made = builders.learner(session)
    sign_in(made)
    return made


@pytest.fixture
def opened(session, learner):
    """The signed-in learner's open attempt on a small paper, begun five minutes ago."""
    exams.started(session, learner=learner, now=utc_now() - timedelta(minutes=5))
    return learner.id, 1


@pytest.fixture
def mock(session, learner):
    """The same on the shipped paper of 80 questions."""
    exams.shipped_bank(session)
    operations.start(session, learner_id=learner.id, paper_key="j-comp-mock", seed=3, now=utc_now())
    return learner.id, 1


@pytest.fixture
def expired(session, learner):
    exams.started(session, learner=learner, now=utc_now() - timedelta(minutes=121))
    return learner.id, 1


def sitting(session, opened):
    session.expire_all()
    return queries.sitting(session, learner_id=opened[0], number=opened[1])


def post_json(client, *answers, url=f"{API}/answers"):
    return client.post(url, json={"answers": list(answers)})


def answer(slot, letters, counter, **more):
    return {"slot": slot, "parts": [letters], "counter": counter, **more}


def finish(session, opened):
    operations.submit(session, learner_id=opened[0], number=opened[1], now=utc_now())
    session.flush()


# --- who gets in ---


PAGES = ["", "/hand-in", "/result", "/review"]
DEEDS = ["/answers", "/submit"]


@pytest.mark.parametrize("page", ["/exams", *(NUMBERED + page for page in PAGES)])
def test_guests_are_asked_to_sign_in(client, page):
    response = client.get(page)
    assert response.status_code == 303
    assert "/sign-in" in response.location


@pytest.mark.parametrize("role", [Role.COUNTY_MANAGER, Role.HR_CHECKER, Role.INSTRUCTOR])
def test_only_learners_sit_exams(client, session, sign_in, role):
    sign_in(builders.with_role(session, role))
    assert client.get("/exams").status_code == 403
    assert client.post("/exams/j-comp-mock/start").status_code == 403


def test_a_stranger_finds_nothing(client, session, opened, sign_in):
    sign_in(builders.learner(session))
    for page in PAGES:
        assert client.get(NUMBERED + page).status_code == 404
    assert post_json(client, answer(1, "A", 1)).status_code == 404
    assert client.post(f"{NUMBERED}/submit").status_code == 404
    assert sitting(session, opened).is_open


@pytest.mark.parametrize("number", ["0", "2", "2147483647", "2147483648", "9" * 30, "x", "-1"])
def test_a_number_that_is_none_is_404(client, opened, number):
    for page in PAGES:
        assert client.get(f"/attempts/{number}{page}").status_code == 404
    for deed in DEEDS:
        assert client.post(f"/attempts/{number}{deed}", data={"slot": "1", "counter": "1"}).status_code == 404  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_done_by_looking(client, opened, deed):
    assert client.get(NUMBERED + deed).status_code == 405


# --- the overview ---


def test_the_overview_says_the_rule_in_words(client, session, learner):
    exams.shipped_bank(session)
    page = client.get("/exams").text
    for words in (
        "单项选择题 60 题，每题 1 分",
        "多项选择题 20 题，每题 2 分",
        "少选，每选对一项得 0.5 分",
        "120 分钟",
    ):
        assert words in page
    assert page.count("/start") == 3  # so many papers can be sat
    assert "说法不一，待核实" in page  # the senior paper's layout
    assert "还没有考过" in page


def test_the_overview_leads_back_to_the_open_attempt(client, opened):
    page = client.get("/exams").text
    assert "继续作答" in page
    assert "/start" not in page


def test_the_overview_pages_long_histories(client, session, learner):
    exams.rules(session)
    key = exams.paper(session)
    for _ in range(22):
        operations.start(session, learner_id=learner.id, paper_key=key, seed=1, now=utc_now())
        finish(session, (learner.id, queries.standing(session, learner.id).latest))
    page = client.get("/exams").text
    assert "/attempts/22/result" in page
    assert "/attempts/2/result" not in page
    older = client.get(re.search(r'href="(/exams\?before=\d+)"', page)[1]).text
    assert "/attempts/2/result" in older


# --- starting ---


@pytest.mark.parametrize("before", ["9223372036854775808", "9" * 5000, "-1", "x"])
def test_a_page_of_the_history_that_is_none_is_the_first(client, opened, before):
    page = client.get(f"/exams?before={before}")
    assert page.status_code == 200 and NUMBERED in page.text


def test_start_leads_to_the_paper_and_again_to_the_same(client, session, learner):
    exams.shipped_bank(session)
    for _ in range(3):
        response = client.post("/exams/j-comp-mock/start")
        assert (response.status_code, response.location) == (303, NUMBERED)
    assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1


def test_what_cannot_be_started(client, session, learner):
    exams.shipped_bank(session)
    assert client.post("/exams/nothing/start").status_code == 404
    assert client.post("/exams/m-law/start").status_code == 409


# --- the paper ---


def test_eighty_questions_on_four_pages(client, mock):
    seen = []
    for page in (1, 2, 3, 4):
        text = client.get(f"{NUMBERED}?page={page}").text
        seen += re.findall(r'<article [^>]*id="q(\d+)"', text)
        assert len(re.findall(r'data-slot="\d+"', text)) == 20 + 80  # questions and answer sheet
    assert seen == [str(number) for number in range(1, 81)]


@pytest.mark.parametrize(
    ("page", "first"), [("0", 1), ("5", 61), ("x", 1), ("-3", 1), ("9" * 30, 61)]
)
def test_a_page_that_is_none_is_the_nearest(client, mock, page, first):
    assert f'id="q{first}"' in client.get(f"{NUMBERED}?page={page}").text


def test_an_open_paper_says_nothing_of_the_key(client, session, opened):
    """Neither the page nor what a save answers holds explanation, key or marks."""
    briefs = queries.briefs(session, [slot.version_id for slot in sitting(session, opened).slots])
    saved = post_json(client, *(answer(slot, "A", 1) for slot in range(1, 6)))
    told = [client.get(NUMBERED).text, client.get(f"{NUMBERED}/hand-in").text, saved.text]
    for text in told:
        assert "解析" not in text
        assert "is-right" not in text
        assert "explanation" not in text
        assert '"answer"' not in text
    assert all(brief.stem.rstrip("。").split("（")[0] in told[0] for brief in briefs.values())
    for page in ("/result", "/review"):
        response = client.get(NUMBERED + page)
        assert (response.status_code, response.location) == (303, NUMBERED)


def test_the_options_stand_in_the_order_of_the_attempt(client, session, opened):
    slot = sitting(session, opened).slots[0]
    spec = queries.briefs(session, [slot.version_id])[slot.version_id].spec
    text = client.get(NUMBERED).text.split('id="q1"')[1].split("</article>")[0]
    shown = re.findall(r"选项\d+-[A-E]", text)
    assert shown == [spec["options"][place] for place in slot.order]


def test_the_paper_carries_the_servers_time(client, session, opened):
    text = client.get(NUMBERED).text
    found = sitting(session, opened)
    assert f'data-deadline="{found.deadline_at.isoformat()}"' in text
    assert f'data-started="{found.started_at.isoformat()}"' in text
    assert '剩余</span> <strong id="time-left">114 分钟</strong>' in text  # words: nothing counts


def test_an_open_paper_is_kept_in_no_cache(client, opened):
    assert client.get(NUMBERED).headers["Cache-Control"] == "no-store"


def test_what_was_saved_is_shown_again(client, session, opened):
    post_json(client, answer(1, "C", 1, flagged=True))
    text = client.get(NUMBERED).text.split('id="q1"')[1].split("</article>")[0]
    assert re.search(r'value="C"\s+checked', text)
    assert re.search(r'name="f1" value="1"\s+checked', text)
    assert 'data-counter="1"' in text


# --- saving ---


def test_a_script_saves_and_is_told_what_is_stored(client, session, opened):
    response = post_json(client, answer(1, "B", 17, flagged=True), answer(4, "AC", 18))

    assert response.status_code == 200
    assert response.json["answers"] == [
        {"slot": 1, "parts": ["B"], "counter": 17, "flagged": True, "verdict": "kept"},
        {"slot": 4, "parts": ["AC"], "counter": 18, "flagged": False, "verdict": "kept"},
    ]
    assert response.json["counter"] == 18
    assert response.json["saved_at"].endswith("+08:00")
    assert len(response.data) <= 500
    found = sitting(session, opened)
    assert shown_letters(found.answers[4].chosen, found.slots[3].order) == "AC"
    assert found.answers[4].counter == 18


def test_a_stale_tab_is_told_what_is_stored(client, opened):
    post_json(client, answer(1, "B", 20))
    response = post_json(client, answer(1, "C", 19))
    assert response.status_code == 200
    assert response.json["answers"] == [
        {"slot": 1, "parts": ["B"], "counter": 20, "flagged": False, "verdict": "stale"}
    ]


def page_data(counter, letters, *, flags=(), slots=(1, 2, 3, 4, 5), then="1"):
    data = {"slot": [str(slot) for slot in slots], "counter": str(counter), "then": then}
    data |= {f"a{slot}": list(chosen) for slot, chosen in letters.items()}
    return data | {f"f{slot}": "1" for slot in flags}


def test_without_script_a_page_is_a_form(client, session, opened):
    counter = re.search(r'name="counter" value="(\d+)"', client.get(NUMBERED).text)[1]
    response = client.post(
        f"{NUMBERED}/answers", data=page_data(counter, {1: "B", 4: "AC"}, flags=[2])
    )
    assert (response.status_code, response.location) == (303, f"{NUMBERED}?page=1")
    found = sitting(session, opened)
    assert (found.blank, found.flagged) == ((2, 3, 5), (2,))


def test_each_page_that_is_shown_may_change_the_one_before(client, session, opened):
    for chosen in ("B", "C", ""):
        counter = re.search(r'name="counter" value="(\d+)"', client.get(NUMBERED).text)[1]
        client.post(f"{NUMBERED}/answers", data=page_data(counter, {1: chosen}))
        found = sitting(session, opened)
        assert shown_letters(found.answer(1).chosen, found.slots[0].order) == chosen


def test_a_form_sent_twice_and_late_changes_nothing(client, session, opened):
    first = page_data(10, {1: "B"})
    client.post(f"{NUMBERED}/answers", data=first)
    client.post(f"{NUMBERED}/answers", data=page_data(20, {1: "C"}))
    response = client.post(f"{NUMBERED}/answers", data=first, follow_redirects=True)
    assert "第 1 题在别处改过，保留了较新的答案" in response.text
    assert sitting(session, opened).answers[1].counter == 20


def test_the_hand_in_button_saves_and_asks_once_more(client, session, opened):
    response = client.post(f"{NUMBERED}/answers", data=page_data(9, {1: "B"}, then="confirm"))
    assert (response.status_code, response.location) == (303, f"{NUMBERED}/hand-in")
    assert sitting(session, opened).answers[1].counter == 9


@pytest.mark.parametrize("data", [{}, {"slot": "1"}, {"slot": "x", "counter": "1"}, {"counter": "1"}, {"slot": "1", "counter": "²"}])  # fmt: skip
def test_a_broken_form_is_422(client, opened, data):
    assert client.post(f"{NUMBERED}/answers", data=data).status_code == 422


def test_an_open_page_asks_for_the_time(client, session, opened):
    found = sitting(session, opened)
    told = client.get(f"{API}/clock")
    assert told.headers["Cache-Control"] == "no-store"
    assert told.json["open"] is True
    assert datetime.fromisoformat(told.json["deadline_at"]) == found.deadline_at
    assert 290_000 < told.json["counter"] < 310_000  # begun five minutes ago
    finish(session, opened)
    assert client.get(f"{API}/clock").json["open"] is False


BAD = [  # what is sent, the status, its name
    ("a foreign question", [answer(6, "A", 1)], 422, "foreign_slot"),
    ("question nought", [answer(0, "A", 1)], 422, "foreign_slot"),
    ("a question twice", [answer(1, "A", 1), answer(1, "B", 2)], 422, "repeated_slot"),
    ("an option that was not shown", [answer(1, "E", 1)], 422, "foreign_option"),
    ("a letter of no alphabet", [answer(1, "甲", 1)], 422, "foreign_option"),
    ("extra letters", [answer(1, "AB", 1)], 422, "too_many"),
    ("a counter below one", [answer(1, "A", 0)], 422, "bad_counter"),
    ("a counter below nought", [answer(1, "A", -(10**9))], 422, "bad_counter"),
    ("a counter ahead of the clock", [answer(1, "A", 10**9)], 422, "counter_ahead"),
    ("a counter that no browser has", [answer(1, "A", 2**60)], 422, "bad_counter"),
    ("a counter of a thousand digits", [answer(1, "A", 10**1000)], 422, "bad_counter"),
    ("a counter that is words", [answer(1, "A", "1")], 422, "bad_body"),
    ("a device that is none", [answer(1, "A", 1, device="<b>")], 422, "bad_body"),
    ("a device without end", [answer(1, "A", 1, device="a" * 17)], 422, "bad_body"),
    ("more parts than fields", [{"slot": 1, "parts": ["A", "B"], "counter": 1}], 422, "too_many_parts"),
    ("no answers", [], 422, "bad_body"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "status", "code"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input_is_refused_by_name_and_harms_nothing(
    client, session, opened, sent, status, code
):
    post_json(client, answer(2, "B", 7))
    before = sitting(session, opened)
    response = post_json(client, answer(3, "C", 9), *sent) if sent else post_json(client)
    assert (response.status_code, response.json["error"]["code"]) == (status, code)
    assert response.json["error"]["message"]
    assert sitting(session, opened) == before
    assert post_json(client, answer(1, "A", 8)).status_code == 200  # and it goes on


def test_ten_megabytes_are_refused_and_harm_nothing(client, session, opened):
    post_json(client, answer(2, "B", 7))
    before = sitting(session, opened)
    assert post_json(client, answer(1, "A" * 10_000_000, 8)).status_code == 413
    form = {"data": b"a1=A&" * 2_000_000, "content_type": "application/x-www-form-urlencoded"}
    assert client.post(f"{NUMBERED}/answers", **form).status_code == 413
    assert sitting(session, opened) == before
    assert post_json(client, answer(1, "A", 8)).status_code == 200


# --- the end ---


def test_the_confirm_page_lists_what_is_open(client, session, opened):
    post_json(client, answer(2, "B", 1), answer(3, "B", 1, flagged=True))
    text = client.get(f"{NUMBERED}/hand-in").text
    assert "没有作答的 3 题" in text
    assert "有标记的 1 题" in text
    assert f'href="{NUMBERED}?page=1#q4"' in text
    assert sitting(session, opened).is_open


def test_handing_in_leads_to_the_result_however_often(client, session, opened):
    for _ in range(3):
        response = client.post(f"{NUMBERED}/submit")
        assert (response.status_code, response.location) == (303, f"{NUMBERED}/result")
    assert sitting(session, opened).result.number == 1


def test_after_the_deadline_the_page_only_hands_in(client, session, expired):
    text = client.get(NUMBERED).text
    assert "时间到" in text
    assert 'id="time-up"' in text
    assert "选项" not in text
    assert sitting(session, expired).is_open  # looking changes nothing
    client.post(f"{NUMBERED}/submit")
    assert sitting(session, expired).state == "abandoned"  # not one question was answered


def test_after_the_deadline_a_save_is_refused_by_name(client, session, expired):
    response = post_json(client, answer(1, "A", 1))
    assert (response.status_code, response.json["error"]["code"]) == (409, "too_late")
    page = client.post(f"{NUMBERED}/answers", data=page_data(1, {1: "A"}), follow_redirects=True)
    assert "之后的改动没有算" in page.text
    assert sitting(session, expired).answers == {}


def test_after_handing_in_a_save_is_refused_by_name(client, session, opened):
    finish(session, opened)
    response = post_json(client, answer(1, "A", 1))
    assert (response.status_code, response.json["error"]["code"]) == (409, "already_handed_in")
    page = client.post(f"{NUMBERED}/answers", data=page_data(1, {1: "A"}), follow_redirects=True)
    assert "已经交了" in page.text


def test_a_closed_paper_leads_to_its_result(client, session, opened):
    finish(session, opened)
    for page in ("", "/hand-in"):
        response = client.get(NUMBERED + page)
        assert (response.status_code, response.location) == (303, f"{NUMBERED}/result")


# --- result and review ---


def right(session, opened, slot):
    order = sitting(session, opened).slots[slot - 1].order
    return shown_letters("A" if slot < 4 else "ABD", order)


def test_the_result_shows_marks_lines_and_parts(client, session, opened):
    post_json(client, *(answer(slot, right(session, opened, slot), 1) for slot in (1, 2, 4)))
    finish(session, opened)
    text = client.get(f"{NUMBERED}/result").text
    assert "4 / 7 分" in text  # 8.4 half points are needed, so 4.5 points
    for words in ("未合格", "全国合格线 4.5 分", "还差 0.5 分", "单独划线", "按题型", "按章"):
        assert words in text


def test_the_result_is_compared_with_the_attempts_before(client, session, learner):
    exams.rules(session)
    key = exams.paper(session)
    for _ in range(2):
        operations.start(session, learner_id=learner.id, paper_key=key, seed=1, now=utc_now())
        number = queries.standing(session, learner.id).latest
        if number == 2:
            letters = right(session, (learner.id, 2), 4)
            operations.save_answers(
                session,
                learner_id=learner.id,
                number=2,
                answers=[sending(4, letters, 1)],
                now=utc_now(),
            )
        finish(session, (learner.id, number))
    text = client.get("/attempts/2/result").text
    assert "历次成绩" in text
    assert "本次高 2 分" in text


def test_the_review_shows_key_and_explanation_of_what_was_not_right(client, session, opened):
    post_json(client, *(answer(slot, right(session, opened, slot), 1) for slot in (1, 2)))
    finish(session, opened)
    wrong = client.get(f"{NUMBERED}/review?only=wrong").text
    assert re.findall(r'<article [^>]*id="q(\d)"', wrong) == ["3", "4", "5"]
    assert "的解析" in wrong
    everything = client.get(f"{NUMBERED}/review").text
    assert re.findall(r'<article [^>]*id="q(\d)"', everything) == list("12345")


def test_a_long_review_has_pages(client, session, mock):
    finish(session, mock)
    seen = []
    for page in (1, 2):
        text = client.get(f"{NUMBERED}/review?only=wrong&page={page}").text
        seen += re.findall(r'<article [^>]*id="q(\d+)"', text)
        assert re.search(r"review\?only=wrong&amp;page=\d", text)
    assert seen == [str(number) for number in range(1, 81)]  # nothing was answered


def test_pages_are_valid_html(client, session, mock):
    import html5lib

    def check(url):
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(client.get(url).text)
        assert [fault for fault in parser.errors if fault] == [], url

    for url in ("/exams", NUMBERED, f"{NUMBERED}/hand-in"):
        check(url)
    finish(session, mock)
    for url in ("/exams", f"{NUMBERED}/result", f"{NUMBERED}/review?only=wrong"):
        check(url)


# --- what it costs ---


def test_pages_cost_a_fixed_number_of_statements(client, session, mock, count_statements):
    def cost(method, url, **more):
        session.flush()
        with count_statements() as seen:
            response = getattr(client, method)(url, **more)
        assert response.status_code in {200, 303}, response.text
        return len(seen)

    eighty = [answer(slot, "A", 5) for slot in range(1, 81)]
    assert cost("get", "/exams") <= 6
    assert cost("get", NUMBERED) <= 6
    assert cost("post", f"{API}/answers", json={"answers": eighty}) <= 8
    assert cost("post", f"{API}/answers", json={"answers": [answer(1, "B", 6)]}) <= 8
    assert cost("get", f"{NUMBERED}/hand-in") <= 6
    assert cost("post", f"{NUMBERED}/submit") <= 12
    assert (
        cost("get", f"{NUMBERED}/result") <= 8
    )  # two of them: where the learner works, which session
    assert cost("get", f"{NUMBERED}/review") <= 8
    assert cost("get", f"{NUMBERED}/review?only=wrong") <= 8
    assert cost("post", "/exams/j-comp-mock/start") <= 12


def test_pages_are_small(client, session, mock):
    def size(url):
        response = client.get(url, headers={"Accept-Encoding": "br"})
        assert response.headers["Content-Encoding"] == "br"
        return len(response.data)

    assert size(NUMBERED) <= 15_000
    finish(session, mock)
    assert size(f"{NUMBERED}/review") <= 30_000
