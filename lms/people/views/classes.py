"""Cadre classes: listed, held, filled by a pasted list."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import Invalid
from lms.people import operations, queries
from lms.people.forms import CLASS_KINDS, ClassForm, MembersForm
from lms.people.rules import name_key, phone_digest, read_phone
from lms.people.types import ClassKind, ClassLine, Filter, PersonLine
from lms.people.views.scoping import (
    TOKEN,
    bp,
    new_token,
    own,
    scope,
    show_fault,
    today,
    unit_meant,
)


@bp.get("/people/classes")
@needs("people.view")
def classes() -> ResponseReturnValue:
    """List the cadre classes of the own party schools."""
    return render_template(
        "people/classes.html",
        rows=queries.classes_of(reading(), scope=scope("people.view")),
        kinds=CLASS_KINDS,
    )


@bp.route("/people/classes/add", methods=["GET", "POST"])
@needs("people.edit")
def add_class() -> ResponseReturnValue:
    """Hold a new class at one of the own units."""
    form = ClassForm()
    if not form.is_submitted():
        form.token.data = new_token()
        return _add_page(form), 200
    try:
        if not form.validate():
            return _add_page(form), 422
        if not TOKEN.fullmatch(form.token.data or ""):
            form.token.data = new_token()
        unit_id = unit_meant(form.unit.data or "", within=scope("people.edit"))
        with writing() as session:
            class_id = operations.add_class(
                session,
                key=str(form.token.data),
                name=form.name.data or "",
                kind=ClassKind(form.kind.data),
                organization_id=unit_id,
                starts_on=form.starts_on.data or today(),
                ends_on=form.ends_on.data or today(),
                actor_id=current_user.id,
                now=utc_now(),
            )
    except Invalid as refusal:
        show_fault(form, refusal)
        return _add_page(form), 422
    flash(_("已添加"))
    return redirect(url_for(".cadre_class", class_id=class_id), code=303)


def _add_page(form: ClassForm) -> str:
    return render_template(
        "people/class_add.html",
        form=form,
        units=queries.few_units(reading(), scope("people.edit"), on=today()),
    )


@bp.get("/people/classes/<int:class_id>")
@needs("people.view")
def cadre_class(class_id: int) -> ResponseReturnValue:
    """Show a class and its members."""
    found = queries.own_class(reading(), class_id, scope=scope("people.view"))
    return _page(found, MembersForm(formdata=None))


@bp.post("/people/classes/<int:class_id>/members")
@needs("people.edit")
def join(class_id: int) -> ResponseReturnValue:
    """Take people of the own units into a class: by user name, phone or name, one a line."""
    found = queries.own_class(reading(), class_id, scope=scope("people.edit"))
    form = MembersForm()
    if not form.validate():
        return _page(found, form), 422
    known, unclear = _people_meant(form.people.data or "")
    if unclear:
        return _page(found, form, unclear), 422
    with writing() as session:
        count = operations.join_class(
            session,
            class_id=class_id,
            person_ids=known,
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("已加入 %(n)s 人", n=count))
    return redirect(url_for(".cadre_class", class_id=class_id), code=303)


def _people_meant(text: str) -> tuple[list[int], list[tuple[str, list[PersonLine]]]]:
    """Return whom the lines of a list mean, and the lines that mean nobody or several.

    :return: ids, and each unclear line with who it may mean.
    """
    known: list[int] = []
    unclear: list[tuple[str, list[PersonLine]]] = []
    for line in dict.fromkeys(filter(None, (one.strip() for one in text.splitlines()))):
        found = _meant(line)
        if len(found) == 1:
            known.append(found[0].id)
        else:
            unclear.append((line, found))
    return known, unclear


def _meant(line: str) -> list[PersonLine]:
    within, on = scope("people.edit"), today()
    try:
        digest = phone_digest(vault(), read_phone(line))
        return queries.by_digest(reading(), [digest], scope=within, on=on)
    except Invalid:
        pass
    person = queries.find_person_by_user_name(reading(), line)
    if person is not None and queries.is_in_scope(reading(), person.id, scope=within, on=on):
        return queries.lines_of(reading(), [person.id], on=on)
    named = queries.people_of(reading(), Filter(name=line), scope=within, on=on, limit=9)
    exact = [one for one in named if name_key(one.name) == name_key(line)]
    return exact or named


@bp.post("/people/classes/<int:class_id>/members/<int:person_id>/leave")
@needs("people.edit")
def leave(class_id: int, person_id: int) -> ResponseReturnValue:
    """Let somebody leave a class today."""
    queries.own_class(reading(), class_id, scope=scope("people.edit"))
    own(person_id, "people.edit")
    with writing() as session:
        operations.leave_class(
            session,
            class_id=class_id,
            person_id=person_id,
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("已登记离班"))
    return redirect(url_for(".cadre_class", class_id=class_id), code=303)


def _page(
    found: ClassLine,
    form: MembersForm,
    unclear: list[tuple[str, list[PersonLine]]] | None = None,
) -> str:
    return render_template(
        "people/cadre_class.html",
        found=found,
        members=queries.members_of(reading(), found.id),
        form=form,
        unclear=unclear or [],
        kinds=CLASS_KINDS,
    )
