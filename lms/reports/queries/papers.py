"""Papers that were handed in, and what is known of a question beyond the bank."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.courses.models import Course, CourseVersion, Lesson, LessonVersion, Part
from lms.exams.models import Attempt, Paper, PaperVersion, Response
from lms.exams.types import MARKED
from lms.kernel.errors import N_, NotFound
from lms.kernel.points import HALF
from lms.practice.models import DrillAnswer
from lms.question_bank.methods.marks import FINEST
from lms.question_bank.models import QuestionVersion
from lms.question_bank.rules import Answered
from lms.reports.rules import is_about
from lms.reports.types import AnswerCount, LessonUse, PaperSat

MOST_SITTINGS = 1000
"""Papers that an item analysis looks at, the newest ones."""

_COUNTS = (Attempt.state.in_(MARKED), Attempt.earned.is_not(None))
"""Handed in, and marked: neither given up nor waiting for people who mark it."""
_FINER = sa.literal(FINEST, sa.BigInteger()) // Attempt.unit
"""What makes marks of an attempt 5040ths of a point; a whole number."""


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
            sa.func.count().label("sat"),
            sa.func.max(Attempt.marking_rule_id).label("marking_rule_id"),
            sa.func.coalesce(sa.func.max(Attempt.out_of * _FINER), 0).label("full"),
            sa.func.min(Attempt.unit).label("coarsest"),
            sa.func.max(Attempt.unit).label("finest"),
            sa.func.max(Attempt.submitted_at, type_=Attempt.submitted_at.type).label("last_at"),
        )
        .join(PaperVersion, PaperVersion.id == Attempt.paper_version_id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .where(*_COUNTS)
        .group_by(PaperVersion.id, Paper.key)
        .order_by(Paper.key, PaperVersion.number.desc())
    )
    if key is not None:
        statement = statement.where(Paper.key == key)
    rows: Sequence[Any] = session.execute(statement).all()
    return [_paper_sat(row) for row in rows]


def _paper_sat(row: Any) -> PaperSat:
    # every unit goes into the finest there is
    unit = row.finest if row.coarsest == row.finest else FINEST
    return PaperSat(
        version_id=row.id,
        key=row.key,
        number=row.number,
        title=row.title,
        title_en=row.title_en,
        subject=row.subject,
        sat=row.sat,
        marking_rule_id=row.marking_rule_id,
        out_of=int(row.full) * unit // FINEST,
        unit=unit,
        last_at=row.last_at,
    )


def paper_sat(session: Session, key: str, number: int | None = None) -> PaperSat:
    """Return one version of a paper that was handed in: a number, or the newest. One statement.

    :raises NotFound: ``no_paper_sat``.
    """
    for row in papers_sat(session, key):
        if number is None or row.number == number:
            return row
    raise NotFound("no_paper_sat", N_("这份试卷还没有人交过卷"))


def sittings(
    session: Session, paper_version_id: int, *, at_most: int = MOST_SITTINGS, unit: int = HALF
) -> list[list[Answered]]:
    """Return the marked answers of the papers that were handed in last, place by place.

    One statement; a paper without its answers is left out.

    :param unit: the unit of the marks that are returned; ``PaperSat.unit``.
    :raises ValueError: marks are counted in a unit that does not go into it.
    """
    newest = (
        sa.select(Attempt.learner_id, Attempt.number, Attempt.unit)
        .where(Attempt.paper_version_id == paper_version_id, *_COUNTS)
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
            newest.c.unit,
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
    for learner_id, number, version_id, chosen, earned, out_of, counted_in in rows:
        times = _times(unit, counted_in)
        answer = Answered(version_id, chosen, earned * times, out_of * times)
        papers.setdefault((learner_id, number), []).append(answer)
    return list(papers.values())


def _times(unit: int, counted_in: int) -> int:
    times, over = divmod(unit, counted_in)
    if over:
        raise ValueError(f"marks in parts of 1/{counted_in} are no whole parts of 1/{unit}")
    return times


def answers_on_paper(
    session: Session,
    *,
    version_ids: Collection[int],
    paper_key: str,
    at_most: int = MOST_SITTINGS,
    unit: int = HALF,
) -> list[tuple[Answered, int]]:
    """Return the newest answers to versions of a question on a paper, each with its paper's total.

    One statement.

    :param unit: the unit of the marks that are returned; ``PaperSat.unit``.
    :raises ValueError: marks are counted in a unit that does not go into it.
    """
    rows = session.execute(
        sa.select(
            Response.question_version_id,
            Response.chosen,
            Response.earned,
            Response.out_of,
            Attempt.earned,
            Attempt.unit,
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
    found = []
    for version_id, chosen, earned, out_of, total, counted_in in rows:
        times = _times(unit, counted_in)
        answer = Answered(version_id, chosen, earned * times, out_of * times)
        found.append((answer, (total or 0) * times))
    return found


def answer_counts(session: Session, question_id: int) -> list[AnswerCount]:
    """Return how often each version of a question was answered, on papers and in drills.

    Two statements, whatever the number of answers.
    """
    number = QuestionVersion.number
    sums = (
        sa.func.count(),
        sa.func.sum(Response.earned * _FINER),
        sa.func.sum(Response.out_of * _FINER),
    )
    finer = sa.literal(FINEST, sa.BigInteger()) // DrillAnswer.unit
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
            sa.func.sum(DrillAnswer.earned * finer),
            sa.func.sum(DrillAnswer.out_of * finer),
        )
        .join(DrillAnswer, DrillAnswer.question_version_id == QuestionVersion.id)
        .where(QuestionVersion.question_id == question_id)
        .group_by(number)
        .order_by(number.desc())
    )
    found = [AnswerCount(*row[:-2], int(row[-2]), int(row[-1])) for row in on_papers]
    return found + [
        AnswerCount(number, "", "", "", n, int(earned), int(out_of))
        for number, n, earned, out_of in in_drills
    ]


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
