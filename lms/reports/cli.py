from datetime import timedelta

import click
from flask.cli import AppGroup

from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now
from lms.privacy import operations as privacy
from lms.privacy import queries
from lms.privacy.rules.retention import CORRECTIONS
from lms.reports import operations

group = AppGroup("privacy", help="What the rules of personal data ask to be done in time.")


@group.command("tidy")
def tidy() -> None:
    """Close accounts whose cooling period is over; erase what was kept long enough."""
    closed, erased = close_accounts(), erase_content()
    click.echo(f"{closed} accounts closed, {erased} requests emptied")


def close_accounts() -> int:
    """Close the accounts that are due, in portions; who writes waits only if there are some."""
    closed, due = 0, bool(queries.due_closings(reading(), now=utc_now(), at_most=1))
    while due:
        with writing() as session:
            done = operations.close_due_accounts(session, now=utc_now())
        closed, due = closed + done, done > 0
    return closed


def erase_content() -> int:
    """Erase the content of correction requests that were answered long enough ago, in portions."""
    now = utc_now()
    before = now - timedelta(days=queries.days_of(reading(), CORRECTIONS))
    erased, due = 0, queries.has_answered_before(reading(), before)
    while due:
        with writing() as session:
            done = privacy.erase_answered(session, before=before, now=now)
        erased, due = erased + done, done > 0
    return erased
