"""A worker is killed in the middle of an import: nothing twice, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.jobs.models import Job
from lms.kernel.transaction import transaction
from lms.people.models import IdentityDocument, Person, Phone, Post
from tests import builders
from tests.interop.builders import HEADER, line, text

ROWS = 4100  # three portions
PATIENCE = 60  # seconds


@pytest.fixture
def environment(own_engine, tmp_path):
    url = own_engine.url.render_as_string(hide_password=False)
    ours = {"LMS_DATABASE_URL": url, "LMS_HOME": str(tmp_path / "home")}
    return {k: v for k, v in os.environ.items() if not k.startswith("LMS_")} | ours


def lms(environment, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "lms", *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def wait(question):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = question()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it does not come about")


def column(engine, *columns):
    with engine.connect() as connection:
        return connection.execute(sa.select(*columns).order_by(Job.id)).all()


def test_a_killed_worker_loses_nothing(own_engine, environment, tmp_path):
    with Session(own_engine) as session, transaction(session):
        builders.organization(session, code="ST-1")
    path = tmp_path / "list.csv"
    day = date(2024, 3, 1).isoformat()
    rows = [line(n % 1000, "ST-1", "杨梅", 身份证号="", 手机=f"139{n:08d}", 入职日期=day) for n in range(ROWS)]  # fmt: skip
    path.write_bytes(text(HEADER, *rows))
    first = lms(environment, "people", "import", str(path))
    wait(lambda: any(done >= 2000 for kind, done in column(own_engine, Job.kind, Job.done) if kind == "people.import"))  # fmt: skip
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    with own_engine.connect() as connection:
        begun = connection.scalar(sa.select(sa.func.count()).select_from(Phone))
    assert 0 < begun < ROWS, "it was killed in the middle"
    second = lms(environment, "jobs", "work")
    try:
        wait(lambda: column(own_engine, Job.state)[-1].state == "done")
    finally:
        second.send_signal(signal.SIGTERM)
        second.wait(timeout=30)
    assert second.returncode == 0
    (_check, (done, total, attempts)) = column(own_engine, Job.done, Job.total, Job.attempts)
    assert (done, total, attempts) == (ROWS, ROWS, 2)
    with own_engine.connect() as connection:
        for model in (Person, Phone, Post):
            assert connection.scalar(sa.select(sa.func.count()).select_from(model)) == ROWS
        assert connection.scalar(sa.select(sa.func.count()).select_from(IdentityDocument)) == 0
