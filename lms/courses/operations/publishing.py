"""From authors' files to versions that never change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.courses.content import CourseFile, LessonFile
from lms.courses.models import Course, CourseVersion, Lesson, LessonVersion, Part
from lms.courses.queries import IS_CURRENT, READY, RETIRED
from lms.kernel.authoring import Tally

Render = Callable[[str], str]
"""Turns an author's Markdown into clean HTML."""

_KNOWN = sa.select(
    Course.key, Course.id, Course.state, Course.current_number, CourseVersion.digest
).join(CourseVersion, IS_CURRENT)

_NEWEST = (
    sa.select(LessonVersion.lesson_id, sa.func.max(LessonVersion.number).label("number"))
    .group_by(LessonVersion.lesson_id)
    .subquery()
)
_KNOWN_LESSONS = (
    sa.select(
        Lesson.course_id,
        Lesson.key,
        Lesson.id,
        LessonVersion.id,
        LessonVersion.number,
        LessonVersion.digest,
    )
    .join(_NEWEST, _NEWEST.c.lesson_id == Lesson.id)
    .join(
        LessonVersion,
        sa.and_(LessonVersion.lesson_id == Lesson.id, LessonVersion.number == _NEWEST.c.number),
    )
)


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    state: str
    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class _KnownLesson:
    id: int
    version_id: int
    number: int
    digest: str


Place = tuple[int, str]
"""A course's id and the key of a lesson in it: what identifies the lesson."""


def load(session: Session, files: Iterable[CourseFile], *, render: Render, now: datetime) -> Tally:
    """Publish courses that are new or changed, retire those whose folder is gone.

    ``files`` is the whole catalogue. A lesson gets a new version only when it changed itself; a
    course gets one when anything in it changed. Learners stay on the version they began. Two
    statements read what is known, whatever the size of the catalogue.

    :param render: called once for each new version of a lesson.
    """
    listed = list(files)
    known = {row.key: _Known(*row[1:]) for row in session.execute(_KNOWN)}
    new = [file for file in listed if file.key not in known]
    changed = [f for f in listed if f.key in known and f.digest != known[f.key].digest]
    back = [f.key for f in listed if f.key in known and known[f.key].state == RETIRED]
    present = {file.key for file in listed}
    gone = [key for key, old in known.items() if key not in present and old.state == READY]

    ids = _add(session, new)
    again = [(file, known[file.key].id, known[file.key].number + 1) for file in changed]
    if again:
        rows = [{"id": id_, "current_number": number} for _file, id_, number in again]
        session.execute(sa.update(Course), rows)
    _publish(session, [*((f, ids[f.key], 1) for f in new), *again], render=render, now=now)
    _set_state(session, known, back, RETIRED, READY, now=now)
    _set_state(session, known, gone, READY, RETIRED, now=now)
    return Tally(
        new=len(new),
        changed=len(changed),
        same=len(listed) - len(new) - len(changed),
        retired=len(gone),
    )


def _add(session: Session, files: Sequence[CourseFile]) -> dict[str, int]:
    if not files:
        return {}
    rows = [{"key": file.key, "state": READY, "current_number": 1} for file in files]
    inserted = session.execute(sa.insert(Course).returning(Course.key, Course.id), rows)
    return {row.key: row.id for row in inserted}


def _publish(
    session: Session,
    versions: Sequence[tuple[CourseFile, int, int]],
    *,
    render: Render,
    now: datetime,
) -> None:
    if not versions:
        return
    lessons = _publish_lessons(session, versions, render=render, now=now)
    rows = [_course_row(file, id_, number, now) for file, id_, number in versions]
    inserted = session.execute(
        sa.insert(CourseVersion).returning(CourseVersion.course_id, CourseVersion.id), rows
    )
    version_ids = {row.course_id: row.id for row in inserted}
    session.execute(
        sa.insert(Part),
        [
            {
                "course_version_id": version_ids[id_],
                "position": position,
                "lesson_version_id": lessons[id_, lesson.key],
                "module_key": lesson.module.key,
                "module_title": lesson.module.title,
                "module_title_en": lesson.module.title_en,
            }
            for file, id_, _number in versions
            for position, lesson in enumerate(file.lessons, start=1)
        ],
    )
    for file, _id, number in versions:
        audit.record(
            session,
            verb="courses.course_published",
            subject=f"course:{file.key}",
            actor_id=None,
            now=now,
            number=number,
            digest=file.digest,
        )


def _publish_lessons(
    session: Session,
    versions: Sequence[tuple[CourseFile, int, int]],
    *,
    render: Render,
    now: datetime,
) -> dict[Place, int]:
    """Publish the lessons that changed, and return the version of every lesson."""
    known: dict[Place, _KnownLesson] = {
        (row.course_id, row.key): _KnownLesson(*row[2:]) for row in session.execute(_KNOWN_LESSONS)
    }
    files = {(id_, lesson.key): lesson for file, id_, _n in versions for lesson in file.lessons}
    changed = {
        place: lesson
        for place, lesson in files.items()
        if place not in known or known[place].digest != lesson.digest
    }
    ids = _add_lessons(session, [place for place in changed if place not in known])
    ids |= {place: known[place].id for place in changed if place in known}
    numbers = {place: known[place].number + 1 if place in known else 1 for place in changed}
    current = {place: known[place].version_id for place in files if place not in changed}
    if changed:
        rows = [
            _lesson_row(lesson, ids[place], numbers[place], render, now)
            for place, lesson in changed.items()
        ]
        inserted = session.execute(
            sa.insert(LessonVersion).returning(LessonVersion.lesson_id, LessonVersion.id), rows
        )
        by_lesson = {row.lesson_id: row.id for row in inserted}
        current |= {place: by_lesson[ids[place]] for place in changed}
    _note_lessons(session, versions, changed, numbers, now=now)
    return current


def _add_lessons(session: Session, places: Sequence[Place]) -> dict[Place, int]:
    if not places:
        return {}
    inserted = session.execute(
        sa.insert(Lesson).returning(Lesson.course_id, Lesson.key, Lesson.id),
        [{"course_id": course_id, "key": key} for course_id, key in places],
    )
    return {(row.course_id, row.key): row.id for row in inserted}


def _note_lessons(
    session: Session,
    versions: Sequence[tuple[CourseFile, int, int]],
    changed: Mapping[Place, LessonFile],
    numbers: Mapping[Place, int],
    *,
    now: datetime,
) -> None:
    keys = {id_: file.key for file, id_, _number in versions}
    for place, lesson in changed.items():
        audit.record(
            session,
            verb="courses.lesson_published",
            subject=f"lesson:{keys[place[0]]}/{lesson.key}",
            actor_id=None,
            now=now,
            number=numbers[place],
            digest=lesson.digest,
        )


def _course_row(file: CourseFile, id_: int, number: int, now: datetime) -> dict[str, Any]:
    return {
        "course_id": id_,
        "number": number,
        "digest": file.digest,
        "title": file.title,
        "title_en": file.title_en,
        "summary": file.summary,
        "summary_en": file.summary_en,
        "audience": list(file.audience),
        "credit_hours": file.credit_hours,
        "category": file.category,
        "valid_on": file.valid_on,
        "sources": list(file.sources),
        "published_at": now,
    }


def _lesson_row(
    lesson: LessonFile, id_: int, number: int, render: Render, now: datetime
) -> dict[str, Any]:
    return {
        "lesson_id": id_,
        "number": number,
        "digest": lesson.digest,
        "title": lesson.title,
        "title_en": lesson.title_en,
        "minutes": lesson.minutes,
        "source": lesson.source,
        "html": str(render(lesson.source)),
        "checks": [check.stored() for check in lesson.checks],
        "points": list(lesson.points),
        "published_at": now,
    }


def _set_state(
    session: Session,
    known: Mapping[str, _Known],
    keys: Sequence[str],
    old: str,
    new: str,
    *,
    now: datetime,
) -> None:
    if keys:
        session.execute(sa.update(Course), [{"id": known[key].id, "state": new} for key in keys])
    verb = "courses.course_retired" if new == RETIRED else "courses.course_restored"
    for key in keys:
        audit.record(
            session,
            verb=verb,
            subject=f"course:{key}",
            actor_id=None,
            now=now,
            before=old,
            after=new,
        )
