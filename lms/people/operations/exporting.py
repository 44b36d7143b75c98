"""Lists taken out of the platform: who took which, and what they could read in it."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.vault import Vault
from lms.people import queries
from lms.people.operations.numbers import check_reason
from lms.people.types import ExportLine, Filter, PersonLine

AT_ONCE = 1000
"""People read with one set of statements."""


def export_people(
    session: Session,
    wanted: Filter,
    *,
    scope: Collection[int],
    in_clear: bool,
    reason: str,
    vault: Vault,
    actor_id: int,
    now: datetime,
) -> list[ExportLine]:
    """Return everybody of a scope whom a filter names, and write down who took the list.

    :param in_clear: with whole numbers; the reason is then asked for.
    :raises Invalid: ``bad_reason``; ``cannot_open``.
    """
    reason = check_reason(reason) if in_clear else " ".join(reason.split())
    lines = []
    for people in _pages(session, wanted, scope, now):
        ids = [one.id for one in people]
        numbers = queries.numbers_of_many(session, ids, vault, in_clear=in_clear)
        educations = queries.educations_of(session, ids)
        lines += [ExportLine(one, educations.get(one.id), numbers[one.id]) for one in people]
    audit.record(
        session,
        verb="people.list_exported",
        subject="people:list",
        actor_id=actor_id,
        now=now,
        count=len(lines),
        in_clear=in_clear,
        reason=reason,
        scope=sorted(scope),
        unit_id=wanted.unit_id,
        kind=wanted.kind,
        role=wanted.role,
        state=wanted.state,
        by_name=bool(wanted.name),
    )
    return lines


def _pages(
    session: Session, wanted: Filter, scope: Collection[int], now: datetime
) -> Iterator[list[PersonLine]]:
    last, on = 0, day_of(now)
    while page := queries.people_of(session, wanted, scope=scope, on=on, after=last, limit=AT_ONCE):
        yield page
        last = page[-1].id
