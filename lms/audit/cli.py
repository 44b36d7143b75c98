import sys

import click
from flask.cli import AppGroup

from lms.audit import operations, queries
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now

group = AppGroup("audit", help="The audit trail.")


@group.command("seal")
def seal() -> None:
    """Chain the entries that are not chained yet."""
    with writing() as session:
        count = operations.seal(session, now=utc_now())
    click.echo(f"{count} entries sealed")


@group.command("verify")
def verify() -> None:
    """Seal what is new, then check every entry against the chain.

    Exit status 0 if the trail is as it was written, 1 if an entry was edited or is missing.
    """
    with writing() as session:
        operations.seal(session, now=utc_now())
    verdict = queries.verify(reading())
    for fault in verdict.faults:
        click.echo(f"link {fault.number}, entry {fault.entry_id}: {fault.what}", err=True)
    click.echo(f"{verdict.links} entries checked, head {verdict.head}")
    sys.exit(1 if verdict.faults else 0)
