"""Close an account: asked, waited for, done. What must stay stays."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post, RoleGrant
from lms.people.operations import lock_learner
from lms.people.rules import name_key
from lms.privacy import queries
from lms.privacy.models import ClosingRequest, CorrectionRequest
from lms.privacy.operations.consents import end_consents
from lms.privacy.queries.closing import WAITS
from lms.privacy.queries.consents import reached
from lms.privacy.rules.retention import COOLING

LONGEST_REASON = 500

GONE = "已注销"
"""What stands for the name of somebody whose name need not stay."""


def ask_closing(
    session: Session,
    *,
    person_id: int,
    reason: str,
    actor_id: int,
    now: datetime,
    scope: Collection[int] | None = None,
) -> None:
    """Begin to close an account: it is done after the cooling period. Asked again: nothing new.

    :param scope: of the clerk who does it; none for the person themselves.
    :raises NotFound: ``no_person``: there is none, it is closed, or it is not of the scope.
    :raises Invalid: ``blank``: a clerk gives a reason; ``too_long``.
    :raises Conflict: ``merged``: a duplicate goes with the person it was merged into.
    """
    reason = reason.strip()
    if scope is not None and not reason:
        raise Invalid("blank", N_("请写明注销的理由"), where="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where="reason", n=LONGEST_REASON)
    _check_reach(session, person_id, scope, now)
    lock_learner(session, person_id)
    if reached(session, person_id).merged_into_id is not None:
        raise Conflict("merged", N_("这份档案已并入另一个人，请注销那个人的账号"))
    if queries.open_closing(session, person_id) is not None:
        return
    due_at = now + timedelta(days=queries.days_of(session, COOLING))
    last = session.scalar(
        sa.select(sa.func.max(ClosingRequest.number)).where(ClosingRequest.learner_id == person_id)
    )
    session.add(
        ClosingRequest(
            learner_id=person_id,
            number=1 + (last or 0),
            reason=reason,
            asked_at=now,
            asked_by=actor_id,
            due_at=due_at,
        )
    )
    audit.record(
        session,
        verb="privacy.closing_asked",
        subject=f"person:{person_id}",
        actor_id=actor_id,
        now=now,
        reason=reason,
        due_at=due_at.isoformat(),
    )
    session.flush()


def take_back(
    session: Session,
    *,
    person_id: int,
    actor_id: int,
    now: datetime,
    scope: Collection[int] | None = None,
) -> bool:
    """Keep an account that was to be closed; say whether one was.

    :raises NotFound: ``no_person``: there is none, it is closed, or it is not of the scope.
    """
    _check_reach(session, person_id, scope, now)
    lock_learner(session, person_id)
    kept = session.execute(
        sa.update(ClosingRequest)
        .where(ClosingRequest.learner_id == person_id, WAITS)
        .values(taken_back_at=now, taken_back_by=actor_id)
        .returning(ClosingRequest.number)
    ).all()
    if kept:
        audit.record(
            session,
            verb="privacy.closing_taken_back",
            subject=f"person:{person_id}",
            actor_id=actor_id,
            now=now,
        )
    return bool(kept)


def close_account(
    session: Session, *, person_id: int, keeps_name: bool, now: datetime
) -> list[int]:
    """Erase what need not stay of somebody and of whoever was merged into them.

    Telephone, documents, password, former names, roles and what was written in correction
    requests go; posts end. Learning records, certificates, consents and the audit trail stay.

    :param keeps_name: whether a certificate was issued, which must name its holder.
    :return: whose rows were erased; none if the closing was taken back meanwhile.
    """
    lock_learner(session, person_id)
    waiting = queries.open_closing(session, person_id)
    if waiting is None or waiting.due_at > now:
        return []
    people = queries.group_of(session, person_id)
    for one in people:
        end_consents(session, one, now=now)
    for model in (Phone, IdentityDocument, FormerName, RoleGrant):
        session.execute(sa.delete(model).where(model.person_id.in_(people)))
    session.execute(
        sa.update(CorrectionRequest)
        .where(CorrectionRequest.learner_id.in_(people))
        .values(sealed=None, answer=None)
    )
    _end_posts(session, people, now)
    for one in people:
        _forget(session.get_one(Person, one), keeps_name=keeps_name, now=now)
    session.execute(
        sa.update(ClosingRequest)
        .where(ClosingRequest.learner_id == person_id, WAITS)
        .values(done_at=now, reason="")
    )
    audit.record(
        session,
        verb="privacy.account_closed",
        subject=f"person:{person_id}",
        actor_id=None,
        now=now,
        keeps_name=keeps_name,
        merged=[one for one in people if one != person_id],
    )
    session.flush()
    return people


def _end_posts(session: Session, people: list[int], now: datetime) -> None:
    today = day_of(now)
    session.execute(  # what has not begun never was
        sa.delete(Post).where(Post.person_id.in_(people), Post.started_on > today)
    )
    session.execute(
        sa.update(Post)
        .where(
            Post.person_id.in_(people),
            Post.started_on <= today,
            sa.or_(Post.ended_on.is_(None), Post.ended_on > today),
        )
        .values(ended_on=today)
    )


def _forget(person: Person, *, keeps_name: bool, now: datetime) -> None:
    person.user_name = f"closed-{person.id}"
    person.password_hash = None
    person.session_epoch += 1
    person.education = None
    person.social_work_major = False
    person.social_work_started_on = None
    person.revision += 1
    person.closed_at = person.closed_at or now
    if not keeps_name:
        person.name = GONE
        person.name_key = name_key(GONE)


def _check_reach(
    session: Session, person_id: int, scope: Collection[int] | None, now: datetime
) -> None:
    reached(session, person_id)
    if scope is not None and not queries.is_in_scope(
        session, person_id, scope=scope, on=day_of(now)
    ):
        raise NotFound("no_person", N_("没有这个人"))
