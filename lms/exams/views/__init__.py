import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from lms.exams import operations, queries, rules
from lms.exams.forms import AnswersForm, PageForm
from lms.exams.showing import check_released, report, story, waits
from lms.exams.types import (
    Answer,
    Marked,
    PaperText,
    Saved,
    Sent,
    Sitting,
    Spread,
    State,
)
from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.errors import status_of, words_of
from lms.http.markdown import render
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import CHINA, day_of, utc_now
from lms.kernel.errors import Conflict, DomainError, NotFound
from lms.kernel.places import shipped
from lms.kernel.typesetting import typeset
from lms.question_bank import queries as bank
from lms.question_bank.rules import LETTERS, explain, is_judged, say_marking, shown
from lms.question_bank.showing import ShownQuestion, show
from lms.question_bank.types import Marking, Outcome, QuestionText
from lms.regulations import queries as regulations
from lms.regulations.rules import marking_rule, pass_line
from lms.regulations.types import MARKING, PRACTICE_MARKING, RuleText
from lms.syllabus.queries import node_titles

bp = Blueprint("exams", __name__)

PAGE_SIZE = 20
"""Questions on one page of a paper."""

REVIEW_SIZE = 40
"""Explained questions on one page of a review: half of a national paper, some 15 kB sent."""

BIGGEST_SAVE = 1024 * 1024
"""Bytes. A page of twenty answers of 5,000 characters each, as a form sends them: 9 bytes each."""

CONFIRM = "confirm"
"""What the hand-in button of a page without script asks for, instead of a page number."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as an open paper shows it: nothing of the key, nothing of the explanation."""

    slot: int
    question: ShownQuestion
    answer: Answer
    parts: tuple[str, ...]
    """The answer as the page shows it."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A marked question with its key and explanation."""

    marked: Marked
    text: QuestionText
    question: ShownQuestion
    outcomes: tuple[Outcome, ...]
    explanation: Markup
    is_judged: bool
    """Whether people marked it: then the outcomes are no more than suggested, and not shown."""
    told: rules.Told | None
    """The regrade that looked at it last, if one stands."""
    others: list[tuple[str, int]]
    """Letter and percentage of those who took it; empty where too few have answered."""


@bp.get("/exams")
@needs("learning.use")
def overview() -> ResponseReturnValue:
    """Show what can be sat, one's own attempts, and the layouts of the national papers."""
    session, now = reading(), utc_now()
    before = request.args.get("before", type=row_number)
    papers = queries.papers(session)
    own = queries.own_attempts(session, current_user.id, before=before, at_most=PAGE_SIZE + 1)
    in_use = regulations.rules_of_kind(session, MARKING, PRACTICE_MARKING, "pass_line")
    sittable = [paper for paper in papers if paper.sittable]
    return render_template(
        "exams/overview.html",
        sittable=[paper for paper in sittable if paper.origin == queries.FILE],
        practice=[paper for paper in sittable if paper.origin == queries.PAGE],
        layouts=[paper for paper in papers if not paper.sittable],
        markings={paper.key: _marking_of(paper, in_use, now) for paper in sittable},
        say_marking=say_marking,
        lines={
            level: pass_line(in_use, level=level, on=day_of(now)).body
            for level in {paper.blueprint.level for paper in sittable}
        },
        needed=rules.needed,
        chapters_of=rules.chapters_of,
        own=own[:PAGE_SIZE],
        running={a.paper_key: a for a in own if a.state is State.OPEN and now < a.deadline_at},
        older=own[PAGE_SIZE - 1].number if len(own) > PAGE_SIZE else None,
        now=now,
    )


@bp.post("/exams/<paper_key>/start")
@needs("learning.use")
def start(paper_key: str) -> ResponseReturnValue:
    """Begin an attempt, or go on with the one that is open."""
    with writing() as session:
        number = operations.start(
            session,
            learner_id=current_user.id,
            paper_key=paper_key,
            seed=secrets.randbits(62),
            now=utc_now(),
        )
    return redirect(url_for(".sit", number=number), code=303)


@bp.post("/exams/<paper_key>/part")
@needs("learning.use")
def start_part(paper_key: str) -> ResponseReturnValue:
    """Begin a part of a paper: one section, some chapters; the time is shortened in proportion."""
    section = request.form.get("section", "")
    with writing() as session:
        number = operations.start_part(
            session,
            learner_id=current_user.id,
            paper_key=paper_key,
            section=int(section) if section.isascii() and section.isdecimal() else None,
            first=request.form.get("first", ""),
            last=request.form.get("last", ""),
            seed=secrets.randbits(62),
            now=utc_now(),
        )
    return redirect(url_for(".sit", number=number), code=303)


@bp.get("/attempts/<int(max=2147483647):number>")
@needs("learning.use")
def sit(number: int) -> ResponseReturnValue:
    """Show one page of an open paper; after the deadline, only the button that hands it in."""
    found = queries.sitting(reading(), learner_id=current_user.id, number=number)
    if not found.is_open:
        return redirect(url_for(".result", number=number), code=303)
    now = utc_now()
    if now >= found.deadline_at:
        return _unkept(make_response(render_template("exams/time_up.html", sitting=found)))
    page, pages = _page(len(found.slots), PAGE_SIZE)
    first = (page - 1) * PAGE_SIZE + 1
    return _unkept(
        make_response(
            render_template(
                "exams/sit.html",
                sitting=found,
                marking=Marking.read(found.marking),
                say_marking=say_marking,
                questions=_questions(found, range(first, first + PAGE_SIZE)),
                page=page,
                pages=pages,
                page_size=PAGE_SIZE,
                now=now,
                ends=found.deadline_at.astimezone(CHINA).strftime("%H:%M"),
                minutes_left=int((found.deadline_at - now).total_seconds() // 60),
                counter=rules.next_counter(found.answers, found.started_at, now=now),
                device=secrets.token_hex(4),
            )
        )
    )


@bp.post("/attempts/<int(max=2147483647):number>/answers")
@needs("learning.use")
def save(number: int) -> ResponseReturnValue:
    """Keep answers: from a script as JSON, from a page as a form."""
    request.max_content_length = request.max_form_memory_size = BIGGEST_SAVE
    if request.is_json:
        try:
            return _acknowledged(_save(number, AnswersForm.answers(request.get_json())))
        except DomainError as refusal:
            error = {"code": refusal.code, "message": words_of(refusal)}
            return jsonify(error=error), status_of(refusal)
    then = request.form.get("then", "")
    target = url_for(".sit", number=number, page=then if then.isdecimal() else 1)
    try:
        saved = _save(number, PageForm.answers(request.form.to_dict(flat=False)))
    except Conflict as refusal:
        flash(words_of(refusal), "warning")
        return redirect(url_for(".sit", number=number), code=303)
    if saved.stale:
        listed = _("、").join(str(slot) for slot in saved.stale)
        flash(_("第 %(slots)s 题在别处改过，保留了较新的答案", slots=listed), "warning")
    return redirect(url_for(".confirm", number=number) if then == CONFIRM else target, code=303)


def _save(number: int, answers: Sequence[Sent]) -> Saved:
    with writing() as session:
        return operations.save_answers(
            session, learner_id=current_user.id, number=number, answers=answers, now=utc_now()
        )


def _acknowledged(saved: Saved) -> ResponseReturnValue:
    return jsonify(
        saved_at=saved.saved_at.astimezone(CHINA).isoformat(timespec="seconds"),
        counter=saved.counter,
        states={
            slot: [kept.parts, kept.counter, kept.flagged] for slot, kept in saved.states.items()
        },
        stale=saved.stale,
        deadline=saved.deadline_at.isoformat(),
    )


@bp.get("/attempts/<int(max=2147483647):number>/clock")
@needs("learning.use")
def clock(number: int) -> ResponseReturnValue:
    """Tell an open page the server's time, the deadline, and how far its counters are."""
    found = queries.desk(reading(), learner_id=current_user.id, number=number, lock=False)
    now = utc_now()
    told = jsonify(
        open=found.state is State.OPEN,
        now=now.isoformat(),
        deadline=found.deadline_at.isoformat(),
        counter=rules.next_counter(found.answers, found.started_at, now=now),
    )
    return _unkept(told)


@bp.get("/attempts/<int(max=2147483647):number>/hand-in")
@needs("learning.use")
def confirm(number: int) -> ResponseReturnValue:
    """Ask once more before handing in, with what is still blank or flagged."""
    found = queries.sitting(reading(), learner_id=current_user.id, number=number)
    if not found.is_open:
        return redirect(url_for(".result", number=number), code=303)
    answer = render_template(
        "exams/confirm.html",
        sitting=found,
        page_size=PAGE_SIZE,
        over=utc_now() >= found.deadline_at,
        ends=found.deadline_at.astimezone(CHINA).strftime("%H:%M"),
    )
    return _unkept(make_response(answer))


@bp.post("/attempts/<int(max=2147483647):number>/submit")
@needs("learning.use")
def submit(number: int) -> ResponseReturnValue:
    """Hand in; a script is told where the result is."""
    with writing() as session:
        operations.submit(
            session,
            learner_id=current_user.id,
            number=number,
            actor_id=current_user.id,
            now=utc_now(),
        )
    target = url_for(".result", number=number)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(result=target)
    return redirect(target, code=303)


@bp.get("/attempts/<int(max=2147483647):number>/result")
@needs("learning.use")
def result(number: int) -> ResponseReturnValue:
    """Show the marks, by chapter and kind, beside the lines and the attempts before."""
    session, now = reading(), utc_now()
    found = queries.sitting(session, learner_id=current_user.id, number=number)
    if found.result is None:
        return _no_result(found)
    told = report(session, found, found.result, now=now)
    return render_template("exams/result.html", told=told, sitting=found, result=told.result)


def _no_result(found: Sitting) -> ResponseReturnValue:
    """Send to the open paper, or show what of a paper that was handed in waits to be marked."""
    if found.is_waiting:
        return render_template("exams/waiting.html", told=waits(reading(), found), sitting=found)
    return redirect(url_for(".sit", number=found.number), code=303)


@bp.get("/attempts/<int(max=2147483647):number>/result.pdf")
@needs("learning.use")
def result_file(number: int) -> ResponseReturnValue:
    """Send one's own result as a PDF: what the page shows, nothing of any key."""
    session, now = reading(), utc_now()
    found = queries.sitting(session, learner_id=current_user.id, number=number)
    if found.result is None:
        return redirect(url_for(".result" if found.is_waiting else ".sit", number=number), code=303)
    told = report(session, found, found.result, now=now)
    data = json.loads(render_template("exams/result.json", told=told, name=current_user.name))
    made = typeset(shipped("templates") / "typeset" / "result.typ", data)
    return _unkept(
        send_file(
            io.BytesIO(made),
            mimetype="application/pdf",
            as_attachment=True,
            download_name=f"{found.title}-{told.on}.pdf",
        )
    )


@bp.get("/attempts/<int(max=2147483647):number>/review")
@needs("learning.use")
def review(number: int) -> ResponseReturnValue:
    """Show marked questions with key and explanation: all of them, or those not fully right."""
    session = reading()
    found = queries.sitting(session, learner_id=current_user.id, number=number)
    if found.result is None:
        return redirect(url_for(".result" if found.is_waiting else ".sit", number=number), code=303)
    check_released(found, now=utc_now())
    marked = queries.marked_now(session, found)
    only_wrong = request.args.get("only") == "wrong"
    wrong = [each for each in marked if not each.mark.is_full]
    listed = wrong if only_wrong else marked
    page, pages = _page(len(listed), REVIEW_SIZE)
    asked = listed[(page - 1) * REVIEW_SIZE : page * REVIEW_SIZE]
    told = {one.regrade_id: one for one in story(session, found) if not one.is_undo}
    keys = {each.slot: _key_of(found, each) for each in asked}
    ids = {each.version_id for each in asked}
    texts = bank.versions(session, {*keys.values(), *ids})
    spreads = queries.spreads(session, ids, learner_id=current_user.id, number=number)
    marking = Marking.read(found.marking)
    return render_template(
        "exams/review.html",
        sitting=found,
        result=found.result,
        reviewed=[
            _reviewed(
                found,
                each,
                texts[keys[each.slot]],
                marking,
                told=told,
                spread=spreads.get(each.version_id),
            )
            for each in asked
        ],
        titles=node_titles(session, {each.chapter_key for each in asked}),
        only_wrong=only_wrong,
        counts=(len(marked), len(wrong)),
        page=page,
        pages=pages,
    )


def _marking_of(paper: PaperText, in_use: Sequence[RuleText], now: datetime) -> Marking | None:
    """Return the rule under which a paper would be marked today; none if it has none today."""
    try:
        rule = marking_rule(in_use, on=day_of(now), key=paper.blueprint.marking)
    except NotFound:
        return None
    return Marking.read(rule.body)


def _page(items: int, size: int) -> tuple[int, int]:
    """Return which page is asked for, or the nearest there is, and how many there are."""
    pages = max(-(-items // size), 1)
    return min(max(request.args.get("page", 1, type=int), 1), pages), pages


def _questions(found: Sitting, numbers: Sequence[int]) -> list[Asked]:
    asked = {n: found.slots[n - 1] for n in numbers if n <= len(found.slots)}
    briefs = queries.briefs(reading(), [slot.version_id for slot in asked.values()])
    questions: list[Asked] = []
    for number, slot in asked.items():
        brief, answer = briefs[slot.version_id], found.answer(number)
        questions.append(
            Asked(
                slot=number,
                question=show(brief.kind, brief.stem, brief.spec, slot.order),
                answer=answer,
                parts=shown(brief.kind, brief.spec, answer.chosen, slot.order),
            )
        )
    return questions


def _key_of(found: Sitting, marked: Marked) -> int:
    """Return the version of a question whose key counts: the newest, if a regrade named one."""
    slip = found.slips.get(marked.slot)
    return slip.keys[-1] if slip is not None and slip.keys else marked.version_id


def _reviewed(
    found: Sitting,
    marked: Marked,
    text: QuestionText,
    marking: Marking,
    *,
    told: Mapping[int, rules.Told],
    spread: Spread | None,
) -> Reviewed:
    order = found.slots[marked.slot - 1].order
    slip = found.slips.get(marked.slot)
    return Reviewed(
        marked=marked,
        text=text,
        question=show(text.kind, text.stem, text.spec, order),
        outcomes=explain(text.kind, text.spec, marked.chosen, marking, order),
        is_judged=is_judged(text.kind),
        explanation=render(text.explanation),
        told=told.get(slip.regrade_id) if slip is not None else None,
        others=_others(text, order, spread),
    )


def _others(
    text: QuestionText, order: Sequence[int], spread: Spread | None
) -> list[tuple[str, int]]:
    """Return the percentage that took each option, by its letter on this page; may be empty."""
    if text.kind not in rules.LETTERED:
        return []
    authored = [LETTERS[place] for place in order]
    shares = rules.option_shares(spread, authored)
    return [] if shares is None else [(LETTERS[n], shares[a]) for n, a in enumerate(authored)]


def _unkept(response: Response) -> Response:
    """Keep an open paper out of every cache: going back asks again and shows what is stored."""
    response.headers["Cache-Control"] = "no-store"
    return response
