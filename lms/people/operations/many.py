"""Many people added at once, with a fixed number of statements for each batch.

Whether the actor may do it, and to whom, is for the caller to have decided: rows come from a list
whose every line was judged before. What is refused here is what would break the data.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.vault import Vault
from lms.people import queries
from lms.people.models import Person
from lms.people.operations.rows import (
    Sheets,
    digests_of,
    document_row,
    grant_row,
    name_taken,
    number_taken,
    phone_row,
    post_row,
    refuse_taken,
    tell_of_many,
)
from lms.people.rules import name_key
from lms.people.types import PersonRow


def add_many(
    session: Session,
    rows: Sequence[PersonRow],
    *,
    vault: Vault,
    actor_id: int | None,
    now: datetime,
) -> list[int]:
    """Add people with their numbers, posts and roles, and return their ids, in order.

    They have no password: they get a link to set their first one. A line in the trail for each,
    and one for the batch.

    :raises Conflict: ``number_taken`` or ``user_name_taken``, a :class:`Taken` with the rows.
    """
    if not rows:
        return []
    _refuse_known(session, [digests_of(vault, row) for row in rows], _names(rows), now=now)
    ids = _reserve_ids(session, len(rows))
    made = _made_names(session, [i for i, row in zip(ids, rows, strict=True) if not row.user_name])
    sheets = Sheets()
    for person_id, row in zip(ids, rows, strict=True):
        _add_row(sheets, person_id, row, made, vault=vault, actor_id=actor_id, now=now)
    sheets.insert(session)
    facts = {f"person:{row['id']}": {"user_name": row["user_name"]} for row in sheets.people}
    audit.record_many(
        session, verb="people.person_added", actor_id=actor_id, now=now, facts_of=facts
    )
    if len(rows) > 1:
        tell_of_many(session, "people.many_added", len(rows), actor_id=actor_id, now=now)
    return ids


def _add_row(
    sheets: Sheets,
    person_id: int,
    row: PersonRow,
    made: Mapping[int, str],
    *,
    vault: Vault,
    actor_id: int | None,
    now: datetime,
) -> None:
    sheets.people.append(
        {
            "id": person_id,
            "user_name": row.user_name or made[person_id],
            "name": row.name,
            "name_key": name_key(row.name),
            "education": row.education,
            "social_work_major": row.social_work_major,
            "social_work_started_on": row.social_work_started_on,
            "created_at": now,
        }
    )
    if row.phone:
        sheets.phones.append(phone_row(vault, person_id, row.phone, now))
    for kind, number in (row.documents or {}).items():
        sheets.documents.append(document_row(vault, person_id, kind, number, now))
    sheets.posts += [post_row(person_id, post) for post in row.posts]
    sheets.grants += [grant_row(person_id, grant, actor_id) for grant in row.roles]


def _refuse_known(
    session: Session,
    numbers: Sequence[Collection[str]],
    names: Sequence[str | None],
    *,
    now: datetime,
) -> None:
    """Refuse numbers and user names that somebody has, or that the batch gives twice.

    :raises Conflict: ``number_taken``, ``user_name_taken``.
    """
    there = queries.existing(
        session,
        on=day_of(now),
        digests={digest for row in numbers for digest in row},
        user_names={name for name in names if name},
    )
    refuse_taken(numbers, there.by_digest.__contains__, number_taken)
    refuse_taken(
        [[name] if name else [] for name in names], there.by_user_name.__contains__, name_taken
    )


def _names(rows: Sequence[PersonRow]) -> list[str | None]:
    return [row.user_name for row in rows]


def _reserve_ids(session: Session, count: int) -> list[int]:
    """Return numbers for new people: what is sealed for somebody needs theirs beforehand."""
    if session.get_bind().dialect.name == "postgresql":
        series = sa.func.generate_series(1, count).table_valued("n")
        number = sa.func.nextval(sa.func.pg_get_serial_sequence("person", "id"))
        return list(session.scalars(sa.select(number).select_from(series)))
    last = session.scalar(sa.select(sa.func.max(Person.id))) or 0
    return list(range(last + 1, last + count + 1))


def _made_names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return a user name of its own for each of some numbers."""
    made = {person_id: f"u{person_id:06}" for person_id in ids}
    while made:
        there: set[str] = set()
        for chunk in queries.chunks(made.values()):
            there |= set(
                session.scalars(sa.select(Person.user_name).where(Person.user_name.in_(chunk)))
            )
        if not there:
            break
        made = {i: f"{name}x" if name in there else name for i, name in made.items()}
    return made
