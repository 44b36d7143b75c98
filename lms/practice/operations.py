from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Invalid, NotFound
from lms.people.operations import lock_learner
from lms.practice import queries, rules
from lms.practice.models import DrillAnswer, DrillSelfMark, ReviewCard
from lms.practice.types import Standing
from lms.question_bank import queries as bank
from lms.question_bank.rules import mark, mark_judged, points, taken
from lms.question_bank.types import QuestionText


def answer(
    session: Session,
    *,
    learner_id: int,
    version_id: int,
    shown: Sequence[str],
    token: str,
    now: datetime,
) -> int:
    """Mark one answer of a drill, keep it, and return its number.

    The same token again gives the same number and changes nothing, whatever else was sent.

    :param shown: what the page with this token sent, a text for each field.
    :raises NotFound: ``no_question``, or ``no_rule``: no marking rule is in force.
    :raises Invalid: ``blank``, or as the kind refuses it (``foreign_option``, ``too_many`` …).
    """
    lock_learner(session, learner_id)
    given, number = queries.numbers(session, learner_id, token)
    if given is not None:
        return given
    question = bank.versions(session, [version_id]).get(version_id)
    if question is None:
        raise NotFound("no_question", N_("没有这道题"))
    order = rules.option_order(token, question)
    chosen = taken(question.kind, question.spec, shown, order)
    if not chosen:
        raise Invalid("blank", N_("请先作答，再提交"), where="choice")
    marking = queries.marking_on(session, day_of(now))
    result = mark(question.kind, question.spec, chosen, marking)
    session.add(
        DrillAnswer(
            learner_id=learner_id,
            number=number,
            question_id=question.question_id,
            question_version_id=version_id,
            token=token,
            chosen=chosen,
            unit=marking.unit,
            earned=result.earned,
            out_of=result.out_of,
            answered_at=now,
        )
    )
    is_right = rules.is_right(question.kind, result)
    _note(session, learner_id, question, is_right=is_right, now=now)
    session.flush()
    return number


def self_mark(
    session: Session, *, learner_id: int, number: int, ticked: Collection[str], now: datetime
) -> None:
    """Keep what a learner gives themselves for one of their answers in words.

    Once for each answer: another time changes nothing, whatever was ticked. The wrong-answer book
    follows the learner's mark from then on, no longer what was suggested.

    :param ticked: the scoring points, as ``<field>-<point>``, both from 0.
    :raises NotFound: ``no_answer``, or ``no_rule``.
    :raises Invalid: ``not_judged`` or ``foreign_point``.
    """
    lock_learner(session, learner_id)
    given = session.get(DrillAnswer, (learner_id, number))
    if given is None:
        raise NotFound("no_answer", N_("没有这次作答"))
    if session.get(DrillSelfMark, (learner_id, number)) is not None:
        return
    question = bank.versions(session, [given.question_version_id])[given.question_version_id]
    ticks = rules.read_ticks(ticked, points(question.kind, question.spec))
    # the rule of the day it was answered, so that it is out of as much as was suggested
    marking = queries.marking_on(session, day_of(given.answered_at))
    result = mark_judged(question.kind, question.spec, given.chosen, ticks, marking)
    session.add(
        DrillSelfMark(
            learner_id=learner_id,
            answer_number=number,
            ticks=rules.encode_ticks(ticks),
            earned=result.earned,
            out_of=result.out_of,
            marked_at=now,
        )
    )
    session.flush()
    standing = rules.after_answers(queries.tried(session, learner_id, given.question_id))
    card = session.get(ReviewCard, (learner_id, given.question_id))
    if standing is not None and card is not None:
        _write(card, standing)
        session.flush()


def _note(
    session: Session, learner_id: int, question: QuestionText, *, is_right: bool, now: datetime
) -> None:
    card = session.get(ReviewCard, (learner_id, question.question_id))
    before = None
    if card is None:
        card = ReviewCard(learner_id=learner_id, question_id=question.question_id)
        session.add(card)
    else:
        before = Standing(
            card.tries, card.wrong, card.right_streak, card.in_wrong_book, card.last_at
        )
    after = rules.after_answer(before, is_right=is_right, at=now)
    card.chapter_key = question.chapter_key
    _write(card, after)


def _write(card: ReviewCard, after: Standing) -> None:
    card.tries = after.tries
    card.wrong = after.wrong
    card.right_streak = after.right_streak
    card.in_wrong_book = after.in_wrong_book
    card.last_at = after.last_at
