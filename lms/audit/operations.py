from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Check, Entry, Link, Seal
from lms.audit.rules import GENESIS, link_digest
from lms.audit.types import FAULTS_KEPT, Verdict
from lms.kernel.selecting import put

_SEALING_LOCK = 0x62697875
"""The number of PostgreSQL's advisory lock under which one job at a time seals."""

_INSERT = sa.insert(cast(sa.Table, Entry.__table__))


def record(
    session: Session,
    *,
    verb: str,
    subject: str,
    actor_id: int | None,
    now: datetime,
    **facts: Any,
) -> None:
    """Append one entry. It is stored or lost together with the deed it tells of.

    Where much waits in the session, as when content is loaded, it waits with it and is written in
    bulk; else it is written at once, which takes a third of the time.
    """
    values = {"at": now, "actor_id": actor_id, "verb": verb, "subject": subject, "facts": facts}
    if session.new:
        session.add(Entry(**values))
    else:
        put(session, _INSERT, values)


def record_many(
    session: Session,
    *,
    verb: str,
    actor_id: int | None,
    now: datetime,
    facts_of: Mapping[str, Mapping[str, Any]],
) -> None:
    """Append one entry for each subject, all of one deed, with one statement.

    :param facts_of: the facts of each entry by its subject.
    """
    if facts_of:
        shared = {"at": now, "actor_id": actor_id, "verb": verb}
        rows = [{**shared, "subject": of, "facts": dict(facts)} for of, facts in facts_of.items()]
        session.execute(sa.insert(Entry), rows)


_CHAINED = (
    Entry.id.label("entry_id"),
    Entry.at,
    Entry.actor_id,
    Entry.verb,
    Entry.subject,
    Entry.facts,
)
"""The columns that go into an entry's link, by the names that the rule gives them."""

LATE = 10_000
"""By how many ids an entry may commit after a younger one and still be found by a quick seal."""


def seal(session: Session, *, now: datetime, batch: int = 5000, everything: bool = True) -> int:
    """Chain every entry that is not chained yet and return how many were.

    Entries are taken in the order of their ids as far as they are committed; one that commits
    later with a lower id is chained by the next run. A second sealer waits for the first.

    :param everything: look through the whole trail; else only from ``LATE`` ids before the newest
        chained entry on, which is what a job that runs every minute needs.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_SEALING_LOCK)))
    last = session.execute(sa.select(Link).order_by(Link.number.desc()).limit(1)).scalar()
    digest = last.digest if last else GENESIS
    # a number that was sealed is never given again: a tail that was cut off stays a gap
    sealed_up_to = session.scalar(sa.select(sa.func.max(Seal.last_number))) or 0
    number = max(last.number if last else 0, sealed_up_to)
    sealed = 0
    session.flush()
    unchained = (
        sa.select(*_CHAINED)  # columns: what is stored, not what was passed in
        .outerjoin(Link, Link.entry_id == Entry.id)
        .where(Link.number.is_(None))
        .order_by(Entry.id)
        .limit(batch)
    )
    if not everything:
        newest = session.scalar(sa.select(sa.func.max(Link.entry_id))) or 0
        unchained = unchained.where(Entry.id > newest - LATE)
    last_id = 0
    while rows := session.execute(unchained.where(Entry.id > last_id)).mappings().all():
        links = []
        for row in rows:
            number += 1
            digest = link_digest(digest, **row)
            links.append({"number": number, "entry_id": row["entry_id"], "digest": digest})
        session.execute(sa.insert(Link), links)
        sealed += len(links)
        last_id = links[-1]["entry_id"]  # what is before is chained: not looked at again
    if sealed:
        session.add(Seal(last_number=number, digest=digest, sealed_at=now))
    return sealed


def note_check(session: Session, verdict: Verdict, *, now: datetime) -> None:
    """Keep what a check of the chain found, for the auditors' page."""
    session.add(
        Check(
            checked_at=now,
            first_number=verdict.first_number,
            links=verdict.links,
            head=verdict.head,
            faults=[[f.number, f.entry_id, f.what] for f in verdict.faults[:FAULTS_KEPT]],
        )
    )
