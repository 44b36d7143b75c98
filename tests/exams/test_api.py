"""The interface for programs: who may, what it takes and tells, and how it refuses by name."""

import json
from datetime import datetime, timedelta

import pytest

from lms.exams import operations, queries, rules
from lms.exams.models import Attempt
from lms.http.extensions import limiter
from lms.kernel.clock import utc_now
from lms.people.types import Role
from lms.question_bank.rules import LETTERS
from lms.web import create_app
from tests import builders
from tests.exams import builders as exams
from tests.exams.builders import shown_letters

API = "/api/v1/exams"
FIRST = f"{API}/attempts/1"
READS = [f"{API}/papers", FIRST, f"{FIRST}/clock", f"{FIRST}/result"]
DEEDS = [f"{API}/attempts", f"{FIRST}/answers", f"{FIRST}/submit"]


@pytest.fixture
def learner(session, sign_in):
    made = builders.learner(session)
    sign_in(made)
    return made


@pytest.fixture
def opened(session, learner):
    """The signed-in learner's open attempt on a small paper, begun five minutes ago."""
    return exams.started(session, learner=learner, now=utc_now() - timedelta(minutes=5))


@pytest.fixture
def paper(session, learner):
    exams.rules(session)
    return exams.paper(session, attempts_allowed=2)


def sitting(session, opened):
    session.expire_all()
    return queries.sitting(session, learner_id=opened[0], number=opened[1])


def answer(slot, letters, counter, **more):
    return {"slot": slot, "parts": [letters], "counter": counter, **more}


def save(client, *answers):
    return client.post(f"{FIRST}/answers", json={"answers": list(answers)})


def start(client, paper, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"{API}/attempts", json={"paper": paper}, headers=headers)


def refused(answer):
    return answer.status_code, answer.json["error"]["code"]


# --- who gets in ---


def test_who_has_not_signed_in_is_told_so(client):
    answers = [client.get(path) for path in READS] + [client.post(path, json={}) for path in DEEDS]
    assert {refused(each) for each in answers} == {(401, "sign_in_first")}


def test_who_is_no_learner_may_not(client, session, sign_in):
    sign_in(builders.with_role(session, Role.INSTRUCTOR))
    answers = [client.get(path) for path in READS] + [client.post(path, json={}) for path in DEEDS]
    assert {refused(each) for each in answers} == {(403, "http_403")}


def test_a_stranger_finds_nothing(client, session, opened, sign_in):
    sign_in(builders.learner(session))
    answers = [client.get(path) for path in READS[1:]]
    answers += [save(client, answer(1, "A", 1)), client.post(f"{FIRST}/submit")]
    assert {refused(each) for each in answers} == {(404, "no_attempt")}
    found = sitting(session, opened)
    assert found.is_open and found.answers == {}


@pytest.mark.parametrize("number", ["0", "2", "2147483648", "9" * 30, "x", "-1"])
def test_a_number_that_is_none_is_404(client, opened, number):
    for path in (*READS[1:], *DEEDS[1:]):
        other = path.replace("attempts/1", f"attempts/{number}")
        body = {"answers": [answer(1, "A", 1)]}
        given = client.get(other) if path in READS else client.post(other, json=body)
        assert given.status_code == 404 and given.json["error"]["code"], other


def test_nothing_is_done_by_looking_and_nothing_is_kept(client, opened):
    assert {client.get(path).status_code for path in DEEDS} == {405}
    answers = [client.get(path) for path in READS] + [save(client, answer(1, "A", 1))]
    assert {each.headers["Cache-Control"] for each in answers} == {"no-store"}


# --- papers, start, read ---


def test_papers_that_can_be_sat_are_listed(client, session, learner):
    exams.shipped_bank(session)
    listed = client.get(f"{API}/papers").json["papers"]
    assert [paper["key"] for paper in listed] == ["j-comp-mock", "m-prac-mock", "s-prac-practice"]
    assert listed[0] | {"title": "", "title_en": ""} == {
        "key": "j-comp-mock", "title": "", "title_en": "", "subject": "J-COMP", "level": "junior",
        "minutes": 120, "questions": 80, "out_of": 200, "needed": 120, "unit": 2,
        "is_practice": False,
    }  # fmt: skip
    start(client, "j-comp-mock")
    assert client.get(f"{API}/papers").json["papers"][0]["open_attempt"] == 1


def test_a_start_tells_the_paper_and_the_same_again(client, session, paper):
    first, again = start(client, paper), start(client, paper)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json["number"], again.json["number"]) == (1, 1)
    told = first.json
    assert (told["state"], told["slots"], told["answers"]) == ("open", 5, [])
    assert [each["slot"] for each in told["questions"]] == [1, 2, 3, 4, 5]
    question = told["questions"][0]
    assert question["kind"] == "single_choice"
    assert [c["value"] for c in question["fields"][0]["choices"]] == list("ABCD")
    left = datetime.fromisoformat(told["deadline_at"]) - datetime.fromisoformat(told["now"])
    assert timedelta(minutes=119) < left <= timedelta(minutes=120)


def test_a_start_that_arrives_late_costs_no_second_try(client, paper):
    """The answer was lost, the paper was handed in elsewhere, then the start was sent again."""
    assert start(client, paper, "k1").status_code == 201
    assert client.post(f"{FIRST}/submit").status_code == 200
    late = start(client, paper, "k1")
    assert (late.status_code, late.json["number"], late.json["state"]) == (200, 1, "submitted")
    assert late.json["questions"] == []
    assert start(client, paper, "k2").json["number"] == 2  # another key is another try
    assert client.post(f"{API}/attempts/2/submit").status_code == 200
    assert refused(start(client, paper, "k3")) == (409, "no_tries_left")
    assert start(client, paper, "k2").json["number"] == 2


def test_a_key_belongs_to_one_paper_and_one_person(client, session, paper, sign_in):
    assert start(client, paper, "k1").status_code == 201
    assert refused(start(client, exams.paper(session), "k1")) == (409, "key_reused")
    sign_in(builders.learner(session))
    assert start(client, paper, "k1").status_code == 201


def test_nobody_can_choose_a_key_for_what_it_draws():
    assert rules.seed_of(b"one", 7, "k") == rules.seed_of(b"one", 7, "k") < 2**62
    others = {rules.seed_of(b"two", 7, "k"), rules.seed_of(b"one", 8, "k"), rules.seed_of(b"one", 7, "l")}  # fmt: skip
    assert len(others) == 3 and rules.seed_of(b"one", 7, "k") not in others


def test_a_key_that_is_none_is_refused(client, paper):
    for key in ("", "a b", "x" * 101, "\xe9"):
        given = client.post(
            f"{API}/attempts", json={"paper": paper}, headers={"Idempotency-Key": key}
        )
        assert refused(given) == (422, "bad_body"), key
        assert given.json["error"]["where"] == "header.Idempotency-Key"


def test_what_cannot_be_started(client, session, learner):
    exams.shipped_bank(session)
    assert refused(start(client, "nothing")) == (404, "no_paper")
    assert refused(start(client, "m-law")) == (409, "not_sittable")


@pytest.fixture
def limited(client, engine, learner, monkeypatch):
    """A client of the learner's in front of an application with rate limits, and few."""
    monkeypatch.setattr(limiter, "enabled", True)
    url = engine.url.render_as_string(hide_password=False)
    few = {"EXAM_START_LIMIT": "2 per hour"}
    app = create_app({"SECRET_KEY": "x", "DATABASE_URL": url, "WTF_CSRF_ENABLED": False, **few})
    limiter.reset()
    made = app.test_client()
    with made.session_transaction() as cookie:
        cookie["_user_id"] = f"{learner.id}.{learner.session_epoch}"
        cookie["in_at"] = int(utc_now().timestamp())
    return made


def test_starts_are_few_enough_in_an_hour(limited, paper):
    assert start(limited, paper).status_code == 201
    assert limited.post(f"/exams/{paper}/start").status_code == 303  # counted together
    assert refused(start(limited, paper)) == (429, "http_429")


def test_what_was_saved_is_read_again_and_nothing_of_a_key(client, session, opened):
    save(client, answer(1, "C", 1, flagged=True), answer(4, "AC", 2), answer(2, "", 3))
    read = client.get(FIRST)
    assert read.json["answers"] == [
        {"slot": 1, "parts": ["C"], "counter": 1, "flagged": True},
        {"slot": 2, "parts": [], "counter": 3, "flagged": False},
        {"slot": 4, "parts": ["AC"], "counter": 2, "flagged": False},
    ]
    for secret in ("解析", "explanation", '"key"', "earned"):
        assert secret not in read.text
    slot = sitting(session, opened).slots[0]
    spec = queries.briefs(session, [slot.version_id])[slot.version_id].spec
    shown = [choice["html"] for choice in read.json["questions"][0]["fields"][0]["choices"]]
    assert shown == [spec["options"][place] for place in slot.order]


def test_after_the_deadline_no_question_is_told(client, session, learner):
    began_at = utc_now() - timedelta(minutes=121)
    late = exams.started(session, learner=learner, now=began_at)
    exams.answered(session, late, now=began_at)
    session.commit()
    read = client.get(FIRST).json
    assert (read["state"], read["questions"], read["answers"]) == ("open", [], [])
    assert refused(save(client, answer(1, "A", 1))) == (409, "too_late")
    assert client.post(f"{FIRST}/submit").json["state"] == "expired"


# --- what cannot be read ---


WATCHED = '{"answers": [{"slot": 1, "parts": ["A"], "counter": 1}], "watched": %s}'
BAD = [  # a body, the status, the code, where
    ("{", 400, "bad_json", "line 1 column 1"),
    ("", 400, "bad_json", "line 1 column 0"),
    ('{"answers": [{"slot": 1,}]}', 400, "bad_json", "line 1 column 25"),
    ("\ufeff{}", 400, "bad_json", "line 1 column 1"),
    (b"\xff\xfe", 400, "bad_json", "line 1 column 1"),
    ('{"answers": [{"slot": 1, "parts": ["\\ud800"], "counter": 1}]}', 400, "bad_json", "line 1 column 43"),
    ("[" * 60_000, 400, "bad_json", "line 1 column 202"),
    ("null", 422, "bad_body", "body"),
    (WATCHED % '{"device": "a"}', 422, "bad_body", "watched.seconds"),
    (WATCHED % '{"device": "A B", "seconds": {"1": 2}}', 422, "bad_body", "watched.device"),
    (WATCHED % '{"device": "a", "seconds": [1]}', 422, "bad_body", "watched.seconds"),
    (WATCHED % '{"device": "a", "seconds": {"1": 1.5}}', 422, "bad_body", "watched.seconds.1"),
    (WATCHED % '{"device": "a", "seconds": {"1": -1}}', 422, "bad_body", "watched.seconds.1"),
    (WATCHED % '{"device": "a", "seconds": {"1": 1000000000}}', 422, "bad_body", "watched.seconds.1"),
    ("[]", 422, "bad_body", "body"),
    ("{}", 422, "bad_body", "answers"),
    ('{"answers": {}}', 422, "bad_body", "answers"),
    ('{"answers": []}', 422, "bad_body", "answers"),
    ('{"answers": ["A"]}', 422, "bad_body", "answers[0]"),
    ('{"answers": [{"slot": 1}]}', 422, "bad_body", "answers[0].parts"),
]  # fmt: skip

MEMBERS = [  # a member of the second answer that is sent, where
    ({"slot": "3"}, "answers[1].slot"),
    ({"slot": True}, "answers[1].slot"),
    ({"slot": None}, "answers[1].slot"),
    ({"counter": 1.5}, "answers[1].counter"),
    ({"counter": True}, "answers[1].counter"),
    ({"parts": "A"}, "answers[1].parts"),
    ({"parts": [["A"]]}, "answers[1].parts[0]"),
    ({"parts": ["A" * 20_001]}, "answers[1].parts[0]"),
    ({"parts": ["A"] * 101}, "answers[1].parts"),
    ({"flagged": "yes"}, "answers[1].flagged"),
    ({"device": "a" * 17}, "answers[1].device"),
    ({"device": "a\n"}, "answers[1].device"),
]


def test_what_cannot_be_read_is_refused_and_told_where(client, session, opened):
    bad = [*BAD]
    for member, where in MEMBERS:
        body = {"answers": [answer(1, "A", 1), {**answer(3, "A", 1), **member}]}
        bad.append((json.dumps(body), 422, "bad_body", where))
    for body, status, code, where in bad:
        given = client.post(f"{FIRST}/answers", data=body, content_type="application/json")
        error = given.json["error"]
        assert (given.status_code, error["code"], error.get("where")) == (status, code, where), body
        assert error["message"]
    assert sitting(session, opened).answers == {}


def test_what_is_no_json_or_too_large_is_refused(client, session, opened):
    form = client.post(f"{FIRST}/answers", data={"slot": "1"})
    assert refused(form) == (415, "http_415")
    for more in (530_000, 10_000_000):
        body = json.dumps({"answers": [answer(1, "A", 1)], "more": "x" * more})
        huge = client.post(f"{FIRST}/answers", data=body, content_type="application/json")
        assert refused(huge) == (413, "http_413")
    many = save(client, *({"slot": 1, "parts": [], "counter": n} for n in range(1, 502)))
    assert many.json["error"]["where"] == "answers"
    assert sitting(session, opened).answers == {}


def test_the_answer_at_fault_is_named_by_its_question(client, opened):
    given = save(client, answer(1, "A", 1), answer(4, "Z", 1))
    assert refused(given) == (422, "foreign_option")
    assert given.json["error"]["where"].startswith("answers.4")


def test_what_is_new_to_the_server_is_passed_over(client, opened):
    """A page of another release may say more."""
    assert save(client, answer(1, "A", 1, mood="good")).status_code == 200


# --- the end ---


def right(session, opened, slot):
    return shown_letters("A" if slot < 4 else "ABD", sitting(session, opened).slots[slot - 1].order)


def test_handing_in_tells_one_result_however_often(client, session, opened):
    save(client, *(answer(slot, right(session, opened, slot), 1) for slot in (1, 2, 4)))
    told = [client.post(f"{FIRST}/submit") for _ in range(3)]
    assert {each.status_code for each in told} == {200}
    assert told[0].json == told[1].json == told[2].json
    assert told[0].json | {"submitted_at": ""} == {
        "number": 1, "state": "submitted", "submitted_at": "", "earned": 8, "out_of": 14,
        "unit": 2, "passed": False, "page": "/attempts/1/result", "waits": False,
    }  # fmt: skip
    assert refused(save(client, answer(1, "A", 9))) == (409, "already_handed_in")
    assert client.get(f"{FIRST}/clock").json["open"] is False


def test_what_people_mark_is_handed_in_and_waits_without_marks(client, session, learner):
    exams.shipped_bank(session)
    values = {"learner_id": learner.id, "paper_key": "s-prac-practice", "seed": 3}
    operations.start(session, **values, now=utc_now())
    assert save(client, answer(1, "先建立信任。", 1)).status_code == 200
    told = [client.post(f"{FIRST}/submit") for _ in range(2)]
    assert {each.status_code for each in told} == {200}
    assert told[0].json == told[1].json
    assert told[0].json | {"submitted_at": ""} == {
        "number": 1, "state": "submitted", "submitted_at": "", "waits": True,
        "page": "/attempts/1/result",
    }  # fmt: skip
    assert refused(client.get(f"{FIRST}/result")) == (409, "waits_for_marks")
    page = client.get("/attempts/1/result").text
    assert 'data-sit="/attempts/1"' in page  # what the device kept of the paper is forgotten


def test_a_paper_that_was_given_up_has_no_result(client, opened):
    client.post("/attempts/1/give-up")
    for asked in (client.post(f"{FIRST}/submit"), client.get(f"{FIRST}/result")):
        assert refused(asked) == (409, "abandoned")


def test_a_paused_paper_tells_no_question(client, session, opened):
    row = session.get(Attempt, opened)
    row.pause_ends_at = utc_now() + timedelta(minutes=5)
    session.commit()
    told = client.get(FIRST).json
    assert (told["state"], told["questions"], told["answers"]) == ("open", [], [])
    clock = client.get(f"{FIRST}/clock").json
    assert (clock["open"], clock["paused"]) == (True, True)
    assert refused(save(client, answer(1, "A", 1))) == (409, "paused")


def test_a_result_before_the_end_is_refused(client, opened):
    assert refused(client.get(f"{FIRST}/result")) == (409, "not_handed_in")


def test_the_result_tells_marks_and_what_is_released(client, session, opened):
    save(client, *(answer(slot, right(session, opened, slot), 1) for slot in (1, 2, 4)))
    client.post(f"{FIRST}/submit")
    told = client.get(f"{FIRST}/result").json
    assert (told["earned"], told["needed"], told["is_regraded"]) == (8, 9, False)
    assert [(part["key"], part["earned"], part["right"]) for part in told["kinds"]] == [
        ("single_choice", 4, 2), ("multiple_choice", 4, 1),
    ]  # fmt: skip
    assert sum(part["out_of"] for part in told["chapters"]) == 14
    assert told["is_released"] is True
    for each in told["questions"]:
        assert each["key"] == [right(session, opened, each["slot"])]
        assert set(each["key"][0]) <= set(LETTERS)
        assert "的解析" in each["explanation_html"]
    assert [each["parts"] == each["key"] for each in told["questions"]] == [
        True, True, False, True, False,
    ]  # fmt: skip


# --- what it costs ---


def test_the_interface_costs_a_fixed_number_of_statements(
    client, session, learner, count_statements
):
    exams.shipped_bank(session)

    def cost(method, path, **more):
        session.flush()
        with count_statements() as seen:
            answer = getattr(client, method)(path, **more)
        assert answer.status_code < 300, answer.text
        return len(seen)

    assert cost("post", f"{API}/attempts", json={"paper": "j-comp-mock"}) <= 16
    eighty = [answer(slot, "A", 5) for slot in range(1, 81)]
    assert cost("post", f"{FIRST}/answers", json={"answers": eighty}) <= 6
    assert cost("get", FIRST) <= 3
    assert cost("get", f"{FIRST}/clock") <= 2
    assert cost("get", f"{API}/papers") <= 4
    assert cost("post", f"{FIRST}/submit") <= 12
    assert cost("get", f"{FIRST}/result") <= 9


def test_a_start_by_operations_is_told_apart(session):
    exams.rules(session)
    one, key, now = builders.learner(session), exams.paper(session), utc_now()
    made = {"learner_id": one.id, "paper_key": key, "now": now}
    assert operations.start_once(session, seed=5, **made) == (1, True)
    assert operations.start_once(session, seed=6, **made) == (1, False)
    operations.submit(session, learner_id=one.id, number=1, now=now)
    session.flush()
    assert operations.start_once(session, seed=5, **made) == (1, False)
    assert operations.start_once(session, seed=6, **made) == (2, True)
