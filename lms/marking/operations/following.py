"""What follows from marks, as the plan of the paper says; and what all deeds on answers need."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from lms.exams import operations as exams
from lms.exams import queries as attempts
from lms.exams.types import MarkingPlan, Sitting, Waiting
from lms.kernel.errors import N_, Invalid, NotFound
from lms.marking import queries, rules
from lms.marking.models import JudgedMark, MarkShare
from lms.marking.types import Halves, How, Share, Step
from lms.people.operations import lock_learner
from lms.question_bank.rules import mark_given, points
from lms.question_bank.types import Mark, Marking


def locked(session: Session, share: Share) -> Waiting:
    """Lock the learner and all answers of their attempt, in this order, and return the answer."""
    lock_learner(session, share.learner_id)
    held = attempts.judged_answers(session, share.learner_id, share.number, lock=True)
    return held[share.slot]


def row_of(session: Session, share: Share) -> MarkShare:
    """Return the row of a share.

    :raises NotFound: ``no_share``.
    """
    row = session.get(MarkShare, share.id, populate_existing=True)
    if row is None:
        raise NotFound("no_share", N_("这份答案不在您手里：可能放得太久，已经分给了别人"))
    return row


def mark_of(session: Session, found: Sitting, answer: Waiting, given: Halves) -> Mark:
    """Return what half points come to in units of the attempt.

    :raises Invalid: ``not_given``, ``foreign_point`` or ``too_much``.
    """
    brief = attempts.briefs(session, [answer.question_version_id])[answer.question_version_id]
    whole = [[one for one in row if one is not None] for row in given]
    if [len(row) for row in whole] != [len(row) for row in given]:
        raise Invalid("not_given", N_("还有采分点没有给分；没有答到的请选 0 分"), where="given")
    marking = Marking.read(found.marking)
    return mark_given(brief.kind, brief.spec, answer.chosen, whole, marking)


def out_of(session: Session, found: Sitting, answer: Waiting) -> int:
    """Return the full mark of an answer, in units of its attempt."""
    brief = attempts.briefs(session, [answer.question_version_id])[answer.question_version_id]
    nothing = [[0] * len(own) for own in points(brief.kind, brief.spec)]
    marking = Marking.read(found.marking)
    return mark_given(brief.kind, brief.spec, answer.chosen, nothing, marking).out_of


def plan_of(session: Session, answer: Waiting) -> MarkingPlan:
    """Return the plan of the paper of an answer."""
    found = attempts.sitting(session, learner_id=answer.learner_id, number=answer.number)
    return found.blueprint.plan


def follow(
    session: Session, answer: Waiting, found: Sitting, out_of: int, *, now: datetime
) -> Step:
    """Do what the plan says comes next: wait, ask for a third marker or an organiser, settle."""
    shares = queries.shares_of(session, answer)
    if any(one.flag is not None for one in shares):
        return Step.ASK  # an organiser has it already
    marked = rules.usable(shares)
    decision = rules.decide(
        [one.earned or 0 for one in marked], out_of, found.blueprint.plan, unit=found.unit
    )
    match decision.step:
        case Step.THIRD:
            exams.want_marks(session, answer, 3)
        case Step.ASK:
            exams.want_marks(session, answer, 0)
        case Step.SETTLE:
            used = [marked[at] for at in decision.used]
            settle(
                session,
                answer,
                Mark(decision.earned, out_of),
                how=decision.how,
                given=[one.given for one in used if one.given is not None],
                comments=list(dict.fromkeys(one.comment for one in used if one.comment)),
                actor_id=None,
                now=now,
            )
        case Step.WAIT:
            pass
    return decision.step


def settle(
    session: Session,
    answer: Waiting,
    mark: Mark,
    *,
    how: How,
    given: Sequence[Halves],
    comments: Sequence[str],
    actor_id: int | None,
    now: datetime,
) -> None:
    """Keep why an answer earns what it does; with the last of its attempt comes the result."""
    session.add(
        JudgedMark(
            learner_id=answer.learner_id,
            attempt_number=answer.number,
            slot=answer.slot,
            how=how,
            given=[plain(one) for one in given],
            comments=list(comments),
            decided_by_id=actor_id,
            settled_at=now,
        )
    )
    session.flush()
    exams.settle_answer(session, answer, mark=mark, actor_id=actor_id, now=now)


def comment_of(text: str) -> str:
    """Return a comment as it is kept.

    :raises Invalid: ``long_comment``.
    """
    words = text.replace("\r\n", "\n").strip()
    if len(words) > rules.LONGEST_COMMENT:
        raise Invalid(
            "long_comment", N_("评语最多 %(n)s 字"), where="comment", n=rules.LONGEST_COMMENT
        )
    return words


def plain(given: Halves) -> list[list[int | None]]:
    """Return what was given as JSON holds it."""
    return [list(row) for row in given]


def subject_of(answer: Waiting) -> str:
    """Return how the trail names the attempt of an answer."""
    return f"attempt:{answer.learner_id}/{answer.number}"
