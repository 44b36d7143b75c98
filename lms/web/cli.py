"""The command ``lms``: every feature's commands, and ``demo`` and ``serve``."""

import sys

import click
from flask.cli import FlaskGroup

from lms.kernel.databases import DatabaseFault
from lms.kernel.errors import DomainError
from lms.web.app import create_app
from lms.web.demo_cli import demo


@click.group(
    cls=FlaskGroup,
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    help="必学: learning, exam practice, certification and credential checking.",
)
def group() -> None:
    """The root of all commands."""


group.add_command(demo)  # it makes an application of its own, on a database of its own


def main() -> None:
    """Run the command line; a refusal or a failing database is a sentence, not a traceback.

    Exit status 1 for those, 2 for a wrong use of a command.
    """
    try:
        group.main(prog_name="lms")
    except DomainError as refusal:
        click.echo(f"lms: {refusal}", err=True)
        sys.exit(1)
    except DatabaseFault as fault:
        reason = getattr(fault, "orig", None) or fault
        click.echo(f"lms: 数据库出错 (database): {reason}", err=True)
        if "no such table" in str(reason) or "does not exist" in str(reason):
            click.echo("lms: 数据库还没有建好，请先运行 lms db upgrade", err=True)
        sys.exit(1)
