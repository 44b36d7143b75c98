"""Laws that have changed: the questions that rest on them, and who learned with these."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs, own_scope
from lms.http.addresses import row_number
from lms.http.sheets import CSV, to_csv
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, NotFound
from lms.organizations import queries as organizations
from lms.organizations.types import Place
from lms.question_bank import queries as bank
from lms.reports import operations
from lms.reports.queries import superseded as queries

bp = Blueprint("superseded", __name__)


@bp.get("/teaching/bank/laws")
@needs("teaching.view")
def laws() -> ResponseReturnValue:
    """List the editions that ended, how many questions rest on each, how many learners met them."""
    today = day_of(utc_now())
    return render_template(
        "superseded/laws.html",
        rows=bank.ended_laws(reading(), on=today),
        learners=queries.learners_by_edition(reading(), on=today),
        may_name=current_user.may("team.name"),
    )


@bp.get("/team/laws")
@needs("team.name")
def team_laws() -> ResponseReturnValue:
    """List the editions that ended, for managers: to ask whom of their people it concerns."""
    unit = _unit(request.args.get("unit", type=row_number))
    return render_template(
        "superseded/team_laws.html",
        rows=bank.ended_laws(reading(), on=day_of(utc_now())),
        unit=unit,
    )


@bp.post("/team/laws/<int:edition_id>/people")
@needs("team.name")
def people(edition_id: int) -> ResponseReturnValue:
    """Name the own people who learned with questions of an ended edition; it is written down."""
    unit = _unit(request.form.get("unit", type=row_number))
    as_csv, now = request.form.get("format") == "csv", utc_now()
    edition = bank.ended_law(reading(), edition_id, on=day_of(now))
    with writing() as session:
        rows = operations.list_learners(
            session,
            edition_id=edition_id,
            unit_id=unit.id,
            format_="csv" if as_csv else "page",
            actor_id=current_user.id,
            on=day_of(now),
            now=now,
        )
    if not as_csv:
        page = render_template(
            "superseded/people.html", edition=edition, unit=unit, rows=rows, most=queries.MOST_NAMES
        )
        return _unkept(make_response(page))
    head = (_("姓名"), _("单位"), _("做过这类题的次数"), _("最近一次"))
    lines = [
        (row.name, row.unit, str(row.answers), day_of(row.last_at).isoformat()) for row in rows
    ]
    response = _unkept(make_response(to_csv(head, lines)))
    response.mimetype = CSV
    name = f"law-{edition_id}-{day_of(now).isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _unit(unit_id: int | None) -> Place:
    """Return the unit that is meant, if it is the asker's; without one, their highest."""
    scope = own_scope("team.name")
    path = organizations.ancestors(reading(), unit_id or min(scope))
    if not path or not scope & {place.id for place in path}:
        raise NotFound("no_organization", N_("没有这个单位"))
    return path[-1]


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
