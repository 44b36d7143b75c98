from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.jobs.models import Job, JobPortion, StoredFile
from lms.jobs.types import FileRow, JobRow, JobState
from lms.kernel.errors import N_, NotFound

PAGE = 30
"""Jobs on one page of the list."""

_PEOPLE = sa.table("person", sa.column("id"), sa.column("name"))
"""Those who ask: the room of people is above this one, a name for the list is all we read."""

_GRANTS = sa.table("role_grant", sa.column("person_id"), sa.column("organization_id"))
_UNITS = sa.table("organization", sa.column("id"), sa.column("parent_id"))
_BELOW = sa.table("organization_closure", sa.column("ancestor_id"), sa.column("descendant_id"))
"""Where those who ask belong: rooms above this one as well."""

_ROW = (
    sa.select(
        Job.id,
        Job.kind,
        Job.state,
        Job.owner_id,
        _PEOPLE.c.name,
        Job.total,
        Job.done,
        Job.message,
        Job.message_values,
        Job.arguments,
        Job.result,
        Job.attempts,
        Job.created_at,
        Job.started_at,
        Job.heartbeat_at,
        Job.finished_at,
    )
    .select_from(Job)
    .outerjoin(_PEOPLE, _PEOPLE.c.id == Job.owner_id)
)


def _row(row: Any) -> JobRow:
    number, kind, state, *rest = row
    return JobRow(number, kind, JobState(state), *rest)


def _seen(owner_id: int, scope: Collection[int]) -> sa.ColumnElement[bool]:
    """Return a condition: a job is somebody's own, or of somebody with a role in ``scope``.

    What was asked for by whoever holds no role, or at the machine itself, belongs to the top of
    any tree.
    """
    own = Job.owner_id == owner_id
    if not scope:
        return own
    held = _GRANTS.c.person_id == Job.owner_id
    inside = (
        sa.exists()
        .where(
            held,
            _BELOW.c.descendant_id == _GRANTS.c.organization_id,
            _BELOW.c.ancestor_id.in_(scope),
        )
        .correlate_except(_GRANTS, _BELOW)
    )
    top = sa.exists().where(_UNITS.c.id.in_(scope), _UNITS.c.parent_id.is_(None))
    nowhere = ~sa.exists().where(held).correlate_except(_GRANTS)
    return sa.or_(own, inside, sa.and_(top, nowhere))


def job(
    session: Session, job_id: int, *, owner_id: int | None = None, scope: Collection[int] = ()
) -> JobRow:
    """Return a job.

    :param owner_id: whose it must be; none for what works at it.
    :param scope: organizations; the jobs of whoever holds a role in their subtrees will do too.
    :raises NotFound: ``no_job``; also for a job of somebody else.
    """
    statement = _ROW.where(Job.id == job_id)
    if owner_id is not None:
        statement = statement.where(_seen(owner_id, scope))
    row = session.execute(statement).first()
    if row is None:
        raise NotFound("no_job", N_("没有这个任务"))
    return _row(row)


def jobs(
    session: Session,
    *,
    owner_id: int | None = None,
    scope: Collection[int] = (),
    state: JobState | None = None,
    before: int | None = None,
) -> list[JobRow]:
    """Return a page of jobs, newest first: ``PAGE`` rows and one more if there is a next page.

    :param owner_id: whose; none for everybody's.
    :param scope: organizations; the jobs of whoever holds a role in their subtrees as well.
    :param before: the number of the last job of the page before.
    """
    statement = _ROW.order_by(Job.id.desc()).limit(PAGE + 1)
    if owner_id is not None:
        statement = statement.where(_seen(owner_id, scope))
    if state is not None:
        statement = statement.where(Job.state == state)
    if before is not None:
        statement = statement.where(Job.id < before)
    return [_row(row) for row in session.execute(statement)]


def find_by_key(session: Session, idempotency_key: str) -> int | None:
    """Return the number of the job that was asked for with a key, or none."""
    return session.scalar(sa.select(Job.id).where(Job.idempotency_key == idempotency_key))


def outcomes(session: Session, job_id: int) -> Iterator[Any]:
    """Return what came of the portions of a job, in their order, a few at a time."""
    return iter(
        session.scalars(
            sa.select(JobPortion.outcome)
            .where(JobPortion.job_id == job_id)
            .order_by(JobPortion.number)
            .execution_options(yield_per=10)
        )
    )


def outcome(session: Session, job_id: int, number: int) -> Any:
    """Return what came of one portion, or none."""
    return session.scalar(
        sa.select(JobPortion.outcome).where(
            JobPortion.job_id == job_id, JobPortion.number == number
        )
    )


def stored_file(session: Session, file_id: int, *, owner_id: int | None = None) -> FileRow:
    """Return a stored file.

    :param owner_id: whose it must be; none for a job that works with it.
    :raises NotFound: ``no_file``: also if it is somebody else's, or was removed.
    """
    statement = sa.select(
        StoredFile.id,
        StoredFile.key,
        StoredFile.name,
        StoredFile.size,
        StoredFile.sha256,
        StoredFile.owner_id,
    ).where(StoredFile.id == file_id, StoredFile.removed_at.is_(None))
    if owner_id is not None:
        statement = statement.where(StoredFile.owner_id == owner_id)
    row = session.execute(statement).first()
    if row is None:
        raise NotFound("no_file", N_("这个文件已经删除"))
    return FileRow(*row)
