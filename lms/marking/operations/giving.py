"""What markers do with an answer in their hands."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import operations as exams
from lms.exams import queries as attempts
from lms.exams.types import Waiting
from lms.kernel.errors import N_, Conflict
from lms.marking import queries, rules
from lms.marking.operations.following import (
    comment_of,
    follow,
    locked,
    mark_of,
    plain,
    plan_of,
    row_of,
    subject_of,
)
from lms.marking.types import Flag, Halves, Share, Step


def save_draft(
    session: Session, *, share_id: int, marker_id: int, given: Halves, comment: str, now: datetime
) -> None:
    """Keep what a marker has given so far; the time to mark the answer begins anew.

    :raises NotFound: ``no_share``.
    :raises Conflict: ``already_given`` or ``already_settled``.
    :raises Invalid: ``long_comment``.
    """
    _answer, share = _in_hand(session, share_id, marker_id)
    if share.finished_at is not None:
        raise Conflict("already_given", N_("这份答案您已经给过分，要改请先撤回"))
    row = row_of(session, share)
    row.given, row.comment = plain(given), comment_of(comment)
    row.lease_ends_at = now + rules.LEASE
    session.flush()


def give_marks(
    session: Session, *, share_id: int, marker_id: int, given: Halves, comment: str, now: datetime
) -> Step:
    """Give an answer the marks of one marker, and do what the plan says comes next.

    With the last answer of its attempt the attempt gets its result, in this transaction. The same
    marks sent twice are given once.

    :param given: half points for every scoring point.
    :raises NotFound: ``no_share``.
    :raises Conflict: ``already_given`` (other marks) or ``already_settled``.
    :raises Invalid: ``not_given``, ``foreign_point``, ``too_much`` or ``long_comment``.
    """
    answer, share = _in_hand(session, share_id, marker_id, settled_too=True)
    words = comment_of(comment)
    if share.finished_at is not None:
        if share.flag is None and (share.given, share.comment) == (given, words):
            return Step.WAIT
        raise Conflict("already_given", N_("这份答案您已经给过分，要改请先撤回"))
    if answer.mark is not None:
        raise Conflict("already_settled", N_("这份答案已经定分"))
    found = attempts.sitting(session, learner_id=answer.learner_id, number=answer.number)
    mark = mark_of(session, found, answer, given)
    _finish(session, share, now=now, given=plain(given), comment=words, earned=mark.earned)
    audit.record(
        session,
        verb="marking.marks_given",
        subject=subject_of(answer),
        actor_id=marker_id,
        now=now,
        slot=answer.slot,
        place=share.place,
        earned=mark.earned,
        out_of=mark.out_of,
    )
    return follow(session, answer, found, mark.out_of, now=now)


def flag_answer(
    session: Session, *, share_id: int, marker_id: int, flag: Flag, comment: str, now: datetime
) -> None:
    """Give no marks but hand an answer to the organisers, with the reason. Twice is once.

    :raises NotFound: ``no_share``.
    :raises Conflict: ``already_given`` or ``already_settled``.
    :raises Invalid: ``long_comment``.
    """
    answer, share = _in_hand(session, share_id, marker_id)
    if share.finished_at is not None:
        if share.flag is flag:
            return
        raise Conflict("already_given", N_("这份答案您已经给过分，要改请先撤回"))
    _finish(session, share, now=now, flag=flag, comment=comment_of(comment))
    exams.want_marks(session, answer, 0)
    audit.record(
        session,
        verb="marking.answer_flagged",
        subject=subject_of(answer),
        actor_id=marker_id,
        now=now,
        slot=answer.slot,
        flag=flag,
    )


def take_back(session: Session, *, share_id: int, marker_id: int, now: datetime) -> None:
    """Take back one's own marks or flag, to change them, until somebody else has finished.

    :raises NotFound: ``no_share``.
    :raises Conflict: ``too_late_to_undo`` or ``already_settled``.
    """
    answer, share = _in_hand(session, share_id, marker_id)
    if share.finished_at is None:
        return
    others = [one for one in queries.shares_of(session, answer) if one.id != share.id]
    if not rules.can_undo(share, others, is_settled=answer.mark is not None):
        raise Conflict("too_late_to_undo", N_("另一位阅卷人已经评完，不能再撤回"))
    row = row_of(session, share)
    row.finished_at, row.earned, row.flag, row.seconds = None, None, None, None
    row.claimed_at, row.lease_ends_at = now, now + rules.LEASE
    session.flush()
    if answer.wanted == 0:
        exams.want_marks(session, answer, plan_of(session, answer).markers)
    audit.record(
        session,
        verb="marking.marks_taken_back",
        subject=subject_of(answer),
        actor_id=marker_id,
        now=now,
        slot=answer.slot,
        place=share.place,
    )


def _in_hand(
    session: Session, share_id: int, marker_id: int, *, settled_too: bool = False
) -> tuple[Waiting, Share]:
    """Return an answer, locked with all others of its attempt, and one's own share of it.

    The learner is locked first, as by every deed that may end in a result.
    """
    seen = queries.own_share(session, share_id, marker_id=marker_id)
    answer = locked(session, seen)
    share = queries.own_share(session, share_id, marker_id=marker_id)
    if answer.mark is not None and not settled_too:
        raise Conflict("already_settled", N_("这份答案已经定分"))
    return answer, share


def _finish(session: Session, share: Share, *, now: datetime, **values: Any) -> None:
    row = row_of(session, share)
    for name, value in values.items():
        setattr(row, name, value)
    row.finished_at = now
    row.seconds = max(int((now - share.claimed_at).total_seconds()), 0)
    session.flush()
