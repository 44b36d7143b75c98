"""Pages on which papers are marked anew: proposed, tried, approved by another, taken back."""

from collections.abc import Iterable, Sequence

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it

from lms.exams import operations
from lms.exams import queries as exams
from lms.exams.operations import MANY, ask_to_apply
from lms.exams.rules import Deed, Terms
from lms.exams.types import Cause, Policy
from lms.http.access import needs, needs_fresh, own_scope
from lms.http.addresses import row_number
from lms.http.errors import status_of, words_of
from lms.http.services import service
from lms.http.sheets import CSV, to_csv
from lms.http.unit_of_work import reading, writing
from lms.jobs.operations.office import Office
from lms.kernel.clock import CHINA, day_of, utc_now
from lms.kernel.errors import DomainError, Invalid, NotFound
from lms.kernel.points import points
from lms.regulations import queries as regulations
from lms.regulations.types import MARKING, PRACTICE_MARKING
from lms.reports.forms import CAUSES, POLICIES, RegradeForm, UndoForm
from lms.reports.queries import papers as papers_queries
from lms.reports.queries import regrading as queries
from lms.reports.rules import Move

bp = Blueprint("regrading", __name__, url_prefix="/teaching/regrades")

PAGE_SIZE = 20
"""Regrades on one page of the list."""

SHOWN = 100
"""Learners in the table of a page; the file has all of them."""

ONE = "/<int:regrade_id>"


@bp.get("")
@needs("teaching.regrade")
def overview() -> ResponseReturnValue:
    """Show what was marked anew, and what waits for somebody to approve it."""
    before = request.args.get("before", type=row_number)
    rows = exams.list_regrades(reading(), before=before, at_most=PAGE_SIZE + 1)
    return render_template(
        "regrading/overview.html",
        rows=rows[:PAGE_SIZE],
        older=rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None,
        causes=CAUSES,
    )


@bp.route("/new", methods=["GET", "POST"])
@needs("teaching.regrade")
def new() -> ResponseReturnValue:
    """Say what is to be marked anew and try it: nothing of the results changes yet."""
    asked = {"question": request.args.get("question", "")}
    form = RegradeForm(data=asked)
    form.paper.choices = _papers()
    form.rule.choices = _rules()
    if request.method == "GET" or not form.validate_on_submit():
        return render_template("regrading/new.html", form=form), form.status
    try:
        with writing() as session:
            made = operations.propose_regrade(
                session,
                terms=_terms(form),
                reason=form.reason.data or "",
                actor_id=current_user.id,
                now=utc_now(),
            )
    except DomainError as refusal:
        where = refusal.where if isinstance(refusal, Invalid) else ""
        place = "question" if isinstance(refusal, NotFound) else where
        fields = {field.name for field in form}
        form[place if place in fields else "cause"].errors = [words_of(refusal)]
        page = render_template("regrading/new.html", form=form)
        return page, 422 if isinstance(refusal, NotFound) else status_of(refusal)
    return redirect(url_for(".show", regrade_id=made), code=303)


def _papers() -> list[SelectChoice]:
    """Return the papers that learners have handed in, each version for itself."""
    sat = papers_queries.papers_sat(reading())
    everywhere = SelectChoice("", _("问过这道题的全部试卷"))
    return [everywhere] + [
        SelectChoice(
            f"{row.key}/{row.number}", _("%(title)s（第 %(n)s 版）", title=row.title, n=row.number)
        )
        for row in sat
    ]


def _rules() -> list[SelectChoice]:
    rows = regulations.rules_of_kind(reading(), MARKING, PRACTICE_MARKING)
    return [SelectChoice("", _("不换")), *(SelectChoice(row.key, row.title) for row in rows)]


def _terms(form: RegradeForm) -> Terms:
    """Look up what was named.

    :raises NotFound: ``no_question_version``, ``no_paper``, ``no_rule``.
    """
    paper_key, _slash, number = (form.paper.data or "").partition("/")
    return exams.named_terms(
        reading(),
        cause=Cause(form.cause.data),
        policy=Policy(form.policy.data),
        question=form.question.data or "",
        from_number=form.from_version.data,
        to_number=form.to_version.data,
        paper=paper_key,
        paper_number=int(number) if number.isdecimal() else None,
        rule=form.rule.data or "",
    )


@bp.get(ONE)
@needs("teaching.regrade")
def show(regrade_id: int) -> ResponseReturnValue:
    """Show who changes, what follows from it, and what can be done now."""
    return _page(exams.regrade(reading(), regrade_id), UndoForm(formdata=None))


def _page(deed: Deed, form: UndoForm) -> str:
    session, today = reading(), day_of(utc_now())
    is_small = deed.figures.attempts <= MANY
    moved, holds = queries.moves(session, deed) if is_small else ([], True)
    live = deed.state in {"proposed", "applied", "undo_asked"}
    effects = queries.consequences(session, moved, on=today) if live else []
    changed = [move for move in moved if move.is_change]
    shown, effects = changed[:SHOWN], effects[:SHOWN]
    asked = {move.learner_id for move in shown} | {effect.learner_id for effect in effects}
    return render_template(
        "regrading/show.html",
        deed=deed,
        holds=holds,
        moved=shown,
        changed=len(changed),
        is_small=is_small,
        effects=effects,
        names=_names(asked),
        causes=CAUSES,
        policies=POLICIES,
        form=form,
        looked_at=deed.looked_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"),
        may_approve=current_user.may("teaching.approve_regrade"),
        may_revoke=current_user.may("credentials.revoke"),
        is_own=deed.state in {"proposed", "undo_asked"}
        and exams.moves_own(
            session,
            deed.id,
            deed.terms,
            current_user.id,
            since=deed.looked_at if deed.applied_at is None else None,
        ),
        is_author=deed.proposed_by == current_user.id,
        is_undo_author=deed.undo_asked_by == current_user.id,
    )


def _names(learner_ids: Iterable[int]) -> dict[int, str]:
    scope = own_scope("teaching.regrade")
    listed = sorted(learner_ids)
    return queries.names(reading(), listed, scope=scope, on=day_of(utc_now())) if listed else {}


@bp.get(f"{ONE}/changes.csv")
@needs("teaching.regrade")
def changes(regrade_id: int) -> ResponseReturnValue:
    """Give the whole list as a file."""
    deed = exams.regrade(reading(), regrade_id)
    moved, _holds = queries.moves(reading(), deed)
    names = _names({move.learner_id for move in moved})
    head = [_("学员编号"), _("姓名"), _("试卷"), _("第几次考试"), _("原得分"), _("新得分")]
    head += [_("满分"), _("原结果"), _("新结果")]
    response = make_response(to_csv(head, (_line(move, names) for move in moved)))
    response.mimetype = CSV
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = f'attachment; filename="regrade-{deed.id}.csv"'
    return response


def _line(move: Move, names: dict[int, str]) -> Sequence[str]:
    verdicts = [_("合格") if side.passed else _("未合格") for side in (move.before, move.after)]
    before, after = move.before, move.after
    marks = [
        points(before.earned, before.unit),
        points(after.earned, after.unit),
        points(after.out_of, after.unit),
    ]
    name = names.get(move.learner_id, _("外单位学员"))
    return [str(move.learner_id), name, move.paper_key, str(move.number), *marks, *verdicts]


@bp.post(f"{ONE}/again")
@needs("teaching.regrade")
def again(regrade_id: int) -> ResponseReturnValue:
    """Try the same once more on what is handed in by now: a new proposal, by whoever asks."""
    deed, now = exams.regrade(reading(), regrade_id), utc_now()
    with writing() as session:
        if deed.state == "proposed":
            operations.withdraw_regrade(
                session, regrade_id=deed.id, actor_id=current_user.id, now=now
            )
        made = operations.propose_regrade(
            session, terms=deed.terms, reason=deed.reason, actor_id=current_user.id, now=now
        )
    return redirect(url_for(".show", regrade_id=made), code=303)


@bp.post(f"{ONE}/withdraw")
@needs("teaching.regrade")
def withdraw(regrade_id: int) -> ResponseReturnValue:
    """Drop a proposal."""
    with writing() as session:
        operations.withdraw_regrade(
            session, regrade_id=regrade_id, actor_id=current_user.id, now=utc_now()
        )
    return _done(regrade_id, _("已撤回，成绩没有变"))


@bp.post(f"{ONE}/approve")
@needs("teaching.approve_regrade")
@needs_fresh
def approve(regrade_id: int) -> ResponseReturnValue:
    """Approve what somebody else proposed: results change now, of many in the background."""
    deed, now = exams.regrade(reading(), regrade_id), utc_now()
    with writing() as session:
        if deed.figures.attempts > MANY:
            ask_to_apply(
                session,
                regrade_id=deed.id,
                actor_id=current_user.id,
                now=now,
                put=service(Office).queue.put,
            )
            words = _("人数较多，正在后台改分；改完这一页会变")
        else:
            operations.apply_regrade(session, regrade_id=deed.id, actor_id=current_user.id, now=now)
            words = _("已改分")
    return _done(regrade_id, words)


@bp.post(f"{ONE}/undo")
@needs("teaching.regrade")
def undo(regrade_id: int) -> ResponseReturnValue:
    """Propose to take a regrade back."""
    form = UndoForm()
    if not form.validate_on_submit():
        return _page(exams.regrade(reading(), regrade_id), form), form.status
    with writing() as session:
        operations.ask_undo(
            session,
            regrade_id=regrade_id,
            reason=form.reason.data or "",
            actor_id=current_user.id,
            now=utc_now(),
        )
    return _done(regrade_id, _("已申请撤销，等另一位来批"))


@bp.post(f"{ONE}/undo/approve")
@needs("teaching.approve_regrade")
@needs_fresh
def approve_undo(regrade_id: int) -> ResponseReturnValue:
    """Take a regrade back, as somebody else proposed."""
    with writing() as session:
        operations.approve_undo(
            session, regrade_id=regrade_id, actor_id=current_user.id, now=utc_now()
        )
    return _done(regrade_id, _("已撤销，成绩恢复到改分以前"))


@bp.post(f"{ONE}/undo/drop")
@needs("teaching.regrade")
def drop_undo(regrade_id: int) -> ResponseReturnValue:
    """Leave a regrade as it is after all."""
    with writing() as session:
        operations.drop_undo(
            session, regrade_id=regrade_id, actor_id=current_user.id, now=utc_now()
        )
    return _done(regrade_id, _("已收回撤销的申请"))


def _done(regrade_id: int, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for(".show", regrade_id=regrade_id), code=303)
