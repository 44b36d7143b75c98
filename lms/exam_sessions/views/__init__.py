"""What learners see: their sessions, the code, the start."""

import secrets
from http import HTTPStatus

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.exam_sessions import operations, queries, rules
from lms.exam_sessions.forms import CodeForm
from lms.exam_sessions.types import OwnSeat
from lms.http.access import needs
from lms.http.errors import words_of
from lms.http.extensions import limiter
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import Conflict, Invalid, NotAllowed

bp = Blueprint("exam_sessions", __name__, url_prefix="/exam-sessions")

# only what opened nothing counts: a room of 3,000 has one address, and each their own count
limited = limiter.limit(
    lambda: current_app.config["SESSION_CODE_LIMIT"],
    key_func=lambda: f"session-code:{current_user.get_id()}",
    deduct_when=lambda response: response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY,
)


@bp.app_template_global("own_exam_sessions")
def own_exam_sessions() -> list[OwnSeat]:
    """Return the sessions of whoever asks, for pages of rooms below that show them. One
    statement.
    """
    return queries.own_seats(reading(), current_user.id, now=utc_now())


@bp.app_template_global("exam_session_of")
def exam_session_of(number: int) -> str | None:
    """Return the title of the session to which one's own attempt belongs. One statement."""
    found = queries.session_of_attempt(reading(), current_user.id, number)
    return found[1] if found else None


@bp.get("")
@needs("learning.use")
def mine() -> ResponseReturnValue:
    """Show one's own sessions and where a code is typed in."""
    return _mine(CodeForm())


def _mine(form: CodeForm, *, status: int = 200) -> ResponseReturnValue:
    now = utc_now()
    seats = queries.own_seats(reading(), current_user.id, now=now)
    return render_template("exam_sessions/mine.html", seats=seats, form=form, now=now), status


@bp.post("")
@needs("learning.use")
@limited
def enter() -> ResponseReturnValue:
    """Find the session that a code opens."""
    form = CodeForm()
    if not form.validate():
        return _mine(form, status=422)
    try:
        with writing() as session:
            session_id = operations.enter(
                session, learner_id=current_user.id, said=form.code.data or "", now=utc_now()
            )
    except (Invalid, NotAllowed) as refusal:
        form.code.errors = [words_of(refusal)]
        return _mine(form, status=422 if isinstance(refusal, Invalid) else 403)
    return redirect(url_for(".show", session_id=session_id), code=303)


@bp.get("/<int(max=2147483647):session_id>")
@needs("learning.use")
def show(session_id: int) -> ResponseReturnValue:
    """Show a session to whoever has a seat in it: when, what, and the button."""
    return _show(session_id, CodeForm())


def _show(session_id: int, form: CodeForm, *, status: int = 200) -> ResponseReturnValue:
    session, now = reading(), utc_now()
    found = queries.session_text(session, session_id)
    place = queries.own_place(session, current_user.id, session_id)
    if place is None:  # nothing of it is told, not even whether a code would help
        raise NotAllowed("not_invited", rules.NOT_INVITED)
    page = render_template(
        "exam_sessions/show.html",
        session=found,
        phase=found.phase(now),
        place=place,
        form=form,
        now=now,
    )
    return _unkept(page, status)


@bp.post("/<int(max=2147483647):session_id>/start")
@needs("learning.use")
@limited
def start(session_id: int) -> ResponseReturnValue:
    """Begin, or go on with what was begun."""
    form = CodeForm()
    if not form.validate():
        return _show(session_id, form, status=422)
    try:
        with writing() as session:
            number = operations.start(
                session,
                learner_id=current_user.id,
                session_id=session_id,
                said=form.code.data or "",
                seed=secrets.randbits(62),
                now=utc_now(),
            )
    except Invalid as refusal:
        form.code.errors = [words_of(refusal)]
        return _show(session_id, form, status=422)
    except Conflict as refusal:
        form.code.errors = [words_of(refusal)]
        return _show(session_id, form, status=409)
    return redirect(url_for("exams.sit", number=number), code=303)


def _unkept(page: str, status: int) -> ResponseReturnValue:
    response = Response(page, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
