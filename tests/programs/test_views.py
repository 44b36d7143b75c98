import pytest

from lms.kernel.clock import day_of, utc_now
from lms.people.types import Role
from lms.programs import operations
from lms.records import operations as records
from lms.records.types import RecordKind
from tests import builders
from tests.programs.builders import REQUIREMENT, load, text


@pytest.fixture
def learner(session, sign_in):
    made = builders.learner(session)
    sign_in(made)
    return made


@pytest.fixture
def talent(session, tmp_path):
    load(session, tmp_path, text())


def record(session, learner, kind, subject, **values):
    now = utc_now()
    records.append(
        session,
        learner_id=learner.id,
        kind=kind,
        subject=subject,
        on=day_of(now),
        now=now,
        dedupe_key=f"{kind}:{subject}",
        **values,
    )
    session.flush()


def meet(session, learner):
    record(session, learner, RecordKind.COURSE_COMPLETED, "course:a")
    record(session, learner, RecordKind.PAPER_SAT, "paper:p", quantity=130)


def test_the_overview_tells_what_there_is(client, talent, learner):
    page = client.get("/programs").text
    assert "人才项目" in page
    assert "达到要求可领“培训结业证书”" in page


def test_join_and_see_what_is_missing(client, talent, learner):
    assert "参加这个项目" in client.get("/programs/talent").text
    answer = client.post("/programs/talent/join")
    assert (answer.status_code, answer.location) == (303, "/programs/talent")
    page = client.get("/programs/talent").text
    assert "/programs/talent/join" not in page
    assert "还差 2 项" in page
    assert "下一步：认识低保" in page
    assert "还有 30 天" in page


def test_joining_twice_is_joining_once(client, session, talent, learner):
    for _ in range(2):
        assert client.post("/programs/talent/join").status_code == 303
    assert client.get("/programs").text.count("bx-progress") == 1


def test_says_what_is_met(client, session, talent, learner):
    client.post("/programs/talent/join")
    record(session, learner, RecordKind.COURSE_COMPLETED, "course:a")
    page = client.get("/programs/talent").text
    assert "已经达到 1 项" in page
    assert "还差 1 项" in page


def test_who_has_met_it_can_claim_the_credential(client, session, talent, learner):
    client.post("/programs/talent/join")
    meet(session, learner)
    page = client.get("/programs/talent").text
    assert "领取证书" in page
    assert "还差" not in page


def test_who_met_it_without_joining_is_asked_to_join_first(client, session, talent, learner):
    meet(session, learner)
    page = client.get("/programs/talent").text
    assert "参加这个项目" in page
    assert "领取证书" not in page


def test_an_issued_credential_is_shown_instead(client, session, talent, learner):
    client.post("/programs/talent/join")
    meet(session, learner)
    record(session, learner, RecordKind.CREDENTIAL_ISSUED, "program:talent", detail={"code": "ABC"})
    page = client.get("/programs/talent").text
    assert "查看证书" in page
    assert "领取证书" not in page


def test_a_met_program_without_a_credential_says_so(client, session, tmp_path, learner):
    load(session, tmp_path, text(grants=""))
    client.post("/programs/talent/join")
    meet(session, learner)
    assert "这个项目不发证书" in client.get("/programs/talent").text


def test_a_program_in_english(client, talent, learner):
    client.set_cookie("lang", "en")
    page = client.get("/programs/talent").text
    assert "Talent program" in page
    assert "About dibao" in page


def test_a_program_that_is_over_refuses_in_words(client, session, tmp_path, learner):
    load(session, tmp_path, text(ends="ends_on = 2026-01-31"))
    assert "不再报名" in client.get("/programs/talent").text
    answer = client.post("/programs/talent/join")
    assert answer.status_code == 409
    assert "现在不能报名" in answer.text


def test_what_does_not_exist_is_not_found(client, learner):
    assert client.get("/programs/nothing").status_code == 404
    assert client.post("/programs/nothing/join").status_code == 404


def test_guests_and_people_who_do_not_learn_stay_out(client, session, talent, sign_in):
    assert client.get("/programs").status_code == 303
    assert client.post("/programs/talent/join").status_code == 303
    sign_in(builders.with_role(session, Role.AUDITOR))
    assert client.get("/programs/talent").status_code == 403
    assert client.post("/programs/talent/join").status_code == 403


@pytest.mark.parametrize(("path", "most"), [("/programs", 2), ("/programs/talent", 3)])
def test_pages_cost_the_same_whatever_there_is(
    *, client, session, learner, tmp_path, count_statements, path, most
):
    def cost(programs, leaves):
        more = "".join(
            f'[[requirement.of]]\nkind = "course_completed"\ncourse = "c{n}"\n'
            for n in range(leaves)
        )
        load(
            session,
            tmp_path,
            text(requirement=REQUIREMENT + more),
            *(text(key=f"other{n}") for n in range(programs)),
        )
        for key in ["talent", *(f"other{n}" for n in range(programs))]:
            operations.join(
                session, program_key=key, learner_id=learner.id, actor_id=None, now=utc_now()
            )
        session.flush()
        with count_statements() as statements:
            assert client.get(path).status_code == 200
        return len(statements)

    assert cost(0, 0) == cost(6, 30) <= most
