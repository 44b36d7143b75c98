"""The demonstration obeys the laws that every deed obeys, although it was stored in bulk."""

from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Entry
from lms.courses import operations as courses
from lms.courses.models import Course, Enrollment, FirstAnswer, LessonProgress, Part
from lms.credentials import operations as credentials
from lms.credentials import queries as credential_queries
from lms.exams import queries as exams
from lms.kernel import hashing
from lms.kernel.clock import day_of
from lms.kernel.databases import make_engine
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.places import shipped
from lms.kernel.transaction import transaction
from lms.migrations.runner import upgrade
from lms.organizations import queries as organizations
from lms.organizations.models import Organization
from lms.organizations.types import OrganizationKind
from lms.people import queries as people_queries
from lms.people.models import Person, Post, RoleGrant
from lms.people.types import PostKind, Role
from lms.practice.models import DrillAnswer, ReviewCard
from lms.practice.rules import after_answer
from lms.practice.types import Standing
from lms.programs import queries as programs
from lms.programs.models import ProgramMember
from lms.records.models import Record
from lms.required_lists import queries as lists
from lms.required_lists.models import Assignment
from lms.requirements.models import Progress
from lms.requirements.operations import rebuild, refresh
from lms.web import demo, loading
from lms.web.demo import material, names, places, population, stories
from lms.web.demo.types import STAGES, Outline
from tests.builders import person

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
TODAY = day_of(NOW)
LEARNERS = 200
HISTORY = {
    "assignments": Assignment,
    "members": ProgramMember,
    "enrollments": Enrollment,
    "lessons": LessonProgress,
    "first_answers": FirstAnswer,
    "records": Record,
    "progress": Progress,
    "answers": DrillAnswer,
    "cards": ReviewCard,
}


@pytest.fixture(scope="module")
def content():
    return loading.read(shipped("courses"), shipped("question_bank"), on=TODAY)


@pytest.fixture(scope="module")
def loaded(engine, content):
    """A database with the shipped content and nobody in it; rolled back after the module."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            session.info["lms.after_commit"] = []
            loading.load(session, content, now=NOW)
            session.commit()
            yield session
        outer.rollback()


@pytest.fixture(scope="module")
def done(engine):
    return []


@pytest.fixture(scope="module")
def summary(loaded, done):
    with transaction(loaded, before_commit=[refresh]):  # as the command does it
        return demo.build(loaded, learners=LEARNERS, seed=1, now=NOW, done=done.append)


@pytest.fixture
def built(loaded, summary):
    """The demonstration; what a test does to it is undone."""
    with undone(loaded):
        yield loaded


@contextmanager
def undone(session):
    """Do something and undo it."""
    savepoint = session.begin_nested()
    try:
        yield session
    finally:
        if savepoint.is_active:
            savepoint.rollback()
        session.expunge_all()


@pytest.fixture(scope="module")
def matter(loaded):
    return material.read(loaded, today=TODAY)


def count(session, model, *where):
    return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def by_user_name(session):
    return {p.user_name: p for p in session.scalars(sa.select(Person))}


# ── refusals: before anything is built ────────────────────────────────────────────────────────


def test_there_is_nothing_to_see_before_it_is_built(session):
    assert demo.summary(session) is None


@pytest.mark.parametrize(("learners", "refused"), [(7, True), (8, False), (70_001, True)])
def test_the_number_of_learners_has_bounds(session, learners, refused):
    # 8 passes that check and fails at the next: no content is loaded
    with pytest.raises(Invalid if refused else Conflict) as refusal:
        demo.build(session, learners=learners, seed=1, now=NOW)
    assert refusal.value.code == ("bad_number" if refused else "no_content")


def test_it_is_not_mixed_with_real_people(session):
    person(session)
    with pytest.raises(Conflict) as refusal:
        demo.build(session, learners=20, seed=1, now=NOW)
    assert refusal.value.code == "not_empty"


# ── what there is to see ──────────────────────────────────────────────────────────────────────


def test_the_tree_is_the_province_with_its_stations(built):
    kinds = Counter(built.scalars(sa.select(Organization.kind)))
    assert kinds == {
        "province": 1,
        "prefecture": 9,
        "county": 88,
        "township_station": 1060,
        "prefecture_center": 9,
        "county_hub": 88,
        "village_room": 2,
        "party_school": 10,  # the province's and the prefectures'
        "department": 31,  # all sectors of the shown county, two of each prefecture
        "agency": 1,
    }
    province = organizations.find_by_code(built, places.PROVINCE)
    branches = organizations.children_with_counts(
        built, province.id, counted=OrganizationKind.TOWNSHIP_STATION
    )
    assert sum(branch.count for branch in branches) == 1060


def test_counts_are_those_of_the_tables(built, summary):
    assert summary.counts["organizations"] == count(built, Organization)
    assert summary.counts["learners"] == LEARNERS
    assert count(built, RoleGrant, RoleGrant.role == Role.LEARNER) == LEARNERS
    bulk = sa.select(Person.id).where(Person.user_name.like("x%"))
    for name, model in HISTORY.items():
        issued = Record.kind != "credential_issued" if name == "records" else sa.true()
        assert summary.counts[name] == count(built, model, model.learner_id.in_(bulk), issued), name


def test_progress_is_told_until_everybody_is_there(summary, done):
    assert sum(done) == LEARNERS


def test_there_is_an_account_for_every_kind_of_user(built, summary):
    roles = set()
    for account in summary.accounts:
        person = people_queries.person_by_user_name(built, account.user_name)
        assert hashing.matches(person.password_hash, summary.password)
        principal = people_queries.find_principal(built, person.id, on=TODAY)
        assert principal.name == account.name
        roles |= {grant.role for grant in principal.grants}
    assert roles == set(Role)


def test_only_the_named_have_a_password(built, summary):
    named = {account.user_name for account in summary.accounts}
    having = built.scalars(sa.select(Person.user_name).where(Person.password_hash.is_not(None)))
    assert set(having) == named


def test_managers_see_one_below_the_other(built, summary):
    scopes = {}
    for user_name in ("station", "county", "prefecture", "province"):
        found = by_user_name(built)[user_name]
        grant = built.scalar(sa.select(RoleGrant).where(RoleGrant.person_id == found.id))
        scopes[user_name] = grant.organization_id
    path = [place.id for place in organizations.ancestors(built, scopes["station"])]
    assert path == [scopes[name] for name in ("province", "prefecture", "county", "station")]
    at_station = count(
        built, Post, Post.organization_id == scopes["station"], Post.kind != PostKind.STAFF
    )
    assert at_station >= 8


@pytest.mark.parametrize("standing", ["valid", "expired", "revoked", "mistyped"])
def test_example_certificates_stand_as_they_are_called(built, summary, standing):
    code = summary.credentials[standing]
    assert credential_queries.look_up(built, code, on=TODAY).standing == standing


def test_the_first_learner_is_half_way(built):
    one = by_user_name(built)["learner1"].id
    [own] = lists.own_lists(built, one, on=TODAY)
    assert own.state == "in_progress"
    assert own.done == 1
    open_courses = count(
        built, Enrollment, Enrollment.learner_id == one, Enrollment.completed_at.is_(None)
    )
    assert open_courses == 1
    left = built.scalars(
        sa.select(LessonProgress).where(
            LessonProgress.learner_id == one, LessonProgress.completed_at.is_(None)
        )
    ).all()
    assert [next(iter(row.checks.values()))["right"] for row in left] == [False]
    best = exams.home(built, one).best
    assert best is not None and not best.result.passed
    assert count(built, Record, Record.learner_id == one, Record.kind == "paper_sat") == 3


def test_the_second_has_only_to_claim(built):
    two = by_user_name(built)["learner2"].id
    [own] = lists.own_lists(built, two, on=TODAY)
    assert own.state == "met"
    granting = [
        line
        for line in programs.programs(built, two, on=TODAY)
        if line.joined and line.grant and line.ends_on and line.ends_on >= TODAY
    ]
    assert [line.state for line in granting] == ["met"]
    key = granting[0].key
    assert credential_queries.find_claim(built, learner_id=two, program_key=key).code is None
    assert credentials.claim(
        built, learner_id=two, program_key=key, entropy=lambda n: b"x" * n, now=NOW
    )


def test_the_third_has_just_come(built):
    three = by_user_name(built)["learner3"].id
    [own] = lists.own_lists(built, three, on=TODAY)
    assert (own.state, own.assigned_on) == ("not_started", TODAY)
    assert count(built, Record, Record.learner_id == three) == 0


def test_the_cadre_is_in_the_middle_of_the_class(built):
    cadre = by_user_name(built)["cadre"].id
    states = built.scalars(sa.select(Progress.state).where(Progress.learner_id == cadre)).all()
    assert states and set(states) == {"in_progress"}


def test_building_is_written_down_once(built):
    assert count(built, Entry, Entry.verb == "demo.built") == 1


# ── built again ───────────────────────────────────────────────────────────────────────────────


def test_building_again_writes_nothing(built, summary, count_statements):
    with count_statements() as seen:
        again = demo.build(built, learners=LEARNERS, seed=1, now=NOW)
    assert again == summary
    assert [statement[:6] for statement in seen] == ["SELECT"]


@pytest.mark.parametrize(("learners", "seed"), [(LEARNERS + 1, 1), (LEARNERS, 2)])
def test_another_demonstration_is_refused(built, learners, seed):
    with pytest.raises(Conflict) as refusal:
        demo.build(built, learners=learners, seed=seed, now=NOW)
    assert refusal.value.code == "other_demo"


# ── the laws ──────────────────────────────────────────────────────────────────────────────────


def test_everybodys_progress_is_what_a_rebuild_gives(built):
    assert rebuild(built, now=NOW) == 0


def test_everything_that_is_pursued_has_progress_and_nothing_else(built):
    pursued = set(built.execute(sa.select(Assignment.learner_id, Assignment.goal_id)))
    pursued |= set(built.execute(sa.select(ProgramMember.learner_id, ProgramMember.goal_id)))
    assert set(built.execute(sa.select(Progress.learner_id, Progress.goal_id))) == pursued


def test_assigned_lists_are_for_the_post(built, matter):
    audiences = {one.id: set(one.post_kinds) for one in matter.lists}
    rows = built.execute(
        sa.select(Assignment.list_id, Post.kind).join(Post, Post.person_id == Assignment.learner_id)
    ).all()
    assert rows and all(kind in audiences[list_id] for list_id, kind in rows)


def test_review_cards_are_what_the_answers_give(built):
    cards = {}
    for answer in built.scalars(
        sa.select(DrillAnswer).order_by(DrillAnswer.learner_id, DrillAnswer.number)
    ):
        key = (answer.learner_id, answer.question_id)
        is_right = answer.earned == answer.out_of
        cards[key] = after_answer(cards.get(key), is_right=is_right, at=answer.answered_at)
    stored = {
        (card.learner_id, card.question_id): Standing(
            card.tries, card.wrong, card.right_streak, card.in_wrong_book, card.last_at
        )
        for card in built.scalars(sa.select(ReviewCard))
    }
    assert stored == cards
    assert any(card.in_wrong_book for card in stored.values())


def test_a_course_is_complete_with_its_last_lesson_and_on_record(built):
    wanted = Counter(built.scalars(sa.select(Part.course_version_id)))
    lessons = defaultdict(list)
    for row in built.scalars(sa.select(LessonProgress)):
        lessons[row.learner_id, row.course_id].append(row.completed_at)
    keys = dict(built.execute(sa.select(Course.id, Course.key)).all())
    on_record = set(
        built.execute(
            sa.select(Record.learner_id, Record.subject).where(Record.kind == "course_completed")
        )
    )
    enrolled = built.scalars(sa.select(Enrollment)).all()
    assert {(e.learner_id, e.course_id) for e in enrolled} == lessons.keys()
    for one in enrolled:
        times = lessons[one.learner_id, one.course_id]
        full = len(times) == wanted[one.course_version_id] and None not in times
        assert one.completed_at == (max(times) if full else None)
        assert ((one.learner_id, f"course:{keys[one.course_id]}") in on_record) == full


def test_records_are_numbered_from_one_without_a_gap(built):
    numbers = defaultdict(list)
    for learner_id, number in built.execute(sa.select(Record.learner_id, Record.number)):
        numbers[learner_id].append(number)
    assert all(sorted(own) == list(range(1, len(own) + 1)) for own in numbers.values())


def test_nothing_lies_in_the_future(built):
    for column in (
        Record.recorded_at,
        LessonProgress.started_at,
        LessonProgress.completed_at,
        Enrollment.completed_at,
        FirstAnswer.answered_at,
        DrillAnswer.answered_at,
        Assignment.assigned_at,
    ):
        assert built.scalar(sa.select(sa.func.max(column))) <= NOW, column
    assert built.scalar(sa.select(sa.func.max(Record.on))) <= TODAY
    assert built.scalar(sa.select(sa.func.max(ProgramMember.joined_on))) <= TODAY


def test_one_in_twelve_holds_a_qualification_with_a_number_of_their_own(built):
    held = built.scalars(sa.select(Record).where(Record.kind == "qualification_held")).all()
    assert len(held) == sum(population.is_certified(n) for n in range(1, LEARNERS + 1))
    assert len({record.detail["management_no"] for record in held}) == len(held)


STORIES = [
    *(
        (PostKind.STATION_WORKER, stage, variant)
        for stage in range(len(STAGES))
        for variant in (0, 3)
    ),
    (PostKind.COMMUNITY_WORKER, 4, 1),
    (PostKind.CADRE, 3, 5),
    (PostKind.CADRE, 6, 2),
    (PostKind.VOLUNTEER, 2, 7),
]


@pytest.mark.parametrize(("post", "stage", "variant"), STORIES)
def test_a_story_is_what_the_deeds_would_have_left(loaded, matter, post, stage, variant):
    outline = Outline(assigned_days_ago=12 + 28 * variant, stage=stage, variant=variant)
    with undone(loaded) as session:
        learner = person(session, user_name="replayed").id
        story = stories.tell(outline, post, matter, today=TODAY)
        replay(session, learner, story, matter)
        session.flush()
        for name in ("enrollments", "lessons", "first_answers"):
            assert stored(session, HISTORY[name], learner) == unordered(getattr(story, name)), name
        told = [row for row in story.records if row["authority"] == "platform"]
        told = [row for row in told if row["kind"] != "paper_sat"]
        assert stored(session, Record, learner) == unordered(told)


def replay(session, learner, story, matter):
    """Do through the operations what a story says about lessons."""
    lessons = {
        lesson.id: (course.key, lesson) for course in matter.courses for lesson in course.lessons
    }
    for row in sorted(story.lessons, key=lambda row: row["started_at"]):
        course_key, lesson = lessons[row["lesson_id"]]
        which = {"learner_id": learner, "course_key": course_key, "lesson_key": lesson.key}
        for key, answer in row["checks"].items():
            right, wrong = lesson.checks[key]
            for one in [
                *[wrong] * (answer["tries"] - answer["right"]),
                *[right] * answer["right"],
            ]:
                courses.answer_check(
                    session, **which, check_key=key, chosen=one.parts, now=row["started_at"]
                )
        if row["completed_at"]:
            courses.complete_lesson(session, **which, now=row["completed_at"])


def stored(session, model, learner):
    session.expire_all()
    rows = session.execute(sa.select(model.__table__).where(model.learner_id == learner))
    return unordered([dict(row._mapping) for row in rows])


def unordered(rows):
    """Rows without whose they are and without a number that other deeds share."""
    bare = [{k: v for k, v in row.items() if k not in {"learner_id", "number"}} for row in rows]
    return sorted(bare, key=repr)


# ── the same seed, the same people ────────────────────────────────────────────────────────────


def everything(session):
    """What a demonstration holds, told without the numbers that a database gives."""
    who = dict(session.execute(sa.select(Person.id, Person.user_name)).all())
    facts = {
        (who[r.learner_id], r.number): (
            r.kind,
            r.subject,
            r.on,
            r.quantity,
            r.detail,
            r.recorded_at,
        )
        for r in session.scalars(sa.select(Record))
    }
    people_ = session.execute(
        sa.select(Person.user_name, Person.name, Post.title, Post.started_on, Organization.code)
        .join(Post, Post.person_id == Person.id)
        .join(Organization, Organization.id == Post.organization_id)
    )
    progress = {
        (who[p.learner_id], p.started_on, p.state, p.percent, p.next_due_on)
        for p in session.scalars(sa.select(Progress))
    }
    return set(people_), facts, progress


def test_the_same_seed_gives_the_same_demonstration(content, tmp_path):
    found = []
    for at, seed in enumerate((5, 5, 6)):
        engine = make_engine(f"sqlite:///{tmp_path / f'{at}.sqlite3'}")
        upgrade(engine)
        with Session(engine) as session, transaction(session):
            loading.load(session, content, now=NOW)
            demo.build(session, learners=20, seed=seed, now=NOW)
            session.flush()
            found.append(everything(session))
        engine.dispose()
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_a_small_demonstration_is_the_beginning_of_a_large_one():
    large = list(population.population(400, seed=3, today=TODAY))
    assert list(population.population(100, seed=3, today=TODAY)) == large[:96]


def test_seventy_thousand_have_the_certificates_of_the_province():
    drawn = list(population.population(70_000, seed=1, today=TODAY))
    levels = Counter(one.story.level for one in drawn)
    assert levels["junior"] + levels["intermediate"] + levels["senior"] == 5665
    assert levels["senior"] == 10
    assert len({one.user_name for one in drawn}) == 69_996
    assert len({one.station for one in drawn}) == 1060
    assert len({one.name for one in drawn}) > 30_000


def test_stations_are_spread_over_all_counties():
    stations = places.with_station()
    by_county = Counter(one.county_code for one in stations)
    assert len(stations) == len({one.code for one in stations}) == 1060
    assert len(by_county) == 88
    assert places.SHOWN_STATION in {one.code for one in stations}
    assert stations == places.with_station()


def test_names_are_such_as_pages_must_bear():
    from random import Random

    rng = Random(1)
    found = [names.invent(rng, code) for code in names.OF_PREFECTURE for _ in range(2000)]
    assert all(2 <= len(name) <= 6 and name == name.strip() for name in found)
    assert any("·" in name for name in found)
    assert any(name.startswith(names.DOUBLE) for name in found)
    assert any(name.endswith(names.RARE) for name in found)
