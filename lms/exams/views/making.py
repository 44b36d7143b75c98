"""Pages on which instructors make practice papers, and see whether the bank can fill them."""

import re
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from lms.exams import operations, queries, rules
from lms.exams.forms import PracticePaperForm, paper_form
from lms.exams.types import Draft
from lms.http.access import needs
from lms.http.errors import words_of
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.question_bank import queries as bank
from lms.question_bank.rules import all_kinds, kind_named, say_marking
from lms.question_bank.types import Marking
from lms.regulations import queries as regulations
from lms.regulations.rules import marking_rule
from lms.regulations.types import MARKING, PRACTICE_MARKING, RuleText
from lms.syllabus import queries as syllabus
from lms.syllabus.types import NodeText

bp = Blueprint("practice_papers", __name__, url_prefix="/teaching/papers/practice")

KEY = re.compile(r"~[0-9a-f]{10}")
LEVELS = {"J": "junior", "M": "intermediate", "S": "senior"}
"""By the first letter of a subject."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What the bank has of a kind: easy, middle, hard."""

    kind: str
    label: str
    numbers: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the bank can fill what is asked for, in words."""

    words: str
    """That it can, that it cannot, or what is not yet filled in rightly."""
    short: Sequence[str] = ()
    """The cells that bind."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the form of a subject needs."""

    subject: NodeText
    chapters: Sequence[NodeText]
    supply: Sequence[Supply]
    markings: Sequence[RuleText]
    """The official rule, then those for practice that are in force."""


@bp.get("")
@needs("teaching.view")
def overview() -> ResponseReturnValue:
    """Show the practice papers that instructors have made."""
    session = reading()
    return render_template(
        "exams/made_papers.html",
        made=queries.made_papers(session),
        subjects=_subjects(),
    )


@bp.route("/new", methods=["GET", "POST"])
@needs("teaching.view")
def new() -> ResponseReturnValue:
    """Make a practice paper for a subject."""
    desk = _desk(request.values.get("subject", ""))
    form = _form(desk)
    if request.method == "GET":
        form.key.data = f"~{secrets.token_hex(5)}"
        form.level.data = LEVELS.get(desk.subject.subject[:1], "junior")
        return _page(form, desk)
    return _publish(form, desk, key=form.key.data or "")


@bp.route("/<key>", methods=["GET", "POST"])
@needs("teaching.view")
def change(key: str) -> ResponseReturnValue:
    """Change a practice paper: what is saved is a new version."""
    paper, version = queries.made_paper(reading(), key)
    desk = _desk(version.subject)
    form = _form(desk)
    if request.method == "POST":
        return _publish(form, desk, key=key)
    blueprint = rules.read_blueprint(version.blueprint, sittable=True)
    draft = rules.draft_of(
        blueprint,
        [section.get("difficulty", "") for section in version.blueprint["section"]],
        title=version.title,
        subject=version.subject,
        minutes=version.minutes,
        attempts_allowed=version.attempts_allowed,
        chapters=version.blueprint["chapters"],
    )
    form.fill(draft, every=[chapter.key for chapter in desk.chapters])
    form.key.data = key
    return _page(form, desk, state=paper.state)


@bp.get("/check")
@needs("teaching.view")
def check() -> ResponseReturnValue:
    """Say whether what is typed so far can be filled, and if not, which cells bind."""
    desk = _desk(request.args.get("subject", ""))
    form = paper_form(
        request.args,
        kinds=_labels(desk),
        chapters=_choices(desk),
        markings=_markings(desk),
        csrf=False,
    )
    verdict = _verdict(form, desk)
    return jsonify(words=verdict.words, short=verdict.short)


@bp.post("/<key>/retire")
@needs("teaching.view")
def retire(key: str) -> ResponseReturnValue:
    """Take a practice paper out of use."""
    with writing() as session:
        operations.retire_paper(session, key=key, actor_id=current_user.id, now=utc_now())
    flash(_("这份练习卷已停用，考过的成绩都还在"))
    return redirect(url_for(".overview"), code=303)


def _publish(form: PracticePaperForm, desk: Desk, *, key: str) -> ResponseReturnValue:
    if not KEY.fullmatch(key):
        abort(404)
    form.key.data = key
    if request.form.get("then") == "check":
        return _page(form, desk, verdict=_verdict(form, desk))
    if not form.validate():
        return _page(form, desk, status=422)
    draft = form.draft(desk.subject.subject)
    try:
        with writing() as session:
            operations.publish_paper(
                session, key=key, draft=draft, actor_id=current_user.id, now=utc_now()
            )
    except Invalid as refusal:
        return _page(form, desk, verdict=Verdict(words_of(refusal)), status=422)
    except Conflict as refusal:
        if refusal.code != "not_enough_questions":
            raise
        return _page(form, desk, verdict=_verdict(form, desk), status=409)
    flash(_("“%(title)s”已发布，学员在“考试”里可以看到", title=draft.title))
    return redirect(url_for(".overview"), code=303)


def _page(
    form: PracticePaperForm,
    desk: Desk,
    *,
    verdict: Verdict | None = None,
    state: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "exams/make_paper.html",
        form=form,
        desk=desk,
        verdict=verdict,
        state=state,
        said=[(rule, say_marking(Marking.read(rule.body), _kinds(desk))) for rule in desk.markings],
    )
    return page, status


def _verdict(form: PracticePaperForm, desk: Desk) -> Verdict:
    if not form.validate():
        label, faults = next(
            (field.label.text, field.errors) for field in form if field.name in form.errors
        )
        return Verdict(_("%(what)s：%(why)s", what=label, why=faults[0]))
    draft: Draft = form.draft(desk.subject.subject)
    try:
        table, short = operations.check_draft(reading(), draft, now=utc_now())
    except Invalid as refusal:
        return Verdict(words_of(refusal))
    blueprint = rules.read_blueprint(table, sittable=True)
    if short:
        return Verdict(
            _("题库不够，组不出这份卷："), [rules.cell_words(shortage, _) for shortage in short]
        )
    points = f"{blueprint.out_of / 2:g}"
    return Verdict(
        _("可以组卷：共 %(n)s 题，满分 %(points)s 分。", n=blueprint.count, points=points)
    )


def _form(desk: Desk) -> PracticePaperForm:
    return paper_form(
        request.form if request.method == "POST" else None,
        kinds=_labels(desk),
        chapters=_choices(desk),
        markings=_markings(desk),
    )


def _labels(desk: Desk) -> dict[str, str]:
    return {supply.kind: _(supply.label) for supply in desk.supply}


def _kinds(desk: Desk) -> list[str]:
    return [supply.kind for supply in desk.supply]


def _choices(desk: Desk) -> list[tuple[str, str]]:
    return [(chapter.key, chapter.title) for chapter in desk.chapters]


def _markings(desk: Desk) -> list[tuple[str, str]]:
    locale = get_locale()
    is_english = locale is not None and locale.language == "en"
    return [(rule.key, rule.title_en if is_english else rule.title) for rule in desk.markings[1:]]


def _subjects() -> list[NodeText]:
    return list({node.subject: node for node in syllabus.subjects(reading())}.values())


def _desk(code: str) -> Desk:
    """Return what the form of a subject needs. Four statements, whatever the size of the bank."""
    session = reading()
    subject = next((node for node in _subjects() if node.subject == code), None)
    if subject is None:
        abort(404)
    on = day_of(utc_now())
    in_use = regulations.rules_of_kind(session, MARKING, PRACTICE_MARKING)
    official = marking_rule(in_use, on=on)
    keys = sorted({rule.key for rule in in_use if rule.kind == PRACTICE_MARKING})
    practice = [found for key in keys if (found := _in_force(in_use, key, on))]
    marking = official.body
    counted = Counter((card.kind, card.difficulty) for card in bank.drawable(session, code))
    kinds = sorted({kind for kind, _difficulty in counted} & marking.keys() & all_kinds().keys())
    return Desk(
        subject,
        syllabus.chapters(session, code),
        [
            Supply(
                kind,
                kind_named(kind).label,
                (counted[(kind, 1)], counted[(kind, 2)], counted[(kind, 3)]),
            )
            for kind in sorted(kinds, key=lambda kind: (kind != "single_choice", kind))
            if not kind_named(kind).is_judged
        ],
        [official, *practice],
    )


def _in_force(in_use: Sequence[RuleText], key: str, on: date) -> RuleText | None:
    try:
        return marking_rule(in_use, on=on, key=key)
    except NotFound:
        return None
