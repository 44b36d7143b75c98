"""The interface for programs, which our own page uses too: start, read, save, hand in, result."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response, current_app, url_for
from flask_login import current_user

from lms.exams import operations, queries, rules
from lms.exams.showing import report
from lms.exams.types import PaperText, Result, Saved, Sent, Share, Sitting, State, Watched
from lms.exams.views import (
    Asked,
    hand_in_own,
    key_of,
    limit_starts,
    marking_of,
    questions_of,
    shapes,
)
from lms.http.access import needs
from lms.http.api import ASKING, DOING, Interface, problem, told
from lms.http.markdown import render
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import CHINA, day_of, utc_now
from lms.kernel.errors import N_, Conflict
from lms.question_bank import queries as bank
from lms.question_bank.rules import key, shown
from lms.regulations import queries as regulations
from lms.regulations.rules import pass_line
from lms.regulations.types import MARKING, PRACTICE_MARKING

REFUSED: dict[str | int, Any] = {
    401: problem("登录以后才能用 Nobody has signed in", "sign_in_first"),
    403: problem(
        "没有权限，或要先做别的事 Not a learner, or something must be done first", "http_403"
    ),
    503: problem("数据库暂时连不上，稍后再试 Ask again later", "database_unavailable"),
}
"""Of every route."""

FOREIGN: dict[str | int, Any] = {
    404: problem("没有这次考试，或不是本人的 Not an attempt of one's own", "no_attempt", "http_404")
}
FORGED = problem(
    "页面的令牌不对，或请求读不懂 No token of the session, or it cannot be read",
    "stale_page",
    "bad_json",
    "http_400",
)
SENT: dict[str | int, Any] = {
    400: FORGED,
    413: problem("太大，最多 64 KB Larger than 64 KB", "http_413"),
    415: problem("不是 JSON Not sent as JSON", "http_415"),
}
"""Of every route that takes a body."""

bp = Interface("exams_api", __name__, url_prefix="/api/v1/exams", tag="exams")


@bp.get(
    "/papers",
    summary="列出现在能考的试卷",
    responses={200: shapes.Papers, **REFUSED},
    security=ASKING,
)
@needs("learning.use")
def papers() -> Response:
    """List the papers that can be sat now, and which of them one is sitting."""
    session, now = reading(), utc_now()
    in_use = regulations.rules_of_kind(session, MARKING, PRACTICE_MARKING, "pass_line")
    standing = queries.standing(session, current_user.id)
    running = {paper_id: n for n, paper_id, ends_at in standing.open if now < ends_at}
    lines = []
    for paper in queries.papers(session):
        marking = marking_of(paper, in_use, now) if paper.sittable else None
        if marking is not None:
            line = pass_line(in_use, level=paper.blueprint.level, on=day_of(now))
            out_of = marking.in_units(paper.blueprint.out_of)
            needed = rules.needed(out_of, line.body)
            lines.append(_line(paper, out_of, needed, marking.unit, running.get(paper.paper_id)))
    return told(shapes.Papers(papers=lines))


def _line(
    paper: PaperText, out_of: int, needed: int, unit: int, open_attempt: int | None
) -> shapes.PaperLine:
    return shapes.PaperLine(
        key=paper.key,
        title=paper.title,
        title_en=paper.title_en,
        subject=paper.subject,
        level=paper.blueprint.level,
        minutes=paper.minutes,
        questions=paper.blueprint.count,
        out_of=out_of,
        needed=needed,
        unit=unit,
        is_practice=paper.origin == queries.PAGE,
        attempts_allowed=paper.attempts_allowed,
        open_attempt=open_attempt,
    )


@bp.post(
    "/attempts",
    summary="开始考一份试卷，或接着考",
    responses={
        200: shapes.Attempt,
        201: shapes.Attempt,
        **REFUSED,
        **SENT,
        404: problem("没有这份试卷 No such paper", "no_paper", "no_rule"),
        409: problem(
            "不能开始 It cannot be started",
            "not_sittable", "no_tries_left", "not_enough_questions", "questions_gone", "key_reused",
        ),
        422: problem("请求的内容不对 Another body is wanted", "bad_body", "no_such_part"),
        429: problem("太频繁 Too many starts in an hour", "http_429"),
    },
    security=DOING,
)  # fmt: skip
@needs("learning.use")
@limit_starts
def start(header: shapes.StartHeader, body: shapes.Start) -> Response:
    """Start an attempt: 201, and the time runs; or go on with one that is there: 200.

    While an attempt on the paper is open and in time, a start returns it. With an
    `Idempotency-Key`, a start that arrives twice returns the same attempt even when it has been
    handed in meanwhile, so that a lost answer never costs a second try.
    """
    learner_id = current_user.id
    if header.key is None:
        seed = secrets.randbits(62)
    else:
        seed = rules.seed_of(str(current_app.secret_key).encode(), learner_id, header.key)
    with writing() as session:
        number, is_new = operations.start_once(
            session, learner_id=learner_id, paper_key=body.paper, seed=seed, now=utc_now()
        )
    return told(_attempt(number), 201 if is_new else 200)


@bp.get(
    "/attempts/<int(max=2147483647):number>",
    summary="读一次考试：题目、已存的答案、截止时间",
    responses={200: shapes.Attempt, **REFUSED, **FOREIGN},
    security=ASKING,
)
@needs("learning.use")
def attempt(path: shapes.Numbered) -> Response:
    """Read one's own attempt: questions without anything of a key, answers, deadline, clock.

    After the deadline and after handing in there are no questions: the result tells what the
    paper's policy allows.
    """
    return told(_attempt(path.number))


def _attempt(number: int) -> shapes.Attempt:
    now = utc_now()
    found = queries.sitting(reading(), learner_id=current_user.id, number=number)
    until = found.deadline_at + timedelta(minutes=found.blueprint.late.minutes)
    is_paused = rules.is_paused(found.pause_ends_at, now=now)
    can_answer = found.is_open and not is_paused and now < until
    asked = questions_of(found, range(1, len(found.slots) + 1)) if can_answer else []
    return shapes.Attempt(
        number=found.number,
        paper=found.paper_key,
        title=found.title,
        title_en=found.title_en,
        state=found.state,
        minutes=found.minutes,
        started_at=found.started_at,
        deadline_at=found.deadline_at,
        now=now,
        counter=rules.next_counter(found.answers, found.started_at, now=now),
        saved_at=found.saved_at,
        slots=len(found.slots),
        questions=[_question(found, each) for each in asked],
        answers=[_kept(each) for each in asked if each.answer.counter],
        page=url_for("exams.sit" if found.is_open else "exams.result", number=number),
    )


def _question(found: Sitting, asked: Asked) -> shapes.Question:
    question = asked.question
    return shapes.Question(
        slot=asked.slot,
        section=found.blueprint.sections[found.slots[asked.slot - 1].section].title,
        kind=question.kind,
        stem_html=str(question.stem),
        is_inline=question.is_inline,
        fields=[
            shapes.QuestionField(
                input=field.input,
                label_html=str(field.label),
                unit=field.unit,
                longest=field.longest,
                choices=[
                    shapes.Choice(value=value, html=str(words)) for value, words in field.choices
                ],
            )
            for field in question.fields
        ],
    )


def _kept(asked: Asked) -> shapes.KeptAnswer:
    return shapes.KeptAnswer(
        slot=asked.slot,
        parts=asked.parts,
        counter=asked.answer.counter,
        flagged=asked.answer.flagged,
    )


@bp.get(
    "/attempts/<int(max=2147483647):number>/clock",
    summary="服务器时间和截止时间",
    responses={200: shapes.ClockTold, **REFUSED, **FOREIGN},
    security=ASKING,
)
@needs("learning.use")
def clock(path: shapes.Numbered) -> Response:
    """Tell an open page the server's time, the deadline, and how far its counters are."""
    found = queries.desk(reading(), learner_id=current_user.id, number=path.number, lock=False)
    now = utc_now()
    return told(
        shapes.ClockTold(
            open=found.state is State.OPEN,
            paused=rules.is_paused(found.pause_ends_at, now=now),
            now=now,
            deadline_at=found.deadline_at,
            counter=rules.next_counter(found.answers, found.started_at, now=now),
        )
    )


@bp.post(
    "/attempts/<int(max=2147483647):number>/answers",
    summary="保存一批答案",
    responses={
        200: shapes.Acknowledged,
        **REFUSED,
        **SENT,
        **FOREIGN,
        409: problem(
            "不再接受答案，或在暂停 It takes no more answers, or is paused",
            "too_late", "already_handed_in", "abandoned", "paused",
        ),
        422: problem(
            "其中一个答案不对，这一批都没有存 One of them is at fault, and none was stored",
            "bad_body", "foreign_slot", "repeated_slot", "foreign_option", "too_many",
            "too_many_parts", "too_long", "not_a_number", "bad_counter", "counter_ahead",
        ),
        507: problem("服务器存满了 The server's disk is full", "storage_full"),
    },
    security=DOING,
)  # fmt: skip
@needs("learning.use")
def save(path: shapes.Numbered, body: shapes.Answers) -> Response:
    """Save a batch of answers. Safe to repeat, and to arrive in any order.

    In every slot the answer with the highest counter counts. What is acknowledged is stored and
    never lost. If one answer of a batch is refused nothing of it is stored, and `where` names the
    question: `answers.3`. Answers that arrive within five seconds of the deadline count still.
    """
    with writing() as session:
        saved = operations.save_answers(
            session,
            learner_id=current_user.id,
            number=path.number,
            answers=[
                Sent(each.slot, each.parts, each.counter, each.flagged, each.device)
                for each in body.answers
            ],
            now=utc_now(),
            watched=_in_view(body.watched),
        )
    return told(_acknowledged(saved))


def _in_view(sent: shapes.InView | None) -> Watched | None:
    if sent is None:
        return None
    return Watched(sent.device, {int(slot): n for slot, n in sent.seconds.items()})


def _acknowledged(saved: Saved) -> shapes.Acknowledged:
    """Return what is told of a save; made in one step, in a third of the time of twenty."""
    return shapes.Acknowledged.model_validate(
        {
            "saved_at": saved.saved_at.astimezone(CHINA).replace(microsecond=0),
            "counter": saved.counter,
            "deadline_at": saved.deadline_at,
            "answers": [
                {
                    "slot": slot,
                    "parts": kept.parts,
                    "counter": kept.counter,
                    "flagged": kept.flagged,
                    "verdict": "stale" if slot in saved.stale else "kept",
                }
                for slot, kept in saved.states.items()
            ],
        }
    )


@bp.post(
    "/attempts/<int(max=2147483647):number>/submit",
    summary="交卷",
    responses={
        200: shapes.HandedIn,
        **REFUSED,
        **FOREIGN,
        400: problem("页面的令牌不对 No token of the session", "stale_page", "http_400"),
        409: problem(
            "现在判不了分，或已放弃 It cannot be marked now, or was given up",
            "cannot_mark", "abandoned",
        ),
        507: problem("服务器存满了 The server's disk is full", "storage_full"),
    },
    security=DOING,
)  # fmt: skip
@needs("learning.use")
def submit(path: shapes.Numbered, body: shapes.HandIn) -> Response:
    """Hand in. However often and from wherever: one attempt has one result.

    After the deadline it is handed in as of the deadline, with what had been saved. What is
    blank earns nothing.
    """
    result = hand_in_own(path.number, _in_view(body.watched))
    if result is None:
        return told(_waiting(path.number))
    return told(shapes.HandedIn(**_ended(result)))


def _waiting(number: int) -> shapes.HandedIn:
    """Return how an attempt without a result ended: handed in, for people to mark.

    :raises Conflict: ``abandoned``.
    """
    found = queries.sitting(reading(), learner_id=current_user.id, number=number)
    if not found.is_waiting:
        raise _abandoned()
    ended: dict[str, Any] = {
        "number": number,
        "state": found.state.value,
        "submitted_at": found.handed_in_at,
        "is_waiting": True,
        "unit": found.unit,
        "page": url_for("exams.result", number=number),
    }
    return shapes.HandedIn(**ended)


def _abandoned() -> Conflict:
    return Conflict("abandoned", N_("这次考试已经放弃，没有成绩"))


def _ended(result: Result) -> dict[str, Any]:
    return {
        "number": result.number,
        "state": result.state.value,
        "submitted_at": result.submitted_at,
        "earned": result.earned,
        "out_of": result.out_of,
        "unit": result.unit,
        "passed": result.passed,
        "page": url_for("exams.result", number=result.number),
    }


@bp.get(
    "/attempts/<int(max=2147483647):number>/result",
    summary="成绩；公布以后也有答案和解析",
    responses={
        200: shapes.ResultTold,
        **REFUSED,
        **FOREIGN,
        409: problem(
            "还没有交卷，还在阅卷，或已放弃 Not handed in, still being marked, or given up",
            "not_handed_in",
            "waiting",
            "abandoned",
        ),
    },
    security=ASKING,
)
@needs("learning.use")
def result(path: shapes.Numbered) -> Response:
    """Tell the marks by kind and chapter, by today's key.

    Keys, explanations and the marks of single questions are told once the paper's release policy
    allows it, and not before.
    """
    session = reading()
    found = queries.sitting(session, learner_id=current_user.id, number=path.number)
    if found.state is State.ABANDONED:
        raise _abandoned()
    if found.is_waiting:
        raise Conflict("waiting", N_("已交卷，正在等人工阅卷"))
    if found.result is None:
        raise Conflict("not_handed_in", N_("这份卷还没有交"))
    reported = report(session, found, found.result, now=utc_now())
    titles = {section.kind: (section.title, section.title_en) for section, _ in reported.kinds}
    return told(
        shapes.ResultTold(
            **_ended(found.result),
            paper=found.paper_key,
            title=found.title,
            title_en=found.title_en,
            started_at=found.started_at,
            needed=reported.line,
            is_regraded=found.result.first is not None,
            kinds=[_share(section.kind, share, titles) for section, share in reported.kinds],
            chapters=[_share(each.key, each, reported.titles) for each in reported.chapters],
            is_released=reported.is_released,
            questions=_marked(found) if reported.is_released else None,
        )
    )


def _share(name: str, share: Share, titles: Mapping[str, tuple[str, str]]) -> shapes.ShareTold:
    title, title_en = titles.get(name, (name, name))
    return shapes.ShareTold(
        key=name,
        title=title,
        title_en=title_en,
        earned=share.earned,
        out_of=share.out_of,
        right=share.right,
        questions=share.questions,
    )


def _marked(found: Sitting) -> list[shapes.QuestionResult]:
    """Return the questions with their keys; for a paper whose keys are released. Two statements."""
    session = reading()
    marked = queries.marked_now(session, found)
    keys = {each.slot: key_of(found, each) for each in marked}
    texts = bank.versions(session, {*keys.values()})
    told_of = []
    for each in marked:
        text, order = texts[keys[each.slot]], found.slots[each.slot - 1].order
        told_of.append(
            shapes.QuestionResult(
                slot=each.slot,
                chapter=each.chapter_key,
                earned=each.mark.earned,
                out_of=each.mark.out_of,
                parts=shown(text.kind, text.spec, each.chosen, order),
                key=shown(text.kind, text.spec, key(text.kind, text.spec), order),
                explanation_html=str(render(text.explanation)),
            )
        )
    return told_of
