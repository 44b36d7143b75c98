"""An exam session that 3,000 people begin at once: ``python -m bench.mass_start``.

The real server, as ``lms serve`` starts it, on PostgreSQL; the load generator runs on the same
cores. What is prepared by script and not measured: the demonstration, the sign-in sessions (a
signed cookie each, as signing in makes it), the exam session with everybody on its list. What is
measured: drawing the papers beforehand; everybody's POST to start, at an instant of their own
within ``--seconds``, each on a connection of their own; then everybody saves five answers and
hands in, spread over a minute. Arrivals do not wait for each other: a server that falls behind
sees its queue grow, and every answer counts from the instant at which it was asked for.
"""

import asyncio
import json
import os
import random
import secrets
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlencode

import click
import sqlalchemy as sa

from bench import cpu
from bench.databases import Missing
from bench.figures import percentile
from bench.generator import HOST
from bench.operations import FORM, JSON
from bench.run import Ground, ground
from bench.wire import Prepared, Reader
from bench.world import Signed
from lms.exam_sessions import operations, queries
from lms.exam_sessions.models import SessionAttempt
from lms.exam_sessions.operations import preparing
from lms.exam_sessions.types import Plan, Window
from lms.exams import queries as papers
from lms.exams.models import Attempt
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now
from lms.organizations import queries as organizations
from lms.people import queries as people
from lms.people.models import Person, RoleGrant
from lms.people.types import Role

PAPER, SAVES = "j-comp-mock", 5
LONGEST_SECONDS = 120
"""After which an answer counts as an error."""

AT_ONCE = 900
"""Connections at one time: below the usual limit of open files of a process."""


@dataclass(slots=True)
class Tally:
    """What became of one kind of request."""

    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    first: str = ""
    wall: float = 0.0

    def plain(self) -> dict[str, Any]:
        """Return the figures, times in milliseconds."""
        ranks = {
            f"p{rank}_ms": round((percentile(self.latencies, rank) or 0) * 1000)
            for rank in (50, 95, 99, 100)
        }
        return {
            "requests": len(self.latencies),
            "errors": self.errors,
            **ranks,
            "wall_seconds": round(self.wall, 1),
            "first_error": self.first,
        }


Asked = tuple[str, Prepared]
"""Which tally, and what to send."""


@click.command()
@click.option("--learners", default=3000, show_default=True, type=click.IntRange(10, 20_000))
@click.option("--seconds", default=60.0, show_default=True, help="Within which everybody starts.")
@click.option("--prepared/--unprepared", default=True, show_default=True)
def main(*, learners: int, seconds: float, prepared: bool) -> None:
    """Print the figures as JSON. Exit status 1 if a request failed."""

    def say(words: str) -> None:
        click.echo(words, err=True)

    try:
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
            # the demonstration has accounts of its own beside those who learn
            ground("postgresql", learners=learners, folder=Path(folder), say=say) as place,
        ):
            told = measured(place, learners, seconds, prepared=prepared, say=say)
    except Missing as why:
        click.echo(f"postgresql: skipped: {why}")
        return
    click.echo(json.dumps(told, indent=2))
    if told["start"]["errors"] or told["save"]["errors"] or told["hand_in"]["errors"]:
        raise SystemExit(1)


def measured(
    place: Ground, learners: int, seconds: float, *, prepared: bool, say: Callable[[str], None]
) -> dict[str, Any]:
    """Return what is measured on a demonstration with a server."""
    load = os.getloadavg()[0]
    who = everybody(place)[:learners]
    session_id = a_session(place, who)
    drawing = prepare(place, session_id) if prepared else {}
    say(f"signing {len(who):,} people in")
    signed = [place.world.sign_in(one) for one in who]
    say(f"{len(signed):,} start within {seconds:g} s")
    path = place.world.url("exam_sessions.start", session_id=session_id)
    starts = [[("start", _form(one, path))] for one in signed]
    tallies, start_cpu = _sent(place, starts, seconds)
    numbers = attempts(place, session_id)
    say(f"{len(numbers):,} have begun; they save and hand in over a minute")
    writing_up = [
        _works(place, one, numbers[one.person_id]) for one in signed if one.person_id in numbers
    ]
    more, sitting_cpu = _sent(place, writing_up, 60.0)
    tallies |= more
    return {
        "learners": len(who),
        "cores": os.cpu_count(),
        "load_before": round(load, 1),
        "start_within_seconds": seconds,
        "prepared": drawing,
        "begun": len(numbers),
        "cpu_ms_for_a_start": start_cpu,
        "cpu_ms_for_five_saves_and_hand_in": sitting_cpu,
        **{name: tally.plain() for name, tally in tallies.items()},
        "in_the_database": states(place, session_id),
    }


def everybody(place: Ground) -> list[int]:
    """Return the learners who may sit, by number."""
    rows = place.world.rows(
        sa.select(Person.id)
        .where(
            Person.closed_at.is_(None),
            Person.merged_into_id.is_(None),
            sa.exists().where(
                RoleGrant.person_id == Person.id,
                RoleGrant.role == Role.LEARNER,
                RoleGrant.ends_on.is_(None),
                RoleGrant.starts_on.is_(None),
            ),
        )
        .order_by(Person.id)
    )
    return [row.id for row in rows]


def a_session(place: Ground, who: Sequence[int]) -> int:
    """Make a session that is open now, with everybody on its list."""
    now = utc_now()
    window = Window(now - timedelta(minutes=1), now + timedelta(hours=1), now + timedelta(hours=6))
    with place.world.app.app_context():
        top = organizations.roots(reading())
        author = people.person_by_user_name(reading(), "admin").id
        plan = Plan(
            title="3,000",
            paper_version_id=papers.paper(reading(), PAPER).version_id,
            organization_id=min(top),
            window=window,
        )
        acting = {"scope": top, "actor_id": author, "now": now - timedelta(minutes=5)}
        with writing() as session:
            made = operations.make(session, plan, form_key=secrets.token_hex(8), **acting)
            for some in (who[at : at + 2000] for at in range(0, len(who), 2000)):
                operations.add_people(session, made, some, naming=top, **acting)
        return made


def prepare(place: Ground, session_id: int) -> dict[str, Any]:
    """Draw everybody's paper as the job does, and return what it took."""
    began, used = perf_counter(), process_time()
    with place.world.app.app_context():
        with writing() as session:
            waiting = preparing.begin(session, session_id, now=utc_now())
        drawn = 0
        for at in range(0, len(waiting), preparing.PORTION):
            with writing() as session:
                some = waiting[at : at + preparing.PORTION]
                drawn += preparing.draw_some(session, session_id, some, now=utc_now())
    return {
        "papers": drawn,
        "seconds": round(perf_counter() - began, 1),
        "cpu_ms_each": round((process_time() - used) * 1000 / max(drawn, 1), 1),
    }


def attempts(place: Ground, session_id: int) -> dict[int, int]:
    """Return the attempts of a session, by learner."""
    rows = place.world.rows(
        sa.select(SessionAttempt.learner_id, SessionAttempt.attempt_number).where(
            SessionAttempt.session_id == session_id
        )
    )
    return {row.learner_id: row.attempt_number for row in rows}


def states(place: Ground, session_id: int) -> dict[str, int]:
    """Return how the attempts of a session ended, and how many hold all saved answers."""
    with place.world.app.app_context():
        found = queries.counts(reading(), session_id, now=utc_now(), silent_minutes=5)
    rows = place.world.rows(
        sa.select(Attempt.answers)
        .join(
            SessionAttempt,
            sa.and_(
                SessionAttempt.learner_id == Attempt.learner_id,
                SessionAttempt.attempt_number == Attempt.number,
            ),
        )
        .where(SessionAttempt.session_id == session_id)
    )
    return {
        "handed_in": found.handed_in,
        "still_open": found.writing + found.silent,
        "not_started": found.not_started,
        "with_five_answers": sum(len(row.answers) == SAVES for row in rows),
    }


def _form(who: Signed, path: str) -> Prepared:
    body = urlencode({"csrf_token": who.csrf_token}).encode("ascii")
    return Prepared("POST", path, (("Cookie", who.cookie), FORM), body, expected=303)


def _works(place: Ground, who: Signed, number: int) -> list[Asked]:
    """Return what somebody sends while they sit: five answers, one by one, and the end."""
    headers = (("Cookie", who.cookie), JSON, ("X-CSRFToken", who.csrf_token))
    save = place.world.url("exams_api.save", number=number)
    sent: list[Asked] = []
    for slot in range(1, SAVES + 1):
        answer = {"slot": slot, "parts": ["A"], "counter": slot, "device": "0a1b2c3d"}
        body = json.dumps({"answers": [answer]}).encode("ascii")
        sent.append(("save", Prepared("POST", save, headers, body)))
    return [*sent, ("hand_in", _form(who, place.world.url("exams.submit", number=number)))]


def _sent(
    place: Ground, people: Sequence[Sequence[Asked]], seconds: float
) -> tuple[dict[str, Tally], float | None]:
    """Send everything; return what became of it, and the server's CPU for each person, in ms.

    That of the workers and of the database: what others do on the machine is not in it.
    """
    workers = place.server.workers
    before = cpu.seconds((*workers, *place.backends()))
    tallies = asyncio.run(_send(people, place.server.port, seconds))
    spent = cpu.spent(before, cpu.seconds((*workers, *place.backends())))
    each = None if spent is None or not people else round(spent * 1000 / len(people), 1)
    return tallies, each


async def _send(people: Sequence[Sequence[Asked]], port: int, seconds: float) -> dict[str, Tally]:
    """Let everybody send their requests one after the other, beginning at an instant of theirs.

    What somebody sends is spread over what is left of ``seconds`` after that instant.
    """
    tallies = {name: Tally() for one in people for name, _request in one}
    dice, gate = random.Random(1), asyncio.Semaphore(AT_ONCE)
    began = perf_counter()

    async def one(asked: Sequence[Asked]) -> None:
        due = dice.random() * seconds / max(len(asked), 1)
        for place, (name, request) in enumerate(asked):
            at = began + due + place * seconds / len(asked)
            await asyncio.sleep(max(at - perf_counter(), 0))
            # who is late themselves asks when the answer before has come
            asked_at = max(at, perf_counter()) if place else at
            await _ask(request, port, asked_at, tallies[name], gate)
            tallies[name].wall = max(tallies[name].wall, perf_counter() - began)

    await asyncio.gather(*map(one, people))
    return tallies


async def _ask(
    request: Prepared, port: int, asked_at: float, tally: Tally, gate: asyncio.Semaphore
) -> None:
    try:
        async with gate, asyncio.timeout(LONGEST_SECONDS):
            source, target = await asyncio.open_connection(HOST, port)
            try:
                target.write(request.raw())
                reader = Reader()
                while (answer := reader.feed(await _some(source))) is None:
                    pass
            finally:
                target.close()
    except (OSError, TimeoutError, ValueError) as fault:
        _wrong(tally, f"{request.path}: {fault!r}")
    else:
        if answer.status != request.expected:
            _wrong(tally, f"{request.path}: {answer.status}, not {request.expected}")
    tally.latencies.append(perf_counter() - asked_at)


async def _some(source: asyncio.StreamReader) -> bytes:
    data = await source.read(1 << 16)
    if not data:
        raise ConnectionError("the server hung up")
    return data


def _wrong(tally: Tally, words: str) -> None:
    tally.errors += 1
    tally.first = tally.first or words


if __name__ == "__main__":
    main()
