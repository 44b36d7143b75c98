"""The tree, looked at: one level at a time, by search, and as it was on a day."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from lms.http.access import needs, own_scope
from lms.http.addresses import row_number
from lms.http.unit_of_work import reading
from lms.organizations import queries
from lms.organizations.forms import KINDS, SECTORS, SYSTEMS
from lms.organizations.queries.files import PAGE as CHILDREN
from lms.organizations.queries.search import PAGE as HITS
from lms.organizations.rules import HOLDS
from lms.organizations.types import OrganizationKind, Place
from lms.organizations.views.common import (
    VIEW,
    after,
    bp,
    headcounts,
    standing,
    today,
)


@bp.get("/organizations")
@needs(VIEW)
def overview() -> ResponseReturnValue:
    """Show where the own scope begins, or what was searched for in it."""
    scope = own_scope(VIEW)
    asked = request.args.get("q", "").strip()
    if not asked:
        tops = queries.units(reading(), scope)
        return render_template(
            "organizations/overview.html",
            asked="",
            tops=tops,
            people=headcounts([unit.id for unit in tops], on=today()),
            kinds=KINDS,
        )
    hits = queries.search(reading(), asked, scope=scope, after=after("after"))
    shown = hits[:HITS]
    paths = queries.paths_of(reading(), [hit.id for hit in shown])
    return render_template(
        "organizations/search.html",
        asked=asked,
        hits=shown,
        paths={one: places_above(path, scope) for one, path in paths.items()},
        more=shown[-1] if len(hits) > HITS else None,
        kinds=KINDS,
    )


@bp.get("/organizations/<int:organization_id>")
@needs(VIEW)
def show(organization_id: int) -> ResponseReturnValue:
    """Show one organization: what it is, what stands below, what happened to it."""
    found = standing(organization_id)
    page = request.args.get("after", type=row_number)
    children = queries.children(reading(), organization_id, after=page)
    shown = children[:CHILDREN]
    return render_template(
        "organizations/show.html",
        standing=found,
        file=queries.file(reading(), organization_id),
        history=queries.history(reading(), organization_id),
        children=shown,
        more=shown[-1] if len(children) > CHILDREN else None,
        first_page=page is None,
        people=headcounts([organization_id, *(one.id for one in shown)], on=today()),
        holds_any=bool(HOLDS[OrganizationKind(found.place.kind)]),
        kinds=KINDS,
        sectors=SECTORS,
        systems=SYSTEMS,
        today=today(),
    )


@bp.get("/organizations/<int:organization_id>/past")
@needs(VIEW)
def past(organization_id: int) -> ResponseReturnValue:
    """Show an organization as it was on a day: its name, where it stood, what stood below."""
    found = standing(organization_id)
    on = _asked_day()
    path = queries.ancestors_on(reading(), organization_id, on=on)
    children = queries.children_on(reading(), organization_id, on=on)
    ids = [one.id for one in (*path, *children)]
    return render_template(
        "organizations/past.html",
        standing=found,
        on=on,
        path=path,
        then=path[-1] if path and path[-1].id == organization_id else None,
        children=children,
        open_pages=queries.those_within(reading(), ids, scope=own_scope(VIEW)),
        count=headcounts([organization_id], on=on, then=True)[organization_id],
        kinds=KINDS,
        today=today(),
    )


def places_above(path: list[Place], scope: frozenset[int]) -> list[str]:
    """Return the names above an organization, from the top of the reader's scope on."""
    inside = next((at for at, place in enumerate(path) if place.id in scope), 0)
    return [place.name for place in path[inside:-1]]


def _asked_day() -> date:
    """Read the day from ``?on=``; what is no day, or has not come yet, is today."""
    try:
        asked = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today()
    return min(asked, today())
