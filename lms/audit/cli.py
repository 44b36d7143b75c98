import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from lms.audit import operations, queries
from lms.audit.rules import read_csv, read_lines
from lms.audit.types import Fault
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import CHINA, utc_now

group = AppGroup("audit", help="The audit trail.")


@group.command("seal")
def seal() -> None:
    """Chain the entries that are not chained yet."""
    with writing() as session:
        count = operations.seal(session, now=utc_now())
    click.echo(f"{count} entries sealed")


@group.command("verify")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only from this day on.")
@click.option("--json", "as_json", is_flag=True, help="Print one object of JSON.")
@click.option(
    "--export",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check an exported file against the chain instead.",
)
def verify(since: datetime | None, export: Path | None, *, as_json: bool) -> None:
    """Seal what is new, then check every entry against the chain, and keep what was found.

    Exit status 0 if the trail is as it was written, 1 if an entry was edited or is missing.
    """
    if export is not None:
        _verify_export(export, as_json=as_json)
        return
    with writing() as session:
        operations.seal(session, now=utc_now())
    first = 1
    if since is not None:
        begins = since.replace(tzinfo=CHINA).astimezone(UTC)
        first = queries.first_number_since(reading(), begins)
    verdict = queries.verify(reading(), first_number=first)
    with writing() as session:
        operations.note_check(session, verdict, now=utc_now())
    if as_json:
        click.echo(json.dumps({"ok": not verdict.faults} | asdict(verdict)))
    else:
        _tell(verdict.faults)
        click.echo(f"{verdict.links} entries checked, head {verdict.head}")
    sys.exit(1 if verdict.faults else 0)


def _verify_export(path: Path, *, as_json: bool) -> None:
    """Check a file that the page exported. Its ending says which kind it is."""
    with path.open(encoding="utf-8-sig", newline="") as source:
        lines = read_csv(source) if path.suffix.lower() == ".csv" else read_lines(source)
        faults = tuple(queries.export_faults(reading(), lines))
    if as_json:
        click.echo(json.dumps({"ok": not faults, "faults": [asdict(fault) for fault in faults]}))
    else:
        _tell(faults)
        click.echo(f"{path.name}: {'not ' if faults else ''}as it was written")
    sys.exit(1 if faults else 0)


def _tell(faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        click.echo(f"link {fault.number}, entry {fault.entry_id}: {fault.what}", err=True)
