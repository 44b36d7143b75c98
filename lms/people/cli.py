import click
from flask import current_app
from flask.cli import AppGroup
from tqdm import tqdm

from lms.http.unit_of_work import reading, resealers, vault, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, NotFound
from lms.kernel.vault import new_key as fresh_key
from lms.organizations import queries as organizations
from lms.organizations.types import GB_T_2260, Code
from lms.people import operations, queries
from lms.people.operations import ABOVE, Above
from lms.people.rules import check_document_number, clean_name, read_phone
from lms.people.types import DocumentKind, Grant, PostKind, Role

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
            session, user_name=user_name, name=clean_name(name), password=password, now=now
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


@group.command("revoke")
@click.argument("user_name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@_at
@_system
def revoke(user_name: str, role: str, code: str, system: str) -> None:
    """Take a role over an organization back, at once.

    Exit status 1 if they do not have it, or are the last security officer.
    """
    with writing() as session:
        place = organizations.by_code(session, Code(system, code))
        person = queries.person_by_user_name(session, user_name)
        wanted = Grant(Role(role), place.id)
        held = next((h for h in queries.roles_of(session, person.id) if h.grant == wanted), None)
        if held is None:
            raise NotFound("no_grant", N_("没有授予过这个角色"))
        operations.revoke_role(
            session, person_id=person.id, grant_id=held.id, actor=None, now=utc_now()
        )
    click.echo(f"{user_name}: - {role} @ {place.name}")


@group.command("show")
@click.argument("user_name")
def show(user_name: str) -> None:
    """Show a file: posts, roles, former names; numbers masked."""
    session, today = reading(), day_of(utc_now())
    person = queries.person_by_user_name(session, user_name)
    file = queries.file_of(session, person, vault())
    click.echo(f"{file.name}\t{file.user_name}\tperson:{file.id}")
    if file.merged_into_id is not None:
        survivor = queries.person(session, file.merged_into_id)
        click.echo(f"  -> {survivor.user_name}")
    for number in file.numbers:
        click.echo(f"  {number.what}\t{number.shown}")
    for post in file.posts:
        ended = post.post.ended_on or ""
        click.echo(f"  post\t{post.post.kind}\t{post.unit}\t{post.post.started_on}..{ended}")
    for held in file.roles:
        if not held.is_over(today):
            click.echo(f"  role\t{held.grant.role}\t{held.unit}\t..{held.ends_on or ''}")
    for former in file.former_names:
        click.echo(f"  formerly\t{former.name}")
    for merge in queries.merges_of(session, person.id):
        undone = " (undone)" if merge.undone_at else ""
        click.echo(f"  merge {merge.id}\t{merge.duplicate_name}{undone}")


@group.command("find")
@click.option("--name", default="", help="Part of a present or former name.")
@click.option("--phone", "asks_phone", is_flag=True, help="Ask for a phone number.")
@click.option(
    "--document",
    type=click.Choice([kind.value for kind in DocumentKind]),
    help="Ask for the number of a document of this kind.",
)
def find(*, name: str, asks_phone: bool, document: str | None) -> None:
    """Find people by name, phone or document. Numbers are asked for: arguments are logged.

    Exit status 1 if nobody is found.
    """
    session, today = reading(), day_of(utc_now())
    found: set[int] = set()
    if asks_phone:
        typed = read_phone(click.prompt("手机号 (phone)", hide_input=True))
        found |= {queries.find_by_phone(session, typed, vault=vault()) or 0}
    if document is not None:
        kind = DocumentKind(document)
        typed = click.prompt("号码 (number)", hide_input=True)
        number = check_document_number(kind, typed, on=today)
        found |= {queries.find_by_document(session, kind, number, vault=vault()) or 0}
    if name:
        found |= set(queries.people_named(session, name))
    lines = queries.lines_of(session, found, on=today)
    for line in lines:
        units = "、".join(post.unit for post in line.posts)
        click.echo(f"{line.user_name}\t{line.name}\t{units}")
    if not lines:
        raise NotFound("no_person", N_("没有这个人"))


@group.command("merge")
@click.argument("survivor")
@click.argument("duplicate")
@click.option("--reason", required=True, help="Why they are one person.")
@click.option("--different-documents", is_flag=True, help="Although their identity numbers differ.")
def merge(*, survivor: str, duplicate: str, reason: str, different_documents: bool) -> None:
    """Merge the file of DUPLICATE into that of SURVIVOR (user names)."""
    with writing() as session:
        merge_id = operations.merge(
            session,
            survivor_id=queries.person_by_user_name(session, survivor).id,
            duplicate_id=queries.person_by_user_name(session, duplicate).id,
            reason=reason,
            different_confirmed=different_documents,
            vault=vault(),
            above=_above(),
            actor=None,
            now=utc_now(),
        )
    click.echo(f"merge {merge_id}: {duplicate} -> {survivor}")


@group.command("unmerge")
@click.argument("merge_id", type=int)
def unmerge(merge_id: int) -> None:
    """Take a merge back; ``lms people show`` says its number."""
    with writing() as session:
        operations.undo_merge(
            session, merge_id=merge_id, vault=vault(), above=_above(), actor=None, now=utc_now()
        )
    click.echo(f"merge {merge_id}: undone")


def _above() -> Above:
    found: Above = current_app.extensions[ABOVE]
    return found


@group.command("new-key")
@click.option("--name", help="What it is called; else k and today's date.")
def new_key(name: str | None) -> None:
    """Print a new key for personal data: put it in front of the others in LMS_DATA_KEYS.

    The file data.keys of the installation's folder does as well. Nothing is written.
    """
    click.echo(fresh_key(name or f"k{day_of(utc_now()):%Y%m%d}"))


@group.command("rotate-keys")
def rotate_keys() -> None:
    """Seal all numbers anew with the first key of LMS_DATA_KEYS.

    Can be stopped at any time and begun again. Older keys can be taken out when it is done.
    """
    keys, done = vault(), 0
    total = operations.sealed_with_older_keys(reading(), vault=keys)
    with tqdm(total=total, unit="number", leave=False) as bar:
        while True:
            with writing() as session:
                count = sum(reseal(session, vault=keys) for reseal in resealers())
            if not count:
                break
            done += count
            bar.update(count)
    if done:
        with writing() as session:
            operations.note_rotation(session, vault=keys, count=done, actor_id=None, now=utc_now())
    click.echo(f"{done} numbers sealed with {keys.current}")
