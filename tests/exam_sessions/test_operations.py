"""Planning, inviting, preparing, starting, extending: with rows, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.exam_sessions import operations, queries
from lms.exam_sessions.models import PoolPaper, SessionAttempt, SessionSeat
from lms.exam_sessions.operations import preparing
from lms.exam_sessions.types import Window
from lms.exams import operations as exams_operations
from lms.exams import queries as papers
from lms.exams.models import Attempt, PaperVersion
from lms.exams.rules import write_slots
from lms.exams.types.timing import Wanted
from lms.jobs.models import Job
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.people.types import Role
from lms.question_bank.models import Question, QuestionVersion
from tests import builders
from tests.builders import NOON
from tests.exam_sessions.builders import CLOSES, LAST, OPENS, made, plan
from tests.exams import builders as exams

MINUTE = timedelta(minutes=1)


@pytest.fixture
def county(session):
    return builders.organization(session, kind="county")


@pytest.fixture
def station(session, county):
    return builders.organization(session, county)


@pytest.fixture
def teacher(session, county):
    return builders.with_role(session, Role.INSTRUCTOR, at=county)


def seats(session, session_id):
    return set(
        session.scalars(
            sa.select(SessionSeat.learner_id).where(SessionSeat.session_id == session_id)
        )
    )


def begin(session, learner, session_id, *, now=OPENS, said=""):
    return operations.start(
        session, learner_id=learner.id, session_id=session_id, said=said, seed=5, now=now
    )


def attempt(session, learner, number=1):
    return papers.sitting(session, learner_id=learner.id, number=number)


def prepare(session, session_id, now=NOON):
    waiting = preparing.begin(session, session_id, now=now)
    return preparing.draw_some(session, session_id, waiting, now=now)


def verbs(session):
    wanted = Entry.verb.like("exam_sessions.%")
    return session.scalars(sa.select(Entry.verb).where(wanted).order_by(Entry.id)).all()


def code_of(deed, *args, **values):
    with pytest.raises((Conflict, Invalid, NotAllowed, NotFound)) as refusal:
        deed(*args, **values)
    return refusal.value.code


def test_groups_give_seats_as_of_their_day(session, county, station):
    here = builders.learner(session, at=station)
    builders.learner(session, at=builders.organization(session))  # elsewhere
    later = builders.learner(session, at=station, since=OPENS.date() + timedelta(days=1))
    builders.learner(session, at=station, closed_at=NOON)
    builders.with_role(session, Role.INSTRUCTOR, at=station)  # no learner
    made_id = made(session, county, units=(county.id,))
    assert seats(session, made_id) == {here.id}
    other = made(session, county, units=(county.id,), as_of_on=OPENS.date() + timedelta(days=1))
    assert seats(session, other) == {here.id, later.id}
    assert verbs(session) == ["exam_sessions.session_made"] * 2


def test_the_same_form_is_one_session_and_the_code_is_not_in_the_trail(session, county, teacher):
    wanted = plan(session, county, code="\uff41\uff42 12", anybody=True)
    ids = {
        operations.make(
            session, wanted, form_key="k", scope=[county.id], actor_id=teacher.id, now=NOON
        )
        for _ in range(2)
    }
    assert len(ids) == 1
    assert queries.session_text(session, ids.pop()).code == "AB12"
    facts = session.scalars(sa.select(Entry.facts).where(Entry.verb.like("exam_sessions.%"))).all()
    assert len(facts) == 1
    assert "AB12" not in str(facts)
    assert facts[0]["has_code"] is True


def test_what_is_refused_makes_nothing(session, county, teacher):
    outside = builders.organization(session)
    fixed = plan(session, county).paper_version_id
    made(session, county, code="AB12", anybody=True, paper_version_id=fixed)
    for values, code in (
        ({"organization_id": outside.id}, "no_unit"),
        ({"units": (outside.id,)}, "no_unit"),
        ({"classes": (99,)}, "no_class"),
        ({"window": Window(NOON, LAST, CLOSES)}, "opens_past"),
        ({"anybody": True}, "no_code"),
        ({"code": "ab 12"}, "code_taken"),
        ({"open_outside": False}, "may_not_hold"),
        ({"paper_version_id": 10**6}, "no_paper"),
    ):
        # the county is the top of its own tree here: a unit below it has no such scope
        scope = [builders.organization(session, county).id] if "open_outside" in values else None
        wanted = plan(
            session,
            county,
            **(
                {"paper_version_id": fixed}
                | values
                | ({"organization_id": scope[0]} if scope else {})
            ),
        )
        refused = code_of(
            operations.make,
            session,
            wanted,
            form_key=f"k{code}{values}",
            scope=scope or [county.id],
            actor_id=teacher.id,
            now=NOON,
        )
        assert refused == code
    assert len(verbs(session)) == 1


def test_a_start_uses_the_paper_drawn_beforehand_and_happens_once(session, county, station):
    learner = builders.learner(session, at=station)
    made_id = made(session, county, units=(station.id,))
    assert prepare(session, made_id) == 1
    place = queries.own_place(session, learner.id, made_id)
    assert begin(session, learner, made_id, now=OPENS + 20 * MINUTE) == 1
    found = attempt(session, learner)
    assert write_slots(found.slots) == place.slots
    assert found.deadline_at == CLOSES  # 120 minutes are cut by 10
    assert session.get(SessionAttempt, (learner.id, made_id)).attempt_number == 1
    # again, also when nobody may begin any more
    assert begin(session, learner, made_id, now=LAST + MINUTE) == 1
    facts = session.scalar(sa.select(Entry.facts).where(Entry.verb == "exams.attempt_started"))
    assert (facts["exam_session"], facts["prepared"]) == (made_id, True)
    assert queries.session_of_attempt(session, learner.id, 1) == (made_id, "第一场")


def test_an_open_attempt_outside_is_not_the_session_s(session, county, station):
    learner = builders.learner(session, at=station)
    wanted = plan(session, county)
    made_id = made(
        session, county, units=(station.id,), cut=False, paper_version_id=wanted.paper_version_id
    )
    key = papers.paper_of_version(session, wanted.paper_version_id).key
    exams_operations.start(session, learner_id=learner.id, paper_key=key, seed=1, now=OPENS)
    assert begin(session, learner, made_id, now=LAST) == 2
    assert attempt(session, learner, 2).deadline_at == LAST + 120 * MINUTE  # not cut
    assert queries.session_of_attempt(session, learner.id, 1) is None


def test_who_may_not_begin_is_told_why(session, county, station):
    learner, stranger = (builders.learner(session, at=at) for at in (station, None))
    made_id = made(session, county, units=(station.id,), code="AB12")
    assert code_of(begin, session, stranger, made_id, said="AB12") == "not_invited"
    assert code_of(begin, session, learner, made_id) == "wrong_code"
    early = OPENS - MINUTE
    assert code_of(begin, session, learner, made_id, said="ab12", now=early) == "too_early"
    late = LAST + MINUTE
    assert code_of(begin, session, learner, made_id, said="ab12", now=late) == "came_too_late"
    assert code_of(begin, session, learner, 10**6) == "no_session"
    assert begin(session, learner, made_id, said="\uff41\uff4212") == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1


def test_a_code_lets_anybody_in_who_takes_a_paper_of_the_pool(session, county):
    made_id = made(session, county, code="AB12", anybody=True, pool=2)
    assert prepare(session, made_id) == 2
    people = [builders.learner(session) for _ in range(3)]
    wrong = code_of(operations.enter, session, learner_id=people[0].id, said="AB13", now=NOON)
    assert wrong == "wrong_code"
    assert operations.enter(session, learner_id=people[0].id, said="\uff41b12", now=NOON) == made_id
    assert [one.session.id for one in queries.own_seats(session, people[0].id, now=NOON)] == [
        made_id
    ]
    assert begin(session, people[0], made_id) == 1  # the code was given
    for one in people[1:]:
        assert begin(session, one, made_id, said="AB12") == 1
    pool = session.scalars(sa.select(PoolPaper).order_by(PoolPaper.number)).all()
    assert [row.learner_id for row in pool] == [people[0].id, people[1].id]
    for row, learner in zip(pool, people, strict=False):
        assert write_slots(attempt(session, learner).slots) == row.slots
    assert attempt(session, people[2]).slots  # drawn at the start


def test_papers_of_another_bank_are_thrown_away(session, county, station):
    first, second = (builders.learner(session, at=station) for _ in range(2))
    made_id = made(session, county, units=(station.id,))
    prepare(session, made_id)
    gone = [queries.own_place(session, one.id, made_id).slots[0][0] for one in (first, second)]
    for version_id in gone:
        version = session.get(QuestionVersion, version_id)
        session.get(Question, version.question_id).state = "retired"
    session.flush()
    begin(session, first, made_id)  # not prepared anew yet: what was drawn is not used
    assert not {slot.version_id for slot in attempt(session, first).slots} & set(gone)
    assert prepare(session, made_id, now=OPENS) == 1
    after = queries.own_place(session, second.id, made_id)
    assert not {slot[0] for slot in after.slots} & set(gone)
    assert prepare(session, made_id, now=OPENS) == 0  # nothing to do twice


def test_the_job_is_asked_for_when_due_and_only_then(session, county, station):
    builders.learner(session, at=station)
    made_id = made(session, county, units=(station.id,))
    asked = lambda: session.scalar(sa.select(sa.func.count()).select_from(Job))  # noqa: E731
    assert operations.ask_due(session, now=OPENS - timedelta(hours=3), put=None) == 0
    for _ in range(2):
        assert operations.ask_due(session, now=NOON, put=None) == 1
    assert asked() == 1
    prepare(session, made_id)
    assert operations.ask_due(session, now=NOON, put=None) == 0
    assert operations.ask_due(session, now=LAST + MINUTE, put=None) == 0
    exams.question(session)
    assert operations.ask_due(session, now=NOON, put=None) == 1  # the bank has changed
    assert asked() == 2


def test_editing_is_for_one_at_a_time_and_before_the_opening(session, county, station, teacher):
    learner = builders.learner(session, at=station)
    wanted = plan(session, county, units=(station.id,))
    made_id = made(session, county, units=(station.id,), paper_version_id=wanted.paper_version_id)
    prepare(session, made_id)
    who = {"scope": [county.id], "actor_id": teacher.id}
    operations.edit(session, made_id, wanted, revision=1, now=NOON, **who)
    assert queries.own_place(session, learner.id, made_id).slots is None
    edit = operations.edit
    refused = code_of(edit, session, made_id, wanted, revision=1, now=NOON, **who)
    assert refused == "changed_meanwhile"
    refused = code_of(edit, session, made_id, wanted, revision=2, now=OPENS, **who)
    assert refused == "session_opened"
    other = builders.organization(session)
    elsewhere = {"scope": [other.id], "actor_id": teacher.id}
    refused = code_of(edit, session, made_id, wanted, revision=2, now=NOON, **elsewhere)
    assert refused == "no_session"


def test_a_longer_window_for_all(session, county, station, teacher):
    early, late, done = (builders.learner(session, at=station) for _ in range(3))
    made_id = made(session, county, units=(station.id,))
    for learner, at in ((early, OPENS), (late, LAST), (done, LAST)):
        begin(session, learner, made_id, now=at)
    exams_operations.submit(session, learner_id=done.id, number=1, now=LAST + MINUTE)
    values = {"minutes": 15, "reason": "停电", "scope": [county.id], "actor_id": teacher.id}
    moved = operations.extend(session, made_id, revision=1, now=LAST + 2 * MINUTE, **values)
    assert moved == 1
    assert attempt(session, early).deadline_at == OPENS + 120 * MINUTE
    assert attempt(session, late).deadline_at == CLOSES + 15 * MINUTE
    found = queries.session_text(session, made_id)
    assert found.window == Window(OPENS, LAST + 15 * MINUTE, CLOSES + 15 * MINUTE)
    refused = code_of(operations.extend, session, made_id, revision=1, now=LAST, **values)
    assert refused == "changed_meanwhile"


def test_a_cancelled_session_stops_nobody_who_sits(session, county, station, teacher):
    first, second = (builders.learner(session, at=station) for _ in range(2))
    made_id = made(session, county, units=(station.id,))
    prepare(session, made_id)
    begin(session, first, made_id)
    for _ in range(2):
        operations.cancel(
            session, made_id, reason="停电", scope=[county.id], actor_id=teacher.id, now=OPENS
        )
    assert code_of(begin, session, second, made_id) == "session_cancelled"
    assert queries.own_place(session, second.id, made_id).slots is None
    assert attempt(session, first).is_open
    assert prepare(session, made_id, now=OPENS) == 0
    assert verbs(session).count("exam_sessions.session_cancelled") == 1


def test_a_paper_can_be_held_back(session, county, station, teacher):
    learner = builders.learner(session, at=station)
    wanted = plan(session, county)
    key = papers.paper_of_version(session, wanted.paper_version_id).key
    made_id = made(
        session,
        county,
        units=(station.id,),
        open_outside=False,
        paper_version_id=wanted.paper_version_id,
    )
    start = {"learner_id": learner.id, "paper_key": key, "seed": 1}
    assert code_of(exams_operations.start, session, **start, now=OPENS) == "paper_held"
    begin(session, learner, made_id)
    assert exams_operations.start(session, **start, now=CLOSES + MINUTE) == 2
    operations.cancel(
        session, made_id, reason="停电", scope=[county.id], actor_id=teacher.id, now=OPENS
    )
    assert papers.paper(session, key).held_until_at is None


def test_lists_of_people(session, county, station, teacher, vault):
    ann, twin, other = (
        builders.learner(session, at=station, name=name) for name in ("王小明", "李四", "李四")
    )
    builders.learner(session, name="外人")
    made_id = made(session, county)
    scope = [county.id]
    said = ["王小明", "李四", "外人", ann.user_name.upper(), twin.user_name]
    rows = operations.review(
        session, made_id, list(enumerate(said, 1)), vault=vault, scope=scope, now=NOON
    )
    assert [row.fault and row.fault.code for row in rows] == [
        None, "many_people", "no_person", "same_person", None,
    ]  # fmt: skip
    named = [row.person.id for row in rows if row.person]
    who = {"scope": scope, "naming": scope, "actor_id": teacher.id, "now": NOON}
    assert operations.add_people(session, made_id, named, **who) == 2
    assert operations.add_people(session, made_id, named, **who) == 0
    assert seats(session, made_id) == {ann.id, twin.id}
    outsider = builders.learner(session)
    assert code_of(operations.add_people, session, made_id, [outsider.id], **who) == "no_person"
    for _ in range(2):
        operations.remove_person(
            session, made_id, twin.id, scope=scope, actor_id=teacher.id, now=NOON
        )
    begin(session, ann, made_id)
    refused = code_of(
        operations.remove_person,
        session, made_id, ann.id, scope=scope, actor_id=teacher.id, now=OPENS,
    )  # fmt: skip
    assert refused == "has_begun"
    assert seats(session, made_id) == {ann.id}
    assert other.id not in seats(session, made_id)


def test_the_monitor_counts_and_names(session, county, station, count_statements):
    named = [builders.learner(session, at=station, name=f"王小{n}") for n in "甲乙丙丁"]
    made_id = made(session, county, units=(county.id,))
    for learner in named[:3]:
        begin(session, learner, made_id)
    exams_operations.submit(session, learner_id=named[0].id, number=1, now=OPENS + MINUTE)
    saved = OPENS + 6 * MINUTE
    exams_operations.save_answers(
        session, learner_id=named[1].id, number=1, answers=[exams.sending(1, "A", 1)], now=saved
    )
    now = OPENS + 10 * MINUTE
    found = queries.counts(session, made_id, now=now, silent_minutes=5)
    assert found[:6] == (4, 1, 1, 1, 1, 0)
    assert found[6:8] == (0, 0)
    on = OPENS.date()
    asked = {"now": now, "silent_minutes": 5, "on": on}
    with count_statements() as seen:
        rows = queries.watched(session, made_id, naming=[county.id], **asked)
    assert len(seen) == 1
    assert [(row.name, row.where, row.quiet_minutes) for row in rows] == [
        ("王小甲", "handed_in", None),
        ("王小乙", "writing", 4),
        ("王小丙", "silent", 10),
        ("王小丁", "not_started", None),
    ]
    other = builders.organization(session)
    masked = queries.watched(session, made_id, naming=[other.id], **asked)
    assert {row.name for row in masked} == {f"王*{n}" for n in "甲乙丙丁"}
    silent = queries.watched(session, made_id, naming=[], where=rows[2].where, **asked)
    assert [row.person_id for row in silent] == [named[2].id]
    assert queries.branches(session, made_id, organization_id=county.id) == [
        (station.id, station.name, 4)
    ]


def test_the_monitor_tells_who_gave_up_left_all_blank_or_pauses(session, county, station):
    gave_up, blank, pauses = (builders.learner(session, at=station) for _ in range(3))
    made_id = made(session, county, units=(county.id,))
    for learner in (gave_up, blank, pauses):
        begin(session, learner, made_id)
    now = CLOSES + 30 * MINUTE
    exams_operations.give_up(session, learner_id=gave_up.id, number=1, now=OPENS + MINUTE)
    assert exams_operations.submit(session, learner_id=blank.id, number=1, now=now) is None
    session.get(Attempt, (pauses.id, 1)).pause_ends_at = now + MINUTE
    session.flush()
    found = queries.counts(session, made_id, now=now, silent_minutes=5)
    assert found[:8] == (3, 0, 0, 0, 0, 0, 1, 2)
    asked = {"now": now, "silent_minutes": 5, "naming": [], "on": OPENS.date()}
    rows = queries.watched(session, made_id, **asked)
    assert [row.where for row in rows] == ["abandoned", "abandoned", "paused"]
    ended = queries.watched(session, made_id, where=rows[0].where, **asked)
    assert {row.person_id for row in ended} == {gave_up.id, blank.id}


def paper_with_pauses(session):
    exams.rules(session)
    version = papers.paper(session, exams.paper(session, spare=2)).version_id
    row = session.get(PaperVersion, version)
    row.blueprint = row.blueprint | {"pause": {"times": 3, "minutes": 15}}
    session.flush()
    return version


def test_a_pause_carries_nobody_beyond_the_common_end(session, county, station, teacher):
    early, late = (builders.learner(session, at=station) for _ in range(2))
    version = paper_with_pauses(session)
    made_id = made(session, county, units=(station.id,), paper_version_id=version)
    begin(session, early, made_id)  # ten minutes of room
    begin(session, late, made_id, now=LAST)
    pause = {"number": 1, "now": LAST + MINUTE}
    refused = code_of(exams_operations.pause, session, learner_id=late.id, nth=1, **pause)
    assert refused == "no_room"
    clocks = exams_operations.pause(session, learner_id=early.id, nth=1, **pause)
    assert clocks.deadline_at == CLOSES
    assert clocks.pause_ends_at == LAST + 11 * MINUTE
    then = LAST + 5 * MINUTE
    clocks = exams_operations.resume(session, learner_id=early.id, number=1, nth=1, now=then)
    assert clocks.deadline_at == CLOSES - 6 * MINUTE
    operations.extend(
        session, made_id, minutes=30, reason="停电", revision=1, scope=[county.id],
        actor_id=teacher.id, now=then,
    )  # fmt: skip
    assert attempt(session, early).deadline_at == CLOSES - 6 * MINUTE  # had all of its time
    assert attempt(session, late).deadline_at == LAST + 120 * MINUTE
    for nth in (1, 2):
        both = {"nth": nth, "number": 1, "learner_id": late.id}
        exams_operations.pause(session, **both, now=then + nth * MINUTE)
        assert attempt(session, late).deadline_at <= CLOSES + 30 * MINUTE


def test_extra_time_goes_beyond_the_common_end_and_every_page_agrees(
    session, county, station, teacher
):
    slow, late = (builders.learner(session, at=station) for _ in range(2))
    wanted = Wanted(25, 0, "视力障碍", OPENS.date())
    exams_operations.grant_extra_time(
        session, wanted, learner_id=slow.id, actor_id=teacher.id, now=NOON
    )
    made_id = made(session, county, units=(station.id,))
    begin(session, slow, made_id, now=LAST)
    begin(session, late, made_id, now=LAST)
    asked = {"now": LAST, "silent_minutes": 5, "naming": [], "on": OPENS.date()}

    def deadlines():
        rows = {
            row.person_id: row.deadline_at for row in queries.watched(session, made_id, **asked)
        }
        for who, at in rows.items():
            desk = papers.desk(session, learner_id=who, number=1, lock=False)
            assert (
                at
                == desk.deadline_at
                == session.get(Attempt, (who, 1), populate_existing=True).deadline_at
            )
        return rows[slow.id], rows[late.id]

    assert deadlines() == (CLOSES + 30 * MINUTE, CLOSES)
    exams_operations.extend(
        session, paper_key=attempt(session, late).paper_key, minutes=10, reason="换电脑",
        actor_id=teacher.id, now=LAST + MINUTE, learner_id=late.id,
    )  # fmt: skip
    operations.extend(
        session, made_id, minutes=15, reason="停电", revision=1, scope=[county.id],
        actor_id=teacher.id, now=LAST + MINUTE,
    )  # fmt: skip
    assert deadlines() == (CLOSES + 45 * MINUTE, CLOSES + 25 * MINUTE)
