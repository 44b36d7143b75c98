"""What the pages of this room share."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.http.access import own_scope
from lms.http.addresses import row_number
from lms.http.errors import STATUS, words_of
from lms.http.forms import BaseForm
from lms.http.unit_of_work import reading
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, DomainError, Invalid, NotAllowed, NotFound
from lms.organizations import queries
from lms.organizations.forms import CODE_FIELDS
from lms.organizations.types import HEADCOUNTS, Deed, File, Place

bp = Blueprint("organizations", __name__)

VIEW, EDIT = "organizations.view", "organizations.edit"

FILL_IN, ASK, DO = "fill_in", "ask", "do"
"""The steps of a change: the form, what would happen in words, and doing it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One organization for whoever is asking: its path as far as they may see, what they may do."""

    path: list[Place]
    """From the top of their scope down, itself last."""
    may_edit: bool
    may_add: bool

    @property
    def place(self) -> Place:
        """The organization itself."""
        return self.path[-1]


def standing(organization_id: int, *, permission: str = VIEW) -> Standing:
    """Return an organization as whoever is asking may see it. One statement.

    :raises NotFound: ``no_organization``: there is none in their scope.
    :raises NotAllowed: ``own_unit``: they may see it, and it is for the level above to change.
    """
    path = queries.ancestors(reading(), organization_id)
    seen = own_scope(VIEW)
    tops = [at for at, place in enumerate(path) if place.id in seen]
    if not tops:
        raise NotFound("no_organization", N_("没有这个单位"))
    edits = own_scope(EDIT) if current_user.may(EDIT) else frozenset()
    may_add = any(place.id in edits for place in path)
    may_edit = may_add and (
        path[-1].parent_id is None or any(place.id in edits for place in path[:-1])
    )
    if permission == EDIT and not may_edit:
        raise NotAllowed("own_unit", N_("本单位的资料由上一级单位修改"))
    return Standing(path[tops[0] :], may_edit=may_edit, may_add=may_add)


def headcounts(
    organization_ids: Collection[int], *, on: date, then: bool = False
) -> dict[int, int]:
    """Return how many people work in each subtree on a day. One statement."""
    count = current_app.extensions[HEADCOUNTS]
    found: dict[int, int] = count(reading(), organization_ids, on=on, then=then)
    return found


def today() -> date:
    """Return the day in China."""
    return day_of(utc_now())


def step() -> str:
    """Say which step of a change is asked for."""
    if request.method == "GET" or "back" in request.form:
        return FILL_IN
    return DO if "confirm" in request.form else ASK


def deed(form: BaseForm) -> Deed:
    """Return who changes something, from when on and why, as the form says."""
    revision = form["revision"].data or ""
    return Deed(
        actor_id=current_user.id,
        now=utc_now(),
        on=form["on"].data if "on" in form else None,
        reason=(form["reason"].data or "") if "reason" in form else "",
        scope=own_scope(EDIT),
        revision=int(revision) if revision.isascii() and revision.isdecimal() else 0,
    )


def ask(found: Standing, act: str, **facts: object) -> ResponseReturnValue:
    """Say in words what would happen, and ask whether it shall.

    :param act: which words of ``organizations/_will.html``, with the facts that they need.
    """
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in {"csrf_token", "confirm", "back"}
    ]
    return render_template(
        "organizations/confirm.html", standing=found, act=act, kept=kept, facts=facts
    )


def done(organization_id: int, words: str) -> ResponseReturnValue:
    """Say that it happened, on the organization's page."""
    flash(words)
    return redirect(url_for("organizations.show", organization_id=organization_id), code=303)


def refuse(form: BaseForm, refusal: Conflict | Invalid) -> tuple[str, int]:
    """Put a refusal beside its field; return what is to be said above the form, and the status."""
    where = refusal.where if isinstance(refusal, Invalid) else ""
    field = CODE_FIELDS.get(where, where)
    words = words_of(refusal)
    status = next(code for kind, code in STATUS.items() if isinstance(refusal, kind))
    if field and field in form:
        form[field].errors = [words]
        return "", status
    return words, status


def after(name: str) -> tuple[int, int] | None:
    """Read two numbers after which a list goes on: ``?after=0.17``."""
    first, _dot, second = request.args.get(name, "").partition(".")
    try:
        return row_number(first), row_number(second)
    except ValueError:
        return None


def touched(organization_id: int) -> tuple[int, int]:
    """Return how many open units stand below, and how many people work in the subtree."""
    return (
        queries.open_below(reading(), organization_id),
        headcounts([organization_id], on=today())[organization_id],
    )


def is_stale(refusal: DomainError) -> bool:
    """Say whether somebody else was faster."""
    return refusal.code == "changed_meanwhile"


def current(organization_id: int) -> File:
    """Return an organization as it is now, after a refusal as well."""
    reading().rollback()
    return queries.file(reading(), organization_id)
