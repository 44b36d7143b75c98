"""Roles of a person: granted after a preview in words, taken back."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.errors import words_of
from lms.http.forms import BaseForm
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.organizations import queries as organizations
from lms.organizations.types import Place
from lms.people import operations, queries
from lms.people.forms import DUTIES, ROLES, GrantForm
from lms.people.models import Person
from lms.people.rules import grantable_roles, may_grant
from lms.people.types import HeldRole, Role
from lms.people.views.scoping import actor, bp, scope, show_fault, standing, today, unit_meant


@bp.route("/people/<int:person_id>/roles", methods=["GET", "POST"])
@needs("roles.grant")
def roles(person_id: int) -> ResponseReturnValue:
    """Show somebody's roles; give them another, after saying in words what it lets them do."""
    found = standing(person_id, "roles.grant")
    form = GrantForm()
    mine = grantable_roles(current_user.grants)
    form.role.choices = [(str(role), ROLES[role]) for role in mine]
    if not form.validate_on_submit():
        return _page(found, form), form.status
    try:
        unit_id = unit_meant(form.unit.data or "", within=scope("roles.grant"))
        if not form.sure.data:
            return _page(found, form, organizations.organization(reading(), unit_id))
        with writing() as session:
            operations.grant_role(
                session,
                person_id=person_id,
                role=Role(form.role.data),
                organization_id=unit_id,
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                actor=actor(),
                now=utc_now(),
            )
    except Invalid as refusal:
        where = "unit" if refusal.where == "organization_id" else refusal.where
        show_fault(form, Invalid(refusal.code, refusal.message, where=where, **refusal.params))
        return _page(found, form), 422
    except Conflict as refusal:
        form.role.errors = [words_of(refusal)]
        return _page(found, form), 409
    flash(_("已授予角色"))
    return redirect(url_for(".roles", person_id=person_id), code=303)


def _page(person: Person, form: GrantForm, preview: Place | None = None) -> str:
    held = queries.roles_of(reading(), person.id)
    return render_template(
        "people/roles.html",
        person=person,
        held=held,
        revocable={one.id for one in held if _may_revoke(person, one)},
        form=form,
        preview=preview,
        preview_role=Role(form.role.data) if preview is not None else None,
        roles=ROLES,
        duties=DUTIES,
        units=queries.few_units(reading(), scope("roles.grant"), on=today()),
        today=today(),
    )


def _may_revoke(person: Person, held: HeldRole) -> bool:
    if person.id == current_user.id or held.is_over(today()):
        return False
    path = {p.id for p in organizations.ancestors(reading(), held.grant.organization_id)}
    return may_grant(current_user.grants, held.grant.role, path)


@bp.route("/people/<int:person_id>/roles/<int:grant_id>/revoke", methods=["GET", "POST"])
@needs("roles.grant")
def revoke(person_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role back, after saying in words what the person can no longer do."""
    found = standing(person_id, "roles.grant")
    held = next((one for one in queries.roles_of(reading(), person_id) if one.id == grant_id), None)
    within = scope("roles.grant")
    if held is None or not organizations.is_within(
        reading(), held.grant.organization_id, scope=within
    ):
        raise NotFound("no_grant", N_("没有授予过这个角色"))
    if not BaseForm().is_submitted():
        return _revoke_page(found, held), 200
    try:
        with writing() as session:
            operations.revoke_role(
                session, person_id=person_id, grant_id=grant_id, actor=actor(), now=utc_now()
            )
    except Conflict as refusal:
        return _revoke_page(found, held, words_of(refusal)), 409
    flash(_("已收回角色，下一次打开页面起生效"))
    return redirect(url_for(".roles", person_id=person_id), code=303)


def _revoke_page(person: Person, held: HeldRole, fault: str = "") -> str:
    return render_template(
        "people/revoke.html", person=person, held=held, fault=fault, roles=ROLES, duties=DUTIES
    )
