"""One person's file: shown, added."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import Conflict, Invalid
from lms.people import operations, queries
from lms.people.forms import (
    CLASS_KINDS,
    EDUCATIONS,
    NUMBERS,
    POST_KINDS,
    RANK_BANDS,
    ROLES,
    AddForm,
    PostFields,
    RevealForm,
)
from lms.people.models import Person
from lms.people.rules import check_document_number, clean_name, name_key, read_phone
from lms.people.types import (
    DocumentKind,
    Education,
    Grant,
    PersonLine,
    PersonRow,
    PostKind,
    PostRow,
    RankBand,
    Role,
)
from lms.people.views.scoping import (
    TOKEN,
    bp,
    new_token,
    own,
    scope,
    show_fault,
    today,
    unit_meant,
    unkept,
)


@bp.get("/people/<int:person_id>")
@needs("people.view")
def person(person_id: int) -> ResponseReturnValue:
    """Show a personnel file, its numbers masked. A merged duplicate leads to the survivor."""
    found = own(person_id, "people.view")
    if found.merged_into_id is not None:
        own(found.merged_into_id, "people.view")
        flash(_("这份档案已经合并到下面这个人"), "info")
        return redirect(url_for(".person", person_id=found.merged_into_id), code=303)
    return unkept(file_page(found))


def file_page(
    found: Person, *, form: RevealForm | None = None, revealed: tuple[str, str] | None = None
) -> str:
    """Return the page of a file.

    :param revealed: which number is shown in clear this once, and the number.
    """
    within = _allowed(found.id)
    return render_template(
        "people/person.html",
        file=queries.file_of(reading(), found, vault()),
        merges=queries.merges_of(reading(), found.id) if within.get("people.merge") else [],
        may=within,
        form=form or RevealForm(formdata=None),
        revealed=revealed,
        numbers=NUMBERS,
        kinds=POST_KINDS,
        bands=RANK_BANDS,
        educations=EDUCATIONS,
        roles=ROLES,
        class_kinds=CLASS_KINDS,
        today=today(),
    )


def _allowed(person_id: int) -> dict[str, bool]:
    """Return which permissions hold for somebody. One statement for each different scope."""
    scopes = {
        permission: scope(permission)
        for permission in (
            "people.edit",
            "people.reveal",
            "people.merge",
            "roles.grant",
            "exams.give_time",
        )
        if current_user.may(permission)
    }
    inside = {
        one: queries.is_in_scope(reading(), person_id, scope=one, on=today())
        for one in set(scopes.values())
    }
    return {permission: inside[one] for permission, one in scopes.items()}


@bp.route("/people/add", methods=["GET", "POST"])
@needs("people.edit")
def add() -> ResponseReturnValue:
    """Add one person with a first post; who may be the same person is shown first."""
    form = AddForm()
    if not form.is_submitted():
        form.token.data, form.started_on.data = new_token(), today()
        return _add_page(form), 200
    if not form.validate():
        return _add_page(form), 422
    try:
        row = _row(form)
    except Invalid as refusal:
        show_fault(form, refusal)
        return _add_page(form), 422
    done = _sent_before(row)
    if done is not None:
        return redirect(url_for(".person", person_id=done.id), code=303)
    alike = _alike(row)
    if alike and not form.not_the_same.data:
        return _add_page(form, alike), 409
    return _store(form, row)


def _store(form: AddForm, row: PersonRow) -> ResponseReturnValue:
    try:
        with writing() as session:
            [person_id] = operations.add_many(
                session, [row], vault=vault(), actor_id=current_user.id, now=utc_now()
            )
    except Conflict as refusal:
        done = _sent_before(row)  # in the very same moment
        if done is not None:
            return redirect(url_for(".person", person_id=done.id), code=303)
        field = form.document_number if row.documents and not row.phone else form.phone
        show_fault(form, Invalid(refusal.code, refusal.message, where=field.name))
        return _add_page(form), 409
    flash(_("已添加"))
    return redirect(url_for(".person", person_id=person_id), code=303)


def _sent_before(row: PersonRow) -> Person | None:
    """Return the person that the same page, sent before, has added."""
    done = queries.find_person_by_user_name(reading(), str(row.user_name))
    return done if done is not None and name_key(done.name) == name_key(row.name) else None


def _row(form: AddForm) -> PersonRow:
    """Return the person that a form describes.

    :raises Invalid: something in it cannot be.
    """
    if not TOKEN.fullmatch(form.token.data or ""):
        form.token.data = new_token()
    post = read_post(form)
    kind = DocumentKind(form.document_kind.data)
    documents = {}
    if form.document_number.data:
        try:
            documents[kind] = check_document_number(kind, form.document_number.data, on=today())
        except Invalid as refusal:
            raise Invalid(refusal.code, refusal.message, where="document_number") from refusal
    return PersonRow(
        name=clean_name(form.name.data or ""),
        user_name=f"u{form.token.data}",
        phone=read_phone(form.phone.data) if form.phone.data else None,
        documents=documents,
        education=Education(form.education.data) if form.education.data else None,
        social_work_major=bool(form.social_work_major.data),
        social_work_started_on=form.social_work_started_on.data,
        posts=(post,),
        roles=(Grant(Role.LEARNER, post.organization_id),) if form.learns.data else (),
    )


def read_post(form: PostFields) -> PostRow:
    """Return the post that a form describes, at a unit that whoever asks may edit.

    :raises Invalid: there is no such unit, or the days cannot be.
    """
    unit_id = unit_meant(form.unit.data or "", within=scope("people.edit"))
    ended_on = getattr(form, "ended_on", None)
    post = PostRow(
        unit_id,
        PostKind(form.kind.data),
        form.title.data or "",
        form.started_on.data or today(),
        ended_on.data if ended_on is not None else None,
        RankBand(form.rank_band.data) if form.rank_band.data else None,
    )
    operations.check_post(post)
    return post


def _alike(row: PersonRow) -> list[PersonLine]:
    """Return who of the same name works, or worked, in the same unit."""
    units = [post.organization_id for post in row.posts]
    within = scope("people.view")
    return queries.named_in(reading(), name_key(row.name), units, scope=within, on=today())


def _add_page(form: AddForm, alike: list[PersonLine] | None = None) -> str:
    return render_template(
        "people/add.html",
        form=form,
        alike=alike or [],
        kinds=POST_KINDS,
        units=queries.few_units(reading(), scope("people.edit"), on=today()),
    )
