"""``lms serve``."""

import os

import click
from flask import current_app
from flask.cli import with_appcontext

from lms.http.extensions import db
from lms.kernel.databases import parse_url
from lms.kernel.errors import N_, Conflict
from lms.migrations import runner
from lms.web.housekeeping import Housekeeper
from lms.web.serve import check_port, run


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--jobs/--no-jobs", "works_at_jobs", default=True, help="Also work at jobs.")
@with_appcontext
def serve(*, host: str, port: int, workers: int, threads: int, works_at_jobs: bool) -> None:
    """Run the server. The database must have the newest schema (``lms db upgrade``)."""
    check_port(host, port)
    with db.engine.connect() as connection:
        schema = runner.state(connection)
    if not schema.is_current:
        raise Conflict("schema_behind", N_("数据库结构不是最新的，请先运行 lms db upgrade"))
    start(host=host, port=port, workers=workers, threads=threads, works_at_jobs=works_at_jobs)


def start(*, host: str, port: int, workers: int, threads: int, works_at_jobs: bool = True) -> None:
    """Serve with the settings of the current application until stopped."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the app itself, for another thread
    # worker processes build their own application from the same settings
    url = parse_url(app.config["SQLALCHEMY_DATABASE_URI"])
    os.environ["LMS_DATABASE_URL"] = url.render_as_string(hide_password=False)
    os.environ["LMS_SECRET_KEY"] = app.config["SECRET_KEY"]
    os.environ["LMS_SECOND_FACTOR"] = app.config["SECOND_FACTOR"]
    db.engine.dispose()
    click.echo(f"必学 http://{host}:{port}")
    run(
        host=host,
        port=port,
        workers=workers,
        threads=threads,
        keep_house=Housekeeper(app),
        works_at_jobs=works_at_jobs,
    )
