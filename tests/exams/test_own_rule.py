"""A paper with a marking rule of its own, from start to result, and where its marks show up."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.exams import operations, queries, rules
from lms.exams.models import Attempt, Response
from lms.exams.types import State
from lms.kernel.clock import utc_now
from lms.kernel.errors import NotFound
from lms.people.types import Role
from lms.question_bank.types import Mark, Marking
from lms.records import queries as records
from lms.records.types import RecordKind
from lms.regulations.models import Rule, RuleVersion
from lms.reports.queries import papers as reports
from lms.requirements.rules import evaluate, read_requirement
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams
from tests.exams.builders import sending, shown_letters

RIGHT = ("A", "A", "A", "ABD", "ABD")


def sat(session, marking, authored, *, key="own", learner=None, now=NOON):
    """A paper of three single and two multiple choices handed in with these letters."""
    number, learner_id = begun(session, marking, authored, key=key, learner=learner, now=now)
    return operations.submit(session, learner_id=learner_id, number=number, now=now), learner_id


def begun(session, marking, authored, *, key="own", learner=None, now=NOON):
    exams.rules(session)
    owner = learner or builders.learner(session)
    if key not in {paper.key for paper in queries.papers(session)}:
        exams.paper(session, key=key, marking=marking)
    number = operations.start(session, learner_id=owner.id, paper_key=key, seed=7, now=now)
    slots = queries.sitting(session, learner_id=owner.id, number=number).slots
    sent = [
        sending(n, shown_letters(letters, slots[n - 1].order), n)
        for n, letters in enumerate(authored, start=1)
        if letters
    ]
    operations.save_answers(session, learner_id=owner.id, number=number, answers=sent, now=now)
    return number, owner.id


def fact(session, learner_id):
    (found,) = [
        one for one in records.facts_of(session, learner_id) if one.kind == RecordKind.PAPER_SAT
    ]
    return found


@pytest.mark.parametrize(
    ("marking", "authored", "earned", "out_of", "unit", "passed"),
    [
        ("", RIGHT, 14, 14, 2, True),
        ("", ("A", "B", "", "AB", "AC"), 4, 14, 2, False),
        ("marking-official", ("A", "B", "", "AB", "AC"), 4, 14, 2, False),  # named: the same
        ("marking-all-or-nothing", RIGHT, 14, 14, 2, True),
        ("marking-all-or-nothing", ("A", "A", "A", "ABD", "AB"), 10, 14, 2, True),
        ("marking-all-or-nothing", ("A", "B", "", "AB", "AC"), 2, 14, 2, False),
        ("marking-moodle-weights", RIGHT, 84, 84, 12, True),
        # 1 + 0 + 0, then two of three (4/3), then one of three less one of two: nothing
        ("marking-moodle-weights", ("A", "B", "", "AB", "AC"), 12 + 16, 84, 12, False),
        # 3 points of singles and 4/3 of multiples: 4.33 of 7, 61.9 %
        ("marking-moodle-weights", ("A", "A", "A", "AB", ""), 36 + 16, 84, 12, True),
        ("marking-negative", RIGHT, 42, 42, 6, True),
        ("marking-negative", ("A", "B", "", "AB", "AC"), 6 - 2 + 6 - 6, 42, 6, False),
        ("marking-negative", ("B", "B", "B", "C", "C"), 0, 42, 6, False),  # the floor
    ],
)
def test_from_start_to_result(session, marking, authored, earned, out_of, unit, passed):
    result, learner_id = sat(session, marking, authored)

    assert (result.earned, result.out_of, result.unit) == (earned, out_of, unit)
    assert result.passed is passed
    assert result.passed is (10 * earned >= 6 * out_of)

    again = operations.submit(session, learner_id=learner_id, number=1, now=NOON)
    assert again == result
    stored = session.get(Attempt, (learner_id, 1))
    session.refresh(stored)
    assert (stored.earned, stored.out_of, stored.unit) == (earned, out_of, unit)
    rule = session.scalar(sa.select(Rule.key).join(RuleVersion).where(RuleVersion.id == stored.marking_rule_id))  # fmt: skip
    assert rule == (marking or "marking-official")
    assert queries.home(session, learner_id).best.result == result
    assert queries.own_attempts(session, learner_id)[0].result == result

    kept = fact(session, learner_id)
    assert kept.quantity == earned
    assert kept.detail["out_of"] == out_of
    assert kept.detail.get("unit", 2) == unit


def test_the_official_rule_leaves_the_records_as_they_were(session):
    _result, learner_id = sat(session, "", ("A", "B", "", "AB", "AC"))
    assert fact(session, learner_id).detail == {"out_of": 14, "passed": False, "attempt": 1}
    facts = session.scalars(
        sa.select(Entry.facts).where(Entry.verb == "exams.attempt_submitted")
    ).one()
    assert facts == {"paper": "own", "earned": 4, "out_of": 14, "passed": False, "answered": 4}


def test_the_trail_tells_a_finer_unit(session):
    sat(session, "marking-negative", RIGHT)
    facts = session.scalars(
        sa.select(Entry.facts).where(Entry.verb == "exams.attempt_submitted")
    ).one()
    assert (facts["earned"], facts["unit"]) == (42, 6)


def test_each_answer_keeps_what_it_cost(session):
    _result, learner_id = sat(session, "marking-negative", ("A", "B", "", "AB", "AC"))
    marks = session.execute(
        sa.select(Response.earned, Response.out_of)
        .where(Response.learner_id == learner_id)
        .order_by(Response.slot)
    ).all()
    assert marks == [(6, 6), (-2, 6), (0, 6), (6, 12), (-6, 12)]


def no_floor(session):
    """A rule for practice under which a paper may end below 0."""
    rule = builders.added(
        session, Rule(key="bottomless", kind="practice_marking", current_number=1)
    )
    body = {
        "unit": 2,
        "floor": False,
        "single_choice": {"method": "negative", "full": 2, "penalty": 1},
        "multiple_choice": {"method": "negative", "full": 4, "penalty": 2, "each": 1},
    }
    builders.added(
        session,
        RuleVersion(
            rule_id=rule.id,
            number=1,
            digest="0" * 64,
            title="无底",
            title_en="Bottomless",
            effective_from=NOON.date(),
            source="测试",
            certainty="ours",
            body=body,
            published_at=NOON,
        ),
    )


def test_without_a_floor_a_paper_ends_below_0(session):
    no_floor(session)
    result, learner_id = sat(session, "bottomless", ("B", "B", "B", "C", "C"))
    assert (result.earned, result.out_of, result.passed) == (-7, 14, False)
    told = fact(session, learner_id)
    assert told.quantity == -7
    wanted = read_requirement({"kind": "paper_passed", "paper": "own"})
    judged = evaluate(wanted, [told], on=NOON.date(), started_on=NOON.date())
    assert judged.percent == 0
    assert [one.params["best"] for one in judged.says] == ["-3.5"]


def test_the_sum_of_marks_is_floored_once():
    marks = [Mark(-2, 6), Mark(-2, 6), Mark(6, 6)]
    floored, free = Marking.read({}), Marking.read({"floor": False})
    assert rules.paper_total(marks, floored).earned == 2
    assert rules.paper_total(marks[:2], floored).earned == 0
    assert rules.paper_total(marks[:2], free).earned == -4
    assert rules.total(marks[:2]).percent == 0


def test_a_changed_rule_does_not_change_an_attempt_that_is_open(session):
    number, learner_id = begun(session, "marking-negative", ("B", "", "", "", ""))
    session.execute(
        sa.update(RuleVersion)
        .where(RuleVersion.title.contains("倒扣"))
        .values(number=RuleVersion.number + 1)
    )
    rule = session.scalar(sa.select(Rule).where(Rule.key == "marking-negative"))
    old = session.get(Attempt, (learner_id, number)).marking_rule_id
    version = session.get(RuleVersion, old)
    rule.current_number = 3
    values = {c.key: getattr(version, c.key) for c in RuleVersion.__table__.columns if c.key != "id"}  # fmt: skip
    body = {"single_choice": {"full": 2}, "multiple_choice": {"full": 4, "each": 1}}
    builders.added(session, RuleVersion(**values | {"number": 3, "body": body}))
    result = operations.submit(session, learner_id=learner_id, number=number, now=NOON)
    assert (result.earned, result.out_of, result.unit) == (0, 42, 6)  # -2, floored
    newer, _other = sat(session, "marking-negative", ("B", "", "", "", ""))
    assert (newer.out_of, newer.unit) == (14, 2)


def test_a_rule_that_is_not_in_force_keeps_the_paper_shut(session):
    exams.rules(session)
    exams.paper(session, key="own", marking="nobodys")
    learner = builders.learner(session)
    with pytest.raises(NotFound) as refusal:
        operations.start(session, learner_id=learner.id, paper_key="own", seed=7, now=NOON)
    assert refusal.value.code == "no_rule"
    assert queries.standing(session, learner.id).latest == 0


# --- what the analysis makes of it ---


def test_marks_of_two_units_are_analysed_in_one(session):
    """The rule of a paper was made finer: the same answers are the same shares."""
    for unit in (2, 6):
        for authored in (RIGHT, ("A", "B", "A", "AB", "AC")):
            _result, learner_id = sat(session, "", authored)
            if unit == 6:
                for table in (Attempt, Response):
                    session.execute(
                        sa.update(table)
                        .where(table.learner_id == learner_id)
                        .values(earned=table.earned * 3, out_of=table.out_of * 3)
                    )
                session.execute(
                    sa.update(Attempt).where(Attempt.learner_id == learner_id).values(unit=6)
                )
    found = reports.paper_sat(session, "own")
    assert (found.sat, found.unit, found.out_of) == (4, 5040, 7 * 5040)
    papers = reports.sittings(session, found.version_id, unit=found.unit)
    totals = sorted(sum(answer.earned for answer in one) for one in papers)
    assert totals == [3 * 5040] * 2 + [7 * 5040] * 2
    with pytest.raises(ValueError, match="no whole parts"):
        reports.sittings(session, found.version_id)


def test_one_unit_stays_the_unit_of_the_analysis(session):
    sat(session, "marking-negative", RIGHT)
    found = reports.paper_sat(session, "own")
    assert (found.unit, found.out_of) == (6, 42)
    (paper,) = reports.sittings(session, found.version_id, unit=6)
    assert [answer.earned for answer in paper] == [6, 6, 6, 12, 12]


# --- pages ---


@pytest.fixture
def learner(session, sign_in):
    made = builders.learner(session)
    sign_in(made)
    return made


def test_the_overview_says_the_rule_of_each_paper(client, session, learner):
    exams.shipped_bank(session)
    exams.paper(session, key="own", marking="marking-negative")
    page = client.get("/exams").text
    official, own = page.split('id="paper-own"')
    assert "少选，每选对一项得 0.5 分" in official and "练习计分办法" not in official
    assert "选错倒扣 1/3 分" in own and "全卷总分低于 0 分的按 0 分计" in own
    assert "这份卷用的是练习计分办法" in own
    client.set_cookie("lang", "en")
    page = client.get("/exams").text
    assert "a wrong one costs 1/3" in page
    assert "marked by a rule for practice" in page
    assert not re.search(r"[\u4e00-\u9fff]", page.split('id="paper-own"')[1].split("<form")[0].split("Paper own")[1])  # fmt: skip


def test_a_paper_without_a_rule_today_does_not_hide_the_others(client, session, learner):
    exams.shipped_bank(session)
    exams.paper(session, key="own", marking="nobodys")
    page = client.get("/exams").text
    assert "这份卷的评分规则现在没有生效，暂时不能考。" in page
    assert "/exams/j-comp-mock/start" in page and "/exams/own/start" not in page
    assert client.post("/exams/own/start").status_code == 404


def test_the_open_paper_says_its_rule(client, session, learner):
    begun(session, "marking-moodle-weights", (), learner=learner, now=utc_now())
    page = client.get("/attempts/1").text
    assert "计分办法" in page and "2 分由正确选项平分，选对一项得一份" in page
    assert "不足 1/12 分的舍去" in page
    client.set_cookie("lang", "en")
    page = client.get("/attempts/1").text
    assert "How marks are counted" in page and "less than 1/12 of a point is dropped" in page


def test_the_result_is_told_in_points(client, session, learner):
    sat(session, "marking-moodle-weights", ("A", "A", "A", "AB", ""), learner=learner)
    page = client.get("/attempts/1/result").text
    assert "<h1>4 1/3 / 7 分</h1>" in page
    assert "全国合格线 4.25 分" in page and "高出 1/12 分" in page  # 4.2 in twelfths: 51
    assert "4 1/3 / 7 分" in client.get("/exams").text
    page = client.get("/attempts/1/review").text
    assert "得分：1 1/3 / 2" in page
    assert "4 1/3 分" in client.get("/").text


def test_what_is_below_0_is_told_as_such(client, session, learner):
    no_floor(session)
    sat(session, "bottomless", ("B", "B", "B", "C", "C"), learner=learner)
    page = client.get("/attempts/1/result").text
    assert "<h1>-3.5 / 7 分</h1>" in page
    assert 'value="0"' in page and 'value="-' not in page  # a bar is never shorter than nothing
    page = client.get("/attempts/1/review").text
    assert "得分：-0.5 / 1" in page and "答对一部分" not in page


def test_a_total_that_was_lifted_to_0_is_explained(client, session, learner):
    sat(session, "marking-negative", ("B", "", "", "", ""), learner=learner)
    page = client.get("/attempts/1/result").text
    assert "<h1>0 / 7 分</h1>" in page
    assert "各题得分合计 -1/3 分，低于 0 分的按 0 分计。" in page
    sat(session, "marking-negative", ("A", "B", "", "", ""), learner=learner)
    assert "各题得分合计" not in client.get("/attempts/2/result").text


def test_attempts_in_two_units_are_compared_in_points(client, session, learner):
    sat(session, "", ("A", "", "", "", ""), learner=learner)  # 1 point, in half points
    session.execute(
        sa.update(Attempt)
        .where(Attempt.learner_id == learner.id)
        .values(unit=3, earned=4, out_of=21)  # 1 1/3 points, in thirds
    )
    sat(session, "", ("A", "A", "", "", ""), learner=learner)
    page = client.get("/attempts/2/result").text
    assert "本次高 2/3 分" in page
    assert "1 1/3 / 7 分" in page


def test_the_instructors_pages_take_marks_below_0(client, session, sign_in):
    sat(session, "marking-negative", ("B", "A", "A", "C", "ABD"))
    sat(session, "marking-negative", ("B", "", "A", "C", "ABD"))
    sign_in(builders.with_role(session, Role.INSTRUCTOR))
    page = client.get("/teaching/papers/own/analysis")
    assert page.status_code == 200
    assert " / 7" in page.text
    assert 'cx="-' not in page.text
    keys = set(re.findall(r"/teaching/papers/own/questions/(q\d+)", page.text))
    assert len(keys) == 5
    for key in keys:
        assert client.get(f"/teaching/papers/own/questions/{key}").status_code == 200
        question = client.get(f"/teaching/bank/questions/{key}").text
        assert "得分率 -" not in question


def test_a_paper_handed_in_late_is_marked_by_its_rule_too(session):
    number, learner_id = begun(session, "marking-negative", ("B", "A", "", "", ""))
    operations.hand_in_expired(session, now=NOON + timedelta(hours=3))
    found = queries.sitting(session, learner_id=learner_id, number=number)
    assert (found.state, found.result.earned, found.result.unit) == (State.EXPIRED, 4, 6)
