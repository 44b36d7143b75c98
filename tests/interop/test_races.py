"""Two workers and one job; two jobs and one list."""

import io
import threading
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.interop import operations
from lms.interop.operations import Tools
from lms.interop.types import Mode
from lms.jobs.models import Job
from lms.jobs.operations import Worker
from lms.kernel.files import Store
from lms.kernel.transaction import transaction
from lms.kernel.vault import Key
from lms.people.models import Person, Phone
from tests import builders
from tests.builders import NOON
from tests.interop.builders import HEADER, line, text

ROWS = 60


@pytest.fixture
def tools(vault, tmp_path):
    return Tools(vault, Store(tmp_path / "files", [Key("t", b"t" * 32)]), 20, 50, 10_000_000, 30)


def worker(engine, tools):
    @contextmanager
    def writing():
        with Session(engine) as session, transaction(session):
            yield session

    @contextmanager
    def reading():
        with Session(engine) as session:
            yield session

    kinds = {kind.name: kind for kind in operations.kinds(tools)}
    return Worker(writing=writing, reading=reading, kinds=kinds, clock=lambda: NOON, store=tools.store, put=lambda _job_id: None)  # fmt: skip


def at_once(*deeds):
    faults = []

    def run(deed):
        try:
            deed()
        except BaseException as fault:  # noqa: BLE001 - told by the test
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def preview(engine, tools, rows):
    with Session(engine) as session, transaction(session):
        source = io.BytesIO(text(HEADER, *rows))
        job_id = operations.ask_preview(session, tools, source, kind="people", name="a.csv", mode=Mode.BOTH, owner_id=None, now=NOON, put=None)  # fmt: skip
    worker(engine, tools).work(job_id)
    return job_id


def confirmed(engine, job_id):
    from lms.jobs import queries

    with Session(engine) as session, transaction(session):
        found = queries.job(session, job_id)
        return operations.ask_import(session, found, owner_id=None, now=NOON, put=None)


def figures(engine):
    with engine.connect() as connection:
        return [
            connection.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Person, Phone)
        ]


@pytest.fixture
def rows(own_engine):
    with Session(own_engine) as session, transaction(session):
        builders.organization(session, code="ST-1")
    return [line(order, "ST-1", "杨梅") for order in range(ROWS)]


def test_two_imports_of_one_list_at_once(own_engine, tools, rows, monkeypatch):
    monkeypatch.setattr(type(operations.KINDS["people"]), "size", 7)
    jobs = [confirmed(own_engine, preview(own_engine, tools, rows)) for _ in range(2)]
    at_once(*(lambda job_id=job_id: worker(own_engine, tools).work(job_id) for job_id in jobs))
    assert figures(own_engine) == [ROWS, ROWS]
    with own_engine.connect() as connection:
        states = connection.execute(sa.select(Job.state, Job.result).where(Job.id.in_(jobs))).all()
    assert {state for state, _result in states} == {"done"}
    counts = [result["counts"] for _state, result in states]
    assert sum(one.get("new", 0) for one in counts) == ROWS
    assert sum(one.get("same", 0) for one in counts) == ROWS


def test_two_workers_and_one_job(own_engine, tools, rows):
    job_id = confirmed(own_engine, preview(own_engine, tools, rows))
    at_once(*[lambda: worker(own_engine, tools).work(job_id)] * 2)
    assert figures(own_engine) == [ROWS, ROWS]


def test_confirming_at_once_is_one_import(own_engine, tools, rows):
    job_id, found = preview(own_engine, tools, rows), []
    at_once(*[lambda: found.append(confirmed(own_engine, job_id))] * 2)
    assert len(set(found)) == 1
