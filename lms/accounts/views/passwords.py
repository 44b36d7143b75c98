"""Choosing a password: one's own page, and the link on a slip."""

from datetime import datetime

from flask import current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.accounts import queries
from lms.accounts.forms import ChangePasswordForm, NewPasswordForm
from lms.accounts.operations import helping, passwords, signing_in
from lms.accounts.rules import is_staff, rule_of
from lms.accounts.types import Must
from lms.accounts.views.sessions import MUST, bp, onward, origin, secret_page, wanted
from lms.http.access import FRESH_AT, even_before, public, signed_in
from lms.http.errors import status_of, words_of
from lms.http.extensions import limiter
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import Busy, Invalid
from lms.people import queries as people
from lms.people.rules import mask_name


def _limit() -> str:
    return str(current_app.config["SIGN_IN_LIMIT_OF_ONE"])


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in
@even_before
@limiter.limit(_limit, methods=["POST"], key_func=lambda: f"password:{current_user.get_id()}")
def password() -> ResponseReturnValue:
    """Let somebody choose another password; whoever must, sees nothing else before."""
    is_forced = current_user.must == Must.NEW_PASSWORD
    posted = NewPasswordForm() if is_forced else ChangePasswordForm()
    now, person_id, epoch = utc_now(), current_user.id, current_user.session_epoch

    def shown() -> str:
        rule = rule_of(staff=is_staff(current_user.grants))
        return render_template("accounts/password.html", form=posted, rule=rule, forced=is_forced)

    if not posted.is_submitted():
        return shown()
    if not posted.validate():
        return shown(), 422
    if isinstance(posted, ChangePasswordForm) and not _is_present(posted, now):
        return shown(), 403
    typed = str(posted.password.data)
    try:
        chosen = passwords.chosen_hash(
            reading(),
            person_id=person_id,
            password=typed,
            vault=vault(),
            now=now,
        )
    except (Invalid, Busy) as refusal:
        posted.password.errors = [words_of(refusal)]
        return shown(), status_of(refusal)
    with writing() as unit:
        new_epoch = passwords.put_password(
            unit,
            person_id=person_id,
            password_hash=chosen,
            now=now,
            actor_id=person_id,
            expected_epoch=epoch,
        )
    _go_on(new_epoch, now=now)
    flash(_("密码已经改好，其他设备上的登录都已失效"))
    if not is_forced:
        return redirect(url_for(".account"), code=303)
    principal = people.find_principal(reading(), person_id, on=day_of(now))
    return onward(principal or current_user, wanted=wanted())


def _is_present(posted: ChangePasswordForm, now: datetime) -> bool:
    """Say whether the present password is right; a wrong one counts as a failure."""
    standing = queries.standing(reading(), current_user.id)
    attempt = signing_in.check_password(
        reading(),
        typed=standing.user_name,
        password=str(posted.present.data),
        vault=vault(),
        now=now,
    )
    if not attempt.accepted:
        with writing() as unit:
            signing_in.note_failure(
                unit,
                person_id=current_user.id,
                typed="",
                origin=origin(),
                now=now,
                stage="change",
            )
        posted.present.errors = [_(signing_in.WRONG_CREDENTIALS)]
    return attempt.accepted


def _go_on(epoch: int, *, now: datetime) -> None:
    """Let this session go on with the new password; every other one has ended."""
    session["_user_id"] = f"{current_user.id}.{epoch}"
    session.pop(MUST, None)
    session[FRESH_AT] = int(now.timestamp())


@bp.route("/set-password/<token>", methods=["GET", "POST"])
@public
@limiter.limit(lambda: current_app.config["SIGN_IN_LIMIT"])
def set_password(token: str) -> ResponseReturnValue:
    """Let whoever holds a slip choose the password of the account it was made for."""
    now = utc_now()
    link, person = helping.usable_link(reading(), token=token, vault=vault(), now=now)
    person_id, posted = person.id, NewPasswordForm()
    principal = people.find_principal(reading(), person_id, on=day_of(now))
    rule = rule_of(staff=principal is not None and is_staff(principal.grants))
    where = queries.where_of(reading(), [person_id], on=day_of(now)).get(person_id, "")
    told = {
        "form": posted,
        "rule": rule,
        "masked": mask_name(person.name),
        "where": where,
        "expires_at": link.expires_at,
    }

    def shown(status: int) -> ResponseReturnValue:
        return secret_page(render_template("accounts/set_password.html", **told), status)

    if not posted.is_submitted():
        return shown(200)
    if not posted.validate():
        return shown(422)
    typed = str(posted.password.data)
    try:
        chosen = passwords.chosen_hash(
            reading(),
            person_id=person_id,
            password=typed,
            vault=vault(),
            now=now,
        )
    except (Invalid, Busy) as refusal:
        posted.password.errors = [words_of(refusal)]
        return shown(status_of(refusal))
    with writing() as unit:
        user_name = helping.use_link(
            unit, token=token, password_hash=chosen, vault=vault(), now=now
        )
    session.clear()
    flash(_("密码已设好。请用用户名“%(name)s”和新密码登录", name=user_name))
    return redirect(url_for(".form"), code=303)
