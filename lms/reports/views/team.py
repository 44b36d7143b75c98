"""Pages for managers."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.unit_of_work import reading
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, NotFound
from lms.organizations import queries as organizations
from lms.organizations.types import OrganizationKind
from lms.people import queries as people_queries
from lms.people.rules import PERMISSIONS, scope_of
from lms.people.types import Role
from lms.privacy import queries as privacy
from lms.privacy.types import Purpose
from lms.reports.queries import team as queries
from lms.requirements import queries as requirements

bp = Blueprint("reports", __name__)

_ABOVE_COUNTIES = (OrganizationKind.PROVINCE, OrganizationKind.PREFECTURE)
"""Units with too many people to name one by one: their page shows the units below."""


@bp.get("/team")
@needs("team.view")
def team() -> ResponseReturnValue:
    """Show how the units below stand, and who in this unit is behind."""
    today = day_of(utc_now())
    scope = scope_of(current_user.grants, "team.view")
    unit_id = request.args.get("unit", type=row_number) or min(scope)
    path = organizations.ancestors(reading(), unit_id)
    if not scope & {place.id for place in path}:
        raise NotFound("no_organization", N_("没有这个单位"))
    only_overdue = request.args.get("only") == "overdue"
    names_people = path[-1].kind not in _ABOVE_COUNTIES
    managed, _evaluated = _scopes()
    for_evaluator = not managed & {place.id for place in path}
    rows = (
        queries.people(
            reading(),
            unit_id,
            on=today,
            only_overdue=only_overdue,
            only_consenting=for_evaluator,
            after=_after(),
        )
        if names_people
        else []
    )
    return render_template(
        "reports/team.html",
        path=path,
        scope=scope,
        unit=path[-1],
        units=queries.units(reading(), unit_id, on=today),
        rows=rows[: queries.PAGE],
        more=rows[queries.PAGE - 1] if len(rows) > queries.PAGE else None,
        only_overdue=only_overdue,
        names_people=names_people,
        for_evaluator=for_evaluator,
        today=today,
    )


@bp.get("/team/people/<int:learner_id>")
@needs("team.view")
def team_person(learner_id: int) -> ResponseReturnValue:
    """Show how one of the own people stands."""
    today = day_of(utc_now())
    managed, evaluated = _scopes()
    if not queries.is_in_scope(reading(), learner_id, scope=managed, on=today) and not (
        evaluated
        and queries.is_in_scope(reading(), learner_id, scope=evaluated, on=today)
        and privacy.has_consent(reading(), learner_id, Purpose.EVALUATION)
    ):
        raise NotFound("no_person", N_("没有这个人"))
    return render_template(
        "reports/team_person.html",
        person=people_queries.person(reading(), learner_id),
        progress=requirements.progress_of(reading(), learner_id),
        today=today,
    )


def _scopes() -> tuple[frozenset[int], frozenset[int]]:
    """Return where the asker sees everybody, and where only who agreed to it."""
    grants = [g for g in current_user.grants if g.role in PERMISSIONS["team.view"]]
    managed = frozenset(g.organization_id for g in grants if g.role is not Role.EVALUATOR)
    return managed, frozenset(g.organization_id for g in grants) - managed


def _after() -> tuple[int, int] | None:
    """Read the last row of the page before from ``?after=LEARNER.GOAL``."""
    learner_id, _, goal_id = request.args.get("after", "").partition(".")
    try:
        return row_number(learner_id), row_number(goal_id)
    except ValueError:
        return None
