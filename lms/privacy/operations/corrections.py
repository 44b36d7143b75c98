"""Ask for a correction, and answer."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.canonical import to_json
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.vault import Vault
from lms.people.operations import lock_learner
from lms.privacy import queries
from lms.privacy.models import CorrectionRequest
from lms.privacy.queries.corrections import owner_of
from lms.privacy.rules.retention import ANSWER
from lms.privacy.types import Correction, CorrectionField, Outcome, Wish

LONGEST = 500
"""Characters of anything that is written here."""

MOST_OPEN = 10
"""Requests of one person that may wait at a time."""


def ask_correction(
    session: Session,
    *,
    learner_id: int,
    token: str,
    field: CorrectionField,
    wish: Wish,
    vault: Vault,
    now: datetime,
) -> int:
    """Ask for a correction and return the request's number. Sent again with its token: the same.

    :raises Invalid: ``blank``, ``too_long``.
    :raises Conflict: ``too_many``.
    """
    wish = Wish(
        _words(wish.wanted, "wanted"),
        _words(wish.reason, "reason"),
        _words(wish.evidence, "evidence", required=False),
    )
    lock_learner(session, learner_id)
    rows = session.execute(
        sa.select(
            CorrectionRequest.number, CorrectionRequest.token, CorrectionRequest.outcome
        ).where(CorrectionRequest.learner_id == learner_id)
    ).all()
    known = next((row.number for row in rows if row.token == token), None)
    if known is not None:
        return int(known)
    if sum(row.outcome is None for row in rows) >= MOST_OPEN:
        raise Conflict("too_many", N_("已有 %(n)s 份申请在等答复，请等办完再提"), n=MOST_OPEN)
    number = 1 + max((row.number for row in rows), default=0)
    session.add(
        CorrectionRequest(
            learner_id=learner_id,
            number=number,
            token=token,
            field=field,
            sealed=vault.seal(to_json(asdict(wish)), owner=owner_of(learner_id, number)),
            asked_at=now,
            due_at=now + timedelta(days=queries.days_of(session, ANSWER)),
        )
    )
    _note(
        session,
        verb="privacy.correction_asked",
        learner_id=learner_id,
        number=number,
        actor_id=learner_id,
        now=now,
        field=field,
    )
    session.flush()
    return number


def answer_correction(
    session: Session,
    *,
    learner_id: int,
    number: int,
    scope: Collection[int],
    outcome: Outcome,
    answer: str,
    vault: Vault,
    actor_id: int,
    now: datetime,
) -> None:
    """Answer a request. The same answer twice is one.

    :raises NotFound: ``no_request``: there is none in the scope.
    :raises Invalid: ``blank``: a refusal without its reason (article 50); ``too_long``.
    :raises Conflict: ``answered``: somebody else has answered otherwise; ``own_request``.
    """
    answer = _words(answer, "answer", required=outcome is Outcome.REFUSED)
    lock_learner(session, learner_id)
    found = queries.correction_in_scope(
        session, learner_id, number, scope=scope, on=day_of(now), vault=vault
    )
    if learner_id == actor_id:
        raise Conflict("own_request", N_("自己的申请要由别人答复"))
    if not found.is_open:
        if (found.outcome, found.answer) == (outcome, answer):
            return
        raise Conflict("answered", N_("这份申请已经有人答复了，请刷新页面查看"))
    session.execute(
        sa.update(CorrectionRequest)
        .where(CorrectionRequest.learner_id == learner_id, CorrectionRequest.number == number)
        .values(outcome=outcome, answer=answer, answered_at=now, answered_by=actor_id)
    )
    _note(
        session,
        verb="privacy.correction_answered",
        learner_id=learner_id,
        number=number,
        actor_id=actor_id,
        now=now,
        field=found.field,
        outcome=outcome,
        in_time=not found.is_late(now),
    )


def reveal_correction(
    session: Session,
    *,
    learner_id: int,
    number: int,
    scope: Collection[int],
    vault: Vault,
    actor_id: int,
    now: datetime,
) -> Correction:
    """Return a request with what was written in full, and write down who looked.

    :raises NotFound: ``no_request``: there is none in the scope.
    """
    found = queries.correction_in_scope(
        session, learner_id, number, scope=scope, on=day_of(now), vault=vault
    )
    _note(
        session,
        verb="privacy.correction_revealed",
        learner_id=learner_id,
        number=number,
        actor_id=actor_id,
        now=now,
        field=found.field,
        reason="correction_request",
    )
    return found


def erase_answered(session: Session, *, before: datetime, now: datetime, at_most: int = 500) -> int:
    """Erase what was written in requests answered before an instant; return how many.

    That a request was made and how it ended stays.
    """
    due = session.execute(
        sa.select(CorrectionRequest.learner_id, CorrectionRequest.number)
        .where(CorrectionRequest.answered_at < before, CorrectionRequest.sealed.is_not(None))
        .limit(at_most)
    ).all()
    for learner_id, number in due:
        session.execute(
            sa.update(CorrectionRequest)
            .where(CorrectionRequest.learner_id == learner_id, CorrectionRequest.number == number)
            .values(sealed=None, answer=None)
        )
    if due:
        audit.record(
            session,
            verb="privacy.corrections_erased",
            subject="retention:corrections",
            actor_id=None,
            now=now,
            count=len(due),
            before=before.isoformat(),
        )
    return len(due)


def reseal(session: Session, *, vault: Vault, at_most: int = 500) -> int:
    """Seal with the present key what an older one sealed; return how many. For a key's rotation."""
    current = CorrectionRequest.sealed.startswith(f"{vault.current}:", autoescape=True)
    old = session.scalars(
        sa.select(CorrectionRequest)
        .where(CorrectionRequest.sealed.is_not(None), ~current)
        .limit(at_most)
    ).all()
    for request in old:
        owner = owner_of(request.learner_id, request.number)
        request.sealed = vault.seal(vault.open(str(request.sealed), owner=owner), owner=owner)
    return len(old)


def _words(text: str, where: str, *, required: bool = True) -> str:
    stripped = text.strip()
    if required and not stripped:
        raise Invalid("blank", N_("不能为空"), where=where)
    if len(stripped) > LONGEST:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where=where, n=LONGEST)
    return stripped


def _note(
    session: Session,
    *,
    verb: str,
    learner_id: int,
    number: int,
    actor_id: int,
    now: datetime,
    **facts: object,
) -> None:
    audit.record(
        session,
        verb=verb,
        subject=f"person:{learner_id}",
        actor_id=actor_id,
        now=now,
        request=number,
        **facts,
    )
