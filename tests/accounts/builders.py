"""People who can sign in: with a password, numbers, a second factor."""

from datetime import UTC, datetime
from typing import Any

import pyotp
from sqlalchemy.orm import Session

from lms.accounts.models import Account
from lms.kernel.hashing import make_hash
from lms.kernel.vault import Vault
from lms.people.models import IdentityDocument, Person, Phone
from lms.people.types import DocumentKind, Role
from tests import builders
from tests.builders import NOON

PASSWORD = "八个字的密码好记"
HASHED = make_hash(PASSWORD)
"""Made once: making one takes its time on purpose."""

STAFF_PASSWORD = "红色水杯旁的三只蓝猫"
STAFF_HASHED = make_hash(STAFF_PASSWORD)

PHONE, NUMBER, PASSPORT = "13800138000", "52010119900307811X", "E12345678"
SECRET = pyotp.random_base32(32)


def learner(session: Session, **values: Any) -> Person:
    """A learner with a password."""
    values = {"user_name": "yang.mei", "name": "杨梅", "password_hash": HASHED} | values
    return builders.learner(session, **values)


def manager(session: Session, role: Role = Role.COUNTY_MANAGER, **values: Any) -> Person:
    """Somebody of the staff with a password."""
    values = {"user_name": "long.yun", "name": "龙云", "password_hash": STAFF_HASHED} | values
    return builders.with_role(session, role, **values)


def add_numbers(session: Session, person: Person, vault: Vault) -> None:
    """Give somebody a telephone, an identity card and a passport."""
    owner = f"person:{person.id}"
    session.add(
        Phone(
            person_id=person.id,
            sealed=vault.seal(PHONE, owner=f"{owner}/phone"),
            digest=vault.digest(PHONE, purpose="phone"),
            noted_at=NOON,
        )
    )
    for kind, number in ((DocumentKind.RESIDENT_ID, NUMBER), (DocumentKind.PASSPORT, PASSPORT)):
        session.add(
            IdentityDocument(
                person_id=person.id,
                kind=kind,
                sealed=vault.seal(number, owner=f"{owner}/{kind}"),
                digest=vault.digest(number, purpose=kind),
                noted_at=NOON,
            )
        )
    session.flush()


def add_factor(session: Session, person: Person, vault: Vault, secret: str = SECRET) -> Account:
    """Give somebody a second factor whose secret the test knows."""
    return builders.added(
        session,
        Account(
            person_id=person.id,
            failures=0,
            lock_rounds=0,
            must_change=False,
            factor_sealed=vault.seal(secret, owner=f"person:{person.id}/totp"),
            factor_since_at=NOON,
        ),
    )


def code_at(now: datetime, secret: str = SECRET) -> str:
    """What the telephone shows."""
    return pyotp.TOTP(secret).at(now.astimezone(UTC))
