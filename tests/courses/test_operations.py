from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.courses import operations, queries
from lms.courses.models import (
    Course,
    CourseVersion,
    Enrollment,
    FirstAnswer,
    Lesson,
    LessonProgress,
    LessonVersion,
    Part,
)
from lms.courses.types import Answer
from lms.kernel.authoring import Tally
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.records import queries as records
from lms.records.types import RecordKind
from tests.builders import NOON, TODAY, learner
from tests.courses.builders import (
    BODY,
    MANY,
    OUTLINE,
    answer,
    check,
    complete,
    complete_all,
    course,
    fresh,
    lesson,
    load,
    module,
    published,
    read,
)

LATER = NOON + timedelta(days=30)
WHO = "10-first/10-who.md"


def count(session, table):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def outline(session, number=1, key="basics"):
    """(module, lesson, number of the lesson's version), in order."""
    rows = session.execute(
        sa.select(Part.module_key, Lesson.key, LessonVersion.number)
        .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
        .join(Lesson, Lesson.id == LessonVersion.lesson_id)
        .join(CourseVersion, CourseVersion.id == Part.course_version_id)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(Course.key == key, CourseVersion.number == number)
        .order_by(Part.position)
    )
    return [tuple(row) for row in rows]


def verbs(session):
    return list(session.scalars(sa.select(Entry.verb).order_by(Entry.id)))


def enroll(session, person, *, now=NOON, key="basics"):
    operations.enroll(session, learner_id=person.id, course_key=key, now=now)
    session.flush()


# ---- publishing ----


def test_a_course_is_published_with_its_outline_rendered(session, tmp_path):
    assert load(session, course(tmp_path)) == Tally(new=1)
    assert outline(session) == [("first", "who", 1), ("first", "how", 1), ("second", "after", 1)]
    version = session.scalars(sa.select(LessonVersion).order_by(LessonVersion.id)).first()
    assert version.source == BODY
    assert version.html.startswith('<h2 id="先看一个人">')
    assert [stored["id"] for stored in version.checks] == ["c1", "c2"]
    assert version.checks[0]["spec"] == {
        "options": ["县局", "乡镇", "村里", "省厅"],
        "answer": "B",
    }
    assert sorted(verbs(session)) == ["courses.course_published"] + 3 * ["courses.lesson_published"]


def test_loading_again_changes_nothing(session, tmp_path):
    load(session, course(tmp_path))
    before = verbs(session)
    assert load(session, tmp_path, now=LATER) == Tally(same=1)
    assert [count(session, table) for table in (Course, CourseVersion, LessonVersion, Part)] == [
        1,
        1,
        3,
        3,
    ]
    assert verbs(session) == before


def test_a_changed_lesson_alone_gets_a_new_version_and_its_course_with_it(session, tmp_path):
    load(session, course(fresh(tmp_path)))
    files = {**OUTLINE, WHO: lesson("who", body=BODY + "\n\n再看一次。")}
    tally = load(session, course(fresh(tmp_path), files=files), now=LATER)
    assert tally == Tally(changed=1)
    assert outline(session, 1) == [("first", "who", 1), ("first", "how", 1), ("second", "after", 1)]
    assert outline(session, 2) == [("first", "who", 2), ("first", "how", 1), ("second", "after", 1)]
    assert count(session, LessonVersion) == 4
    assert session.scalar(sa.select(Course.current_number)) == 2


def test_only_new_lesson_versions_are_rendered(session, tmp_path):
    seen = []

    def render(text):
        seen.append(text)
        return f"<p>{len(seen)}</p>"

    files, _faults = read(course(fresh(tmp_path)))
    operations.load(session, files, render=render, now=NOON)
    operations.load(session, files, render=render, now=NOON)
    assert len(seen) == 3
    changed = {**OUTLINE, WHO: lesson("who", body="## 新\n\n新的。")}
    files, _faults = read(course(fresh(tmp_path), files=changed))
    operations.load(session, files, render=render, now=NOON)
    assert seen[3:] == ["## 新\n\n新的。"]


def test_a_changed_description_makes_a_course_version_and_no_lesson_version(session, tmp_path):
    load(session, course(fresh(tmp_path)))
    load(session, course(fresh(tmp_path), credit_hours="3"))
    assert (count(session, CourseVersion), count(session, LessonVersion)) == (2, 3)
    assert outline(session, 2) == outline(session, 1)


def test_renamed_files_keep_their_identity(session, tmp_path):
    load(session, course(fresh(tmp_path)))
    ids = list(session.scalars(sa.select(Lesson.id).order_by(Lesson.id)))
    renamed = {name.replace("10-who", "12-anybody"): text for name, text in OUTLINE.items()}
    assert load(session, course(fresh(tmp_path), "renamed", files=renamed)) == Tally(same=1)
    assert list(session.scalars(sa.select(Lesson.id).order_by(Lesson.id))) == ids


def test_a_lesson_moved_to_another_module_keeps_its_identity_and_version(session, tmp_path):
    load(session, course(fresh(tmp_path)))
    files = {name: text for name, text in OUTLINE.items() if name != WHO}
    files["20-second/30-who.md"] = OUTLINE[WHO]
    load(session, course(fresh(tmp_path), files=files))
    assert outline(session, 2) == [
        ("first", "how", 1),
        ("second", "after", 1),
        ("second", "who", 1),
    ]
    assert count(session, Lesson) == 3


def test_a_lesson_that_comes_back_unchanged_is_the_version_it_was(session, tmp_path):
    load(session, course(fresh(tmp_path)))
    without = {name: text for name, text in OUTLINE.items() if name != WHO}
    load(session, course(fresh(tmp_path), files=without))
    assert [key for _m, key, _n in outline(session, 2)] == ["how", "after"]
    load(session, course(fresh(tmp_path)))
    assert outline(session, 3) == outline(session, 1)
    assert (count(session, Lesson), count(session, LessonVersion)) == (3, 3)


def test_a_course_whose_folder_is_gone_is_retired_and_comes_back(session, tmp_path):
    one, two = course(fresh(tmp_path)), course(fresh(tmp_path), id='"other"')
    assert load(session, one, two) == Tally(new=2)
    assert load(session, two) == Tally(same=1, retired=1)
    assert load(session, two) == Tally(same=1)
    states = dict(session.execute(sa.select(Course.key, Course.state)).all())
    assert states == {"basics": "retired", "other": "ready"}
    assert load(session, one, two) == Tally(same=2)
    assert count(session, CourseVersion) == 2
    assert [verb for verb in verbs(session) if verb.endswith(("retired", "restored"))] == [
        "courses.course_retired",
        "courses.course_restored",
    ]


def test_a_course_may_come_back_changed(session, tmp_path):
    load(session, course(fresh(tmp_path)))
    load(session)
    assert load(session, course(fresh(tmp_path), credit_hours="3")) == Tally(changed=1)
    assert session.execute(sa.select(Course.state, Course.current_number)).one() == ("ready", 2)


def test_loading_asks_the_database_as_often_however_much_there_is(
    session, tmp_path, count_statements
):
    def cost(root):
        with count_statements() as seen:
            load(session, root)
            session.flush()
        return len([statement for statement in seen if statement.startswith("SELECT")])

    one = fresh(tmp_path)
    first = cost(course(one))
    many = fresh(tmp_path)
    for number in range(12):
        course(many, f"c{number}", id=f'"c{number}"')
    assert cost(many) == first == 2


# ---- beginning ----


def test_a_learner_is_bound_to_the_version_of_the_day(session, tmp_path):
    published(session, tmp_path)
    person = learner(session)
    enroll(session, person)
    enroll(session, person, now=LATER)
    row = session.execute(sa.select(Enrollment.enrolled_at, Enrollment.completed_at)).one()
    assert row == (NOON, None)
    assert verbs(session).count("courses.learner_enrolled") == 1


def test_nobody_begins_a_course_that_is_not_there_or_retired(session, tmp_path):
    published(session, tmp_path)
    person, early = learner(session), learner(session)
    enroll(session, early)
    load(session)
    for key in ("nothing", "basics", "a\x00b", "../basics"):
        with pytest.raises(NotFound) as refusal:
            enroll(session, person, key=key)
        assert refusal.value.code == "no_course"
    complete_all(session, early)  # who began it may finish it
    assert queries.course(session, early.id, "basics").completed_at == NOON


def test_the_first_deed_begins_the_course(session, tmp_path):
    published(session, tmp_path)
    person = learner(session)
    assert answer(session, person) == Answer("B", right=True, tries=1)
    assert queries.course(session, person.id, "basics").enrolled_at == NOON


# ---- checks ----


def test_a_wrong_answer_may_be_put_right(session, tmp_path):
    published(session, tmp_path)
    person = learner(session)
    assert answer(session, person, chosen="A") == Answer("A", right=False, tries=1)
    assert answer(session, person, chosen="A") == Answer("A", right=False, tries=1)  # sent twice
    assert answer(session, person, chosen="B") == Answer("B", right=True, tries=2)
    assert answer(session, person, chosen="C") == Answer("B", right=True, tries=2)  # settled
    row = session.execute(sa.select(FirstAnswer.check_key, FirstAnswer.is_right)).all()
    assert row == [("c1", False)]
    assert session.scalar(sa.select(LessonProgress.checks)) == {
        "c1": {"chosen": "B", "right": True, "tries": 2}
    }
    assert session.scalar(sa.select(LessonProgress.completed_at)) is None


def test_letters_may_come_in_any_order(session, tmp_path):
    published(session, tmp_path)
    assert answer(session, learner(session), check_key="c2", chosen="EAB").right


def test_a_part_of_the_key_is_not_right(session, tmp_path):
    published(session, tmp_path)
    assert not answer(session, learner(session), check_key="c2", chosen="AB").right


@pytest.mark.parametrize(
    ("values", "refused", "code"),
    [
        ({"chosen": "E"}, Invalid, "foreign_option"),
        ({"chosen": "AB"}, Invalid, "too_many"),
        ({"chosen": ""}, Invalid, "no_choice"),
        ({"chosen": " "}, Invalid, "no_choice"),
        ({"check_key": "c2", "chosen": "AF"}, Invalid, "foreign_option"),
        ({"check_key": "c3", "chosen": "A"}, NotFound, "no_check"),
        ({"lesson_key": "where", "chosen": "A"}, NotFound, "no_lesson"),
        ({"course_key": "other", "chosen": "A"}, NotFound, "no_course"),
        ({"lesson_version_id": 999_999}, Conflict, "lesson_changed"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(session, tmp_path, values, refused, code):
    published(session, tmp_path)
    with pytest.raises(refused) as refusal:
        answer(session, learner(session), **values)
    assert refusal.value.code == code
    assert (count(session, LessonProgress), count(session, FirstAnswer)) == (0, 0)


def test_a_lesson_of_another_course_is_not_in_this_one(session, tmp_path):
    other = course(
        fresh(tmp_path),
        id='"other"',
        files={"10-m/module.toml": module(), "10-m/10-x.md": lesson("elsewhere")},
    )
    load(session, course(fresh(tmp_path)), other)
    with pytest.raises(NotFound):
        answer(session, learner(session), "elsewhere")


# ---- completing ----


def test_a_lesson_is_not_completed_before_its_checks_are_right(session, tmp_path):
    published(session, tmp_path)
    person = learner(session)
    answer(session, person, check_key="c2", chosen="AC")
    with pytest.raises(Conflict) as refusal:
        operations.complete_lesson(
            session, learner_id=person.id, course_key="basics", lesson_key="who", now=NOON
        )
    assert refusal.value.code == "checks_open"
    assert "第 1、2 题" in str(refusal.value)
    assert records.facts_of(session, person.id) == []


def test_completing_a_lesson_leads_to_the_next_that_is_open(session, tmp_path):
    published(session, tmp_path)
    person = learner(session)
    assert complete(session, person, "how").key == "who"  # lessons may be taken in any order
    assert complete(session, person, "who").key == "after"
    assert complete(session, person, "after") is None


def test_the_whole_course_is_recorded_once_however_often_it_is_sent(session, tmp_path):
    published(session, tmp_path)
    person = learner(session)
    complete_all(session, person)
    complete_all(session, person, now=LATER)
    facts = records.facts_of(session, person.id)
    assert [(fact.kind, fact.subject, fact.on) for fact in facts] == [
        (RecordKind.LESSON_COMPLETED, "lesson:basics/who", TODAY),
        (RecordKind.LESSON_COMPLETED, "lesson:basics/how", TODAY),
        (RecordKind.LESSON_COMPLETED, "lesson:basics/after", TODAY),
        (RecordKind.COURSE_COMPLETED, "course:basics", TODAY),
        (RecordKind.HOURS_CREDITED, "course:basics", TODAY),
    ]
    hours = facts[-1]
    assert (hours.quantity, hours.unit, hours.category) == (90, "credit_hour", "professional")
    assert [fact.quantity for fact in facts[:-1]] == [None] * 4
    assert queries.course(session, person.id, "basics").completed_at == NOON
    assert verbs(session).count("courses.course_completed") == 1
    assert set(session.scalars(sa.select(LessonProgress.completed_at))) == {NOON}


def test_each_learner_has_records_of_their_own(session, tmp_path):
    published(session, tmp_path)
    ana, ben = learner(session), learner(session)
    complete_all(session, ana)
    complete(session, ben)
    assert len(records.facts_of(session, ana.id)) == 5
    assert len(records.facts_of(session, ben.id)) == 1
    assert queries.course(session, ben.id, "basics").completed_at is None


def test_a_course_of_general_hours_credits_general_hours(session, tmp_path):
    published(session, tmp_path, category='"general"', credit_hours="5")
    person = learner(session)
    complete_all(session, person)
    hours = records.facts_of(session, person.id)[-1]
    assert (hours.quantity, hours.category) == (225, "general")


# ---- versions ----


@pytest.fixture
def more(tmp_path):
    """The course with one lesson changed, one more and another answer."""
    check_now = check(answer='"C"') + check(MANY)
    files = {
        **OUTLINE,
        WHO: lesson("who", body="## 新\n\n新的课文。", checks=check_now),
        "20-second/20-more.md": lesson("more"),
    }
    return course(fresh(tmp_path), files=files, credit_hours="4")


def test_a_learner_stays_on_the_version_they_began(session, tmp_path, more):
    published(session, tmp_path)
    ana, ben = learner(session), learner(session)
    enroll(session, ana)
    load(session, more, now=LATER)
    assert answer(session, ana, chosen="B").right
    assert not answer(session, ben, chosen="B").right
    own = queries.course(session, ana.id, "basics")
    assert (own.number, own.is_behind, own.credit_hours) == (1, True, 2)
    assert len(queries.places(session, ana.id, own.version_id)) == 3
    new = queries.course(session, ben.id, "basics")
    assert (new.number, new.is_behind) == (2, False)
    complete_all(session, ana, now=LATER)
    assert records.facts_of(session, ana.id)[-1].quantity == 90


def test_a_later_version_never_takes_completion_away(session, tmp_path, more):
    published(session, tmp_path)
    person = learner(session)
    complete_all(session, person)
    load(session, more, now=LATER)
    assert queries.course(session, person.id, "basics").completed_at == NOON
    (row,) = queries.catalogue(session, person.id)
    assert (row.done, row.lessons, row.state) == (3, 3, "met")
    enroll(session, person, now=LATER)
    assert complete(session, person, "who", now=LATER) is None
    assert len(records.facts_of(session, person.id)) == 5
    assert queries.continue_learning(session, person.id) is None


def test_a_page_of_the_version_before_is_not_answered_with_the_new_key(session, tmp_path, more):
    published(session, tmp_path)
    person = learner(session)
    old = queries.course(session, person.id, "basics")
    seen = queries.places(session, person.id, old.version_id)[0].lesson_version_id
    load(session, more, now=LATER)
    with pytest.raises(Conflict) as refusal:
        answer(session, person, lesson_version_id=seen)
    assert refusal.value.code == "lesson_changed"
