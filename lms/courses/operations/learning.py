"""What a learner does: begin a course, answer checks, complete lessons."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.courses import queries, rules
from lms.courses.models import Enrollment, FirstAnswer, LessonProgress
from lms.courses.types import MINUTES_AN_HOUR, Answer, CourseText, LessonText, Place
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.people.operations import lock_learner
from lms.question_bank.rules import is_right, taken
from lms.records import operations as records
from lms.records.types import RecordKind


def enroll(session: Session, *, learner_id: int, course_key: str, now: datetime) -> None:
    """Bind a learner to the current version of a course. Safe to repeat: the first time counts.

    :raises NotFound: ``no_course``.
    """
    _begun(session, learner_id=learner_id, course_key=course_key, now=now)


def answer_check(
    session: Session,
    *,
    learner_id: int,
    course_key: str,
    lesson_key: str,
    check_key: str,
    chosen: Sequence[str],
    now: datetime,
    lesson_version_id: int | None = None,
) -> Answer:
    """Take one try at a self-check question and return how the learner stands with it.

    Enrolls a learner who has not begun. A check that was answered rightly is settled, and the
    same answer again is the same try.

    :param chosen: what the page sent, a text for each field, in the author's order.
    :param lesson_version_id: the text the learner read, if the page told it.
    :raises NotFound: ``no_course``, ``no_lesson`` or ``no_check``.
    :raises Invalid: ``no_choice``, ``foreign_option`` or ``too_many``.
    :raises Conflict: ``lesson_changed``: another text was published before the learner began.
    """
    course = _begun(session, learner_id=learner_id, course_key=course_key, now=now)
    place, text = _lesson(session, learner_id, course, lesson_key)
    check = rules.check_of(text.checks, check_key)
    if lesson_version_id not in {None, place.lesson_version_id}:
        raise Conflict("lesson_changed", N_("课文刚刚更新过，请重新打开这一课再作答"))
    stored = taken(check.kind, check.spec, chosen)
    if not stored:
        raise Invalid("no_choice", N_("请先作答"), where="choice")
    before = text.answers.get(check_key)
    right = is_right(check.kind, check.spec, stored)
    answer = rules.take_answer(before, chosen=stored, right=right)
    if answer != before:
        progress = _progress(session, learner_id, course, place, now=now)
        progress.checks = {**progress.checks, check_key: answer.stored()}
    if before is None:
        _note_first(session, learner_id, place, check_key, right=right, now=now)
    return answer


def complete_lesson(
    session: Session, *, learner_id: int, course_key: str, lesson_key: str, now: datetime
) -> Place | None:
    """Complete a lesson whose checks are all answered rightly, and return the next one to do.

    With the last lesson the course is completed and its hours are credited; then none is
    returned. Safe to repeat: what is completed stays as it is.

    :raises NotFound: ``no_course`` or ``no_lesson``.
    :raises Conflict: ``checks_open``.
    """
    course = _begun(session, learner_id=learner_id, course_key=course_key, now=now)
    places = queries.places(session, learner_id, course.version_id)
    index = rules.place_of(places, lesson_key)
    place = places[index]
    if place.completed_at is None:
        text = queries.lesson_text(session, place)
        rules.refuse_open(text.checks, text.answers)
        _progress(session, learner_id, course, place, now=now).completed_at = now
        places[index] = place._replace(completed_at=now)
        records.append(
            session,
            learner_id=learner_id,
            kind=RecordKind.LESSON_COMPLETED,
            subject=f"lesson:{course_key}/{lesson_key}",
            on=day_of(now),
            now=now,
            dedupe_key=f"lesson_completed:{course_key}/{lesson_key}",
            detail={"course_version": course.number, "lessons": len(places)},
        )
    following = rules.next_place(places)
    if following is None and course.completed_at is None:
        _complete_course(session, learner_id, course, now=now)
    return following


def _begun(session: Session, *, learner_id: int, course_key: str, now: datetime) -> CourseText:
    """Return the course in the learner's version; who had not begun it has now."""
    lock_learner(session, learner_id)
    course = queries.course(session, learner_id, course_key)
    if course.enrolled_at is not None:
        return course
    session.add(
        Enrollment(
            learner_id=learner_id,
            course_id=course.id,
            course_version_id=course.version_id,
            enrolled_at=now,
        )
    )
    audit.record(
        session,
        verb="courses.learner_enrolled",
        subject=f"course:{course_key}",
        actor_id=learner_id,
        now=now,
        number=course.number,
    )
    return replace(course, enrolled_at=now)


def _lesson(
    session: Session, learner_id: int, course: CourseText, lesson_key: str
) -> tuple[Place, LessonText]:
    places = queries.places(session, learner_id, course.version_id)
    place = places[rules.place_of(places, lesson_key)]
    return place, queries.lesson_text(session, place)


def _progress(
    session: Session, learner_id: int, course: CourseText, place: Place, *, now: datetime
) -> LessonProgress:
    """Return the learner's row of a lesson, made if there is none."""
    found = session.get(LessonProgress, (learner_id, place.lesson_id))
    if found is None:
        found = LessonProgress(
            learner_id=learner_id,
            lesson_id=place.lesson_id,
            course_id=course.id,
            lesson_version_id=place.lesson_version_id,
            checks={},
            started_at=now,
        )
        session.add(found)
    return found


def _note_first(
    session: Session, learner_id: int, place: Place, check_key: str, *, right: bool, now: datetime
) -> None:
    session.flush()  # a first answer refers to the row of the lesson
    session.add(
        FirstAnswer(
            learner_id=learner_id,
            lesson_id=place.lesson_id,
            check_key=check_key,
            lesson_version_id=place.lesson_version_id,
            is_right=right,
            answered_at=now,
        )
    )


def _complete_course(
    session: Session, learner_id: int, course: CourseText, *, now: datetime
) -> None:
    session.execute(
        sa.update(Enrollment)
        .where(Enrollment.learner_id == learner_id, Enrollment.course_id == course.id)
        .values(completed_at=now)
    )
    record = partial(
        records.append,
        session,
        learner_id=learner_id,
        subject=f"course:{course.key}",
        on=day_of(now),
        now=now,
    )
    version = {"course_version": course.number}
    record(
        kind=RecordKind.COURSE_COMPLETED,
        dedupe_key=f"course_completed:{course.key}",
        detail=version,
    )
    record(
        kind=RecordKind.HOURS_CREDITED,
        dedupe_key=f"hours:course:{course.key}",
        quantity=course.credit_hours * MINUTES_AN_HOUR,
        unit="credit_hour",
        category=course.category,
        detail={**version, "form": "online"},
    )
    audit.record(
        session,
        verb="courses.course_completed",
        subject=f"course:{course.key}",
        actor_id=learner_id,
        now=now,
        number=course.number,
        credit_hours=course.credit_hours,
        category=course.category,
    )
