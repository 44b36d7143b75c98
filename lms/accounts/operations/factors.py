"""The second factor: made, confirmed, used, reset."""

import secrets
from datetime import datetime

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.models import Account, RecoveryCode
from lms.accounts.operations.signing_in import WRONG_CODE, end_sessions, kept_account
from lms.accounts.rules import matching_counter, normal_code
from lms.accounts.rules.factors import (
    RECOVERY_ALPHABET,
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    shown_code,
)
from lms.accounts.types import Factor
from lms.audit import operations as audit
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.vault import Vault


def new_secret() -> str:
    """Return a fresh secret of 160 bits in base 32, as RFC 4226 recommends."""
    return pyotp.random_base32(32)


def _owner(person_id: int) -> str:
    return f"person:{person_id}/totp"


def confirm_factor(
    session: Session,
    *,
    person_id: int,
    secret: str,
    code: str,
    vault: Vault,
    now: datetime,
) -> list[str]:
    """Make a secret somebody's second factor and return ten recovery codes, shown this once.

    :param code: proves that the telephone has the secret.
    :raises Invalid: ``wrong_code``.
    :raises Conflict: ``has_factor``.
    """
    counter = matching_counter(secret, normal_code(code), now=now, last=None)
    if counter is None:
        raise Invalid("wrong_code", WRONG_CODE, where="code")
    account = kept_account(session, person_id)
    if account.factor_sealed is not None:
        raise Conflict("has_factor", N_("您已经设好了动态验证码"))
    account.factor_sealed = vault.seal(secret, owner=_owner(person_id))
    account.factor_since_at, account.factor_counter = now, counter
    _record(session, "accounts.factor_set", person_id, actor_id=person_id, now=now)
    return _renew_codes(session, person_id, vault)


def use_code(
    session: Session, *, person_id: int, code: str, vault: Vault, now: datetime
) -> Factor | None:
    """Use up a code of the telephone or a recovery code; say which it was, or none if neither.

    Of two who use the same code at once one is refused: the update says who was first.
    """
    account = queries.account(session, person_id)
    if account is None or account.factor_sealed is None:
        return None
    typed = normal_code(code)
    secret = vault.open(account.factor_sealed, owner=_owner(person_id))
    counter = matching_counter(secret, typed, now=now, last=account.factor_counter)
    if counter is not None:
        used = session.execute(
            sa.update(Account)
            .where(
                Account.person_id == person_id,
                sa.or_(Account.factor_counter.is_(None), Account.factor_counter < counter),
            )
            .values(factor_counter=counter)
            .returning(Account.person_id),
            execution_options={"synchronize_session": False},
        )
        return Factor.TOTP if used.first() else None
    if len(typed) != RECOVERY_LENGTH:
        return None
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.digest == _digest(typed, person_id, vault),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.person_id),
        execution_options={"synchronize_session": False},
    )
    if not used.first():
        return None
    _record(session, "accounts.recovery_code_used", person_id, actor_id=person_id, now=now)
    return Factor.RECOVERY


def renew_codes(session: Session, *, person_id: int, vault: Vault, now: datetime) -> list[str]:
    """Give somebody ten new recovery codes; the old ones are good for nothing more.

    :raises Conflict: ``no_factor``.
    """
    account = kept_account(session, person_id)
    if account.factor_sealed is None:
        raise Conflict("no_factor", N_("还没有设置动态验证码"))
    _record(session, "accounts.recovery_codes_renewed", person_id, actor_id=person_id, now=now)
    return _renew_codes(session, person_id, vault)


def remove_factor(session: Session, *, person_id: int, now: datetime) -> None:
    """Let somebody sign in with the password alone again. Again: nothing happens."""
    if _drop(session, person_id):
        _record(session, "accounts.factor_removed", person_id, actor_id=person_id, now=now)


def reset_factor(
    session: Session, *, person_id: int, reason: str, actor_id: int | None, now: datetime
) -> None:
    """Take a lost factor from somebody, who sets up a new one at the next sign-in.

    All their sessions end.

    :raises Conflict: ``no_factor``; ``own_factor``: nobody resets their own.
    :raises Invalid: ``no_reason``.
    """
    if not reason.strip():
        raise Invalid("no_reason", N_("请写明原因"), where="reason")
    if actor_id == person_id:
        raise Conflict("own_factor", N_("不能重置自己的动态验证码，请另一位安全员来做"))
    if not _drop(session, person_id):
        raise Conflict("no_factor", N_("这个人没有设置动态验证码"))
    _record(
        session,
        "accounts.factor_reset",
        person_id,
        actor_id=actor_id,
        now=now,
        reason=reason.strip(),
    )
    end_sessions(session, person_id=person_id, now=now, actor_id=actor_id)


def reseal(session: Session, *, vault: Vault) -> int:
    """Seal again with the present key what an older one sealed; return how many there were."""
    done = 0
    for account in session.scalars(
        sa.select(Account).where(Account.factor_sealed.is_not(None)).with_for_update()
    ):
        sealed = str(account.factor_sealed)
        if not vault.is_current(sealed):
            owner = _owner(account.person_id)
            account.factor_sealed = vault.seal(vault.open(sealed, owner=owner), owner=owner)
            done += 1
    return done


def _drop(session: Session, person_id: int) -> bool:
    account = kept_account(session, person_id)
    if account.factor_sealed is None:
        return False
    account.factor_sealed = account.factor_since_at = account.factor_counter = None
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    return True


def _renew_codes(session: Session, person_id: int, vault: Vault) -> list[str]:
    codes = [
        "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.add_all(
        RecoveryCode(person_id=person_id, digest=_digest(code, person_id, vault)) for code in codes
    )
    return [shown_code(code) for code in codes]


def _digest(code: str, person_id: int, vault: Vault) -> str:
    return vault.digest(code, purpose=f"recovery:{person_id}")


def _record(
    session: Session,
    verb: str,
    person_id: int,
    *,
    actor_id: int | None,
    now: datetime,
    **facts: str,
) -> None:
    audit.record(
        session, verb=verb, subject=f"person:{person_id}", actor_id=actor_id, now=now, **facts
    )
