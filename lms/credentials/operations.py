from datetime import date, datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.credentials import queries
from lms.credentials.models import Credential, CredentialEvent
from lms.credentials.rules import CODE_BYTES, last_day, new_code, standing
from lms.credentials.types import Check, Claim, Entropy, EventKind, Issued, Standing
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.people.operations import lock_learner
from lms.people.rules import same_name
from lms.programs import queries as programs
from lms.programs.rules import forbidden_word
from lms.programs.types import ProgramDetail
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.requirements.rules import explain, frozen, spoken
from lms.requirements.types import Words

TRIES = 5
"""Codes drawn before giving up; with 60 random bits the second is never needed."""

LONGEST_REASON = 500


class NotMet(Conflict):
    """The requirement is not met. ``missing`` is the name of what is due first."""

    def __init__(self, missing: Words) -> None:
        super().__init__(
            "not_met", N_("还没有达到项目要求，先要完成：%(missing)s"), missing=spoken(missing)
        )
        self.missing = missing


def claim(
    session: Session, *, learner_id: int, program_key: str, entropy: Entropy, now: datetime
) -> str:
    """Issue the credential of a program to a learner who meets it now, and return its code.

    Whether it is met is judged afresh on the learner's records. Claimed again, the same
    credential is the answer. Name, titles, hours and grounds are kept as they are today.

    :raises NotFound: ``no_program``.
    :raises Conflict: ``not_met``, ``not_a_member``, ``nothing_granted``, ``forbidden_word``.
    """
    lock_learner(session, learner_id)
    asked = queries.find_claim(session, learner_id=learner_id, program_key=program_key)
    if asked is not None and asked.code is not None:
        return asked.code
    today = day_of(now)
    program = programs.program(session, learner_id, program_key, on=today)
    if asked is None or not program.joined:
        raise Conflict("not_a_member", N_("您没有参加这个项目"))
    issued = _draft(program, asked, learner_id=learner_id, on=today, now=now)
    _number(session, issued, entropy)
    _tell(session, issued, program_key=program_key, now=now)
    return issued.code


def _draft(
    program: ProgramDetail, asked: Claim, *, learner_id: int, on: date, now: datetime
) -> Credential:
    """Return the credential that is due, without a number."""
    grant = program.grant
    if grant is None:
        raise Conflict("nothing_granted", N_("这个项目不颁发证书"))
    if not program.progress.satisfied:
        first = explain(program.progress).next_step
        raise NotMet((first or program.progress).name)
    if forbidden_word(grant.title) or forbidden_word(grant.title_en):
        raise Conflict("forbidden_word", N_("证书名称不合规定，请联系颁发单位修改后再领取"))
    return Credential(
        learner_id=learner_id,
        goal_id=asked.goal_id,
        renewal=0,
        holder_name=asked.name,
        title=grant.title,
        title_en=grant.title_en,
        program_title=program.title,
        program_title_en=program.title_en,
        issuer=program.sponsor,
        hours=grant.hours,
        issued_on=on,
        expires_on=last_day(on, grant.valid_years),
        grounds=frozen(program.progress) | {"on": on.isoformat(), "version": program.number},
        issued_at=now,
        actor_id=learner_id,
    )


def _number(session: Session, issued: Credential, entropy: Entropy) -> None:
    """Store a credential under a code that nobody has."""
    for left in reversed(range(TRIES)):
        issued.code = new_code(entropy(CODE_BYTES)).code
        try:
            with session.begin_nested():
                session.add(issued)
                session.flush()
        except IntegrityError:
            if not left:
                raise
        else:
            return


def _tell(session: Session, issued: Credential, *, program_key: str, now: datetime) -> None:
    """Put an issue into the learner's record and into the trail."""
    records.append(
        session,
        learner_id=issued.learner_id,
        kind=RecordKind.CREDENTIAL_ISSUED,
        subject=f"program:{program_key}",
        on=issued.issued_on,
        now=now,
        dedupe_key=f"credential:{issued.goal_id}:0",
        detail={"code": issued.code},
    )
    audit.record(
        session,
        verb="credentials.issued",
        subject=f"credential:{issued.id}",
        actor_id=issued.learner_id,
        now=now,
        code=issued.code,
        program=program_key,
        learner_id=issued.learner_id,
        expires_on=issued.expires_on.isoformat() if issued.expires_on else None,
    )


def change(
    session: Session,
    *,
    kind: EventKind,
    code: str,
    on: date,
    reason: str,
    authority: str,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Append what happened to a credential. The same deed told again changes nothing.

    :param code: as people write it, or as it is stored.
    :param on: the first day for which it holds.
    :raises NotFound: ``no_credential``.
    :raises Conflict: ``already_revoked``, ``already_suspended``, ``nothing_to_end``.
    :raises Invalid: ``blank`` or ``too_long``; ``in_future``, ``before_issue`` or
        ``before_last``: a day that cannot be.
    """
    reason, authority = _words(reason, where="reason"), _words(authority, where="authority")
    found = _locked(session, code)
    last = found.events[-1] if found.events else None
    if last and (last.kind, last.on, last.reason, last.authority) == (kind, on, reason, authority):
        return
    _check_day(found, on, today=day_of(now))
    _check_change(found, kind, on)
    event = CredentialEvent(
        credential_id=found.id,
        number=last.number + 1 if last else 1,
        kind=kind,
        on=on,
        reason=reason,
        authority=authority,
        actor_id=actor_id,
        recorded_at=now,
    )
    _append(session, event, code=found.code)


def _append(session: Session, event: CredentialEvent, *, code: str) -> None:
    session.add(event)
    audit.record(
        session,
        verb=f"credentials.{event.kind}",
        subject=f"credential:{event.credential_id}",
        actor_id=event.actor_id,
        now=event.recorded_at,
        code=code,
        number=event.number,
        on=event.on.isoformat(),
        reason=event.reason,
        authority=event.authority,
    )
    session.flush()


revoke = partial(change, kind=EventKind.REVOKED)
"""Revoke a credential from a day on."""

suspend = partial(change, kind=EventKind.SUSPENDED)
"""Suspend a credential from a day on, until it is reinstated."""

reinstate = partial(change, kind=EventKind.REINSTATED)
"""End a suspension or a revocation from a day on."""


def check(
    session: Session, *, typed: str, name: str, purpose: str, actor_id: int, now: datetime
) -> Check:
    """Answer an employer who has a number and a name, and write down that they asked and why.

    The name that was typed is compared and not kept.

    :raises Invalid: ``blank`` or ``too_long``: the name or the purpose.
    """
    name, purpose = _words(name, where="name"), _words(purpose, where="purpose")
    verdict = queries.look_up(session, typed, on=day_of(now))
    holder = verdict.credential.holder_name if verdict.credential else None
    answer = Check(verdict, None if holder is None else same_name(name, holder))
    subject = verdict.credential.id if verdict.credential else "none"
    audit.record(
        session,
        verb="credentials.checked",
        subject=f"credential:{subject}",
        actor_id=actor_id,
        now=now,
        typed=verdict.shown,
        standing=verdict.standing,
        name_matches=answer.name_matches,
        purpose=purpose,
    )
    return answer


def _words(text: str, *, where: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise Invalid("blank", N_("不能为空"), where=where)
    if len(stripped) > LONGEST_REASON:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where=where, n=LONGEST_REASON)
    return stripped


def _locked(session: Session, code: str) -> Issued:
    """Return a credential; nobody else changes it until this transaction ends."""
    found = queries.by_code(session, code)
    if session.get_bind().dialect.name != "postgresql":
        return found
    session.execute(
        sa.select(Credential.id).where(Credential.id == found.id).with_for_update(key_share=True)
    )
    return queries.by_code(session, code)  # another may have changed it while we waited


def _check_day(found: Issued, on: date, *, today: date) -> None:
    if on > today:
        raise Invalid("in_future", N_("日期不能晚于今天"), where="on")
    if on < found.issued_on:
        raise Invalid("before_issue", N_("日期不能早于颁发日期"), where="on")
    if found.events and on < found.events[-1].on:
        raise Invalid("before_last", N_("日期不能早于上一次处理的日期"), where="on")


def _check_change(found: Issued, kind: EventKind, on: date) -> None:
    now = standing(found.validity, found.events, on=on)
    if kind is EventKind.REINSTATED:
        if now not in {Standing.REVOKED, Standing.SUSPENDED}:
            raise Conflict("nothing_to_end", N_("这张证书没有被撤销或暂停，不用恢复"))
    elif now is Standing.REVOKED:
        raise Conflict("already_revoked", N_("这张证书已经撤销"))
    elif now is Standing.SUSPENDED and kind is EventKind.SUSPENDED:
        raise Conflict("already_suspended", N_("这张证书已经暂停"))
