"""A learner says what is wrong with a question they answered (纠错), and reads the answer."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.extensions import limiter
from lms.http.markdown import render
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now
from lms.question_bank import operations as bank
from lms.question_bank import queries as questions
from lms.question_bank.types import MISTAKES, MistakeKind
from lms.reports.forms import MistakeForm
from lms.reports.queries.superseded import met_version

bp = Blueprint("mistakes", __name__)


def _limit() -> str:
    return str(current_app.config["MISTAKE_LIMIT"])


@bp.route("/mistakes/report/<int:version_id>", methods=["GET", "POST"])
@needs("learning.use")
@limiter.limit(_limit, methods=["POST"], key_func=lambda: f"mistake:{current_user.get_id()}")
def report(version_id: int) -> ResponseReturnValue:
    """Take what a learner finds wrong with a question that they have answered."""
    stem = met_version(reading(), current_user.id, version_id)
    form = MistakeForm()
    if not form.validate_on_submit():
        return render_template("mistakes/report.html", form=form, stem=render(stem)), form.status
    with writing() as session:
        bank.report_mistake(
            session,
            learner_id=current_user.id,
            version_id=version_id,
            kind=MistakeKind(form.kind.data),
            words=form.words.data or "",
            now=utc_now(),
        )
    flash(_("谢谢，已经转给出题老师。答复会出现在首页。"))
    return redirect(url_for(".own"), code=303)


@bp.get("/mistakes")
@needs("learning.use")
def own() -> ResponseReturnValue:
    """Show what one reported, and the answers."""
    rows = questions.own_reports(reading(), current_user.id)
    unseen = any(row.answered_at and not row.seen_at for row in rows)
    return render_template("mistakes/own.html", rows=rows, kinds=MISTAKES, unseen=unseen)


@bp.post("/mistakes/seen")
@needs("learning.use")
def seen() -> ResponseReturnValue:
    """Put the answers away that one has read."""
    with writing() as session:
        bank.put_away(session, learner_id=current_user.id, now=utc_now())
    return redirect(url_for(".own"), code=303)
