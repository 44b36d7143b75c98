import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from lms.exams import operations, queries, rules
from lms.exams.forms import PageForm
from lms.exams.showing import REVIEW_SIZE, check_released, report, story, waits
from lms.exams.types import (
    Answer,
    Marked,
    PaperText,
    Result,
    Saved,
    Sent,
    Sitting,
    Spread,
    State,
    Watched,
)
from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.errors import words_of
from lms.http.extensions import limiter
from lms.http.markdown import render
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import CHINA, day_of, utc_now
from lms.kernel.errors import N_, Conflict, NotFound
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

BIGGEST_FORM = 1024 * 1024
"""Bytes. A page of twenty answers of 5,000 characters each, as a form sends them: 9 bytes each."""

limit_starts = limiter.shared_limit(
    lambda: str(current_app.config["EXAM_START_LIMIT"]),
    scope="exam-start",
    key_func=lambda: f"exam-start:{current_user.get_id()}",
)
"""Drawing a paper is what costs most of all that a learner can ask for."""

CONFIRM = "confirm"
"""What the hand-in button of a page without script asks for, instead of a page number."""

KEEP_FOR = "X-Keep-For"
"""Says to the service worker that a page is an open paper, and whose; no other page has it."""

PAUSE = "pause"
"""What the pause button asks for."""


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
    typical: int | None
    """The median of the seconds that others took; none of too few."""


@bp.get("/exams")
@needs("learning.use")
def overview() -> ResponseReturnValue:
    """Show what can be sat, one's own attempts, and the layouts of the national papers."""
    session, now = reading(), utc_now()
    before = request.args.get("before", type=row_number)
    papers = queries.papers(session)
    own = queries.own_attempts(session, current_user.id, before=before, at_most=PAGE_SIZE + 1)
    granted = queries.granted(session, current_user.id)
    in_use = regulations.rules_of_kind(session, MARKING, PRACTICE_MARKING, "pass_line")
    sittable = [paper for paper in papers if paper.sittable]
    return render_template(
        "exams/overview.html",
        sittable=[paper for paper in sittable if paper.origin == queries.FILE],
        practice=[paper for paper in sittable if paper.origin == queries.PAGE],
        layouts=[paper for paper in papers if not paper.sittable],
        markings={paper.key: marking_of(paper, in_use, now) for paper in sittable},
        say_marking=say_marking,
        lines={
            level: pass_line(in_use, level=level, on=day_of(now)).body
            for level in {paper.blueprint.level for paper in sittable}
        },
        needed=rules.needed,
        chapters_of=rules.chapters_of,
        own=own[:PAGE_SIZE],
        running={a.paper_key: a for a in own if a.is_open and now < a.closes_at},
        extra_minutes=lambda minutes: rules.extra_minutes(minutes, granted, on=day_of(now)),
        older=own[PAGE_SIZE - 1].number if len(own) > PAGE_SIZE else None,
        now=now,
    )


@bp.post("/exams/<paper_key>/start")
@needs("learning.use")
@limit_starts
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
@limit_starts
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
    """Show one page of an open paper; over or paused, none of its questions."""
    found = queries.sitting(reading(), learner_id=current_user.id, number=number)
    if not found.is_open:
        return redirect(url_for(".result", number=number), code=303)
    now = utc_now()
    if rules.is_paused(found.pause_ends_at, now=now):
        return _unkept(make_response(_paused(found)))
    if now >= found.deadline_at + timedelta(minutes=found.blueprint.late.minutes):
        return _unkept(make_response(render_template("exams/time_up.html", sitting=found)))
    page, pages = _page(len(found.slots), PAGE_SIZE)
    first = (page - 1) * PAGE_SIZE + 1
    shown = _unkept(
        make_response(
            render_template(
                "exams/sit.html",
                sitting=found,
                marking=Marking.read(found.marking),
                say_marking=say_marking,
                questions=questions_of(found, range(first, first + PAGE_SIZE)),
                page=page,
                pages=pages,
                page_size=PAGE_SIZE,
                now=now,
                ends=found.deadline_at.astimezone(CHINA).strftime("%H:%M"),
                minutes_left=max(int((found.deadline_at - now).total_seconds() // 60), 0),
                is_late=now >= found.deadline_at,
                pauses_left=_pauses_left(found),
                counter=rules.next_counter(found.answers, found.started_at, now=now),
                device=secrets.token_hex(4),
            )
        )
    )
    shown.headers[KEEP_FOR] = str(found.learner_id)
    return shown


def _paused(found: Sitting) -> str:
    """Return the page of a paused paper: none of its questions."""
    until = found.pause_ends_at or found.deadline_at
    return render_template(
        "exams/paused.html",
        sitting=found,
        until=until.astimezone(CHINA).strftime("%H:%M"),
        pauses_left=_pauses_left(found),
    )


def _pauses_left(found: Sitting) -> int:
    pause = found.blueprint.pause
    if pause is None or not rules.longest_pause(pause, found.deadline_at, found.latest_end_at):
        return 0
    return max(pause.times - found.pauses, 0)


@bp.post("/attempts/<int(max=2147483647):number>/answers")
@needs("learning.use")
def save(number: int) -> ResponseReturnValue:
    """Keep the answers of a page without script; a script sends them to :mod:`.api`."""
    request.max_content_length = request.max_form_memory_size = BIGGEST_FORM
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
    targets = {
        CONFIRM: url_for(".confirm", number=number),
        PAUSE: url_for("exam_time.pause", number=number),
    }
    return redirect(targets.get(then, target), code=303)


def _save(number: int, answers: Sequence[Sent]) -> Saved:
    with writing() as session:
        return operations.save_answers(
            session,
            learner_id=current_user.id,
            number=number,
            answers=answers,
            now=utc_now(),
        )


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
    """Hand in."""
    hand_in_own(number)
    return redirect(url_for(".result", number=number), code=303)


def hand_in_own(number: int, watched: Watched | None = None) -> Result | None:
    """Hand in; what cannot be marked stays as it is, and administrators are told.

    None: it is abandoned, or waits for people to mark answers.

    :param watched: for how long questions were in view, as the page says beside it.
    :raises Conflict: ``cannot_mark``.
    """
    who, now = {"learner_id": current_user.id, "number": number}, utc_now()
    try:
        with writing() as session:
            if watched is not None:
                operations.note_watched(session, **who, sent=watched, now=now)
            return operations.submit(session, **who, actor_id=current_user.id, now=now)
    except Exception as fault:
        if not operations.is_own_fault(fault):
            raise
        with writing() as session:
            operations.note_stuck(session, fault, **who, now=utc_now())
        words = N_("这份卷现在判不了分。答案都在，已经告诉管理员，修好后自动交卷")
        raise Conflict("cannot_mark", words) from fault


@bp.get("/attempts/<int(max=2147483647):number>/result")
@needs("learning.use")
def result(number: int) -> ResponseReturnValue:
    """Show the marks, by chapter and kind, beside the lines and the attempts before."""
    session, now = reading(), utc_now()
    found = queries.sitting(session, learner_id=current_user.id, number=number)
    if found.state is State.ABANDONED:
        return render_template("exams/abandoned.html", sitting=found)
    if found.result is None:
        return _no_result(found)
    told = report(session, found, found.result, now=now)
    return render_template(
        "exams/result.html", told=told, sitting=found, result=told.result, review_size=REVIEW_SIZE
    )


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
    keys = {each.slot: key_of(found, each) for each in asked}
    ids = {each.version_id for each in asked}
    texts = bank.versions(session, {*keys.values(), *ids})
    spreads = queries.spreads(session, ids, learner_id=current_user.id, number=number)
    paces = queries.paces(session, ids, learner_id=current_user.id, number=number)
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
                typical=rules.typical(paces.get(each.version_id, {})),
            )
            for each in asked
        ],
        titles=node_titles(session, {each.chapter_key for each in asked}),
        only_wrong=only_wrong,
        counts=(len(marked), len(wrong)),
        page=page,
        pages=pages,
    )


def marking_of(paper: PaperText, in_use: Sequence[RuleText], now: datetime) -> Marking | None:
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


def questions_of(found: Sitting, numbers: Sequence[int]) -> list[Asked]:
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


def key_of(found: Sitting, marked: Marked) -> int:
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
    typical: int | None,
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
        typical=typical,
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
