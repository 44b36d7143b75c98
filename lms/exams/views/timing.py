"""Pages about the time of attempts: pausing, giving up; extra time, extending, what got stuck."""

import secrets
from datetime import datetime, timedelta

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it

from lms.exams import operations, queries, rules
from lms.exams.forms import ExtendForm, ExtraForm
from lms.exams.types import Sitting
from lms.exams.types.timing import Whom
from lms.http.access import needs, own_scope, public
from lms.http.errors import words_of
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import CHINA, day_of, utc_now
from lms.kernel.errors import Conflict, Invalid
from lms.people import queries as people
from lms.people.types import Filter

bp = Blueprint("exam_time", __name__)

MAY = "exams.give_time"
MOST_FOUND = 20
EVERYBODY = 0
"""Instead of a learner's number: all who sit a paper."""


@bp.get("/attempts/worker.js")
@public
def worker() -> ResponseReturnValue:
    """Send the service worker of open papers. Its address is its scope: it sees nothing else."""
    script = current_app.send_static_file("js/exam_worker.js")
    script.headers["Cache-Control"] = "no-cache"
    return script


@bp.route("/attempts/<int(max=2147483647):number>/pause", methods=["GET", "POST"])
@needs("learning.use")
def pause(number: int) -> ResponseReturnValue:
    """Ask whether the clock is to stand, and let it stand."""
    if request.method == "POST":
        with writing() as session:
            operations.pause(
                session, learner_id=current_user.id, number=number, nth=_nth(), now=utc_now()
            )
        return redirect(url_for("exams.sit", number=number), code=303)
    now = utc_now()
    found = queries.sitting(reading(), learner_id=current_user.id, number=number)
    allowed, over = found.blueprint.pause, now >= found.deadline_at
    if not found.is_open or over or rules.is_paused(found.pause_ends_at, now=now):
        return redirect(url_for("exams.sit", number=number), code=303)
    page = render_template(
        "exams/pause.html",
        sitting=found,
        pause=allowed,
        longest=_longest(found),
        left=max(allowed.times - found.pauses, 0) if allowed else 0,
    )
    return _unkept(make_response(page))


def _longest(found: Sitting) -> int:
    """Return for how many minutes a pause that begins now can last; 0: no more."""
    if found.blueprint.pause is None:
        return 0
    longest = rules.longest_pause(found.blueprint.pause, found.deadline_at, found.latest_end_at)
    return longest // timedelta(minutes=1)


@bp.post("/attempts/<int(max=2147483647):number>/resume")
@needs("learning.use")
def resume(number: int) -> ResponseReturnValue:
    """Let the clock of a paused attempt run on."""
    with writing() as session:
        operations.resume(
            session, learner_id=current_user.id, number=number, nth=_nth(), now=utc_now()
        )
    return redirect(url_for("exams.sit", number=number), code=303)


def _nth() -> int:
    """Return which pause a page is about; 0 if it does not say so in plain digits."""
    text = request.form.get("nth", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0


@bp.route("/attempts/<int(max=2147483647):number>/give-up", methods=["GET", "POST"])
@needs("learning.use")
def give_up(number: int) -> ResponseReturnValue:
    """Ask whether an attempt is to be given up, and give it up."""
    if request.method == "POST":
        with writing() as session:
            operations.give_up(session, learner_id=current_user.id, number=number, now=utc_now())
        return redirect(url_for("exams.result", number=number), code=303)
    found = queries.sitting(reading(), learner_id=current_user.id, number=number)
    if not found.is_open or utc_now() >= found.deadline_at:
        return redirect(url_for("exams.sit", number=number), code=303)
    return _unkept(make_response(render_template("exams/give_up.html", sitting=found)))


@bp.get("/teaching/time")
@needs(MAY)
def overview() -> ResponseReturnValue:
    """Show what people of one's scope are sitting, who has extra time, and find a person."""
    session, now = reading(), utc_now()
    scope, on = own_scope(MAY), day_of(now)
    name = request.args.get("name", "").strip()[:40]
    found = (
        people.people_of(session, Filter(name=name), scope=scope, on=on, limit=MOST_FOUND + 1)
        if name
        else []
    )
    page = render_template(
        "exams/time.html",
        papers=queries.sat_now(session, scope, now=now, on=on),
        extra=queries.extra_within(session, scope, on=on),
        name=name,
        found=[one for one in found[:MOST_FOUND] if not one.is_closed],
        more=len(found) > MOST_FOUND,
        clock=_clock,
    )
    return _unkept(make_response(page))


@bp.route("/teaching/time/people/<int(max=9223372036854775807):person_id>", methods=["GET", "POST"])
@needs(MAY)
def person(person_id: int) -> ResponseReturnValue:
    """Show the extra time of somebody of one's scope, and grant it."""
    found, today = _own(person_id), day_of(utc_now())
    form = ExtraForm(starts_on=today)
    if request.method == "POST" and form.validate():
        try:
            with writing() as session:
                operations.grant_extra_time(
                    session,
                    form.wanted(today),
                    learner_id=found.id,
                    actor_id=current_user.id,
                    now=utc_now(),
                )
        except (Invalid, Conflict) as refusal:
            where = getattr(refusal, "where", "") or "percent"
            form[where].errors = [words_of(refusal)]
        else:
            flash(_("已给%(name)s延长考试时间，从下一次开始考试起算", name=found.name))
            return redirect(url_for(".person", person_id=found.id), code=303)
    page = render_template(
        "exams/extra_time.html",
        person=found,
        form=form,
        extra=queries.extra_of(reading(), found.id),
        today=today,
        is_self=found.id == current_user.id,
    )
    return _unkept(make_response(page, form.status))


@bp.post(
    "/teaching/time/people/<int(max=9223372036854775807):person_id>/<int(max=2147483647):number>/revoke"
)
@needs(MAY)
def revoke(person_id: int, number: int) -> ResponseReturnValue:
    """Take extra time back."""
    found = _own(person_id)
    with writing() as session:
        operations.revoke_extra_time(
            session, learner_id=found.id, number=number, actor_id=current_user.id, now=utc_now()
        )
    flash(_("已收回，正在考的卷不受影响"))
    return redirect(url_for(".person", person_id=found.id), code=303)


def _own(person_id: int) -> Whom:
    """Return somebody of the scope of whoever asks.

    :raises NotFound: ``no_person``.
    """
    on = day_of(utc_now())
    found = people.own_person(reading(), person_id, scope=own_scope(MAY), on=on)
    return Whom(found.id, found.name, found.user_name)


@bp.route("/teaching/time/papers/<key>", methods=["GET", "POST"])
@needs(MAY)
def extend(key: str) -> ResponseReturnValue:
    """Show who of one's scope is sitting a paper, and give one or all of them more time."""
    session, now, scope = reading(), utc_now(), own_scope(MAY)
    paper_id, title, title_en = queries.sat_paper(session, key)
    sitters = queries.sitters(session, paper_id, scope, now=now, on=day_of(now))
    form = ExtendForm(token=secrets.token_hex(8))
    everybody = SelectChoice(EVERYBODY, _("正在考的所有人（%(n)s 人）", n=len(sitters)))
    each = [SelectChoice(one.learner_id, f"{one.name}（{one.user_name}）") for one in sitters]
    form.learner.choices = [everybody, *each]
    if request.method == "POST" and form.validate():
        count = _extend(key, form)
        words = _("延长了 %(n)s 份正在考的卷子", n=count)
        flash(words if count else _("没有可以延长的：已经延长过，或者时间已到"))
        return redirect(url_for(".extend", key=key), code=303)
    page = render_template(
        "exams/extend.html",
        title=title,
        title_en=title_en,
        form=form,
        sitters=sitters,
        clock=_clock,
    )
    return _unkept(make_response(page, form.status))


def _extend(key: str, form: ExtendForm) -> int:
    with writing() as session:
        return operations.extend(
            session,
            paper_key=key,
            minutes=form.minutes.data or 0,
            reason=form.reason.data or "",
            actor_id=current_user.id,
            now=utc_now(),
            learner_id=form.learner.data or None,
            scope=own_scope(MAY),
            token=f"{current_user.id}.{form.token.data}",
        )


@bp.get("/teaching/stuck")
@needs("teaching.view")
def stuck() -> ResponseReturnValue:
    """Show attempts that are over and could not be marked."""
    return render_template("exams/stuck.html", stuck=queries.stuck(reading()))


def _clock(instant: datetime) -> str:
    """Return the time of day in China."""
    return instant.astimezone(CHINA).strftime("%H:%M")


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
