"""Reads across features. Every report counts only what it shows, in one statement."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Entry
from lms.courses.models import Course, CourseVersion, Lesson, LessonVersion, Part
from lms.exams.models import Attempt, Paper, PaperVersion, Response
from lms.exams.types import State as AttemptState
from lms.kernel.errors import N_, NotFound
from lms.organizations.models import Closure, Organization
from lms.people.models import Person, Post
from lms.practice.models import DrillAnswer
from lms.question_bank.models import QuestionVersion
from lms.question_bank.rules import Answered
from lms.reports.rules import is_about
from lms.reports.types import AnswerCount, LessonUse, PaperSat, PersonRow, TrailRow, UnitRow
from lms.requirements.models import Goal, Progress
from lms.requirements.types import State

PAGE = 50
"""Rows of people or of the trail on one page."""

MOST_SITTINGS = 1000
"""Papers that an item analysis looks at, the newest ones."""

_DONE = (State.MET, State.EXEMPT)


def _current_post(on: date) -> sa.ColumnElement[bool]:
    return sa.and_(Post.started_on <= on, sa.or_(Post.ended_on.is_(None), Post.ended_on >= on))


def _overdue(on: date) -> sa.ColumnElement[bool]:
    return sa.and_(Progress.next_due_on < on, Progress.state.not_in(_DONE))


def units(session: Session, parent_id: int, *, on: date) -> list[UnitRow]:
    """Return how each unit directly below ``parent_id`` stands, its whole subtree counted.

    Two statements: every organization of the subtree for itself, then who lies below which
    child. Summed here: the database would sort 70,000 rows to do it.
    """
    own = {row[0]: row[1:] for row in session.execute(_own_figures(parent_id, on))}
    children: dict[tuple[int, str, str], list[int]] = {}
    for child_id, name, kind, below_id in session.execute(
        sa.select(Organization.id, Organization.name, Organization.kind, Closure.descendant_id)
        .join(Closure, Closure.ancestor_id == Organization.id)
        .where(Organization.parent_id == parent_id)
        .order_by(Organization.code)
    ):
        sums = children.setdefault((child_id, name, kind), [0, 0, 0])
        for index, figure in enumerate(own.get(below_id, ())):
            sums[index] += figure
    return [UnitRow(*child, *sums) for child, sums in children.items()]


def _own_figures(parent_id: int, on: date) -> sa.Select[int, int, int, int]:
    return (
        sa.select(
            Closure.descendant_id,
            sa.func.count(sa.case((Progress.state.in_(_DONE), 1))),
            sa.func.count(sa.case((_overdue(on), 1))),
            sa.func.count(),
        )
        .join(Post, sa.and_(Post.organization_id == Closure.descendant_id, _current_post(on)))
        .join(Progress, Progress.learner_id == Post.person_id)
        .where(
            Closure.ancestor_id == parent_id,
            Progress.goal_id.in_(sa.select(Goal.id).where(Goal.kind == "required_list")),
        )
        .group_by(Closure.descendant_id)  # in the order of the closure's key: no sorting
    )


def people(
    session: Session,
    unit_id: int,
    *,
    on: date,
    only_overdue: bool = False,
    after: tuple[int, int] | None = None,
) -> list[PersonRow]:
    """Return a page of people and lists in a unit's subtree, by person.

    :param after: learner id and goal id of the last row of the page before (keyset paging).
    :return: ``PAGE`` rows and one more if there is a next page.
    """
    statement = (
        sa.select(
            Person.id,
            Person.name,
            Organization.name,
            Goal.title,
            Goal.title_en,
            Progress.state,
            Progress.percent,
            Progress.next_due_on,
            Progress.goal_id,
        )
        .select_from(Closure)
        .join(Post, sa.and_(Post.organization_id == Closure.descendant_id, _current_post(on)))
        .join(Organization, Organization.id == Post.organization_id)
        .join(Person, Person.id == Post.person_id)
        .join(Progress, Progress.learner_id == Person.id)
        .join(Goal, sa.and_(Goal.id == Progress.goal_id, Goal.kind == "required_list"))
        .where(Closure.ancestor_id == unit_id)
        .order_by(Person.id, Progress.goal_id)
        .limit(PAGE + 1)
    )
    if only_overdue:
        statement = statement.where(_overdue(on))
    if after is not None:
        learner_id, goal_id = after
        statement = statement.where(
            Person.id >= learner_id,
            sa.or_(Person.id > learner_id, Progress.goal_id > goal_id),
        )
    return [PersonRow(*row) for row in session.execute(statement)]


def is_in_scope(session: Session, learner_id: int, *, scope: Collection[int], on: date) -> bool:
    """Say whether somebody works today in a subtree of ``scope``."""
    found = session.scalar(
        sa.select(Post.id)
        .join(Closure, Closure.descendant_id == Post.organization_id)
        .where(Post.person_id == learner_id, _current_post(on), Closure.ancestor_id.in_(scope))
        .limit(1)
    )
    return found is not None


def trail(
    session: Session, *, verb: str = "", subject: str = "", before: int | None = None
) -> list[TrailRow]:
    """Return a page of the audit trail, newest first: ``PAGE`` rows and one more if there is one.

    :param verb: the beginning of a verb, for example ``people.``.
    :param before: the id of the last row of the page before.
    """
    statement = (
        sa.select(Entry.id, Entry.at, Person.name, Entry.verb, Entry.subject, Entry.facts)
        .outerjoin(Person, Person.id == Entry.actor_id)
        .order_by(Entry.id.desc())
        .limit(PAGE + 1)
    )
    if verb:
        statement = statement.where(Entry.verb.startswith(verb, autoescape=True))
    if subject:
        statement = statement.where(Entry.subject == subject)
    if before is not None:
        statement = statement.where(Entry.id < before)
    return [TrailRow(*row) for row in session.execute(statement)]


def papers_sat(session: Session, key: str | None = None) -> list[PaperSat]:
    """Return the versions of papers that learners have handed in, newest first by paper.

    One statement.

    :param key: only of this paper.
    """
    statement = (
        sa.select(
            PaperVersion.id,
            Paper.key,
            PaperVersion.number,
            PaperVersion.title,
            PaperVersion.title_en,
            PaperVersion.subject,
            sa.func.count(),
            sa.func.max(Attempt.marking_rule_id),
            sa.func.coalesce(sa.func.max(Attempt.out_of), 0),
            sa.func.max(Attempt.submitted_at, type_=Attempt.submitted_at.type),
        )
        .join(PaperVersion, PaperVersion.id == Attempt.paper_version_id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .where(Attempt.state != AttemptState.OPEN)
        .group_by(PaperVersion.id, Paper.key)
        .order_by(Paper.key, PaperVersion.number.desc())
    )
    if key is not None:
        statement = statement.where(Paper.key == key)
    rows: Sequence[Any] = session.execute(statement).all()
    return [PaperSat(*row) for row in rows]


def paper_sat(session: Session, key: str, number: int | None = None) -> PaperSat:
    """Return one version of a paper that was handed in: a number, or the newest. One statement.

    :raises NotFound: ``no_paper_sat``.
    """
    for row in papers_sat(session, key):
        if number is None or row.number == number:
            return row
    raise NotFound("no_paper_sat", N_("这份试卷还没有人交过卷"))


def sittings(
    session: Session, paper_version_id: int, *, at_most: int = MOST_SITTINGS
) -> list[list[Answered]]:
    """Return the marked answers of the papers that were handed in last, place by place.

    One statement; a paper without its answers is left out.
    """
    newest = (
        sa.select(Attempt.learner_id, Attempt.number)
        .where(Attempt.paper_version_id == paper_version_id, Attempt.state != AttemptState.OPEN)
        .order_by(Attempt.submitted_at.desc(), Attempt.learner_id, Attempt.number)
        .limit(at_most)
        .subquery()
    )
    papers: dict[tuple[int, int], list[Answered]] = {}
    rows = session.execute(
        sa.select(
            Response.learner_id,
            Response.attempt_number,
            Response.question_version_id,
            Response.chosen,
            Response.earned,
            Response.out_of,
        )
        .join(
            newest,
            sa.and_(
                newest.c.learner_id == Response.learner_id,
                newest.c.number == Response.attempt_number,
            ),
        )
        .order_by(Response.learner_id, Response.attempt_number, Response.slot)
    )
    for learner_id, number, version_id, chosen, earned, out_of in rows:
        answer = Answered(version_id, chosen, earned, out_of)
        papers.setdefault((learner_id, number), []).append(answer)
    return list(papers.values())


def answers_on_paper(
    session: Session,
    *,
    version_ids: Collection[int],
    paper_key: str,
    at_most: int = MOST_SITTINGS,
) -> list[tuple[Answered, int]]:
    """Return the newest answers to versions of a question on a paper, each with its paper's total.

    One statement.
    """
    rows = session.execute(
        sa.select(
            Response.question_version_id,
            Response.chosen,
            Response.earned,
            Response.out_of,
            Attempt.earned.label("total"),
        )
        .join(
            Attempt,
            sa.and_(
                Attempt.learner_id == Response.learner_id,
                Attempt.number == Response.attempt_number,
            ),
        )
        .join(PaperVersion, PaperVersion.id == Attempt.paper_version_id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .where(Response.question_version_id.in_(version_ids), Paper.key == paper_key)
        .order_by(Attempt.submitted_at.desc(), Attempt.learner_id, Attempt.number)
        .limit(at_most)
    )
    return [(Answered(*row[:4]), row.total or 0) for row in rows]


def answer_counts(session: Session, question_id: int) -> list[AnswerCount]:
    """Return how often each version of a question was answered, on papers and in drills.

    Two statements, whatever the number of answers.
    """
    number = QuestionVersion.number
    sums = (sa.func.count(), sa.func.sum(Response.earned), sa.func.sum(Response.out_of))
    on_papers = session.execute(
        sa.select(number, Paper.key, PaperVersion.title, PaperVersion.title_en, *sums)
        .select_from(QuestionVersion)
        .join(Response, Response.question_version_id == QuestionVersion.id)
        .join(
            Attempt,
            sa.and_(
                Attempt.learner_id == Response.learner_id,
                Attempt.number == Response.attempt_number,
            ),
        )
        .join(PaperVersion, PaperVersion.id == Attempt.paper_version_id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .where(QuestionVersion.question_id == question_id)
        .group_by(number, Paper.key, PaperVersion.id, PaperVersion.title, PaperVersion.title_en)
        .order_by(number.desc(), Paper.key, PaperVersion.id.desc())
    )
    in_drills = session.execute(
        sa.select(
            number,
            sa.func.count(),
            sa.func.sum(DrillAnswer.earned),
            sa.func.sum(DrillAnswer.out_of),
        )
        .join(DrillAnswer, DrillAnswer.question_version_id == QuestionVersion.id)
        .where(QuestionVersion.question_id == question_id)
        .group_by(number)
        .order_by(number.desc())
    )
    found = [AnswerCount(*row) for row in on_papers]
    return found + [AnswerCount(row[0], "", "", "", *row[1:]) for row in in_drills]


def lessons_about(session: Session, point_key: str) -> list[LessonUse]:
    """Return the lessons of today's courses about a place of the outline. One statement."""
    rows = session.execute(
        sa.select(
            LessonVersion.points,
            Course.key,
            Lesson.key,
            LessonVersion.title,
            LessonVersion.title_en,
            CourseVersion.title,
            CourseVersion.title_en,
        )
        .select_from(Course)
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
        .where(Course.state == "ready")
        .order_by(Course.key, Part.position)
    )
    return [LessonUse(*row[1:]) for row in rows if any(is_about(p, point_key) for p in row.points)]
