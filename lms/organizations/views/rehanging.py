"""Moving, merging, closing and opening again."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.http.access import needs, own_scope
from lms.http.unit_of_work import reading, writing
from lms.kernel.errors import Conflict, Invalid
from lms.organizations import operations, queries
from lms.organizations.forms import KINDS, DeedForm, TargetForm
from lms.organizations.queries.search import PAGE
from lms.organizations.rules import holders_of, mergeable_with
from lms.organizations.types import File, Hit, OrganizationKind
from lms.organizations.views.browsing import places_above
from lms.organizations.views.common import (
    ASK,
    EDIT,
    FILL_IN,
    VIEW,
    Standing,
    ask,
    bp,
    current,
    deed,
    done,
    headcounts,
    refuse,
    standing,
    step,
    today,
    touched,
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Organizations that may be chosen: one page of them, found by a text or all."""

    asked: str
    hits: list[Hit]
    above: dict[int, list[str]]
    """Names above each, for telling them apart."""
    more: bool


def _candidates(file: File, kinds: Collection[OrganizationKind]) -> Candidates:
    asked = request.values.get("q", "").strip()
    scope = own_scope(EDIT)
    found = queries.search(
        reading(), asked, scope=scope, kinds=kinds, only_open=True, besides=file.id
    )
    hits = found[:PAGE]
    paths = queries.paths_of(reading(), [hit.id for hit in hits])
    seen = own_scope(VIEW)
    above = {one: places_above(path, seen) for one, path in paths.items()}
    return Candidates(asked, hits, above, len(found) > PAGE)


@bp.route("/organizations/<int:organization_id>/move", methods=["GET", "POST"])
@needs(EDIT)
def move(organization_id: int) -> ResponseReturnValue:
    """Hang an organization under another one."""
    found = standing(organization_id, permission=EDIT)
    file = queries.file(reading(), organization_id)
    form = TargetForm(data={"revision": str(file.revision), "on": today()})
    kinds = holders_of(OrganizationKind(file.kind))
    if step() == FILL_IN or not form.validate():
        return _target_page("move", found, form, file, kinds=kinds), 422 if form.errors else 200
    try:
        if step() == ASK:
            return _ask_move(found, form)
        with writing() as session:
            operations.move(session, organization_id, form.target.data, deed(form))
    except (Conflict, Invalid) as refusal:
        words, status = refuse(form, refusal)
        now = current(organization_id)
        form.revision.data = str(now.revision)
        return _target_page("move", found, form, now, kinds=kinds, fault=words), status
    return done(organization_id, _("已划转"))


def _ask_move(found: Standing, form: TargetForm) -> ResponseReturnValue:
    row, target = operations.check_move(reading(), found.place.id, form.target.data, deed(form))
    units, people = touched(row.id)
    return ask(
        found,
        "move",
        old=found.path[-2].name if len(found.path) > 1 else "",
        new=target.name,
        on=form.on.data,
        units=units,
        people=people,
    )


@bp.route("/organizations/<int:organization_id>/merge", methods=["GET", "POST"])
@needs(EDIT)
def merge(organization_id: int) -> ResponseReturnValue:
    """Let an organization go into another one."""
    found = standing(organization_id, permission=EDIT)
    file = queries.file(reading(), organization_id)
    form = TargetForm(data={"revision": str(file.revision), "on": today()})
    kinds = mergeable_with(OrganizationKind(file.kind))
    if step() == FILL_IN or not form.validate():
        return _target_page("merge", found, form, file, kinds=kinds), 422 if form.errors else 200
    try:
        if step() == ASK:
            return _ask_merge(found, form)
        with writing() as session:
            operations.merge(session, organization_id, form.target.data, deed(form))
    except (Conflict, Invalid) as refusal:
        words, status = refuse(form, refusal)
        now = current(organization_id)
        form.revision.data = str(now.revision)
        return _target_page("merge", found, form, now, kinds=kinds, fault=words), status
    return done(organization_id, _("已合并"))


def _ask_merge(found: Standing, form: TargetForm) -> ResponseReturnValue:
    row, target, children = operations.check_merge(
        reading(), found.place.id, form.target.data, deed(form)
    )
    _units, people = touched(row.id)
    return ask(
        found,
        "merge",
        new=target.name,
        on=form.on.data,
        children=[child.name for child in children],
        people=people,
    )


def _target_page(
    act: str,
    found: Standing,
    form: TargetForm,
    file: File,
    *,
    kinds: Collection[OrganizationKind],
    fault: str = "",
) -> str:
    return render_template(
        "organizations/target.html",
        act=act,
        standing=found,
        form=form,
        file=file,
        candidates=_candidates(file, kinds),
        chosen=form.target.data,
        fault=fault,
        kinds=KINDS,
        fitting=[KINDS[kind] for kind in KINDS if kind in kinds],
    )


@bp.route("/organizations/<int:organization_id>/close", methods=["GET", "POST"])
@needs(EDIT)
def close(organization_id: int) -> ResponseReturnValue:
    """Close an organization."""
    found = standing(organization_id, permission=EDIT)
    file = queries.file(reading(), organization_id)
    form = DeedForm(data={"revision": str(file.revision), "on": today()})
    if step() == FILL_IN or not form.validate():
        return _deed_page("close", found, form, file), 422 if form.errors else 200
    try:
        if step() == ASK:
            operations.check_close(reading(), organization_id, deed(form))
            people = headcounts([organization_id], on=today())[organization_id]
            return ask(found, "close", on=form.on.data, people=people)
        with writing() as session:
            operations.close(session, organization_id, deed(form))
    except (Conflict, Invalid) as refusal:
        words, status = refuse(form, refusal)
        now = current(organization_id)
        form.revision.data = str(now.revision)
        return _deed_page("close", found, form, now, words), status
    return done(organization_id, _("已停用"))


@bp.route("/organizations/<int:organization_id>/reopen", methods=["GET", "POST"])
@needs(EDIT)
def reopen(organization_id: int) -> ResponseReturnValue:
    """Open a closed organization again."""
    found = standing(organization_id, permission=EDIT)
    file = queries.file(reading(), organization_id)
    form = DeedForm(data={"revision": str(file.revision), "on": today()})
    if step() == FILL_IN or not form.validate():
        return _deed_page("reopen", found, form, file), 422 if form.errors else 200
    try:
        if step() == ASK:
            row, parent = operations.check_reopen(reading(), organization_id, deed(form))
            was_merged = row.merged_into_id is not None
            name = parent.name if parent is not None else ""
            return ask(found, "reopen", on=form.on.data, was_merged=was_merged, new=name)
        with writing() as session:
            operations.reopen(session, organization_id, deed(form))
    except (Conflict, Invalid) as refusal:
        words, status = refuse(form, refusal)
        now = current(organization_id)
        form.revision.data = str(now.revision)
        return _deed_page("reopen", found, form, now, words), status
    return done(organization_id, _("已恢复"))


def _deed_page(act: str, found: Standing, form: DeedForm, file: File, fault: str = "") -> str:
    return render_template(
        "organizations/deed.html", act=act, standing=found, form=form, file=file, fault=fault
    )
