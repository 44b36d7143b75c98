"""Signing in and out."""

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user, logout_user
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from lms.http.access import FRESH_AT, public, signed_in
from lms.http.addresses import within_site
from lms.http.errors import words_of
from lms.http.extensions import limiter
from lms.http.forms import BaseForm, stripped
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import NotAllowed
from lms.people import operations, queries
from lms.people.types import Principal
from lms.web.welcome import asked_first

bp = Blueprint("sign_in", __name__)


class SignInForm(BaseForm):
    """A name and a password."""

    user_name = StringField(
        _l("用户名"),
        [DataRequired(_l("请填写用户名")), Length(max=64, message=_l("用户名最多 64 个字"))],
        filters=[stripped],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(
        _l("密码"),
        [InputRequired(_l("请填写密码")), Length(max=256, message=_l("密码最多 256 个字"))],
        render_kw={"autocomplete": "current-password"},
    )


class ConfirmForm(BaseForm):
    """The password of whoever is signed in already."""

    password = PasswordField(
        _l("密码"),
        [InputRequired(_l("请填写密码")), Length(max=256, message=_l("密码最多 256 个字"))],
        render_kw={"autocomplete": "current-password"},
    )


def _typed_name() -> str:
    """Return whose password is being tried, for the limit that follows a name everywhere."""
    return f"name:{request.form.get('user_name', '').strip().lower()[:64]}"


@bp.get("/sign-in")
@public
def form() -> ResponseReturnValue:
    """Show the form."""
    if current_user.is_authenticated:
        return redirect(landing(current_user), code=303)
    return render_template("sign_in/form.html", form=SignInForm())


@bp.post("/sign-in")
@public
@limiter.limit(lambda: current_app.config["SIGN_IN_LIMIT"])
@limiter.limit(lambda: current_app.config["SIGN_IN_LIMIT_OF_ONE"], key_func=_typed_name)
def sign_in() -> ResponseReturnValue:
    """Let somebody in, and send them where they wanted to go."""
    posted = SignInForm()
    if not posted.validate():
        return render_template("sign_in/form.html", form=posted), 422
    now, name, password = utc_now(), str(posted.user_name.data), str(posted.password.data)
    try:
        person_id = operations.check_password(reading(), user_name=name, password=password)
    except NotAllowed as refusal:
        with writing() as unit:
            operations.note_failed_sign_in(unit, user_name=name, now=now)
        posted.password.errors = [words_of(refusal)]
        return render_template("sign_in/form.html", form=posted), 403
    with writing() as unit:
        operations.note_sign_in(unit, person_id=person_id, now=now)
    session.clear()
    principal = queries.find_principal(reading(), person_id, on=day_of(now))
    if principal is None:  # closed in this very moment
        raise NotAllowed("wrong_credentials", operations.WRONG_CREDENTIALS)
    login_user(principal)
    session.permanent = True
    session[FRESH_AT] = int(now.timestamp())
    wanted = within_site(request.args.get("next", "")) or landing(principal)
    return redirect(asked_first(reading(), person_id, wanted=wanted), code=303)


@bp.route("/sign-in/confirm", methods=["GET", "POST"])
@signed_in
@limiter.limit(lambda: current_app.config["SIGN_IN_LIMIT_OF_ONE"], methods=["POST"])
def confirm() -> ResponseReturnValue:
    """Ask whoever is signed in for their password again, before a sensitive deed."""
    posted, now = ConfirmForm(), utc_now()
    if not posted.validate_on_submit():
        return render_template("sign_in/confirm.html", form=posted), posted.status
    found = queries.person(reading(), current_user.id)
    try:
        operations.check_password(
            reading(), user_name=found.user_name, password=str(posted.password.data)
        )
    except NotAllowed:
        with writing() as unit:
            operations.note_failed_sign_in(unit, user_name=found.user_name, now=now)
        posted.password.errors = [_("密码不对")]
        return render_template("sign_in/confirm.html", form=posted), 422
    session[FRESH_AT] = int(now.timestamp())
    return redirect(within_site(request.args.get("next", "")) or landing(current_user), code=303)


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End this session."""
    logout_user()
    session.clear()
    flash(_("您已退出"))
    return redirect(url_for("sign_in.form"), code=303)


@bp.post("/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of the person, this one included."""
    with writing() as unit:
        operations.end_sessions(unit, person_id=current_user.id, now=utc_now())
    logout_user()
    session.clear()
    flash(_("您已在所有设备上退出"))
    return redirect(url_for("sign_in.form"), code=303)


def landing(principal: Principal) -> str:
    """Return the first page of whoever signed in: what they come for."""
    for permission, endpoint in (
        ("learning.use", "home.home"),
        ("team.view", "reports.team"),
        ("teaching.view", "courses.teaching"),
        ("credentials.check", "credentials.check"),
        ("audit.view", "audit.search"),
    ):
        if principal.may(permission):
            return url_for(endpoint)
    return url_for("credentials.verify_form")
