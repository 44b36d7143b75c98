"""Reads about accounts."""

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import (
    Account,
    HelpRequest,
    OldPassword,
    PasswordLink,
    RecoveryCode,
    SsoIdentity,
)
from lms.accounts.types import Asked, Linked, LockState, Reach, SignedIn, Standing
from lms.audit.models import Entry
from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.vault import Vault
from lms.organizations.models import Organization
from lms.organizations.queries import ids_within
from lms.people.models import IdentityDocument, Person, Phone, Post, RoleGrant
from lms.people.rules import read_phone
from lms.people.rules.identity import normal_number
from lms.people.types import DocumentKind, Role

LONGEST_LIST = 500
"""Slips made at once, requests shown: what a page can hold and a printer wants."""

_DIGESTS = [(kind, f"number_{kind}") for kind in DocumentKind]

_SURVIVOR = sa.func.coalesce(Person.merged_into_id, Person.id)
"""Whose numbers a duplicate's are, once the two were merged. Its user name is nobody's."""

_NAMED = sa.union_all(
    sa.select(Person.id.label("person_id"), sa.literal(1).label("rank")).where(
        Person.user_name == sa.bindparam("user_name")
    ),
    sa.select(_SURVIVOR, sa.literal(2))
    .join(Phone, Phone.person_id == Person.id)
    .where(Phone.digest == sa.bindparam("phone")),
    sa.select(_SURVIVOR, sa.literal(3))
    .join(IdentityDocument, IdentityDocument.person_id == Person.id)
    .where(
        sa.or_(
            *(
                sa.and_(
                    IdentityDocument.kind == kind, IdentityDocument.digest == sa.bindparam(name)
                )
                for kind, name in _DIGESTS
            )
        )
    ),
).subquery("named")
"""Whom a name, a telephone number or the number of a document belongs to, each by its index."""

_SIGN_IN = (
    sa.select(
        Person.id,
        Person.password_hash,
        Person.closed_at,
        Person.merged_into_id,
        Account.failures,
        Account.lock_rounds,
        Account.locked_until_at,
        Account.must_change,
        Account.password_changed_at,
        Account.factor_since_at,
    )
    .join(_NAMED, _NAMED.c.person_id == Person.id)
    .outerjoin(Account, Account.person_id == Person.id)
    .order_by(_NAMED.c.rank)
    .limit(1)
)


def find_by_sign_in_name(session: Session, typed: str, *, vault: Vault) -> sa.Row[Any] | None:
    """Return whom a user name, telephone or document number belongs to, with their account.

    One statement, whatever was typed and whether anybody is found. A user name counts before a
    number that reads the same.
    """
    number = normal_number(typed)
    asked = {
        "user_name": typed.strip().lower(),
        "phone": vault.digest(_phone(typed), purpose="phone"),
        **{name: vault.digest(number, purpose=kind.value) for kind, name in _DIGESTS},
    }
    found: sa.Row[Any] | None = session.execute(_SIGN_IN, asked).first()  # type: ignore[assignment]  # types of its columns are not needed
    return found


def _phone(typed: str) -> str:
    try:
        return read_phone(typed)
    except Invalid:
        return ""


def state_of(row: Any) -> LockState:
    """Return how often somebody failed, of a row that may have no account."""
    return LockState(row.failures or 0, row.lock_rounds or 0, row.locked_until_at)


def account(session: Session, person_id: int, *, locked: bool = False) -> Account | None:
    """Return an account or none.

    :param locked: keep others from changing it until this transaction ends.
    """
    return session.get(Account, person_id, with_for_update=locked or None, populate_existing=locked)


def standing(session: Session, person_id: int) -> Standing:
    """Return how somebody's account stands. One statement.

    :raises NotFound: ``no_person``.
    """
    left = (
        sa.select(sa.func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        .scalar_subquery()
    )
    row = session.execute(
        sa.select(Person, Account, left)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id == person_id)
    ).first()
    if row is None:
        raise NotFound("no_person", N_("没有这个人"))
    person, found, codes_left = row
    kept = found or Account(failures=0, lock_rounds=0, must_change=False)
    return Standing(
        person_id=person.id,
        user_name=person.user_name,
        name=person.name,
        has_password=person.password_hash is not None,
        password_changed_at=kept.password_changed_at,
        must_change=kept.must_change,
        factor_since_at=kept.factor_since_at,
        state=LockState(kept.failures, kept.lock_rounds, kept.locked_until_at),
        codes_left=codes_left,
    )


def recent_sign_ins(session: Session, person_id: int, *, limit: int = 10) -> list[SignedIn]:
    """Return when and from where somebody signed in, the latest first: out of the audit trail."""
    entries = session.scalars(
        sa.select(Entry)
        .where(Entry.actor_id == person_id, Entry.verb == "accounts.signed_in")
        .order_by(Entry.at.desc(), Entry.id.desc())
        .limit(limit)
    )
    return [
        SignedIn(
            at=entry.at,
            way=entry.facts.get("way", ""),
            factor=entry.facts.get("factor", ""),
            address=entry.facts.get("address", ""),
            device=entry.facts.get("device", ""),
        )
        for entry in entries
    ]


def old_hashes(session: Session, person_id: int, *, limit: int) -> list[str]:
    """Return the hashes of the passwords somebody had before, the latest first."""
    return list(
        session.scalars(
            sa.select(OldPassword.password_hash)
            .where(OldPassword.person_id == person_id)
            .order_by(OldPassword.id.desc())
            .limit(limit)
        )
    )


def personal_words(session: Session, person_id: int, *, vault: Vault) -> list[str]:
    """Return what others may know of somebody: user name, name, numbers. Two statements."""
    rows = session.execute(
        sa.select(Person.user_name, Person.name, Phone.sealed)
        .outerjoin(Phone, Phone.person_id == Person.id)
        .where(Person.id == person_id)
    ).all()
    numbers = session.execute(
        sa.select(IdentityDocument.kind, IdentityDocument.sealed).where(
            IdentityDocument.person_id == person_id
        )
    ).all()
    words = [word for row in rows for word in (row.user_name, row.name)]
    sealed = [("phone", row.sealed) for row in rows if row.sealed]
    for kind, text in (*sealed, *((row.kind, row.sealed) for row in numbers)):
        with suppress(Invalid):  # a key that is gone must not stop anybody from a new password
            words.append(vault.open(text, owner=f"person:{person_id}/{kind}"))
    return words


def link_by_digest(
    session: Session, digest: str, *, locked: bool = False
) -> tuple[PasswordLink, Person] | None:
    """Return a link and whom it is for, or none. ``locked``: nobody else uses it meanwhile."""
    asked = (
        sa.select(PasswordLink, Person)
        .join(Person, Person.id == PasswordLink.person_id)
        .where(PasswordLink.digest == digest)
    )
    if locked:
        asked = asked.with_for_update(of=PasswordLink).execution_options(populate_existing=True)
    row = session.execute(asked).first()
    return (row[0], row[1]) if row else None


def open_links(session: Session, person_id: int, *, now: datetime) -> int:
    """Return how many links of somebody can still be used."""
    found = session.scalar(
        sa.select(sa.func.count())
        .select_from(PasswordLink)
        .where(
            PasswordLink.person_id == person_id,
            PasswordLink.used_at.is_(None),
            PasswordLink.revoked_at.is_(None),
            PasswordLink.expires_at > now,
        )
    )
    return found or 0


def _in_post(on: date) -> sa.ColumnElement[bool]:
    return sa.or_(Post.ended_on.is_(None), Post.ended_on >= on)


def _in_force(on: date) -> sa.ColumnElement[bool]:
    return sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= on)


def _is_alive() -> sa.ColumnElement[bool]:
    return sa.and_(Person.closed_at.is_(None), Person.merged_into_id.is_(None))


def _belongs(scope: Collection[int], on: date) -> sa.ColumnElement[bool]:
    """Say whether a person has a post or a role in a subtree of ``scope``."""
    places = ids_within(scope)
    return sa.or_(
        Person.id.in_(
            sa.select(Post.person_id).where(Post.organization_id.in_(places), _in_post(on))
        ),
        Person.id.in_(
            sa.select(RoleGrant.person_id).where(
                RoleGrant.organization_id.in_(places), _in_force(on)
            )
        ),
    )


def is_in_scope(session: Session, person_id: int, *, scope: Collection[int], on: date) -> bool:
    """Say whether somebody belongs to a subtree of ``scope``, by a post or by a role."""
    found = session.scalar(
        sa.select(Person.id).where(Person.id == person_id, _is_alive(), _belongs(scope, on))
    )
    return found is not None


def roles_of(
    session: Session, person_ids: Collection[int], *, scope: Collection[int], on: date
) -> dict[int, Reach]:
    """Return people's roles, and whether one reaches beyond ``scope``, by person. One statement."""
    inside = sa.case((RoleGrant.organization_id.in_(ids_within(scope)), 1), else_=0)
    rows = session.execute(
        sa.select(RoleGrant.person_id, RoleGrant.role, inside).where(
            RoleGrant.person_id.in_(person_ids), _in_force(on)
        )
    ).all()
    roles: dict[int, set[Role]] = {person_id: set() for person_id in person_ids}
    further = set()
    for person_id, role, is_inside in rows:
        roles[person_id].add(Role(role))
        if not is_inside and role != Role.LEARNER:
            further.add(person_id)
    return {who: Reach(frozenset(held), who in further) for who, held in roles.items()}


def where_of(session: Session, person_ids: Collection[int], *, on: date) -> dict[int, str]:
    """Return the names of the units where people work, by person; the newest post counts."""
    rows = session.execute(
        sa.select(Post.person_id, Organization.name)
        .join(Organization, Organization.id == Post.organization_id)
        .where(Post.person_id.in_(person_ids), _in_post(on))
        .order_by(Post.started_on, Post.id)
    )
    return {row.person_id: row.name for row in rows}


def people_to_invite(
    session: Session, unit_id: int, *, everybody: bool, on: date, limit: int = LONGEST_LIST
) -> list[int]:
    """Return who works in a subtree and needs a slip, by unit and name; one more than the limit.

    :param everybody: also who has a password already.
    """
    ranked = (
        sa.select(Person.id, sa.func.min(Post.organization_id).label("unit"))
        .join(Post, Post.person_id == Person.id)
        .where(Post.organization_id.in_(ids_within([unit_id])), _in_post(on), _is_alive())
        .group_by(Person.id)
    )
    if not everybody:
        ranked = ranked.where(Person.password_hash.is_(None))
    chosen = ranked.subquery()
    return list(
        session.scalars(
            sa.select(chosen.c.id)
            .join(Person, Person.id == chosen.c.id)
            .order_by(chosen.c.unit, Person.name_key, Person.id)
            .limit(limit + 1)
        )
    )


def open_requests(session: Session, *, scope: Collection[int], on: date) -> list[Asked]:
    """Return who of a scope asked for help and has got none yet, the first to ask first."""
    rows = session.execute(
        sa.select(Person.id, Person.user_name, Person.name, HelpRequest.asked_at)
        .join(HelpRequest, HelpRequest.person_id == Person.id)
        .where(HelpRequest.done_at.is_(None), _is_alive(), _belongs(scope, on))
        .order_by(HelpRequest.asked_at)
        .limit(LONGEST_LIST)
    ).all()
    wheres = where_of(session, [row.id for row in rows], on=on)
    return [
        Asked(row.id, row.user_name, row.name, wheres.get(row.id, ""), row.asked_at) for row in rows
    ]


def identities_of(session: Session, person_id: int) -> list[Linked]:
    """Return the identities at issuers that sign somebody in."""
    rows = session.scalars(
        sa.select(SsoIdentity).where(SsoIdentity.person_id == person_id).order_by(SsoIdentity.id)
    )
    return [Linked(row.id, row.issuer, row.linked_at) for row in rows]


def find_by_identity(session: Session, issuer: str, subject: str) -> Person | None:
    """Return whom an identity signs in, or none."""
    return session.scalar(
        sa.select(Person)
        .join(SsoIdentity, SsoIdentity.person_id == Person.id)
        .where(SsoIdentity.issuer == issuer, SsoIdentity.subject == subject, _is_alive())
    )
