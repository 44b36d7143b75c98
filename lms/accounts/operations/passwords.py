"""New passwords: chosen by their owner, through a link, or at the machine itself."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.models import OldPassword
from lms.accounts.operations.signing_in import kept_account
from lms.accounts.rules import KEPT, check_password, is_staff, rule_of
from lms.audit import operations as audit
from lms.kernel import hashing
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.vault import Vault
from lms.people import queries as people


def chosen_hash(
    session: Session, *, person_id: int, password: str, vault: Vault, now: datetime
) -> str:
    """Return the hash of a password somebody may have. Writes nothing.

    Called outside the writing transaction: it hashes up to six times.

    :raises NotFound: ``no_person``.
    :raises Invalid: ``weak_password``; ``used_password``: one of the last five.
    :raises Busy: ``too_busy``.
    """
    person = people.person(session, person_id)
    principal = people.find_principal(session, person_id, on=day_of(now))
    staff = principal is not None and is_staff(principal.grants)
    check_password(
        password,
        rule=rule_of(staff=staff),
        personal=queries.personal_words(session, person_id, vault=vault),
    )
    had = [person.password_hash, *queries.old_hashes(session, person_id, limit=KEPT - 1)]
    if any(hashing.matches(stored, password) for stored in had if stored):
        raise Invalid(
            "used_password",
            N_("这个密码用过了，请换一个没有用过的（最近 %(n)s 个都不能重复）"),
            where="password",
            n=KEPT,
        )
    return hashing.make_hash(password)


def put_password(
    session: Session,
    *,
    person_id: int,
    password_hash: str,
    now: datetime,
    actor_id: int | None,
    verb: str = "accounts.password_changed",
    must_change: bool = False,
    expected_epoch: int | None = None,
) -> int:
    """Give somebody the password of a hash, end their sessions, and return the new epoch.

    What they got wrong before is forgotten and a lock is lifted.

    :param must_change: it is somebody else's choice, so that the first thing to do is a new one.
    :param expected_epoch: refuse if their sessions were ended meanwhile.
    :raises Conflict: ``changed_meanwhile``.
    """
    account = kept_account(session, person_id)
    person = people.person(session, person_id)
    session.refresh(person, ["password_hash", "session_epoch"])
    if expected_epoch is not None and person.session_epoch != expected_epoch:
        raise Conflict("changed_meanwhile", N_("密码刚刚在别处改过，请重新登录"))
    if person.password_hash is not None:
        session.add(
            OldPassword(person_id=person_id, password_hash=person.password_hash, until_at=now)
        )
    person.password_hash = password_hash
    person.session_epoch += 1
    account.password_changed_at, account.must_change = now, must_change
    account.failures, account.lock_rounds, account.locked_until_at = 0, 0, None
    session.flush()
    _forget_the_oldest(session, person_id)
    audit.record(session, verb=verb, subject=f"person:{person_id}", actor_id=actor_id, now=now)
    return person.session_epoch


def _forget_the_oldest(session: Session, person_id: int) -> None:
    kept = (
        sa.select(OldPassword.id)
        .where(OldPassword.person_id == person_id)
        .order_by(OldPassword.id.desc())
        .limit(KEPT - 1)
    )
    session.execute(
        sa.delete(OldPassword).where(
            OldPassword.person_id == person_id,
            OldPassword.id.not_in(sa.select(kept.subquery().c.id)),
        )
    )


def unlock(session: Session, *, person_id: int, now: datetime, actor_id: int | None) -> bool:
    """Let somebody try again at once; say whether there was anything to forgive."""
    account = kept_account(session, person_id)
    if not (account.failures or account.lock_rounds or account.locked_until_at):
        return False
    account.failures, account.lock_rounds, account.locked_until_at = 0, 0, None
    audit.record(
        session,
        verb="accounts.unlocked",
        subject=f"person:{person_id}",
        actor_id=actor_id,
        now=now,
    )
    return True
