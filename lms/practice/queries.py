from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.kernel.reading import IDENTIFIER
from lms.kernel.selecting import fetch
from lms.practice.models import DrillAnswer, DrillSelfMark, ReviewCard
from lms.practice.types import ChapterStanding, Drillable, OwnAnswer, Summary, Tried
from lms.question_bank.models import Question, QuestionVersion
from lms.question_bank.queries import IS_CURRENT, IS_DRAWN
from lms.question_bank.types import Marking
from lms.regulations.queries import rules_of_kind
from lms.regulations.rules import in_force

_LEARNER = sa.bindparam("learner_id", type_=sa.BigInteger())
_OWN_CARD = sa.and_(ReviewCard.learner_id == _LEARNER, ReviewCard.question_id == Question.id)

_OVERVIEW = (
    sa.select(
        Question.subject,
        QuestionVersion.chapter_key,
        sa.func.count(),
        sa.func.count(ReviewCard.question_id),
        sa.func.coalesce(sa.func.sum(ReviewCard.tries), 0),
        sa.func.coalesce(sa.func.sum(ReviewCard.wrong), 0),
        sa.func.count(sa.case((ReviewCard.in_wrong_book, 1))),
    )
    .select_from(Question)
    .join(QuestionVersion, IS_CURRENT)
    .outerjoin(ReviewCard, _OWN_CARD)
    .where(IS_DRAWN)
    .group_by(Question.subject, QuestionVersion.chapter_key)
)
_DRILLABLE = (
    sa.select(
        QuestionVersion.id,
        Question.id,
        QuestionVersion.chapter_key,
        sa.func.coalesce(ReviewCard.in_wrong_book, sa.false()),
        ReviewCard.last_at,
    )
    .select_from(Question)
    .join(QuestionVersion, IS_CURRENT)
    .where(IS_DRAWN)
)
_CHAPTER = _DRILLABLE.outerjoin(ReviewCard, _OWN_CARD).where(
    Question.subject == sa.bindparam("subject"),
    QuestionVersion.chapter_key.like(sa.bindparam("ending")),
)
_WRONG_BOOK = _DRILLABLE.join(ReviewCard, _OWN_CARD).where(ReviewCard.in_wrong_book)
_LAST = (
    sa.select(DrillAnswer.number, DrillAnswer.question_id)
    .where(DrillAnswer.learner_id == _LEARNER)
    .order_by(DrillAnswer.number.desc())
    .limit(1)
)
_LAST_NUMBER = (
    sa.select(sa.func.max(DrillAnswer.number))
    .where(DrillAnswer.learner_id == _LEARNER)
    .scalar_subquery()
)
_OF_TOKEN = (
    sa.select(DrillAnswer.number)
    .where(DrillAnswer.learner_id == _LEARNER, DrillAnswer.token == sa.bindparam("token"))
    .scalar_subquery()
)
_NUMBERS = sa.select(_OF_TOKEN, sa.func.coalesce(_LAST_NUMBER, 0) + 1)
_OWN_MARK = sa.and_(
    DrillSelfMark.learner_id == DrillAnswer.learner_id,
    DrillSelfMark.answer_number == DrillAnswer.number,
)
_TRIED = (
    sa.select(
        QuestionVersion.kind,
        sa.func.coalesce(DrillSelfMark.earned, DrillAnswer.earned),
        sa.func.coalesce(DrillSelfMark.out_of, DrillAnswer.out_of),
        DrillAnswer.answered_at,
    )
    .select_from(DrillAnswer)
    .join(QuestionVersion, QuestionVersion.id == DrillAnswer.question_version_id)
    .outerjoin(DrillSelfMark, _OWN_MARK)
    .where(
        DrillAnswer.learner_id == _LEARNER,
        DrillAnswer.question_id == sa.bindparam("question_id", type_=sa.BigInteger()),
    )
    .order_by(DrillAnswer.number)
)
_OWN_ANSWER = (
    sa.select(
        DrillAnswer.number,
        DrillAnswer.question_version_id,
        DrillAnswer.token,
        DrillAnswer.chosen,
        DrillAnswer.unit,
        DrillAnswer.earned,
        DrillAnswer.out_of,
        DrillAnswer.answered_at,
        ReviewCard.right_streak,
        ReviewCard.in_wrong_book,
        DrillSelfMark.ticks,
        DrillSelfMark.earned,
        DrillSelfMark.out_of,
    )
    .join(
        ReviewCard,
        sa.and_(
            ReviewCard.learner_id == DrillAnswer.learner_id,
            ReviewCard.question_id == DrillAnswer.question_id,
        ),
    )
    .outerjoin(DrillSelfMark, _OWN_MARK)
    .where(DrillAnswer.learner_id == _LEARNER, DrillAnswer.number == sa.bindparam("number"))
)
_SUMMARY = sa.select(
    sa.select(sa.func.count())
    .select_from(ReviewCard)
    .join(Question, Question.id == ReviewCard.question_id)
    .where(ReviewCard.learner_id == _LEARNER, ReviewCard.in_wrong_book, IS_DRAWN)
    .scalar_subquery(),
    sa.func.coalesce(_LAST_NUMBER, 0),
    sa.select(sa.func.count())
    .where(DrillAnswer.learner_id == _LEARNER, DrillAnswer.answered_at >= sa.bindparam("since"))
    .scalar_subquery(),
)


def overview(session: Session, learner_id: int) -> list[ChapterStanding]:
    """Return every chapter that has questions, with the learner's own figures. One statement."""
    rows = fetch(session, _OVERVIEW, {"learner_id": learner_id})
    return sorted(
        (ChapterStanding(*row) for row in rows), key=lambda row: (row.subject, row.chapter_key)
    )


def chapter_questions(
    session: Session, learner_id: int, *, subject: str, chapter: str
) -> list[Drillable]:
    """Return what a drill of a chapter may show. One statement.

    :param chapter: its number in the outline: ``06``.
    :raises NotFound: ``no_chapter``: no question of the chapter can be drilled.
    """
    refusal = NotFound("no_chapter", N_("没有这一章的练习题"))
    if not (IDENTIFIER.fullmatch(subject) and IDENTIFIER.fullmatch(chapter)):
        raise refusal
    ending = f"/{subject}/{chapter}"
    rows = fetch(
        session, _CHAPTER, {"learner_id": learner_id, "subject": subject, "ending": f"%{ending}"}
    )
    # LIKE takes _ for a wildcard, and on SQLite a for A
    found = [Drillable(*row) for row in rows if row.chapter_key.endswith(ending)]
    if not found:
        raise refusal
    return found


def wrong_book(session: Session, learner_id: int) -> list[Drillable]:
    """Return the learner's wrong-answer book, without what is no longer drawn. One statement."""
    return [Drillable(*row) for row in fetch(session, _WRONG_BOOK, {"learner_id": learner_id})]


def last_answer(session: Session, learner_id: int) -> tuple[int, int | None]:
    """Return how many answers a learner has given, and the question of the last. One statement."""
    row = fetch(session, _LAST, {"learner_id": learner_id}).one_or_none()
    return (0, None) if row is None else (row.number, row.question_id)


def numbers(session: Session, learner_id: int, token: str) -> tuple[int | None, int]:
    """Return the number of the answer that a page gave, if it did, and the next free number."""
    row = fetch(session, _NUMBERS, {"learner_id": learner_id, "token": token}).one()
    return row[0], row[1]


def own_answer(session: Session, learner_id: int, number: int) -> OwnAnswer:
    """Return one of the learner's own answers. One statement.

    :raises NotFound: ``no_answer``.
    """
    row = fetch(session, _OWN_ANSWER, {"learner_id": learner_id, "number": number}).one_or_none()
    if row is None:
        raise NotFound("no_answer", N_("没有这次作答"))
    return OwnAnswer(*row)


def tried(session: Session, learner_id: int, question_id: int) -> list[Tried]:
    """Return how every answer of a learner to a question turned out, the first first.

    One statement; it reads all of the learner's drill answers.
    """
    rows = fetch(session, _TRIED, {"learner_id": learner_id, "question_id": question_id})
    return [Tried(*row) for row in rows]


def marking_on(session: Session, day: date) -> Marking:
    """Return the marking rule in force on a day. One statement.

    :raises NotFound: ``no_rule``.
    """
    return Marking.read(in_force(rules_of_kind(session, "marking"), day).body)


def summary(session: Session, learner_id: int, *, since: datetime) -> Summary:
    """Return what the home page says about practice. One statement.

    :param since: answers from this instant on are counted separately.
    """
    row = fetch(session, _SUMMARY, {"learner_id": learner_id, "since": since}).one()
    return Summary(*row)
