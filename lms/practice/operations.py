from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Invalid, NotFound
from lms.people.operations import lock_learner
from lms.practice import queries, rules
from lms.practice.models import DrillAnswer, ReviewCard
from lms.practice.types import Standing
from lms.question_bank import queries as bank
from lms.question_bank.rules import mark, taken
from lms.question_bank.types import Marking, QuestionText
from lms.regulations.queries import rules_of_kind
from lms.regulations.rules import in_force


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
    marking = Marking.read(in_force(rules_of_kind(session, "marking"), day_of(now)).body)
    result = mark(question.kind, question.spec, chosen, marking)
    session.add(
        DrillAnswer(
            learner_id=learner_id,
            number=number,
            question_id=question.question_id,
            question_version_id=version_id,
            token=token,
            chosen=chosen,
            earned=result.earned,
            out_of=result.out_of,
            answered_at=now,
        )
    )
    _note(session, learner_id, question, is_right=result.is_full, now=now)
    session.flush()
    return number


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
    card.tries = after.tries
    card.wrong = after.wrong
    card.right_streak = after.right_streak
    card.in_wrong_book = after.in_wrong_book
    card.last_at = after.last_at
