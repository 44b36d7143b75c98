"""Search by present, former and short names and by codes."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.organizations.models import Organization, OtherCode, OtherName
from lms.organizations.queries.tree import ids_within
from lms.organizations.rules import search_key
from lms.organizations.types import Hit, OrganizationKind

PAGE = 20
LONGEST_QUESTION = 40
"""Characters; what is longer is cut."""


def search(
    session: Session,
    text: str,
    *,
    scope: Collection[int],
    after: tuple[int, int] | None = None,
    kinds: Collection[OrganizationKind] | None = None,
    only_open: bool = False,
    besides: int | None = None,
) -> list[Hit]:
    """Return a page of organizations of a scope whose name holds a text or whose code begins so.

    Those whose name or code begins with it come first. One statement.

    :param after: rank and id of the last hit of the page before (keyset paging).
    :param kinds: only organizations of these kinds; without a text all of them.
    :param besides: leave out the subtree of this one.
    :return: ``PAGE`` hits and one more if there is a next page.
    """
    key = search_key(text)[:LONGEST_QUESTION]
    if not key and kinds is None:
        return []
    hits = _hits(key) if key else _everything()
    statement = (
        sa.select(
            Organization.id,
            Organization.name,
            Organization.kind,
            Organization.closed_on,
            Organization.merged_into_id,
            hits.c.rank,
            hits.c.other_name,
        )
        .join(hits, hits.c.id == Organization.id)
        .where(Organization.id.in_(ids_within(scope)))
        .order_by(hits.c.rank, Organization.id)
        .limit(PAGE + 1)
    )
    if kinds is not None:
        statement = statement.where(Organization.kind.in_(kinds))
    if besides is not None:
        statement = statement.where(Organization.id.not_in(ids_within([besides])))
    if only_open:
        statement = statement.where(Organization.closed_on.is_(None))
    if after is not None:
        rank, last_id = after
        statement = statement.where(
            sa.or_(hits.c.rank > rank, sa.and_(hits.c.rank == rank, Organization.id > last_id))
        )
    return [Hit(*row) for row in session.execute(statement)]


def _hits(key: str) -> sa.Subquery:
    """Return organizations with the best rank at which they were found, and by which name."""
    nothing = sa.cast(sa.null(), sa.Text)
    arms: list[sa.Select[*tuple[Any, ...]]] = [
        sa.select(
            Organization.id.label("id"), _rank(Organization.name_key, key), nothing.label("other")
        ).where(Organization.name_key.contains(key, autoescape=True)),
        sa.select(OtherName.organization_id, _rank(OtherName.name_key, key), OtherName.name).where(
            OtherName.name_key.contains(key, autoescape=True)
        ),
    ]
    if key.isascii():
        arms += [
            sa.select(owner, sa.literal(0), nothing).where(
                sa.func.lower(code).startswith(key, autoescape=True)
            )
            for owner, code in (
                (Organization.id, Organization.code),
                (OtherCode.organization_id, OtherCode.code),
            )
        ]
    found = sa.union_all(*arms).subquery()
    present = sa.func.sum(sa.case((found.c.other.is_(None), 1), else_=0))
    return (
        sa.select(
            found.c.id,
            sa.func.min(found.c.rank).label("rank"),
            sa.case((present == 0, sa.func.min(found.c.other))).label("other_name"),
        )
        .group_by(found.c.id)
        .subquery()
    )


def _everything() -> sa.Subquery:
    nothing = sa.cast(sa.null(), sa.Text).label("other_name")
    return sa.select(Organization.id, sa.literal(0).label("rank"), nothing).subquery()


def _rank(column: sa.ColumnElement[str] | Any, key: str) -> sa.Label[int]:
    begins = column.startswith(key, autoescape=True)
    return sa.case((begins, 0), else_=1).label("rank")
