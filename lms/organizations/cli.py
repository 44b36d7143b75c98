import click
from flask.cli import AppGroup

from lms.http.unit_of_work import writing
from lms.kernel.clock import utc_now
from lms.organizations import operations, queries
from lms.organizations.content import regions
from lms.organizations.types import GB_T_2260, OURS, Code, OrganizationKind

group = AppGroup("organizations", help="Regions, stations, departments, schools.")

_KINDS = click.Choice([kind.value for kind in OrganizationKind])


@group.command("load")
def load() -> None:
    """Add the province, its 9 prefectures and 88 counties; what is there stays as it is."""
    with writing() as session:
        new = [one for one in regions() if queries.find_by_code(session, one.code) is None]
        operations.add_tree(session, new, now=utc_now())
    click.echo(f"{len(new)} organizations added")


@group.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--kind", type=_KINDS, required=True)
@click.option("--under", required=True, help="Code of the organization above.")
@click.option("--under-system", default=GB_T_2260, show_default=True)
@click.option("--system", default=OURS, show_default=True, help="Whose code CODE is.")
def add(*, code: str, name: str, kind: str, under: str, under_system: str, system: str) -> None:
    """Add one organization, for example a station under its county.

    Exit status 1 if the code is taken or there is no such organization above.
    """
    with writing() as session:
        parent = queries.by_code(session, Code(under_system, under))
        operations.add(
            session,
            code=code,
            code_system=system,
            kind=OrganizationKind(kind),
            name=name,
            parent_id=parent.id,
            now=utc_now(),
        )
    click.echo(f"{code} {name} < {parent.name}")
