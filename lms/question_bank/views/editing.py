"""Writing questions: a new one, a change of one that learners meet, with a preview beside it."""

import secrets
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.errors import words_of
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, DomainError, Invalid, NotFound
from lms.question_bank import operations, queries, rules
from lms.question_bank.forms import SeenForm, typed_draft
from lms.question_bank.types import Draft, Outline, WorkingText
from lms.question_bank.views.browsing import DIFFICULTIES, bp
from lms.question_bank.views.comparing import snapshot_of
from lms.question_bank.views.preview import fragment, preview
from lms.syllabus import queries as syllabus

SOURCE_NAMES = ("law", "policy", "concept")


@bp.route("/teaching/bank/new", methods=["GET", "POST"])
@needs("bank.write")
def new() -> ResponseReturnValue:
    """Choose a kind and write a question; keep it as a draft."""
    kind = request.values.get("kind", "")
    if kind not in rules.all_kinds():
        kinds = {name: found.label for name, found in rules.all_kinds().items()}
        return render_template("question_bank/new.html", kinds=kinds)
    if request.method == "POST":
        return _take(None)
    node = request.args.get("node", "")
    return _page(_blank(kind, node), known=None)


@bp.route("/teaching/bank/drafts/<key>/edit", methods=["GET", "POST"])
@needs("bank.write")
def edit(key: str) -> ResponseReturnValue:
    """Write a draft anew; nobody's words are lost where two people write at once."""
    known = queries.working_text(reading(), key)
    if request.method == "POST":
        return _take(known)
    return _page(known.draft, known=known)


@bp.post("/teaching/bank/preview")
@needs("bank.write")
def previewed() -> ResponseReturnValue:
    """Show what is being written as learners will see it. Keeps nothing."""
    try:
        draft = typed_draft("preview")
    except Invalid as refusal:
        return render_template("question_bank/_unreadable.html", words=words_of(refusal)), 422
    return fragment(preview(draft, _outline()))


@bp.post("/teaching/bank/questions/<key>/change")
@needs("bank.write")
def change(key: str) -> ResponseReturnValue:
    """Begin to change a question, or go on where somebody has begun."""
    with writing() as session:
        operations.begin_change(session, key=key, actor_id=current_user.id, now=utc_now())
    return redirect(url_for(".edit", key=key), code=303)


@bp.post("/teaching/bank/drafts/<key>/discard")
@needs("bank.write")
def discard(key: str) -> ResponseReturnValue:
    """Throw a draft away."""
    form = SeenForm()
    if not form.validate():
        raise Invalid("broken_page", N_("页面内容不完整，请返回上一页重试"))
    with writing() as session:
        operations.discard(
            session,
            key=key,
            revision=form.revision.data or 0,
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("草稿已删除"))
    return redirect(url_for(".drafts"), code=303)


def _take(known: WorkingText | None) -> ResponseReturnValue:
    """Keep what was typed, or show it again with its preview or with what is in the way."""
    key = known.draft.key if known else rules.new_key(secrets.token_bytes(16))
    try:
        draft = typed_draft(key)
    except Invalid as refusal:
        return _page(_unread(known), known=known, refusal=refusal, typed=True), 422
    if request.form.get("deed") == "preview":
        return _page(draft, known=known, typed=True)
    try:
        _keep(draft, known)
    except NotFound:
        raise
    except DomainError as refusal:
        # the newest revision goes into the form: who saves again has seen what is there now
        newest = queries.working_text(reading(), key) if known else None
        status = 409 if isinstance(refusal, Conflict) else 422
        return _page(draft, known=newest, refusal=refusal, typed=True), status
    flash(_("草稿已保存"))
    return redirect(url_for(".draft", key=key), code=303)


def _keep(draft: Draft, known: WorkingText | None) -> None:
    now, note = utc_now(), request.form.get("note", "").strip()[:1000]
    with writing() as session:
        if known is None:
            operations.begin(session, draft=draft, actor_id=current_user.id, now=now)
            return
        operations.write(
            session,
            draft=draft,
            revision=request.form.get("revision", 0, type=row_number),
            base_number=request.form.get("base", None, type=row_number),
            note=note,
            actor_id=current_user.id,
            now=now,
        )


def _page(
    draft: Draft,
    *,
    known: WorkingText | None,
    refusal: DomainError | None = None,
    typed: bool = False,
) -> str:
    """Return the editor.

    :param typed: whether the fields show what was sent, word for word, and not the draft.
    """
    outline = _outline()
    values = rules.form_of(draft)
    rows = rules.option_rows(draft) if rules.fits_fields(draft) else []
    if typed:
        values |= {name: request.form[name] for name in values if name in request.form}
        rows = _typed_rows() if rows else []
    other: list[rules.Change] = []
    if refusal is not None and known is not None and isinstance(refusal, Conflict):
        other = rules.changes(snapshot_of(draft), snapshot_of(known.draft))
    return render_template(
        "question_bank/edit.html",
        known=known,
        values=values,
        rows=rows,
        kind=rules.kind_named(draft.kind),
        kinds=rules.all_kinds(),
        note=request.form.get("note", known.note if known else ""),
        places=_places(),
        difficulties=DIFFICULTIES,
        specimen=rules.to_toml(rules.specimen(draft.kind)),
        preview=preview(draft, outline) if not isinstance(refusal, Invalid) else None,
        refusal=refusal,
        other=other,
    )


def _typed_rows() -> list[tuple[str, str, bool]]:
    right = request.form.getlist("right")
    options = request.form.getlist("option")[: len(rules.LETTERS)]
    return [
        (rules.LETTERS[at], text, rules.LETTERS[at] in right) for at, text in enumerate(options)
    ]


def _unread(known: WorkingText | None) -> Draft:
    """Return a draft of the kind that was chosen, where what was typed cannot be read."""
    kind = request.form.get("kind", "")
    if kind not in rules.all_kinds():
        kind = known.draft.kind if known else next(iter(rules.all_kinds()))
    return replace(known.draft, kind=kind) if known else _blank(kind, "")


def _blank(kind: str, node: str) -> Draft:
    """Return what the editor begins from: the kind's specimen, no words of a question."""
    parts = node.split("/")
    is_place = len(parts) >= 3
    spec = {"options": [], "answer": ""} if rules.has_options(kind) else rules.specimen(kind)
    return Draft(
        key="new",
        subject=parts[1] if is_place else "",
        chapter_key="/".join(parts[:3]) if is_place else "",
        point_key=node if is_place else "",
        kind=kind,
        stem="",
        spec=spec,
        explanation="",
        difficulty=2,
        source={"kind": "concept"},
        valid_on=day_of(utc_now()),
        tags=(),
    )


def _outline() -> Outline:
    return queries.outline(reading(), on=day_of(utc_now()))


def _places() -> list[tuple[Any, list[Any]]]:
    """Return the chapters of the outline, each with the places in it."""
    nodes = syllabus.nodes(reading())
    chapters = {node.key: (node, list[Any]()) for node in nodes if node.level == "chapter"}
    for node in nodes:
        above = "/".join(node.key.split("/")[:3])
        if node.level not in ("subject", "chapter") and above in chapters:
            chapters[above][1].append(node)
    return list(chapters.values())
