"""Lists: upload one, see what would become of it, confirm, see what became."""

import io
import secrets
from typing import BinaryIO, cast

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.errors import words_of
from lms.http.services import service
from lms.http.unit_of_work import reading, writing
from lms.http.uploads import takes_files, upload_limit
from lms.interop import operations, queries
from lms.interop.content.templates import EXAMPLE, write_template
from lms.interop.forms import ConfirmForm, UploadForm
from lms.interop.operations.asking import expected
from lms.interop.operations.tools import Kind
from lms.interop.rules.words import WORDS, reason_words
from lms.interop.types import Mode, Reason, Verdict
from lms.interop.views.common import bp
from lms.jobs import queries as jobs
from lms.jobs.operations.office import Office
from lms.jobs.types import JobRow
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Conflict, Invalid, NotFound

TITLES = {"people": N_("导入人员"), "organizations": N_("导入单位")}


def _kind(name: str) -> Kind:
    found = operations.KINDS.get(name)
    if found is None:
        raise NotFound("no_list", N_("没有这种名单"))
    return found


def _own(job_id: int, ending: str) -> tuple[JobRow, str]:
    """Return one's own job of an import, and which kind of list it is about.

    :raises NotFound: ``no_job``.
    """
    job = jobs.job(reading(), job_id, owner_id=current_user.id)
    name, _dot, what = job.kind.partition(".")
    if what != ending or name not in operations.KINDS:
        raise NotFound("no_job", N_("没有这个任务"))
    return job, name


@bp.get("/imports")
@needs("people.import")
def overview() -> ResponseReturnValue:
    """Show what can be imported, and one's own imports so far."""
    return render_template("interop/overview.html", titles=TITLES)


@bp.get("/imports/<kind>")
@needs("people.import")
def form(kind: str) -> ResponseReturnValue:
    """Show the form for a list, and which columns it may have."""
    asked = UploadForm(form_key=secrets.token_hex(16))
    return _form(kind, asked)


def _form(kind: str, asked: UploadForm, status: int = 200) -> ResponseReturnValue:
    return (
        render_template(
            "interop/form.html",
            form=asked,
            kind=kind,
            title=TITLES.get(kind, ""),
            columns=_kind(kind).columns,
            megabytes=upload_limit() // 1024 // 1024,
            days=service(Office).days,
        ),
        status,
    )


@bp.post("/imports/<kind>")
@needs("people.import")
@takes_files
def upload(kind: str) -> ResponseReturnValue:
    """Store a list and ask for its preview. The same form sent twice is one preview."""
    _kind(kind)
    asked = UploadForm()
    if not asked.validate():
        return _form(kind, asked, asked.status)
    office = service(Office)
    stored = asked.file.data
    try:
        with writing() as session:
            job_id = operations.ask_preview(
                session,
                service(operations.Tools),
                cast(BinaryIO, stored.stream),
                kind=kind,
                name=stored.filename or "",
                mode=Mode(asked.mode.data),
                encoding=asked.encoding.data,
                owner_id=current_user.id,
                now=utc_now(),
                put=office.queue.put,
                idempotency_key=f"upload:{current_user.id}:{asked.form_key.data}",
            )
    except Invalid as refusal:
        asked.file.errors = [words_of(refusal)]
        return _form(kind, asked, 422)
    finally:
        stored.close()  # a large one lies in a temporary file
    return redirect(url_for(".preview", job_id=job_id), code=303)


@bp.get("/imports/<kind>/template.<file_format>")
@needs("people.import")
def template(kind: str, file_format: str) -> ResponseReturnValue:
    """Send an empty list to fill in, with a sheet of notes."""
    columns = _kind(kind).columns
    if file_format not in {"xlsx", "csv"}:
        raise NotFound("no_file", N_("没有这个文件"))
    target = io.BytesIO()
    write_template(target, columns, file_format)
    response = Response(target.getvalue(), mimetype="application/octet-stream")
    name = f"{EXAMPLE[kind]}.{file_format}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/imports/preview/<int:job_id>")
@needs("people.import")
def preview(job_id: int) -> ResponseReturnValue:
    """Show what would become of each row of a list; nothing is written yet."""
    job, kind = _own(job_id, "check")
    session = reading()
    choices = queries.choices(session, job_id)
    return render_template(
        "interop/preview.html",
        job=job,
        kind=kind,
        title=TITLES[kind],
        choices=choices,
        writes=expected(job, len(choices)),
        import_id=queries.import_of(session, job_id),
        form=ConfirmForm(),
        **_rows(job, kind),
    )


def _rows(job: JobRow, kind: str) -> dict[str, object]:
    """Return what the list of rows on a page needs."""
    asked = request.args.get("verdict", "")
    verdict = Verdict(asked) if asked in set(Verdict) else None
    after = request.args.get("after", default=0, type=row_number)
    rows = queries.judged_rows(reading(), job.id, verdict=verdict, after=after)
    labels = _kind(kind).labels()

    def why(reason: Reason, row: int) -> str:
        return reason_words(reason, row, _)

    return {
        "rows": rows[: queries.PAGE],
        "more": rows[queries.PAGE - 1].row if len(rows) > queries.PAGE else None,
        "verdict": verdict,
        "words": WORDS,
        "labels": labels,
        "why": why,
        "counts": (job.result or {}).get("counts", {}),
    }


@bp.post("/imports/preview/<int:job_id>/choices")
@needs("people.import")
def choose(job_id: int) -> ResponseReturnValue:
    """Keep what somebody says about possible duplicates."""
    job, _name = _own(job_id, "check")
    said = {}
    for field, choice in request.form.items():
        word, _dash, number = field.partition("-")
        if word == "row" and number.isascii() and number.isdecimal() and len(number) < 10:
            said[int(number)] = choice
    with writing() as session:
        operations.choose(session, job, said, actor_id=current_user.id, now=utc_now())
    flash(_("已记下您的判断"))
    return redirect(url_for(".preview", job_id=job_id, verdict="possible"), code=303)


@bp.post("/imports/preview/<int:job_id>/confirm")
@needs("people.import")
def confirm(job_id: int) -> ResponseReturnValue:
    """Start the import that a preview has shown. Confirmed twice, it is one import."""
    job, _name = _own(job_id, "check")
    asked = ConfirmForm()
    typed = asked.typed.data if asked.validate() else None
    try:
        with writing() as session:
            import_id = operations.ask_import(
                session,
                job,
                owner_id=current_user.id,
                now=utc_now(),
                put=service(Office).queue.put,
                typed=typed,
            )
    except Conflict as refusal:
        flash(words_of(refusal), "danger")
        return redirect(url_for(".preview", job_id=job_id, _anchor="confirm"), code=303)
    return redirect(url_for(".outcome", job_id=import_id), code=303)


@bp.get("/imports/outcome/<int:job_id>")
@needs("people.import")
def outcome(job_id: int) -> ResponseReturnValue:
    """Show how far an import is and what became of each row."""
    job, kind = _own(job_id, "import")
    return render_template(
        "interop/outcome.html",
        job=job,
        kind=kind,
        title=TITLES[kind],
        days=service(Office).days,
        **_rows(job, kind),
    )
