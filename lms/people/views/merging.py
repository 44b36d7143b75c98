"""Duplicates: found, compared, merged, taken apart again."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.errors import words_of
from lms.http.forms import BaseForm
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Conflict, Invalid, NotAllowed
from lms.people import operations, queries
from lms.people.forms import EDUCATIONS, NUMBERS, POST_KINDS, ROLES, MergeForm
from lms.people.operations import Above
from lms.people.rules import scope_of
from lms.people.types import Role
from lms.people.views.scoping import actor, bp, own, scope, show_fault, standing, today


@bp.get("/people/duplicates")
@needs("people.merge")
def duplicates() -> ResponseReturnValue:
    """List people of one name in one unit, who may be one person."""
    groups = queries.alike(reading(), scope=scope("people.merge"), on=today())
    ids = {person_id for group in groups for person_id in group.person_ids}
    return render_template(
        "people/duplicates.html",
        groups=groups,
        people={one.id: one for one in queries.lines_of(reading(), ids, on=today())},
        kinds=POST_KINDS,
    )


@bp.route("/people/<int:person_id>/merge/<int:duplicate_id>", methods=["GET", "POST"])
@needs("people.merge")
def merge(person_id: int, duplicate_id: int) -> ResponseReturnValue:
    """Show two files side by side, and merge the second into the first."""
    own(person_id, "people.merge")
    found = own(duplicate_id, "people.merge")
    if found.merged_into_id == person_id:  # sent twice
        return redirect(url_for(".person", person_id=person_id), code=303)
    form = MergeForm()
    if not form.validate_on_submit():
        return _page(person_id, duplicate_id, form), form.status
    try:
        with writing() as session:
            operations.merge(
                session,
                survivor_id=person_id,
                duplicate_id=duplicate_id,
                reason=form.reason.data or "",
                different_confirmed=_confirmed(form),
                vault=vault(),
                above=_above(),
                actor=actor(),
                now=utc_now(),
            )
    except Invalid as refusal:
        show_fault(form, refusal)
        return _page(person_id, duplicate_id, form), 422
    except Conflict as refusal:
        form.reason.errors = [words_of(refusal)]
        return _page(person_id, duplicate_id, form), 409
    flash(_("已合并；如果合错了，可以在这个人的页面撤销"))
    return redirect(url_for(".person", person_id=person_id), code=303)


def _above() -> Above:
    """Return what rooms above people do in a merge."""
    found: Above = current_app.extensions[operations.ABOVE]
    return found


def _confirmed(form: MergeForm) -> bool:
    """Say whether an administrator vouches for two identity numbers of one person.

    :raises NotAllowed: ``not_administrator``: somebody else tries to.
    """
    if form.different.data and not _is_administrator():
        raise NotAllowed("not_administrator", N_("身份证号不同的档案只有平台管理员能确认合并"))
    return bool(form.different.data)


def _is_administrator() -> bool:
    return any(grant.role is Role.ADMINISTRATOR for grant in current_user.grants)


def _page(person_id: int, duplicate_id: int, form: MergeForm) -> str:
    pair = [standing(one, "people.merge") for one in (person_id, duplicate_id)]
    return render_template(
        "people/merge.html",
        survivor=queries.file_of(reading(), pair[0], vault()),
        duplicate=queries.file_of(reading(), pair[1], vault()),
        is_different=operations.have_different_ids(reading(), person_id, duplicate_id),
        is_administrator=_is_administrator(),
        form=form,
        kinds=POST_KINDS,
        educations=EDUCATIONS,
        numbers=NUMBERS,
        roles=ROLES,
        today=today(),
    )


@bp.route("/people/merges/<int:merge_id>/undo", methods=["GET", "POST"])
@needs("people.merge")
def undo(merge_id: int) -> ResponseReturnValue:
    """Take a merge back: each of the two gets back what was theirs."""
    done = queries.merge_of(reading(), merge_id)
    survivor = own(done.survivor_id, "people.merge")
    if not BaseForm().is_submitted():
        return _undo_page(merge_id, survivor.id), 200
    try:
        with writing() as session:
            operations.undo_merge(
                session,
                merge_id=merge_id,
                vault=vault(),
                above=_above(),
                actor=actor(),
                now=utc_now(),
            )
    except Conflict as refusal:
        return _undo_page(merge_id, survivor.id, words_of(refusal)), 409
    flash(_("已撤销合并，两份档案都恢复了"))
    return redirect(url_for(".person", person_id=done.survivor_id), code=303)


def _undo_page(merge_id: int, survivor_id: int, fault: str = "") -> str:
    line = next(one for one in queries.merges_of(reading(), survivor_id) if one.id == merge_id)
    return render_template(
        "people/undo.html",
        line=line,
        person=own(survivor_id, "people.merge"),
        scope=scope_of(current_user.grants, "people.merge"),
        fault=fault,
    )
