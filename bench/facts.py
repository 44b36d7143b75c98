"""Questions to the demonstration's database: what there is to ask for."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from bench.world import World
from lms.courses.models import Course, CourseVersion, Enrollment, Lesson, LessonVersion, Part
from lms.credentials.models import Credential
from lms.exams.models import Attempt, Paper, PaperVersion
from lms.organizations.models import Closure
from lms.people.models import Post, RoleGrant
from lms.people.rules import MANAGERS
from lms.people.types import Role
from lms.programs.models import Program, ProgramMember
from lms.question_bank.models import Question, QuestionVersion
from lms.required_lists.models import Assignment, RequiredList

Item = TypeVar("Item")

SAMPLE = 48
"""How many learners take part in a page that can be asked for again and again."""


def spread(values: Sequence[Item], count: int = SAMPLE) -> list[Item]:
    """Return at most ``count`` of the values, evenly from first to last."""
    step = max(len(values) / count, 1)
    return [values[int(number * step)] for number in range(min(len(values), count))]


def learners(world: World) -> list[int]:
    """Return who learns."""
    found = sa.select(RoleGrant.person_id).where(RoleGrant.role == Role.LEARNER)
    return [row[0] for row in world.rows(found.distinct().order_by(RoleGrant.person_id))]


def assigned(world: World) -> list[tuple[int, str]]:
    """Return learners with the key of a list they must do."""
    return world.rows(
        sa.select(Assignment.learner_id, RequiredList.key)
        .join(RequiredList, RequiredList.id == Assignment.list_id)
        .where(Assignment.withdrawn_at.is_(None), RequiredList.state == "ready")
        .order_by(Assignment.learner_id, RequiredList.id)
    )


def members(world: World) -> list[tuple[int, str]]:
    """Return learners with the key of a program they take part in."""
    return world.rows(
        sa.select(ProgramMember.learner_id, Program.key)
        .join(Program, Program.id == ProgramMember.program_id)
        .where(ProgramMember.left_on.is_(None), Program.state == "ready")
        .order_by(ProgramMember.learner_id, Program.id)
    )


def reading_lessons(world: World) -> list[tuple[int, str, str]]:
    """Return learners with a course they began and one of its lessons, lessons in turn."""
    lessons: dict[str, list[str]] = {}
    for course_key, lesson_key in world.rows(
        sa.select(Course.key, Lesson.key)
        .join(
            CourseVersion,
            sa.and_(
                CourseVersion.course_id == Course.id,
                CourseVersion.number == Course.current_number,
            ),
        )
        .join(Part, Part.course_version_id == CourseVersion.id)
        .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
        .join(Lesson, Lesson.id == LessonVersion.lesson_id)
        .order_by(Course.key, Part.position)
    ):
        lessons.setdefault(course_key, []).append(lesson_key)
    enrolled = world.rows(
        sa.select(Enrollment.learner_id, Course.key)
        .join(Course, Course.id == Enrollment.course_id)
        .where(Course.state == "ready")
        .order_by(Enrollment.learner_id, Course.id)
    )
    return [
        (learner_id, key, lessons[key][number % len(lessons[key])])
        for number, (learner_id, key) in enumerate(enrolled)
    ]


def questions(world: World) -> list[tuple[int, str]]:
    """Return current single-choice questions as version and chapter, the largest subject's."""
    found = world.rows(
        sa.select(QuestionVersion.id, QuestionVersion.chapter_key)
        .join(
            Question,
            sa.and_(
                Question.id == QuestionVersion.question_id,
                Question.current_number == QuestionVersion.number,
            ),
        )
        .where(Question.state == "ready", Question.kind == "single_choice")
        .order_by(QuestionVersion.chapter_key, QuestionVersion.id)
    )
    return [(row[0], row[1]) for row in found]


def paper_key(world: World) -> str | None:
    """Return the key of the first paper that can be sat."""
    found = world.rows(
        sa.select(Paper.key)
        .join(
            PaperVersion,
            sa.and_(PaperVersion.paper_id == Paper.id, PaperVersion.number == Paper.current_number),
        )
        .where(Paper.state == "ready", PaperVersion.sittable)
        .order_by(Paper.key)
        .limit(1)
    )
    return found[0][0] if found else None


def attempts(world: World, *, is_open: bool, now: datetime) -> list[tuple[int, int]]:
    """Return attempts as learner and number: those that run, or those that are over."""
    running = sa.and_(Attempt.state == "open", Attempt.deadline_at > now)
    return world.rows(
        sa.select(Attempt.learner_id, Attempt.number)
        .where(running if is_open else Attempt.state != "open")
        .order_by(Attempt.learner_id, Attempt.number)
    )


def codes(world: World) -> list[str]:
    """Return the codes of issued credentials."""
    return [row[0] for row in world.rows(sa.select(Credential.code).order_by(Credential.id))]


def managers(world: World) -> list[tuple[int, int]]:
    """Return managers with the number of posts in their scope, the widest scope first."""
    posts = sa.func.count(Post.id)
    return world.rows(
        sa.select(RoleGrant.person_id, posts)
        .join(Closure, Closure.ancestor_id == RoleGrant.organization_id)
        .join(Post, Post.organization_id == Closure.descendant_id)
        .where(RoleGrant.role.in_(MANAGERS))
        .group_by(RoleGrant.person_id)
        .order_by(posts.desc(), RoleGrant.person_id)
    )
