"""Phones and documents: entered, taken out, shown for a reason."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.errors import words_of
from lms.http.extensions import limiter
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Conflict, Invalid
from lms.people import operations, queries
from lms.people.forms import NUMBERS, NumberForm, RevealForm
from lms.people.models import Person
from lms.people.rules import check_document_number, read_phone
from lms.people.types import DocumentKind, PersonChange
from lms.people.views.files import file_page
from lms.people.views.scoping import bp, own, show_fault, standing, today, unkept

WITHHELD = "lms_numbers_withheld"
"""The key in ``app.extensions`` of the function that :mod:`lms.web` hands in: whether somebody
said no to having a document number of theirs kept."""


@bp.route("/people/<int:person_id>/numbers", methods=["GET", "POST"])
@needs("people.edit")
def numbers(person_id: int) -> ResponseReturnValue:
    """Enter a phone or document number in place of the one of its kind."""
    found = standing(person_id, "people.edit")
    form = NumberForm()
    if not form.validate_on_submit():
        return _page(found, form), form.status
    try:
        change = _change(person_id, form)
        if change.documents and current_app.extensions[WITHHELD](reading(), person_id):
            raise Conflict(
                "consent_withheld", N_("本人不同意登记证件号码；要登记，请本人先在“个人信息”里同意")
            )
        with writing() as session:
            operations.update_many(
                session, [change], vault=vault(), actor_id=current_user.id, now=utc_now()
            )
    except Invalid as refusal:
        form.number.errors = [words_of(refusal)]
        return _page(found, form), 422
    except Conflict as refusal:
        form.number.errors = [words_of(refusal)]
        return _page(found, form), 409
    flash(_("号码已保存"))
    return redirect(url_for(".person", person_id=person_id), code=303)


def _change(person_id: int, form: NumberForm) -> PersonChange:
    """Return the change that a number is.

    :raises Invalid: it is none of its kind.
    """
    typed = form.number.data or ""
    if form.what.data == queries.PHONE:
        return PersonChange(person_id, phone=read_phone(typed))
    kind = DocumentKind(form.what.data)
    return PersonChange(person_id, documents={kind: check_document_number(kind, typed, on=today())})


@bp.post("/people/<int:person_id>/numbers/remove")
@needs("people.edit")
def remove_number(person_id: int) -> ResponseReturnValue:
    """Take a phone or document number out of a file."""
    found = standing(person_id, "people.edit")
    form = NumberForm()
    if not form.what.validate(form):
        return _page(found, form), 422
    change = PersonChange(person_id, cleared=frozenset({form.what.data}))
    with writing() as session:
        operations.update_many(
            session, [change], vault=vault(), actor_id=current_user.id, now=utc_now()
        )
    flash(_("号码已删除"))
    return redirect(url_for(".numbers", person_id=person_id), code=303)


def _page(person: Person, form: NumberForm) -> str:
    return render_template(
        "people/numbers.html",
        person=person,
        form=form,
        known=queries.numbers_of(reading(), person.id, vault()),
        numbers=NUMBERS,
    )


@bp.post("/people/<int:person_id>/reveal")
@needs("people.reveal")
@limiter.limit("30 per minute")
def reveal(person_id: int) -> ResponseReturnValue:
    """Show one number in clear, this once, for a reason that is written down."""
    found = own(person_id, "people.reveal")
    form = RevealForm()
    if not form.validate():
        return unkept((file_page(found, form=form), 422))
    try:
        with writing() as session:
            number = operations.reveal(
                session,
                person_id=person_id,
                what=form.what.data,
                reason=form.reason.data or "",
                vault=vault(),
                actor_id=current_user.id,
                now=utc_now(),
            )
    except Invalid as refusal:
        show_fault(form, refusal)
        return unkept((file_page(found, form=form), 422))
    return unkept(file_page(found, revealed=(form.what.data, number)))
