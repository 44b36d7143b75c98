"""Publish goals, let learners pursue them, keep their progress in step with their records.

Progress is derived. It is brought up to date in the transaction of the deed that changed it
(:func:`refresh`, a before-commit step) and can be made again from the records (:func:`rebuild`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.kernel.errors import N_, NotFound
from lms.kernel.reading import Raw
from lms.kernel.selecting import fetch, put
from lms.people.models import Person
from lms.records.queries import facts_of, facts_of_many
from lms.records.types import Fact
from lms.requirements import queries
from lms.requirements.models import Goal, Progress
from lms.requirements.rules import (
    judge,
    last_due_on,
    next_due_on,
    part_of,
    read_requirement,
    read_stored,
)
from lms.requirements.types import Evidence, Requirement

BATCH = 500
"""Learners handled with one set of statements."""

_KEY = (Progress.learner_id, Progress.goal_id, Progress.cycle)
_DERIVED = (
    Progress.state,
    Progress.percent,
    Progress.due_on,
    Progress.next_due_on,
    Progress.met_on,
    Progress.expires_on,
    Progress.parts,
)
_ROWS = sa.select(*_KEY, Progress.started_on, *_DERIVED).where(
    Progress.learner_id.in_(sa.bindparam("learner_ids", expanding=True))
)
_ROWS_WITH_GOALS = _ROWS.add_columns(
    queries.requirement_text.label("requirement"), queries.goal_name.label("name")
).join(Goal, Goal.id == Progress.goal_id)
_progress = cast(sa.Table, Progress.__table__)
_WRITE = (
    sa.update(_progress)
    .where(*(_progress.c[key.key] == sa.bindparam(f"its_{key.key}") for key in _KEY))
    .values({column.key: sa.bindparam(f"new_{column.key}") for column in _DERIVED})
)
_LOCKED = (
    sa.select(Person.id)
    .where(Person.id.in_(sa.bindparam("learner_ids", expanding=True)))
    .order_by(Person.id)
    .with_for_update(key_share=True)
)
_PURSUING = sa.select(Progress.learner_id).where(
    Progress.learner_id.in_(sa.bindparam("learner_ids", expanding=True)),
    Progress.goal_id == sa.bindparam("goal_id"),
    Progress.cycle == sa.bindparam("cycle"),
)


def publish_goal(
    session: Session,
    *,
    kind: str,
    key: str,
    number: int,
    title: str,
    title_en: str,
    requirement: Raw,
    now: datetime,
) -> int:
    """Publish one version of what is demanded and return the goal's id.

    :raises Invalid: the requirement cannot be read.
    """
    read_requirement(requirement)
    published = Goal(
        kind=kind,
        key=key,
        number=number,
        title=title,
        title_en=title_en,
        requirement=requirement,
        published_at=now,
    )
    session.add(published)
    session.flush()
    return published.id


def pursue(
    session: Session,
    *,
    learner_id: int,
    goal_id: int,
    started_on: date,
    now: datetime,
    cycle: int = 1,
) -> None:
    """Let a learner pursue a goal from a day on; judged at once. Again changes nothing.

    :raises NotFound: ``no_person``, ``no_goal``.
    """
    pursue_many(
        session,
        learner_ids=[learner_id],
        goal_id=goal_id,
        started_on=started_on,
        now=now,
        cycle=cycle,
    )


def pursue_many(
    session: Session,
    *,
    learner_ids: Collection[int],
    goal_id: int,
    started_on: date,
    now: datetime,
    cycle: int = 1,
) -> list[int]:
    """Let many learners pursue a goal and return those that did not yet.

    Four statements for each 500 learners. Their rows are locked in the order of their ids, so
    that two who do this at once wait for each other instead of colliding.

    :raises NotFound: ``no_person``, ``no_goal``.
    """
    found = session.execute(
        sa.select(queries.requirement_text, queries.goal_name).where(Goal.id == goal_id)
    ).one_or_none()
    if found is None:
        raise NotFound("no_goal", N_("没有这个目标"))
    requirement, on = read_stored(*found), day_of(now)
    added: list[int] = []
    for batch in _batches(sorted(set(learner_ids))):
        which = {"learner_ids": batch}
        if len(session.scalars(_LOCKED, which).all()) < len(batch):
            raise NotFound("no_person", N_("没有这个人"))
        known = set(session.scalars(_PURSUING, which | {"goal_id": goal_id, "cycle": cycle}))
        new = [learner_id for learner_id in batch if learner_id not in known]
        facts = _facts(session, new)
        rows = [
            {
                "learner_id": learner_id,
                "goal_id": goal_id,
                "cycle": cycle,
                "started_on": started_on,
                **_derived(requirement, Evidence.of(facts[learner_id], on=on), started_on),
            }
            for learner_id in new
        ]
        if rows:
            session.execute(sa.insert(Progress), rows)
        added += new
    return added


def abandon(session: Session, *, learner_id: int, goal_id: int) -> None:
    """Let a learner pursue a goal no longer. The records stay; the progress can be made again."""
    session.execute(
        sa.delete(Progress).where(Progress.learner_id == learner_id, Progress.goal_id == goal_id)
    )


def refresh(session: Session, touched: Mapping[int, datetime]) -> None:
    """Bring the progress of touched learners up to date. A before-commit step.

    For each 500 learners: their rows with the goals, their facts, one update of what changed.
    """
    for batch in _batches(sorted(touched)):
        rows = fetch(session, _ROWS_WITH_GOALS, {"learner_ids": batch}).all()
        if rows:
            days = {learner_id: day_of(touched[learner_id]) for learner_id in batch}
            _update(session, ((row, read_stored(row.requirement, row.name)) for row in rows), days)


def rebuild(
    session: Session,
    *,
    now: datetime,
    learner_ids: Iterable[int] | None = None,
    done: Callable[[int], object] = lambda _learners: None,
) -> int:
    """Judge the progress of learners anew from their records and return how many rows changed.

    :param learner_ids: none: everybody who pursues something.
    :param done: called after each batch with the number of learners in it.
    """
    requirements, on = queries.requirements(session), day_of(now)
    batches = _everybody(session) if learner_ids is None else _batches(sorted(set(learner_ids)))
    changed = 0
    for batch in batches:
        session.execute(_LOCKED, {"learner_ids": batch})  # no deed between facts and verdict
        rows = session.execute(_ROWS, {"learner_ids": batch}).all()
        changed += _update(
            session,
            ((row, requirements[row.goal_id]) for row in rows),
            dict.fromkeys(batch, on),
        )
        done(len(batch))
    return changed


def _everybody(session: Session) -> Iterator[Sequence[int]]:
    last = 0
    while batch := queries.learners(session, after=last, limit=BATCH):
        yield batch
        last = batch[-1]


def _batches(learner_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(learner_ids), BATCH):
        yield learner_ids[start : start + BATCH]


def _facts(session: Session, learner_ids: Sequence[int]) -> dict[int, list[Fact]]:
    """Return everybody's facts. One statement; none for nobody."""
    if len(learner_ids) == 1:
        return {learner_ids[0]: facts_of(session, learner_ids[0])}
    found: dict[int, list[Fact]] = {learner_id: [] for learner_id in learner_ids}
    if learner_ids:
        found.update(facts_of_many(session, learner_ids))
    return found


def _update(
    session: Session,
    rows: Iterable[tuple[sa.Row[Any], Requirement]],
    days: Mapping[int, date],
) -> int:
    """Judge rows anew on each learner's day, write those that changed, return how many."""
    judged = list(rows)
    facts = _facts(session, sorted({row.learner_id for row, _requirement in judged}))
    evidence = {
        learner_id: Evidence.of(known, on=days[learner_id]) for learner_id, known in facts.items()
    }
    changed = []
    for row, requirement in judged:
        new = _derived(requirement, evidence[row.learner_id], row.started_on)
        if any(getattr(row, name) != value for name, value in new.items()):
            key = {f"its_{column.key}": getattr(row, column.key) for column in _KEY}
            changed.append(key | {f"new_{name}": value for name, value in new.items()})
    if changed:
        put(session, _WRITE, changed)
    return len(changed)


def _derived(requirement: Requirement, evidence: Evidence, started_on: date) -> dict[str, Any]:
    progress = judge(requirement, evidence, started_on=started_on)
    return {
        "state": str(progress.state),
        "percent": progress.percent,
        "due_on": last_due_on(progress),
        "next_due_on": next_due_on(progress),
        "met_on": progress.met_on,
        "expires_on": progress.expires_on,
        "parts": [part_of(child) for child in progress.children],
    }
