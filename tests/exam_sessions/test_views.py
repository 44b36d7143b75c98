"""What HTTP adds: who gets in, forms, the way from the plan to the monitor."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from lms.audit.models import Entry
from lms.exam_sessions import queries
from lms.exam_sessions.models import ExamSession, SessionSeat
from lms.exams import queries as papers
from lms.exams.models import Attempt
from lms.http.extensions import limiter
from lms.people.types import Role
from lms.web import create_app
from tests import builders
from tests.builders import NOON
from tests.conftest import DATA_KEYS
from tests.exam_sessions.builders import LAST, OPENS, made
from tests.exams import builders as exams

ROOT, MINE = "/teaching/exam-sessions", "/exam-sessions"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def county(session):
    return builders.organization(session, kind="county", name="兴义市")


@pytest.fixture
def station(session, county):
    return builders.organization(session, county, name="桔山社工站")


@pytest.fixture
def teacher(session, sign_in, county):
    with time_machine.travel(NOON, tick=False):
        someone = builders.with_role(session, Role.INSTRUCTOR, at=county)
        sign_in(someone)
    return someone


def count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def filled(session, **values):
    """What the form of a session sends: it opens at 13:00 in China."""
    exams.rules(session)
    key = values.pop("key", None) or exams.paper(session, spare=2)
    return {
        "form_key": "0123456789abcdef",
        "title": "第一场",
        "paper": str(papers.paper(session, key).version_id),
        "organization": "兴义市",
        "opens_at": "2026-03-02T13:00",
        "last_start_at": "2026-03-02T13:30",
        "closes_at": "2026-03-02T15:10",
        "cut": "y",
        "open_outside": "y",
        "audience": "invited",
        "units": "桔山社工站",
        "as_of_on": "",
        "classes": "",
        "code": "ab12",
        "pool": "0",
    } | values


@pytest.mark.parametrize("role", [Role.LEARNER, Role.REVIEWER, Role.AUDITOR])
def test_others_have_no_business_here(client, session, sign_in, role):
    sign_in(builders.with_role(session, role))
    assert client.get(ROOT).status_code == 403
    assert client.get(f"{ROOT}/new").status_code == 403


@time_machine.travel(NOON, tick=False)
def test_a_session_is_planned_changed_and_cancelled(client, session, teacher, county, station):
    learner = builders.learner(session, at=station)
    form = filled(session)
    assert client.get(f"{ROOT}/new").status_code == 200
    first, second = client.post(f"{ROOT}/new", data=form), client.post(f"{ROOT}/new", data=form)
    assert (first.status_code, first.location) == (303, second.location)
    page = client.get(first.location)
    assert "AB12" in page.text
    assert "2026-03-02 13:00" in page.text
    row = session.scalars(sa.select(ExamSession)).one()
    assert row.opens_at == OPENS
    assert session.scalars(sa.select(SessionSeat.learner_id)).all() == [learner.id]
    edited = client.get(f"{first.location}/edit")
    revision = re.search(r'name="revision" value="(\d+)"', edited.text).group(1)
    changed = form | {"title": "第二场", "revision": revision}
    assert client.post(f"{first.location}/edit", data=changed).status_code == 303
    stale = client.post(f"{first.location}/edit", data=changed | {"title": "第三场"})
    assert (stale.status_code, "刚被改过" in stale.text) == (409, True)
    assert "第二场" in client.get(ROOT).text
    assert client.post(f"{first.location}/cancel", data={"reason": ""}).status_code == 422
    assert client.post(f"{first.location}/cancel", data={"reason": "停电"}).status_code == 303
    assert client.get(f"{first.location}/edit").status_code == 409


@time_machine.travel(NOON, tick=False)
def test_a_faulty_plan_makes_nothing(client, session, teacher, county, station):
    form = filled(session)
    for change, words in (
        ({"title": ""}, "场次名称"),
        ({"paper": "x"}, "试卷"),
        ({"organization": "乌有县"}, "乌有县"),
        ({"units": "乌有站"}, "乌有站"),
        ({"classes": "乌有班"}, "乌有班"),
        ({"opens_at": "2026-03-02T11:00"}, "现在以后"),
        ({"opens_at": "昨天"}, "开始入场"),
        ({"closes_at": "2026-03-02T14:00"}, "120 分钟"),
        ({"code": "a"}, "入场码是"),
        ({"audience": "anybody", "code": ""}, "要有入场码"),
        ({"pool": "-1"}, "预备"),
    ):
        answer = client.post(f"{ROOT}/new", data=form | change)
        assert answer.status_code == 422, change
        assert words in answer.text
    assert count(session, ExamSession) == 0


@time_machine.travel(NOON, tick=False)
def test_a_list_is_looked_at_and_then_joined(client, session, teacher, county, station):
    ann = builders.learner(session, at=station, name="王小明")
    outsider = builders.learner(session, name="乌有先生")
    path = f"{ROOT}/{made(session, county)}"
    page = client.post(f"{path}/people", data={"people": "姓名\n王小明、乌有先生"})
    assert page.status_code == 200
    assert "没有这个学员" in page.text
    assert count(session, SessionSeat) == 0
    people = re.search(r'name="people"[^>]*value="([\d,]+)"', page.text).group(1)
    assert people == str(ann.id)
    for _ in range(2):
        assert client.post(f"{path}/people/confirm", data={"people": people}).status_code == 303
    assert "王小明" in client.get(path).text
    for bad in ("", "x", "1,,2"):
        assert client.post(f"{path}/people/confirm", data={"people": bad}).status_code == 422
    outside = client.post(f"{path}/people/confirm", data={"people": str(outsider.id)})
    assert outside.status_code == 404
    assert client.post(f"{path}/people", data={"people": " "}).status_code == 422
    assert client.post(f"{path}/people/{ann.id}/remove").status_code == 303
    assert count(session, SessionSeat) == 0


def test_a_learner_comes_begins_and_reads_of_it(client, session, sign_in, county, station):
    learner = builders.learner(session, at=station)
    made_id = made(session, county, units=(station.id,), code="AB12")
    path = f"{MINE}/{made_id}"
    with time_machine.travel(OPENS - MINUTE, tick=False) as clock:
        sign_in(learner)
        for page in ("/", "/exams", MINE):
            assert "第一场" in client.get(page).text
        assert "data-opens" in client.get(path).text
        early = client.post(f"{path}/start", data={"code": "AB12"})
        assert (early.status_code, "还没有到" in early.text) == (409, True)
        clock.move_to(OPENS)
        wrong = client.post(f"{path}/start", data={"code": "AB13"})
        assert (wrong.status_code, "入场码不对" in wrong.text) == (422, True)
        started = [client.post(f"{path}/start", data={"code": "ab 12"}) for _ in range(2)]
        assert [one.status_code for one in started] == [303, 303]
        assert {one.location for one in started} == {"/attempts/1"}
        assert "继续作答" in client.get(MINE).text
        client.post("/attempts/1/submit")
        assert "第一场" in client.get("/attempts/1/result").text
        clock.move_to(LAST + MINUTE)
        other = builders.learner(session)
        sign_in(other)
        refused = client.get(path)
        assert refused.status_code == 403
        assert "第一场" not in refused.text
        assert client.post(f"{path}/start", data={"code": "AB12"}).status_code == 403
    assert count(session, Attempt) == 1


def test_late_comers_are_told(client, session, sign_in, county, station):
    learner = builders.learner(session, at=station)
    path = f"{MINE}/{made(session, county, units=(station.id,))}"
    with time_machine.travel(LAST + MINUTE, tick=False):
        sign_in(learner)
        assert "最晚入场时间" in client.get(path).text
        assert client.post(f"{path}/start").status_code == 409
        assert client.get(f"{MINE}/1000000").status_code == 404


@time_machine.travel(OPENS, tick=False)
def test_a_code_finds_its_session(client, session, sign_in, county):
    made_id = made(session, county, code="AB12", anybody=True)
    sign_in(builders.learner(session))
    assert client.get(f"{MINE}/{made_id}").status_code == 403
    assert client.post(MINE, data={"code": "zzzz"}).status_code == 422
    assert client.post(MINE, data={"code": ""}).status_code == 422
    found = client.post(MINE, data={"code": "ab12"})
    assert (found.status_code, found.location) == (303, f"{MINE}/{made_id}")
    assert client.post(f"{MINE}/{made_id}/start").status_code == 303


def test_guessing_codes_is_slow(client, session, sign_in, county, engine):
    made(session, county, code="AB12", anybody=True)
    sign_in(builders.learner(session))
    with client.session_transaction() as cookie:
        kept = dict(cookie)
    limited = create_app(
        {
            "SECRET_KEY": "x",
            "DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": True,
            "DATA_KEYS": DATA_KEYS,
            "DIGEST_KEY": "only for tests",
            "SESSION_CODE_LIMIT": "2 per hour",
        }
    ).test_client()
    try:
        with limited.session_transaction() as cookie:
            cookie.update(kept)
        tried = [limited.post(MINE, data={"code": f"no{n:02}"}).status_code for n in range(3)]
        assert tried == [422, 422, 429]
    finally:
        limiter.reset()
        limiter.enabled = False


def test_the_monitor_has_as_many_statements_for_many(
    client, session, sign_in, county, station, count_statements
):
    made_id = made(session, county, units=(county.id,))
    few = [builders.learner(session, at=station, name="王小明") for _ in range(3)]
    second = made(session, county, units=(county.id,), title="第二场")
    with time_machine.travel(OPENS, tick=False):
        sign_in(builders.with_role(session, Role.INSTRUCTOR, at=county))
        seen = []
        for one in (made_id, second):
            with count_statements() as statements:
                page = client.get(f"{ROOT}/{one}/monitor")
            seen.append(len(statements))
        assert len(set(seen)) == 1
        assert page.text.count("王小明") == len(few)
        assert "王小明" not in client.get(f"{ROOT}/{second}/monitor?where=silent&unit=x").text
        sign_in(builders.with_role(session, Role.ADMINISTRATOR, at=county))
        masked = client.get(f"{ROOT}/{second}/monitor").text
        assert "王小明" not in masked
        assert "王*明" in masked


@time_machine.travel(OPENS, tick=False)
def test_the_table_of_the_monitor_is_noted(client, session, sign_in, county, station):
    builders.learner(session, at=station, name="=王小明")
    made_id = made(session, county, units=(county.id,))
    sign_in(builders.with_role(session, Role.INSTRUCTOR, at=county))
    answer = client.post(f"{ROOT}/{made_id}/export")
    assert answer.data.startswith("\ufeff姓名,单位".encode())
    assert "'=王小明" in answer.text
    noted = Entry.verb == "exam_sessions.monitor_exported"
    assert session.scalar(sa.select(Entry.facts).where(noted)) == {"rows": 1}


@time_machine.travel(OPENS, tick=False)
def test_a_longer_window_from_its_page(client, session, sign_in, county):
    made_id = made(session, county)
    sign_in(builders.with_role(session, Role.COUNTY_MANAGER, at=county))
    path = f"{ROOT}/{made_id}"
    form = {"minutes": "10", "reason": "停电", "revision": "1"}
    assert client.post(f"{path}/extend", data=form | {"minutes": "0"}).status_code == 422
    assert client.post(f"{path}/extend", data=form).status_code == 303
    assert client.post(f"{path}/extend", data=form).status_code == 409
    session.expire_all()
    assert queries.session_text(session, made_id).window.last_start_at == LAST + 10 * MINUTE
    assert client.post(f"{path}/prepare").status_code == 303
