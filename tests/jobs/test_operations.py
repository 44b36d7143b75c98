"""Jobs: asked for once, claimed by one, moved on by whoever holds them, found again when lost."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.jobs import operations, queries
from lms.jobs.models import Job, StoredFile
from lms.jobs.rules import LOST, MOST_ATTEMPTS, SILENT, is_dead
from lms.jobs.types import Claim, JobState, LostClaim
from lms.kernel.errors import Conflict, DomainError, NotFound
from lms.kernel.files import Store
from lms.kernel.transaction import transaction
from lms.kernel.vault import Key
from tests import builders
from tests.builders import NOON
from tests.jobs.builders import asked, counting, worker

HERE = "here"
LATER = NOON + timedelta(minutes=1)


def state(session, job_id):
    session.expire_all()
    return queries.job(session, job_id).state


def claim(session, job_id, now=NOON):
    return operations.claim(session, job_id, worker=f"{HERE}:1", now=now)


def verbs(session):
    return session.scalars(sa.select(Entry.verb).order_by(Entry.id)).all()


def test_the_queue_is_told_after_the_commit(session):
    told = []
    with transaction(session):
        job_id = asked(session, put=told.append)
        assert told == []
    assert told == [job_id]


def test_asking_twice_with_a_key_is_one_job(session):
    assert asked(session, idempotency_key="a") == asked(session, idempotency_key="a")
    assert asked(session, idempotency_key="b") != asked(session, idempotency_key="a")
    assert verbs(session) == ["jobs.job_asked"] * 2


def test_a_waiting_job_is_claimed_once(session):
    job_id = asked(session)
    assert claim(session, job_id) == Claim(job_id, 1, 1)
    assert claim(session, job_id) is None
    assert claim(session, job_id + 1) is None


def test_a_job_is_somebodys_own(session):
    mine, other = builders.person(session), builders.person(session)
    job_id = asked(session, owner_id=mine.id)
    assert queries.job(session, job_id, owner_id=mine.id).owner == mine.name
    with pytest.raises(NotFound):
        queries.job(session, job_id, owner_id=other.id)
    assert queries.jobs(session, owner_id=other.id) == []


def test_a_worker_does_portion_after_portion(session):
    kind, done = counting(3)
    job_id = asked(session)
    heard = []
    told = lambda *figures: heard.append(figures)  # noqa: E731 - as short as what it does
    assert worker(session, kind).work(job_id, told=told)
    found = queries.job(session, job_id)
    assert (found.state, found.done, found.total) == (JobState.DONE, 30, 30)
    assert found.result == {"counted": 30}
    assert found.percent == 100
    assert list(queries.outcomes(session, job_id)) == [[0], [1], [2]]
    assert heard[-1] == (30, 30)
    assert done == [0, 1, 2]
    assert verbs(session) == ["jobs.job_asked", "jobs.job_finished"]


def test_a_job_that_is_over_is_not_done_again(session):
    kind, done = counting(1)
    job_id = asked(session)
    assert worker(session, kind).work(job_id)
    assert not worker(session, kind).work(job_id)
    assert done == [0]


def test_what_falls_over_goes_on_after_its_last_portion(session, caplog):
    falling, first = counting(3, fails_at=2)
    job_id = asked(session)
    worker(session, falling).work(job_id)
    assert state(session, job_id) == JobState.QUEUED
    assert "fell over" in caplog.text
    whole, second = counting(3)
    worker(session, whole).work(job_id)
    assert state(session, job_id) == JobState.DONE
    assert (first, second) == ([0, 1], [2])


def test_a_refusal_closes_the_job_with_its_reason(session):
    kind, _done = counting(3, fails_at=1, fault=DomainError("full", "名额已满（%(n)s 人）", n=30))
    job_id = asked(session)
    worker(session, kind).work(job_id)
    found = queries.job(session, job_id)
    assert found.state == JobState.FAILED
    assert found.message % found.values == "名额已满（30 人）"
    assert found.done == 10


def test_a_kind_that_is_gone_is_a_refusal(session):
    job_id = asked(session, kind="gone.kind")
    worker(session).work(job_id)
    assert state(session, job_id) == JobState.FAILED


def test_after_some_attempts_a_job_has_failed(session, caplog):
    kind, _done = counting(3, fails_at=0)
    job_id = asked(session)
    for _ in range(MOST_ATTEMPTS):
        assert state(session, job_id) == JobState.QUEUED
        worker(session, kind).work(job_id)
    assert state(session, job_id) == JobState.FAILED
    operations.retry(session, job_id, actor_id=None, now=NOON, put=None)
    worker(session, kind).work(job_id)
    assert state(session, job_id) == JobState.QUEUED, "somebody's retry counts anew"


def test_a_cancelled_job_stops_at_the_next_portion(session):
    kind, done = counting(3)
    job_id = asked(session)

    def cancel_after_one(number, _total):
        if number == 10:
            operations.cancel(session, job_id, actor_id=None, now=NOON)

    worker(session, kind).work(job_id, told=cancel_after_one)
    found = queries.job(session, job_id)
    assert (found.state, found.done, done) == (JobState.CANCELLED, 10, [0])
    operations.cancel(session, job_id, actor_id=None, now=NOON)
    operations.retry(session, job_id, actor_id=None, now=NOON, put=None)
    worker(session, kind).work(job_id)
    assert (state(session, job_id), done) == (JobState.DONE, [0, 1, 2])


def test_what_is_done_is_neither_cancelled_nor_retried(session):
    kind, _done = counting(1)
    job_id = asked(session)
    worker(session, kind).work(job_id)
    with pytest.raises(Conflict) as refused:
        operations.cancel(session, job_id, actor_id=None, now=NOON)
    assert refused.value.code == "job_over"
    with pytest.raises(Conflict) as refused:
        operations.retry(session, job_id, actor_id=None, now=NOON, put=None)
    assert refused.value.code == "job_done"


def test_a_worker_that_lost_its_job_writes_nothing_more(session):
    job_id = asked(session)
    first = claim(session, job_id)
    operations.release(session, first, now=NOON)
    session.expire_all()
    second = claim(session, job_id)
    assert second.number == 2
    with pytest.raises(LostClaim):
        operations.advance(session, first, number=0, size=10, outcome=[])
    operations.advance(session, second, number=0, size=10, outcome=[])
    assert list(queries.outcomes(session, job_id)) == [[]]


def test_a_worker_that_stops_lets_the_job_wait(session):
    kind, done = counting(3)
    job_id = asked(session)
    stopped = worker(session, kind)
    stopped.work(job_id, told=lambda done, _total: done and stopped.stopping.set())
    assert (state(session, job_id), done) == (JobState.QUEUED, [0])


@pytest.mark.parametrize(
    ("age", "by", "alive", "dead"),
    [
        (timedelta(0), "here:1", True, False),
        (timedelta(0), "here:1", False, True),  # killed a moment ago, on this host
        (timedelta(0), "there:1", False, False),  # of another host nobody knows
        (SILENT, "there:1", False, False),
        (SILENT + timedelta(seconds=1), "there:1", True, True),
        (SILENT + timedelta(seconds=1), "here:1", True, True),  # another process has the number
    ],
)
def test_when_a_worker_counts_as_dead(age, by, alive, dead):
    found = is_dead(heartbeat_at=NOON, claimed_by=by, now=NOON + age, here=HERE, is_alive=alive)
    assert found is dead


def sweep(session, now, told, *, alive=False):
    with transaction(session):
        operations.sweep(
            session, now=now, here=HERE, is_alive=lambda _worker: alive, put=told.append
        )


def test_the_sweep_finds_what_a_dead_worker_had(session):
    job_id = asked(session)
    claim(session, job_id)
    told = []
    sweep(session, NOON, told, alive=True)
    assert told == []
    sweep(session, NOON, told, alive=False)
    assert told == [job_id]
    assert state(session, job_id) == JobState.QUEUED


def test_the_sweep_tells_what_the_queue_lost(session):
    job_id = asked(session)
    told = []
    sweep(session, NOON + LOST, told)
    assert told == []
    sweep(session, NOON + LOST + timedelta(seconds=1), told)
    sweep(session, NOON + LOST + timedelta(seconds=2), told)
    assert told == [job_id], "not again for a while"


def test_a_job_whose_workers_always_die_has_failed(session):
    job_id, told = asked(session), []
    for number in range(MOST_ATTEMPTS):
        session.expire_all()
        assert claim(session, job_id).attempt == number + 1
        sweep(session, NOON, told)
    assert state(session, job_id) == JobState.FAILED
    assert told == [job_id] * (MOST_ATTEMPTS - 1)


def test_a_file_is_kept_until_its_day_is_over(session, tmp_path):
    store = Store(tmp_path, [Key("t", b"t" * 32)])
    owner = builders.person(session)
    with transaction(session):
        file_id = operations.keep_file(
            session,
            store,
            io.BytesIO(b"content"),
            name="名单.csv",
            at_most=10,
            days=2,
            owner_id=owner.id,
            now=NOON,
        )
    found = queries.stored_file(session, file_id, owner_id=owner.id)
    assert store.read(found.key) == b"content"
    with pytest.raises(NotFound):
        queries.stored_file(session, file_id, owner_id=owner.id + 1)
    for days, left in ((2, 0), (3, 1), (4, 0)):
        with transaction(session):
            gone = operations.remove_old_files(session, store, now=NOON + timedelta(days=days))
        assert gone == left
    with pytest.raises(NotFound):
        store.read(found.key)
    assert session.scalar(sa.select(StoredFile.removed_at)) is not None


def test_a_page_of_jobs_is_one_statement(session, count_statements):
    for _ in range(queries.PAGE + 2):
        asked(session)
    session.flush()
    with count_statements() as seen:
        rows = queries.jobs(session)
    assert (len(rows), len(seen)) == (queries.PAGE + 1, 1)
    more = queries.jobs(session, before=rows[queries.PAGE - 1].id)
    assert [row.id for row in more] == [rows[-1].id, rows[-1].id - 1]
    assert queries.jobs(session, state=JobState.DONE) == []
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == queries.PAGE + 2
