"""The pages about time: who gets in, what they say, and that a form sent twice is one deed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.exams import operations, queries
from lms.exams.models import Attempt, ExtraTime, PaperVersion, StuckAttempt
from lms.exams.types.timing import Wanted
from lms.kernel.clock import utc_now
from lms.people.types import Role
from tests import builders
from tests.builders import TODAY
from tests.exams import builders as exams

SIT = "/attempts/1"
API = "/api/v1/exams/attempts/1"


@pytest.fixture
def station(session):
    return builders.organization(session)


@pytest.fixture
def learner(session, station):
    return builders.learner(session, at=station)


@pytest.fixture
def opened(session, learner):
    """An attempt that began a minute ago, on a paper that may be paused and takes late answers."""
    exams.rules(session)
    key = exams.paper(session)
    version = session.scalars(sa.select(PaperVersion).where(PaperVersion.digest == key)).one()
    version.blueprint = version.blueprint | {
        "pause": {"times": 1, "minutes": 10},
        "late": {"policy": "count", "minutes": 5},
    }
    session.flush()
    began = utc_now() - timedelta(minutes=1)
    operations.start(session, learner_id=learner.id, paper_key=key, seed=1, now=began)
    session.commit()
    return key


def sitting(session, learner):
    session.expire_all()
    return queries.sitting(session, learner_id=learner.id, number=1)


def move(session, **values):
    session.execute(sa.update(Attempt).values(**values))
    session.commit()


def test_a_pause_is_asked_for_confirmed_and_ended(client, session, sign_in, learner, opened):
    sign_in(learner)
    assert client.get(SIT).headers["X-Keep-For"] == str(learner.id)
    assert 'value="pause"' in client.get(SIT).text
    to = client.post(
        f"{SIT}/answers", data={"counter": "5", "slot": "1", "a1": "A", "then": "pause"}
    )
    assert to.location == f"{SIT}/pause"  # the page's answers are saved before
    assert "还剩 1 次" in client.get(f"{SIT}/pause").text
    for _ in range(2):
        assert client.post(f"{SIT}/pause", data={"nth": "1"}).location == SIT
    page = client.get(SIT)
    assert "已暂停" in page.text and "选项" not in page.text
    assert "X-Keep-For" not in page.headers
    assert client.get(f"{API}/clock").json["paused"] is True
    body = {"answers": [{"slot": 2, "parts": ["A"], "counter": 9}]}
    refused = client.post(f"{API}/answers", json=body)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "paused")
    client.post(f"{SIT}/resume", data={"nth": "1"})
    assert "选项" in client.get(SIT).text
    assert "已经用完" in client.get(f"{SIT}/pause").text
    assert client.post(f"{SIT}/pause", data={"nth": "2"}).status_code == 409
    assert client.post(f"{SIT}/pause", data={"nth": "x"}).status_code == 303  # none was asked for
    assert sitting(session, learner).pauses == 1


def test_after_the_end_late_answers_are_taken_and_told(client, session, sign_in, learner, opened):
    sign_in(learner)
    now = utc_now()
    move(session, deadline_at=now - timedelta(minutes=2))
    text = client.get(SIT).text
    assert "仍然算分，成绩会注明迟交" in text and "选项" in text
    body = {"answers": [{"slot": 1, "parts": ["A"], "counter": 9}]}
    assert client.post(f"{API}/answers", json=body).status_code == 200
    client.post(f"{SIT}/submit")
    assert "迟交 3 分钟" in client.get(f"{SIT}/result").text
    listed = client.get("/exams").text
    assert "到点后 5 分钟内的作答也算分" not in listed or "可以暂停 1 次" in listed


def test_giving_up_is_asked_once_more_and_told(client, session, sign_in, learner, opened):
    sign_in(learner)
    assert "give-up" in client.get(f"{SIT}/hand-in").text
    assert "仍然算考过一次" in client.get(f"{SIT}/give-up").text
    for _ in range(2):
        assert client.post(f"{SIT}/give-up").location == f"{SIT}/result"
    assert "已放弃" in client.get(f"{SIT}/result").text
    assert client.get(SIT).location == f"{SIT}/result"
    assert client.get(f"{SIT}/review").status_code == 303
    assert "已放弃" in client.get("/exams").text


def test_the_worker_is_a_script_for_open_papers_alone(client):
    answer = client.get("/attempts/worker.js")
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    answer.close()


@pytest.fixture
def manager(session, station):
    return builders.with_role(session, Role.STATION_MANAGER, at=station, name="管理员")


def test_a_manager_gives_extra_time_and_takes_it_back(client, session, sign_in, learner, manager):
    sign_in(manager)
    path = f"/teaching/time/people/{learner.id}"
    assert path in client.get(f"/teaching/time?name={learner.name}").text
    assert "延长考试时间" in client.get(f"/people/{learner.id}").text
    data = {"percent": "25", "reason": "视力", "starts_on": utc_now().date().isoformat()}
    for _ in range(2):
        assert client.post(path, data=data).location == path
    assert session.scalar(sa.select(sa.func.count()).select_from(ExtraTime)) == 1
    assert "延长百分之 25" in client.get(path).text
    assert "延长百分之 25" in client.get("/teaching/time").text
    for _ in range(2):
        assert client.post(f"{path}/1/revoke").location == path
    assert "已收回" in client.get(path).text
    for wrong, words in (
        ({"minutes": "20"}, "填其中一样"),
        ({"reason": ""}, "reason-fault"),
        ({"ends_on": "2001-01-01"}, "最后一天在第一天以前"),
    ):
        answer = client.post(path, data=data | wrong)
        assert answer.status_code == 422 and words in answer.text


def test_extra_time_is_named_before_and_on_the_paper(client, session, sign_in, learner, manager):
    exams.rules(session)
    key = exams.paper(session)
    wanted = Wanted(25, 0, "视力", TODAY)
    operations.grant_extra_time(
        session, wanted, learner_id=learner.id, actor_id=manager.id, now=utc_now()
    )
    session.commit()
    sign_in(learner)
    text = client.get("/exams").text
    assert "150 分钟" in text and "含为您延长的 30 分钟" in text and "中途不能暂停" in text
    client.post(f"/exams/{key}/start")
    assert "含为您延长的 30 分钟" in client.get(SIT).text


def test_a_manager_extends_who_sits_a_paper(client, session, sign_in, learner, manager, opened):
    before = sitting(session, learner).deadline_at
    sign_in(manager)
    assert "1 人正在考" in client.get("/teaching/time").text
    path = f"/teaching/time/papers/{opened}"
    assert learner.name in client.get(path).text
    data = {"learner": "0", "minutes": "10", "reason": "停电", "token": "abc"}
    for _ in range(2):
        assert client.post(path, data=data).location == path
    found = sitting(session, learner)
    assert found.deadline_at == before + timedelta(minutes=10)
    assert found.extra_minutes == 10
    assert client.post(path, data=data | {"minutes": "0"}).status_code == 422
    assert client.get("/teaching/time/papers/none").status_code == 404


def test_a_manager_elsewhere_sees_and_moves_nothing(client, session, sign_in, learner, opened):
    before = sitting(session, learner).deadline_at
    sign_in(builders.with_role(session, Role.STATION_MANAGER))
    assert "现在没有人在考试" in client.get("/teaching/time").text
    path = f"/teaching/time/papers/{opened}"
    assert learner.name not in client.get(path).text
    data = {"learner": "0", "minutes": "10", "reason": "停电", "token": "abc"}
    client.post(path, data=data)
    assert client.post(path, data=data | {"learner": str(learner.id)}).status_code == 422
    assert client.get(f"/teaching/time/people/{learner.id}").status_code == 404
    assert sitting(session, learner).deadline_at == before


def test_what_is_stuck_is_told_to_who_teaches(client, session, sign_in, learner, opened):
    now = utc_now()
    stuck = StuckAttempt(
        learner_id=learner.id, attempt_number=1, fault="KeyError: 'x'", first_at=now, tried_at=now,
        tries=2,
    )  # fmt: skip
    session.add(stuck)
    session.commit()
    sign_in(builders.with_role(session, Role.ADMINISTRATOR))
    assert "有 1 份卷子判不了" in client.get("/teaching/papers").text
    text = client.get("/teaching/stuck").text
    assert "KeyError" in text and learner.name not in text
