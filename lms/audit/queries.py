from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Check, Entry, Link, Seal
from lms.audit.rules import GENESIS, link_digest
from lms.audit.types import ChainState, ExportEnd, ExportLine, Fault, Verdict

_BATCH = 1000


def verify(session: Session, *, first_number: int = 1) -> Verdict:
    """Walk the chain from its first link and report every place that is not as sealed.

    One streaming statement over links and entries, one over the seals. After a fault the walk
    goes on from the stored digest, so that one edited entry is one fault.

    :param first_number: walk from this link on; what is before it is believed.
    """
    faults: list[Fault] = []
    previous, expected, links = _digest_before(session, first_number), first_number, 0
    for number, entry_id, digest, found_id, at, actor_id, verb, subject, facts in _chain(
        session, first_number
    ):
        links += 1
        if number != expected:
            faults.append(Fault(expected, entry_id, "missing_link"))
        elif found_id is None:
            faults.append(Fault(number, entry_id, "missing_entry"))
        elif digest != link_digest(
            previous,
            entry_id=found_id,
            at=at,
            actor_id=actor_id,
            verb=verb,
            subject=subject,
            facts=facts,
        ):
            faults.append(Fault(number, entry_id, "edited_entry"))
        previous, expected = digest, number + 1
    faults += _broken_seals(session, first_number)
    return Verdict(links, previous, tuple(faults), first_number)


def _chain(session: Session, first_number: int) -> Iterable[Any]:
    return session.execute(
        sa.select(
            Link.number,
            Link.entry_id,
            Link.digest,
            Entry.id,
            Entry.at,
            Entry.actor_id,
            Entry.verb,
            Entry.subject,
            Entry.facts,
        )
        .outerjoin(Entry, Entry.id == Link.entry_id)
        .where(Link.number >= first_number)
        .order_by(Link.number)
        .execution_options(yield_per=2000)
    )


def _digest_before(session: Session, first_number: int) -> str:
    if first_number == 1:
        return GENESIS
    found = session.scalar(sa.select(Link.digest).where(Link.number == first_number - 1))
    return found or GENESIS


def _broken_seals(session: Session, first_number: int) -> Iterator[Fault]:
    seals = session.execute(
        sa.select(Seal.last_number, Seal.digest, sa.Nullable(Link.digest), Link.entry_id)
        .outerjoin(Link, Link.number == Seal.last_number)
        .where(Seal.last_number >= first_number)
        .order_by(Seal.last_number)
    )
    for last_number, sealed, stored, entry_id in seals:
        if stored is None:
            yield Fault(last_number, 0, "missing_tail")
        elif stored != sealed:
            yield Fault(last_number, entry_id, "broken_link")


def first_number_since(session: Session, since: datetime) -> int:
    """Return the link from which on everything written since an instant is chained.

    What was written since then was sealed since then: the last seal before it is the border.
    """
    last = session.scalar(sa.select(sa.func.max(Seal.last_number)).where(Seal.sealed_at < since))
    return 1 + (last or 0)


def state(session: Session) -> ChainState:
    """Return how far the chain is and what its last check found. Two statements."""
    seal = session.scalar(sa.select(Seal).order_by(Seal.last_number.desc()).limit(1))
    check = session.scalar(sa.select(Check).order_by(Check.id.desc()).limit(1))
    return ChainState(
        links=seal.last_number if seal else 0,
        head=seal.digest if seal else GENESIS,
        sealed_at=seal.sealed_at if seal else None,
        checked_at=check.checked_at if check else None,
        checked_links=check.links if check else 0,
        first_number=check.first_number if check else 1,
        faults=tuple(Fault(*fault) for fault in check.faults) if check else (),
    )


def checked_since(session: Session, since: datetime) -> bool:
    """Say whether the whole chain was checked since an instant."""
    return bool(
        session.scalar(
            sa.select(sa.exists().where(Check.checked_at >= since, Check.first_number == 1))
        )
    )


def export_faults(session: Session, lines: Iterable[ExportLine | ExportEnd]) -> Iterator[Fault]:
    """Check the lines of an export, by themselves and against the chain; tell what is wrong.

    One statement for each thousand lines.
    """
    remaining, count, end = iter(lines), 0, None
    while portion := list(islice(remaining, _BATCH)):
        for one in portion:
            if isinstance(one, ExportEnd):
                end = one
        entries = [one for one in portion if isinstance(one, ExportLine)]
        count += len(entries)
        yield from _portion_faults(session, entries)
    if end is None:
        yield Fault(0, 0, "no_end")
    elif end.lines != count:
        yield Fault(end.lines, 0, "missing_lines")


def _portion_faults(session: Session, entries: list[ExportLine]) -> Iterator[Fault]:
    numbers = [one.number for one in entries]
    stored = dict(
        session.execute(sa.select(Link.number, Link.digest).where(Link.number.in_(numbers))).all()
    )
    for one in entries:
        digest = link_digest(
            one.previous,
            entry_id=one.entry_id,
            at=one.at,
            actor_id=one.actor_id,
            verb=one.verb,
            subject=one.subject,
            facts=one.facts,
        )
        if digest != one.digest:
            yield Fault(one.number, one.entry_id, "edited_line")
        elif stored.get(one.number) != one.digest:
            yield Fault(one.number, one.entry_id, "unknown_link")
