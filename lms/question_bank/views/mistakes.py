"""What learners report (纠错), for instructors: by question, without saying who reported it."""

import hashlib
import hmac

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.errors import status_of
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Conflict, NotFound
from lms.question_bank import operations, queries
from lms.question_bank.forms import OUTCOMES, AnswerForm
from lms.question_bank.types import MISTAKES, MistakeOutcome, QueuedReport
from lms.question_bank.views.browsing import bp


@bp.get("/teaching/bank/mistakes")
@needs("teaching.view")
def mistakes() -> ResponseReturnValue:
    """List the questions that learners say are wrong, the most reported first."""
    is_open = request.args.get("state") != "answered"
    return render_template(
        "question_bank/mistakes.html",
        rows=queries.reported(reading(), is_open=is_open),
        is_open=is_open,
    )


@bp.route("/teaching/bank/mistakes/<key>", methods=["GET", "POST"])
@needs("bank.write")
def reports(key: str) -> ResponseReturnValue:
    """Show what learners say of a question, and answer them one by one."""
    if request.method == "GET":
        return _page(key, None)
    form = AnswerForm()
    if not form.validate():
        return _page(key, form), 422
    report = _meant(key, form.reference.data or "")
    try:
        with writing() as session:
            operations.answer_mistake(
                session,
                learner_id=report.learner_id,
                number=report.number,
                outcome=MistakeOutcome(form.outcome.data),
                words=form.words.data or "",
                actor_id=current_user.id,
                now=utc_now(),
            )
            if request.form.get("begin") and form.outcome.data == MistakeOutcome.ACCEPTED:
                operations.begin_change(session, key=key, actor_id=current_user.id, now=utc_now())
    except Conflict as refusal:
        form.words.errors = [str(_(refusal.message))]
        return _page(key, form), status_of(refusal)
    flash(_("已答复，学员会在首页看到"))
    if request.form.get("begin") and form.outcome.data == MistakeOutcome.ACCEPTED:
        return redirect(url_for(".edit", key=key), code=303)
    return redirect(url_for(".reports", key=key), code=303)


def _page(key: str, form: AnswerForm | None) -> str:
    found = queries.reports_on(reading(), key)
    if not found:
        raise NotFound("no_report", N_("没有人反映过这道题"))
    _state, (newest, *_older) = queries.history(reading(), key, at_most=1)
    return render_template(
        "question_bank/reports.html",
        key=key,
        newest=newest,
        rows=[(reference(report), report) for report in found],
        kinds=MISTAKES,
        outcomes=OUTCOMES,
        form=form,
        blank=AnswerForm(formdata=None),
    )


def reference(report: QueuedReport) -> str:
    """Return a name of a report that says nothing of who made it."""
    secret = str(current_app.secret_key).encode()
    message = f"mistake:{report.learner_id}:{report.number}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:32]


def _meant(key: str, named: str) -> QueuedReport:
    for report in queries.reports_on(reading(), key):
        if hmac.compare_digest(reference(report), named):
            return report
    raise NotFound("no_report", N_("没有这条纠错"))
