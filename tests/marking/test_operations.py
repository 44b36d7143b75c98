"""From handing in to the result, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.exams import operations as exams
from lms.exams import queries as attempts
from lms.exams.models import Attempt, Response
from lms.exams.types import Sent, State
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.marking import operations, queries, rules
from lms.marking.models import MarkShare
from lms.marking.showing import worths
from lms.marking.types import Flag, How, Step
from lms.people.types import Role
from lms.question_bank.rules import key, mark_given, shown
from lms.question_bank.types import Marking
from lms.records import queries as records
from tests import builders
from tests.builders import NOON, TODAY
from tests.exams import builders as exam_builders
from tests.marking.builders import answer, claimed, given, ground, handed_in

LATER = NOON + timedelta(days=9)


def sat(session, learner_id, number=1):
    return attempts.sitting(session, learner_id=learner_id, number=number)


def verbs(session):
    return list(session.scalars(sa.select(Entry.verb).order_by(Entry.id)))


def case_scope(on, organiser):
    return {"scope": [on.place.id], "actor_id": organiser.id, "now": LATER}


@pytest.fixture
def on(session):
    return ground(session)


def test_a_paper_with_words_waits_and_nothing_tells_of_a_result(session, on):
    learner, number = handed_in(session, on)
    found = sat(session, learner)
    assert found.state is State.SUBMITTED and found.is_waiting and found.result is None
    row = session.get(Attempt, (learner, number))
    assert (row.earned, row.out_of, row.passed) == (None, None, None)
    assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 0
    assert records.facts_of(session, learner) == []
    assert attempts.done_attempts(session, learner, paper_id=found.paper_id) == []
    assert attempts.home(session, learner).last is None
    (own,) = attempts.own_attempts(session, learner)
    assert own.is_waiting
    assert exams.submit(session, learner_id=learner, number=number, now=LATER) is None
    with pytest.raises(Conflict, match="已经交了"):
        exams.save_answers(
            session, learner_id=learner, number=1, answers=[Sent(2, ("改",), 99)], now=NOON
        )
    assert verbs(session).count("exams.attempt_submitted") == 1


def test_a_paper_whose_words_are_all_blank_has_its_result_at_once(session, on):
    learner, _number = handed_in(session, on, words=" ")
    assert sat(session, learner).result.earned == 2


def test_two_who_agree_settle_it_and_the_result_comes_once(session, on):
    learner, number = handed_in(session, on)
    one, two, _three = on.markers
    assert given(session, on, one, 8, 5, 0, comment="先评估") is Step.WAIT
    assert sat(session, learner).is_waiting
    assert given(session, on, two, 8, 6, 0, now=LATER, comment="好") is Step.SETTLE
    result = sat(session, learner).result
    assert (result.earned, result.out_of) == (2 + 14, 22)  # 13.5 goes up; A is right
    assert result.submitted_at == NOON and result.state is State.SUBMITTED
    (fact,) = records.facts_of(session, learner)
    assert fact.on == TODAY and fact.quantity == 16  # the day it was handed in
    settled = queries.settled(session, learner_id=learner, number=number)[2]
    assert settled.how is How.MEAN and settled.comments == ("先评估", "好")
    assert settled.given == (((8, 5, 0),), ((8, 6, 0),))
    assert verbs(session).count("exams.attempt_marked") == 1
    stored = session.scalars(sa.select(Response.earned).order_by(Response.slot)).all()
    assert stored == [2, 14]


def test_the_result_waits_for_the_last_answer(session):
    on = ground(session, essays=2)
    learner, _number = handed_in(session, on)
    one, two, _three = on.markers
    given(session, on, one, 8, 6, 6)
    given(session, on, two, 8, 6, 6)
    assert answer(session, learner, 1).settled_at is not None
    assert sat(session, learner).is_waiting


def test_a_third_person_is_asked_when_two_are_too_far_apart(session, on):
    learner, _number = handed_in(session, on)
    one, two, three = on.markers
    given(session, on, one, 8, 6, 6)
    assert given(session, on, two, 2, 0, 0) is Step.THIRD
    assert claimed(session, on, one) is None and claimed(session, on, two) is None
    assert given(session, on, three, 8, 6, 5) is Step.SETTLE
    assert sat(session, learner).result.earned == 2 + 20  # 20 and 19: 19.5 goes up
    assert queries.settled(session, learner_id=learner, number=1)[2].how is How.NEARER


def test_an_organiser_decides_when_the_third_is_far_from_both(session, on):
    learner, _number = handed_in(session, on)
    one, two, three = on.markers
    given(session, on, one, 8, 6, 6)
    given(session, on, two, 0, 0, 0)
    assert given(session, on, three, 8, 2, 0) is Step.ASK
    scope = [on.place.id]
    (case,) = queries.cases(session, scope=scope, actor_id=0, on=TODAY)
    assert case.flag is None
    organiser = builders.with_role(session, Role.REVIEWER, at=on.place)
    by = case_scope(on, organiser)
    with pytest.raises(Conflict) as refusal:
        operations.send_back(session, share_id=case.share_id, **by)
    assert refusal.value.code == "not_flagged"
    for actor in (one.id, learner):
        with pytest.raises(NotAllowed):
            operations.decide_case(
                session, share_id=case.share_id, given=((8, 6, 6),), comment="",
                **by | {"actor_id": actor},
            )  # fmt: skip
    operations.decide_case(
        session, share_id=case.share_id, given=((6, 6, 0),), comment="见解清楚", **by
    )
    assert sat(session, learner).result.earned == 2 + 12
    with pytest.raises(NotFound):
        operations.decide_case(
            session, share_id=case.share_id, given=((6, 6, 0),), comment="", **by
        )


def test_one_marker_is_enough_where_the_plan_says_so(session):
    on = ground(session, markers=1)
    on.version.blueprint = dict(on.version.blueprint) | {"marking_plan": {"markers": 1}}
    session.flush()
    learner, _number = handed_in(session, on)
    assert given(session, on, on.markers[0], 4, 3, 0) is Step.SETTLE
    assert sat(session, learner).result.earned == 2 + 7


def test_who_gets_an_answer(session, on):
    """Not one's own, not of people one manages, not of other units, not without assignment."""
    one, two, _three = on.markers
    handed_in(session, on, learner=one)
    assert claimed(session, on, one) is None
    assert claimed(session, on, two, managed=frozenset({on.place.id})) is None
    stranger = builders.with_role(session, Role.INSTRUCTOR, at=on.place)
    assert claimed(session, on, stranger) is None
    elsewhere = builders.organization(session, on.root, kind="county")
    away = builders.learner(session, at=elsewhere)
    share = claimed(session, on, two)
    assert share is not None and claimed(session, on, two) == share  # twice is once
    handed_in(session, on, learner=away)
    assert claimed(session, on, _three) is not None
    assert session.scalar(sa.select(sa.func.count()).select_from(MarkShare)) == 2
    held = session.scalars(sa.select(MarkShare.learner_id)).all()
    assert set(held) == {one.id}


def test_what_lies_too_long_goes_to_somebody_else_without_its_draft(session, on):
    handed_in(session, on)
    one, two, three = on.markers
    share = claimed(session, on, one)
    draft = {"given": ((8, None, None),), "comment": "草稿", "now": NOON}
    operations.save_draft(session, share_id=share, marker_id=one.id, **draft)
    claimed(session, on, two)
    assert claimed(session, on, three) is None
    late = NOON + rules.LEASE
    assert claimed(session, on, three, now=late) == share  # place 1 was taken over
    taken = queries.own_share(session, share, marker_id=three.id)
    assert (taken.given, taken.comment) == (None, "")
    with pytest.raises(NotFound):
        operations.save_draft(session, share_id=share, marker_id=one.id, **draft)


def test_ones_own_answer_that_nobody_took_is_gone_on_with(session, on):
    handed_in(session, on)
    one = on.markers[0]
    share = claimed(session, on, one)
    late = NOON + 3 * rules.LEASE
    assert claimed(session, on, one, now=late) == share
    assert queries.own_share(session, share, marker_id=one.id).lease_ends_at == late + rules.LEASE


def test_marks_are_given_once_and_taken_back_until_the_other_is_done(session, on):
    learner, _number = handed_in(session, on)
    one, two, _three = on.markers
    given(session, on, one, 8, 6, 6)
    share = session.scalar(sa.select(MarkShare.id).where(MarkShare.marker_id == one.id))
    same = {"share_id": share, "marker_id": one.id, "comment": "", "now": LATER}
    operations.give_marks(session, given=((8, 6, 6),), **same)  # sent twice
    with pytest.raises(Conflict) as refusal:
        operations.give_marks(session, given=((8, 6, 5),), **same)
    assert refusal.value.code == "already_given"
    operations.take_back(session, share_id=share, marker_id=one.id, now=LATER)
    operations.give_marks(session, given=((0, 0, 0),), **same)
    given(session, on, two, 0, 0, 0)
    assert sat(session, learner).result.earned == 2
    with pytest.raises(Conflict):
        operations.take_back(session, share_id=share, marker_id=one.id, now=LATER)
    assert verbs(session).count("marking.marks_given") == 3


def test_the_first_marks_stay_once_a_third_is_asked(session, on):
    handed_in(session, on)
    given(session, on, on.markers[0], 8, 6, 6)
    given(session, on, on.markers[1], 0, 0, 0)
    share = session.scalar(sa.select(MarkShare.id).where(MarkShare.marker_id == on.markers[1].id))
    with pytest.raises(Conflict) as refusal:
        operations.take_back(session, share_id=share, marker_id=on.markers[1].id, now=NOON)
    assert refusal.value.code == "too_late_to_undo"


def test_a_flag_goes_to_an_organiser_who_decides_or_sends_it_back(session, on):
    learner, _number = handed_in(session, on)
    one, two, three = on.markers
    share = claimed(session, on, one)
    other = claimed(session, on, two)
    by = {"marker_id": one.id, "comment": "像范文", "now": NOON}
    operations.flag_answer(session, share_id=share, flag=Flag.COPIED, **by)
    operations.flag_answer(session, share_id=share, flag=Flag.COPIED, **by)
    assert claimed(session, on, three) is None
    done = {"marker_id": two.id, "given": ((8, 6, 0),), "comment": "", "now": NOON}
    assert operations.give_marks(session, share_id=other, **done) is Step.ASK
    organiser = builders.with_role(session, Role.REVIEWER, at=on.place)
    outside = builders.organization(session, on.root)
    assert queries.cases(session, scope=[outside.id], actor_id=0, on=TODAY) == []
    (case,) = queries.cases(session, scope=[on.place.id], actor_id=0, on=TODAY)
    assert (case.share_id, case.flag) == (share, Flag.COPIED)
    operations.send_back(session, share_id=share, **case_scope(on, organiser))
    assert given(session, on, three, 8, 6, 0, now=LATER) is Step.SETTLE
    assert sat(session, learner).result.earned == 2 + 14


def test_marks_must_be_whole_and_within_the_worth(session, on):
    handed_in(session, on)
    one = on.markers[0]
    share = claimed(session, on, one)
    by = {"share_id": share, "marker_id": one.id, "comment": "", "now": NOON}
    for halves, code in (
        (((9, 0, 0),), "too_much"),
        (((8, 0),), "foreign_point"),
        (((8, 0, None),), "not_given"),
    ):
        with pytest.raises(Invalid) as refusal:
            operations.give_marks(session, given=halves, **by)
        assert refusal.value.code == code
    with pytest.raises(Invalid):
        operations.give_marks(session, **by | {"given": ((8, 0, 0),), "comment": "评" * 2001})
    assert session.get(MarkShare, share).finished_at is None


def test_who_may_be_assigned_to_what(session, on):
    organiser = builders.with_role(session, Role.REVIEWER, at=on.place)
    elsewhere = builders.organization(session, on.root, kind="county")
    by = {
        "paper_key": on.paper_key, "marker_id": on.markers[0].id, "now": NOON,
        "organization_id": on.place.id, "scope": [on.place.id], "actor_id": organiser.id,
    }  # fmt: skip
    operations.assign_marker(session, **by)  # is there already
    assert len(queries.assignments(session, scope=[on.place.id])) == 3
    plain = exam_builders.paper(session)
    learner = builders.learner(session, at=on.place)
    for changed, code in (
        ({"paper_key": plain}, "nothing_to_mark"),
        ({"marker_id": learner.id}, "no_marker"),
        ({"organization_id": elsewhere.id}, "no_unit"),
    ):
        with pytest.raises(Invalid) as refusal:
            operations.assign_marker(session, **by | changed)
        assert refusal.value.code == code
    first = queries.assignments(session, scope=[on.place.id])[0]
    ending = {"assignment_id": first.id, "actor_id": organiser.id, "now": NOON}
    with pytest.raises(NotFound):
        operations.end_assignment(session, scope=[elsewhere.id], **ending)
    operations.end_assignment(session, scope=[on.place.id], **ending)
    operations.end_assignment(session, scope=[on.place.id], **ending)
    assert verbs(session).count("marking.marker_removed") == 1
    assert len(queries.assignments(session, scope=[on.place.id])) == 2


def test_figures_tell_of_settled_answers_alone(session, on):
    one, two, three = on.markers
    for marks in ((8, 6, 6), (4, 4, 4)):
        handed_in(session, on)
        given(session, on, one, *marks)
        given(session, on, two, *marks)
    handed_in(session, on)
    given(session, on, one, 8, 6, 6)
    given(session, on, two, 0, 0, 0)
    handed_in(session, on)
    given(session, on, one, 1, 1, 1)
    scope = [on.place.id]
    found = {each.marker_id: each for each in queries.work(session, scope=scope, on=TODAY)}
    assert len(found[one.id].marks) == 2 and found[one.id].to_third == 0
    given(session, on, three, 8, 6, 6)
    found = {each.marker_id: each for each in queries.work(session, scope=scope, on=TODAY)}
    assert [len(found[each.id].pairs) for each in (one, two, three)] == [3, 3, 0]
    assert found[two.id].to_third == 1
    (progress,) = queries.progress(session, scope=scope, on=TODAY)
    assert (progress.settled, progress.waiting, progress.asked) == (3, 1, 0)


def test_the_shipped_papers_can_be_sat_and_marked(session):
    exam_builders.shipped_bank(session)
    learner = builders.learner(session)
    for paper, slots in (("s-prac-practice", 2), ("m-prac-mock", 5)):
        number = exams.start(session, learner_id=learner.id, paper_key=paper, seed=3, now=NOON)
        found = sat(session, learner.id, number)
        assert len(found.slots) == slots
        briefs = attempts.briefs(session, [slot.version_id for slot in found.slots])
        sent = [
            Sent(n, shown(brief.kind, brief.spec, key(brief.kind, brief.spec), slot.order), n)
            for n, slot in enumerate(found.slots, start=1)
            for brief in [briefs[slot.version_id]]
        ]
        exams.save_answers(session, learner_id=learner.id, number=number, answers=sent, now=NOON)
        exams.submit(session, learner_id=learner.id, number=number, now=NOON)
        for slot, one in attempts.judged_answers(session, learner.id, number).items():
            assert sat(session, learner.id, number).is_waiting, slot
            brief = briefs[one.question_version_id]
            whole = worths(session, one.question_version_id)
            mark = mark_given(
                brief.kind, brief.spec, one.chosen, whole, Marking.read(found.marking)
            )
            assert mark.is_full
            exams.settle_answer(session, one, mark=mark, actor_id=None, now=LATER)
        assert sat(session, learner.id, number).result.out_of == 40 * slots
