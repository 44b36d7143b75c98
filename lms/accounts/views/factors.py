"""Setting up a second factor."""

from flask import current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.accounts import queries
from lms.accounts.forms import CodeForm
from lms.accounts.operations import factors
from lms.accounts.rules import address_of, is_staff
from lms.accounts.types import Factor, Standing
from lms.accounts.views.sessions import FACTOR, asks_factor, bp, secret_page, wanted
from lms.http.access import FRESH_AT, even_before, needs_fresh, signed_in
from lms.http.addresses import within_site
from lms.http.errors import status_of, words_of
from lms.http.extensions import limiter
from lms.http.pictures import qr_picture
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.vault import Vault

_PENDING = "pending"
"""The key in the session of a secret that is not confirmed yet, sealed."""

ISSUER = "必学"


def _limit() -> str:
    return str(current_app.config["SIGN_IN_LIMIT_OF_ONE"])


@bp.get("/account/second-factor")
@signed_in
@even_before
def factor() -> ResponseReturnValue:
    """Show the secret that a telephone shall hold, as a QR code and in letters."""
    standing = queries.standing(reading(), current_user.id)
    if standing.factor_since_at is not None:
        return redirect(url_for(".account"), code=303)
    return _shown(CodeForm(), standing, _pending_secret(vault()), 200)


@bp.post("/account/second-factor")
@signed_in
@even_before
@limiter.limit(_limit, key_func=lambda: f"factor:{current_user.get_id()}")
def confirm_factor() -> ResponseReturnValue:
    """Make it the second factor once a code shows that the telephone has it; show the codes."""
    posted, now = CodeForm(), utc_now()
    standing = queries.standing(reading(), current_user.id)
    secret = _pending_secret(vault())
    if not posted.validate():
        return _shown(posted, standing, secret, 422)
    try:
        with writing() as unit:
            codes = factors.confirm_factor(
                unit,
                person_id=current_user.id,
                secret=secret,
                code=str(posted.code.data),
                vault=vault(),
                now=now,
            )
    except Conflict as refusal:  # a second tap: it is done
        flash(words_of(refusal))
        return redirect(url_for(".account"), code=303)
    except Invalid as refusal:
        posted.code.errors = [words_of(refusal)]
        return _shown(posted, standing, secret, status_of(refusal))
    session.pop(_PENDING, None)
    session[FACTOR] = Factor.TOTP.value
    session[FRESH_AT] = int(now.timestamp())
    return _codes_page(codes, is_new=True)


@bp.post("/account/recovery-codes")
@signed_in
@needs_fresh
def recovery_codes() -> ResponseReturnValue:
    """Give somebody ten new recovery codes; the old ones are void."""
    with writing() as unit:
        codes = factors.renew_codes(unit, person_id=current_user.id, vault=vault(), now=utc_now())
    return _codes_page(codes, is_new=False)


@bp.post("/account/second-factor/off")
@signed_in
@needs_fresh
def factor_off() -> ResponseReturnValue:
    """Let a learner do without the second factor again; staff may not."""
    if asks_factor() and is_staff(current_user.grants):
        raise Conflict("factor_needed", N_("管理类角色必须使用动态验证码"))
    with writing() as unit:
        factors.remove_factor(unit, person_id=current_user.id, now=utc_now())
    session.pop(FACTOR, None)
    flash(_("动态验证码已关闭"))
    return redirect(url_for(".account"), code=303)


def _pending_secret(keys: Vault) -> str:
    """Return the secret that this session shows, a fresh one at first. Nothing is stored yet."""
    owner = f"person:{current_user.id}/pending"
    sealed = session.get(_PENDING)
    if sealed:
        try:
            return keys.open(sealed, owner=owner)
        except Invalid:
            pass  # a key was taken away meanwhile
    secret = factors.new_secret()
    session[_PENDING] = keys.seal(secret, owner=owner)
    return secret


def _shown(posted: CodeForm, standing: Standing, secret: str, status: int) -> ResponseReturnValue:
    address = address_of(secret, user_name=standing.user_name, issuer=ISSUER)
    page = render_template(
        "accounts/factor.html",
        form=posted,
        needed=bool(current_user.must),
        letters=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        picture=qr_picture(address),
        address=address,
    )
    return secret_page(page, status)


def _codes_page(codes: list[str], *, is_new: bool) -> ResponseReturnValue:
    onward = within_site(wanted()) or url_for(".account")
    page = render_template(
        "accounts/recovery_codes.html",
        codes=codes,
        user_name=queries.standing(reading(), current_user.id).user_name,
        made_at=utc_now(),
        onward=onward,
        is_new=is_new,
    )
    return secret_page(page)
