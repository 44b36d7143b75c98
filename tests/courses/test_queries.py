from datetime import timedelta

import pytest

from lms.courses import queries
from lms.courses.types import CheckCount, LessonCount, NextLesson, State, Waiting
from lms.kernel.errors import NotFound
from tests.builders import NOON, learner
from tests.courses.builders import (
    OUTLINE,
    answer,
    complete,
    complete_all,
    course,
    fresh,
    lesson,
    load,
    module,
    published,
)

DAY = timedelta(days=1)


@pytest.fixture
def two(session, tmp_path):
    """The course ``basics`` of three lessons and the course ``other`` of one, published."""
    files = {"10-m/module.toml": module(), "10-m/10-only.md": lesson("only", minutes="45")}
    other = course(fresh(tmp_path), id='"other"', title='"另一门"', files=files)
    load(session, course(fresh(tmp_path)), other)


def test_the_catalogue_shows_every_course_with_ones_own_progress(session, two):
    ana, ben = learner(session), learner(session)
    complete(session, ana)
    answer(session, ana, "how")
    complete_all(session, ben)
    mine, other = queries.catalogue(session, ana.id)
    assert (mine.key, mine.state, mine.done, mine.lessons) == ("basics", State.IN_PROGRESS, 1, 3)
    assert (mine.minutes, mine.credit_hours, mine.audience) == (60, 2, ["station_worker"])
    assert (other.key, other.state, other.done, other.lessons) == ("other", "not_started", 0, 1)
    assert [row.state for row in queries.catalogue(session, ben.id)] == ["met", "not_started"]


def test_a_retired_course_is_listed_for_those_who_began_it(session, two):
    ana, ben = learner(session), learner(session)
    complete(session, ana)
    load(session)
    assert [row.key for row in queries.catalogue(session, ana.id)] == ["basics"]
    assert queries.catalogue(session, ben.id) == []


def test_learning_continues_at_the_first_open_lesson_of_the_newest_course(session, two):
    person = learner(session)
    assert queries.continue_learning(session, person.id) is None
    answer(session, person, "only", course_key="other", now=NOON)
    complete(session, person, "who", now=NOON + DAY)
    found = queries.continue_learning(session, person.id)
    assert found == NextLesson(
        "basics", "低保入门", "Dibao basics", "how", "课：how", "Lesson how", done=1, total=3
    )
    complete(session, person, "only", course_key="other", now=NOON + 2 * DAY)
    assert queries.continue_learning(session, person.id).course_key == "basics"
    complete_all(session, person)
    assert queries.continue_learning(session, person.id) is None


def test_learning_continues_only_in_ones_own_courses(session, two):
    complete(session, learner(session))
    assert queries.continue_learning(session, learner(session).id) is None


def test_titles_of_courses_by_key(session, two):
    found = queries.titles(session, ["basics", "nothing"])
    assert found == {"basics": ("低保入门", "Dibao basics")}
    assert queries.titles(session, []) == {}


def test_instructors_see_learners_counted(session, two):
    ana, ben = learner(session), learner(session)
    complete_all(session, ana)
    answer(session, ben)
    load(session)
    basics, other = queries.taught_courses(session)
    assert (basics.key, basics.state, basics.number) == ("basics", "retired", 1)
    assert (basics.enrolled, basics.completed) == (2, 1)
    assert (other.enrolled, other.completed) == (0, 0)
    assert queries.taught_course(session, "basics") == basics
    for key in ("nothing", "a\x00"):
        with pytest.raises(NotFound):
            queries.taught_course(session, key)


def test_versions_are_listed_with_their_outlines(session, tmp_path):
    published(session, tmp_path)
    files = {**OUTLINE, "20-second/20-more.md": lesson("more")}
    load(session, course(fresh(tmp_path), files=files), now=NOON + DAY)
    taught = queries.taught_course(session, "basics")
    one, two = queries.editions(session, taught.id)
    assert [(e.number, len(e.places), e.published_at) for e in (one, two)] == [
        (1, 3, NOON),
        (2, 4, NOON + DAY),
    ]
    assert two.version_id == taught.version_id
    assert one.description == two.description
    assert two.places[:3] == one.places


def test_lessons_and_first_tries_are_counted(session, two):
    ana, ben, cai = learner(session), learner(session), learner(session)
    complete_all(session, ana)
    answer(session, ben, chosen="A")
    answer(session, ben)  # right at the second try
    answer(session, cai, "only", course_key="other", chosen="A")
    taught = queries.taught_course(session, "basics")
    places = queries.editions(session, taught.id)[-1].places
    who, how, after = (place.lesson_id for place in places)
    assert queries.lesson_counts(session, taught.id) == {
        who: LessonCount(started=2, completed=1),
        how: LessonCount(started=1, completed=1),
        after: LessonCount(started=1, completed=1),
    }
    tries = queries.first_tries(session, taught.id)
    assert CheckCount(places[0].lesson_version_id, "c1", tried=2, right=1) in tries
    assert CheckCount(places[0].lesson_version_id, "c2", tried=1, right=1) in tries
    assert len(tries) == 6
    assert [
        c.key for c in queries.checks(session, taught.id)[who][places[0].lesson_version_id]
    ] == [
        "c1",
        "c2",
    ]


def test_learners_wait_at_their_first_open_lesson_in_their_own_version(session, tmp_path):
    published(session, tmp_path)
    old, quick, done = learner(session), learner(session), learner(session)
    complete(session, old, "who")
    complete_all(session, done)
    shuffled = {
        "10-first/module.toml": module("first"),
        "10-first/10-how.md": lesson("how"),
        "10-first/20-who.md": lesson("who"),
    }
    load(session, course(fresh(tmp_path), files=shuffled), now=NOON + DAY)
    new = learner(session)
    answer(session, new, "how", now=NOON + 10 * DAY)
    answer(session, quick, "who", now=NOON + 10 * DAY)
    taught = queries.taught_course(session, "basics")
    ids = {place.key: place.lesson_id for place in queries.editions(session, taught.id)[0].places}
    since = NOON + 5 * DAY
    # the old learner's next lesson is "how", and so is that of the two new ones
    assert queries.waiting(session, taught.id, since=since) == {
        ids["how"]: Waiting(learners=3, idle=1)
    }
    complete(session, new, "how", now=NOON + 10 * DAY)
    assert queries.waiting(session, taught.id, since=since) == {
        ids["how"]: Waiting(learners=2, idle=1),
        ids["who"]: Waiting(learners=1, idle=0),
    }


def test_who_only_enrolled_is_idle_from_that_day(session, tmp_path):
    from lms.courses import operations

    published(session, tmp_path)
    person = learner(session)
    operations.enroll(session, learner_id=person.id, course_key="basics", now=NOON)
    session.flush()
    taught = queries.taught_course(session, "basics")
    (before,) = queries.waiting(session, taught.id, since=NOON).values()
    (after,) = queries.waiting(session, taught.id, since=NOON + DAY).values()
    assert (before.idle, after.idle) == (0, 1)
