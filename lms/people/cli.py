import click
from flask.cli import AppGroup

from lms.http.unit_of_work import writing
from lms.kernel.clock import day_of, utc_now
from lms.organizations import queries as organizations
from lms.organizations.types import GB_T_2260, Code
from lms.people import operations, queries
from lms.people.types import PostKind, Role

group = AppGroup("people", help="Persons, their posts, roles and passwords.")

_password = click.password_option(
    prompt="密码 (password)", confirmation_prompt="再输一次 (again)", help="Asked for if not given."
)
_at = click.option("--at", "code", required=True, help="Code of the organization.")
_system = click.option(
    "--system", default=GB_T_2260, show_default=True, help="Whose code it is: also MCA, bixue."
)


@group.command("add")
@click.argument("user_name")
@click.option("--name", required=True, help="As it is on certificates.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    required=True,
)
@click.option(
    "--post", type=click.Choice([kind.value for kind in PostKind]), help="As what they work there."
)
@click.option("--title", default="", help="What the post is called.")
@_at
@_system
@_password
def add(
    *,
    user_name: str,
    name: str,
    roles: tuple[str, ...],
    post: str | None,
    title: str,
    code: str,
    system: str,
    password: str,
) -> None:
    """Add somebody with one or more roles over an organization, and a post there.

    Exit status 1 if the name is taken, the password too short or the organization unknown.
    """
    now = utc_now()
    with writing() as session:
        place = organizations.by_code(session, Code(system, code))
        person = operations.add_person(
            session, user_name=user_name, name=name, password=password, now=now
        )
        for role in roles:
            operations.grant_role(
                session, person_id=person.id, role=Role(role), organization_id=place.id, now=now
            )
        if post is not None:
            operations.add_post(
                session,
                person_id=person.id,
                organization_id=place.id,
                kind=PostKind(post),
                title=title,
                started_on=day_of(now),
            )
    click.echo(f"{user_name}: {'、'.join(roles)} @ {place.name}")


@group.command("grant")
@click.argument("user_name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@_at
@_system
def grant(user_name: str, role: str, code: str, system: str) -> None:
    """Give somebody a role over an organization and everything below it."""
    now = utc_now()
    with writing() as session:
        place = organizations.by_code(session, Code(system, code))
        person = queries.person_by_user_name(session, user_name)
        operations.grant_role(
            session, person_id=person.id, role=Role(role), organization_id=place.id, now=now
        )
    click.echo(f"{user_name}: {role} @ {place.name}")
