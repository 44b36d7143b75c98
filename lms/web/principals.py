"""Who is asking: the session cookie becomes a principal, once a request."""

from dataclasses import replace

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from lms.accounts.rules import is_over, is_staff, what_first
from lms.accounts.rules.sessions import EXAM_GRACE_SECONDS
from lms.accounts.types import Must, SessionLimits
from lms.accounts.views.sessions import BEFORE, FACTOR, IN_AT, LANDING, MUST, PAGES, asks_factor
from lms.http import errors
from lms.http.access import SEND_AWAY, SendAway
from lms.http.addresses import path_of_referrer
from lms.http.extensions import login_manager
from lms.http.headers import KEEP_ASLEEP, SENT
from lms.http.unit_of_work import reading
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, NotAllowed
from lms.people import queries
from lms.people.types import Principal
from lms.web.landing import landing
from lms.web.welcome import asked_first

EXAMS = ("exams", "exams_api")
"""The blueprints of a paper that is being sat."""

_FIRST_WORDS = {
    Must.NEW_PASSWORD: N_("请先设置新密码"),
    Must.SECOND_FACTOR: N_("请先设置动态验证码"),
}


def register(app: Flask) -> None:
    """Hand Flask-Login its two questions: who is this, and where do strangers go."""
    login_manager.user_loader(load)
    login_manager.unauthorized_handler(send_to_sign_in)
    app.extensions[LANDING] = landing
    app.extensions[BEFORE] = asked_first
    app.extensions[SEND_AWAY] = SendAway(send_to_first, send_to_confirm)


def load(session_id: str) -> Principal | None:
    """Return the principal of a session, or none if it was ended or is not understood.

    Whoever has to do something first gets no permission until it is done. One statement.
    """
    person_id, _, epoch = session_id.partition(".")
    if not (person_id.isdecimal() and epoch.isdecimal()) or errors.DATABASE_DOWN in g:
        return None
    now = utc_now()
    found = queries.find_principal(reading(), int(person_id), on=day_of(now))
    if found is None or found.session_epoch != int(epoch):
        return None
    staff = is_staff(found.grants)
    if _is_over(int(now.timestamp()), staff=staff):
        return None
    must = what_first(
        must=session.get(MUST, ""),
        staff=staff,
        factor=session.get(FACTOR, ""),
        asks_factor=asks_factor(),
    )
    return replace(found, must=must, permissions=frozenset()) if must else found


def _is_over(now: int, *, staff: bool) -> bool:
    """Say whether the session has slept or lasted too long; an examination is let finish."""
    config, whose = current_app.config, "STAFF" if staff else "LEARNER"
    limits = SessionLimits(
        idle_seconds=int(config[f"{whose}_IDLE_SECONDS"]),
        absolute_seconds=int(config[f"{whose}_SESSION_SECONDS"]),
    )
    signed_in = int(session.get(IN_AT, 0))
    seen = max(int(session.get(SENT, 0)), signed_in)
    if not is_over(signed_in=signed_in, seen=seen, now=now, limits=limits):
        return False
    setattr(g, KEEP_ASLEEP, True)  # asking does not wake it up, nor does the paper that goes on
    return request.blueprint not in EXAMS or is_over(
        signed_in=signed_in,
        seen=seen,
        now=now,
        limits=limits,
        grace_seconds=EXAM_GRACE_SECONDS,
    )


def send_to_sign_in() -> ResponseReturnValue:
    """Ask a stranger to sign in, and remember where they wanted to go."""
    if request.path.startswith("/api/"):
        return errors.refusal(NotAllowed("sign_in_first", N_("请先登录")), status=401)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.form", next=wanted), code=303)


def send_to_first(must: str) -> ResponseReturnValue:
    """Send somebody to what they must do before anything else."""
    if request.path.startswith("/api/"):
        return errors.refusal(NotAllowed(f"{must}_first", _FIRST_WORDS[Must(must)]))
    if request.method != "GET":
        abort(403)
    wanted = request.full_path.rstrip("?") if request.path != "/" else None
    return redirect(url_for(PAGES[Must(must)], next=wanted), code=303)


def send_to_confirm() -> ResponseReturnValue:
    """Ask somebody to prove anew who they are, and remember where they were."""
    if request.path.startswith("/api/"):
        return errors.refusal(NotAllowed("confirm_first", N_("请先确认密码")))
    if request.method == "GET":
        wanted: str | None = request.full_path.rstrip("?")
    else:
        wanted = path_of_referrer()
    return redirect(url_for("sign_in.confirm", next=wanted), code=303)
