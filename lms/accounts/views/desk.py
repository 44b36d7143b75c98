"""The desk: clerks and security officers help people back into their accounts."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it

from lms.accounts import queries
from lms.accounts.forms import FindForm, ResetForm, SlipsForm
from lms.accounts.operations import factors, helping, passwords, signing_in
from lms.accounts.types import Slip
from lms.accounts.views.sessions import bp, secret_page
from lms.http.access import needs
from lms.http.errors import status_of, words_of
from lms.http.extensions import limiter
from lms.http.pictures import qr_picture
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, DomainError, NotAllowed, NotFound
from lms.organizations import queries as organizations
from lms.people.rules import scope_of

_MOST_UNITS = 400
"""Units offered in a list: those of a county; whoever has more goes by the county."""


def _scope(permission: str = "accounts.help") -> frozenset[int]:
    return scope_of(current_user.grants, permission)


def link_address(token: str) -> str:
    """Return the address that is printed on a slip."""
    base = current_app.config.get("PUBLIC_URL") or request.url_root
    return f"{str(base).rstrip('/')}{url_for('sign_in.set_password', token=token)}"


@bp.get("/help-desk")
@needs("accounts.help")
def desk() -> ResponseReturnValue:
    """Show who asked for help, and find somebody by user name or telephone."""
    return _desk(FindForm(), 200)


def _desk(form: FindForm, status: int) -> ResponseReturnValue:
    asked = queries.open_requests(reading(), scope=_scope(), on=day_of(utc_now()))
    return render_template("accounts/desk.html", form=form, asked=asked), status


@bp.post("/help-desk")
@needs("accounts.help")
@limiter.limit("60 per minute", key_func=lambda: f"desk:{current_user.get_id()}")
def find() -> ResponseReturnValue:
    """Find somebody of one's own scope by the exact user name or telephone number."""
    posted = FindForm()
    if not posted.validate():
        return _desk(posted, 422)
    try:
        person_id = helping.find_to_help(
            reading(),
            typed=str(posted.user_name.data),
            scope=_scope(),
            vault=vault(),
            now=utc_now(),
        )
    except NotFound as refusal:
        posted.user_name.errors = [words_of(refusal)]
        return _desk(posted, status_of(refusal))
    return redirect(url_for(".helped", person_id=person_id), code=303)


@bp.get("/help-desk/people/<int:person_id>")
@needs("accounts.help")
def helped(person_id: int) -> ResponseReturnValue:
    """Show how somebody's account stands and what can be done."""
    return _helped(person_id, ResetForm(), 200)


def _helped(person_id: int, form: ResetForm, status: int) -> ResponseReturnValue:
    now = utc_now()
    try:
        _check(person_id)
        beyond: DomainError | None = None
    except (Conflict, NotAllowed) as refusal:
        beyond = refusal
    standing = queries.standing(reading(), person_id)
    wheres = queries.where_of(reading(), [person_id], on=day_of(now))
    page = render_template(
        "accounts/helped.html",
        standing=standing,
        where=wheres.get(person_id, ""),
        beyond=beyond,
        locked=standing.state.is_locked(now),
        links=queries.open_links(reading(), person_id, now=now),
        last=next(iter(queries.recent_sign_ins(reading(), person_id, limit=1)), None),
        form=form,
        is_self=person_id == current_user.id,
    )
    return page, status


def _check(person_id: int) -> None:
    """Refuse help that the signed-in person may not give.

    :raises NotFound: ``no_person``.
    :raises NotAllowed: ``beyond_scope``.
    :raises Conflict: ``own_account``.
    """
    helping.check_may_help(
        reading(), person_id=person_id, helper=current_user, scope=_scope(), now=utc_now()
    )
    if person_id == current_user.id:
        raise Conflict("own_account", N_("自己的账号请在“我的账号”里处理"))


@bp.post("/help-desk/people/<int:person_id>/link")
@needs("accounts.help")
def link(person_id: int) -> ResponseReturnValue:
    """Make a slip with a set-password link for one person; earlier ones are void."""
    _check(person_id)
    with writing() as unit:
        slips = helping.make_links(
            unit,
            person_ids=[person_id],
            vault=vault(),
            now=utc_now(),
            days=int(current_app.config["PASSWORD_LINK_DAYS"]),
            actor_id=current_user.id,
        )
    return _slips_page(slips)


@bp.post("/help-desk/people/<int:person_id>/revoke-links")
@needs("accounts.help")
def revoke_links(person_id: int) -> ResponseReturnValue:
    """Make the slips of one person void."""
    _check(person_id)
    with writing() as unit:
        helping.revoke_links(unit, person_id=person_id, now=utc_now(), actor_id=current_user.id)
    return _done(person_id, _("设密码单已作废"))


@bp.post("/help-desk/people/<int:person_id>/unlock")
@needs("accounts.help")
def unlock(person_id: int) -> ResponseReturnValue:
    """Let somebody who is locked out try again at once."""
    _check(person_id)
    with writing() as unit:
        passwords.unlock(unit, person_id=person_id, now=utc_now(), actor_id=current_user.id)
    return _done(person_id, _("已解锁，现在就可以登录"))


@bp.post("/help-desk/people/<int:person_id>/end-sessions")
@needs("accounts.help")
def end_sessions(person_id: int) -> ResponseReturnValue:
    """Sign somebody out on every device, for example after a telephone was lost."""
    _check(person_id)
    with writing() as unit:
        signing_in.end_sessions(unit, person_id=person_id, now=utc_now(), actor_id=current_user.id)
    return _done(person_id, _("已让此人在所有设备上退出"))


@bp.post("/help-desk/people/<int:person_id>/answered")
@needs("accounts.help")
def answered(person_id: int) -> ResponseReturnValue:
    """Take a request for help off the list."""
    _check(person_id)
    with writing() as unit:
        helping.answer_request(unit, person_id=person_id, now=utc_now(), actor_id=current_user.id)
    flash(_("已从求助名单中移除"))
    return redirect(url_for(".desk"), code=303)


@bp.post("/help-desk/people/<int:person_id>/reset-factor")
@needs("accounts.reset_factor")
def reset_factor(person_id: int) -> ResponseReturnValue:
    """Take a lost second factor from somebody, with the reason; all their sessions end."""
    posted = ResetForm()
    helping.check_may_help(
        reading(),
        person_id=person_id,
        helper=current_user,
        scope=_scope("accounts.reset_factor"),
        now=utc_now(),
    )
    if not posted.validate():
        return _helped(person_id, posted, 422)
    with writing() as unit:
        factors.reset_factor(
            unit,
            person_id=person_id,
            reason=str(posted.reason.data),
            actor_id=current_user.id,
            now=utc_now(),
        )
    return _done(person_id, _("已重置。此人下次登录时要重新设置动态验证码"))


def _done(person_id: int, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for(".helped", person_id=person_id), code=303)


@bp.get("/help-desk/slips")
@needs("accounts.help")
def slips() -> ResponseReturnValue:
    """Choose the unit whose people get slips."""
    return _choose(_slips_form(), 200)


def _choose(form: SlipsForm, status: int) -> ResponseReturnValue:
    return render_template("accounts/slips.html", form=form), status


def _slips_form() -> SlipsForm:
    form, units = SlipsForm(), []
    for unit_id in sorted(_scope()):
        below = organizations.subtree(reading(), unit_id)
        units += (
            below
            if len(below) <= _MOST_UNITS
            else below[:1] + [place for place in below[1:] if place.parent_id == unit_id]
        )
    names = {place.id: place.name for place in units}
    form.unit.choices = [SelectChoice(value, name) for value, name in names.items()]
    return form


@bp.post("/help-desk/slips")
@needs("accounts.help")
def print_slips() -> ResponseReturnValue:
    """Make slips for a unit and show them for printing; earlier ones are void."""
    posted = _slips_form()
    if not posted.validate():
        return _choose(posted, 422)
    try:
        with writing() as unit:
            made = helping.invite_unit(
                unit,
                unit_id=int(posted.unit.data),
                everybody=bool(posted.everybody.data),
                vault=vault(),
                now=utc_now(),
                days=int(current_app.config["PASSWORD_LINK_DAYS"]),
                helper=current_user,
                scope=_scope(),
            )
    except (Conflict, NotFound) as refusal:
        posted.unit.errors = [words_of(refusal)]
        return _choose(posted, status_of(refusal))
    return _slips_page(made)


def _slips_page(made: list[Slip]) -> ResponseReturnValue:
    addressed = [(slip, link_address(slip.token)) for slip in made]
    shown = [(slip, address, qr_picture(address)) for slip, address in addressed]
    return secret_page(render_template("accounts/print_slips.html", slips=shown))
