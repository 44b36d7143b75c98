import csv
import io
from pathlib import Path

import click
from flask import current_app, render_template
from flask.cli import AppGroup, with_appcontext
from markupsafe import Markup

from lms.accounts.operations import factors, helping, passwords, signing_in
from lms.accounts.types import Slip
from lms.http.pictures import qr_picture
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.clock import CHINA, utc_now
from lms.kernel.errors import N_, Invalid
from lms.organizations import queries as organizations
from lms.organizations.types import GB_T_2260, Code
from lms.people import queries as people

group = AppGroup("accounts", help="Set-password links, locks, sessions, second factors.")

MOST = 10_000
"""Slips in one file."""

_BODY = "body { margin: 1rem; font-family: 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif; }\n"

_person = click.argument("user_name")


@group.command("links")
@click.option("--organization", "code", required=True, help="Code of the unit.")
@click.option("--system", default=GB_T_2260, show_default=True, help="Also MCA, bixue.")
@click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of slips for printing (.html) or for a mail merge (.csv).",
)
@click.option("--everybody", is_flag=True, help="Also people who have a password.")
def links(*, code: str, system: str, target: Path, everybody: bool) -> None:
    """Make set-password links for the people of a unit and all below it, and write their slips.

    LMS_PUBLIC_URL says where the links lead. Earlier links of the same people are void.

    Exit status 1 if the unit is unknown, nobody needs a slip or the file cannot be written.
    """
    base = str(current_app.config.get("PUBLIC_URL") or "").rstrip("/")
    if not base:
        raise Invalid("no_public_url", N_("请先设好平台的网址"), where="LMS_PUBLIC_URL")
    if target.suffix not in {".html", ".csv"}:
        raise Invalid("bad_file", N_("文件名要以 .html 或 .csv 结尾"), where="--out")
    with writing() as session:
        place = organizations.by_code(session, Code(system, code))
        slips = helping.invite_unit(
            session,
            unit_id=place.id,
            everybody=everybody,
            vault=vault(),
            now=utc_now(),
            days=int(current_app.config["PASSWORD_LINK_DAYS"]),
            helper=None,
            limit=MOST,
        )
        addressed = [(slip, f"{base}/set-password/{slip.token}") for slip in slips]
        text = _as_csv(addressed) if target.suffix == ".csv" else _as_page(addressed)
        try:  # inside the transaction: without the file the links would be lost
            target.touch(mode=0o600)
            target.write_text(text, encoding="utf-8")
        except OSError as fault:
            raise Invalid(
                "bad_file", N_("不能写文件：%(why)s"), where=str(target), why=fault.strerror
            ) from fault
    click.echo(f"{len(slips)} links: {target}")


def _as_csv(slips: list[tuple[Slip, str]]) -> str:
    """Return the slips as a table that spreadsheets read: UTF-8 with BOM, no cell a formula."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["用户名", "姓名", "单位", "设密码网址", "有效期至"])
    for slip, address in slips:
        until = slip.expires_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        cells = [slip.user_name, slip.masked_name, slip.where, address, until]
        rows.writerow([f"'{c}" if c[:1] in "=+-@\t\r" else c for c in cells])
    return "\ufeff" + out.getvalue()


def _as_page(slips: list[tuple[Slip, str]]) -> str:
    shown = [(slip, address, qr_picture(address)) for slip, address in slips]
    sheet = Path(str(current_app.static_folder), "css", "accounts.css").read_text(encoding="utf-8")
    style = Markup("<style>\n%s</style>") % Markup(_BODY + sheet)  # noqa: S704 - CSS we ship, no input
    return render_template("accounts/slips_file.html", slips=shown, style=style)


@group.command("unlock")
@_person
def unlock(user_name: str) -> None:
    """Let somebody who is locked out try again at once."""
    with writing() as session:
        person = people.person_by_user_name(session, user_name)
        done = passwords.unlock(session, person_id=person.id, now=utc_now(), actor_id=None)
    click.echo(f"{user_name}: {'unlocked' if done else 'was not locked'}")


@group.command("end-sessions")
@_person
def end_sessions(user_name: str) -> None:
    """Sign somebody out on every device."""
    with writing() as session:
        person = people.person_by_user_name(session, user_name)
        signing_in.end_sessions(session, person_id=person.id, now=utc_now(), actor_id=None)
    click.echo(f"{user_name}: ok")


@group.command("reset-factor")
@_person
@click.option("--reason", required=True, help="Why; it is kept in the audit trail.")
def reset_factor(user_name: str, reason: str) -> None:
    """Take a lost second factor from somebody; all their sessions end.

    Exit status 1 if they have none.
    """
    with writing() as session:
        person = people.person_by_user_name(session, user_name)
        factors.reset_factor(
            session, person_id=person.id, reason=reason, actor_id=None, now=utc_now()
        )
    click.echo(f"{user_name}: ok")


@click.command("password")
@_person
@click.password_option(
    prompt="密码 (password)", confirmation_prompt="再输一次 (again)", help="Asked for if not given."
)
@click.option("--temporary", is_flag=True, help="They must choose another at the next sign-in.")
@with_appcontext
def password(user_name: str, password: str, *, temporary: bool) -> None:
    """Set somebody's password, lift a lock and end all their sessions.

    Exit status 1 if the password is too easily guessed or was used before.
    """
    now = utc_now()
    person = people.person_by_user_name(reading(), user_name)
    chosen = passwords.chosen_hash(
        reading(), person_id=person.id, password=password, vault=vault(), now=now
    )
    with writing() as session:
        passwords.put_password(
            session,
            person_id=person.id,
            password_hash=chosen,
            now=now,
            actor_id=None,
            verb="accounts.password_set",
            must_change=temporary,
        )
    click.echo(f"{user_name}: ok")
