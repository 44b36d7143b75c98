from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.people import queries
from lms.people.models import FormerName, Person
from lms.people.rules import name_key


def note_former_names(
    session: Session, names: Mapping[int, str], *, actor_id: int | None, now: datetime
) -> frozenset[int]:
    """Note a name that each of some people had before; return for whom it was not known yet.

    :param names: person -> a name as :func:`lms.people.rules.clean_name` returns it.
    """
    known: set[tuple[int, str]] = set()
    for chunk in queries.chunks(sorted(names)):
        there = session.execute(
            sa.select(FormerName.person_id, FormerName.name).where(FormerName.person_id.in_(chunk))
        )
        known |= {(row.person_id, row.name) for row in there}
    new = {person_id: name for person_id, name in names.items() if (person_id, name) not in known}
    if not new:
        return frozenset()
    rows = [
        {"person_id": person_id, "name": name, "name_key": name_key(name), "noted_at": now}
        for person_id, name in new.items()
    ]
    session.execute(sa.insert(FormerName), rows)
    for chunk in queries.chunks(sorted(new)):
        session.execute(
            sa.update(Person).where(Person.id.in_(chunk)).values(revision=Person.revision + 1)
        )
    audit.record_many(
        session,
        verb="people.person_changed",
        actor_id=actor_id,
        now=now,
        facts_of={
            f"person:{person_id}": {"fields": ["former_names"], "after": {"former_names": name}}
            for person_id, name in new.items()
        },
    )
    session.expire_all()
    return frozenset(new)
