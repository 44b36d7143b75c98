"""The office of jobs: which kinds there are, and with what they are worked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from lms.exam_sessions import operations as exam_sessions
from lms.exams import operations as exams
from lms.http import services
from lms.http.extensions import db
from lms.http.unit_of_work import VAULT, writing
from lms.interop import operations as interop
from lms.jobs.operations import Worker
from lms.jobs.operations.office import Office
from lms.jobs.operations.queue import Queue
from lms.kernel.clock import utc_now
from lms.kernel.files import Store
from lms.kernel.vault import Vault
from lms.web import settings


def open_office(app: Flask) -> None:
    """Give an application its office, and the imports their tools.

    :raises Invalid: ``bad_queue_url``.
    """
    vault: Vault = app.extensions[VAULT]
    folder = Path(app.config.get("FILES") or settings.home() / "files")
    queue = Queue(
        str(app.config["JOBS_URL"]), folder=settings.home(), secret=app.config["SECRET_KEY"]
    )
    store = Store(folder, vault.keys)
    tools = interop.Tools(
        vault=vault,
        store=store,
        changed_percent=int(app.config["IMPORT_CHANGED_PERCENT"]),
        refused_percent=int(app.config["IMPORT_REFUSED_PERCENT"]),
        upload_limit=int(app.config["UPLOAD_LIMIT"]),
        days=int(app.config["FILES_DAYS"]),
    )
    kinds = {
        kind.name: kind for kind in (*interop.kinds(tools), *exams.kinds(), *exam_sessions.kinds())
    }

    def worker() -> Worker:
        return Worker(
            writing=writing,
            reading=glance,
            kinds=kinds,
            clock=utc_now,
            store=store,
            put=queue.put,
        )

    services.provide(app, tools)
    services.provide(app, Office(kinds, queue, store, worker, days=tools.days))


@contextmanager
def glance() -> Iterator[Session]:
    """Open a transaction that only reads, and end it: a worker sees the newest state each time."""
    session = db.session()
    session.rollback()
    try:
        yield session
    finally:
        session.rollback()
