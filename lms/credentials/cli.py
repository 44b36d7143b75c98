import json
import sys
from datetime import date

import click
from flask.cli import AppGroup

from lms.credentials import operations, queries, rules
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, NotAllowed
from lms.people import queries as people

group = AppGroup("credentials", help="Credentials: check a number, revoke.")


@group.command("verify")
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of words.")
def verify(code: str, *, as_json: bool) -> None:
    """Say how the credential with a number stands today; the holder's name is masked.

    Exit status 0 if it is valid, 1 if it is anything else.
    """
    verdict = queries.look_up(reading(), code, on=day_of(utc_now()))
    answer = rules.ANSWERS[verdict.standing]
    told = rules.disclosed(verdict)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{verdict.shown}: {verdict.standing}  {answer.heading}")
        for name, value in (told["credential"] or {}).items():
            click.echo(f"  {name}: {'-' if value is None else value}")
        if verdict.since:
            click.echo(f"  since: {verdict.since}")
    sys.exit(0 if answer.tone == "good" else 1)


@group.command("revoke")
@click.argument("code")
@click.option("--reason", required=True)
@click.option("--authority", required=True, help="The document or office that decided.")
@click.option("--by", "user_name", required=True, help="User name of the administrator.")
@click.option("--on", type=date.fromisoformat, help="The first day; today.")
def revoke(code: str, reason: str, authority: str, user_name: str, on: date | None) -> None:
    """Revoke a credential. Doing the same again changes nothing.

    Exit status 1 if there is no such credential, it is revoked already, or the administrator
    may not.
    """
    now = utc_now()
    administrator = people.find_person_by_user_name(reading(), user_name)
    actor = (
        people.find_principal(reading(), administrator.id, on=day_of(now))
        if administrator
        else None
    )
    if actor is None or not actor.may("credentials.revoke"):
        raise NotAllowed("may_not_revoke", N_("“%(name)s”没有撤销证书的权限"), name=user_name)
    with writing() as session:
        operations.revoke(
            session,
            code=code,
            on=on or day_of(now),
            reason=reason,
            authority=authority,
            actor_id=actor.id,
            now=now,
        )
    click.echo(f"{queries.by_code(reading(), code).shown}: revoked")
