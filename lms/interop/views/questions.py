"""Questions come in: upload a file, see what would become of each, tick, confirm, see the end."""

import secrets
from collections.abc import Mapping
from typing import Any, cast

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it

from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.errors import words_of
from lms.http.markdown import render
from lms.http.services import service
from lms.http.unit_of_work import reading, writing
from lms.http.uploads import takes_files, upload_limit
from lms.interop import operations, queries
from lms.interop.forms import QuestionUploadForm
from lms.interop.operations import bank, bank_asking
from lms.interop.rules import all_formats, format_named
from lms.interop.rules.differences import WORDS, change_words, note_words
from lms.interop.rules.samples import samples
from lms.interop.types import Note
from lms.interop.types.bridge import OFFERS, TAKES, Defaults, JudgedQuestion, Standing
from lms.interop.views.common import bp
from lms.jobs import queries as jobs
from lms.jobs.operations.office import Office
from lms.jobs.types import JobRow
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Conflict, DomainError, Invalid, NotFound
from lms.question_bank import rules as questions
from lms.question_bank.showing import show
from lms.question_bank.types import Draft, Marking
from lms.syllabus import queries as syllabus

_MOST = 200
"""Questions of which one page can speak, ticked or not."""


def own(job_id: int, kind: str) -> JobRow:
    """Return one's own job of a kind.

    :raises NotFound: ``no_job``.
    """
    job = jobs.job(reading(), job_id, owner_id=current_user.id)
    if job.kind != kind:
        raise NotFound("no_job", N_("没有这个任务"))
    return job


@bp.get("/teaching/bank/import")
@needs("bank.exchange")
def question_form() -> ResponseReturnValue:
    """Show the form for a file of questions, and what each format is."""
    return _form(_filled(QuestionUploadForm(form_key=secrets.token_hex(16))))


def _filled(form: QuestionUploadForm) -> QuestionUploadForm:
    """Give a form its choices: formats, places of the outline."""
    formats = [SelectChoice(name, _(one.label)) for name, one in sorted(all_formats().items())]
    form.format.choices = [SelectChoice("", _l("自动识别")), *formats]
    nodes = [node for node in syllabus.nodes(reading()) if node.key.count("/") > 1]
    places = [
        SelectChoice(node.key, "　" * (node.key.count("/") - 2) + f"{node.key} {node.title}")
        for node in nodes
    ]
    form.place.choices = [SelectChoice("", _l("先不放，以后再说")), *places]
    return form


def _form(form: QuestionUploadForm, status: int = 200) -> ResponseReturnValue:
    return (
        render_template(
            "interop/question_form.html",
            form=form,
            formats=[one for _name, one in sorted(all_formats().items())],
            megabytes=upload_limit() // 1024 // 1024,
            days=service(Office).days,
        ),
        status,
    )


@bp.post("/teaching/bank/import")
@needs("bank.exchange")
@takes_files
def question_upload() -> ResponseReturnValue:
    """Store a file of questions and ask for its preview. The same form sent twice is one."""
    form = _filled(QuestionUploadForm())
    if not form.validate():
        return _form(form, form.status)
    stored = form.file.data
    try:
        with writing() as session:
            job_id = bank_asking.ask_check(
                session,
                service(operations.Tools),
                cast(Any, stored.stream),
                name=stored.filename or "",
                source_format=form.format.data,
                encoding=form.encoding.data,
                defaults=_defaults(form),
                owner_id=current_user.id,
                now=utc_now(),
                put=service(Office).queue.put,
                idempotency_key=f"questions:{current_user.id}:{form.form_key.data}",
            )
    except Invalid as refusal:
        form.file.errors = [words_of(refusal)]
        return _form(form, 422)
    finally:
        stored.close()  # a large one lies in a temporary file
    return redirect(url_for(".question_preview", job_id=job_id), code=303)


def _defaults(form: QuestionUploadForm) -> Defaults:
    place = form.place.data
    parts = place.split("/")
    tags = str(form.tags.data or "").replace("，", ",").replace("、", ",").split(",")
    return Defaults(
        subject=parts[1] if place else "",
        chapter="/".join(parts[:3]),
        point=place,
        difficulty=int(form.difficulty.data),
        source=bank.source_said(form.resting_on.data or ""),
        valid_on=form.valid_on.data,
        tags=tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip())),
    )


@bp.get("/teaching/bank/import/template.<file_format>")
@needs("bank.exchange")
def question_template(file_format: str) -> ResponseReturnValue:
    """Send a table with a question of each sort, to be written over."""
    named = {"xlsx": "spreadsheet", "csv": "csv", "docx": "docx", "gift": "gift", "toml": "toml"}
    if file_format not in named:
        raise NotFound("no_file", N_("没有这个文件"))
    target = format_named(named[file_format])
    carried = [item for item in samples() if item.kind in target.kinds]
    response = Response(target.write(carried), mimetype="application/octet-stream")
    name = f"试题导入模板.{file_format}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/teaching/bank/import/<int:job_id>")
@needs("bank.exchange")
def question_preview(job_id: int) -> ResponseReturnValue:
    """Show what would become of each question of a file; nothing is written yet."""
    job = own(job_id, "questions.check")
    session = reading()
    choices = queries.choices(session, job_id)
    return render_template(
        "interop/question_preview.html",
        job=job,
        choices=choices,
        writes=bank_asking.ticked(job, choices),
        import_id=queries.import_of(session, job_id),
        takes=TAKES,
        offers=OFFERS,
        **_rows(job),
    )


def _rows(job: JobRow) -> dict[str, Any]:
    """Return what the list of questions on a page needs."""
    asked = request.args.get("standing", "")
    standing = Standing(asked) if asked in set(Standing) else None
    after = request.args.get("after", default=0, type=row_number)
    found = queries.judged_questions(reading(), job.id, standing=standing, after=after)
    shown = found[: queries.QUESTIONS]
    notes = (job.result or {}).get("notes", [])
    return {
        "rows": [(row, _shown(row.draft) if row.draft else None) for row in shown],
        "more": shown[-1].number if len(found) > queries.QUESTIONS else None,
        "after": after,
        "standing": standing,
        "words": WORDS,
        "told": told,
        "changed": changed,
        "named": _named,
        "file_notes": [told(Note("", message, line, "", tuple(params.items())))
                       for message, params, line in notes],
        "counts": (job.result or {}).get("counts", {}),
    }  # fmt: skip


def told(note: Note) -> str:
    """Return a note in the reader's language."""
    return note_words(note, _)


def changed(change: Mapping[str, Any]) -> str:
    """Return a change in the reader's language."""
    return change_words(change, _)


def _named(row: JudgedQuestion) -> str:
    """Return which question another one is, in words: of the bank, or of the same file."""
    return _("本文件第 %(n)s 题", n=row.of[1:]) if row.of.startswith("#") else row.of


def _shown(draft: Draft) -> dict[str, Any]:
    """Return a working text as a learner would see it, its key, and what belongs to it."""
    right = questions.key(draft.kind, draft.spec)
    outcomes = questions.explain(draft.kind, draft.spec, right, Marking.whole())
    return {
        "question": show(draft.kind, draft.stem, draft.spec),
        "kind": questions.kind_named(draft.kind).label,
        "right": [outcome.right for outcome in outcomes],
        "explanation": render(draft.explanation) if draft.explanation else "",
        "draft": draft,
    }


def _ticks(job: JobRow) -> None:
    """Keep which questions of the page that was sent have a tick."""
    shown = _numbers("shown")
    standing = request.form.get("standing", "")
    every = request.form.get("every", "")
    with writing() as session:
        if every in {bank.TAKE, bank.LEAVE} and standing in set(Standing):
            bank_asking.tick_all(
                session,
                job,
                Standing(standing),
                wanted=every == bank.TAKE,
                actor_id=current_user.id,
                now=utc_now(),
            )
        elif shown:
            bank_asking.tick(
                session,
                job,
                shown=shown,
                chosen=_numbers("take"),
                actor_id=current_user.id,
                now=utc_now(),
            )


def _numbers(name: str) -> list[int]:
    sent = request.form.getlist(name)[:_MOST]
    return [int(one) for one in sent if one.isascii() and one.isdecimal() and len(one) < 10]


@bp.post("/teaching/bank/import/<int:job_id>/ticks")
@needs("bank.exchange")
def question_ticks(job_id: int) -> ResponseReturnValue:
    """Keep the ticks of a page."""
    job = own(job_id, "questions.check")
    try:
        _ticks(job)
    except Conflict as refusal:
        flash(words_of(refusal), "danger")
    else:
        flash(_("已记下您的选择"))
    standing = request.form.get("standing") or None
    after = request.form.get("next", default=0, type=row_number) or None
    place = url_for(".question_preview", job_id=job_id, after=after, standing=standing)
    return redirect(place, code=303)


@bp.post("/teaching/bank/import/<int:job_id>/confirm")
@needs("bank.exchange")
def question_confirm(job_id: int) -> ResponseReturnValue:
    """Start the import that a preview has shown. Confirmed twice, it is one import."""
    job = own(job_id, "questions.check")
    started = queries.import_of(reading(), job_id)
    if started is not None:
        return redirect(url_for(".question_outcome", job_id=started), code=303)
    try:
        _ticks(job)
        with writing() as session:
            import_id = bank_asking.ask_import(
                session,
                job,
                owner_id=current_user.id,
                now=utc_now(),
                put=service(Office).queue.put,
            )
    except DomainError as refusal:
        flash(words_of(refusal), "danger")
        return redirect(url_for(".question_preview", job_id=job_id, _anchor="confirm"), code=303)
    return redirect(url_for(".question_outcome", job_id=import_id), code=303)


@bp.get("/teaching/bank/import/outcome/<int:job_id>")
@needs("bank.exchange")
def question_outcome(job_id: int) -> ResponseReturnValue:
    """Show how far an import is and what became of each question."""
    job = own(job_id, "questions.import")
    return render_template("interop/question_outcome.html", job=job, **_rows(job))
