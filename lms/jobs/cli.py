"""``lms jobs``."""

import json
import logging
import os
import threading
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext

from lms.http.services import service
from lms.http.unit_of_work import reading, writing
from lms.jobs import operations, queries
from lms.jobs.operations.office import Office
from lms.jobs.types import JobRow, JobState
from lms.kernel.clock import CHINA, utc_now

group = AppGroup("jobs", help="Long work: work at it, look at it, stop it.")

_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@group.command("work")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1, 16))
@click.option("--once", is_flag=True, help="Do what waits now, then end.")
@click.option("--with-parent", is_flag=True, help="End when the starting process has ended.")
def work(*, threads: int, once: bool, with_parent: bool) -> None:
    """Work at jobs until stopped. ``lms serve`` starts one of these by itself."""
    office, app = service(Office), current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the app itself, for other threads
    worker = office.worker()
    if once:
        worker.sweep()
        for job in reversed(queries.jobs(reading(), state=JobState.QUEUED)):
            worker.work(job.id)
        return

    def perform(job_id: int) -> None:
        with app.app_context():
            worker.work(job_id)

    def sweep() -> None:
        with app.app_context():
            worker.sweep()

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("huey").setLevel(logging.WARNING)
    office.queue.perform, office.queue.sweep = perform, sweep
    if with_parent:
        _end_with(os.getppid(), worker.stopping)
    worker.sweep()
    office.queue.consume(workers=threads, stopping=worker.stopping)


def _end_with(parent: int, stopping: threading.Event) -> None:
    """Stop this process when the one that started it is gone."""

    def watch() -> None:
        while not stopping.wait(2):
            if os.getppid() != parent:
                stopping.set()
                os._exit(0)  # a portion that is open is rolled back; the sweep finds the job

    threading.Thread(target=watch, name="parent", daemon=True).start()


@group.command("list")
@click.option("--state", type=click.Choice([state.value for state in JobState]))
@_json
def list_(*, state: str | None, as_json: bool) -> None:
    """Show the newest jobs."""
    rows = queries.jobs(reading(), state=JobState(state) if state else None)
    if as_json:
        click.echo(json.dumps([_plain(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        click.echo(_line(row))


@group.command("show")
@click.argument("job_id", type=int)
@_json
def show(*, job_id: int, as_json: bool) -> None:
    """Show one job. Exit status 1 if there is none."""
    row = queries.job(reading(), job_id)
    click.echo(json.dumps(_plain(row), ensure_ascii=False) if as_json else _line(row))


@group.command("cancel")
@click.argument("job_id", type=int)
def cancel(job_id: int) -> None:
    """Stop a job; what is committed stays. Exit status 1 if it is over."""
    with writing() as session:
        operations.cancel(session, job_id, actor_id=None, now=utc_now())
    click.echo(_line(queries.job(reading(), job_id)))


@group.command("retry")
@click.argument("job_id", type=int)
def retry(job_id: int) -> None:
    """Let a failed or cancelled job go on where it stopped. Exit status 1 if it is done."""
    with writing() as session:
        put = service(Office).queue.put
        operations.retry(session, job_id, actor_id=None, now=utc_now(), put=put)
    click.echo(_line(queries.job(reading(), job_id)))


def _line(row: JobRow) -> str:
    words = gettext(row.message, **row.values) if row.message else ""
    asked = row.created_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    counted = f"{row.done}/{row.total}" if row.total else "-"
    return f"{row.id:>6} {row.state:<9} {row.kind:<22} {counted:>13} {asked} {words}".rstrip()


def _plain(row: JobRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "owner_id": row.owner_id,
        "total": row.total,
        "done": row.done,
        "message": gettext(row.message, **row.values) if row.message else "",
        "attempts": row.attempts,
        "created_at": row.created_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        "result": row.result,
    }
