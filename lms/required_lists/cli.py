from datetime import date

import click
from flask.cli import AppGroup

from lms.http.unit_of_work import writing
from lms.kernel.clock import day_of, utc_now
from lms.required_lists import operations

group = AppGroup("lists", help="Required-learning lists.")


@group.command("assign")
@click.argument("list_key")
@click.option("--on", type=date.fromisoformat, help="The day deadlines count from; today.")
def assign(list_key: str, on: date | None) -> None:
    """Assign a list to everybody whose post is of its audience. Repeat it for newcomers.

    Exit status 1 if there is no such list or it was retired.
    """
    now = utc_now()
    with writing() as session:
        count = operations.assign_by_audience(
            session, list_key=list_key, on=on or day_of(now), now=now
        )
    click.echo(f"{count} learners assigned")
