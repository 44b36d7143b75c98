import sys

import click
from flask.cli import AppGroup

from lms.http.extensions import db
from lms.kernel.clock import utc_now
from lms.migrations import runner

group = AppGroup("db", help="The database's schema.")


@group.command("upgrade")
def upgrade() -> None:
    """Run every migration that has not run yet."""
    runner.upgrade(db.engine)
    with db.engine.connect() as connection:
        click.echo(f"schema {runner.state(connection).current}")


@group.command("state")
def state() -> None:
    """Say how far the schema is. Exit status 1 if migrations are waiting."""
    with db.engine.connect() as connection:
        found = runner.state(connection)
    click.echo(f"current {found.current or 'none'}, newest {found.newest}")
    sys.exit(0 if found.is_current else 1)


@group.command("revision")
@click.argument("name")
def revision(name: str) -> None:
    """Write a migration TABLE__ACT from what the models say and the database does not have."""
    number = utc_now().strftime("%Y%m%d%H%M")
    click.echo(str(runner.write_revision(db.engine, number=number, name=name)))
