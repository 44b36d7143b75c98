"""The rows that deeds on people's files write, and what may not be written twice."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Conflict
from lms.kernel.vault import Vault
from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post, RoleGrant
from lms.people.rules import document_digest, phone_digest, seal_document, seal_phone
from lms.people.types import DocumentKind, Grant, PersonChange, PersonRow, PostRow

MANY = "people:many"
"""The subject of the line in the trail that tells of a whole batch."""


class Taken(Conflict):
    """A number or user name belongs to somebody else; ``rows`` says in which rows of the call."""

    def __init__(self, code: str, message: str, rows: Sequence[int]) -> None:
        super().__init__(code, message)
        self.rows = tuple(rows)


def number_taken(rows: Sequence[int] = (0,)) -> Taken:
    """Return the refusal of a number that is somebody else's; it does not say whose."""
    return Taken("number_taken", N_("这个号码已登记在另一个人名下，请核对"), rows)


def name_taken(rows: Sequence[int] = (0,)) -> Taken:
    """Return the refusal of a user name that somebody has."""
    return Taken("user_name_taken", N_("这个用户名已有人使用"), rows)


@dataclass(slots=True)
class Sheets:
    """The rows that a batch writes, by table."""

    people: list[dict[str, Any]] = field(default_factory=list)
    phones: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    grants: list[dict[str, Any]] = field(default_factory=list)
    former: list[dict[str, Any]] = field(default_factory=list)

    def insert(self, session: Session) -> None:
        """Insert them all. One statement for each table that has any.

        :raises Conflict: ``number_taken`` without rows: somebody stored the same this moment.
        """
        try:
            with session.begin_nested():
                self._insert(session)
        except IntegrityError as fault:
            raise number_taken(()) from fault

    def _insert(self, session: Session) -> None:
        for model, rows in (
            (Person, self.people),
            (Phone, self.phones),
            (IdentityDocument, self.documents),
            (Post, self.posts),
            (RoleGrant, self.grants),
            (FormerName, self.former),
        ):
            if rows:
                session.execute(sa.insert(model), rows)


def refuse_taken(
    rows: Sequence[Collection[str]],
    is_taken: Callable[[str], bool],
    refusal: Callable[[Sequence[int]], Taken],
) -> None:
    """Refuse values that somebody has, or that stand twice in the rows."""
    seen: set[str] = set()
    wrong = []
    for index, values in enumerate(rows):
        if any(value in seen or is_taken(value) for value in values):
            wrong.append(index)
        seen.update(values)
    if wrong:
        raise refusal(wrong)


def digests_of(vault: Vault, row: PersonRow | PersonChange) -> list[str]:
    """Return by what the numbers of a row are looked up."""
    found = [document_digest(vault, kind, number) for kind, number in (row.documents or {}).items()]
    return [*found, phone_digest(vault, row.phone)] if row.phone else found


def phone_row(vault: Vault, person_id: int, phone: str, now: datetime) -> dict[str, Any]:
    """Return somebody's phone as a row."""
    return {
        "person_id": person_id,
        "sealed": seal_phone(vault, person_id, phone),
        "digest": phone_digest(vault, phone),
        "noted_at": now,
    }


def document_row(
    vault: Vault, person_id: int, kind: DocumentKind, number: str, now: datetime
) -> dict[str, Any]:
    """Return somebody's document as a row."""
    return {
        "person_id": person_id,
        "kind": kind,
        "sealed": seal_document(vault, person_id, kind, number),
        "digest": document_digest(vault, kind, number),
        "noted_at": now,
    }


def post_row(person_id: int, post: PostRow) -> dict[str, Any]:
    """Return a post as a row."""
    return {
        "person_id": person_id,
        "organization_id": post.organization_id,
        "kind": post.kind,
        "title": post.title,
        "rank_band": post.rank_band,
        "started_on": post.started_on,
        "ended_on": post.ended_on,
    }


def grant_row(person_id: int, grant: Grant, actor_id: int | None) -> dict[str, Any]:
    """Return a role over a subtree as a row."""
    return {
        "person_id": person_id,
        "role": grant.role,
        "organization_id": grant.organization_id,
        "granted_by": actor_id,
    }


def tell_of_many(
    session: Session, verb: str, count: int, *, actor_id: int | None, now: datetime
) -> None:
    """Tell the trail of a whole batch."""
    audit.record(session, verb=verb, subject=MANY, actor_id=actor_id, now=now, count=count)
