"""Pages on which an answer card that was typed in wrongly is corrected, by two people."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.exams import operations as exams
from lms.exams import queries as papers
from lms.exams.rules import Card, Deed
from lms.exams.types.on_paper import AnswerCard, Printed
from lms.http.access import needs, needs_fresh, own_scope
from lms.http.errors import status_of, words_of
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import DomainError, NotFound
from lms.paper_form import operations, queries, rules
from lms.paper_form.forms import CardForm, CorrectionForm, TakeBackForm
from lms.paper_form.types import Cell, Found
from lms.question_bank.rules import shown

bp = Blueprint("card_corrections", __name__, url_prefix="/teaching/prints")

MAY = "exams.on_paper"
ONE = "/<int(max=2147483647):print_id>/corrections/<int(max=2147483647):regrade_id>"


@bp.route(
    "/<int(max=2147483647):print_id>/cards/<int(max=2147483647):person_id>/correct",
    methods=["GET", "POST"],
)
@needs(MAY)
def correct(print_id: int, person_id: int) -> ResponseReturnValue:
    """Show a card as it counts, to be typed over; sent, the correction waits for somebody else."""
    session, scope, now = reading(), own_scope(MAY), utc_now()
    printed = papers.printed(session, print_id, scope=scope)
    person = queries.person(session, person_id, scope=scope, on=day_of(now))
    form = CorrectionForm()
    if request.method == "GET":
        _number, card = papers.card_now(session, printed, person_id)
        return _grid(printed, person, form, _letters(printed, card))
    cells = CardForm.answers(request.form, len(printed.slots))
    if not form.validate():
        return _grid(printed, person, form, cells, status=422)
    try:
        with writing() as session:
            made = operations.correct(
                session,
                print_id,
                person_id,
                cells,
                reason=form.reason.data or "",
                scope=scope,
                actor_id=current_user.id,
                now=now,
            )
    except NotFound:
        raise
    except DomainError as refusal:
        fault = words_of(refusal)
        return _grid(printed, person, form, cells, fault=fault, status=status_of(refusal))
    return redirect(url_for(".show", print_id=print_id, regrade_id=made), code=303)


def _letters(printed: Printed, card: AnswerCard) -> dict[int, str]:
    """Return what a card says, in letters as printed."""
    slots = {*card.chosen, *card.spoilt}
    said = {n: (card.chosen.get(n, ""), card.spoilt.get(n, "")) for n in slots}
    return _printed_letters(printed, said)


def _printed_letters(printed: Printed, said: dict[int, tuple[str, str]]) -> dict[int, str]:
    asked = {n: printed.slots[n - 1] for n in said}
    specs = queries.specs(reading(), {slot.version_id for slot in asked.values()})
    return {
        n: spoilt or "".join(shown(*specs[asked[n].version_id], chosen, asked[n].order))
        for n, (chosen, spoilt) in said.items()
    }


def _grid(
    printed: Printed,
    person: Found,
    form: CorrectionForm,
    cells: dict[int, str],
    *,
    fault: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    specs = queries.specs(reading(), {slot.version_id for slot in printed.slots})
    slots = rules.slots_of(printed.slots, specs)
    page = render_template(
        "paper_form/correct.html",
        printed=printed,
        person=person,
        form=form,
        cells=[Cell(n, slot.letters, cells.get(n, "")) for n, slot in slots.items()],
        sections=[
            (section, [n for n, slot in enumerate(printed.slots, 1) if slot.section == index])
            for index, section in enumerate(printed.blueprint.sections)
        ],
        fault=fault,
    )
    return page, status


@bp.get(ONE)
@needs(MAY)
def show(print_id: int, regrade_id: int) -> ResponseReturnValue:
    """Show what a correction changes, and what can be done now."""
    printed, (deed, card, person) = _found(print_id, regrade_id)
    return _page(printed, deed, card, person, TakeBackForm(formdata=None))


def _found(print_id: int, regrade_id: int) -> tuple[Printed, tuple[Deed, Card, Found]]:
    """Return a correction, if its print and whose card it is are within one's scope.

    :raises NotFound: ``no_print``, ``no_correction``, ``no_person``.
    """
    session, scope, on = reading(), own_scope(MAY), day_of(utc_now())
    printed = papers.printed(session, print_id, scope=scope)
    return printed, queries.correction(session, print_id, regrade_id, scope=scope, on=on)


def _page(
    printed: Printed, deed: Deed, card: Card, person: Found, form: TakeBackForm
) -> ResponseReturnValue:
    before, after, holds = queries.outcome(reading(), deed)
    asked_by = deed.undo_asked_by if deed.state == "undo_asked" else deed.proposed_by
    why_not = ""
    if person.id == current_user.id:
        why_not = _("自己的答题卡要由别人更正")
    elif asked_by == current_user.id:
        why_not = _("不能批准自己提出的，请另一位有权限的人来批。")
    was = _printed_letters(printed, dict(card.was))
    said = {n: (chosen, card.spoilt.get(n, "")) for n, chosen in card.cells.items()}
    now = _printed_letters(printed, said)
    page = render_template(
        "paper_form/correction.html",
        printed=printed,
        deed=deed,
        person=person,
        rows=[(n, was.get(n, ""), now[n]) for n in sorted(now)],
        before=before,
        after=after,
        holds=holds,
        may_decide=not why_not,
        why_not=why_not,
        form=form,
    )
    return page, form.status


@bp.post(f"{ONE}/approve")
@needs(MAY)
@needs_fresh
def approve(print_id: int, regrade_id: int) -> ResponseReturnValue:
    """Approve what somebody else proposed: the correction, or that it is taken back."""
    _found(print_id, regrade_id)
    with writing() as session:
        exams.approve_correction(
            session, regrade_id=regrade_id, actor_id=current_user.id, now=utc_now()
        )
    return _done(print_id, regrade_id, _("已批准，成绩已经算好"))


@bp.post(f"{ONE}/drop")
@needs(MAY)
def drop(print_id: int, regrade_id: int) -> ResponseReturnValue:
    """Drop what is proposed."""
    _found(print_id, regrade_id)
    with writing() as session:
        exams.drop_correction(
            session, regrade_id=regrade_id, actor_id=current_user.id, now=utc_now()
        )
    return _done(print_id, regrade_id, _("已撤回，成绩没有变"))


@bp.post(f"{ONE}/undo")
@needs(MAY)
def undo(print_id: int, regrade_id: int) -> ResponseReturnValue:
    """Propose to take a correction back."""
    printed, (deed, card, person) = _found(print_id, regrade_id)
    form = TakeBackForm()
    if not form.validate():
        return _page(printed, deed, card, person, form)
    with writing() as session:
        exams.ask_undo_correction(
            session,
            regrade_id=regrade_id,
            reason=form.reason.data or "",
            actor_id=current_user.id,
            now=utc_now(),
        )
    return _done(print_id, regrade_id, _("已申请撤销，等另一位来批"))


def _done(print_id: int, regrade_id: int, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for(".show", print_id=print_id, regrade_id=regrade_id), code=303)
