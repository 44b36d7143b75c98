"""Adding an organization, editing what is kept of it, giving it another name."""

import secrets

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it

from lms.http.access import needs, own_scope
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.organizations import operations, queries
from lms.organizations.forms import (
    CODE_FIELDS,
    KINDS,
    SECTORS,
    SYSTEMS,
    AddForm,
    EditForm,
    RenameForm,
)
from lms.organizations.rules import HOLDS
from lms.organizations.types import OURS, Code, File, OrganizationKind
from lms.organizations.views.common import (
    ASK,
    EDIT,
    FILL_IN,
    Standing,
    ask,
    bp,
    current,
    deed,
    done,
    refuse,
    standing,
    step,
    today,
    touched,
)

_KEY_BYTES = 6
_USUAL = (OrganizationKind.TOWNSHIP_STATION, OrganizationKind.VILLAGE_ROOM)
"""What is added most often, offered first."""


@bp.route("/organizations/<int:organization_id>/add", methods=["GET", "POST"])
@needs(EDIT)
def add(organization_id: int) -> ResponseReturnValue:
    """Add an organization below one."""
    found = standing(organization_id)
    if not found.may_add:
        raise NotFound("no_organization", N_("没有这个单位"))
    below = HOLDS[OrganizationKind(found.place.kind)]
    usual = next((kind for kind in _USUAL if kind in below), None)
    form = AddForm(data={"kind": usual})
    form.kind.choices = [SelectChoice(kind, KINDS[kind]) for kind in KINDS if kind in below]
    form.key.data = form.key.data or f"u-{secrets.token_hex(_KEY_BYTES)}"
    if step() == FILL_IN or not form.validate():
        return _add_page(found, form), 422 if form.errors else 200
    if step() == ASK:
        return ask(found, "add", form=form, kinds=KINDS, sectors=SECTORS, systems=SYSTEMS)
    try:
        new_id = _add(found, form)
    except (Conflict, Invalid) as refusal:
        words, status = refuse(form, refusal)
        current(organization_id)
        return _add_page(found, form, words), status
    return done(new_id, _("已新增“%(name)s”", name=form.name.data))


def _add(found: Standing, form: AddForm) -> int:
    """Add what the form says, and return its id; sent twice it is added once."""
    codes = form.codes()
    own = next((code for code in codes if code.system == OURS), Code(OURS, form.key.data or ""))
    kind, name = OrganizationKind(form.kind.data), form.name.data or ""
    try:
        with writing() as session:
            return operations.add(
                session,
                code=own.code,
                code_system=OURS,
                kind=kind,
                name=name,
                parent_id=found.place.id,
                opened_on=form.opened_on.data,
                sector=form.chosen_sector(),
                codes=[code for code in codes if code.system != OURS],
                short_names=form.lines(),
                actor_id=current_user.id,
                scope=own_scope(EDIT),
                now=utc_now(),
            ).id
    except Conflict as refusal:
        there = queries.find_by_code(reading(), own)
        if refusal.code != "code_taken" or there is None:
            raise
        if (there.parent_id, there.kind, there.name) != (found.place.id, kind, name):
            raise
        return there.id


def _add_page(found: Standing, form: AddForm, fault: str = "") -> str:
    return render_template(
        "organizations/add.html", standing=found, form=form, fault=fault, code_fields=CODE_FIELDS
    )


@bp.route("/organizations/<int:organization_id>/edit", methods=["GET", "POST"])
@needs(EDIT)
def edit(organization_id: int) -> ResponseReturnValue:
    """Change codes, short names, sector and the day of opening."""
    found = standing(organization_id, permission=EDIT)
    file = queries.file(reading(), organization_id)
    form = EditForm(data=EditForm.values(file))
    if file.sector:  # it can become another one, not none
        form.sector.choices = [SelectChoice(sector, words) for sector, words in SECTORS.items()]
    if step() == FILL_IN or not form.validate():
        return _edit_page(found, form, file), 422 if form.errors else 200
    if step() == ASK:
        return ask(found, "edit", changes=_changes(form, file))
    try:
        with writing() as session:
            changed = operations.edit(session, organization_id, form.details(), deed(form))
    except (Conflict, Invalid) as refusal:
        words, status = refuse(form, refusal)
        now = current(organization_id)
        changes = _changes(form, now)
        form.revision.data = str(now.revision)
        return _edit_page(found, form, now, words, changes), status
    return done(organization_id, _("已保存") if changed else _("没有改动"))


def _changes(form: EditForm, file: File) -> list[tuple[object, str, str]]:
    """Return what the form says otherwise than what is stored: field, stored, typed."""
    stored = EditForm(formdata=None, data=EditForm.values(file))
    pairs = (
        (form[name].label.text, _shown(stored, name), _shown(form, name))
        for name in ("sector", "opened_on", "short_names", *CODE_FIELDS.values())
    )
    return [(label, old, new) for label, old, new in pairs if old != new]


def _shown(form: EditForm, name: str) -> str:
    value = form[name].data
    if name == "sector":
        return str(dict(SECTORS).get(value, "")) if value else ""
    if name == "short_names":
        return "、".join(line.strip() for line in form.lines() if line.strip())
    return value.isoformat() if name == "opened_on" and value else str(value or "")


def _edit_page(
    found: Standing,
    form: EditForm,
    file: File,
    fault: str = "",
    changes: list[tuple[object, str, str]] | None = None,
) -> str:
    return render_template(
        "organizations/edit.html",
        standing=found,
        form=form,
        file=file,
        fault=fault,
        changes=changes or [],
        code_fields=CODE_FIELDS,
    )


@bp.route("/organizations/<int:organization_id>/rename", methods=["GET", "POST"])
@needs(EDIT)
def rename(organization_id: int) -> ResponseReturnValue:
    """Give an organization another name, or mend a mistyped one."""
    found = standing(organization_id, permission=EDIT)
    file = queries.file(reading(), organization_id)
    given = {"revision": str(file.revision), "on": today(), "name": file.name}
    form = RenameForm(data=given)
    if step() == FILL_IN or not form.validate():
        return _rename_page(found, form, file), 422 if form.errors else 200
    try:
        if step() == ASK:
            return _ask_rename(found, form, file)
        with writing() as session:
            rename = operations.correct_name if form.mistyped.data else operations.rename
            rename(session, organization_id, form.name.data or "", deed(form))
    except (Conflict, Invalid) as refusal:
        words, status = refuse(form, refusal)
        now = current(organization_id)
        form.revision.data = str(now.revision)
        return _rename_page(found, form, now, words), status
    return done(organization_id, _("已保存"))


def _ask_rename(found: Standing, form: RenameForm, file: File) -> ResponseReturnValue:
    row, name = operations.check_rename(reading(), found.place.id, form.name.data or "", deed(form))
    if row.name == name:
        return done(file.id, _("名称没有变"))
    units, people = touched(file.id)
    return ask(
        found,
        "correct" if form.mistyped.data else "rename",
        old=row.name,
        new=name,
        on=form.on.data,
        units=units,
        people=people,
    )


def _rename_page(found: Standing, form: RenameForm, file: File, fault: str = "") -> str:
    return render_template(
        "organizations/rename.html", standing=found, form=form, file=file, fault=fault
    )
