"""Sessions belong to units, the people on their lists to theirs."""

from datetime import timedelta

from lms.exam_sessions.types import Window
from lms.kernel.clock import utc_now
from lms.organizations.models import Organization
from tests.exam_sessions.builders import made
from tests.web.scope_samples.asking import OUTSIDER, Sample, World, sample

ROOT = "/teaching/exam-sessions"


def _session(world: World, place: Organization) -> int:
    """One that opens in an hour."""
    now = utc_now()
    window = Window(*(now + timedelta(minutes=n) for n in (60, 90, 200)))
    title = f"{OUTSIDER}场" if place is world.theirs else "本县场"
    return made(world.session, place, now=now, window=window, title=title)


def _page(endpoint: str, path: str) -> None:
    @sample(endpoint)
    def page(world: World, place: Organization) -> Sample:
        return Sample(f"{ROOT}/{_session(world, place)}{path}")


_page("organising.show", "")
_page("organising.edit", "/edit")
_page("watching.monitor", "/monitor")


@sample("organising.edit", "POST")
def _edit(world: World, place: Organization) -> Sample:
    """Without a word in it: the form is shown again, of one's own session."""
    return Sample(f"{ROOT}/{_session(world, place)}/edit", {}, allowed=frozenset({422}))


@sample("organising.extend", "POST")
def _extend(world: World, place: Organization) -> Sample:
    data = {"minutes": "5", "reason": "停电", "revision": "1"}
    return Sample(f"{ROOT}/{_session(world, place)}/extend", data)


@sample("organising.cancel", "POST")
def _cancel(world: World, place: Organization) -> Sample:
    return Sample(f"{ROOT}/{_session(world, place)}/cancel", {"reason": "停电"})


@sample("organising.prepare", "POST")
def _prepare(world: World, place: Organization) -> Sample:
    return Sample(f"{ROOT}/{_session(world, place)}/prepare", {})


@sample("organising.listing", "POST")
def _listing(world: World, place: Organization) -> Sample:
    return Sample(f"{ROOT}/{_session(world, place)}/people", {"people": "x"})


@sample("organising.confirm", "POST")
def _confirm(world: World, place: Organization) -> Sample:
    """One's own session; a person inside or outside."""
    data = {"people": str(world.person(place))}
    return Sample(f"{ROOT}/{_session(world, world.mine)}/people/confirm", data)


@sample("organising.remove", "POST")
def _remove(world: World, place: Organization) -> Sample:
    person = world.person(place)
    return Sample(f"{ROOT}/{_session(world, place)}/people/{person}/remove", {})


@sample("watching.export", "POST")
def _export(world: World, place: Organization) -> Sample:
    return Sample(f"{ROOT}/{_session(world, place)}/export", {})
