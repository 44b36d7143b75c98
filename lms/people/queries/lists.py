"""Lists of people and of units to choose from."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.organizations import queries as organizations
from lms.organizations.models import Closure, Organization
from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post, RoleGrant
from lms.people.queries.many import POST_COLUMNS, known_post
from lms.people.queries.scope import BELONGS, holds_top, is_lasting, people_within
from lms.people.rules import name_key
from lms.people.types import Filter, PersonLine, PostLine, State

PAGE = 50
"""People on one page."""


def people_of(
    session: Session,
    wanted: Filter,
    *,
    scope: Collection[int],
    on: date,
    after: int = 0,
    limit: int = PAGE + 1,
) -> list[PersonLine]:
    """Return a page of the people that belong to ``scope``, by the order of their numbers.

    Three statements however many there are; nothing is counted.

    :param after: the number of the last person of the page before (keyset paging).
    """
    statement = _chosen(wanted, on).where(Person.id > after).order_by(Person.id).limit(limit)
    if wanted.unit_id is not None:
        if not organizations.is_within(session, wanted.unit_id, scope=scope):
            return []
        statement = statement.where(Person.id.in_(people_within([wanted.unit_id], on)))
    if wanted.unit_id is None and not holds_top(session, scope):
        statement = statement.where(Person.id.in_(people_within(scope, on)))
    return _lines(session, session.execute(statement).all(), on)


def _chosen(wanted: Filter, on: date) -> sa.Select[int, str, str, bool, bool]:
    """Return the statement for what a filter asks, wherever it is."""
    statement = _LINES
    key = name_key(wanted.name)
    if key:
        former = sa.select(FormerName.person_id).where(
            FormerName.name_key.contains(key, autoescape=True)
        )
        statement = statement.where(
            sa.or_(Person.name_key.contains(key, autoescape=True), Person.id.in_(former))
        )
    if wanted.kind is not None:
        statement = statement.where(
            sa.exists().where(Post.person_id == Person.id, Post.kind == wanted.kind, is_lasting(on))
        )
    if wanted.role is not None:
        statement = statement.where(
            sa.exists().where(
                RoleGrant.person_id == Person.id,
                RoleGrant.role == wanted.role,
                sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= on),
            )
        )
    return _in_state(statement, wanted.state, on)


def _in_state(
    statement: sa.Select[int, str, str, bool, bool], state: State | None, on: date
) -> sa.Select[int, str, str, bool, bool]:
    working = sa.exists().where(Post.person_id == Person.id, is_lasting(on))
    if state is State.CLOSED:
        return statement.where(Person.closed_at.is_not(None))
    statement = statement.where(Person.merged_into_id.is_(None))
    if state is State.ACTIVE:
        return statement.where(Person.closed_at.is_(None), working)
    if state is State.WITHOUT_POST:
        return statement.where(Person.closed_at.is_(None), ~working)
    return statement


_LINES = sa.select(
    Person.id,
    Person.name,
    Person.user_name,
    Person.closed_at.is_not(None).label("is_closed"),
    Person.merged_into_id.is_not(None).label("is_merged"),
)


def by_digest(
    session: Session, digests: Collection[str], *, scope: Collection[int], on: date
) -> list[PersonLine]:
    """Return who has a number, if they belong to ``scope``; a merged one is their survivor.

    Two statements. Nobody outside the scope is found, whoever has the number.
    """
    owner = sa.orm.aliased(Person)
    survivor = sa.func.coalesce(owner.merged_into_id, owner.id)
    having = [
        sa.select(survivor)
        .join(model, model.person_id == owner.id)
        .where(model.digest.in_(digests))
        for model in (Phone, IdentityDocument)
    ]
    statement = _LINES.where(Person.id.in_(sa.union(*having)), BELONGS).order_by(Person.id)
    rows = session.execute(statement, {"scope": sorted(scope), "on": on}).all()
    return _lines(session, rows, on)


def named_in(
    session: Session,
    key: str,
    unit_ids: Collection[int],
    *,
    scope: Collection[int],
    on: date,
) -> list[PersonLine]:
    """Return who of a name works in some units, now or once: possible duplicates. Two statements.

    Who has gone on to somebody else's unit is left out.

    :param key: what :func:`lms.people.rules.name_key` says of the name.
    """
    there = sa.select(Post.person_id).where(Post.organization_id.in_(unit_ids))
    former = sa.select(FormerName.person_id).where(FormerName.name_key == key)
    statement = _LINES.where(
        sa.or_(Person.name_key == key, Person.id.in_(former)),
        Person.id.in_(there),
        Person.merged_into_id.is_(None),
        BELONGS,
    ).order_by(Person.id)
    rows = session.execute(statement, {"scope": sorted(scope), "on": on}).all()
    return _lines(session, rows, on)


def lines_of(session: Session, person_ids: Collection[int], *, on: date) -> list[PersonLine]:
    """Return people as lines, by number. Two statements."""
    statement = _LINES.where(Person.id.in_(person_ids)).order_by(Person.id)
    return _lines(session, session.execute(statement).all(), on)


def people_named(session: Session, name: str) -> Sequence[int]:
    """Return the first people with a name or a part of one, wherever they are. One statement."""
    key = name_key(name)
    former = sa.select(FormerName.person_id).where(FormerName.name_key == key)
    return session.scalars(
        sa.select(Person.id)
        .where(
            sa.or_(Person.name_key.contains(key, autoescape=True), Person.id.in_(former)),
            Person.merged_into_id.is_(None),
        )
        .order_by(Person.id)
        .limit(PAGE)
    ).all()


def _lines(
    session: Session, rows: Sequence[sa.Row[int, str, str, bool, bool]], on: date
) -> list[PersonLine]:
    posts: dict[int, list[PostLine]] = defaultdict(list)
    ids = [row.id for row in rows]
    if ids:
        for row in session.execute(
            sa.select(*POST_COLUMNS, Organization.name.label("unit"))
            .join(Organization, Organization.id == Post.organization_id)
            .where(Post.person_id.in_(ids), is_lasting(on))
            .order_by(Post.started_on.desc(), Post.id)
        ):
            posts[row.person_id].append(PostLine(known_post(row), row.unit))
    return [PersonLine(*row, tuple(posts.get(row.id, ()))) for row in rows]


def units_named(
    session: Session, text: str, *, scope: Collection[int], on: date, limit: int = 9
) -> list[tuple[int, str, str]]:
    """Return id, name and code of the open units of ``scope`` that a text may mean.

    A code or a whole name outranks a part of a name. One statement.
    """
    exact = sa.or_(Organization.code == text, Organization.name == text)
    rows = session.execute(
        sa.select(Organization.id, Organization.name, Organization.code, exact)
        .join(Closure, Closure.descendant_id == Organization.id)
        .where(
            Closure.ancestor_id.in_(scope),
            sa.or_(exact, Organization.name.contains(text, autoescape=True)),
            sa.or_(Organization.closed_on.is_(None), Organization.closed_on >= on),
        )
        .distinct()
        .order_by(sa.desc(exact), Organization.code)
        .limit(limit)
    ).all()
    best = [row for row in rows if row[3]] or rows
    return [(row.id, row.name, row.code) for row in best]


def few_units(
    session: Session, scope: Collection[int], *, on: date, most: int = 80
) -> list[tuple[str, str]]:
    """Return name and code of the units of ``scope`` if they are few enough to list, else none."""
    rows = session.execute(
        sa.select(Organization.name, Organization.code)
        .join(Closure, Closure.descendant_id == Organization.id)
        .where(
            Closure.ancestor_id.in_(scope),
            sa.or_(Organization.closed_on.is_(None), Organization.closed_on >= on),
        )
        .distinct()
        .order_by(Organization.code)
        .limit(most + 1)
    ).all()
    return [] if len(rows) > most else [(row.name, row.code) for row in rows]
