from dataclasses import dataclass, replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it

from lms.exams import queries as attempts
from lms.exams import rules as papers
from lms.exams.showing import check_released
from lms.exams.types import Sitting, Waiting
from lms.http.access import needs, own_scope
from lms.http.errors import words_of
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.marking import operations, queries, rules
from lms.marking.forms import AssignForm
from lms.marking.showing import Sheet, sheet, worths
from lms.marking.types import FLAGS, Flag, Halves, Settled, Share, Step
from lms.organizations import queries as organizations
from lms.question_bank import queries as bank

bp = Blueprint("marking", __name__)

MAY, MAY_ASSIGN, MANAGES = "marking.mark", "marking.assign", "team.name"

DRAFT, GIVE = "draft", "give"
"""What the buttons under an answer say; a flag says which."""


@dataclass(frozen=True, slots=True)
class OwnMark:
    """One answer of one's own that people marked."""

    answer: Waiting
    settled: Settled
    sheet: Sheet


@bp.get("/marking")
@needs(MAY)
def queue() -> ResponseReturnValue:
    """Show what one may mark, question by question, and what one has in hand and has done."""
    session, now = reading(), utc_now()
    own = queries.own_shares(session, current_user.id)
    assigned = queries.duties(session, current_user.id)
    return render_template(
        "marking/queue.html",
        queued=queries.queue(
            session, assigned, current_user.id, managed=own_scope(MANAGES), now=now
        ),
        is_assigned=bool(assigned),
        open=[one for one in own if one.share.finished_at is None and not one.is_settled],
        done=[one for one in own if one.share.finished_at is not None],
        flags=FLAGS,
        now=now,
    )


@bp.post("/marking/claim")
@needs(MAY)
def claim() -> ResponseReturnValue:
    """Take the next answer to a question."""
    wanted = [request.form.get(name, "", type=str) for name in ("paper", "question")]
    if not all(one.isascii() and one.isdecimal() and len(one) < 19 for one in wanted):
        raise Invalid("broken_page", N_("页面内容不完整，请返回阅卷页再取"))
    share_id = _claim(int(wanted[0]), int(wanted[1]))
    if share_id is None:
        flash(_("这道题暂时没有等您阅的答案了。"), "info")
        return redirect(url_for(".queue"), code=303)
    return redirect(url_for(".share", share_id=share_id), code=303)


def _claim(paper_version_id: int, question_version_id: int) -> int | None:
    with writing() as session:
        return operations.claim(
            session,
            marker_id=current_user.id,
            paper_version_id=paper_version_id,
            question_version_id=question_version_id,
            managed=own_scope(MANAGES),
            now=utc_now(),
        )


@bp.get("/marking/shares/<int(max=9223372036854775807):share_id>")
@needs(MAY)
def share(share_id: int) -> ResponseReturnValue:
    """Show an answer in one's hands, without a word of who wrote it."""
    found = queries.own_share(reading(), share_id, marker_id=current_user.id)
    return _share(found)


def _share(found: Share, fault: str = "") -> ResponseReturnValue:
    sitting, answer = _answer(found)
    session = reading()
    text = bank.versions(session, [answer.question_version_id])[answer.question_version_id]
    others = [one for one in queries.shares_of(session, answer) if one.id != found.id]
    page = render_template(
        "marking/share.html",
        share=found,
        answer=answer,
        sitting=sitting,
        sheet=sheet(session, sitting, answer, _columns(found), text.explanation),
        flags=FLAGS,
        can_undo=rules.can_undo(found, others, is_settled=answer.mark is not None),
        longest=rules.LONGEST_COMMENT,
        fault=fault,
    )
    return page, 422 if fault else 200


def _answer(found: Share) -> tuple[Sitting, Waiting]:
    session = reading()
    sitting = attempts.sitting(session, learner_id=found.learner_id, number=found.number)
    answers = attempts.judged_answers(session, found.learner_id, found.number)
    return sitting, answers[found.slot]


def _columns(found: Share) -> list[Halves]:
    """Return what a share gave, as the one column of its page; nothing said before it is saved."""
    if found.given is not None:
        return [found.given]
    _sitting, answer = _answer(found)
    return [_nothing(answer)]


def _nothing(answer: Waiting) -> Halves:
    asked = worths(reading(), answer.question_version_id)
    return tuple((None,) * len(own) for own in asked)


@bp.post("/marking/shares/<int(max=9223372036854775807):share_id>")
@needs(MAY)
def mark(share_id: int) -> ResponseReturnValue:
    """Save a draft, give marks, or hand the answer to the organisers."""
    found = queries.own_share(reading(), share_id, marker_id=current_user.id)
    _sitting, answer = _answer(found)
    then = request.form.get("then", "")
    comment = request.form.get("comment", "")
    try:
        given = _sent(answer, is_whole=then == GIVE)
        step = _do(share_id, then, given, comment)
    except Invalid as refusal:
        try:
            kept = _sent(answer, is_whole=False)
        except Invalid:
            kept = found.given or _nothing(answer)
        return _share(replace(found, given=kept, comment=comment), words_of(refusal))
    if then == DRAFT:
        flash(_("草稿已存。"), "success")
        return redirect(url_for(".share", share_id=share_id), code=303)
    flash(_said(step), "success")
    following = _claim(answer.paper_version_id, answer.question_version_id)
    if following is None:
        return redirect(url_for(".queue"), code=303)
    return redirect(url_for(".share", share_id=following), code=303)


def _sent(answer: Waiting, *, is_whole: bool) -> Halves:
    asked = worths(reading(), answer.question_version_id)
    return rules.read_given(request.form.to_dict(), asked, is_whole=is_whole)


def _do(share_id: int, then: str, given: Halves, comment: str) -> Step | None:
    by = {"share_id": share_id, "marker_id": current_user.id, "now": utc_now(), "comment": comment}
    with writing() as session:
        if then == GIVE:
            return operations.give_marks(session, given=given, **by)
        if then == DRAFT:
            operations.save_draft(session, given=given, **by)
        elif then in set(Flag):
            operations.flag_answer(session, flag=Flag(then), **by)
        else:
            raise Invalid("broken_page", N_("页面内容不完整，请返回阅卷页再取"))
    return None


def _said(step: Step | None) -> str:
    """Return what a marker is told; never whether the other one gave the same."""
    if step is None:
        return str(_("已转给阅卷组织者处理。"))
    if step is Step.WAIT:
        return str(_("已给分。另一位阅卷人评完之前可以撤回。"))
    return str(_("已给分。"))


@bp.post("/marking/shares/<int(max=9223372036854775807):share_id>/undo")
@needs(MAY)
def undo(share_id: int) -> ResponseReturnValue:
    """Take back one's own marks, to change them."""
    try:
        with writing() as session:
            operations.take_back(
                session, share_id=share_id, marker_id=current_user.id, now=utc_now()
            )
    except Conflict as refusal:
        flash(words_of(refusal), "warning")
    return redirect(url_for(".share", share_id=share_id), code=303)


@bp.get("/marking/organise")
@needs(MAY_ASSIGN)
def organise() -> ResponseReturnValue:
    """Show how far the marking is, what waits for a decision, who marks, and how."""
    return _organise(_assign_form(AssignForm(formdata=None)))


def _organise(form: AssignForm) -> ResponseReturnValue:
    session, scope, now = reading(), own_scope(MAY_ASSIGN), utc_now()
    on = day_of(now)
    page = render_template(
        "marking/organise.html",
        form=form,
        progress=queries.progress(session, scope=scope, on=on),
        cases=queries.cases(session, scope=scope, actor_id=current_user.id, on=on),
        assignments=queries.assignments(session, scope=scope),
        figures=[rules.figures(one) for one in queries.work(session, scope=scope, on=on)],
        flags=FLAGS,
        now=now,
    )
    return page, form.status


def _assign_form(form: AssignForm) -> AssignForm:
    session, scope = reading(), own_scope(MAY_ASSIGN)
    form.paper.choices = [
        SelectChoice(paper.key, paper.title)
        for paper in attempts.papers(session)
        if paper.sittable and papers.asks_people(paper.blueprint)
    ]
    form.marker.choices = [
        SelectChoice(id_, name) for id_, name in queries.candidates(session, scope=scope)
    ]
    form.organization.choices = [
        SelectChoice(id_, name)
        for id_, name in sorted(organizations.names_of(session, scope).items())
    ]
    return form


@bp.post("/marking/organise/assign")
@needs(MAY_ASSIGN)
def assign() -> ResponseReturnValue:
    """Let somebody mark a paper."""
    form = _assign_form(AssignForm())
    if not form.validate():
        return _organise(form)
    with writing() as session:
        operations.assign_marker(
            session,
            paper_key=form.paper.data,
            marker_id=form.marker.data,
            organization_id=form.organization.data,
            scope=own_scope(MAY_ASSIGN),
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("已分派。"), "success")
    return redirect(url_for(".organise"), code=303)


@bp.post("/marking/organise/assignments/<int(max=9223372036854775807):assignment_id>/end")
@needs(MAY_ASSIGN)
def end(assignment_id: int) -> ResponseReturnValue:
    """Let somebody mark no more of a paper."""
    with writing() as session:
        operations.end_assignment(
            session,
            assignment_id=assignment_id,
            scope=own_scope(MAY_ASSIGN),
            actor_id=current_user.id,
            now=utc_now(),
        )
    return redirect(url_for(".organise"), code=303)


@bp.get("/marking/organise/cases/<int(max=9223372036854775807):share_id>")
@needs(MAY_ASSIGN)
def case(share_id: int) -> ResponseReturnValue:
    """Show an answer that waits for a decision, with what the markers gave it."""
    return _case(share_id, None, "", "")


def _case(share_id: int, given: Halves | None, comment: str, fault: str) -> ResponseReturnValue:
    session, now = reading(), utc_now()
    found = queries.case(session, share_id, scope=own_scope(MAY_ASSIGN), on=day_of(now))
    sitting, answer = _answer(found)
    text = bank.versions(session, [answer.question_version_id])[answer.question_version_id]
    shares = queries.shares_of(session, answer)
    rules.check_apart(answer, shares, current_user.id)
    marked = rules.usable(shares)
    columns = [one.given for one in marked if one.given is not None]
    page = render_template(
        "marking/case.html",
        share=found,
        sitting=sitting,
        marked=marked,
        flagged=[one for one in shares if one.flag is not None],
        columns=[sheet(session, sitting, answer, [one], "") for one in columns],
        sheet=sheet(session, sitting, answer, [given or _nothing(answer)], text.explanation),
        flags=FLAGS,
        longest=rules.LONGEST_COMMENT,
        comment=comment,
        fault=fault,
    )
    return page, 422 if fault else 200


@bp.post("/marking/organise/cases/<int(max=9223372036854775807):share_id>")
@needs(MAY_ASSIGN)
def decide(share_id: int) -> ResponseReturnValue:
    """Settle an answer, or give it back to be marked."""
    scope, now = own_scope(MAY_ASSIGN), utc_now()
    found = queries.case(reading(), share_id, scope=scope, on=day_of(now))
    _sitting, answer = _answer(found)
    by = {"share_id": share_id, "scope": scope, "actor_id": current_user.id, "now": now}
    comment = request.form.get("comment", "")
    given: Halves | None = None
    try:
        if request.form.get("then") == "back":
            with writing() as session:
                operations.send_back(session, **by)
            flash(_("已退回，继续阅卷。"), "success")
        else:
            given = _sent(answer, is_whole=False)
            given = _sent(answer, is_whole=True)
            with writing() as session:
                operations.decide_case(session, given=given, comment=comment, **by)
            flash(_("已定分。"), "success")
    except Invalid as refusal:
        return _case(share_id, given, comment, words_of(refusal))
    return redirect(url_for(".organise"), code=303)


@bp.get("/attempts/<int(max=2147483647):number>/marks")
@needs("learning.use")
def own_marks(number: int) -> ResponseReturnValue:
    """Show what people gave one's own answers, point by point, without their names."""
    session, now = reading(), utc_now()
    found = attempts.sitting(session, learner_id=current_user.id, number=number)
    if found.result is None:
        return redirect(url_for("exams.result", number=number), code=303)
    check_released(found, now=now)
    answers = attempts.judged_answers(session, current_user.id, number)
    if not answers:
        raise NotFound("no_marks", N_("这份卷没有人工阅卷的答案"))
    settled = queries.settled(session, learner_id=current_user.id, number=number)
    texts = bank.versions(session, {one.question_version_id for one in answers.values()})
    return render_template(
        "marking/own_marks.html",
        sitting=found,
        listed=[
            OwnMark(
                answer,
                settled[slot],
                sheet(
                    session,
                    found,
                    answer,
                    settled[slot].given,
                    texts[answer.question_version_id].explanation,
                ),
            )
            for slot, answer in answers.items()
        ],
    )
