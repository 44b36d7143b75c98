"""Signing in and out."""

from datetime import datetime
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from lms.accounts import queries
from lms.accounts.forms import CodeForm, ConfirmForm, LostForm, SignInForm
from lms.accounts.operations import factors, helping, signing_in
from lms.accounts.types import Attempt, Factor, LockState, Way
from lms.accounts.views.sessions import (
    HALF,
    HALF_SECONDS,
    begin,
    bp,
    is_locked,
    landing,
    must_choose,
    onward,
    origin,
    wanted,
)
from lms.http.access import FRESH_AT, even_before, public, signed_in
from lms.http.addresses import within_site
from lms.http.errors import words_of
from lms.http.extensions import limiter
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import Busy, NotAllowed
from lms.people import queries as people
from lms.people.types import Principal


def _typed_name() -> str:
    """Return whose password is being tried, for the limit that follows a name everywhere.

    As a digest: the counts may be kept in a store of others.
    """
    typed = request.form.get("user_name", "")[:64]
    return f"name:{signing_in.digest_of_name(typed, vault=vault())}"


def _half_name() -> str:
    return f"half:{session.get(HALF, {}).get('id', request.remote_addr)}"


def _failed(response: Any) -> bool:
    return bool(response.status_code == 403)


def _per_address() -> str:
    return str(current_app.config["SIGN_IN_LIMIT"])


def _per_name() -> str:
    return str(current_app.config["SIGN_IN_LIMIT_OF_ONE"])


def _failures() -> str:
    return str(current_app.config["SIGN_IN_FAILURE_LIMIT"])


@bp.get("/sign-in")
@public
def form() -> ResponseReturnValue:
    """Show the form."""
    if current_user.is_authenticated:
        return redirect(landing(current_user), code=303)
    return render_template("accounts/form.html", form=SignInForm())


@bp.post("/sign-in")
@public
@limiter.limit(_per_address)
@limiter.limit(_per_name, key_func=_typed_name)
@limiter.limit(_failures, deduct_when=_failed)
def sign_in() -> ResponseReturnValue:
    """Let somebody in who knows the password, or ask for the second factor."""
    posted = SignInForm()
    if not posted.validate():
        return render_template("accounts/form.html", form=posted), 422
    now = utc_now()
    try:
        attempt = judged(str(posted.user_name.data), str(posted.password.data), now)
    except (NotAllowed, Busy) as refusal:
        posted.password.errors = [words_of(refusal)]
        return shown_again(render_template("accounts/form.html", form=posted), refusal)
    if attempt.has_factor:
        _remember_half(attempt, now)
        return redirect(url_for(".code", next=within_site(wanted())), code=303)
    return enter(attempt, now=now, factor=Factor.NONE)


def judged(typed: str, password: str, now: datetime) -> Attempt:
    """Return an attempt that was right; note one that was not.

    :raises NotAllowed: ``wrong_credentials``.
    :raises Busy: ``too_busy``.
    """
    attempt = signing_in.check_password(
        reading(), typed=typed, password=password, vault=vault(), now=now
    )
    if not attempt.accepted:
        with writing() as unit:
            signing_in.note_failure(
                unit, person_id=attempt.person_id, typed=attempt.typed, origin=origin(), now=now
            )
        raise NotAllowed("wrong_credentials", signing_in.WRONG_CREDENTIALS)
    return attempt


def shown_again(page: str, refusal: NotAllowed | Busy) -> ResponseReturnValue:
    if isinstance(refusal, Busy):
        return page, 503, {"Retry-After": str(refusal.retry_after_seconds)}
    return page, 403


def enter(
    attempt: Attempt, *, now: datetime, factor: Factor, way: Way = Way.PASSWORD
) -> ResponseReturnValue:
    """Note that somebody signed in, begin their session and send them on.

    :raises NotAllowed: ``wrong_credentials``: closed in this very moment.
    """
    person_id = int(attempt.person_id or 0)
    with writing() as unit:
        signing_in.note_sign_in(
            unit,
            person_id=person_id,
            origin=origin(),
            now=now,
            way=way,
            factor=factor,
            state=attempt.state,
            new_hash=attempt.new_hash,
        )
    principal = people.find_principal(reading(), person_id, on=day_of(now))
    if principal is None:
        raise NotAllowed("wrong_credentials", signing_in.WRONG_CREDENTIALS)
    must = must_choose(attempt, principal, now)
    begin(principal, now=now, factor=factor, must=must)
    return onward(principal, wanted=wanted())


def _remember_half(attempt: Attempt, now: datetime, way: Way = Way.PASSWORD) -> None:
    """Keep in the session who has given the password and not yet the code."""
    principal = people.find_principal(reading(), int(attempt.person_id or 0), on=day_of(now))
    session.clear()
    if principal is not None:
        session[HALF] = {
            "id": principal.id,
            "epoch": principal.session_epoch,
            "at": int(now.timestamp()),
            "way": way.value,
        }


def begin_half(person_id: int, *, now: datetime, way: Way) -> ResponseReturnValue:
    """Ask somebody who has shown half of who they are for the code."""
    _remember_half(Attempt(person_id, "", accepted=True), now, way)
    return redirect(url_for(".code", next=within_site(wanted())), code=303)


def _half(now: datetime) -> tuple[Principal, Way] | None:
    """Return who has given the password and not yet the code, if that is not too long ago."""
    half = session.get(HALF)
    if not half or now.timestamp() - half["at"] > HALF_SECONDS:
        return None
    found = people.find_principal(reading(), half["id"], on=day_of(now))
    if found is None or found.session_epoch != half["epoch"]:
        return None
    return found, Way(half["way"])


@bp.get("/sign-in/code")
@public
def code() -> ResponseReturnValue:
    """Ask for the second factor."""
    if _half(utc_now()) is None:
        return redirect(url_for(".form", next=within_site(wanted())), code=303)
    return render_template("accounts/code.html", form=CodeForm())


@bp.post("/sign-in/code")
@public
@limiter.limit(_per_address)
@limiter.limit(_per_name, key_func=_half_name)
def check_code() -> ResponseReturnValue:
    """Let somebody in whose second factor is right."""
    now, posted = utc_now(), CodeForm()
    half = _half(now)
    if half is None:
        flash(_("停留太久，请重新输入密码"), "warning")
        return redirect(url_for(".form", next=within_site(wanted())), code=303)
    if not posted.validate():
        return render_template("accounts/code.html", form=posted), 422
    principal, way = half
    factor = use_code(principal.id, str(posted.code.data), now=now, stage="code")
    if factor is None:
        posted.code.errors = [_(signing_in.WRONG_CODE)]
        return render_template("accounts/code.html", form=posted), 403
    account = queries.account(reading(), principal.id)
    attempt = Attempt(
        principal.id,
        "",
        accepted=True,
        state=LockState(failures=1),  # whatever it is, it is forgotten
        must_change=bool(account and account.must_change),
        password_changed_at=account.password_changed_at if account else None,
    )
    return enter(attempt, now=now, factor=factor, way=way)


def use_code(person_id: int, typed: str, *, now: datetime, stage: str) -> Factor | None:
    """Use up a code and say which it was; note a wrong one, which counts as a failure."""
    with writing() as unit:
        factor = None
        if not is_locked(person_id, now=now):
            factor = factors.use_code(unit, person_id=person_id, code=typed, vault=vault(), now=now)
        if factor is None:
            signing_in.note_failure(
                unit, person_id=person_id, typed="", origin=origin(), now=now, stage=stage
            )
    return factor


@bp.route("/sign-in/help", methods=["GET", "POST"])
@public
@limiter.limit(lambda: current_app.config["HELP_LIMIT"], methods=["POST"])
def lost() -> ResponseReturnValue:
    """Say whom to ask who cannot sign in, and let the clerks of their unit know."""
    posted = LostForm()
    if not posted.is_submitted():
        return render_template("accounts/lost.html", form=posted, asked=False)
    if not posted.validate():
        return render_template("accounts/lost.html", form=posted, asked=False), 422
    with writing() as unit:
        helping.ask_for_help(unit, typed=str(posted.user_name.data), vault=vault(), now=utc_now())
    return render_template("accounts/lost.html", form=posted, asked=True)


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End this session."""
    logout_user()
    session.clear()
    flash(_("您已退出"))
    return redirect(url_for(".form"), code=303)


@bp.post("/sign-out-everywhere")
@signed_in
@even_before
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of the person, this one included."""
    with writing() as unit:
        signing_in.end_sessions(
            unit, person_id=current_user.id, now=utc_now(), actor_id=current_user.id
        )
    logout_user()
    session.clear()
    flash(_("您已在所有设备上退出"))
    return redirect(url_for(".form"), code=303)


@bp.route("/confirm", methods=["GET", "POST"])
@signed_in
@limiter.limit(_per_name, methods=["POST"], key_func=lambda: f"confirm:{current_user.get_id()}")
def confirm() -> ResponseReturnValue:
    """Ask somebody to prove once more who they are, and send them back to where they were."""
    posted, now = ConfirmForm(), utc_now()
    standing = queries.standing(reading(), current_user.id)
    has_factor = standing.factor_since_at is not None

    def shown() -> str:
        return render_template("accounts/confirm.html", form=posted, has_factor=has_factor)

    if not posted.is_submitted():
        return shown()
    if not posted.validate():
        return shown(), 422
    try:
        judged(standing.user_name, str(posted.password.data), now)
    except (NotAllowed, Busy) as refusal:
        posted.password.errors = [words_of(refusal)]
        return shown_again(shown(), refusal)
    typed = str(posted.code.data or "")
    if has_factor and use_code(current_user.id, typed, now=now, stage="confirm") is None:
        posted.code.errors = [_(signing_in.WRONG_CODE)]
        return shown(), 403
    session[FRESH_AT] = int(now.timestamp())
    return redirect(within_site(wanted()) or landing(current_user), code=303)
