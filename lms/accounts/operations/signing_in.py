"""Signing in: passwords judged, failures counted, successes noted."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.models import Account
from lms.accounts.rules import after_failure
from lms.accounts.types import Attempt, Factor, LockState, Origin, Way
from lms.audit import operations as audit
from lms.kernel import hashing
from lms.kernel.errors import N_
from lms.kernel.vault import Vault
from lms.people import operations as people
from lms.people.models import Person

WRONG_CREDENTIALS = N_("账号或密码不对。连续输错 5 次，账号会锁定一会儿，请稍后再试。")
"""Said of every failure, so that nobody learns who is registered, closed or locked."""

NOBODY = 0
"""The number of no person."""

WRONG_CODE = N_("验证码不对，或已经用过。请等手机上出现新的一组数字再输。")


def digest_of_name(typed: str, *, vault: Vault) -> str:
    """Return what is noted of a name that was typed: the same for the same, readable to nobody."""
    return vault.digest(typed.strip().lower(), purpose="sign_in_name")[:16]


def check_password(
    session: Session, *, typed: str, password: str, vault: Vault, now: datetime
) -> Attempt:
    """Judge an attempt to sign in. Writes nothing.

    Called outside the writing transaction, so that nobody waits while the password is hashed.
    Whoever is unknown, closed, merged, locked or wrong costs one statement and one verification,
    and differs for the caller only in what is noted.

    :raises Busy: ``too_busy``.
    """
    noted = digest_of_name(typed, vault=vault)
    row = queries.find_by_sign_in_name(session, typed, vault=vault)
    alive = row is not None and row.closed_at is None and row.merged_into_id is None
    stored = row.password_hash if row is not None and alive else None
    right = hashing.matches(stored, password)
    if row is None or not alive:
        return Attempt(None, noted, accepted=False)
    state = queries.state_of(row)
    accepted = right and not state.is_locked(now)
    return Attempt(
        person_id=row.id,
        typed=noted,
        accepted=accepted,
        state=state,
        has_factor=row.factor_since_at is not None,
        must_change=bool(row.must_change),
        password_changed_at=row.password_changed_at,
        new_hash=hashing.make_hash(password)
        if accepted and hashing.needs_new_hash(str(stored))
        else None,
    )


def kept_account(session: Session, person_id: int) -> Account:
    """Return somebody's account, made if need be, and keep others from changing it meanwhile."""
    people.lock_learner(session, person_id)
    found = queries.account(session, person_id, locked=True)
    if found is None:
        found = Account(person_id=person_id, failures=0, lock_rounds=0, must_change=False)
        session.add(found)
        session.flush()
    return found


def note_failure(
    session: Session,
    *,
    person_id: int | None,
    typed: str,
    origin: Origin,
    now: datetime,
    stage: str = "password",
) -> None:
    """Count a failure and lock the account if there were too many.

    :param typed: the digest of the name, noted where it belongs to nobody.
    :param stage: ``password``, ``code`` or ``confirm``.
    """
    subject = f"person:{person_id}" if person_id is not None else f"name:{typed}"
    before, after = _count_failure(session, person_id, now=now)
    if after.rounds != before.rounds and after.locked_until_at is not None:
        audit.record(
            session,
            verb="accounts.locked",
            subject=subject,
            actor_id=None,
            now=now,
            until=after.locked_until_at.isoformat(),
        )
    audit.record(
        session,
        verb="accounts.sign_in_failed",
        subject=subject,
        actor_id=None,
        now=now,
        stage=stage,
        **origin.facts(),
    )


def _count_failure(
    session: Session, person_id: int | None, *, now: datetime
) -> tuple[LockState, LockState]:
    """Store one failure more and return how the account stood before and stands now.

    As many statements for nobody as for somebody, and for somebody whether or not there is an
    account and a lock: the time of an answer tells nothing.
    """
    whose = NOBODY if person_id is None else person_id
    if person_id is None and session.get_bind().dialect.name == "postgresql":
        session.scalar(
            sa.select(Person.id).where(Person.id == NOBODY).with_for_update(key_share=True)
        )
    elif person_id is not None:
        people.lock_learner(session, person_id)
    account = queries.account(session, whose, locked=True)
    before = LockState()
    if account is not None:
        before = LockState(account.failures, account.lock_rounds, account.locked_until_at)
    after = after_failure(before, now=now)
    values = {
        "failures": after.failures,
        "lock_rounds": after.rounds,
        "locked_until_at": after.locked_until_at,
    }
    if account is None and person_id is not None:
        session.execute(sa.insert(Account).values(person_id=person_id, must_change=False, **values))
    else:
        session.execute(sa.update(Account).where(Account.person_id == whose).values(**values))
    return before, after


def note_sign_in(
    session: Session,
    *,
    person_id: int,
    origin: Origin,
    now: datetime,
    way: Way = Way.PASSWORD,
    factor: Factor = Factor.NONE,
    state: LockState | None = None,
    new_hash: str | None = None,
) -> None:
    """Write down that somebody signed in, and forget what they got wrong before.

    :param state: as it was when the password was looked at; with nothing to forget nothing is
        written but the line of the trail.
    """
    if state is None or state != LockState():
        session.execute(
            sa.update(Account)
            .where(Account.person_id == person_id)
            .values(failures=0, lock_rounds=0, locked_until_at=None)
        )
    if new_hash is not None:
        session.execute(
            sa.update(Person).where(Person.id == person_id).values(password_hash=new_hash)
        )
    audit.record(
        session,
        verb="accounts.signed_in",
        subject=f"person:{person_id}",
        actor_id=person_id,
        now=now,
        way=way,
        factor=factor,
        **origin.facts(),
    )


def end_sessions(session: Session, *, person_id: int, now: datetime, actor_id: int | None) -> None:
    """Sign somebody out everywhere.

    :raises NotFound: ``no_person``.
    """
    people.lock_learner(session, person_id)
    session.execute(
        sa.update(Person)
        .where(Person.id == person_id)
        .values(session_epoch=Person.session_epoch + 1)
    )
    audit.record(
        session,
        verb="accounts.sessions_ended",
        subject=f"person:{person_id}",
        actor_id=actor_id,
        now=now,
    )
