"""``lms jobs``, and the queue it works with."""

import json

import pytest

from lms.jobs import operations, queries
from lms.jobs.operations.queue import Queue
from lms.jobs.types import JobState
from lms.kernel.errors import Invalid
from lms.kernel.transaction import transaction
from tests.builders import NOON
from tests.jobs.builders import asked


@pytest.fixture
def lms(app, client):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["jobs", *words])


@pytest.fixture
def job_id(session):
    with transaction(session):
        return asked(session, kind="people.check")


def test_jobs_are_listed_and_shown(lms, job_id):
    assert f"{job_id} queued" in lms("list").output
    assert lms("list", "--state", "done").output == ""
    (row,) = json.loads(lms("list", "--json").output)
    assert row == json.loads(lms("show", str(job_id), "--json").output)
    assert (row["id"], row["state"], row["message"]) == (job_id, "queued", "排队等候")
    assert lms("show", "999999").exit_code == 1


def test_a_job_is_cancelled_and_retried(lms, session, job_id):
    assert "cancelled" in lms("cancel", str(job_id)).output
    assert "queued" in lms("retry", str(job_id)).output
    session.expire_all()
    assert queries.job(session, job_id).state == JobState.QUEUED


def test_working_once_does_what_waits(lms, session):
    with transaction(session):
        job_id = asked(session, kind="gone.kind")
    assert lms("work", "--once").exit_code == 0
    session.expire_all()
    assert queries.job(session, job_id).state == JobState.FAILED


@pytest.mark.parametrize("url", ["http://x", "nonsense"])
def test_a_queue_needs_an_address_we_know(tmp_path, url):
    with pytest.raises(Invalid):
        Queue(url, folder=tmp_path, secret="x")


def test_a_number_travels_through_the_queue(tmp_path):
    told = []
    asking = Queue("", folder=tmp_path, secret="x")
    working = Queue("", folder=tmp_path, secret="x")
    working.perform = told.append
    asking.put(7)
    working.huey.execute(working.huey.dequeue())
    assert told == [7]


def test_a_queue_signed_with_another_key_is_not_believed(tmp_path):
    Queue("", folder=tmp_path, secret="x").put(7)
    with pytest.raises(ValueError, match="ignature"):
        Queue("", folder=tmp_path, secret="y").huey.dequeue()


def test_a_queue_that_is_away_is_no_reason_to_fail(tmp_path, session, caplog):
    (tmp_path / "file").write_bytes(b"")
    queue = Queue("", folder=tmp_path / "file", secret="x")
    with transaction(session):
        job_id = operations.ask(session, kind="x.y", arguments={}, owner_id=None, now=NOON, put=queue.put)  # fmt: skip
    assert "the queue is away" in caplog.text
    assert queries.job(session, job_id).state == JobState.QUEUED
