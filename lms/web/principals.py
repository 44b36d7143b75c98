"""Who is asking: the session cookie becomes a principal, once a request."""

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms.http import errors
from lms.http.extensions import login_manager
from lms.http.unit_of_work import reading
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, NotAllowed
from lms.people import queries
from lms.people.types import Principal


def register(_app: Flask) -> None:
    """Hand Flask-Login its two questions: who is this, and where do strangers go."""
    login_manager.user_loader(load)
    login_manager.unauthorized_handler(send_to_sign_in)


def load(session_id: str) -> Principal | None:
    """Return the principal of a session, or none if it was ended or is not understood."""
    person_id, _, epoch = session_id.partition(".")
    if not (person_id.isdecimal() and epoch.isdecimal()) or errors.DATABASE_DOWN in g:
        return None
    found = queries.find_principal(reading(), int(person_id), on=day_of(utc_now()))
    return found if found is not None and found.session_epoch == int(epoch) else None


def send_to_sign_in() -> ResponseReturnValue:
    """Ask a stranger to sign in, and remember where they wanted to go."""
    if request.path.startswith("/api/"):
        return errors.refusal(NotAllowed("sign_in_first", N_("请先登录")), status=401)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.form", next=wanted), code=303)
