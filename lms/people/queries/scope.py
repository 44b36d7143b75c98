"""Whose people somebody may see: those of the units below theirs.

A person belongs to the units where they work today or will work. Somebody who works nowhere any
more belongs to the units of their former posts, somebody without any post to the units over which
they hold a role, and somebody without either to the top of the tree.
"""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.kernel.orm import BIG
from lms.organizations.models import Closure, Organization
from lms.people.models import Person, Post, RoleGrant


def is_lasting(
    on: date | sa.BindParameter[date], post: type[Post] = Post
) -> sa.ColumnElement[bool]:
    """Return the condition that a post has not ended before a day."""
    return sa.or_(post.ended_on.is_(None), post.ended_on >= on)


def _belongs() -> sa.ColumnElement[bool]:
    """Build the condition that a :class:`Person` belongs to one of the subtrees ``:scope``."""
    scope = sa.bindparam("scope", expanding=True, type_=BIG)
    on = sa.bindparam("on", type_=sa.Date())
    mine = Post.person_id == Person.id
    here = sa.and_(Closure.descendant_id == Post.organization_id, Closure.ancestor_id.in_(scope))
    lasting = sa.exists().where(mine, is_lasting(on))
    return sa.or_(
        sa.exists().where(mine, is_lasting(on), here),
        sa.and_(~lasting, sa.exists().where(mine, here)),
        sa.and_(
            ~sa.exists().where(mine),
            sa.or_(
                sa.exists().where(
                    RoleGrant.person_id == Person.id,
                    Closure.descendant_id == RoleGrant.organization_id,
                    Closure.ancestor_id.in_(scope),
                ),
                sa.and_(
                    ~sa.exists().where(RoleGrant.person_id == Person.id),
                    sa.exists().where(Organization.id.in_(scope), Organization.parent_id.is_(None)),
                ),
            ),
        ),
    )


BELONGS = _belongs()
"""Built once: with what to look for as ``scope`` and ``on`` among the parameters. For one person
or a few, whom it looks up one by one; :func:`people_within` is for lists."""

_IN_SCOPE = sa.select(Person.id).where(Person.id == sa.bindparam("person_id"), BELONGS)
_OWN = sa.select(Person).where(Person.id == sa.bindparam("person_id"), BELONGS)


def people_within(scope: Collection[int], on: date) -> sa.CompoundSelect[int]:
    """Return a sub-select of the people who belong to subtrees of ``scope``, for ``in_()``.

    Those without post and role are left out: only the top of the tree has them, and a list of
    everybody needs no sub-select.
    """
    here = Closure.ancestor_id.in_(scope)
    other = sa.orm.aliased(Post)
    working = sa.exists().where(other.person_id == Post.person_id, is_lasting(on, other))
    posts = (
        sa.select(Post.person_id)
        .join(Closure, Closure.descendant_id == Post.organization_id)
        .where(here, sa.or_(is_lasting(on), ~working))
    )
    roles = (
        sa.select(RoleGrant.person_id)
        .join(Closure, Closure.descendant_id == RoleGrant.organization_id)
        .where(here, ~sa.exists().where(other.person_id == RoleGrant.person_id))
    )
    return sa.union(posts, roles)


def is_in_scope(session: Session, person_id: int, *, scope: Collection[int], on: date) -> bool:
    """Say whether somebody belongs to a subtree of ``scope``. One statement."""
    which = {"person_id": person_id, "scope": sorted(scope), "on": on}
    return session.scalar(_IN_SCOPE, which) is not None


def own_person(session: Session, person_id: int, *, scope: Collection[int], on: date) -> Person:
    """Return somebody who belongs to a subtree of ``scope``. One statement.

    :raises NotFound: ``no_person``: there is none, or they are somebody else's.
    """
    found = session.scalar(_OWN, {"person_id": person_id, "scope": sorted(scope), "on": on})
    if found is None:
        raise NotFound("no_person", N_("没有这个人"))
    return found


def holds_top(session: Session, scope: Collection[int]) -> bool:
    """Say whether a scope is the whole tree. One statement."""
    found = session.scalar(
        sa.select(Organization.id)
        .where(Organization.id.in_(scope), Organization.parent_id.is_(None))
        .limit(1)
    )
    return found is not None
