import json
import shutil
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice

import pytest
import sqlalchemy as sa

from bench import floor, run
from bench.floor import smallest
from bench.floor.tables import attempt, grant, person
from bench.operations import OPERATIONS
from bench.wire import Prepared
from bench.world import World
from lms.http.extensions import db
from lms.kernel.clock import day_of, utc_now
from lms.kernel.databases import make_engine
from lms.web import create_app

LIKES = {operation.name: operation for operation in OPERATIONS}


@pytest.fixture
def database(tmp_path):
    made = make_engine(f"sqlite:///{tmp_path / 'floor.sqlite3'}")
    floor.fill(made)
    yield made
    made.dispose()


@pytest.fixture
def client(database):
    return floor.create_app(database).test_client()


@contextmanager
def serving(path):
    url = f"sqlite:///{path}"
    engine = make_engine(url)
    app = create_app({"DATABASE_URL": url, "SECRET_KEY": "x", "RATELIMIT_ENABLED": False})
    bare = floor.create_app(engine)
    bare.secret_key = app.secret_key  # as a run has it: a token of ours is one there
    yield World(app, engine, bare)
    engine.dispose()


@pytest.fixture(scope="module")
def demonstration(databases, tmp_path_factory):
    """The file of a demonstration in which nobody has started anything, to be copied."""
    with databases.own("sqlite", tmp_path_factory.mktemp("floor"), migrated=True) as engine:
        path = engine.url.database
        with serving(path) as world:
            run._fill(world.app, 120)
            with world.app.app_context():
                db.engine.dispose()
        yield path


@pytest.fixture(scope="module")
def world(demonstration, tmp_path_factory):
    path = tmp_path_factory.mktemp("world") / "demo.sqlite3"
    with serving(shutil.copyfile(demonstration, path)) as world:
        yield world


@pytest.fixture
def own_world(demonstration, tmp_path):
    """A demonstration in which nobody has started anything yet."""
    with serving(shutil.copyfile(demonstration, tmp_path / "demo.sqlite3")) as world:
        yield world


def ask(world, request):
    """Ask the floor for what ours is asked for."""
    of_the_floor = world.of_the_floor(request)
    return world.bare.test_client(use_cookies=False).open(
        of_the_floor.path,
        method=of_the_floor.method,
        headers=of_the_floor.all_headers(),
        data=of_the_floor.body or None,
    )


def test_a_page_of_twenty_rows_is_some_four_kilobytes(client):
    page = client.get("/page/7/20")
    assert page.text.count("<li ") == 20
    assert 3000 <= len(page.data) <= 5000


def test_an_insert_is_committed(client, database):
    assert client.post("/insert/7/80", json={"chosen": "A"}).json == {"saved": 80}
    with database.connect() as connection:
        count = sa.select(sa.func.count()).where(smallest.answer.c.owner_id == 7)
        assert connection.scalar(count) == 80


def test_filling_twice_fills_once(database):
    floor.fill(database)
    with database.connect() as connection:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(smallest.item))
    assert rows == smallest.OWNERS * smallest.ROWS


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_floor_and_ours_do_the_same_when_asked_for_the_same(world, operation):
    ours, like = islice(operation.supply(world).requests, 2)
    assert world.ask(ours) == ours.expected
    assert ask(world, like).status_code == like.expected


def test_what_the_floor_starts_and_saves_ours_can_hand_in(own_world):
    started = next(LIKES["start"].supply(own_world).requests)
    cookie = dict(started.headers)["Cookie"]
    learner_id = next(who.person_id for who in own_world.signed.values() if who.cookie == cookie)
    number = int(ask(own_world, started).headers["Location"].rsplit("/", 1)[1])
    stored = sa.select(attempt.c.slots, attempt.c.answers).where(
        attempt.c.learner_id == learner_id, attempt.c.number == number
    )
    [(slots, answers)] = own_world.rows(stored)
    assert (len(slots), len({slot[0] for slot in slots}), answers) == (80, 80, {})
    own = [
        r for r in islice(LIKES["save"].supply(own_world).requests, 400) if cookie in str(r.headers)
    ]
    assert len(ask(own_world, own[0]).json["answers"]) == len(json.loads(own[0].body)["answers"])
    assert len(own_world.rows(stored)[0].answers) == 20
    handed_in = [r for r in LIKES["hand-in"].supply(own_world).requests if cookie in str(r.headers)]
    assert own_world.ask(handed_in[0]) == 303


def test_a_stranger_is_nobody_on_the_floor(world):
    forged = world.bare.test_client().get("/", headers={"Cookie": "session=forged"})
    assert forged.status_code == 500


def test_a_deed_without_its_token_is_refused_on_the_floor(world):
    started = next(LIKES["start"].supply(world).requests)
    bare = Prepared(started.method, started.path, started.headers, b"", started.expected)
    assert ask(world, bare).status_code == 400
    assert ask(world, started).status_code == 303


@pytest.mark.parametrize("change", ["session_epoch", "closed_at"])
def test_somebody_whose_session_was_ended_is_nobody_on_the_floor(own_world, change):
    page = next(LIKES["home"].supply(own_world).requests)
    assert ask(own_world, page).status_code == 200
    with own_world.engine.begin() as connection:
        new = {"session_epoch": person.c.session_epoch + 1, "closed_at": utc_now()}[change]
        connection.execute(sa.update(person).values({change: new}))
    assert ask(own_world, page).status_code == 403


def test_somebody_without_a_role_may_nothing_on_the_floor(own_world):
    page = next(LIKES["home"].supply(own_world).requests)
    with own_world.engine.begin() as connection:
        connection.execute(sa.update(grant).values(ends_on=day_of(utc_now()) - timedelta(days=1)))
    assert ask(own_world, page).status_code == 403


def test_the_floor_says_what_a_browser_may_do(client):
    headers = client.get("/page/7/20").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
