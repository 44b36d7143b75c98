"""The like of a manager's page: the units below and how far each has come."""

import sqlalchemy as sa
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from bench.floor.requests import reader, someone
from bench.floor.tables import closure, goal, grant, organization, person, post, progress
from lms.kernel.clock import day_of, utc_now
from lms.people.rules import MANAGERS

bp = Blueprint("team", __name__)

_ON, _UNIT = sa.bindparam("on"), sa.bindparam("unit_id")
_DONE = ("met", "exempt")
_LATE = sa.and_(progress.c.next_due_on < _ON, progress.c.state.not_in(_DONE))
_TODAY = sa.and_(
    post.c.started_on <= _ON, sa.or_(post.c.ended_on.is_(None), post.c.ended_on >= _ON)
)

UNIT = (
    sa.select(organization.c.id, organization.c.name, organization.c.kind)
    .join(grant, grant.c.organization_id == organization.c.id)
    .where(grant.c.person_id == sa.bindparam("me"), grant.c.role.in_(MANAGERS))
    .order_by(organization.c.id)
    .limit(1)
)
FIGURES = (
    sa.select(
        closure.c.descendant_id,
        sa.func.count(sa.case((progress.c.state.in_(_DONE), 1))),
        sa.func.count(sa.case((_LATE, 1))),
        sa.func.count(),
    )
    .join(post, sa.and_(post.c.organization_id == closure.c.descendant_id, _TODAY))
    .join(progress, progress.c.learner_id == post.c.person_id)
    .where(
        closure.c.ancestor_id == _UNIT,
        progress.c.goal_id.in_(sa.select(goal.c.id).where(goal.c.kind == "required_list")),
    )
    .group_by(closure.c.descendant_id)
)
CHILDREN = (
    sa.select(organization.c.id, organization.c.name, closure.c.descendant_id)
    .join(closure, closure.c.ancestor_id == organization.c.id)
    .where(organization.c.parent_id == _UNIT)
    .order_by(organization.c.code)
)
PEOPLE = (
    sa.select(
        person.c.id,
        person.c.name,
        organization.c.name.label("unit"),
        goal.c.title,
        progress.c.state,
        progress.c.percent,
        progress.c.next_due_on,
    )
    .select_from(closure)
    .join(post, sa.and_(post.c.organization_id == closure.c.descendant_id, _TODAY))
    .join(organization, organization.c.id == post.c.organization_id)
    .join(person, person.c.id == post.c.person_id)
    .join(progress, progress.c.learner_id == person.c.id)
    .join(goal, sa.and_(goal.c.id == progress.c.goal_id, goal.c.kind == "required_list"))
    .where(closure.c.ancestor_id == _UNIT)
    .order_by(person.c.id, progress.c.goal_id)
    .limit(51)
)


@bp.get("/team")
def team() -> ResponseReturnValue:
    """Read the person, their unit, its figures by organization, who is below which child, people.

    Four statements for a prefecture and more, five below. The sums are made here: the database
    takes longer to make them.
    """
    on = day_of(utc_now())
    with reader().connect() as connection:
        me = someone(connection)
        unit = connection.execute(UNIT, {"me": me.id}).one()
        values = {"unit_id": unit.id, "on": on}
        figures = {row[0]: row[1:] for row in connection.execute(FIGURES, values)}
        children = connection.execute(CHILDREN, values).all()
        named = unit.kind not in {"province", "prefecture"}
        rows = connection.execute(PEOPLE, values).all() if named else []
    units: dict[int, list[object]] = {}
    sums: dict[int, list[int]] = {}
    for child_id, name, below_id in children:
        total = sums.setdefault(child_id, [0, 0, 0])
        for index, figure in enumerate(figures.get(below_id, ())):
            total[index] += figure
        units[child_id] = [name, *total]
    return render_template("team.html", unit=unit, units=units, rows=rows[:50])
