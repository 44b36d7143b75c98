import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.http.access import needs
from lms.http.errors import words_of
from lms.http.markdown import render
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Invalid, NotFound
from lms.practice import operations, queries, rules
from lms.practice.forms import DrillForm
from lms.practice.types import Drillable
from lms.question_bank import queries as bank
from lms.question_bank.rules import explain
from lms.question_bank.showing import sent, show
from lms.question_bank.types import Marking, QuestionText
from lms.syllabus.queries import node_titles

bp = Blueprint("practice", __name__)

WRONG, BOOK = "wrong", "book"
"""Where a drill draws from, if not from all of a chapter: its wrong answers, or the whole book."""


@dataclass(frozen=True, slots=True)
class Place:
    """The drill that a page belongs to."""

    mode: str
    """Empty, ``wrong`` or ``book``."""
    subject: str = ""
    chapter: str = ""

    @property
    def url(self) -> str:
        """The page that asks the next question."""
        if self.mode == BOOK:
            return url_for(".wrong_book")
        mode = self.mode or None
        return url_for(".drill", subject=self.subject, chapter=self.chapter, mode=mode)

    def pool(self) -> list[Drillable]:
        """Return what the drill may ask.

        :raises NotFound: ``no_chapter``.
        """
        if self.mode == BOOK:
            return queries.wrong_book(reading(), current_user.id)
        found = rules.of_newest_edition(
            queries.chapter_questions(
                reading(), current_user.id, subject=self.subject, chapter=self.chapter
            )
        )
        return [item for item in found if item.in_wrong_book or not self.mode]


@bp.get("/practice")
@needs("learning.use")
def overview() -> ResponseReturnValue:
    """Show the chapters, subject by subject, and how one stands with each."""
    session = reading()
    rows = queries.overview(session, current_user.id)
    subjects = []
    for subject, group in groupby(rows, key=lambda row: row.subject):
        listed = list(group)
        edition = rules.newest_edition(row.chapter_key for row in listed)
        newest = [row for row in listed if row.chapter_key.split("/")[0] == edition]
        subjects.append((subject, f"{edition}/{subject}", newest))
    keys = [row.chapter_key for row in rows] + [key for _code, key, _rows in subjects]
    return render_template(
        "practice/overview.html",
        subjects=subjects,
        titles=node_titles(session, keys),
        in_wrong_book=sum(row.in_wrong_book for row in rows),
        right_to_leave=rules.RIGHT_TO_LEAVE,
        right_percent=rules.right_percent,
    )


@bp.route("/practice/<subject>/<chapter>", methods=["GET", "POST"])
@needs("learning.use")
def drill(subject: str, chapter: str) -> ResponseReturnValue:
    """Ask one question of a chapter, or of its wrong answers; take the answer."""
    mode = WRONG if request.args.get("mode") == WRONG else ""
    return _drill(Place(mode, subject, chapter))


@bp.route("/practice/wrong", methods=["GET", "POST"])
@needs("learning.use")
def wrong_book() -> ResponseReturnValue:
    """Ask one question of the wrong-answer book; take the answer."""
    return _drill(Place(BOOK))


@bp.get("/practice/answers/<int(min=1, max=2147483647):number>")
@needs("learning.use")
def answer(number: int) -> ResponseReturnValue:
    """Show one of one's own answers with the right one and the explanation."""
    session = reading()
    own = queries.own_answer(session, current_user.id, number)
    text = bank.versions(session, [own.question_version_id])[own.question_version_id]
    order = rules.option_order(own.token, text)
    mode = request.args.get("mode", "")
    _edition, subject, chapter = text.chapter_key.split("/")
    return render_template(
        "practice/answer.html",
        own=own,
        question=show(text.kind, text.stem, text.spec, order),
        outcomes=explain(text.kind, text.spec, own.chosen, Marking.whole(), order),
        explanation=render(text.explanation),
        text=text,
        place=Place(mode if mode in {WRONG, BOOK} else "", subject, chapter),
        title=_title(text.chapter_key),
        right_to_leave=rules.RIGHT_TO_LEAVE,
    )


def _drill(place: Place) -> ResponseReturnValue:
    if request.method == "POST":
        return _take_answer(place)
    pool = place.pool()
    answers, last_question_id = queries.last_answer(reading(), current_user.id)
    chosen = rules.next_question(
        pool,
        last_question_id=last_question_id,
        seed=rules.seed_of(current_user.id, answers),
    )
    if chosen is None:
        return render_template("practice/nothing_wrong.html", place=place)
    return _ask(place, pool, chosen.version_id, secrets.token_urlsafe(12))


def _take_answer(place: Place) -> ResponseReturnValue:
    form = DrillForm()
    if not form.validate():
        raise Invalid("broken_page", N_("页面内容不完整，请返回练习重新打开这道题"))
    # validated, so neither is missing
    version_id, token = form.version.data or 0, form.token.data or ""
    parts = sent(request.form.to_dict(flat=False), "choice")
    try:
        with writing() as session:
            number = operations.answer(
                session,
                learner_id=current_user.id,
                version_id=version_id,
                shown=parts,
                token=token,
                now=utc_now(),
            )
    except Invalid as refusal:
        return _ask(place, place.pool(), version_id, token, parts, fault=words_of(refusal)), 422
    return redirect(url_for(".answer", number=number, mode=place.mode or None), code=303)


def _ask(
    place: Place,
    pool: list[Drillable],
    version_id: int,
    token: str,
    parts: Sequence[str] = (),
    *,
    fault: str | None = None,
) -> str:
    text = _text(version_id)
    return render_template(
        "practice/drill.html",
        place=place,
        form=DrillForm(formdata=None, token=token, version=version_id),
        question=show(text.kind, text.stem, text.spec, rules.option_order(token, text)),
        parts=parts,
        title=_title(text.chapter_key),
        total=len(pool),
        seen=sum(item.last_at is not None for item in pool),
        fault=fault,
    )


def _text(version_id: int) -> QuestionText:
    found = bank.versions(reading(), [version_id]).get(version_id)
    if found is None:
        raise NotFound("no_question", N_("没有这道题"))
    return found


def _title(chapter_key: str) -> tuple[str, str]:
    return node_titles(reading(), [chapter_key]).get(chapter_key, (chapter_key, ""))
