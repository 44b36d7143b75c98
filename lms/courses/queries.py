import json
from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

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
from lms.courses.types import (
    Answer,
    CatalogueRow,
    Check,
    CheckCount,
    CourseText,
    CourseTitle,
    Edition,
    LessonCount,
    LessonText,
    Module,
    NextLesson,
    Place,
    PublishedLesson,
    TaughtCourse,
    Waiting,
)
from lms.kernel.errors import N_, NotFound
from lms.kernel.keeping import Kept
from lms.kernel.reading import IDENTIFIER
from lms.kernel.selecting import fetch

READY, RETIRED = "ready", "retired"

_LEARNER = sa.bindparam("learner_id", type_=sa.BigInteger())

IS_CURRENT = sa.and_(
    CourseVersion.course_id == Course.id, CourseVersion.number == Course.current_number
)
"""Joins a course to the version that a learner begins today."""

_OWN_ENROLLMENT = sa.and_(Enrollment.learner_id == _LEARNER, Enrollment.course_id == Course.id)
_OWN_PROGRESS = sa.and_(
    LessonProgress.learner_id == _LEARNER, LessonProgress.lesson_id == LessonVersion.lesson_id
)
_CONCERNED = sa.and_(
    CourseVersion.course_id == Course.id,
    sa.or_(
        CourseVersion.id == Enrollment.course_version_id,
        sa.and_(
            Enrollment.course_version_id.is_(None), CourseVersion.number == Course.current_number
        ),
    ),
)
"""Joins a course to the version that the learner began, else to the current one."""

_OFFERED = sa.or_(Course.state == READY, Enrollment.learner_id.is_not(None))
"""A retired course is there only for those who began it."""

_CATALOGUE = (
    sa.select(
        Course.key,
        CourseVersion.title,
        CourseVersion.title_en,
        CourseVersion.summary,
        CourseVersion.summary_en,
        CourseVersion.audience,
        CourseVersion.credit_hours,
        CourseVersion.category,
        Enrollment.enrolled_at,
        Enrollment.completed_at,
        sa.func.count(),
        sa.func.count(LessonProgress.completed_at),
        sa.func.sum(LessonVersion.minutes),
    )
    .select_from(Course)
    .outerjoin(Enrollment, _OWN_ENROLLMENT)
    .join(CourseVersion, _CONCERNED)
    .join(Part, Part.course_version_id == CourseVersion.id)
    .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
    .outerjoin(LessonProgress, _OWN_PROGRESS)
    .where(_OFFERED)
    .group_by(Course.id, CourseVersion.id, Enrollment.learner_id, Enrollment.course_id)
    .order_by(Course.id)
)
_COURSE: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        Course.id,
        Course.key,
        Course.state,
        Course.current_number,
        CourseVersion.id,
        CourseVersion.number,
        CourseVersion.title,
        CourseVersion.title_en,
        CourseVersion.summary,
        CourseVersion.summary_en,
        CourseVersion.audience,
        CourseVersion.credit_hours,
        CourseVersion.category,
        CourseVersion.valid_on,
        CourseVersion.sources,
        CourseVersion.published_at,
        Enrollment.enrolled_at,
        Enrollment.completed_at,
    )
    .select_from(Course)
    .outerjoin(Enrollment, _OWN_ENROLLMENT)
    .join(CourseVersion, _CONCERNED)
    .where(Course.key == sa.bindparam("key"), _OFFERED)
)
_PLACE = (
    Part.position,
    Part.module_key,
    Part.module_title,
    Part.module_title_en,
    LessonVersion.lesson_id,
    Lesson.key,
    LessonVersion.id,
    LessonVersion.title,
    LessonVersion.title_en,
    LessonVersion.minutes,
)
_PLACES = (
    sa.select(
        *_PLACE,
        LessonProgress.started_at,
        LessonProgress.completed_at,
        sa.cast(LessonProgress.checks, sa.Text),
    )
    .select_from(Part)
    .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
    .join(Lesson, Lesson.id == LessonVersion.lesson_id)
    .outerjoin(LessonProgress, _OWN_PROGRESS)
    .where(Part.course_version_id == sa.bindparam("version_id"))
    .order_by(Part.position)
)
_OUTLINE = (
    sa.select(
        Course.key,
        CourseVersion.title,
        CourseVersion.title_en,
        *_PLACE,
        LessonProgress.started_at,
        LessonProgress.completed_at,
        sa.cast(LessonProgress.checks, sa.Text),
    )
    .select_from(Course)
    .outerjoin(Enrollment, _OWN_ENROLLMENT)
    .join(CourseVersion, _CONCERNED)
    .join(Part, Part.course_version_id == CourseVersion.id)
    .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
    .join(Lesson, Lesson.id == LessonVersion.lesson_id)
    .outerjoin(LessonProgress, _OWN_PROGRESS)
    .where(Course.key == sa.bindparam("key"), _OFFERED)
    .order_by(Part.position)
)
_PUBLISHED = sa.select(LessonVersion.id, LessonVersion.html, LessonVersion.checks).where(
    LessonVersion.id.in_(sa.bindparam("ids", expanding=True))
)
_kept_lessons: Kept[PublishedLesson] = Kept(at_most=256)
_LAST_STEP = sa.func.max(sa.func.coalesce(LessonProgress.completed_at, LessonProgress.started_at))
_BEGUN = (
    sa.select(
        Course.key.label("course_key"),
        CourseVersion.title.label("course_title"),
        CourseVersion.title_en.label("course_title_en"),
        Lesson.key.label("lesson_key"),
        LessonVersion.title.label("lesson_title"),
        LessonVersion.title_en.label("lesson_title_en"),
        sa.func.count(LessonProgress.completed_at).over(partition_by=Course.id).label("done"),
        sa.func.count().over(partition_by=Course.id).label("total"),
        Part.position,
        LessonProgress.completed_at,
        Enrollment.enrolled_at,
        _LAST_STEP.over(partition_by=Course.id).label("last_at"),
    )
    .select_from(Enrollment)
    .join(Course, Course.id == Enrollment.course_id)
    .join(CourseVersion, CourseVersion.id == Enrollment.course_version_id)
    .join(Part, Part.course_version_id == CourseVersion.id)
    .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
    .join(Lesson, Lesson.id == LessonVersion.lesson_id)
    .outerjoin(LessonProgress, _OWN_PROGRESS)
    .where(Enrollment.learner_id == _LEARNER, Enrollment.completed_at.is_(None))
    .subquery()
)
_CONTINUE = (
    sa.select(*list(_BEGUN.c)[:8])
    .where(_BEGUN.c.completed_at.is_(None))
    .order_by(
        sa.func.coalesce(_BEGUN.c.last_at, _BEGUN.c.enrolled_at).desc(),
        _BEGUN.c.course_key,
        _BEGUN.c.position,
    )
    .limit(1)
)
_TITLES = (
    sa.select(Course.key, CourseVersion.title, CourseVersion.title_en)
    .join(CourseVersion, IS_CURRENT)
    .where(Course.key.in_(sa.bindparam("keys", expanding=True)))
)

_ENROLLED = (
    sa.select(
        Enrollment.course_id,
        sa.func.count().label("enrolled"),
        sa.func.count(Enrollment.completed_at).label("completed"),
    )
    .group_by(Enrollment.course_id)
    .subquery()
)
_TAUGHT = (
    sa.select(
        Course.id,
        Course.key,
        Course.state,
        CourseVersion.number,
        CourseVersion.id,
        CourseVersion.title,
        CourseVersion.title_en,
        CourseVersion.published_at,
        sa.func.coalesce(_ENROLLED.c.enrolled, 0),
        sa.func.coalesce(_ENROLLED.c.completed, 0),
    )
    .join(CourseVersion, IS_CURRENT)
    .outerjoin(_ENROLLED, _ENROLLED.c.course_id == Course.id)
    .order_by(Course.id)
)
_VERSIONS = (
    sa.select(
        CourseVersion.id,
        CourseVersion.number,
        CourseVersion.published_at,
        CourseVersion.title,
        CourseVersion.title_en,
        CourseVersion.summary,
        CourseVersion.summary_en,
        CourseVersion.audience,
        CourseVersion.credit_hours,
        CourseVersion.category,
        CourseVersion.valid_on,
        CourseVersion.sources,
    )
    .where(CourseVersion.course_id == sa.bindparam("course_id"))
    .order_by(CourseVersion.number)
)
_ALL_PLACES = (
    sa.select(Part.course_version_id, *_PLACE)
    .select_from(Part)
    .join(CourseVersion, CourseVersion.id == Part.course_version_id)
    .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
    .join(Lesson, Lesson.id == LessonVersion.lesson_id)
    .where(CourseVersion.course_id == sa.bindparam("course_id"))
    .order_by(Part.course_version_id, Part.position)
)
_LESSON_COUNTS = (
    sa.select(LessonProgress.lesson_id, sa.func.count(), sa.func.count(LessonProgress.completed_at))
    .join(Lesson, Lesson.id == LessonProgress.lesson_id)
    .where(Lesson.course_id == sa.bindparam("course_id"))
    .group_by(LessonProgress.lesson_id)
)
_CHECKS = (
    sa.select(LessonVersion.lesson_id, LessonVersion.id, LessonVersion.checks)
    .join(Lesson, Lesson.id == LessonVersion.lesson_id)
    .where(Lesson.course_id == sa.bindparam("course_id"))
)
_CHECK_COUNTS = (
    sa.select(
        FirstAnswer.lesson_version_id,
        FirstAnswer.check_key,
        sa.func.count(),
        sa.func.count(sa.case((FirstAnswer.is_right, 1))),
    )
    .join(LessonVersion, LessonVersion.id == FirstAnswer.lesson_version_id)
    .join(Lesson, Lesson.id == LessonVersion.lesson_id)
    .where(Lesson.course_id == sa.bindparam("course_id"))
    .group_by(FirstAnswer.lesson_version_id, FirstAnswer.check_key)
)
_RESTING = (
    sa.select(
        Enrollment.course_version_id,
        sa.func.min(sa.case((LessonProgress.completed_at.is_(None), Part.position))).label(
            "position"
        ),
        sa.func.coalesce(_LAST_STEP, Enrollment.enrolled_at).label("last_at"),
    )
    .select_from(Enrollment)
    .join(Part, Part.course_version_id == Enrollment.course_version_id)
    .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
    .outerjoin(
        LessonProgress,
        sa.and_(
            LessonProgress.learner_id == Enrollment.learner_id,
            LessonProgress.lesson_id == LessonVersion.lesson_id,
        ),
    )
    .where(Enrollment.course_id == sa.bindparam("course_id"), Enrollment.completed_at.is_(None))
    .group_by(Enrollment.learner_id, Enrollment.course_id)
    .subquery()
)
_WAITING = (
    sa.select(
        LessonVersion.lesson_id,
        sa.func.count(),
        sa.func.count(sa.case((_RESTING.c.last_at < sa.bindparam("since"), 1))),
    )
    .select_from(_RESTING)
    .join(
        Part,
        sa.and_(
            Part.course_version_id == _RESTING.c.course_version_id,
            Part.position == _RESTING.c.position,
        ),
    )
    .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
    .group_by(LessonVersion.lesson_id)
)


def catalogue(session: Session, learner_id: int) -> list[CatalogueRow]:
    """Return every course on offer, and every one the learner began even if it is retired.

    One statement.
    """
    return [CatalogueRow(*row) for row in fetch(session, _CATALOGUE, {"learner_id": learner_id})]


def course(session: Session, learner_id: int, course_key: str) -> CourseText:
    """Return a course in the version the learner began, else the current one. One statement.

    :raises NotFound: ``no_course``; also for a retired one that the learner never began.
    """
    values = {"learner_id": learner_id, "key": _key(course_key)}
    found = [CourseText(*row) for row in fetch(session, _COURSE, values)]
    if not found:
        raise _no_course()
    return found[0]


def places(session: Session, learner_id: int, version_id: int) -> list[Place]:
    """Return the outline of a version with the learner's progress, in order. One statement."""
    rows = fetch(session, _PLACES, {"learner_id": learner_id, "version_id": version_id})
    return [_place(*row) for row in rows]


def outline(session: Session, learner_id: int, course_key: str) -> tuple[CourseTitle, list[Place]]:
    """Return what a course is called, and :func:`places` of it. One statement.

    :raises NotFound: ``no_course``; also for a retired one that the learner never began.
    """
    values = {"learner_id": learner_id, "key": _key(course_key)}
    rows = fetch(session, _OUTLINE, values).all()
    if not rows:
        raise _no_course()
    return CourseTitle(*rows[0][:3]), [_place(*row[3:]) for row in rows]


def lesson_text(session: Session, place: Place) -> LessonText:
    """Return a lesson's text and checks, and the learner's answers to them. One statement, or none.

    A version never changes, so those that were read before stay in the process; the answers came
    with the place.
    """

    def read(missing: list[int]) -> dict[int, PublishedLesson]:
        rows = fetch(session, _PUBLISHED, {"ids": missing})
        return {
            row.id: PublishedLesson(row.html, tuple(Check.read(stored) for stored in row.checks))
            for row in rows
        }

    version_id = place.lesson_version_id
    published = _kept_lessons.look_up(session, [version_id], read)[version_id]
    answers = json.loads(place.stored_answers) if place.stored_answers else {}
    return LessonText(
        published.html,
        published.checks,
        {key: Answer.read(stored) for key, stored in answers.items()},
    )


def continue_learning(session: Session, learner_id: int) -> NextLesson | None:
    """Return the next lesson of the course the learner was last busy with. One statement.

    None if no course is begun, or every one that was begun is completed.
    """
    row = fetch(session, _CONTINUE, {"learner_id": learner_id}).one_or_none()
    return None if row is None else NextLesson(*row)


def titles(session: Session, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the Chinese and English title of each course that exists. One statement."""
    rows = fetch(session, _TITLES, {"keys": list(keys)})
    return {row.key: (row.title, row.title_en) for row in rows}


def taught_courses(session: Session) -> list[TaughtCourse]:
    """Return every course with how many learners began and completed it. One statement."""
    return [TaughtCourse(*row) for row in fetch(session, _TAUGHT)]


def taught_course(session: Session, course_key: str) -> TaughtCourse:
    """Return a course as its instructors see it, retired or not. One statement.

    :raises NotFound: ``no_course``.
    """
    row = fetch(session, _TAUGHT.where(Course.key == _key(course_key))).one_or_none()
    if row is None:
        raise _no_course()
    return TaughtCourse(*row)


def editions(session: Session, course_id: int) -> list[Edition]:
    """Return every version of a course with its outline, oldest first. Two statements."""
    values = {"course_id": course_id}
    rows = fetch(session, _ALL_PLACES, values)
    outlines = {
        version_id: tuple(_place(*row[1:]) for row in group)
        for version_id, group in groupby(rows, key=lambda row: row[0])
    }
    return [
        Edition(version_id, number, published_at, tuple(description), outlines[version_id])
        for version_id, number, published_at, *description in fetch(session, _VERSIONS, values)
    ]


def lesson_counts(session: Session, course_id: int) -> dict[int, LessonCount]:
    """Return how many learners began and completed each lesson. One statement."""
    rows = fetch(session, _LESSON_COUNTS, {"course_id": course_id})
    return {lesson_id: LessonCount(*counts) for lesson_id, *counts in rows}


def waiting(session: Session, course_id: int, *, since: datetime) -> dict[int, Waiting]:
    """Return at which lesson the learners are who have not completed a course. One statement.

    :param since: who did nothing from this instant on counts as idle.
    """
    rows = fetch(session, _WAITING, {"course_id": course_id, "since": since})
    return {lesson_id: Waiting(*counts) for lesson_id, *counts in rows}


def checks(session: Session, course_id: int) -> dict[int, dict[int, tuple[Check, ...]]]:
    """Return the checks of every version of every lesson: lesson -> version. One statement."""
    found: dict[int, dict[int, tuple[Check, ...]]] = {}
    for lesson_id, version_id, stored in fetch(session, _CHECKS, {"course_id": course_id}):
        found.setdefault(lesson_id, {})[version_id] = tuple(Check.read(raw) for raw in stored)
    return found


def first_tries(session: Session, course_id: int) -> list[CheckCount]:
    """Return how often each check was tried, and right at the first try. One statement."""
    rows = fetch(session, _CHECK_COUNTS, {"course_id": course_id})
    return [CheckCount(*row) for row in rows]


def _place(
    position: int, module_key: str, module_title: str, module_title_en: str, *rest: Any
) -> Place:
    return Place(position, Module(module_key, module_title, module_title_en), *rest)


def _key(course_key: str) -> str:
    """Return a key out of an address if it can be one: no database need see a NUL."""
    if not IDENTIFIER.fullmatch(course_key):
        raise _no_course()
    return course_key


def _no_course() -> NotFound:
    return NotFound("no_course", N_("没有这门课程"))
