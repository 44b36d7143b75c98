"""Look-ups for many people at once: a handful of statements for thousands of rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post, RoleGrant
from lms.people.types import (
    DocumentKind,
    Education,
    Existing,
    Grant,
    KnownPost,
    PostKind,
    RankBand,
    Role,
    Snapshot,
)

CHUNK = 10_000
"""Values in one ``IN``: below what either database takes."""

_Value = TypeVar("_Value")

_SURVIVOR = sa.func.coalesce(Person.merged_into_id, Person.id)


def existing(
    session: Session,
    *,
    on: date,
    digests: Collection[str] = (),
    user_names: Collection[str] = (),
    name_keys_in_units: Collection[tuple[str, int]] = (),
) -> Existing:
    """Return who is there already, for telling who of a list is new.

    Two statements for each 10,000 digests, one for as many user names, two for as many names.

    :param digests: of phones and documents alike, as :func:`lms.people.rules.phone_digest` and
        :func:`lms.people.rules.document_digest` give them.
    :param name_keys_in_units: what :func:`lms.people.rules.name_key` says, and an organization.
    """
    by_digest: dict[str, int] = {}
    for chunk in chunks(set(digests)):
        for model in (Phone, IdentityDocument):
            rows = session.execute(
                sa.select(model.digest, _SURVIVOR)
                .join(Person, Person.id == model.person_id)
                .where(model.digest.in_(chunk))
            )
            by_digest.update((digest, person_id) for digest, person_id in rows)
    by_user_name: dict[str, int] = {}
    for chunk in chunks(set(user_names)):
        rows = session.execute(
            sa.select(Person.user_name, _SURVIVOR).where(Person.user_name.in_(chunk))
        )
        by_user_name.update((user_name, person_id) for user_name, person_id in rows)
    return Existing(by_digest, by_user_name, _by_name(session, set(name_keys_in_units), on=on))


def _by_name(
    session: Session, wanted: Collection[tuple[str, int]], *, on: date
) -> dict[tuple[str, int], tuple[int, ...]]:
    """Return who of a name works in a unit on a day or later, former names included."""
    found: dict[tuple[str, int], set[int]] = defaultdict(set)
    working = sa.and_(
        Post.person_id == Person.id, sa.or_(Post.ended_on.is_(None), Post.ended_on >= on)
    )
    for chunk in chunks({key for key, _unit in wanted}):
        present = (
            sa.select(Person.name_key, Post.organization_id, Person.id)
            .join(Post, working)
            .where(Person.name_key.in_(chunk), Person.merged_into_id.is_(None))
        )
        former = (
            sa.select(FormerName.name_key, Post.organization_id, Person.id)
            .join(Person, Person.id == FormerName.person_id)
            .join(Post, working)
            .where(FormerName.name_key.in_(chunk), Person.merged_into_id.is_(None))
        )
        for statement in (present, former):
            for key, unit, person_id in session.execute(statement):
                if (key, unit) in wanted:
                    found[key, unit].add(person_id)
    return {pair: tuple(sorted(people)) for pair, people in found.items()}


def snapshots(session: Session, person_ids: Collection[int]) -> dict[int, Snapshot]:
    """Return the files of those people that exist, by id. Five statements for each 10,000."""
    found: dict[int, Snapshot] = {}
    for chunk in chunks(sorted(set(person_ids))):
        found |= _snapshots(session, chunk)
    return found


def _snapshots(session: Session, ids: Sequence[int]) -> dict[int, Snapshot]:
    phones = {
        row.person_id: row.digest
        for row in session.execute(
            sa.select(Phone.person_id, Phone.digest).where(Phone.person_id.in_(ids))
        )
    }
    documents: dict[int, dict[DocumentKind, str]] = defaultdict(dict)
    for row in session.execute(
        sa.select(IdentityDocument.person_id, IdentityDocument.kind, IdentityDocument.digest).where(
            IdentityDocument.person_id.in_(ids)
        )
    ):
        documents[row.person_id][DocumentKind(row.kind)] = row.digest
    posts: dict[int, list[KnownPost]] = defaultdict(list)
    for post in session.execute(
        sa.select(*POST_COLUMNS).where(Post.person_id.in_(ids)).order_by(Post.id)
    ):
        posts[post.person_id].append(known_post(post))
    grants: dict[int, list[Grant]] = defaultdict(list)
    for person_id, role, place in session.execute(
        sa.select(RoleGrant.person_id, RoleGrant.role, RoleGrant.organization_id)
        .where(RoleGrant.person_id.in_(ids))
        .order_by(RoleGrant.id)
    ):
        grants[person_id].append(Grant(Role(role), place))
    people = session.execute(
        sa.select(
            Person.id,
            Person.user_name,
            Person.name,
            Person.revision,
            Person.education,
            Person.social_work_major,
            Person.social_work_started_on,
            Person.closed_at,
        ).where(Person.id.in_(ids))
    )
    return {
        row.id: Snapshot(
            row.id,
            row.user_name,
            row.name,
            row.revision,
            Education(row.education) if row.education else None,
            row.social_work_major,
            row.social_work_started_on,
            row.closed_at is not None,
            phones.get(row.id),
            documents.get(row.id, {}),
            tuple(posts.get(row.id, ())),
            tuple(grants.get(row.id, ())),
        )
        for row in people
    }


POST_COLUMNS = (
    Post.person_id,
    Post.id,
    Post.organization_id,
    Post.kind,
    Post.title,
    Post.rank_band,
    Post.started_on,
    Post.ended_on,
)
"""The columns of a :class:`KnownPost`, with whose it is."""


def known_post(row: Any) -> KnownPost:
    """Return a row of :data:`POST_COLUMNS` as a value."""
    return KnownPost(
        row.id,
        row.organization_id,
        PostKind(row.kind),
        row.title,
        RankBand(row.rank_band) if row.rank_band else None,
        row.started_on,
        row.ended_on,
    )


def chunks(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """Yield values in lists that fit into one ``IN``."""
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
