"""Pages: one's own credentials, the public check, the employer's check, the administrator's."""

import io
import secrets
from functools import lru_cache

import segno
from babel import Locale
from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from lms.credentials import operations, queries, rules
from lms.credentials.forms import CHANGES, ChangeForm, CheckForm, NameForm
from lms.credentials.types import CodeParts, EventKind, Issued, Verdict
from lms.http.access import needs, public
from lms.http.errors import words_of
from lms.http.extensions import limiter
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.people.rules import same_name, scope_of
from lms.programs import queries as programs
from lms.requirements.rules import spoken

bp = Blueprint("credentials", __name__)


def _looking_up() -> str:
    return str(current_app.config.get("VERIFY_LIMIT", "120 per minute"))


def _guessing() -> str:
    return str(current_app.config.get("VERIFY_NAME_LIMIT", "30 per minute"))


def _guessing_one() -> str:
    return str(current_app.config.get("VERIFY_NAME_LIMIT_OF_ONE", "60 per hour"))


def _credential_asked() -> str:
    """Count guesses at one credential together, wherever they come from."""
    typed = (request.view_args or {}).get("code", "")
    parts = rules.read_code(typed)
    return f"credential {parts.code if parts else 'none'}"


@bp.get("/credentials")
@needs("learning.use")
def overview() -> ResponseReturnValue:
    """Show one's own credentials, and those that can be claimed."""
    session, today = reading(), day_of(utc_now())
    own = queries.own(session, current_user.id)
    held = {issued.program_key for issued in own}
    lines = programs.programs(session, current_user.id, on=today)
    return render_template(
        "credentials/overview.html",
        verdicts=[_verdict_on(issued) for issued in own],
        answers=rules.ANSWERS,
        claimable=[
            line
            for line in lines
            if line.joined and line.state and line.state.satisfied and line.grant
            if line.key not in held
        ],
    )


@bp.post("/programs/<program_key>/credential")
@needs("learning.use")
def claim(program_key: str) -> ResponseReturnValue:
    """Issue the credential of a program that one has met."""
    try:
        with writing() as session:
            code = operations.claim(
                session,
                learner_id=current_user.id,
                program_key=program_key,
                entropy=secrets.token_bytes,
                now=utc_now(),
            )
    except operations.NotMet as refusal:
        missing = spoken(refusal.missing, translate=_, language=get_locale().language)
        raise Conflict(refusal.code, refusal.message, missing=missing) from refusal
    return redirect(url_for(".show", code=_parts(code).shown), code=303)


@bp.get("/credentials/<code>")
@needs("learning.use")
def show(code: str) -> ResponseReturnValue:
    """Show one of one's own credentials as a certificate that can be printed."""
    issued = queries.own_credential(reading(), current_user.id, code)
    verdict = _verdict_on(issued)
    return render_template(
        "credentials/show.html",
        issued=issued,
        verdict=verdict,
        answer=rules.ANSWERS[verdict.standing],
        address=_public_address(issued.parts),
    )


@bp.get("/verify")
@public
@limiter.limit(_looking_up)
def verify_form() -> ResponseReturnValue:
    """Ask for a number; lead on to its page."""
    typed = request.args.get("code", "").strip()
    parts = rules.read_code(typed)
    if parts:
        return redirect(url_for(".verify", code=parts.shown), code=303)
    if typed:
        return _answered(rules.judge(typed, None, None, on=day_of(utc_now())))
    return render_template("credentials/verify_form.html")


@bp.get("/verify/<code>")
@public
@limiter.limit(_looking_up)
def verify(code: str) -> ResponseReturnValue:
    """Tell anybody how a credential stands. The holder's name is masked, unless they agreed."""
    return _answered(queries.look_up(reading(), code, on=day_of(utc_now())))


@bp.post("/verify/<code>/name")
@public
@limiter.limit(_guessing)
@limiter.limit(_guessing_one, key_func=_credential_asked)
def verify_name(code: str) -> ResponseReturnValue:
    """Say whether a name is the holder's, and nothing else about the name."""
    verdict = queries.look_up(reading(), code, on=day_of(utc_now()))
    form = NameForm()
    if verdict.credential is None or not form.validate():
        return _answered(verdict, form)
    name = form.name.data or ""  # validated, so it is there
    matches = same_name(name, verdict.credential.holder_name)
    return _answered(verdict, form, name_matches=matches)


@bp.get("/verify/<code>/qr.svg")
@public
def qr(code: str) -> ResponseReturnValue:
    """Draw the address at which a credential is checked. Nothing is looked up."""
    drawn = io.BytesIO()
    segno.make(_public_address(_parts(code)), error="m", micro=False).save(
        drawn, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@bp.get("/api/verify/<code>")
@public
@limiter.limit(_looking_up)
def api_verify(code: str) -> ResponseReturnValue:
    """Tell a program how a credential stands: the same answer as the page."""
    now = utc_now()
    verdict = queries.look_up(reading(), code, on=day_of(now))
    answer = rules.ANSWERS[verdict.standing]
    told = rules.disclosed(verdict) | {
        "heading": _(answer.heading),
        "advice": _(answer.advice),
        "checked_at": now.isoformat(timespec="seconds"),
    }
    return _unkept(make_response(jsonify(told), answer.status))


@bp.route("/hr/check", methods=["GET", "POST"])
@needs("credentials.check")
def check() -> ResponseReturnValue:
    """Check a credential for an employer: in full if the name is the holder's."""
    form, now = CheckForm(), utc_now()
    if not form.validate_on_submit():
        page = render_template("credentials/check.html", form=form, checked=None)
        return _unkept(make_response(page, form.status))
    with writing() as session:
        checked = operations.check(
            session,
            typed=form.code.data or "",
            name=form.name.data or "",
            purpose=form.purpose.data or "",
            actor_id=current_user.id,
            now=now,
        )
    page = render_template(
        "credentials/check.html",
        form=form,
        checked=checked,
        answer=rules.ANSWERS[checked.verdict.standing],
        words=CHANGES,
        now=now,
    )
    return _unkept(make_response(page))


@bp.route("/credentials/<code>/revoke", methods=["GET", "POST"])
@needs("credentials.revoke")
def change(code: str) -> ResponseReturnValue:
    """Revoke, suspend or reinstate a credential; show what happened to it so far."""
    now = utc_now()
    issued = queries.by_code(reading(), code)
    scope = scope_of(current_user.grants, "credentials.revoke")
    if not queries.is_in_scope(reading(), issued.learner_id, scope=scope, on=day_of(now)):
        raise NotFound("no_credential", N_("没有这张证书"))
    form = ChangeForm(on=day_of(now))
    if not form.validate_on_submit():
        return _change_page(issued, form), form.status
    try:
        with writing() as session:
            operations.change(
                session,
                kind=EventKind(form.kind.data),
                code=issued.code,
                on=form.on.data or day_of(now),
                reason=form.reason.data or "",
                authority=form.authority.data or "",
                actor_id=current_user.id,
                now=now,
            )
    except Invalid as refusal:
        form[refusal.where].errors = [words_of(refusal)]
        return _change_page(issued, form), 422
    except Conflict as refusal:
        form.kind.errors = [words_of(refusal)]
        return _change_page(issued, form), 409
    flash(_("已登记"))
    return redirect(url_for(".change", code=issued.shown), code=303)


def _change_page(issued: Issued, form: ChangeForm) -> str:
    verdict = _verdict_on(issued)
    return render_template(
        "credentials/change.html",
        issued=issued,
        verdict=verdict,
        answer=rules.ANSWERS[verdict.standing],
        words=CHANGES,
        form=form,
    )


def _answered(
    verdict: Verdict, form: NameForm | None = None, *, name_matches: bool | None = None
) -> Response:
    answer = rules.ANSWERS[verdict.standing]
    found = verdict.credential
    page = render_template(
        "credentials/verify.html",
        verdict=verdict,
        answer=answer,
        holder=rules.shown_holder(found) if found else "",
        name_field=_name_field(form) if form else _empty_name_field(get_locale()),
        name_matches=name_matches,
        now=utc_now(),
    )
    faulty = form is not None and form.errors
    return _unkept(make_response(page, 422 if faulty else answer.status))


def _name_field(form: NameForm) -> Markup:
    return Markup(render_template("credentials/_name_field.html", form=form))  # noqa: S704 - rendered, so escaped


@lru_cache(maxsize=8)
def _empty_name_field(_locale: Locale | None) -> Markup:
    """Return the field as everybody finds it who has typed nothing yet, made once a language."""
    return _name_field(NameForm(formdata=None, meta={"csrf": False}))  # the page has the token


def _unkept(response: Response) -> Response:
    """Let nobody keep an answer that may be another tomorrow, nor find it by searching."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _verdict_on(issued: Issued) -> Verdict:
    return rules.judge(issued.shown, issued.parts, issued, on=day_of(utc_now()))


def _parts(code: str) -> CodeParts:
    parts = rules.read_code(code)
    if parts is None:
        raise NotFound("no_credential", N_("没有这张证书"))
    return parts


def _public_address(parts: CodeParts) -> str:
    """Return where a credential is checked, as a phone elsewhere reaches it."""
    path = url_for(".verify", code=parts.shown)
    base = current_app.config.get("PUBLIC_URL") or request.url_root
    return str(base).rstrip("/") + path.removeprefix(request.script_root)
