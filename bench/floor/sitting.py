"""Likes of a mock exam: start it, show a page of it, save answers, hand it in, look it over."""

import random
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from bench.floor.requests import reader, someone, writer
from bench.floor.tables import (
    attempt,
    audit,
    edition,
    goal,
    node,
    paper,
    paper_version,
    progress,
    question,
    question_version,
    record,
    response,
    rule,
    rule_version,
)
from lms.kernel.clock import day_of, utc_now

bp = Blueprint("sitting", __name__)

LETTERS = "ABCDEFGHIJ"
SHOWN, REVIEWED = 20, 40
"""Questions on one page, as ours has them."""

_ME, _NUMBER = sa.bindparam("me"), sa.bindparam("number")
_OWN = sa.and_(attempt.c.learner_id == _ME, attempt.c.number == _NUMBER)
_marking, _line = rule_version.alias(), rule_version.alias()

PAPER = (
    sa.select(
        paper.c.id,
        paper_version.c.id.label("version_id"),
        paper_version.c.subject,
        paper_version.c.minutes,
        paper_version.c.blueprint,
    )
    .join(
        paper_version,
        sa.and_(
            paper_version.c.paper_id == paper.c.id,
            paper_version.c.number == paper.c.current_number,
        ),
    )
    .where(paper.c.key == sa.bindparam("key"))
)
LATEST = sa.select(sa.func.max(attempt.c.number)).where(attempt.c.learner_id == _ME)
RULES = (
    sa.select(rule_version.c.id, rule.c.kind, rule_version.c.body)
    .join(rule, rule.c.id == rule_version.c.rule_id)
    .where(
        rule.c.kind.in_(("marking", "pass_line")), rule_version.c.number == rule.c.current_number
    )
)
CANDIDATES = (
    sa.select(question_version.c.id, question.c.id, question.c.kind, question_version.c.chapter_key)
    .join(
        question_version,
        sa.and_(
            question_version.c.question_id == question.c.id,
            question_version.c.number == question.c.current_number,
        ),
    )
    .where(question.c.subject == sa.bindparam("subject"), question.c.state == "ready")
)
MET = (
    sa.select(question_version.c.question_id, sa.func.count())
    .join(response, response.c.question_version_id == question_version.c.id)
    .where(response.c.learner_id == _ME, response.c.attempt_number >= sa.bindparam("since"))
    .group_by(question_version.c.question_id)
)
SPECS = sa.select(question_version.c.id, question_version.c.kind, question_version.c.spec).where(
    question_version.c.id.in_(sa.bindparam("ids", expanding=True))
)
QUESTIONS = SPECS.add_columns(question_version.c.stem)
SITTING = (
    sa.select(
        attempt.c.number,
        attempt.c.state,
        attempt.c.slots,
        attempt.c.answers,
        attempt.c.started_at,
        attempt.c.deadline_at,
        attempt.c.saved_at,
        paper.c.key,
        paper_version.c.title,
        _marking.c.body.label("marking"),
        _line.c.body.label("line"),
    )
    .join(paper_version, paper_version.c.id == attempt.c.paper_version_id)
    .join(paper, paper.c.id == paper_version.c.paper_id)
    .join(_marking, _marking.c.id == attempt.c.marking_rule_id)
    .join(_line, _line.c.id == attempt.c.pass_line_id)
    .where(_OWN)
)
SITTING_LOCKED = SITTING.with_for_update(of=attempt)
SHEET = (
    sa.select(attempt.c.state, attempt.c.deadline_at, attempt.c.slots, attempt.c.answers)
    .where(_OWN)
    .with_for_update()
)
SAVE = (
    sa.update(attempt)
    .where(attempt.c.learner_id == _ME, attempt.c.number == sa.bindparam("which"))
    .values(answers=sa.bindparam("new_answers"), saved_at=sa.bindparam("now"))
)
CLOSE = (
    sa.update(attempt)
    .where(attempt.c.learner_id == _ME, attempt.c.number == sa.bindparam("which"))
    .values(
        state="submitted",
        submitted_at=sa.bindparam("now"),
        earned=sa.bindparam("marks"),
        out_of=sa.bindparam("most"),
        passed=sa.bindparam("is_passed"),
    )
)
LAST_RECORD = sa.select(sa.func.max(record.c.number)).where(record.c.learner_id == _ME)
RECORDS = sa.select(record.c.number, record.c.kind, record.c.subject, record.c.detail).where(
    record.c.learner_id == _ME
)
GOALS = (
    sa.select(progress.c.goal_id, progress.c.state, progress.c.parts, goal.c.requirement)
    .join(goal, goal.c.id == progress.c.goal_id)
    .where(progress.c.learner_id == _ME)
)
MARKED = (
    sa.select(
        response.c.slot,
        response.c.chosen,
        response.c.earned,
        response.c.out_of,
        question_version.c.chapter_key,
        question_version.c.stem,
        question_version.c.spec,
        question_version.c.explanation,
        question_version.c.source,
        question_version.c.valid_on,
    )
    .join(question_version, question_version.c.id == response.c.question_version_id)
    .where(response.c.learner_id == _ME, response.c.attempt_number == _NUMBER)
    .order_by(response.c.slot)
    .limit(REVIEWED)
)
OVER = (
    sa.select(
        attempt.c.number,
        attempt.c.earned,
        attempt.c.slots,
        paper_version.c.title,
        sa.select(sa.func.count())
        .where(
            response.c.learner_id == attempt.c.learner_id,
            response.c.attempt_number == attempt.c.number,
            response.c.earned < response.c.out_of,
        )
        .scalar_subquery()
        .label("wrong"),
    )
    .join(paper_version, paper_version.c.id == attempt.c.paper_version_id)
    .where(_OWN)
)
CHAPTERS = (
    sa.select(node.c.key, node.c.title)
    .join(edition, edition.c.id == node.c.edition_id)
    .where(node.c.key.in_(sa.bindparam("keys", expanding=True)))
)


@bp.post("/exams/<key>/start")
def start(key: str) -> ResponseReturnValue:
    """Draw a paper of questions seldom met and open an attempt.

    Nine statements, two of them insert. The answers will stand in the attempt's one row. Chapters
    are not balanced, as ours are.
    """
    now, chance = utc_now(), random.Random()
    with writer().begin() as connection:
        me = someone(connection)
        found = connection.execute(PAPER, {"key": key}).one()
        number = (connection.scalar(LATEST, {"me": me.id}) or 0) + 1
        rules = connection.execute(RULES).all()
        met: dict[int, int] = {
            row[0]: row[1] for row in connection.execute(MET, {"me": me.id, "since": number - 10})
        }
        candidates = connection.execute(CANDIDATES, {"subject": found.subject}).all()
        chance.shuffle(candidates)  # type: ignore[arg-type]
        candidates.sort(key=lambda row: met.get(row[1], 0))
        drawn = [
            (row[0], index)
            for index, section in enumerate(found.blueprint["section"])
            for row in [row for row in candidates if row[2] == section["kind"]][: section["count"]]
        ]
        specs = {
            row.id: row.spec
            for row in connection.execute(SPECS, {"ids": [version_id for version_id, _ in drawn]})
        }
        slots = [
            [version_id, index, _order(len(specs[version_id]["options"]), chance)]
            for version_id, index in drawn
        ]
        level = found.blueprint["level"]
        marking = next(row.id for row in rules if row.kind == "marking")
        line = next(row.id for row in rules if _is_line(row, level))
        values: dict[str, Any] = {
            "learner_id": me.id,
            "number": number,
            "paper_version_id": found.version_id,
            "marking_rule_id": marking,
            "pass_line_id": line,
            "state": "open",
            "seed": chance.getrandbits(62),
            "slots": slots,
            "answers": {},
            "started_at": now,
            "deadline_at": now + timedelta(minutes=found.minutes),
        }
        connection.execute(sa.insert(attempt), values)
        noted = _entry(
            "exams.attempt_started", me=me.id, number=number, now=now, facts={"paper": key}
        )
        connection.execute(sa.insert(audit), noted)
    return redirect(f"/attempts/{number}", code=303)


@bp.get("/attempts/<int:number>")
def sit(number: int) -> ResponseReturnValue:
    """Read the person, the attempt with its paper, the questions of a page. Three statements."""
    with reader().connect() as connection:
        me = someone(connection)
        row = connection.execute(SITTING, {"me": me.id, "number": number}).one()
        asked = row.slots[:SHOWN]
        ids = [version_id for version_id, _section, _order in asked]
        found = {each.id: each for each in connection.execute(QUESTIONS, {"ids": ids})}
    questions = []
    for slot, (version_id, _section, order) in enumerate(asked, start=1):
        text = found[version_id]
        questions.append(
            {
                "slot": slot,
                "stem": text.stem,
                "type": "radio" if text.kind == "single_choice" else "checkbox",
                "options": [text.spec["options"][place] for place in order],
                "chosen": _shown(row.answers.get(str(slot), ["", 0, False])[0], order),
            }
        )
    sheet = [str(slot) in row.answers for slot in range(1, len(row.slots) + 1)]
    return render_template("sit.html", row=row, questions=questions, sheet=sheet, letters=LETTERS)


@bp.post("/api/v1/exams/attempts/<int:number>/answers")
def save(number: int) -> ResponseReturnValue:
    """Read the person and the attempt, write its answers. Three statements.

    The highest counter of a slot wins. What letters a question knows is not looked up.
    """
    now, sent = utc_now(), request.get_json()["answers"]
    with writer().begin() as connection:
        me = someone(connection)
        row = connection.execute(SHEET, {"me": me.id, "number": number}).one()
        answers = dict(row.answers)
        if row.state == "open" and now <= row.deadline_at:
            for each in sent:
                if each["counter"] > answers.get(str(each["slot"]), ["", 0])[1]:
                    letters = _authored(each["parts"][0], row.slots[each["slot"] - 1][2])
                    answers[str(each["slot"])] = [letters, each["counter"], False]
            values = {"me": me.id, "which": number, "new_answers": answers, "now": now}
            connection.execute(SAVE, values)
    return jsonify(saved_at=now.isoformat(), answers=[answers[str(each["slot"])] for each in sent])


@bp.post("/attempts/<int:number>/submit")
def submit(number: int) -> ResponseReturnValue:
    """Mark a paper, write marks, result, record and audit entry, read what progress hangs on it.

    Ten statements, four of them write. How the goals stand now is not judged.
    """
    now = utc_now()
    with writer().begin() as connection:
        me = someone(connection)
        row = connection.execute(SITTING_LOCKED, {"me": me.id, "number": number}).one()
        ids = [version_id for version_id, _section, _order in row.slots]
        specs = {
            each.id: (each.kind, each.spec) for each in connection.execute(SPECS, {"ids": ids})
        }
        marks = []
        for slot, version_id in enumerate(ids, start=1):
            kind, spec = specs[version_id]
            chosen = row.answers.get(str(slot), [""])[0]
            worth = row.marking[kind]
            marks.append(
                {
                    "learner_id": me.id,
                    "attempt_number": number,
                    "slot": slot,
                    "question_version_id": version_id,
                    "chosen": chosen,
                    "earned": _earned(chosen, spec["answer"], worth),
                    "out_of": worth["full"],
                }
            )
        earned, most = sum(m["earned"] for m in marks), sum(m["out_of"] for m in marks)
        passed = earned * 10 >= most * 6
        connection.execute(sa.insert(response), marks)
        closing = {"me": me.id, "which": number, "now": now}
        connection.execute(CLOSE, {**closing, "marks": earned, "most": most, "is_passed": passed})
        last = connection.scalar(LAST_RECORD, {"me": me.id}) or 0
        values: dict[str, Any] = {
            "learner_id": me.id,
            "number": last + 1,
            "kind": "paper_sat",
            "subject": f"paper:{row.key}",
            "happened_on": day_of(now),
            "quantity": earned,
            "unit": "",
            "scheme": "",
            "category": "",
            "detail": {"out_of": most, "passed": passed, "attempt": number},
            "dedupe_key": f"paper_sat:{row.key}:{number}",
            "recorded_at": now,
            "authority": "platform",
        }
        connection.execute(sa.insert(record), values)
        noted = _entry(
            "exams.attempt_submitted", me=me.id, number=number, now=now, facts={"earned": earned}
        )
        connection.execute(sa.insert(audit), noted)
        connection.execute(GOALS, {"me": me.id}).all()
        connection.execute(RECORDS, {"me": me.id}).all()
    return redirect(f"/attempts/{number}/result", code=303)


@bp.get("/attempts/<int:number>/review")
def review(number: int) -> ResponseReturnValue:
    """Read the person, the attempt, forty marked questions, their chapters. Four statements."""
    with reader().connect() as connection:
        me = someone(connection)
        row = connection.execute(OVER, {"me": me.id, "number": number}).one()
        found = connection.execute(MARKED, {"me": me.id, "number": number}).all()
        keys = list({each.chapter_key for each in found})
        titles = {key: title for key, title in connection.execute(CHAPTERS, {"keys": keys})}  # noqa: C416
    marked = []
    for each in found:
        order = row.slots[each.slot - 1][2]
        marked.append(
            {
                **each._mapping,  # noqa: SLF001 - public in spite of its name
                "options": [each.spec["options"][place] for place in order],
                "chosen": _shown(each.chosen, order),
                "right": _shown(each.spec["answer"], order),
            }
        )
    return render_template("review.html", row=row, marked=marked, titles=titles)


def _entry(
    verb: str, *, me: int, number: int, now: datetime, facts: dict[str, Any]
) -> dict[str, Any]:
    """Return a line of the audit trail."""
    subject = f"attempt:{me}/{number}"
    return {"at": now, "actor_id": me, "verb": verb, "subject": subject, "facts": facts}


def _is_line(row: Any, level: str) -> bool:
    body = row.body
    return row.kind == "pass_line" and body["level"] == level and body["area"] == "national"


def _order(count: int, chance: random.Random) -> list[int]:
    return chance.sample(range(count), count)


def _earned(chosen: str, right: str, worth: dict[str, int]) -> int:
    if chosen == right:
        return worth["full"]
    if not chosen or set(chosen) - set(right):
        return 0
    return worth.get("each", 0) * len(chosen)


def _authored(shown: str, order: list[int]) -> str:
    return "".join(sorted(LETTERS[order[LETTERS.index(letter)]] for letter in shown))


def _shown(authored: str, order: list[int]) -> str:
    return "".join(sorted(LETTERS[order.index(LETTERS.index(letter))] for letter in authored))
