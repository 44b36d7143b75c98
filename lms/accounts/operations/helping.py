"""Clerks help people into their accounts: links on slips, requests, and who may help whom."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.models import HelpRequest, PasswordLink
from lms.accounts.operations.passwords import put_password
from lms.accounts.rules import make_token, may_help, read_token
from lms.accounts.types import Slip
from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, NotAllowed, NotFound
from lms.kernel.vault import Vault
from lms.organizations import queries as organizations
from lms.people.models import Person
from lms.people.operations import lock_learner
from lms.people.rules import mask_name
from lms.people.types import Principal

_CHANCE_BYTES = 16


def check_may_help(
    session: Session, *, person_id: int, helper: Principal, scope: Collection[int], now: datetime
) -> None:
    """Refuse help by somebody who may not give it to this person.

    :raises NotFound: ``no_person``: not in the helper's scope.
    :raises NotAllowed: ``beyond_scope``: the person may more than the helper.
    """
    on = day_of(now)
    if not queries.is_in_scope(session, person_id, scope=scope, on=on):
        raise NotFound("no_person", N_("没有这个人"))
    reach = queries.roles_of(session, [person_id], scope=scope, on=on)[person_id]
    if not may_help({grant.role for grant in helper.grants}, reach):
        raise NotAllowed("beyond_scope", N_("这个人的角色超出您管理的范围，请找上级管理员或安全员"))


def make_links(
    session: Session,
    *,
    person_ids: Sequence[int],
    vault: Vault,
    now: datetime,
    days: int,
    actor_id: int | None,
) -> list[Slip]:
    """Make a set-password link for each of some people; their earlier ones are revoked.

    The tokens are in the answer and nowhere else: only their digests are stored.

    :param days: how long a link is good.
    """
    expires_at = now + timedelta(days=days)
    found = {
        person.id: person
        for person in session.scalars(sa.select(Person).where(Person.id.in_(person_ids)))
    }
    wheres = queries.where_of(session, person_ids, on=day_of(now))
    _revoke(session, person_ids, now=now)
    slips = []
    for person_id in person_ids:
        token = make_token(secrets.token_hex(_CHANCE_BYTES), vault)
        session.add(
            PasswordLink(
                person_id=person_id,
                digest=vault.digest(token, purpose="password_link"),
                made_at=now,
                made_by=actor_id,
                expires_at=expires_at,
            )
        )
        _record(
            session,
            "accounts.link_made",
            person_id,
            actor_id=actor_id,
            now=now,
            expires_at=expires_at.isoformat(),
        )
        one, where = found[person_id], wheres.get(person_id, "")
        masked = mask_name(one.name)
        slips.append(Slip(person_id, one.user_name, masked, where, token, expires_at))
    _answer_requests(session, person_ids, now=now, actor_id=actor_id)
    return slips


def invite_unit(
    session: Session,
    *,
    unit_id: int,
    everybody: bool,
    vault: Vault,
    now: datetime,
    days: int,
    helper: Principal | None,
    scope: Collection[int] = (),
    limit: int = queries.LONGEST_LIST,
) -> list[Slip]:
    """Make links for whoever works in a unit and below it and has no password yet.

    People whom the helper may not help are left out.

    :param everybody: also for those with a password.
    :param helper: none for a command at the machine itself, which may everything.
    :raises NotFound: ``no_organization``.
    :raises Conflict: ``too_many``; ``nobody``.
    """
    if helper is not None and not organizations.is_within(session, unit_id, scope=scope):
        raise NotFound("no_organization", N_("没有这个单位"))
    on = day_of(now)
    chosen = queries.people_to_invite(session, unit_id, everybody=everybody, on=on, limit=limit)
    if len(chosen) > limit:
        raise Conflict("too_many", N_("人数超过 %(n)s，请选下级单位，一次少印一些"), n=limit)
    if helper is not None:
        mine = {grant.role for grant in helper.grants}
        reaches = queries.roles_of(session, chosen, scope=scope, on=on)
        chosen = [who for who in chosen if who != helper.id and may_help(mine, reaches[who])]
    if not chosen:
        raise Conflict("nobody", N_("这个单位没有需要发放的人：都已设过密码，或不归您管"))
    return make_links(
        session,
        person_ids=chosen,
        vault=vault,
        now=now,
        days=days,
        actor_id=helper.id if helper else None,
    )


def revoke_links(session: Session, *, person_id: int, now: datetime, actor_id: int | None) -> bool:
    """Make somebody's open links useless; say whether there were any."""
    if not _revoke(session, [person_id], now=now):
        return False
    _record(session, "accounts.links_revoked", person_id, actor_id=actor_id, now=now)
    return True


def _revoke(session: Session, person_ids: Collection[int], *, now: datetime) -> int:
    done = session.execute(
        sa.update(PasswordLink)
        .where(
            PasswordLink.person_id.in_(person_ids),
            PasswordLink.used_at.is_(None),
            PasswordLink.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(PasswordLink.id),
        execution_options={"synchronize_session": False},
    )
    return len(done.all())


def usable_link(
    session: Session, *, token: str, vault: Vault, now: datetime, locked: bool = False
) -> tuple[PasswordLink, Person]:
    """Return the link of a token and whom it is for.

    :raises NotFound: ``no_link``: we never made it.
    :raises Conflict: ``used_link``, ``revoked_link``, ``expired_link``, ``closed``.
    """
    digest = read_token(token, vault)
    found = queries.link_by_digest(session, digest, locked=locked) if digest else None
    if found is None:
        raise NotFound("no_link", N_("没有这张设密码单，请核对地址，或请单位管理员重新打印"))
    link, person = found
    if person.closed_at is not None or person.merged_into_id is not None:
        raise Conflict("closed", N_("这个账号已经停用"))
    if link.used_at is not None:
        raise Conflict(
            "used_link",
            N_(
                "这张设密码单已经用过。如果是您自己设的，请直接登录；如果不是，请马上告诉单位管理员"
            ),
        )
    if link.revoked_at is not None:
        raise Conflict("revoked_link", N_("这张设密码单已经作废，请用最新的一张"))
    if link.expires_at <= now:
        raise Conflict("expired_link", N_("这张设密码单已经过期，请单位管理员重新打印"))
    return link, person


def use_link(
    session: Session, *, token: str, password_hash: str, vault: Vault, now: datetime
) -> str:
    """Set the password of whom a link is for, use the link up, and return the user name.

    Of two who use it at once the second is refused.

    :raises NotFound, Conflict: as :func:`usable_link`.
    """
    link, person = usable_link(session, token=token, vault=vault, now=now, locked=True)
    link.used_at = now
    put_password(
        session,
        person_id=person.id,
        password_hash=password_hash,
        now=now,
        actor_id=person.id,
        verb="accounts.password_set_by_link",
    )
    return person.user_name


def ask_for_help(session: Session, *, typed: str, vault: Vault, now: datetime) -> None:
    """Put somebody on the list that the clerks of their unit see. Nobody learns whether it is so.

    Asking again while a request is open changes nothing.
    """
    row = queries.find_by_sign_in_name(session, typed, vault=vault)
    if row is None or row.closed_at is not None or row.merged_into_id is not None:
        return
    lock_learner(session, row.id)
    found = session.get(HelpRequest, row.id)
    if found is not None and found.done_at is None:
        return
    if found is None:
        session.add(HelpRequest(person_id=row.id, asked_at=now))
    else:
        found.asked_at, found.done_at, found.done_by = now, None, None
    _record(session, "accounts.help_asked", row.id, actor_id=None, now=now)


def answer_request(
    session: Session, *, person_id: int, now: datetime, actor_id: int | None
) -> None:
    """Take somebody's request off the list. Again: nothing happens."""
    if _answer_requests(session, [person_id], now=now, actor_id=actor_id):
        _record(session, "accounts.help_answered", person_id, actor_id=actor_id, now=now)


def _answer_requests(
    session: Session, person_ids: Collection[int], *, now: datetime, actor_id: int | None
) -> int:
    done = session.execute(
        sa.update(HelpRequest)
        .where(HelpRequest.person_id.in_(person_ids), HelpRequest.done_at.is_(None))
        .values(done_at=now, done_by=actor_id)
        .returning(HelpRequest.person_id),
        execution_options={"synchronize_session": False},
    )
    return len(done.all())


def find_to_help(
    session: Session, *, typed: str, scope: Collection[int], vault: Vault, now: datetime
) -> int:
    """Return the id of whom an exact user name or telephone belongs to, within a scope.

    :raises NotFound: ``no_person``.
    """
    row = queries.find_by_sign_in_name(session, typed, vault=vault)
    if row is None or not queries.is_in_scope(session, row.id, scope=scope, on=day_of(now)):
        raise NotFound("no_person", N_("您管理的范围里没有这个人，请核对用户名或手机号"))
    return int(row.id)


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
