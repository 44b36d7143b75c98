from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.selecting import fetch
from lms.question_bank.models import Question, QuestionVersion
from lms.question_bank.types import Candidate, QuestionText

IS_CURRENT = sa.and_(
    QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.current_number
)
"""Joins a question to the version that new papers and drills show."""

_DRAWABLE = (
    sa.select(
        QuestionVersion.id,
        Question.id,
        Question.kind,
        QuestionVersion.chapter_key,
        QuestionVersion.difficulty,
        Question.key,
    )
    .join(QuestionVersion, IS_CURRENT)
    .where(Question.subject == sa.bindparam("subject"), Question.state == "ready")
)
_VERSIONS = (
    sa.select(
        QuestionVersion.id,
        Question.id,
        Question.key,
        QuestionVersion.kind,
        QuestionVersion.stem,
        QuestionVersion.spec,
        QuestionVersion.explanation,
        QuestionVersion.chapter_key,
        QuestionVersion.point_key,
        QuestionVersion.difficulty,
        QuestionVersion.source,
        QuestionVersion.valid_on,
    )
    .join(Question, Question.id == QuestionVersion.question_id)
    .where(QuestionVersion.id.in_(sa.bindparam("ids", expanding=True)))
)
_CHAPTER_COUNTS = (
    sa.select(QuestionVersion.chapter_key, sa.func.count().label("questions"))
    .join(Question, IS_CURRENT)
    .where(Question.subject == sa.bindparam("subject"), Question.state == "ready")
    .group_by(QuestionVersion.chapter_key)
    .order_by(QuestionVersion.chapter_key)
)


def drawable(session: Session, subject: str) -> list[Candidate]:
    """Return the questions of a subject that may be drawn, by the author's id. One statement.

    They are put in order here and not by the database, whose order of texts depends on its
    locale: a seed must draw the same paper everywhere.
    """
    rows = sorted(fetch(session, _DRAWABLE, {"subject": subject}), key=lambda row: row.key)
    return [Candidate(*row[:-1]) for row in rows]


def versions(session: Session, ids: Collection[int]) -> dict[int, QuestionText]:
    """Return question versions by id; ids that nobody has are left out. One statement."""
    rows = fetch(session, _VERSIONS, {"ids": list(ids)})
    return {row[0]: QuestionText(*row) for row in rows}


def chapter_counts(session: Session, subject: str) -> dict[str, int]:
    """Return how many questions may be drawn from each chapter of a subject. One statement."""
    rows = fetch(session, _CHAPTER_COUNTS, {"subject": subject})
    return {row.chapter_key: row.questions for row in rows}
