"""The pages and commands on which papers are marked anew, by role."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.credentials.models import Credential
from lms.exams.models import Regrade
from lms.exams.types import Policy
from lms.kernel.clock import day_of, utc_now
from lms.people.models import Person
from lms.people.types import Role
from lms.reports.cli import regrades
from lms.reports.queries import regrading as queries
from lms.requirements import operations as requirements
from lms.requirements.types import State
from tests import builders
from tests.builders import added
from tests.exams import regrading

WRONG = ("C", "C", "C", "C", "C")

AT = "/teaching/regrades"
NOW = utc_now() - timedelta(minutes=10)


@pytest.fixture
def place(session):
    return builders.organization(session)


@pytest.fixture
def world(session, place):
    """Somebody who passes only by the wrong key, and somebody who passes only by the right one."""
    made = regrading.world(session)
    for name, chosen in (("王升", "B"), ("李降", "A")):
        learner = builders.learner(session, at=place, name=name)
        made.sit(
            chosen, "A", "A", "AB", "A", learner_id=learner.id, now=NOW
        )  # 7 or 9 of 14: the line is 8.4
    return made


def staff(session, place, role, name):
    return builders.with_role(session, role, at=place, name=name)


@pytest.fixture
def author(session, place):
    return staff(session, place, Role.INSTRUCTOR, "张老师")


@pytest.fixture
def approver(session, place):
    return staff(session, place, Role.REVIEWER, "陈审核")


@pytest.fixture
def corrected(world):
    asked = world.version(world.learners[0])
    return asked, world.corrected(asked)


def question_key(session, version):
    return session.execute(
        sa.text("SELECT key FROM question WHERE id = :id"), {"id": version.question_id}
    ).scalar_one()


def sent(session, corrected, **values):
    return {
        "cause": "key_corrected",
        "question": question_key(session, corrected[0]),
        "from_version": "1",
        "to_version": "2",
        "paper": "",
        "rule": "",
        "policy": "current_key",
        "reason": "第 1 题的正确答案应为 B",
    } | values


@pytest.fixture
def proposed(client, sign_in, session, author, corrected):
    sign_in(author)
    answer = client.post(f"{AT}/new", data=sent(session, corrected))
    assert answer.status_code == 303
    return answer.headers["Location"]


def text(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def test_a_trial_shows_who_would_change_and_changes_nothing(client, world, proposed):
    page = text(client, proposed)
    assert page.index("李降") < page.index("王升")  # who no longer passes comes first
    assert "转为不合格" in page
    assert "批准改分" not in page  # nobody approves what they proposed
    assert [world.result(each).first for each in world.learners] == [None, None]


def test_the_whole_way(client, sign_in, session, world, proposed, author, approver):
    assert client.post(f"{proposed}/approve").status_code == 403  # an instructor may not at all
    sign_in(approver)
    assert "批准改分" in text(client, proposed)
    assert client.post(f"{proposed}/approve").status_code == 303
    session.expire_all()
    assert [world.result(each).earned for each in world.learners] == [9, 7]
    assert "已改分" in text(client, proposed)

    assert client.post(f"{proposed}/undo", data={"reason": " "}).status_code == 422
    assert client.post(f"{proposed}/undo", data={"reason": "答案没有错"}).status_code == 303
    assert "批准撤销" not in text(client, proposed).replace("批准撤销改分", "")
    assert client.post(f"{proposed}/undo/approve").status_code == 403
    other = staff(session, builders.organization(session), Role.ADMINISTRATOR, "管理员")
    sign_in(other)
    assert client.post(f"{proposed}/undo/approve").status_code == 303
    session.expire_all()
    assert [world.result(each).earned for each in world.learners] == [7, 9]
    assert "改分已撤销" in text(client, proposed)
    assert "改分 " in text(client, AT)


def test_a_reviewer_cannot_approve_their_own(client, sign_in, session, approver, corrected):
    sign_in(approver)
    made = client.post(f"{AT}/new", data=sent(session, corrected)).headers["Location"]
    assert client.post(f"{made}/approve").status_code == 403
    assert session.scalar(sa.select(Regrade.applied_at)) is None


def test_a_stale_trial_is_refused_and_tried_again(
    client, sign_in, session, world, proposed, author, approver, corrected
):
    again = client.post(f"{AT}/new", data=sent(session, corrected)).headers["Location"]
    sign_in(approver)
    client.post(f"{again}/approve")
    assert "请重新试算" in text(client, proposed)
    assert client.post(f"{proposed}/approve").status_code == 409
    assert client.post(f"{proposed}/again").status_code == 303
    assert "已撤回" in text(client, proposed)


def test_a_withdrawn_one_is_over(client, sign_in, proposed, approver):
    assert client.post(f"{proposed}/withdraw").status_code == 303
    sign_in(approver)
    assert client.post(f"{proposed}/approve").status_code == 409


def test_an_undoing_can_be_dropped(client, sign_in, proposed, approver):
    sign_in(approver)
    client.post(f"{proposed}/approve")
    client.post(f"{proposed}/undo", data={"reason": "看错了"})
    assert client.post(f"{proposed}/undo/drop").status_code == 303
    assert "申请撤销，等人批准" not in text(client, proposed)


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"question": "没有"}, 422, "没有这道题"),
        ({"question": ""}, 422, "请写明是哪道题"),
        ({"to_version": "1"}, 422, "请写明答案正确的是哪一版"),
        ({"to_version": "9"}, 422, "没有这道题"),
        ({"to_version": "x"}, 422, ""),
        ({"reason": ""}, 422, "请写明理由"),
        ({"cause": "question_struck"}, 422, "这种情况不能用这种处理办法"),
        ({"cause": "rule_changed"}, 422, "请选新的评分规则"),
        ({"cause": "rule_changed", "rule": "marking-official"}, 422, "换评分规则要指明试卷"),
        ({"cause": "nothing"}, 422, ""),
        ({"paper": "nothing/1"}, 422, ""),
        ({"from_version": "2", "to_version": "1"}, 409, "没有要改的卷子"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    client, sign_in, session, author, corrected, values, status, words
):
    sign_in(author)
    answer = client.post(f"{AT}/new", data=sent(session, corrected, **values))
    assert answer.status_code == status
    assert words in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Regrade)) == 0


def test_the_file_names_everybody_of_ones_own_units(client, sign_in, session, proposed):
    answer = client.get(f"{proposed}/changes.csv")
    assert answer.mimetype == "text/csv"
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert sum("李降" in line for line in lines) == 1
    sign_in(staff(session, builders.organization(session), Role.INSTRUCTOR, "外面的老师"))
    assert "李降" not in client.get(f"{proposed}/changes.csv").get_data().decode("utf-8-sig")


def pursued(session, world, learner_id):
    goal = requirements.publish_goal(
        session, kind="program", key=f"g{learner_id}", number=1, title="骨干培养", title_en="",
        requirement={"kind": "paper_passed", "paper": world.key}, now=NOW,
    )  # fmt: skip
    requirements.pursue(
        session, learner_id=learner_id, goal_id=goal, started_on=day_of(NOW), now=NOW
    )
    return goal


def certified(session, learner_id, goal):
    return added(
        session,
        Credential(
            code=f"GZ{learner_id:010}", learner_id=learner_id, goal_id=goal, renewal=0,
            holder_name="李降", title="证书", title_en="", program_title="骨干培养",
            program_title_en="", issuer="测试", hours=None, issued_on=day_of(NOW),
            expires_on=None, grounds={}, issued_at=NOW, actor_id=None,
        ),
    )  # fmt: skip


def test_programs_and_certificates_that_are_concerned_are_named(
    client, sign_in, session, world, proposed, approver
):
    winner, loser = world.learners
    pursued(session, world, winner)
    made = certified(session, loser, pursued(session, world, loser))
    session.flush()
    page = text(client, proposed)
    assert (made.code in page, f"/credentials/{made.code}/revoke" in page) == (True, False)

    moved, _holds = queries.moves(
        session, queries.exams.regrade(session, int(proposed.split("/")[-1]))
    )
    lost, won = queries.consequences(session, moved, on=day_of(NOW))
    assert (lost.learner_id, lost.before, lost.after) == (loser, State.MET, State.IN_PROGRESS)
    assert (won.learner_id, won.before, won.after) == (winner, State.IN_PROGRESS, State.MET)
    assert (lost.code, won.code) == (made.code, None)

    sign_in(approver)
    client.post(f"{proposed}/approve")
    administrator = staff(session, builders.organization(session), Role.ADMINISTRATOR, "管理员")
    sign_in(administrator)
    page = text(client, proposed)
    assert f"/credentials/{made.code}/revoke" in page
    assert session.get(Credential, made.id).code == made.code  # it stays; somebody decides


def test_a_page_costs_the_same_however_many(
    client, sign_in, session, author, world, count_statements
):
    for _ in range(2):
        world.sit(*WRONG, now=NOW)
    key = question_key(session, world.version(world.learners[-1], slot=2))
    struck = {"cause": "question_struck", "policy": "full_credit", "question": key}
    struck |= {"paper": "", "rule": ""}
    sign_in(author)
    made = client.post(f"{AT}/new", data=struck | {"reason": "此题作废"}).headers["Location"]
    with count_statements() as few:
        text(client, made)
    for _ in range(8):
        world.sit(*WRONG, now=NOW)
    made = client.post(f"{made}/again").headers["Location"]
    with count_statements() as many:
        page = text(client, made)
    assert page.count("<tr>") == 1 + 10
    assert len(many) == len(few) <= 16


# --- what the learner sees ---


@pytest.fixture
def applied(client, sign_in, proposed, approver):
    sign_in(approver)
    assert client.post(f"{proposed}/approve").status_code == 303
    return proposed


def test_the_learner_is_told(client, sign_in, session, world, applied):
    sign_in(session.get(Person, world.learners[1]))
    page = text(client, "/attempts/1/result")
    assert "这份卷改过分" in page
    assert "4.5 / 7 分" in page
    assert "3.5 / 7 分" in page
    assert "第 1 题的正确答案应为 B" in page
    review = text(client, "/attempts/1/review")
    assert review.count("答案已更正") == 1
    assert "交卷时得 1 分，现在 0 分。" in review
    assert "改过分，交卷时 4.5 分" in text(client, "/exams")
    assert "3.5 / 7 分" in text(client, "/exams")


def test_a_regraded_page_costs_one_statement_more(
    client, sign_in, session, world, proposed, approver, count_statements
):
    def cost(path):
        sign_in(session.get(Person, world.learners[0]))
        text(client, path)
        with count_statements() as seen:
            text(client, path)
        return len(seen)

    paths = ("/attempts/1/result", "/attempts/1/review", "/exams", "/")
    before = [cost(path) for path in paths]
    sign_in(approver)
    client.post(f"{proposed}/approve")
    assert [cost(path) for path in paths] == [before[0] + 1, before[1] + 1, before[2], before[3]]


def test_after_undoing_the_pages_read_as_before(client, sign_in, session, world, applied, author):
    client.post(f"{applied}/undo", data={"reason": "答案没有错"})
    sign_in(staff(session, builders.organization(session), Role.ADMINISTRATOR, "管理员"))
    client.post(f"{applied}/undo/approve")
    sign_in(session.get(Person, world.learners[1]))
    page = text(client, "/attempts/1/result")
    assert "后来撤销了" in page
    assert "答案没有错" in page
    assert "改过分，交卷时" not in text(client, "/exams")
    assert "答案已更正" not in text(client, "/attempts/1/review")


# --- at the machine ---


def run(app, *arguments):
    return app.test_cli_runner().invoke(regrades, arguments)


def terms(session, corrected):
    return (
        "--cause", "key_corrected", "--policy", Policy.CURRENT_KEY.value,
        "--question", question_key(session, corrected[0]), "--from", "1", "--to", "2",
    )  # fmt: skip


def test_the_command_tries_and_writes_nothing(app, client, session, world, corrected):
    result = run(app, "try", *terms(session, corrected), "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["raised"], told["lowered"], told["now_passed"], told["now_failed"]) == (1, 1, 1, 1)
    assert [row["before"]["earned"] for row in told["changes"]] == [7, 9]
    assert session.scalar(sa.select(sa.func.count()).select_from(Regrade)) == 0
    assert "升 1" in run(app, "try", *terms(session, corrected)).stdout


def test_the_command_needs_two_people_who_may(
    app, client, session, world, corrected, author, approver
):
    def apply(one, two):
        return run(
            app, "apply", *terms(session, corrected), "--reason", "答案应为 B",
            "--author", one.user_name, "--approver", two.user_name,
        )  # fmt: skip

    assert apply(approver, approver).exit_code != 0
    assert apply(author, author).exit_code != 0
    assert session.scalar(sa.select(sa.func.count()).select_from(Regrade)) == 0
    done = apply(author, approver)
    assert done.exit_code == 0, done.output
    session.expire_all()
    assert [world.result(each).earned for each in world.learners] == [9, 7]
    made = str(session.scalar(sa.select(Regrade.id)))
    undo = run(
        app, "undo", made, "--reason", "看错了",
        "--author", author.user_name, "--approver", approver.user_name,
    )  # fmt: skip
    assert undo.exit_code == 0
    session.expire_all()
    assert [world.result(each).earned for each in world.learners] == [7, 9]
