"""Learners say what is wrong with a question (纠错), instructors answer."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.question_bank.models import MistakeReport, Question, QuestionVersion
from lms.question_bank.types import MistakeKind, MistakeOutcome

WORDS_AT_MOST = 500
"""Characters of a report and of its answer."""


def report_mistake(
    session: Session,
    *,
    learner_id: int,
    version_id: int,
    kind: MistakeKind,
    words: str,
    now: datetime,
) -> int:
    """Keep what a learner says is wrong with a version, and return the number of the report.

    Said twice while the first is open, it is one report. That the learner has met the version is
    the caller's business.

    :raises Invalid: ``no_words``.
    :raises NotFound: ``no_question``.
    """
    words = checked_words(words)
    question = session.execute(
        sa.select(Question.id, Question.key, QuestionVersion.number)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .where(QuestionVersion.id == version_id)
        .with_for_update(of=Question)  # of two that are sent at once, the second finds the first
    ).one_or_none()
    if question is None:
        raise NotFound("no_question", N_("没有这道试题"))
    open_number, number = _numbers(session, learner_id, version_id)
    if open_number is not None:
        return open_number
    values = {
        "learner_id": learner_id,
        "number": number,
        "question_id": question.id,
        "question_version_id": version_id,
        "reported_at": now,
    }
    report = MistakeReport(**values, kind=kind, words=words, outcome="", answer="")
    session.add(report)
    session.flush()
    audit.record(
        session,
        verb="question_bank.mistake_reported",
        subject=f"question:{question.key}",
        actor_id=learner_id,
        now=now,
        version=question.number,
        kind=str(kind),
        report=report.number,
    )
    return report.number


def _numbers(session: Session, learner_id: int, version_id: int) -> tuple[int | None, int]:
    """Return the number of the learner's open report of a version, if any, and the next free one.

    One statement.
    """
    number = MistakeReport.number
    is_same = sa.and_(
        MistakeReport.question_version_id == version_id, MistakeReport.answered_at.is_(None)
    )
    row = session.execute(
        sa.select(
            sa.func.max(sa.case((is_same, number))), sa.func.coalesce(sa.func.max(number), 0) + 1
        ).where(MistakeReport.learner_id == learner_id)
    ).one()
    return row[0], row[1]


def answer_mistake(
    session: Session,
    *,
    learner_id: int,
    number: int,
    outcome: MistakeOutcome,
    words: str,
    actor_id: int,
    now: datetime,
) -> None:
    """Answer a report. The same answer given twice is one answer.

    :raises Invalid: ``no_words``.
    :raises NotFound: ``no_report``.
    :raises Conflict: ``answered``: somebody has answered it otherwise.
    """
    words = checked_words(words)
    report = session.scalars(
        sa.select(MistakeReport)
        .where(MistakeReport.learner_id == learner_id, MistakeReport.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if report is None:
        raise NotFound("no_report", N_("没有这条纠错"))
    if report.answered_at is not None:
        if (report.outcome, report.answer, report.answered_by) == (outcome, words, actor_id):
            return
        raise Conflict("answered", N_("这条纠错刚才已经有人答复了"))
    report.outcome, report.answer = outcome, words
    report.answered_by, report.answered_at = actor_id, now
    key = session.scalar(sa.select(Question.key).where(Question.id == report.question_id))
    session.flush()
    audit.record(
        session,
        verb="question_bank.mistake_answered",
        subject=f"question:{key}",
        actor_id=actor_id,
        now=now,
        learner_id=learner_id,
        report=number,
        outcome=str(outcome),
        answer=words,
    )


def put_away(session: Session, *, learner_id: int, now: datetime) -> None:
    """Let the answers that a learner has read be no news any more. One statement."""
    session.execute(
        sa.update(MistakeReport)
        .where(
            MistakeReport.learner_id == learner_id,
            MistakeReport.answered_at.is_not(None),
            MistakeReport.seen_at.is_(None),
        )
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def checked_words(words: str) -> str:
    """Return words that say something.

    :raises Invalid: ``no_words``.
    """
    words = words.strip()
    if not words or len(words) > WORDS_AT_MOST:
        raise Invalid("no_words", N_("请写几句话，最多 %(n)s 个字"), n=WORDS_AT_MOST)
    return words
