"""What HTTP adds: who gets in, what is shown to whom, and how many statements it takes."""

import pytest
import sqlalchemy as sa

from lms.kernel.clock import utc_now
from lms.marking import queries
from lms.marking.models import MarkerAssignment, MarkShare
from lms.people.models import RoleGrant
from lms.people.types import Role
from tests import builders
from tests.marking.builders import WORDS, claimed, given, ground, handed_in

GIVEN = {"given-0-0": "8", "given-0-1": "6", "given-0-2": "0"}


@pytest.fixture
def on(session):
    return ground(session)


@pytest.fixture
def learner(session, on):
    made = builders.learner(session, at=on.place, name="杨梅花")
    handed_in(session, on, learner=made, now=utc_now())
    return made


@pytest.fixture
def organiser(session, on):
    return builders.with_role(session, Role.REVIEWER, at=on.place)


def claim(client, on):
    data = {"paper": str(on.version.id), "question": str(on.essay.id)}
    return client.post("/marking/claim", data=data)


def test_a_marker_goes_from_the_queue_to_the_next_answer(client, session, sign_in, on, learner):
    sign_in(on.markers[0])
    page = client.get("/marking").text
    assert "1 份待阅" in page and "杨梅花" not in page
    answer = claim(client, on)
    assert answer.status_code == 303
    path = answer.location
    page = client.get(path).text
    assert "<mark>信任</mark>" in page and "杨梅花" not in page
    assert " selected" not in page.split("bx-points")[1]  # nothing is given before somebody gives
    fault = client.post(path, data=GIVEN | {"given-0-1": "", "then": "give", "comment": "好"})
    assert fault.status_code == 422 and "还有采分点没有给分" in fault.text
    assert '<option value="8" selected>' in fault.text and "好" in fault.text
    assert client.post(path, data=GIVEN | {"then": "draft"}).location == path
    done = client.post(path, data=GIVEN | {"then": "give", "comment": "思路清楚"})
    assert (done.status_code, done.location) == (303, "/marking")
    assert "撤回修改" in client.get("/marking").text
    assert client.post(f"{path}/undo").status_code == 303
    assert '<option value="6" selected>' in client.get(path).text
    assert client.post(path, data={"then": "nonsense"}).status_code == 422
    assert client.post("/marking/claim", data={"paper": "x"}).status_code == 422


def test_markers_see_nothing_of_each_other(client, session, sign_in, on, learner):
    given(session, on, on.markers[0], 8, 6, 6, comment="只给组织者和学员", now=utc_now())
    sign_in(on.markers[1])
    path = claim(client, on).location
    page = client.get(path).text
    assert "只给组织者和学员" not in page and on.markers[0].name not in page
    first = session.scalar(sa.select(MarkShare.id).where(MarkShare.place == 1))
    assert client.get(f"/marking/shares/{first}").status_code == 404


def test_the_learner_sees_what_waits_and_then_the_points(client, session, sign_in, on, learner):
    sign_in(learner)
    page = client.get("/attempts/1/result").text
    assert "已交卷，待阅卷" in page and "1 / 1 分" in page and "1 题待阅卷" in page
    assert "未合格" not in page and "合格线" not in page
    for path in ("review", "result.pdf", "marks"):
        assert client.get(f"/attempts/1/{path}").location == "/attempts/1/result"
    assert client.get("/attempts/1").location == "/attempts/1/result"
    assert "已交卷，待阅卷" in client.get("/exams").text
    given(session, on, on.markers[0], 8, 5, 0, comment="先评估再介入", now=utc_now())
    given(session, on, on.markers[1], 8, 6, 0, now=utc_now())
    page = client.get("/attempts/1/result").text
    assert "看阅卷给分和评语" in page
    assert "看各采分点得分和评语" in client.get("/attempts/1/review").text
    page = client.get("/attempts/1/marks").text
    assert "先评估再介入" in page and "2.75 / 3 分" in page and "7 / 10 分" in page
    assert all(marker.name not in page for marker in on.markers)
    assert client.get("/attempts/1/result.pdf").status_code == 200


def test_organising(client, session, sign_in, on, learner, organiser):
    share = claimed(session, on, on.markers[0], now=utc_now())
    sign_in(on.markers[0])
    flag = client.post(f"/marking/shares/{share}", data={"then": "copied", "comment": "像范文"})
    assert flag.status_code == 303
    assert client.get("/marking/organise").status_code == 403
    sign_in(organiser)
    page = client.get("/marking/organise").text
    assert "疑似抄袭或雷同" in page and "杨梅花" not in page
    path = f"/marking/organise/cases/{share}"
    page = client.get(path).text
    assert "像范文" in page and WORDS[:3] in page and "杨梅花" not in page
    assert client.post(path, data={"then": "decide"} | {"given-0-0": "8"}).status_code == 422
    assert client.post(path, data=GIVEN | {"then": "decide"}).status_code == 303
    assert client.get(path).status_code == 404
    assert client.post(path, data=GIVEN | {"then": "decide"}).status_code == 404
    page = client.get("/marking/organise").text
    assert "已定分 1 / 1 份" in page
    form = {
        "paper": on.paper_key,
        "marker": str(on.markers[0].id),
        "organization": str(on.place.id),
    }
    (one, *_rest) = session.scalars(sa.select(MarkerAssignment)).all()
    assert client.post(f"/marking/organise/assignments/{one.id}/end").status_code == 303
    assert client.post("/marking/organise/assign", data=form).status_code == 303
    assert client.post("/marking/organise/assign", data=form | {"marker": ""}).status_code == 422
    assert len(queries.assignments(session, scope=[on.place.id])) == 3


def test_statements_do_not_grow_with_the_answers(
    client, session, sign_in, count_statements, on, learner, organiser
):
    """The first visit reads what stays in the process."""

    def counts():
        found = []
        for who, path in ((on.markers[0], "/marking"), (organiser, "/marking/organise")):
            sign_in(who)
            client.get(path)
            with count_statements() as statements:
                client.get(path)
            found.append(len(statements))
        return found

    given(session, on, on.markers[0], 8, 6, 6, now=utc_now())
    before = counts()
    for _ in range(5):
        handed_in(session, on, now=utc_now())
        given(session, on, on.markers[0], 8, 6, 6, now=utc_now())
    assert counts() == before


def test_a_case_of_ones_own_is_listed_without_a_way_in(client, session, sign_in, on, learner):
    marker = on.markers[0]
    builders.added(
        session,
        RoleGrant(person_id=marker.id, role=Role.REVIEWER, organization_id=on.place.id),
    )
    share = claimed(session, on, marker, now=utc_now())
    sign_in(marker)
    client.post(f"/marking/shares/{share}", data={"then": "copied", "comment": "像范文"})
    page = client.get("/marking/organise").text
    assert f"/marking/organise/cases/{share}" not in page and "请另一位组织者定分" in page
    assert client.get(f"/marking/organise/cases/{share}").status_code == 403


def test_a_program_that_hands_in_is_told_that_people_mark_it(client, sign_in, learner):
    sign_in(learner)
    told = client.post("/api/v1/exams/attempts/1/submit")
    assert told.status_code == 200
    assert told.json["waits"] is True and "earned" not in told.json
    assert told.json["page"] == "/attempts/1/result"
    result = client.get("/api/v1/exams/attempts/1/result")
    assert (result.status_code, result.json["error"]["code"]) == (409, "waits_for_marks")
