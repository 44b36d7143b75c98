"""Passwords and sessions."""

from datetime import datetime

import argon2
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Invalid, NotAllowed
from lms.people import queries

HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""argon2id with OWASP's second recommended setting (19 MiB, 2 passes): about 30 ms."""

_DECOY = HASHER.hash("nobody signs in with this")
"""Verified when the name is unknown, so that an unknown name takes as long as a wrong password."""

SHORTEST_PASSWORD = 8

WRONG_CREDENTIALS = N_("用户名或密码不对")


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password.

    :raises Invalid: ``weak_password``.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            "weak_password", N_("密码至少要 %(n)s 位"), where="password", n=SHORTEST_PASSWORD
        )
    return HASHER.hash(password)


def set_password(
    session: Session, *, person_id: int, password: str, now: datetime, actor_id: int | None = None
) -> None:
    """Give somebody a new password and end all their sessions.

    :raises NotFound: ``no_person``.
    :raises Invalid: ``weak_password``.
    """
    found = queries.person(session, person_id)
    found.password_hash = hash_password(password)
    found.session_epoch += 1
    audit.record(
        session,
        verb="people.password_set",
        subject=f"person:{person_id}",
        actor_id=actor_id,
        now=now,
    )


def check_password(session: Session, *, user_name: str, password: str) -> int:
    """Return the id of the person whom a name and a password belong to. Writes nothing.

    Called outside the writing transaction, so that nobody waits while the password is hashed.
    An unknown name, a closed person and a wrong password are refused with the same words after
    the same time.

    :raises NotAllowed: ``wrong_credentials``.
    """
    found = queries.find_person_by_user_name(session, user_name)
    known = found is not None and found.closed_at is None and found.merged_into_id is None
    known = known and found is not None and found.password_hash is not None
    stored = found.password_hash if found is not None and known else _DECOY
    try:
        HASHER.verify(str(stored), password)
    except argon2.exceptions.VerifyMismatchError:
        known = False
    if found is None or not known:
        raise NotAllowed("wrong_credentials", WRONG_CREDENTIALS)
    return found.id


def note_sign_in(session: Session, *, person_id: int, now: datetime) -> None:
    """Write down that somebody signed in."""
    audit.record(
        session,
        verb="people.signed_in",
        subject=f"person:{person_id}",
        actor_id=person_id,
        now=now,
    )


def note_failed_sign_in(session: Session, *, user_name: str, now: datetime) -> None:
    """Write down that somebody failed to sign in. Called in a transaction of its own."""
    audit.record(
        session,
        verb="people.sign_in_failed",
        subject=f"user_name:{user_name.strip().lower()[:64]}",
        actor_id=None,
        now=now,
    )


def end_sessions(session: Session, *, person_id: int, now: datetime) -> None:
    """Sign somebody out everywhere.

    :raises NotFound: ``no_person``.
    """
    found = queries.person(session, person_id)
    found.session_epoch += 1
    audit.record(
        session,
        verb="people.sessions_ended",
        subject=f"person:{person_id}",
        actor_id=person_id,
        now=now,
    )
