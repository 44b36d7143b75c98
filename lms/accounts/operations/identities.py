"""Identities at issuers: linked to people, and taken off again."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.models import SsoIdentity
from lms.accounts.types import Identity
from lms.audit import operations as audit
from lms.kernel.errors import N_, Conflict, NotFound
from lms.kernel.vault import Vault
from lms.people.operations import lock_learner


def find_by_claim(session: Session, claim: str, *, vault: Vault) -> int | None:
    """Return whom the claim of a trusted issuer names, or none. Closed people are nobody."""
    row = queries.find_by_sign_in_name(session, claim, vault=vault) if claim else None
    if row is None or row.closed_at is not None or row.merged_into_id is not None:
        return None
    return int(row.id)


def link_identity(
    session: Session, *, person_id: int, identity: Identity, now: datetime, proof: str
) -> None:
    """Let an identity sign somebody in from now on. The same again changes nothing.

    :param proof: ``password`` or ``claim``: how it was shown that they are one.
    :raises Conflict: ``identity_taken``: it signs in somebody else.
    """
    lock_learner(session, person_id)
    known = session.scalar(
        sa.select(SsoIdentity).where(
            SsoIdentity.issuer == identity.issuer, SsoIdentity.subject == identity.subject
        )
    )
    if known is not None and known.person_id == person_id:
        return
    if known is not None:
        raise Conflict("identity_taken", N_("这个单点登录身份已经与别的账号绑定"))
    session.add(
        SsoIdentity(
            person_id=person_id, issuer=identity.issuer, subject=identity.subject, linked_at=now
        )
    )
    try:
        session.flush()
    except sa.exc.IntegrityError as fault:  # somebody else was first, in this very moment
        raise Conflict("identity_taken", N_("这个单点登录身份已经与别的账号绑定")) from fault
    audit.record(
        session,
        verb="accounts.identity_linked",
        subject=f"person:{person_id}",
        actor_id=person_id,
        now=now,
        issuer=identity.issuer,
        proof=proof,
    )


def unlink_identity(session: Session, *, person_id: int, identity_id: int, now: datetime) -> None:
    """Take an identity off its person.

    :raises NotFound: ``no_identity``: not one of theirs.
    """
    found = session.scalar(
        sa.select(SsoIdentity).where(
            SsoIdentity.id == identity_id, SsoIdentity.person_id == person_id
        )
    )
    if found is None:
        raise NotFound("no_identity", N_("没有这个绑定"))
    session.delete(found)
    audit.record(
        session,
        verb="accounts.identity_unlinked",
        subject=f"person:{person_id}",
        actor_id=person_id,
        now=now,
        issuer=found.issuer,
    )
