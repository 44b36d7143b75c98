"""What learners say is wrong with questions: their own list, and the instructors' queue."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.selecting import fetch
from lms.question_bank.models import MistakeReport, Question, QuestionVersion
from lms.question_bank.queries.published import IS_CURRENT
from lms.question_bank.types import OwnReport, QueuedReport, Reported

PAGE = 100
"""Rows on one page."""

_OWN = (
    sa.select(
        MistakeReport.number,
        QuestionVersion.stem,
        MistakeReport.kind,
        MistakeReport.words,
        MistakeReport.reported_at,
        MistakeReport.outcome,
        MistakeReport.answer,
        MistakeReport.answered_at,
        MistakeReport.seen_at,
    )
    .join(QuestionVersion, QuestionVersion.id == MistakeReport.question_version_id)
    .where(MistakeReport.learner_id == sa.bindparam("learner_id"))
    .order_by(MistakeReport.number.desc())
    .limit(PAGE)
)
_UNSEEN = (
    sa.select(sa.func.count())
    .select_from(MistakeReport)
    .where(
        MistakeReport.learner_id == sa.bindparam("learner_id"),
        MistakeReport.answered_at.is_not(None),
        MistakeReport.seen_at.is_(None),
    )
)
_REPORTS = sa.func.count().label("reports")
_REPORTED = (
    sa.select(
        Question.id,
        Question.key,
        QuestionVersion.stem,
        _REPORTS,
        sa.func.max(MistakeReport.reported_at),
    )
    .select_from(MistakeReport)
    .join(Question, Question.id == MistakeReport.question_id)
    .join(QuestionVersion, IS_CURRENT)
    .group_by(Question.id, Question.key, QuestionVersion.id, QuestionVersion.stem)
    .order_by(_REPORTS.desc(), Question.id)
    .limit(PAGE)
)
_ON = (
    sa.select(
        MistakeReport.learner_id,
        MistakeReport.number,
        QuestionVersion.number,
        MistakeReport.kind,
        MistakeReport.words,
        MistakeReport.reported_at,
        MistakeReport.outcome,
        MistakeReport.answer,
        MistakeReport.answered_at,
    )
    .join(QuestionVersion, QuestionVersion.id == MistakeReport.question_version_id)
    .join(Question, Question.id == MistakeReport.question_id)
    .where(Question.key == sa.bindparam("key"))
    .order_by(MistakeReport.reported_at.desc())
    .limit(PAGE)
)


def own_reports(session: Session, learner_id: int) -> list[OwnReport]:
    """Return what a learner reported, the newest first. One statement."""
    rows: Any = fetch(session, _OWN, {"learner_id": learner_id})
    return [OwnReport(*row) for row in rows]


def unseen_answers(session: Session, learner_id: int) -> int:
    """Return how many answers a learner has not put away yet. One statement."""
    return int(fetch(session, _UNSEEN, {"learner_id": learner_id}).scalar_one())


def reported(session: Session, *, is_open: bool) -> list[Reported]:
    """Return questions with reports that are open, or answered; most reported first.

    One statement.
    """
    answered = MistakeReport.answered_at
    statement = _REPORTED.where(answered.is_(None) if is_open else answered.is_not(None))
    return [Reported(*row) for row in session.execute(statement)]


def reports_on(session: Session, key: str) -> list[QueuedReport]:
    """Return what learners say of a question, the newest first. One statement."""
    return [QueuedReport(*row) for row in session.execute(_ON, {"key": key})]
