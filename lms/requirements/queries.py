from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.records.queries import facts_of
from lms.requirements import types
from lms.requirements.models import Goal, Progress
from lms.requirements.rules import evaluate, read_part, read_stored
from lms.requirements.types import GoalProgress, Requirement, State

requirement_text = sa.cast(Goal.requirement, sa.Text)
"""A goal's requirement unparsed, for :func:`lms.requirements.rules.read_stored`."""
goal_name = Goal.kind + ":" + Goal.key
"""What a goal is called in records: ``program:station-talent-2026``."""

_OF_ONE = (
    sa.select(
        Progress.goal_id,
        Progress.cycle,
        Goal.kind,
        Goal.key,
        Goal.number,
        Goal.title,
        Goal.title_en,
        Progress.started_on,
        Progress.state,
        Progress.percent,
        Progress.due_on,
        Progress.next_due_on,
        Progress.met_on,
        Progress.expires_on,
        Progress.parts,
    )
    .join(Goal, Goal.id == Progress.goal_id)
    .where(Progress.learner_id == sa.bindparam("learner_id"))
)
_GOAL_AND_START = (
    sa.select(requirement_text, goal_name, Progress.started_on)
    .join(Progress, Progress.goal_id == Goal.id)
    .where(
        Progress.learner_id == sa.bindparam("learner_id"),
        Progress.goal_id == sa.bindparam("goal_id"),
    )
    .order_by(Progress.cycle.desc())
    .limit(1)
)


def progress_of(session: Session, learner_id: int) -> list[GoalProgress]:
    """Return how a learner stands with every goal, the nearest deadline first. One statement."""
    rows = fetch(session, _OF_ONE, {"learner_id": learner_id}).mappings()
    found = [
        GoalProgress(
            **{
                **row,
                "state": State(row["state"]),
                "parts": tuple(read_part(part) for part in row["parts"]),
            }
        )
        for row in rows
    ]
    return sorted(found, key=lambda p: (p.next_due_on or date.max, p.goal_id, p.cycle))


def goal(session: Session, goal_id: int) -> Goal:
    """Return a goal.

    :raises NotFound: ``no_goal``.
    """
    found = session.get(Goal, goal_id)
    if found is None:
        raise NotFound("no_goal", N_("没有这个目标"))
    return found


def live_progress(session: Session, *, learner_id: int, goal_id: int, on: date) -> types.Progress:
    """Return how a learner stands with a goal they pursue, judged now. Two statements.

    :raises NotFound: ``no_progress``: they do not pursue it.
    """
    row = fetch(
        session, _GOAL_AND_START, {"learner_id": learner_id, "goal_id": goal_id}
    ).one_or_none()
    if row is None:
        raise NotFound("no_progress", N_("您没有参加这一项"))
    text, name, started_on = row
    facts = facts_of(session, learner_id)
    return evaluate(read_stored(text, name), facts, on=on, started_on=started_on)


def requirements(session: Session) -> dict[int, Requirement]:
    """Return the requirement of every goal. One statement."""
    rows = fetch(session, sa.select(Goal.id, requirement_text, goal_name))
    return {goal_id: read_stored(text, name) for goal_id, text, name in rows}


def learners(session: Session, *, after: int = 0, limit: int = 500) -> Sequence[int]:
    """Return the next learners that pursue something, in the order of their ids. One statement."""
    return session.scalars(
        sa.select(Progress.learner_id)
        .where(Progress.learner_id > after)
        .distinct()
        .order_by(Progress.learner_id)
        .limit(limit)
    ).all()


def number_of_learners(session: Session) -> int:
    """Return how many learners pursue something. One statement; counts them all."""
    return session.scalar(sa.select(sa.func.count(Progress.learner_id.distinct()))) or 0
