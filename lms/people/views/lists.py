"""Finding people."""

from contextlib import suppress

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.extensions import limiter
from lms.http.unit_of_work import reading, vault
from lms.kernel.errors import Invalid
from lms.people import queries
from lms.people.forms import POST_KINDS, FilterForm, SearchForm
from lms.people.rules import (
    check_document_number,
    document_digest,
    normal_number,
    phone_digest,
    read_phone,
)
from lms.people.types import DocumentKind, Filter, PersonLine, PostKind, Role, State
from lms.people.views.scoping import bp, scope, show_fault, today, unit_meant


@bp.get("/people")
@needs("people.view")
def people() -> ResponseReturnValue:
    """List the people of the own units; look for a name, a unit, a kind, a role."""
    form = FilterForm(request.args)
    wanted = wanted_of(form)
    rows: list[PersonLine] = []
    if wanted is not None:
        rows = queries.people_of(
            reading(),
            wanted,
            scope=scope("people.view"),
            on=today(),
            after=request.args.get("after", default=0, type=row_number),
        )
    return _page(form, SearchForm(formdata=None), rows), 200 if wanted is not None else 422


def wanted_of(form: FilterForm) -> Filter | None:
    """Return what the filter of a list says, or none if it names no unit of ours."""
    if not form.validate():
        return None
    try:
        unit = unit_meant(form.unit.data, within=scope("people.view")) if form.unit.data else None
    except Invalid as refusal:
        show_fault(form, refusal)
        return None
    return Filter(
        form.name.data or "",
        unit,
        PostKind(form.kind.data) if form.kind.data else None,
        Role(form.role.data) if form.role.data else None,
        State(form.state.data) if form.state.data else None,
    )


@bp.post("/people/find")
@needs("people.view")
@limiter.limit("60 per minute")
def find() -> ResponseReturnValue:
    """Find somebody by phone or document number, or go on to the list of a name."""
    form = SearchForm()
    if not form.validate():
        return _page(FilterForm(formdata=None), form, []), 422
    typed = str(form.wanted.data)
    digests = _digests(typed)
    if not digests:
        return redirect(url_for(".people", name=typed), code=303)
    found = queries.by_digest(reading(), digests, scope=scope("people.view"), on=today())
    if len(found) == 1:
        return redirect(url_for(".person", person_id=found[0].id), code=303)
    if not found:
        flash(_("您管的单位里没有登记这个号码的人"), "warning")
        return redirect(url_for(".people"), code=303)
    return _page(FilterForm(formdata=None), form, found)


def _digests(typed: str) -> list[str]:
    """Return by what a number may be known; of something with no digit in it, nothing."""
    if not any(character.isdecimal() for character in normal_number(typed)):
        return []
    found = []
    with suppress(Invalid):
        found.append(phone_digest(vault(), read_phone(typed)))
    for kind in DocumentKind:
        try:
            number = check_document_number(kind, typed, on=today())
        except Invalid:
            continue
        found.append(document_digest(vault(), kind, number))
    return found or [typed]  # a number nobody has: it must not get into an address


def _page(form: FilterForm, search: SearchForm, rows: list[PersonLine]) -> str:
    chosen = {
        name: value
        for name in ("name", "unit", "kind", "role", "state")
        if (value := form[name].data)
    }
    return render_template(
        "people/people.html",
        form=form,
        search=search,
        rows=rows[: queries.PAGE],
        more=rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None,
        chosen=chosen,
        kinds=POST_KINDS,
        units=queries.few_units(reading(), scope("people.view"), on=today()),
    )
