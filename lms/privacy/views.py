"""Pages: one's own data and rights, the clerks' queue, the periods, the public notice."""

import secrets
from datetime import datetime

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

from lms.accounts.operations import helping
from lms.http.access import needs, needs_fresh, public, signed_in
from lms.http.addresses import row_number, within_site
from lms.http.errors import words_of
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.people import queries as people
from lms.people.rules import scope_of
from lms.privacy import operations, queries, rules
from lms.privacy.forms import (
    ANSWERS,
    FIELDS,
    OUTCOMES,
    AnswerForm,
    ClerkClosingForm,
    ClosingForm,
    CorrectionAnswerForm,
    CorrectionForm,
)
from lms.privacy.queries.corrections import PAGE
from lms.privacy.types import Answer, Correction, CorrectionField, Outcome, Wish

bp = Blueprint("privacy", __name__, url_prefix="/privacy")

EDUCATION = {
    "below_secondary": N_("初中及以下"),
    "secondary": N_("高中、中专"),
    "associate": N_("大专"),
    "bachelor": N_("本科"),
    "master": N_("硕士研究生"),
    "doctor": N_("博士研究生"),
}
DOCUMENTS = {
    "resident_id": N_("居民身份证"),
    "hk_macao_permit": N_("港澳居民来往内地通行证"),
    "taiwan_permit": N_("台湾居民来往大陆通行证"),
    "residence_permit": N_("港澳台居民居住证"),
    "foreign_permanent": N_("外国人永久居留身份证"),
    "passport": N_("护照"),
    "officer": N_("军官证、警官证等"),
}


@bp.get("")
@signed_in
def overview() -> ResponseReturnValue:
    """Show what is held of oneself, numbers masked, and everything one can do about it."""
    session, now = reading(), utc_now()
    return _unkept(
        render_template(
            "privacy/overview.html",
            own=queries.own_file(session, current_user.id, vault=vault(), on=day_of(now)),
            standings=queries.standings(session, current_user.id),
            closing=queries.open_closing(session, current_user.id),
            educations=EDUCATION,
            documents=DOCUMENTS,
            answers=ANSWERS,
        )
    )


@bp.get("/notice")
@public
def notice() -> ResponseReturnValue:
    """Tell anybody how personal data is handled, and what is asked separately."""
    return render_template(
        "privacy/notice.html",
        text=queries.find_text(reading(), "service"),
        others=[s.text for s in queries.standings(reading(), 0) if s.text.is_consent],
        periods=queries.periods(reading()),
        **_handler(),
    )


@bp.get("/texts/<key>")
@signed_in
def text(key: str) -> ResponseReturnValue:
    """Show a text in force and how one stands with it; ask for the answer."""
    standing = queries.standing(reading(), current_user.id, key)
    return render_template(
        "privacy/text.html",
        text=standing.text,
        standing=standing,
        answers=ANSWERS,
        leads_on=within_site(request.args.get("next", "")),
        **_handler(),
    )


@bp.get("/texts/<key>/<int:number>")
@public
def old_text(key: str, number: int) -> ResponseReturnValue:
    """Show a text as it was published, in force or not."""
    found = queries.text_version(reading(), key, number)
    return render_template("privacy/old_text.html", text=found, **_handler())


@bp.post("/texts/<key>")
@signed_in
def answer(key: str) -> ResponseReturnValue:
    """Write down one's answer to a text."""
    form = AnswerForm()
    if not form.validate():
        raise Invalid("wrong_answer", N_("这份告知书没有这种答复"))
    with writing() as session:
        operations.answer(
            session,
            learner_id=current_user.id,
            key=key,
            version_id=form.version.data or 0,
            answer=Answer(str(form.answer.data)),
            now=utc_now(),
        )
    flash(_("已记下您的答复"))
    return redirect(within_site(request.args.get("next", "")) or url_for(".overview"), code=303)


@bp.get("/history")
@signed_in
def history() -> ResponseReturnValue:
    """Show everything one ever answered, with the text as it was then."""
    return render_template(
        "privacy/history.html",
        lines=queries.history(reading(), current_user.id),
        answers=ANSWERS,
    )


@bp.route("/corrections", methods=["GET", "POST"])
@signed_in
def corrections() -> ResponseReturnValue:
    """Show what one asked to have corrected; ask for more."""
    form = CorrectionForm(token=secrets.token_hex(16))
    if not form.validate_on_submit():
        return _corrections_page(form), form.status
    try:
        with writing() as session:
            number = operations.ask_correction(
                session,
                learner_id=current_user.id,
                token=form.token.data or "",
                field=CorrectionField(form.field.data),
                wish=Wish(form.wanted.data or "", form.reason.data or "", form.evidence.data or ""),
                vault=vault(),
                now=utc_now(),
            )
    except Conflict as refusal:
        form.field.errors = [words_of(refusal)]
        return _corrections_page(form), 409
    flash(_("申请已提交"))
    return redirect(url_for(".correction", number=number), code=303)


def _corrections_page(form: CorrectionForm) -> Response:
    page = render_template(
        "privacy/corrections.html",
        form=form,
        found=queries.own_corrections(reading(), current_user.id, vault=vault()),
        fields=FIELDS,
        outcomes=OUTCOMES,
        now=utc_now(),
    )
    return _unkept(page)


@bp.get("/corrections/<int:number>")
@signed_in
def correction(number: int) -> ResponseReturnValue:
    """Show one of one's own requests and its answer."""
    found = queries.own_correction(reading(), current_user.id, number, vault=vault())
    return _unkept(
        render_template(
            "privacy/correction.html",
            found=found,
            fields=FIELDS,
            outcomes=OUTCOMES,
            now=utc_now(),
        )
    )


@bp.route("/close", methods=["GET", "POST"])
@signed_in
@needs_fresh
def close() -> ResponseReturnValue:
    """Say what closing one's account means, and begin it."""
    form = ClosingForm()
    if not form.validate_on_submit():
        return _closing_page(form), form.status
    with writing() as session:
        operations.ask_closing(
            session,
            person_id=current_user.id,
            reason=form.reason.data or "",
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("注销申请已提交，反悔期内随时可以撤回"))
    return redirect(url_for(".overview"), code=303)


def _closing_page(form: ClosingForm) -> str:
    return render_template(
        "privacy/close.html",
        form=form,
        closing=queries.open_closing(reading(), current_user.id),
        days=queries.days_of(reading(), "cooling"),
        kept=current_app.extensions[KEPT],
    )


KEPT = "lms_kept_when_closed"
"""The key in ``app.extensions`` of what stays when an account is closed: why (empty: it
goes) -> titles. The rooms above know; :mod:`lms.web` hands it in."""


@bp.post("/close/take-back")
@signed_in
def take_back() -> ResponseReturnValue:
    """Keep the account that one wanted closed."""
    with writing() as session:
        kept = operations.take_back(
            session, person_id=current_user.id, actor_id=current_user.id, now=utc_now()
        )
    flash(_("注销申请已撤回，账号照常使用") if kept else _("没有要撤回的注销申请"))
    return redirect(url_for(".overview"), code=303)


@bp.get("/requests")
@needs("privacy.handle")
def requests() -> ResponseReturnValue:
    """Show the requests of the own units' people, what is due first."""
    now, scope = utc_now(), _scope()
    answered = request.args.get("show") == "answered"
    rows = queries.queue(
        reading(), scope=scope, on=day_of(now), answered=answered, after=_after(answered)
    )
    return render_template(
        "privacy/requests.html",
        rows=rows[:PAGE],
        more=rows[PAGE - 1] if len(rows) > PAGE and not answered else None,
        answered=answered,
        closings=queries.closings_in_scope(reading(), scope=scope, on=day_of(now)),
        fields=FIELDS,
        outcomes=OUTCOMES,
        now=now,
    )


@bp.get("/requests/<int:learner_id>/<int:number>")
@needs("privacy.handle")
def handle(learner_id: int, number: int) -> ResponseReturnValue:
    """Show a request to whoever answers it; numbers are masked."""
    return _handling_page(rules.masked(_request(learner_id, number)), CorrectionAnswerForm())


@bp.post("/requests/<int:learner_id>/<int:number>/reveal")
@needs("privacy.handle")
def reveal(learner_id: int, number: int) -> ResponseReturnValue:
    """Show a request in full; who looked is written down."""
    with writing() as session:
        found = operations.reveal_correction(
            session,
            learner_id=learner_id,
            number=number,
            scope=_scope(),
            vault=vault(),
            actor_id=current_user.id,
            now=utc_now(),
        )
    return _handling_page(found, CorrectionAnswerForm(formdata=None), revealed=True)


@bp.post("/requests/<int:learner_id>/<int:number>")
@needs("privacy.handle")
def answer_request(learner_id: int, number: int) -> ResponseReturnValue:
    """Answer a request."""
    form, found = CorrectionAnswerForm(), _request(learner_id, number)
    if not form.validate():
        return _handling_page(rules.masked(found), form), 422
    try:
        with writing() as session:
            operations.answer_correction(
                session,
                learner_id=learner_id,
                number=number,
                scope=_scope(),
                outcome=Outcome(form.outcome.data),
                answer=form.answer.data or "",
                vault=vault(),
                actor_id=current_user.id,
                now=utc_now(),
            )
    except Invalid:
        form.answer.errors = [_("不予更正的，要写明理由")]
        return _handling_page(rules.masked(found), form), 422
    except Conflict as refusal:
        form.outcome.errors = [words_of(refusal)]
        return _handling_page(rules.masked(_request(learner_id, number)), form), 409
    flash(_("已答复"))
    return redirect(url_for(".requests"), code=303)


def _request(learner_id: int, number: int) -> Correction:
    return queries.correction_in_scope(
        reading(), learner_id, number, scope=_scope(), on=day_of(utc_now()), vault=vault()
    )


def _handling_page(
    found: Correction, form: CorrectionAnswerForm, *, revealed: bool = False
) -> Response:
    page = render_template(
        "privacy/handle.html",
        found=found,
        form=form,
        revealed=revealed,
        is_masked=rules.is_sealed(found.field),
        file_address=_file_address(found.learner_id),
        fields=FIELDS,
        outcomes=OUTCOMES,
        now=utc_now(),
    )
    return _unkept(page)


_FILE = "people.person"
"""The page of somebody's file, on which a clerk corrects it."""


def _file_address(person_id: int) -> str | None:
    """Return where a clerk corrects a file, if there is such a page and they may open it."""
    if _FILE not in current_app.view_functions or not current_user.may("people.view"):
        return None
    return url_for(_FILE, person_id=person_id)


@bp.get("/closings")
@needs("privacy.handle")
def find_closing() -> ResponseReturnValue:
    """Lead from a user name to the page on which that account is closed."""
    found = queries.find_by_user_name(
        reading(), request.args.get("user_name", ""), scope=_scope(), on=day_of(utc_now())
    )
    if found is None:
        flash(_("本单位和下级单位没有这个用户名"), "warning")
        return redirect(url_for(".requests"), code=303)
    return redirect(url_for(".close_person", person_id=found), code=303)


@bp.route("/closings/<int:person_id>", methods=["GET", "POST"])
@needs("privacy.handle")
@needs_fresh
def close_person(person_id: int) -> ResponseReturnValue:
    """Close the account of one of the own units' people, with a reason."""
    form, today = ClerkClosingForm(), day_of(utc_now())
    if not queries.is_in_scope(reading(), person_id, scope=_scope(), on=today):
        raise NotFound("no_person", N_("没有这个人"))
    if person_id == current_user.id:
        raise Conflict("own_account", N_("自己的账号请在“个人信息”里注销"))
    helping.check_may_help(
        reading(), person_id=person_id, helper=current_user, scope=_scope(), now=utc_now()
    )
    if not form.validate_on_submit():
        return _clerk_closing_page(person_id, form), form.status
    try:
        with writing() as session:
            operations.ask_closing(
                session,
                person_id=person_id,
                reason=form.reason.data or "",
                actor_id=current_user.id,
                scope=_scope(),
                now=utc_now(),
            )
    except Conflict as refusal:
        form.reason.errors = [words_of(refusal)]
        return _clerk_closing_page(person_id, form), 409
    flash(_("注销申请已登记，反悔期过后办理"))
    return redirect(url_for(".requests"), code=303)


def _clerk_closing_page(person_id: int, form: ClerkClosingForm) -> str:
    return render_template(
        "privacy/close_person.html",
        form=form,
        person=people.person(reading(), person_id),
        closing=queries.open_closing(reading(), person_id),
        days=queries.days_of(reading(), "cooling"),
        kept=current_app.extensions[KEPT],
    )


@bp.post("/closings/<int:person_id>/take-back")
@needs("privacy.handle")
def take_back_for(person_id: int) -> ResponseReturnValue:
    """Keep the account of one of the own units' people."""
    with writing() as session:
        operations.take_back(
            session,
            person_id=person_id,
            actor_id=current_user.id,
            scope=_scope(),
            now=utc_now(),
        )
    flash(_("注销申请已撤回，账号照常使用"))
    return redirect(url_for(".requests"), code=303)


@bp.route("/settings", methods=["GET", "POST"])
@needs("privacy.settings")
def settings() -> ResponseReturnValue:
    """Show how long what is kept, with the source; change what may be changed."""
    fault: Invalid | None = None
    if request.method == "POST":
        key, days = request.form.get("key", ""), request.form.get("days", "").strip()
        try:
            _set_days(key, days)
        except Invalid as refusal:
            fault = refusal
        else:
            return redirect(url_for(".settings"), code=303)
    page = render_template(
        "privacy/settings.html",
        periods=queries.periods(reading()),
        fault=fault,
        texts=[s.text for s in queries.standings(reading(), 0)],
        **_handler(),
    )
    return page, 200 if fault is None else 422


def _set_days(key: str, days: str) -> None:
    if not (days.isascii() and days.isdecimal() and len(days) < 6):
        raise Invalid("not_days", N_("请填写天数，只写数字"), where=key)
    with writing() as session:
        changed = operations.set_days(
            session, key=key, days=int(days), actor_id=current_user.id, now=utc_now()
        )
    flash(_("已保存") if changed else _("没有改动"))


def _scope() -> frozenset[int]:
    return scope_of(current_user.grants, "privacy.handle")


def _handler() -> dict[str, str]:
    config = current_app.config
    return {
        "handler": str(config["PRIVACY_HANDLER"]),
        "contact": str(config["PRIVACY_CONTACT"]),
    }


def _after(answered: bool) -> tuple[datetime, int, int] | None:  # noqa: FBT001 - one of two lists
    """Read the last row of the page before from ``?after=LEARNER.NUMBER``."""
    learner_id, _, number = request.args.get("after", "").partition(".")
    try:
        found = _request(row_number(learner_id), row_number(number))
    except (ValueError, NotFound):
        return None
    return None if answered else (found.due_at, found.learner_id, found.number)


def _unkept(page: str) -> Response:
    """Let nobody keep a page with personal data on it."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
