"""Signing in with an organization's own sign-in: OpenID Connect, by Authlib, as an extra.

The way back from the issuer is a GET, so it writes nothing: what the issuer said is kept in the
signed session, and a button of ours (a POST) lets the person in or links the two accounts.
"""

from datetime import datetime
from importlib import import_module
from typing import Any

from flask import Flask, abort, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.accounts import queries
from lms.accounts.forms import LinkForm
from lms.accounts.operations import identities, signing_in
from lms.accounts.rules import identity_of
from lms.accounts.types import Attempt, Factor, Identity, Way
from lms.accounts.views.entering import begin_half, enter, judged, shown_again, use_code
from lms.accounts.views.sessions import IDENTITY, bp, wanted
from lms.http.access import is_fresh, public
from lms.http.addresses import within_site
from lms.http.errors import words_of
from lms.http.extensions import limiter
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Busy, Conflict, Invalid, NotAllowed
from lms.people import queries as people
from lms.people.rules import mask_name

CLIENT = "lms_issuer"
"""The key in ``app.extensions`` of the client of the issuer, if there is one."""

LIBRARY = "lms.accounts.views.issuing"
"""What is imported if there is an issuer."""

IDENTITY_SECONDS = 600
"""How long what an issuer said may wait for the button."""

_TIMEOUT_SECONDS = 10


def register(app: Flask) -> None:
    """Prepare the issuer of the settings. Nothing is fetched before somebody uses it.

    :raises Invalid: ``bad_setting``: the extra or one of the settings is missing.
    """
    app.jinja_env.globals["issuer_label"] = issuer_label
    issuer = str(app.config["OIDC_ISSUER"] or "").rstrip("/")
    if not issuer:
        return
    try:
        library = import_module(LIBRARY)
    except ImportError as fault:
        raise Invalid(
            "bad_setting",
            N_("使用单点登录要先安装附加组件：pip install 'bixue[sso]'"),
            where="LMS_OIDC_ISSUER",
        ) from fault
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        if not app.config[name]:
            raise Invalid("bad_setting", N_("设了单点登录的地址，还缺这一项"), where=f"LMS_{name}")
    known = ("", "phone_number", "preferred_username")
    if app.config["OIDC_CLAIM"] not in known:
        raise Invalid(
            "bad_setting",
            N_("只能是 phone_number、preferred_username 或空着"),
            where="LMS_OIDC_CLAIM",
        )
    app.extensions[CLIENT] = library.OAuth(app).register(
        "issuer",
        client_id=str(app.config["OIDC_CLIENT_ID"]),
        client_secret=str(app.config["OIDC_CLIENT_SECRET"]),
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile phone",
            "code_challenge_method": "S256",
            "timeout": _TIMEOUT_SECONDS,
        },
    )


def issuer_label() -> str:
    """Return what the button says, or nothing where there is no issuer."""
    if CLIENT not in current_app.extensions:
        return ""
    return str(current_app.config["OIDC_LABEL"] or _("单位统一登录"))


def _client() -> Any:
    return current_app.extensions.get(CLIENT) or abort(404)


def _limit() -> str:
    return str(current_app.config["SIGN_IN_LIMIT"])


def _away() -> Busy:
    return Busy(
        "issuer_away",
        N_("单位统一登录暂时连不上，请稍后再试，或用密码登录"),
        retry_after_seconds=60,
    )


@bp.get("/sign-in/sso")
@public
@limiter.limit(_limit)
def sso() -> ResponseReturnValue:
    """Send somebody to the issuer, with a state, a nonce and a proof key of this session."""
    client = _client()
    session["sso_next"] = within_site(wanted()) or ""
    base = str(current_app.config.get("PUBLIC_URL") or "").rstrip("/")
    back = f"{base}{url_for('.sso_back')}" if base else url_for(".sso_back", _external=True)
    try:
        answer: ResponseReturnValue = client.authorize_redirect(back)
    except import_module(LIBRARY).AWAY as fault:
        current_app.logger.warning("issuer: %s", fault)
        raise _away() from fault
    return answer


@bp.get("/sign-in/sso/back")
@public
@limiter.limit(_limit)
def sso_back() -> ResponseReturnValue:
    """Take what the issuer says: the code becomes a token, whose signature, nonce and audience
    are checked. Nothing is written.
    """
    client = _client()
    try:
        token = client.authorize_access_token()
        claims = dict(token["userinfo"])
        name = str(current_app.config["OIDC_CLAIM"])
        if name and name not in claims:
            more = dict(client.userinfo(token=token))
            claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
    except import_module(LIBRARY).AWAY as fault:
        current_app.logger.warning("issuer: %s", fault)
        raise _away() from fault
    except import_module(LIBRARY).FAULTS as fault:
        current_app.logger.warning("issuer: refused: %s", fault)
        raise NotAllowed("sso_failed", N_("单位统一登录没有成功，请重新登录")) from fault
    identity = identity_of(
        claims,
        issuer=str(current_app.config["OIDC_ISSUER"]).rstrip("/"),
        claim_name=name,
        factor_words=str(current_app.config["OIDC_FACTOR"]).split(),
    )
    session[IDENTITY] = {
        "issuer": identity.issuer,
        "subject": identity.subject,
        "claim": identity.claim,
        "factor": identity.factor,
        "at": int(utc_now().timestamp()),
    }
    return redirect(url_for(".sso_enter", next=session.pop("sso_next", "") or None), code=303)


def _identity(now: datetime) -> Identity | None:
    """Return what the issuer said in this session, if that is not too long ago."""
    kept = dict(session.get(IDENTITY) or {})
    if not kept or now.timestamp() - kept.pop("at") > IDENTITY_SECONDS:
        return None
    return Identity(**kept)


def _known(identity: Identity) -> tuple[int | None, bool]:
    """Return whom an identity signs in, or whom a trusted claim names; and whether it is linked."""
    found = queries.find_by_identity(reading(), identity.issuer, identity.subject)
    if found is not None:
        return found.id, True
    return identities.find_by_claim(reading(), identity.claim, vault=vault()), False


@bp.get("/sign-in/sso/enter")
@public
def sso_enter() -> ResponseReturnValue:
    """Show who would enter, or ask for the password once to link the two accounts."""
    identity = _identity(utc_now())
    if identity is None:
        return redirect(url_for(".form", next=within_site(wanted())), code=303)
    if current_user.is_authenticated and not is_fresh():
        return redirect(url_for(".confirm", next=url_for(".sso_enter")), code=303)
    return _page(LinkForm(), identity, 200)


def _page(form: LinkForm, identity: Identity, status: int) -> ResponseReturnValue:
    person_id, _linked = _known(identity)
    page = render_template(
        "accounts/sso_enter.html",
        form=form,
        label=issuer_label(),
        masked=mask_name(people.person(reading(), person_id).name) if person_id else "",
        own=current_user.is_authenticated,
    )
    return page, status


@bp.post("/sign-in/sso/enter")
@public
@limiter.limit(_limit)
def sso_accept() -> ResponseReturnValue:
    """Let in who comes from the issuer; link first who has shown that both are one person."""
    now = utc_now()
    identity = _identity(now)
    if identity is None:
        flash(_("停留太久，请重新登录"), "warning")
        return redirect(url_for(".form", next=within_site(wanted())), code=303)
    if current_user.is_authenticated:
        return _link_own(identity, now)
    person_id, linked = _known(identity)
    if person_id is None:
        return _link_by_password(identity, now)
    if not linked:
        with writing() as unit:
            identities.link_identity(
                unit, person_id=person_id, identity=identity, now=now, proof="claim"
            )
    standing = queries.standing(reading(), person_id)
    if identity.factor:
        return _enter(person_id, now, Factor.ISSUER)
    if standing.factor_since_at is not None:
        return begin_half(person_id, now=now, way=Way.SSO)
    return _enter(person_id, now, Factor.NONE)


def _enter(person_id: int, now: datetime, factor: Factor) -> ResponseReturnValue:
    return enter(Attempt(person_id, "", accepted=True), now=now, factor=factor, way=Way.SSO)


def _link_own(identity: Identity, now: datetime) -> ResponseReturnValue:
    """Link the identity to whoever is signed in and has just proved who they are."""
    if not is_fresh():
        return redirect(url_for(".confirm", next=url_for(".sso_enter")), code=303)
    with writing() as unit:
        identities.link_identity(
            unit, person_id=current_user.id, identity=identity, now=now, proof="password"
        )
    session.pop(IDENTITY, None)
    flash(_("绑定好了，以后可以用单位统一登录"))
    return redirect(url_for(".account"), code=303)


def _link_by_password(identity: Identity, now: datetime) -> ResponseReturnValue:
    """Link the identity to whoever knows the password, and let them in."""
    posted = LinkForm()
    if not posted.validate():
        return _page(posted, identity, 422)
    try:
        attempt = judged(str(posted.user_name.data), str(posted.password.data), now)
    except (NotAllowed, Busy) as refusal:
        posted.password.errors = [words_of(refusal)]
        return shown_again(str(_page(posted, identity, 403)[0]), refusal)  # type: ignore[index]  # _page returns (page, status)
    person_id, factor = int(attempt.person_id or 0), Factor.NONE
    if attempt.has_factor:
        used = use_code(person_id, str(posted.code.data or ""), now=now, stage="code")
        if used is None:
            posted.code.errors = [_(signing_in.WRONG_CODE)]
            return _page(posted, identity, 403)
        factor = used
    try:
        with writing() as unit:
            identities.link_identity(
                unit, person_id=person_id, identity=identity, now=now, proof="password"
            )
    except Conflict as refusal:
        posted.user_name.errors = [words_of(refusal)]
        return _page(posted, identity, 409)
    return enter(attempt, now=now, factor=Factor.ISSUER if identity.factor else factor, way=Way.SSO)
