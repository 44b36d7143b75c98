import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Entry, Link, Seal
from lms.audit.rules import GENESIS, link_digest
from lms.audit.types import Fault, Verdict


def verify(session: Session) -> Verdict:
    """Walk the chain from its first link and report every place that is not as sealed.

    One streaming statement over links and entries, one over the seals. After a fault the walk
    goes on from the stored digest, so that one edited entry is one fault.
    """
    faults: list[Fault] = []
    previous, expected, links = GENESIS, 1, 0
    rows = session.execute(
        sa.select(Link.number, Link.entry_id, Link.digest, sa.Nullable(Entry))
        .outerjoin(Entry, Entry.id == Link.entry_id)
        .order_by(Link.number)
        .execution_options(yield_per=2000)
    )
    for number, entry_id, digest, entry in rows:
        links += 1
        if number != expected:
            faults.append(Fault(expected, entry_id, "missing_link"))
        elif entry is None:
            faults.append(Fault(number, entry_id, "missing_entry"))
        elif link_digest(previous, **entry.chained()) != digest:
            faults.append(Fault(number, entry_id, "edited_entry"))
        previous, expected = digest, number + 1
    seals = session.execute(
        sa.select(Seal.last_number, Seal.digest, sa.Nullable(Link.digest), Link.entry_id)
        .outerjoin(Link, Link.number == Seal.last_number)
        .order_by(Seal.last_number)
    )
    for last_number, sealed, stored, entry_id in seals:
        if stored is None:
            faults.append(Fault(last_number, 0, "missing_tail"))
        elif stored != sealed:
            faults.append(Fault(last_number, entry_id, "broken_link"))
    return Verdict(links=links, head=previous, faults=tuple(faults))
