"""Deeds that reach across features: export what is held, close an account wholly."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.audit import queries as chain
from lms.credentials.models import Credential
from lms.kernel.errors import N_, Invalid
from lms.kernel.orm import Base
from lms.kernel.vault import Vault
from lms.privacy import operations as privacy
from lms.privacy import queries as privacy_queries
from lms.question_bank import queries as bank
from lms.reports.queries import own_data, superseded
from lms.reports.rules import HOLDINGS
from lms.reports.types import LearnedWith, OwnTable, Wanted

LONGEST_REASON = 500


def export_own_data(
    session: Session, *, person_id: int, vault: Vault, now: datetime
) -> list[OwnTable]:
    """Return everything that is held of somebody to themselves, and write down that it left."""
    found = own_data.own_data(session, person_id, vault=vault, now=now)
    audit.record(
        session,
        verb="privacy.data_exported",
        subject=f"person:{person_id}",
        actor_id=person_id,
        now=now,
        count=sum(len(table.rows) for table in found),
    )
    return found


def begin_trail_export(
    session: Session, *, wanted: Wanted, format_: str, reason: str, actor_id: int, now: datetime
) -> tuple[int, str]:
    """Write down that the trail leaves, seal it, and return how far it goes and its head.

    The line of this export is sealed before it begins, so that it is in the export too.

    :raises Invalid: ``blank``, ``too_long``: the reason.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("blank", N_("请写明导出的理由"), where="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where="reason", n=LONGEST_REASON)
    audit.record(
        session,
        verb="audit.trail_exported",
        subject="audit_trail:all",
        actor_id=actor_id,
        now=now,
        reason=reason,
        format=format_,
        **wanted.plain(),
    )
    session.flush()
    audit.seal(session, now=now, everything=False)
    session.flush()
    state = chain.state(session)
    return state.links, state.head


def list_learners(
    session: Session,
    *,
    edition_id: int,
    unit_id: int,
    format_: str,
    actor_id: int,
    on: date,
    now: datetime,
) -> Sequence[LearnedWith]:
    """Return who of a unit learned with questions of an ended edition; write down who looked.

    :param format_: ``page`` or ``csv``.
    :raises NotFound: ``no_edition``.
    """
    edition = bank.ended_law(session, edition_id, on=on)
    found = superseded.learned_with(session, edition_id, unit_id=unit_id, on=on)
    audit.record(
        session,
        verb="question_bank.learners_listed",
        subject=f"law:{edition.title}/{edition.name}",
        actor_id=actor_id,
        now=now,
        unit_id=unit_id,
        count=len(found),
        format=format_,
    )
    return found


def close_due_accounts(session: Session, *, now: datetime, at_most: int = 20) -> int:
    """Close the accounts whose cooling period is over; return how many.

    Learning records, certificates and the trail stay; every table that :data:`HOLDINGS` does not
    keep is emptied of their rows.
    """
    closed = 0
    for person_id in privacy_queries.due_closings(session, now=now, at_most=at_most):
        people = privacy_queries.group_of(session, person_id)
        named = session.scalar(sa.select(sa.exists().where(Credential.learner_id.in_(people))))
        done = privacy.close_account(session, person_id=person_id, keeps_name=bool(named), now=now)
        if done:
            closed += 1
            _erase(session, done)
    return closed


def _erase(session: Session, people: list[int]) -> None:
    for table, column in reversed(own_data.holding_tables(Base.metadata)):
        known = HOLDINGS.get(table.name)
        if known is not None and not known.stays:
            session.execute(sa.delete(table).where(column.in_(people)))
