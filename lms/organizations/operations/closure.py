"""The closure's rows, kept in step with the tree: for this room's operations alone."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.kernel.transaction import alone, first_time
from lms.organizations.models import Closure, PastClosure
from lms.organizations.rules import SINCE_ALWAYS

_TREE_LOCK = 0x62697877
"""The number of the lock under which one transaction at a time changes the tree."""

_PAIR = ["ancestor_id", "descendant_id", "depth", "since_on"]
_PAST = [*_PAIR, "until_on"]


def lock_tree(session: Session) -> None:
    """Let nobody else change the tree until this transaction ends."""
    if first_time(session, "organizations.tree"):
        alone(session, _TREE_LOCK)


def add_leaf(session: Session, organization_id: int, parent_id: int | None) -> None:
    """Write the rows of one new organization: itself, and its parent's a level further.

    It stands where its parent stood on every past day as well: on which days it was there at
    all is told by its ``opened_on``.
    """
    session.execute(
        sa.insert(Closure),
        [{"ancestor_id": organization_id, "descendant_id": organization_id, "depth": 0}],
    )
    if parent_id is None:
        return
    here = sa.literal(organization_id)
    above = sa.select(Closure.ancestor_id, here, Closure.depth + 1, Closure.since_on).where(
        Closure.descendant_id == parent_id
    )
    session.execute(sa.insert(Closure).from_select(_PAIR, above))
    before = sa.select(
        PastClosure.ancestor_id,
        here,
        PastClosure.depth + 1,
        PastClosure.since_on,
        PastClosure.until_on,
    ).where(PastClosure.descendant_id == parent_id)
    session.execute(sa.insert(PastClosure).from_select(_PAST, before))


def hang_elsewhere(session: Session, organization_id: int, parent_id: int, *, on: date) -> None:
    """Take a subtree from where it hangs and hang it below another organization from a day on.

    Pairs that end become past ones; a pair that was true for no whole day is dropped.
    """
    below = sa.select(Closure.descendant_id).where(Closure.ancestor_id == organization_id)
    above = sa.select(Closure.ancestor_id).where(
        Closure.descendant_id == organization_id, Closure.depth > 0
    )
    ending = sa.and_(Closure.descendant_id.in_(below), Closure.ancestor_id.in_(above))
    kept = sa.select(
        Closure.ancestor_id,
        Closure.descendant_id,
        Closure.depth,
        Closure.since_on,
        sa.literal(on, sa.Date()),
    ).where(ending, Closure.since_on < on)
    session.execute(sa.insert(PastClosure).from_select(_PAST, kept))
    session.execute(
        sa.delete(Closure).where(ending), execution_options={"synchronize_session": False}
    )
    upper, lower = aliased(Closure), aliased(Closure)
    new = (
        sa.select(
            upper.ancestor_id,
            lower.descendant_id,
            upper.depth + lower.depth + 1,
            sa.literal(on, sa.Date()),
        )
        .select_from(upper)
        .join(lower, sa.true())
        .where(upper.descendant_id == parent_id, lower.ancestor_id == organization_id)
    )
    session.execute(sa.insert(Closure).from_select(_PAIR, new))


def last_rehanging(session: Session, organization_id: int, parent_id: int) -> date | None:
    """Return the last day on which something moved that a move from here to there touches.

    That is: anything in the subtree or above it, what left the subtree, anything above the new
    parent. An earlier move would have to rewrite what those days were like.
    """
    below = sa.select(Closure.descendant_id).where(Closure.ancestor_id == organization_id)
    arrivals = sa.select(sa.func.max(Closure.since_on)).where(
        sa.or_(Closure.descendant_id.in_(below), Closure.descendant_id == parent_id)
    )
    departures = sa.select(sa.func.max(PastClosure.until_on)).where(
        PastClosure.ancestor_id == organization_id
    )
    row = session.execute(sa.select(arrivals.scalar_subquery(), departures.scalar_subquery())).one()
    days = [day for day in row if day is not None and day > SINCE_ALWAYS]
    return max(days, default=None)
