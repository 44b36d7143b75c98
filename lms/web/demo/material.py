"""What invented learners can learn from: the content that is loaded, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.courses.models import Course, CourseVersion, Lesson, LessonVersion, Part
from lms.exams import queries as exams
from lms.kernel.errors import N_, Conflict
from lms.kernel.reading import Raw
from lms.people.types import PostKind
from lms.programs.models import Program, ProgramVersion
from lms.question_bank import queries as bank
from lms.question_bank.rules import key, mark, shown, wrong
from lms.question_bank.types import Marking, QuestionText
from lms.regulations import queries as regulations
from lms.regulations.rules import in_force, pass_line
from lms.required_lists.models import RequiredList, RequiredListVersion
from lms.requirements import queries as requirements
from lms.requirements.types import Requirement

PRACTISED = 60
"""Questions that invented learners practise with."""


class Try(NamedTuple):
    """An answer to a check."""

    stored: str
    parts: Sequence[str]
    """As a page sends it."""


@dataclass(frozen=True, slots=True)
class LessonMatter:
    """A lesson, with the right and a wrong answer to each of its checks."""

    id: int
    key: str
    version_id: int
    checks: Mapping[str, tuple[Try, Try]]


@dataclass(frozen=True, slots=True)
class CourseMatter:
    """A course in its current version."""

    id: int
    key: str
    version_id: int
    number: int
    credit_hours: int
    category: str
    audience: tuple[str, ...]
    lessons: tuple[LessonMatter, ...]


@dataclass(frozen=True, slots=True)
class ListMatter:
    """A required list in its current version."""

    id: int
    key: str
    goal_id: int
    post_kinds: tuple[str, ...]
    effective_from: date
    courses: tuple[str, ...]
    """The keys of the courses it asks for, in order."""


@dataclass(frozen=True, slots=True)
class ProgramMatter:
    """A program in its current version."""

    id: int
    key: str
    version_id: int
    goal_id: int
    starts_on: date
    ends_on: date | None
    grants: bool
    courses: tuple[str, ...]
    asks_for_subjects: bool


@dataclass(frozen=True, slots=True)
class PaperMatter:
    """The paper that is sat, with the line of the day."""

    key: str
    out_of: int
    line: Raw


@dataclass(frozen=True, slots=True)
class QuestionMatter:
    """A question with a right and a wrong answer."""

    id: int
    version_id: int
    chapter_key: str
    right: str
    wrong: str
    out_of: int


@dataclass(frozen=True, slots=True)
class Material:
    """Everything there is."""

    courses: tuple[CourseMatter, ...]
    lists: tuple[ListMatter, ...]
    programs: tuple[ProgramMatter, ...]
    paper: PaperMatter
    questions: tuple[QuestionMatter, ...]
    goals: Mapping[int, Requirement]

    def lists_for(self, post: PostKind, on: date) -> list[ListMatter]:
        """Return the lists that are for a kind of post, those in force on a day."""
        return [one for one in self.lists if post in one.post_kinds and one.effective_from <= on]

    def courses_for(self, post: PostKind) -> list[CourseMatter]:
        """Return the courses somebody takes: what their lists ask for first, in that order.

        Whom no course is written for takes what station workers take.
        """
        audience = post if any(post in one.audience for one in self.courses) else "station_worker"
        wanted = [key for one in self.lists if audience in one.post_kinds for key in one.courses]
        own = [one for one in self.courses if audience in one.audience or one.key in wanted]
        rank = {key: place for place, key in enumerate(wanted)}
        return sorted(own, key=lambda one: (rank.get(one.key, len(rank)), one.key))

    def programs_for(self, post: PostKind, on: date) -> list[ProgramMatter]:
        """Return the programs open on a day that are made of the courses somebody takes."""
        own = {one.key for one in self.courses_for(post)}
        return [
            one
            for one in self.programs
            if one.courses and own.issuperset(one.courses) and is_running(one, on)
        ]

    def exam_programs(self, on: date) -> list[ProgramMatter]:
        """Return the programs open on a day that ask for subjects of the national exam."""
        return [one for one in self.programs if one.asks_for_subjects and is_running(one, on)]


def is_running(program: ProgramMatter, on: date) -> bool:
    """Say whether a program can be joined on a day."""
    return program.starts_on <= on and (program.ends_on is None or on <= program.ends_on)


def read(session: Session, *, today: date) -> Material:
    """Return the content that is loaded.

    :raises Conflict: ``no_content``: there are no courses, lists, questions or papers.
    """
    goals = requirements.requirements(session)
    rules = regulations.rules_of_kind(session, "marking", "pass_line")
    papers = [paper for paper in exams.papers(session) if paper.sittable]
    courses, lists = _courses(session), _lists(session, goals)
    if not (courses and lists and papers):
        raise Conflict("no_content", N_("还没有载入课程、清单和题库，请先运行 lms content load"))
    paper = papers[0]
    line = pass_line(rules, level=paper.blueprint.level, on=today)
    marking = in_force([rule for rule in rules if rule.kind == "marking"], today)
    return Material(
        courses=courses,
        lists=lists,
        programs=_programs(session, goals),
        paper=PaperMatter(paper.key, paper.blueprint.out_of, line.body),
        questions=_questions(session, paper.subject, Marking.read(marking.body)),
        goals=goals,
    )


def _courses(session: Session) -> tuple[CourseMatter, ...]:
    rows = session.execute(
        sa.select(
            Course.id,
            Course.key,
            CourseVersion.id.label("version_id"),
            CourseVersion.number,
            CourseVersion.credit_hours,
            CourseVersion.category,
            CourseVersion.audience,
            Lesson.id.label("lesson_id"),
            Lesson.key.label("lesson_key"),
            LessonVersion.id.label("lesson_version_id"),
            LessonVersion.checks,
        )
        .join(
            CourseVersion,
            sa.and_(
                CourseVersion.course_id == Course.id, CourseVersion.number == Course.current_number
            ),
        )
        .join(Part, Part.course_version_id == CourseVersion.id)
        .join(LessonVersion, LessonVersion.id == Part.lesson_version_id)
        .join(Lesson, Lesson.id == LessonVersion.lesson_id)
        .where(Course.state == "ready")
        .order_by(Course.key, Part.position)
    ).all()
    lessons: dict[int, list[LessonMatter]] = {}
    for row in rows:
        checks = {check["id"]: _tries(check["kind"], check["spec"]) for check in row.checks}
        lesson = LessonMatter(row.lesson_id, row.lesson_key, row.lesson_version_id, checks)
        lessons.setdefault(row.id, []).append(lesson)
    heads = {row.id: row for row in rows}
    return tuple(
        CourseMatter(
            row.id,
            row.key,
            row.version_id,
            row.number,
            row.credit_hours,
            row.category,
            tuple(row.audience),
            tuple(lessons[row.id]),
        )
        for row in heads.values()
    )


def _lists(session: Session, goals: Mapping[int, Requirement]) -> tuple[ListMatter, ...]:
    rows = session.execute(
        sa.select(
            RequiredList.id,
            RequiredList.key,
            RequiredListVersion.goal_id,
            RequiredListVersion.audience,
            RequiredListVersion.effective_from,
        )
        .join(
            RequiredListVersion,
            sa.and_(
                RequiredListVersion.list_id == RequiredList.id,
                RequiredListVersion.number == RequiredList.current_number,
            ),
        )
        .where(RequiredList.state == "ready")
        .order_by(RequiredList.key)
    )
    return tuple(
        ListMatter(
            row.id,
            row.key,
            row.goal_id,
            tuple(row.audience["post_kinds"]),
            row.effective_from,
            _asked(goals[row.goal_id], "course:"),
        )
        for row in rows
    )


def _programs(session: Session, goals: Mapping[int, Requirement]) -> tuple[ProgramMatter, ...]:
    rows = session.execute(
        sa.select(
            Program.id,
            Program.key,
            ProgramVersion.id.label("version_id"),
            ProgramVersion.goal_id,
            ProgramVersion.starts_on,
            ProgramVersion.ends_on,
            ProgramVersion.grants,
        )
        .join(
            ProgramVersion,
            sa.and_(
                ProgramVersion.program_id == Program.id,
                ProgramVersion.number == Program.current_number,
            ),
        )
        .where(Program.state == "ready")
        .order_by(Program.key)
    )
    return tuple(
        ProgramMatter(
            row.id,
            row.key,
            row.version_id,
            row.goal_id,
            row.starts_on,
            row.ends_on,
            row.grants is not None,
            _asked(goals[row.goal_id], "course:"),
            bool(_asked(goals[row.goal_id], "subject:")),
        )
        for row in rows
    )


def _asked(requirement: Requirement, noun: str) -> tuple[str, ...]:
    """Return the keys of what a requirement refers to under a noun, in order."""
    return tuple(
        reference.removeprefix(noun)
        for _place, node in requirement.walk()
        for reference in node.references
        if reference.startswith(noun)
    )


def _questions(session: Session, subject: str, marking: Marking) -> tuple[QuestionMatter, ...]:
    candidates = bank.drawable(session, subject)
    step = max(1, len(candidates) // PRACTISED)
    chosen = [one.version_id for one in candidates[::step][:PRACTISED]]
    texts = bank.versions(session, chosen)
    return tuple(_question(texts[version_id], marking) for version_id in chosen)


def _question(text: QuestionText, marking: Marking) -> QuestionMatter:
    right, off = key(text.kind, text.spec), wrong(text.kind, text.spec)
    full = mark(text.kind, text.spec, right, marking)
    if mark(text.kind, text.spec, off, marking).earned:
        raise ValueError(f"{text.key}: {off} earns something")
    return QuestionMatter(
        text.question_id, text.version_id, text.chapter_key, right, off, full.out_of
    )


def _tries(kind: str, spec: Raw) -> tuple[Try, Try]:
    """Return the right answer to a check and a wrong one."""
    right, off = key(kind, spec), wrong(kind, spec)
    return Try(right, shown(kind, spec, right)), Try(off, shown(kind, spec, off))
