import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click
from flask import current_app
from flask.cli import AppGroup

from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import CHINA, day_of, utc_now
from lms.kernel.errors import N_, NotFound
from lms.organizations import operations, queries
from lms.organizations.content import regions
from lms.organizations.types import (
    CODE_SYSTEMS,
    GB_T_2260,
    HEADCOUNTS,
    OURS,
    Code,
    Deed,
    EventLine,
    File,
    OrganizationKind,
    Place,
    Sector,
)

group = AppGroup("organizations", help="Regions, stations, departments, schools.")

_KINDS = click.Choice([kind.value for kind in OrganizationKind])
_SYSTEMS = click.Choice(CODE_SYSTEMS)
_DAY = click.DateTime(["%Y-%m-%d"])
Command = TypeVar("Command", bound=Callable[..., Any])


def _system(function: Command) -> Command:
    return click.option(
        "--system", type=_SYSTEMS, default=OURS, show_default=True, help="Whose code CODE is."
    )(function)


def _when(function: Command) -> Command:
    """Add the options that tell from when on, and why."""
    function = click.option("--reason", default="", help="Kept in the history.")(function)
    return click.option("--on", type=_DAY, help="From which day on: 2026-11-01; else today.")(
        function
    )


def _deed(on: datetime | None, reason: str) -> Deed:
    return Deed(actor_id=None, now=utc_now(), on=_day(on), reason=reason)


def _day(typed: datetime | None) -> date | None:
    return day_of(typed.replace(tzinfo=CHINA)) if typed else None


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
@click.option("--under-system", type=_SYSTEMS, default=GB_T_2260, show_default=True)
@click.option("--sector", type=click.Choice([one.value for one in Sector]), help="Of a department.")
@click.option("--opened", type=_DAY, help="Since when it works: 2021-05-01.")
@click.option("--short", multiple=True, help="A short name.")
@_system
def add(
    *,
    code: str,
    name: str,
    kind: str,
    under: str,
    under_system: str,
    sector: str | None,
    opened: datetime | None,
    short: tuple[str, ...],
    system: str,
) -> None:
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
            sector=Sector(sector) if sector else None,
            opened_on=_day(opened),
            short_names=short,
            now=utc_now(),
        )
    click.echo(f"{code} {name} < {parent.name}")


@group.command("show")
@click.argument("code")
@_system
@click.option("--on", type=_DAY, help="As it was on a day: 2026-03-01.")
@click.option("--json", "as_json", is_flag=True)
def show(*, code: str, system: str, on: datetime | None, as_json: bool) -> None:
    """Show an organization: where it stands, codes, names, history; today or on a day.

    Former codes and codes of merged ones are understood. Exit status 1 if it is unknown.
    """
    session = reading()
    place = queries.by_code(session, Code(system, code))
    file = queries.file(session, place.id)
    asked = _day(on) or day_of(utc_now())
    path = queries.ancestors_on(session, place.id, on=asked)
    count = current_app.extensions[HEADCOUNTS]
    told = {
        "name": path[-1].name if path else file.name,
        "kind": file.kind,
        "sector": file.sector,
        "path": [unit.name for unit in path],
        "codes": [{"system": c.system, "code": c.code, "former": c.former} for c in file.codes],
        "names": [{"name": n.name, "kind": n.kind} for n in file.names],
        "opened_on": _iso(file.opened_on),
        "closed_on": _iso(file.closed_on),
        "today": queries.today_of(session, place.id).name,
        "units": len(queries.subtree_on(session, place.id, on=asked)) - 1 if path else 0,
        "people": count(session, [place.id], on=asked, then=True)[place.id],
        "history": [_event(line) for line in queries.history(session, place.id)],
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for key, value in told.items():
        if isinstance(value, list):
            for line in value:
                words = line if isinstance(line, str) else " ".join(map(str, line.values()))
                click.echo(f"{key:10}{words}")
        elif value is not None:
            click.echo(f"{key:10}{value}")


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _event(line: EventLine) -> dict[str, str]:
    told = {
        "on": line.on.isoformat(),
        "kind": line.kind.value,
        "who": line.name,
        "from": line.old or "",
        "to": line.new or "",
        "reason": line.reason,
    }
    return {key: value for key, value in told.items() if value}


@group.command("search")
@click.argument("text")
@click.option("--in", "inside", help="Code of the organization to search in; else everywhere.")
@click.option("--in-system", type=_SYSTEMS, default=GB_T_2260, show_default=True)
def search(*, text: str, inside: str | None, in_system: str) -> None:
    """Find organizations by a part of a name (former and short ones too) or the start of a code.

    Prints at most 20. Exit status 1 if there is none.
    """
    session = reading()
    if inside:
        scope = frozenset({queries.by_code(session, Code(in_system, inside)).id})
    else:
        scope = queries.roots(session)
    hits = queries.search(session, text, scope=scope)
    if not hits:
        raise NotFound("no_organization", N_("没有这个单位"))
    paths = queries.paths_of(session, [hit.id for hit in hits])
    for hit in hits:
        *above, here = paths[hit.id]
        also = f" ({hit.other_name})" if hit.other_name else ""
        closed = f" [{hit.closed_on}]" if hit.closed_on else ""
        names = " < ".join(place.name for place in reversed(above))
        click.echo(f"{here.code_system} {here.code} {hit.name}{also}{closed} < {names}")


@group.command("rename")
@click.argument("code")
@click.argument("name")
@_system
@_when
def rename(*, code: str, name: str, system: str, on: datetime | None, reason: str) -> None:
    """Give an organization another name from a day on; the old one stays searchable."""
    with writing() as session:
        place = queries.by_code(session, Code(system, code))
        operations.rename(session, place.id, name, _deed(on, reason))
    click.echo(f"{place.name} -> {name}")


@group.command("move")
@click.argument("code")
@click.option("--under", required=True, help="Code of the new organization above.")
@click.option("--under-system", type=_SYSTEMS, default=GB_T_2260, show_default=True)
@_system
@_when
def move(
    *, code: str, under: str, under_system: str, system: str, on: datetime | None, reason: str
) -> None:
    """Hang an organization with all below it under another one from a day on."""
    with writing() as session:
        place = queries.by_code(session, Code(system, code))
        target = queries.by_code(session, Code(under_system, under))
        operations.move(session, place.id, target.id, _deed(on, reason))
    click.echo(f"{place.name} < {target.name}")


@group.command("merge")
@click.argument("code")
@click.option("--into", required=True, help="Code of the successor.")
@click.option("--into-system", type=_SYSTEMS, default=OURS, show_default=True)
@_system
@_when
def merge(
    *, code: str, into: str, into_system: str, system: str, on: datetime | None, reason: str
) -> None:
    """Let an organization go into another one from a day on."""
    with writing() as session:
        place = queries.by_code(session, Code(system, code))
        target = queries.by_code(session, Code(into_system, into))
        operations.merge(session, place.id, target.id, _deed(on, reason))
    click.echo(f"{place.name} > {target.name}")


@group.command("close")
@click.argument("code")
@_system
@_when
def close(*, code: str, system: str, on: datetime | None, reason: str) -> None:
    """Close an organization from a day on. Posts there are not ended."""
    _switch(operations.close, Code(system, code), _deed(on, reason))


@group.command("reopen")
@click.argument("code")
@_system
@_when
def reopen(*, code: str, system: str, on: datetime | None, reason: str) -> None:
    """Open a closed organization again from a day on."""
    _switch(operations.reopen, Code(system, code), _deed(on, reason))


def _switch(act: Callable[..., None], code: Code, deed: Deed) -> None:
    with writing() as session:
        place: Place = queries.by_code(session, code)
        act(session, place.id, deed)
        file: File = queries.file(session, place.id)
    click.echo(f"{file.name}: {'closed ' + str(file.closed_on) if file.closed_on else 'open'}")
