"""Values and posts of a file, changed by clerks who do not see each other."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import Field

from lms.http.access import needs
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Invalid, NotFound
from lms.organizations import queries as organizations
from lms.people import operations, queries
from lms.people.forms import EDUCATIONS, POST_KINDS, RANK_BANDS, EditForm, PostForm
from lms.people.models import Person
from lms.people.rules import Clash, clean_name
from lms.people.types import Education, FileValues, KnownPost
from lms.people.views.files import read_post
from lms.people.views.scoping import bp, scope, show_fault, standing, today

LABELS = {
    "name": _l("姓名"),
    "education": _l("学历"),
    "social_work_major": _l("所学专业是社会工作"),
    "social_work_started_on": _l("从事社会工作的开始日期"),
}


@bp.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
@needs("people.edit")
def edit(person_id: int) -> ResponseReturnValue:
    """Change a file; who was slower sees what the other changed, and decides."""
    found = standing(person_id, "people.edit")
    form = EditForm()
    if not form.is_submitted():
        _fill(form, _values(found))
        return _edit_page(found, form), 200
    try:
        if not form.validate():
            return _edit_page(found, form), 422
        was, typed = _was(form), _typed(form)
        with writing() as session:
            clashes = operations.edit_file(
                session,
                person_id=person_id,
                was=was,
                typed=typed,
                vault=vault(),
                actor_id=current_user.id,
                now=utc_now(),
            )
    except Invalid as refusal:
        show_fault(form, refusal)
        return _edit_page(found, form), 422
    if clashes:
        _show_newer(form, clashes)
        return _edit_page(found, form, clashes), 409
    flash(_("已保存"))
    return redirect(url_for(".person", person_id=person_id), code=303)


def _values(person: Person) -> FileValues:
    return FileValues(
        person.name,
        Education(person.education) if person.education else None,
        person.social_work_major,
        person.social_work_started_on,
    )


def _typed(form: EditForm) -> FileValues:
    return FileValues(
        clean_name(form.name.data or ""),
        Education(form.education.data) if form.education.data else None,
        bool(form.social_work_major.data),
        form.social_work_started_on.data,
    )


def _was(form: EditForm) -> FileValues:
    """Return what the page showed when it was opened, as its hidden fields say.

    :raises Invalid: ``stale_page``: they say nothing that can be.
    """
    try:
        return FileValues(
            form.was_name.data or "",
            Education(form.was_education.data) if form.was_education.data else None,
            form.was_social_work_major.data == "1",
            _day(form.was_social_work_started_on.data),
        )
    except ValueError:
        raise Invalid("stale_page", N_("页面不完整，请返回重新打开"), where="name") from None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _fill(form: EditForm, values: FileValues) -> None:
    form.name.data = values.name
    form.education.data = str(values.education or "")
    form.social_work_major.data = values.social_work_major
    form.social_work_started_on.data = values.social_work_started_on
    for name, value in asdict(values).items():
        form[f"was_{name}"].data = _hidden(value)


def _hidden(value: Any) -> str:
    return ("1" if value else "") if isinstance(value, bool) else str(value or "")


def _show_newer(form: EditForm, clashes: Sequence[Clash]) -> None:
    """Take what the other stored as the new beginning; keep what this editor typed themselves."""
    for clash in clashes:
        form[f"was_{clash.field}"].data = _hidden(clash.now)
        if not clash.is_mine:
            newer = str(clash.now or "") if clash.field == "education" else clash.now
            _put(form[clash.field], newer)


def _put(field: Field, value: Any) -> None:
    """Show a value in a field instead of what was posted."""
    field.data, field.raw_data = value, None


def _edit_page(person: Person, form: EditForm, clashes: Sequence[Clash] = ()) -> str:
    return render_template(
        "people/edit.html",
        person=person,
        form=form,
        clashes=[(LABELS[one.field], one, _said(one)) for one in clashes],
        changed=queries.last_change(reading(), person.id) if clashes else None,
    )


def _said(clash: Clash) -> dict[str, str]:
    """Return the three values of a clash in words."""
    words: Mapping[str, Any] = asdict(clash)
    return {name: _word(words[name]) for name in ("was", "now", "typed")}


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, Education):
        return str(EDUCATIONS[value])
    return str(value) if value else str(_("未填写"))


@bp.route("/people/<int:person_id>/posts/add", methods=["GET", "POST"])
@needs("people.edit")
def add_post(person_id: int) -> ResponseReturnValue:
    """Give somebody a post in one of the own units."""
    found = standing(person_id, "people.edit")
    form = PostForm()
    if not form.is_submitted():
        form.started_on.data = today()
        return _post_page(found, form), 200
    try:
        if not form.validate():
            return _post_page(found, form), 422
        post = read_post(form)
        with writing() as session:
            operations.put_post(
                session, person_id=person_id, post=post, actor_id=current_user.id, now=utc_now()
            )
    except Invalid as refusal:
        show_fault(form, refusal)
        return _post_page(found, form), 422
    flash(_("已添加岗位"))
    return redirect(url_for(".person", person_id=person_id), code=303)


@bp.route("/people/<int:person_id>/posts/<int:post_id>", methods=["GET", "POST"])
@needs("people.edit")
def change_post(person_id: int, post_id: int) -> ResponseReturnValue:
    """Correct or end a post in one of the own units."""
    found = standing(person_id, "people.edit")
    line = queries.post_of(reading(), person_id, post_id)
    within = scope("people.edit")
    if not organizations.is_within(reading(), line.post.organization_id, scope=within):
        raise NotFound("no_post", N_("没有这个岗位"))
    form = PostForm()
    if not form.is_submitted():
        _fill_post(form, line.post, found.revision)
        return _post_page(found, form, line.post), 200
    try:
        if not form.validate():
            return _post_page(found, form, line.post), 422
        post = read_post(form)
        with writing() as session:
            stored = operations.change_post(
                session,
                person_id=person_id,
                post_id=post_id,
                post=post,
                revision=form.revision.data or 0,
                actor_id=current_user.id,
                now=utc_now(),
            )
    except Invalid as refusal:
        show_fault(form, refusal)
        return _post_page(found, form, line.post), 422
    if not stored:
        return _stale_post(person_id, post_id, form)
    flash(_("已保存"))
    return redirect(url_for(".person", person_id=person_id), code=303)


def _stale_post(person_id: int, post_id: int, form: PostForm) -> ResponseReturnValue:
    """Show the post as somebody else left it beside what was typed; sent again, it is stored."""
    newest = standing(person_id, "people.edit")
    reading().refresh(newest)
    post = queries.post_of(reading(), person_id, post_id).post
    _put(form.revision, newest.revision)
    return _post_page(newest, form, post, is_stale=True), 409


def _fill_post(form: PostForm, post: KnownPost, revision: int) -> None:
    place = organizations.organization(reading(), post.organization_id)
    form.unit.data = f"{place.name}（{place.code}）"
    form.kind.data, form.title.data = str(post.kind), post.title
    form.rank_band.data = str(post.rank_band or "")
    form.started_on.data, form.ended_on.data = post.started_on, post.ended_on
    form.revision.data = revision


def _post_page(
    person: Person, form: PostForm, post: KnownPost | None = None, *, is_stale: bool = False
) -> str:
    return render_template(
        "people/post.html",
        person=person,
        form=form,
        post=post,
        unit=organizations.organization(reading(), post.organization_id) if post else None,
        changed=queries.last_change(reading(), person.id) if is_stale else None,
        is_stale=is_stale,
        kinds=POST_KINDS,
        bands=RANK_BANDS,
        units=queries.few_units(reading(), scope("people.edit"), on=today()),
    )
