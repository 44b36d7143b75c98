"""Pages about jobs: whose they see, what they say, what may be done."""

import io

import pytest

from lms.jobs import operations, queries
from lms.jobs.operations.office import Office
from lms.jobs.types import JobState
from lms.kernel.transaction import transaction
from lms.people.types import Role
from tests import builders
from tests.builders import NOON
from tests.jobs.builders import asked, counting, worker


@pytest.fixture
def province(session):
    return builders.organization(session, kind="province")


@pytest.fixture
def clerk(session, sign_in, province):
    county = builders.organization(session, province, kind="county")
    made = builders.with_role(session, Role.COUNTY_MANAGER, at=county)
    sign_in(made)
    return made


@pytest.fixture
def store(app):
    return app.extensions["lms_service:Office"].store


def test_ones_own_jobs_are_listed_in_few_statements(client, session, clerk, count_statements):
    other = builders.person(session)
    for owner in (clerk, other, clerk):
        asked(
            session,
            kind="people.check",
            owner_id=owner.id,
            arguments={"name": f"名单{owner.id}.csv"},
        )
    session.flush()
    with count_statements() as seen:
        page = client.get("/jobs").get_data(as_text=True)
    assert page.count(f"名单{clerk.id}.csv") == 2
    assert f"名单{other.id}.csv" not in page
    assert len(seen) <= 2


def test_an_administrator_sees_everybodys(client, session, sign_in):
    owner = builders.person(session)
    job_id = asked(session, owner_id=owner.id, arguments={"name": "名单.csv"})
    sign_in(builders.with_role(session, Role.ADMINISTRATOR))
    assert "名单.csv" in client.get("/jobs").get_data(as_text=True)
    assert client.get(f"/jobs/{job_id}").status_code == 200


def test_an_administrator_sees_nothing_of_another_province(client, session, province, sign_in):
    other = builders.organization(session, kind="province")
    below = builders.organization(session, province, kind="county")
    ours, theirs = (
        asked(
            session,
            owner_id=builders.with_role(session, Role.COUNTY_MANAGER, at=place).id,
            arguments={"name": name},
        )
        for place, name in ((below, "本省.csv"), (other, "外省.csv"))
    )
    sign_in(builders.with_role(session, Role.ADMINISTRATOR, at=province))
    page = client.get("/jobs").get_data(as_text=True)
    assert "本省.csv" in page
    assert "外省.csv" not in page
    assert client.get(f"/jobs/{ours}").status_code == 200
    assert client.get(f"/jobs/{theirs}").status_code == 404
    for act in ("cancel", "retry"):
        assert client.post(f"/jobs/{theirs}/{act}").status_code == 404
        assert client.post(f"/jobs/{ours}/{act}").status_code == 303


def test_what_the_machine_asked_for_is_for_the_top_of_the_tree(client, session, province, sign_in):
    county = builders.organization(session, province, kind="county")
    job_id = asked(session, owner_id=None)
    for place, status in ((province, 200), (county, 404)):
        sign_in(builders.with_role(session, Role.ADMINISTRATOR, at=place))
        assert client.get(f"/jobs/{job_id}").status_code == status


def test_somebody_elses_job_does_not_exist(client, session, clerk):
    job_id = asked(session, owner_id=builders.person(session).id)
    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/result.csv"):
        assert client.get(path).status_code == 404
    for act in ("cancel", "retry"):
        assert client.post(f"/jobs/{job_id}/{act}").status_code == 404
    session.expire_all()
    assert queries.job(session, job_id).state == JobState.QUEUED


def test_progress_as_page_and_as_json(client, session, clerk):
    job_id = asked(session, owner_id=clerk.id)
    kind, _done = counting(2, fails_at=1)
    worker(session, kind).work(job_id)
    page = client.get(f"/jobs/{job_id}").get_data(as_text=True)
    assert 'value="50"' in page
    assert "刷新，看最新进度" in page
    told = client.get(f"/jobs/{job_id}", headers={"Accept": "application/json"}).get_json()
    assert told == {"state": "queued", "percent": 50, "done": 10, "total": 20, "message": "正在导入", "open": True}  # fmt: skip


def test_cancelling_and_going_on(client, session, clerk):
    job_id = asked(session, owner_id=clerk.id)
    for _ in range(2):
        assert client.post(f"/jobs/{job_id}/cancel").status_code == 303
    assert "从断开的地方接着做" in client.get(f"/jobs/{job_id}").get_data(as_text=True)
    for _ in range(2):
        assert client.post(f"/jobs/{job_id}/retry").status_code == 303
    session.expire_all()
    assert queries.job(session, job_id).state == JobState.QUEUED


def made_file(session, store, owner, job_id):
    with transaction(session):
        return operations.keep_file(session, store, io.BytesIO("姓名\n".encode()), name="名单-结果.csv", at_most=99, days=30, owner_id=owner.id, now=NOON)  # fmt: skip


def test_a_result_is_for_its_owner_alone(client, session, clerk, province, store, sign_in):
    job_id = asked(session, owner_id=clerk.id)
    held = operations.claim(session, job_id, worker="here:1", now=NOON)
    file_id = made_file(session, store, clerk, job_id)
    operations.finish(session, held, result={"files": {"csv": file_id}}, now=NOON)
    session.flush()
    answer = client.get(f"/jobs/{job_id}/result.csv")
    assert answer.data.decode() == "姓名\n"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(f"/jobs/{job_id}/result.xlsx").status_code == 404
    sign_in(builders.with_role(session, Role.ADMINISTRATOR, at=province))
    assert client.get(f"/jobs/{job_id}").status_code == 200
    assert client.get(f"/jobs/{job_id}/result.csv").status_code == 404


def test_the_office_names_every_kind(app):
    office = app.extensions["lms_service:Office"]
    assert isinstance(office, Office)
    assert set(office.kinds) == {
        "people.check", "people.import", "organizations.check", "organizations.import",
        "questions.check", "questions.import", "questions.export",
        "exams.regrade", "exam_sessions.prepare",
    }  # fmt: skip
    assert office.label("gone.kind") == "gone.kind"
