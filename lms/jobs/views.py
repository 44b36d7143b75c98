"""Pages about jobs: one's own, how far each is, what came of it."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.services import service
from lms.http.unit_of_work import reading, writing
from lms.jobs import operations, queries
from lms.jobs.operations.office import Office
from lms.jobs.types import JobRow, JobState
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, NotFound

bp = Blueprint("jobs", __name__)

_JSON = "application/json"
_SEES_ALL = "administrator"
"""The role whose holders see everybody's jobs, in their own subtree. The room of roles is above
this one."""

_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def _scope() -> frozenset[int]:
    """Return in whose subtrees everybody's jobs may be seen, besides one's own."""
    return frozenset(g.organization_id for g in current_user.grants if g.role == _SEES_ALL)


def _page_of(job: JobRow) -> str | None:
    """Return the address at which the room of a job shows what came of it."""
    kind = service(Office).kinds.get(job.kind)
    return url_for(kind.page, job_id=job.id) if kind and kind.page else None


@bp.get("/jobs")
@needs("jobs.view")
def overview() -> ResponseReturnValue:
    """Show one's own jobs, newest first; an administrator's subtree's too."""
    asked = request.args.get("state", "")
    state = JobState(asked) if asked in set(JobState) else None
    rows = queries.jobs(
        reading(),
        owner_id=current_user.id,
        scope=_scope(),
        state=state,
        before=request.args.get("before", type=row_number),
    )
    return render_template(
        "jobs/overview.html",
        rows=rows[: queries.PAGE],
        more=rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None,
        state=state,
        label=service(Office).label,
    )


@bp.get("/jobs/<int:job_id>")
@needs("jobs.view")
def show(job_id: int) -> ResponseReturnValue:
    """Show how far a job is and what came of it; as JSON for the page that watches."""
    job = queries.job(reading(), job_id, owner_id=current_user.id, scope=_scope())
    if request.accept_mimetypes.best_match(["text/html", "application/json"], "") == _JSON:
        return jsonify(_progress(job))
    office = service(Office)
    return render_template(
        "jobs/show.html",
        job=job,
        label=office.label(job.kind),
        page=_page_of(job),
        days=office.days,
        is_own=job.owner_id == current_user.id,
    )


def _progress(job: JobRow) -> dict[str, Any]:
    return {
        "state": job.state,
        "percent": job.percent,
        "done": job.done,
        "total": job.total,
        "message": _(job.message, **job.values) if job.message else "",
        "open": job.is_open,
    }


@bp.get("/jobs/<int:job_id>/result.<form>")
@needs("jobs.view")
def result(job_id: int, form: str) -> ResponseReturnValue:
    """Send a file that one's own job has made: nobody else, not even an administrator, gets it."""
    job = queries.job(reading(), job_id, owner_id=current_user.id)
    if form not in job.files or form not in _MEDIA:
        raise NotFound("no_file", N_("没有这个文件"))
    stored = queries.stored_file(reading(), job.files[form], owner_id=current_user.id)
    response = Response(service(Office).store.pieces(stored.key), mimetype=_MEDIA[form])
    response.headers.set("Content-Disposition", "attachment", filename=stored.name)
    response.headers["Cache-Control"] = "private, no-store"
    response.content_length = stored.size
    return response


@bp.post("/jobs/<int:job_id>/cancel")
@needs("jobs.view")
def cancel(job_id: int) -> ResponseReturnValue:
    """Stop a job. What is committed stays."""
    with writing() as session:
        job = queries.job(session, job_id, owner_id=current_user.id, scope=_scope())
        operations.cancel(session, job.id, actor_id=current_user.id, now=utc_now())
    return redirect(url_for(".show", job_id=job_id), code=303)


@bp.post("/jobs/<int:job_id>/retry")
@needs("jobs.view")
def retry(job_id: int) -> ResponseReturnValue:
    """Let a failed or cancelled job go on where it stopped."""
    put = service(Office).queue.put
    with writing() as session:
        job = queries.job(session, job_id, owner_id=current_user.id, scope=_scope())
        operations.retry(session, job.id, actor_id=current_user.id, now=utc_now(), put=put)
    return redirect(url_for(".show", job_id=job_id), code=303)
