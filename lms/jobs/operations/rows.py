from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.jobs import queries
from lms.jobs.models import Job, JobPortion
from lms.jobs.rules import LOST, MOST_ATTEMPTS, is_dead
from lms.jobs.types import OPEN, Claim, JobState, LostClaim
from lms.kernel.errors import N_, Conflict
from lms.kernel.transaction import after_commit

Put = Callable[[int], None]
"""Tells the queue the number of a job. It may fail or lose it: the sweep tells it again."""

INTERRUPTED = N_("任务中断了 %(n)s 次，没有做完；已经完成的部分保留。可以重试")
WAITING = N_("排队等候")


def ask(
    session: Session,
    *,
    kind: str,
    arguments: Mapping[str, Any],
    owner_id: int | None,
    now: datetime,
    put: Put | None,
    organization_id: int | None = None,
    idempotency_key: str | None = None,
) -> int:
    """Ask for a job and return its number; with a key that was used before, that job's.

    :param put: told the number once this transaction is committed; none if the asker works at
        it himself.
    """
    if idempotency_key is not None:
        found = queries.find_by_key(session, idempotency_key)
        if found is not None:
            return found
    row = Job(
        kind=kind,
        state=JobState.QUEUED,
        owner_id=owner_id,
        organization_id=organization_id,
        arguments=dict(arguments),
        idempotency_key=idempotency_key,
        message=WAITING,
        created_at=now,
        queued_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        found = queries.find_by_key(session, idempotency_key) if idempotency_key else None
        if found is None:
            raise
        return found
    _note(session, "jobs.job_asked", row.id, actor_id=owner_id, now=now, kind=kind)
    job_id = row.id
    if put is not None:
        after_commit(session, lambda: put(job_id))
    return job_id


def claim(session: Session, job_id: int, *, worker: str, now: datetime) -> Claim | None:
    """Take a waiting job, or none if it does not wait (any more).

    :param worker: ``host:process``.
    """
    row = session.scalar(
        sa.select(Job)
        .where(Job.id == job_id, Job.state == JobState.QUEUED)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.state, row.claimed_by = JobState.RUNNING, worker
    row.claims += 1
    row.attempts += 1
    row.started_at = row.started_at or now
    row.heartbeat_at = now
    session.flush()
    return Claim(job_id, row.claims, row.attempts)


def beat(
    session: Session,
    held: Claim,
    *,
    now: datetime,
    total: int | None = None,
    message: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Say that the worker lives and what it is at. Locks the row on PostgreSQL.

    :raises LostClaim: the job is no longer this worker's.
    """
    changes: dict[str, Any] = {"heartbeat_at": now}
    if total is not None:
        changes["total"] = total
    if message is not None:
        changes |= {"message": message, "message_values": dict(values or {})}
    _write(session, held, changes)


def advance(session: Session, held: Claim, *, number: int, size: int, outcome: Any) -> None:
    """Count a portion as done, in the transaction of its deeds, and keep what came of it.

    :param number: of the portion, from 0.
    :param size: units of work in it.
    :raises LostClaim: the job is no longer this worker's.
    """
    _write(session, held, {"done": Job.done + size})
    session.add(JobPortion(job_id=held.job_id, number=number, outcome=outcome))
    session.flush()


def finish(session: Session, held: Claim, *, result: Mapping[str, Any], now: datetime) -> None:
    """Close a job that was done.

    :raises LostClaim: the job is no longer this worker's.
    """
    changes = {"state": JobState.DONE, "result": dict(result), "finished_at": now, "message": ""}
    _write(session, held, changes | {"message_values": {}, "heartbeat_at": now})
    _note(session, "jobs.job_finished", held.job_id, actor_id=None, now=now)


def fail(
    session: Session, held: Claim, *, message: str, values: Mapping[str, Any], now: datetime
) -> None:
    """Close a job that cannot be done, with the reason.

    :raises LostClaim: the job is no longer this worker's.
    """
    changes = {"state": JobState.FAILED, "finished_at": now, "heartbeat_at": now}
    _write(session, held, changes | {"message": message, "message_values": dict(values)})
    _note(session, "jobs.job_failed", held.job_id, actor_id=None, now=now, why=message)


def release(session: Session, held: Claim, *, now: datetime) -> bool:
    """Let a job wait again, because its worker stops or fell over. Say whether it will be done.

    After ``MOST_ATTEMPTS`` it has failed instead.

    :raises LostClaim: the job is no longer this worker's.
    """
    if held.attempt >= MOST_ATTEMPTS:
        fail(session, held, message=INTERRUPTED, values={"n": held.attempt}, now=now)
        return False
    _write(session, held, {"state": JobState.QUEUED, "queued_at": now})
    return True


def cancel(session: Session, job_id: int, *, actor_id: int | None, now: datetime) -> None:
    """Stop a job; portions that are committed stay. Cancelling twice is cancelling once.

    :raises Conflict: ``job_over``: it is done or has failed.
    """
    row = _locked(session, job_id)
    if row.state == JobState.CANCELLED:
        return
    if row.state not in OPEN:
        raise Conflict("job_over", N_("任务已经结束，不能取消"))
    row.state, row.finished_at = JobState.CANCELLED, now
    row.message = N_("已取消；取消前完成的部分保留")
    row.message_values = {}
    _note(session, "jobs.job_cancelled", job_id, actor_id=actor_id, now=now)


def retry(
    session: Session, job_id: int, *, actor_id: int | None, now: datetime, put: Put | None
) -> None:
    """Let a failed or cancelled job go on where it stopped. Retrying twice is retrying once.

    :raises Conflict: ``job_done``.
    """
    row = _locked(session, job_id)
    if row.state in OPEN:
        return
    if row.state == JobState.DONE:
        raise Conflict("job_done", N_("任务已经完成，不用重试"))
    row.state, row.finished_at, row.queued_at = JobState.QUEUED, None, now
    row.attempts = 0
    row.message, row.message_values = WAITING, {}
    _note(session, "jobs.job_retried", job_id, actor_id=actor_id, now=now)
    if put is not None:
        after_commit(session, lambda: put(job_id))


def sweep(
    session: Session, *, now: datetime, here: str, is_alive: Callable[[str], bool], put: Put
) -> int:
    """Let jobs of dead workers wait again, tell the queue what it lost; return how many.

    :param here: the name of this host.
    :param is_alive: says whether ``host:process`` lives, of this host.
    """
    found = 0
    running = sa.select(Job).where(Job.state == JobState.RUNNING)
    for row in session.scalars(running.with_for_update(skip_locked=True)):
        dead = is_dead(
            heartbeat_at=row.heartbeat_at or row.created_at,
            claimed_by=row.claimed_by,
            now=now,
            here=here,
            is_alive=is_alive(row.claimed_by),
        )
        if dead and release(session, Claim(row.id, row.claims, row.attempts), now=now):
            after_commit(session, lambda job_id=row.id: put(job_id))  # type: ignore[misc]  # a default binds the number now
            found += 1
    waiting = sa.select(Job).where(Job.state == JobState.QUEUED, Job.queued_at < now - LOST)
    for row in session.scalars(waiting.with_for_update(skip_locked=True)):
        row.queued_at = now
        after_commit(session, lambda job_id=row.id: put(job_id))  # type: ignore[misc]  # a default binds the number now
        found += 1
    return found


def _locked(session: Session, job_id: int) -> Job:
    queries.job(session, job_id)
    return session.scalars(sa.select(Job).where(Job.id == job_id).with_for_update()).one()


def _write(session: Session, held: Claim, changes: Mapping[str, Any]) -> None:
    """Change the row if it is still held."""
    written = session.execute(
        sa.update(Job)
        .where(Job.id == held.job_id, Job.state == JobState.RUNNING, Job.claims == held.number)
        .values(**changes)
        .execution_options(synchronize_session=False)
        .returning(Job.id)
    ).first()
    if written is None:
        raise LostClaim


def _note(
    session: Session,
    verb: str,
    job_id: int,
    *,
    actor_id: int | None,
    now: datetime,
    **facts: Any,
) -> None:
    audit.record(session, verb=verb, subject=f"job:{job_id}", actor_id=actor_id, now=now, **facts)
