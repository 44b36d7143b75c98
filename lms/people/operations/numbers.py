"""Numbers shown in clear, and sealed anew with the newest key."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.vault import Vault
from lms.people import queries
from lms.people.models import IdentityDocument, Phone
from lms.people.rules import seal_document, seal_phone
from lms.people.types import DocumentKind

SHORTEST_REASON, LONGEST_REASON = 4, 200
"""Characters of the reason for which a number is shown."""

RESEALED_AT_ONCE = 500


def reveal(
    session: Session,
    *,
    person_id: int,
    what: str,
    reason: str,
    vault: Vault,
    actor_id: int,
    now: datetime,
) -> str:
    """Return one number in clear, and write down who saw it and why.

    Whether the actor may see it is for the caller to have asked: :func:`queries.own_person`.

    :param what: ``phone`` or a kind of document.
    :raises Invalid: ``bad_reason``; ``cannot_open``: the key it was sealed with is not there.
    :raises NotFound: ``no_number``.
    """
    reason = check_reason(reason)
    sealed = session.scalar(_sealed(person_id, what))
    if sealed is None:
        raise NotFound("no_number", N_("没有登记这个号码"))
    number = queries.opened(vault, person_id, what, sealed)
    audit.record(
        session,
        verb="people.number_revealed",
        subject=f"person:{person_id}",
        actor_id=actor_id,
        now=now,
        what=what,
        reason=reason,
    )
    return number


def check_reason(text: str) -> str:
    """Return the reason that somebody typed.

    :raises Invalid: ``bad_reason``: too short to be one, or too long.
    """
    reason = " ".join(text.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid(
            "bad_reason",
            N_("请写明用途，%(low)s 到 %(high)s 个字"),
            where="reason",
            low=SHORTEST_REASON,
            high=LONGEST_REASON,
        )
    return reason


def _sealed(person_id: int, what: str) -> sa.Select[str]:
    if what == queries.PHONE:
        return sa.select(Phone.sealed).where(Phone.person_id == person_id)
    return sa.select(IdentityDocument.sealed).where(
        IdentityDocument.person_id == person_id, IdentityDocument.kind == what
    )


def reseal(session: Session, *, vault: Vault) -> int:
    """Seal the next numbers anew that an older key sealed, and return how many; 0 at the end.

    What is done is told from what is not by the sealed texts themselves, so that it can be
    stopped at any time and begun again.
    """
    documents = session.execute(
        sa.select(IdentityDocument.id, IdentityDocument.person_id, IdentityDocument.kind,
                  IdentityDocument.sealed)
        .where(_is_old(IdentityDocument.sealed, vault))
        .limit(RESEALED_AT_ONCE)
        .with_for_update()
    ).all()  # fmt: skip
    if documents:
        session.execute(
            sa.update(IdentityDocument),
            [
                {"id": row.id, "sealed": seal_document(vault, row.person_id, kind, number)}
                for row in documents
                for kind in [DocumentKind(row.kind)]
                for number in [queries.opened(vault, row.person_id, kind, row.sealed)]
            ],
        )
        return len(documents)
    phones = session.execute(
        sa.select(Phone.person_id, Phone.sealed)
        .where(_is_old(Phone.sealed, vault))
        .limit(RESEALED_AT_ONCE)
        .with_for_update()
    ).all()
    if phones:
        session.execute(
            sa.update(Phone),
            [
                {"person_id": person_id, "sealed": seal_phone(vault, person_id, number)}
                for person_id, sealed in phones
                for number in [queries.opened(vault, person_id, queries.PHONE, sealed)]
            ],
        )
    return len(phones)


def sealed_with_older_keys(session: Session, *, vault: Vault) -> int:
    """Return how many numbers wait to be sealed anew. Two statements; counts them."""
    return sum(
        session.scalar(sa.select(sa.func.count()).where(_is_old(column, vault))) or 0
        for column in (Phone.sealed, IdentityDocument.sealed)
    )


def note_rotation(
    session: Session, *, vault: Vault, count: int, actor_id: int | None, now: datetime
) -> None:
    """Tell the trail that the numbers were sealed anew, and with which key."""
    audit.record(
        session,
        verb="people.numbers_resealed",
        subject=f"key:{vault.current}",
        actor_id=actor_id,
        now=now,
        count=count,
    )


def _is_old(sealed: sa.orm.InstrumentedAttribute[str], vault: Vault) -> sa.ColumnElement[bool]:
    return ~sealed.startswith(f"{vault.current}:", autoescape=True)
