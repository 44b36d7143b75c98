"""What the invented people's files hold besides posts: numbers, classes, two files too many.

The numbers are plausible and nobody's: resident identity numbers of a region that is not one,
with a valid check character, and telephones in a row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.kernel.vault import Vault
from lms.organizations.types import Code
from lms.people import operations as people
from lms.people.models import IdentityDocument, Person, Phone, Post
from lms.people.rules import (
    check_character,
    document_digest,
    phone_digest,
    seal_document,
    seal_phone,
)
from lms.people.types import ClassKind, DocumentKind, PersonRow, PostKind, PostRow
from lms.web.demo import bulk, places

NOWHERE = "529900"
"""A region of no code system."""

CLASSES = (
    ("demo-selected", "选调班（2026 年秋季）", ClassKind.SELECTED_GRADUATES),
    ("demo-heads", "处长班（2026 年第二期）", ClassKind.DIVISION_HEADS),
    ("demo-non-party", "党外中青班（2026 年）", ClassKind.NON_PARTY),
    ("demo-ethnic", "民干班（2026 年）", ClassKind.ETHNIC),
)
IN_A_CLASS = 12
DUPLICATES = 2
"""Learners of the shown station who are registered twice."""

_STAFF = 900_000
"""Numbers of people who are not among the drawn learners begin here."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one invented person."""

    phone: str
    resident_id: str


def numbers_of(number: int) -> Numbers:
    """Return the numbers of the invented person with a number of ours; always the same."""
    block, order = divmod(number, 1000)
    # 151 and 13,500 have no common divisor: no two blocks are born on the same day
    born_on = date(1965, 1, 1) + timedelta(days=(order * 13 + block * 151) % 13_500)
    first = f"{NOWHERE}{born_on:%Y%m%d}{order:03}"
    return Numbers(f"190{number:08}", first + check_character(first))


def add_numbers(
    session: Session, vault: Vault, ids: Sequence[int], numbers: Sequence[int], *, now: datetime
) -> None:
    """Store the numbers of invented people.

    :param numbers: our number of each person, in the order of the ids.
    """
    drawn = [(i, numbers_of(number)) for i, number in zip(ids, numbers, strict=True)]
    kind = DocumentKind.RESIDENT_ID
    bulk.insert(
        session,
        Phone,
        [
            {
                "person_id": i,
                "sealed": seal_phone(vault, i, one.phone),
                "digest": phone_digest(vault, one.phone),
                "noted_at": now,
            }
            for i, one in drawn
        ],
    )
    bulk.insert(
        session,
        IdentityDocument,
        [
            {
                "person_id": i,
                "kind": str(kind),
                "sealed": seal_document(vault, i, kind, one.resident_id),
                "digest": document_digest(vault, kind, one.resident_id),
                "noted_at": now,
            }
            for i, one in drawn
        ],
    )


def add_rest(
    session: Session,
    vault: Vault | None,
    ids: Mapping[Code, int],
    named: Mapping[str, int],
    *,
    now: datetime,
) -> dict[str, int]:
    """Store classes and, where there are keys, numbers of accounts and duplicates; count them."""
    counts = {"classes": add_classes(session, ids, named, now=now)}
    if vault is not None:
        add_numbers_of_accounts(session, vault, named, now=now)
        counts["duplicates"] = add_duplicates(session, vault, ids, now=now)
    return counts


def add_numbers_of_accounts(
    session: Session, vault: Vault, named: Mapping[str, int], *, now: datetime
) -> None:
    """Store the numbers of everybody one can sign in as."""
    numbers = range(_STAFF, _STAFF + len(named))
    add_numbers(session, vault, list(named.values()), numbers, now=now)


def add_classes(
    session: Session, ids: Mapping[Code, int], named: Mapping[str, int], *, now: datetime
) -> int:
    """Hold the four classes of the party school, with cadres in them; return how many."""
    today = day_of(now)
    cadres = [
        named["cadre"],
        *session.scalars(
            sa.select(Post.person_id)
            .where(Post.kind == PostKind.CADRE, Post.person_id != named["cadre"])
            .order_by(Post.person_id)
            .limit(len(CLASSES) * IN_A_CLASS)
        ),
    ]
    for index, (key, name, kind) in enumerate(CLASSES):
        class_id = people.add_class(
            session,
            key=key,
            name=name,
            kind=kind,
            organization_id=ids[places.PARTY_SCHOOL],
            starts_on=today - timedelta(days=40 + 7 * index),
            ends_on=today + timedelta(days=50 - 7 * index),
            actor_id=None,
            now=now,
        )
        people.join_class(
            session,
            class_id=class_id,
            person_ids=cadres[index :: len(CLASSES)][:IN_A_CLASS],
            actor_id=None,
            now=now,
        )
    return len(CLASSES)


def add_duplicates(
    session: Session, vault: Vault, ids: Mapping[Code, int], *, now: datetime
) -> int:
    """Register learners of the shown station a second time, without documents."""
    station = ids[places.station(places.SHOWN_STATION)]
    originals = session.scalars(
        sa.select(Person.name)
        .join(Post, Post.person_id == Person.id)
        .where(Post.organization_id == station, Person.user_name.like("x%"))
        .order_by(Person.id)
        .limit(DUPLICATES)
    ).all()
    today = day_of(now)
    rows = [
        PersonRow(
            name,
            user_name=f"twice{number}",
            posts=(PostRow(station, PostKind.COMMUNITY_WORKER, "社区工作者", today),),
        )
        for number, name in enumerate(originals, 1)
    ]
    return len(people.add_many(session, rows, vault=vault, actor_id=None, now=now))
