"""What organisers decide about answers that markers cannot settle."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import operations as exams
from lms.exams import queries as attempts
from lms.exams.types import Waiting
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict
from lms.marking import queries, rules
from lms.marking.operations.following import (
    comment_of,
    follow,
    locked,
    mark_of,
    out_of,
    plan_of,
    row_of,
    settle,
    subject_of,
)
from lms.marking.types import Halves, How, Share


def decide_case(
    session: Session,
    *,
    share_id: int,
    given: Halves,
    comment: str,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> None:
    """Settle an answer that was flagged or whose marks lie too far apart, as an organiser.

    :param scope: units for whose people the organiser decides.
    :raises NotFound: ``no_case``.
    :raises NotAllowed: ``own_case``: it is the organiser's own answer, or marked by them.
    :raises Invalid: as :func:`give_marks`.
    """
    answer, share = _case(session, share_id, scope=scope, actor_id=actor_id, now=now)
    found = attempts.sitting(session, learner_id=answer.learner_id, number=answer.number)
    mark = mark_of(session, found, answer, given)
    audit.record(
        session,
        verb="marking.case_decided",
        subject=subject_of(answer),
        actor_id=actor_id,
        now=now,
        slot=answer.slot,
        flag=share.flag,
        earned=mark.earned,
        out_of=mark.out_of,
    )
    comments = [comment_of(comment)] if comment.strip() else []
    settle(
        session,
        answer,
        mark,
        how=How.ORGANISER,
        given=[given],
        comments=comments,
        actor_id=actor_id,
        now=now,
    )


def send_back(
    session: Session, *, share_id: int, scope: Collection[int], actor_id: int, now: datetime
) -> None:
    """Give a flagged answer back to be marked: there is nothing wrong with it.

    The place of whoever flagged it is free again.

    :raises NotFound: ``no_case``.
    :raises NotAllowed: ``own_case``.
    :raises Conflict: ``not_flagged``: three people have marked it, there is nobody to give it to.
    """
    answer, _share = _case(session, share_id, scope=scope, actor_id=actor_id, now=now)
    shares = queries.shares_of(session, answer)
    flagged = [one for one in shares if one.flag is not None]
    if not flagged:
        raise Conflict("not_flagged", N_("三位阅卷人都评过了，请直接定分"))
    for one in flagged:
        session.delete(row_of(session, one))
    session.flush()
    plan = plan_of(session, answer)
    wanted = max(plan.markers, *(one.place for one in shares))
    exams.want_marks(session, answer, wanted)
    audit.record(
        session,
        verb="marking.case_sent_back",
        subject=subject_of(answer),
        actor_id=actor_id,
        now=now,
        slot=answer.slot,
        flagged_by=[one.marker_id for one in flagged],
    )
    # the others may have finished meanwhile
    found = attempts.sitting(session, learner_id=answer.learner_id, number=answer.number)
    follow(session, answer, found, out_of(session, found, answer), now=now)


def _case(
    session: Session, share_id: int, *, scope: Collection[int], actor_id: int, now: datetime
) -> tuple[Waiting, Share]:
    on = day_of(now)
    seen = queries.case(session, share_id, scope=scope, on=on)
    answer = locked(session, seen)
    share = queries.case(session, share_id, scope=scope, on=on)
    rules.check_apart(answer, queries.shares_of(session, answer), actor_id)
    return answer, share
