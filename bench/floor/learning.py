"""Likes of the learner's pages: home, a required list, a program, a lesson."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from bench.floor.requests import reader, someone
from bench.floor.tables import (
    assignment,
    attempt,
    course,
    course_version,
    credential,
    drill_answer,
    enrollment,
    goal,
    lesson,
    lesson_progress,
    lesson_version,
    list_version,
    member,
    part,
    program,
    program_version,
    progress,
    question,
    record,
    required_list,
    review_card,
    rule,
    rule_version,
)
from lms.kernel.clock import day_of, utc_now

bp = Blueprint("learning", __name__)

_ME = sa.bindparam("me")
_OWN_LESSON = sa.and_(
    lesson_progress.c.learner_id == _ME,
    lesson_progress.c.lesson_id == lesson_version.c.lesson_id,
)

GOALS = (
    sa.select(
        goal.c.kind,
        goal.c.key,
        goal.c.title,
        progress.c.state,
        progress.c.percent,
        progress.c.next_due_on,
        program_version.c.grants,
        credential.c.code,
    )
    .join(goal, goal.c.id == progress.c.goal_id)
    .outerjoin(program_version, program_version.c.goal_id == goal.c.id)
    .outerjoin(
        credential,
        sa.and_(credential.c.learner_id == _ME, credential.c.goal_id == goal.c.id),
    )
    .where(progress.c.learner_id == _ME)
    .order_by(progress.c.next_due_on)
)
BEGUN = (
    sa.select(
        course.c.key,
        course_version.c.title,
        lesson.c.key,
        lesson_version.c.title,
        lesson_progress.c.started_at,
        enrollment.c.enrolled_at,
    )
    .select_from(enrollment)
    .join(course, course.c.id == enrollment.c.course_id)
    .join(course_version, course_version.c.id == enrollment.c.course_version_id)
    .join(part, part.c.course_version_id == course_version.c.id)
    .join(lesson_version, lesson_version.c.id == part.c.lesson_version_id)
    .join(lesson, lesson.c.id == lesson_version.c.lesson_id)
    .outerjoin(lesson_progress, _OWN_LESSON)
    .where(
        enrollment.c.learner_id == _ME,
        enrollment.c.completed_at.is_(None),
        lesson_progress.c.completed_at.is_(None),
    )
    .order_by(enrollment.c.enrolled_at.desc(), part.c.position)
    .limit(1)
)
DRILLS = sa.select(
    sa.select(sa.func.count())
    .select_from(review_card)
    .join(question, question.c.id == review_card.c.question_id)
    .where(
        review_card.c.learner_id == _ME, review_card.c.in_wrong_book, question.c.state == "ready"
    )
    .scalar_subquery(),
    sa.select(sa.func.count())
    .where(drill_answer.c.learner_id == _ME, drill_answer.c.answered_at >= sa.bindparam("since"))
    .scalar_subquery(),
)
ATTEMPTS = (
    sa.select(attempt.c.number, attempt.c.state, attempt.c.earned, attempt.c.out_of)
    .where(attempt.c.learner_id == _ME)
    .order_by(attempt.c.number.desc())
)
CALENDARS = (
    sa.select(rule_version.c.body)
    .join(rule, rule.c.id == rule_version.c.rule_id)
    .where(rule.c.kind == "exam_calendar", rule_version.c.number == rule.c.current_number)
)
LIST = (
    sa.select(
        list_version.c.title,
        list_version.c.issuer,
        list_version.c.source,
        list_version.c.number,
        list_version.c["items"].label("listed"),
        assignment.c.assigned_on,
        progress.c.percent,
        progress.c.parts,
    )
    .select_from(assignment)
    .join(required_list, required_list.c.id == assignment.c.list_id)
    .join(list_version, list_version.c.goal_id == assignment.c.goal_id)
    .join(
        progress,
        sa.and_(
            progress.c.learner_id == assignment.c.learner_id,
            progress.c.goal_id == assignment.c.goal_id,
            progress.c.cycle == assignment.c.cycle,
        ),
    )
    .where(
        assignment.c.learner_id == _ME,
        assignment.c.withdrawn_at.is_(None),
        required_list.c.key == sa.bindparam("key"),
    )
)
PROGRAM = (
    sa.select(
        program_version.c.title,
        program_version.c.summary,
        program_version.c.sponsor,
        program_version.c.source,
        program_version.c.number,
        program_version.c.starts_on,
        program_version.c.grants,
        program_version.c.requirement,
        member.c.joined_on,
        progress.c.percent,
        progress.c.parts,
    )
    .select_from(member)
    .join(program, program.c.id == member.c.program_id)
    .join(program_version, program_version.c.id == member.c.program_version_id)
    .join(
        progress,
        sa.and_(
            progress.c.learner_id == member.c.learner_id, progress.c.goal_id == member.c.goal_id
        ),
    )
    .where(member.c.learner_id == _ME, program.c.key == sa.bindparam("key"))
)
RECORDS = (
    sa.select(
        record.c.number, record.c.kind, record.c.subject, record.c.happened_on, record.c.quantity
    )
    .where(record.c.learner_id == _ME)
    .order_by(record.c.number)
)
COURSE = (
    sa.select(course_version.c.id, course_version.c.title)
    .select_from(enrollment)
    .join(course, course.c.id == enrollment.c.course_id)
    .join(course_version, course_version.c.id == enrollment.c.course_version_id)
    .where(enrollment.c.learner_id == _ME, course.c.key == sa.bindparam("key"))
)
PLACES = (
    sa.select(
        lesson.c.key,
        lesson_version.c.id,
        lesson_version.c.title,
        lesson_version.c.minutes,
        part.c.module_title,
    )
    .select_from(part)
    .join(lesson_version, lesson_version.c.id == part.c.lesson_version_id)
    .join(lesson, lesson.c.id == lesson_version.c.lesson_id)
    .where(part.c.course_version_id == sa.bindparam("version_id"))
    .order_by(part.c.position)
)
LESSON = (
    sa.select(
        lesson_version.c.html,
        lesson_version.c.checks,
        lesson_progress.c.checks.label("answers"),
        lesson_progress.c.completed_at,
    )
    .outerjoin(lesson_progress, _OWN_LESSON)
    .where(lesson_version.c.id == sa.bindparam("lesson_version_id"))
)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Read the person, goals with their certificates, the next lesson, drills, attempts, the exam.

    Six statements: ours asks for certificates to claim in one of its own.
    """
    now = utc_now()
    with reader().connect() as connection:
        me = someone(connection)
        values = {"me": me.id}
        goals = connection.execute(GOALS, values).all()
        following = connection.execute(BEGUN, values).first()
        since = now - timedelta(days=7)
        wrong, answers = connection.execute(DRILLS, {**values, "since": since}).one()
        attempts = connection.execute(ATTEMPTS, values).all()
        calendars = connection.scalars(CALENDARS).all()
    today = day_of(now).isoformat()
    done = [row for row in attempts if row.state != "open"]
    coming = [body for body in calendars if max(body["days"]) >= today]
    return render_template(
        "home.html",
        me=me,
        goals=goals,
        next=following,
        wrong=wrong,
        answers=answers,
        running=next((row for row in attempts if row.state == "open"), None),
        last=done[0] if done else None,
        best=max(done, key=lambda row: row.earned / row.out_of, default=None),
        exam=min(coming, key=lambda body: min(body["days"]), default=None),
    )


@bp.get("/required/<key>")
def show_list(key: str) -> ResponseReturnValue:
    """Read the person, a list with how they stand with its items as stored, and their records.

    Three statements. Below an item stands what it consists of, and whether there is a record of it.
    It judges nothing: ours asks the engine again.
    """
    with reader().connect() as connection:
        me = someone(connection)
        row = connection.execute(LIST, {"me": me.id, "key": key}).one()
        records = connection.execute(RECORDS, {"me": me.id}).all()
    items = [
        (item, part, _leaves(item["requirement"]))
        for item, part in zip(row.listed, row.parts, strict=True)
    ]
    return render_template("list.html", row=row, items=items, done=_done(records))


@bp.get("/programs/<key>")
def show_program(key: str) -> ResponseReturnValue:
    """Read the person, a program with how they stand with its parts as stored, and their records.

    Three statements. Below a part stands what it consists of, and whether there is a record of it.
    It judges nothing: ours asks the engine again.
    """
    with reader().connect() as connection:
        me = someone(connection)
        row = connection.execute(PROGRAM, {"me": me.id, "key": key}).one()
        records = connection.execute(RECORDS, {"me": me.id}).all()
    items = [
        (item, part, _leaves(item))
        for item, part in zip(row.requirement.get("of", ()), row.parts, strict=False)
    ]
    return render_template("program.html", row=row, items=items, done=_done(records))


@bp.get("/courses/<key>/lessons/<lesson_key>")
def show_lesson(key: str, lesson_key: str) -> ResponseReturnValue:
    """Read the person, their version of the course, its outline, the lesson. Four statements."""
    with reader().connect() as connection:
        me = someone(connection)
        found = connection.execute(COURSE, {"me": me.id, "key": key}).one()
        places = connection.execute(PLACES, {"version_id": found.id}).all()
        index = next(n for n, place in enumerate(places) if place.key == lesson_key)
        place = places[index]
        text = connection.execute(LESSON, {"me": me.id, "lesson_version_id": place.id}).one()
    return render_template(
        "lesson.html",
        course=found,
        place=place,
        number=index + 1,
        lessons=len(places),
        text=text,
        answers=text.answers or {},
        before=places[index - 1] if index else None,
        after=places[index + 1] if index + 1 < len(places) else None,
    )


def _leaves(requirement: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a requirement consists of in the end."""
    below = requirement.get("of")
    return [leaf for each in below for leaf in _leaves(each)] if below else [requirement]


def _done(records: Sequence[Any]) -> dict[str, Any]:
    """Return on which day there was a record about something last."""
    return {row.subject.partition(":")[2]: row.happened_on for row in records}
