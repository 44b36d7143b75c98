"""The like of a drill: take one answer."""

import sqlalchemy as sa
from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from bench.floor.requests import someone, writer
from bench.floor.tables import drill_answer, question_version, review_card, rule, rule_version
from lms.kernel.clock import utc_now

bp = Blueprint("practice", __name__)

_ME, _QUESTION = sa.bindparam("me"), sa.bindparam("which")
_OWN = (review_card.c.learner_id == _ME, review_card.c.question_id == _QUESTION)

LAST = sa.select(
    sa.func.max(drill_answer.c.number),
    sa.func.max(sa.case((drill_answer.c.token == sa.bindparam("page"), drill_answer.c.number))),
).where(drill_answer.c.learner_id == _ME)
QUESTION = sa.select(
    question_version.c.question_id,
    question_version.c.kind,
    question_version.c.chapter_key,
    question_version.c.spec,
).where(question_version.c.id == sa.bindparam("version_id"))
MARKING = (
    sa.select(rule_version.c.body)
    .join(rule, rule.c.id == rule_version.c.rule_id)
    .where(rule.c.kind == "marking", rule_version.c.number == rule.c.current_number)
)
CARD = sa.select(review_card).where(*_OWN)
UPDATE = (
    sa.update(review_card)
    .where(*_OWN)
    .values(
        tries=sa.bindparam("new_tries"),
        wrong=sa.bindparam("new_wrong"),
        right_streak=sa.bindparam("new_streak"),
        in_wrong_book=sa.bindparam("is_kept"),
        last_at=sa.bindparam("now"),
    )
)


@bp.post("/practice/<_subject>/<_chapter>")
def drill(_subject: str, _chapter: str) -> ResponseReturnValue:
    """Mark an answer, keep it, count it on the question's card.

    Seven statements, two of them write. Options are taken in their author's order.
    """
    now, form = utc_now(), request.form
    with writer().begin() as connection:
        me = someone(connection)
        last, known = connection.execute(LAST, {"me": me.id, "page": form["token"]}).one()
        if known is None:
            known = (last or 0) + 1
            asked = connection.execute(QUESTION, {"version_id": int(form["version"])}).one()
            marking = connection.scalars(MARKING).first() or {}
            full = marking[asked.kind]["full"]
            right = form["choice"] == asked.spec["answer"]
            own = {"me": me.id, "which": asked.question_id}
            card = connection.execute(CARD, own).first()
            values = {
                "learner_id": me.id,
                "number": known,
                "question_id": asked.question_id,
                "question_version_id": int(form["version"]),
                "token": form["token"],
                "chosen": form["choice"],
                "earned": full if right else 0,
                "out_of": full,
                "answered_at": now,
            }
            connection.execute(sa.insert(drill_answer), values)
            streak = (card.right_streak if card else 0) + 1 if right else 0
            tries, wrong = (card.tries, card.wrong) if card else (0, 0)
            counts = [tries + 1, wrong + (not right), streak]
            kept = not right or bool(card and card.in_wrong_book and streak < 2)
            if card is None:
                names = ("tries", "wrong", "right_streak")
                new = dict(zip(names, counts, strict=True))
                new |= {"learner_id": me.id, "question_id": asked.question_id}
                new |= {"chapter_key": asked.chapter_key, "in_wrong_book": kept, "last_at": now}
                connection.execute(sa.insert(review_card), new)
            else:
                names = ("new_tries", "new_wrong", "new_streak")
                changed = dict(zip(names, counts, strict=True))
                connection.execute(UPDATE, {**own, **changed, "is_kept": kept, "now": now})
    return redirect(f"/practice/answers/{known}", code=303)
