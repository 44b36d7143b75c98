"""Questions go out: choose which and in which format, hear what it cannot carry, take the file."""

import secrets
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it

from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.services import service
from lms.http.unit_of_work import reading, writing
from lms.interop.forms import QuestionExportForm
from lms.interop.operations import bank_asking
from lms.interop.rules import all_formats
from lms.interop.types import Note
from lms.interop.views.common import bp
from lms.interop.views.questions import own, told
from lms.jobs import queries as jobs
from lms.jobs.operations.office import Office
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, NotFound
from lms.question_bank import queries as bank
from lms.question_bank.types import Filters

_ASKED = {"q": "words", "node": "node", "subject": "subject", "kind": "kind", "state": "state",
          "law": "law"}  # fmt: skip
"""Word of an address -> field of :class:`Filters`: the same as in the bank's own search."""


def _filters() -> Filters:
    """Read what is looked for, from the address or the form."""
    sent = request.values
    difficulty = sent.get("difficulty", type=row_number) or 0
    said = {name: sent.get(word, "").strip() for word, name in _ASKED.items()}
    return Filters(**said, difficulty=difficulty if difficulty in {1, 2, 3} else 0)


def _asked(filters: Filters) -> dict[str, str]:
    """Return the fields of a form that say the same."""
    found = {word: str(getattr(filters, name)) for word, name in _ASKED.items()}
    found["difficulty"] = str(filters.difficulty or "")
    return {word: value for word, value in found.items() if value}


def _form(form: QuestionExportForm, status: int = 200) -> ResponseReturnValue:
    filters = _filters()
    return (
        render_template(
            "interop/export_form.html",
            form=form,
            formats=dict(sorted(all_formats().items())),
            asked=_asked(filters),
            number=bank.how_many(reading(), filters),
        ),
        status,
    )


def _filled(form: QuestionExportForm) -> QuestionExportForm:
    formats = sorted(all_formats().items())
    form.format.choices = [SelectChoice(name, _(one.label)) for name, one in formats]
    return form


@bp.get("/teaching/bank/export")
@needs("bank.exchange")
def export_form() -> ResponseReturnValue:
    """Show how many questions would go out, and what each format cannot carry."""
    return _form(_filled(QuestionExportForm(form_key=secrets.token_hex(16))))


@bp.post("/teaching/bank/export")
@needs("bank.exchange")
def export_asked() -> ResponseReturnValue:
    """Ask for the file. The same form sent twice is one file."""
    form = _filled(QuestionExportForm())
    if not form.validate():
        return _form(form, form.status)
    with writing() as session:
        job_id = bank_asking.ask_export(
            session,
            filters=_filters(),
            target=form.format.data,
            owner_id=current_user.id,
            now=utc_now(),
            put=service(Office).queue.put,
            idempotency_key=f"export:{current_user.id}:{form.form_key.data}",
        )
    return redirect(url_for(".question_export", job_id=job_id), code=303)


@bp.get("/teaching/bank/export/<int:job_id>")
@needs("bank.exchange")
def question_export(job_id: int) -> ResponseReturnValue:
    """Show how far an export is; then what the format could not carry, and the file."""
    job = own(job_id, "questions.export")
    lost: list[dict[str, Any]] = [
        {"words": told(Note("", message, params=tuple(params.items()))), "number": number}
        for message, params, number in (job.result or {}).get("lost", [])
    ]
    return render_template(
        "interop/question_export.html",
        job=job,
        target=all_formats().get(str(job.arguments["format"])),
        lost=lost,
        days=service(Office).days,
    )


@bp.get("/teaching/bank/export/<int:job_id>/file")
@needs("bank.exchange")
def export_file(job_id: int) -> ResponseReturnValue:
    """Send the file that one's own export has made."""
    job = own(job_id, "questions.export")
    file_id = next(iter(job.files.values()), None)
    if file_id is None:
        raise NotFound("no_file", N_("没有这个文件"))
    stored = jobs.stored_file(reading(), file_id, owner_id=current_user.id)
    pieces = service(Office).store.pieces(stored.key)
    response = Response(pieces, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=stored.name)
    response.headers["Cache-Control"] = "private, no-store"
    response.content_length = stored.size
    return response
