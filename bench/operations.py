"""What is measured: each page and act as a browser asks for it.

To add one, write a function that yields its requests, a line in :data:`OPERATIONS` and a view under
the same address in :mod:`bench.floor`.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, cycle
from urllib.parse import urlencode

from bench import facts
from bench.budgets import Budget
from bench.facts import spread
from bench.floor import smallest
from bench.wire import Prepared
from bench.world import World
from lms.exams import operations as exams
from lms.exams.queries import sitting
from lms.exams.rules import next_counter
from lms.http.extensions import db
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now

FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")

SAVED = 20
"""Answers in one save: a page of a paper."""
KEPT = 8
"""Requests that the turns must leave over: for counting statements and bytes."""


@dataclass(frozen=True, slots=True)
class Supply:
    """Requests of one operation."""

    requests: Iterator[Prepared]
    left: int | None = None
    """How many there are, where each can be sent only once."""

    def share(self, turns: int) -> int | None:
        """Return how many each of some turns may send; none: as many as fit."""
        return None if self.left is None else max((self.left - KEPT) // turns, 1)


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table."""

    name: str
    endpoint: str
    supply: Callable[[World], Supply]
    smallest: str
    """Key of :data:`SMALLEST`: what of the floor it is compared with besides its like."""
    budget: Budget


def again(requests: Iterable[Prepared]) -> Supply:
    """Send the same requests over and over. Nothing to send is no supply."""
    listed = list(requests)
    return Supply(cycle(listed), left=None if listed else 0)


def once(requests: Sequence[Prepared]) -> Supply:
    """Send each request once."""
    return Supply(iter(requests), left=len(requests))


def get(world: World, person_id: int | None, path: str) -> Prepared:
    """Return the request of a page, by somebody or by a stranger."""
    cookie = () if person_id is None else (("Cookie", world.sign_in(person_id).cookie),)
    return Prepared("GET", path, cookie)


def post(
    world: World, person_id: int, path: str, fields: Sequence[tuple[str, str]] = ()
) -> Prepared:
    """Return the request of a form; every form here redirects when it is done."""
    who = world.sign_in(person_id)
    body = urlencode([("csrf_token", who.csrf_token), *fields]).encode("ascii")
    return Prepared("POST", path, (("Cookie", who.cookie), FORM), body, expected=303)


def home(world: World) -> Supply:
    path = world.url("home.home")
    return again(get(world, person_id, path) for person_id in spread(facts.learners(world)))


def required_list(world: World) -> Supply:
    return again(
        get(world, person_id, world.url("required_lists.show", list_key=key))
        for person_id, key in spread(facts.assigned(world))
    )


def program(world: World) -> Supply:
    return again(
        get(world, person_id, world.url("programs.show", program_key=key))
        for person_id, key in spread(facts.members(world))
    )


def lesson(world: World) -> Supply:
    return again(
        get(world, person_id, world.url("courses.lesson", course_key=course, lesson_key=key))
        for person_id, course, key in spread(facts.reading_lessons(world))
    )


def drill_answer(world: World) -> Supply:
    people, asked = spread(facts.learners(world), 200), spread(facts.questions(world), 200)
    for person_id in people:
        world.sign_in(person_id)  # here, not while somebody waits for the request
    paths = {
        chapter: world.url("practice.drill", subject=subject, chapter=number)
        for _version, chapter in asked
        for _edition, subject, number in [chapter.split("/")]
    }

    def requests() -> Iterator[Prepared]:
        for turn in count():
            version_id, chapter = asked[turn % len(asked)]
            # the shift makes learner and question meet in ever new pairs
            person_id = people[(turn + turn // len(people)) % len(people)]
            fields = [("token", secrets.token_urlsafe(12)), ("version", str(version_id))]
            yield post(world, person_id, paths[chapter], [*fields, ("choice", "AB"[turn % 2])])

    return Supply(requests(), left=None if people and asked else 0)


def start_exam(world: World) -> Supply:
    key = facts.paper_key(world)
    if key is None:
        return once(())
    busy = {learner_id for learner_id, _number in _open_attempts(world)}
    fresh = [person_id for person_id in facts.learners(world) if person_id not in busy]
    path = world.url("exams.start", paper_key=key)
    return once([post(world, person_id, path) for person_id in spread(fresh, 2000)])


def exam_page(world: World) -> Supply:
    return again(
        get(world, person_id, world.url("exams.sit", number=number))
        for person_id, number in spread(_with_open_attempts(world))
    )


def save_answers(world: World) -> Supply:
    sat = [
        (
            world.sign_in(person_id),
            world.url("exams_api.save", number=number),
            _next_counter(world, person_id, number),
        )
        for person_id, number in spread(_with_open_attempts(world), 200)
    ]

    def requests() -> Iterator[Prepared]:
        # a counter above every stored one, so that every save writes
        for further, (who, path, counter_now) in zip(count(), cycle(sat), strict=False):
            counter = counter_now + further
            answers = [
                {
                    "slot": slot,
                    "parts": ["AB"[(counter + slot) % 2]],
                    "counter": counter,
                    "device": "0a1b2c3d",
                }
                for slot in range(1, SAVED + 1)
            ]
            headers = (("Cookie", who.cookie), JSON, ("X-CSRFToken", who.csrf_token))
            yield Prepared("POST", path, headers, json.dumps({"answers": answers}).encode("ascii"))

    return Supply(requests(), left=None if sat else 0)


def hand_in(world: World) -> Supply:
    return once(
        [
            post(world, person_id, world.url("exams.submit", number=number))
            for person_id, number in spread(_with_open_attempts(world), 2000)
        ]
    )


def review(world: World) -> Supply:
    if not (over := facts.attempts(world, is_open=False, now=utc_now())):
        for request in hand_in(world).requests:
            world.ask(request)
        over = facts.attempts(world, is_open=False, now=utc_now())
    return again(
        get(world, person_id, world.url("exams.review", number=number))
        for person_id, number in spread(over)
    )


def verify(world: World) -> Supply:
    codes = spread(facts.codes(world), 200)
    return again(get(world, None, world.url("credentials.verify", code=code)) for code in codes)


def team(world: World) -> Supply:
    path = world.url("reports.team")
    return again(get(world, person_id, path) for person_id, _ in facts.managers(world)[:5])


def _next_counter(world: World, person_id: int, number: int) -> int:
    with world.app.app_context():
        found = sitting(reading(), learner_id=person_id, number=number)
        db.session.remove()
    return next_counter(found.answers, found.started_at, now=utc_now())


def _open_attempts(world: World) -> list[tuple[int, int]]:
    return facts.attempts(world, is_open=True, now=utc_now())


def _with_open_attempts(world: World) -> list[tuple[int, int]]:
    """Return open attempts; start some where ``--only`` left out the starting."""
    key, found = facts.paper_key(world), _open_attempts(world)
    if key is None or len(found) >= facts.SAMPLE:
        return found
    with world.app.app_context():
        for number, person_id in enumerate(spread(facts.learners(world), 1000)):
            with writing() as unit:
                exams.start(unit, learner_id=person_id, paper_key=key, seed=number, now=utc_now())
            db.session.remove()
    return _open_attempts(world)


OPERATIONS = (
    Operation("home", "home.home", home, "page", Budget(8, 12_000, 2.0)),
    Operation("required", "required_lists.show", required_list, "page", Budget(8, 12_000, 2.0)),
    Operation("program", "programs.show", program, "page", Budget(8, 12_000, 2.0)),
    Operation("lesson", "courses.lesson", lesson, "page", Budget(6, 12_000, 1.5)),
    Operation("drill", "practice.drill", drill_answer, "insert", Budget(8, 500)),
    Operation("start", "exams.start", start_exam, "insert", Budget(12, None, 1.5)),
    Operation("exam", "exams.sit", exam_page, "page-80", Budget(6, 15_000, 2.0)),
    Operation("save", "exams_api.save", save_answers, "insert", Budget(8, 500, 1.5)),
    Operation("hand-in", "exams.submit", hand_in, "insert-80", Budget(12, None, 2.0)),
    Operation("review", "exams.review", review, "page-80", Budget(8, 30_000, 2.0)),
    Operation("verify", "credentials.verify", verify, "page", Budget(4, 8_000, 1.5)),
    Operation("team", "reports.team", team, "page-50", Budget(8, 60_000, 2.0)),
)
"""In the order in which they are measured: what one starts, the next goes on with."""


def _floor_page(rows: int) -> Iterator[Prepared]:
    owners = range(1, smallest.OWNERS + 1)
    return cycle([Prepared("GET", f"/page/{owner}/{rows}") for owner in owners])


def _floor_insert(rows: int) -> Iterator[Prepared]:
    body = json.dumps({"question": 1, "chosen": "AB", "counter": 7}).encode("ascii")
    owners = range(1, smallest.OWNERS + 1)
    return cycle([Prepared("POST", f"/insert/{owner}/{rows}", (JSON,), body) for owner in owners])


SMALLEST: dict[str, Callable[[], Iterator[Prepared]]] = {
    "hello": lambda: cycle([Prepared("GET", "/hello")]),
    "page": lambda: _floor_page(20),
    "page-50": lambda: _floor_page(50),
    "page-80": lambda: _floor_page(80),
    "insert": lambda: _floor_insert(1),
    "insert-80": lambda: _floor_insert(80),
}
"""A word, a page of so many rows, an insert of so many rows: asked of nobody in particular."""
